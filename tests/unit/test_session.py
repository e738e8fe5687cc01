"""What the streams of one sync share is made once, fails in one line, and ends as a whole."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.session import Session
from tests.conftest import NOW, TOKEN
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Answer

KEY = "a key for tests, and for nothing else"


class Abandoned:
    """Counts how often a sync was given up."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        """Count."""
        self.times += 1


@pytest.fixture
def abandoned() -> Abandoned:
    """How often the sync was given up."""
    return Abandoned()


@pytest.fixture
def session(abandoned: Abandoned) -> Iterator[Session]:
    """A session whose API is nowhere."""
    config = {"access_token": TOKEN, "api_url": "http://127.0.0.1:9", "max_retries": 0}
    made = Session(config, started=NOW, abandon=abandoned)
    yield made
    made.close()


def session_of(answer: Answer, said: Said) -> Session:
    """A session whose API says one thing."""
    config = {"access_token": TOKEN, "api_url": answer(said).url, "max_retries": 0}
    return Session(config, started=NOW, abandon=lambda: None)


def test_each_thing_is_made_once(session: Session) -> None:
    assert session.settings is session.settings
    assert session.client is session.client
    assert session.workers is session.workers
    assert session.redaction is session.redaction


def test_a_session_that_was_asked_for_nothing_needs_no_settings() -> None:
    session = Session({"page_size": 0}, started=NOW, abandon=lambda: None)
    session.close()

    with pytest.raises(errors.InvalidSettings, match="page_size"):
        _ = session.settings


@pytest.mark.parametrize(
    ("settings", "redacts"),
    [({}, False), ({"privacy": "strict", "privacy_key": KEY}, True)],
)
def test_personal_data_is_what_the_settings_make_of_it(
    settings: dict[str, Any], *, redacts: bool
) -> None:
    session = Session({"access_token": TOKEN, **settings}, started=NOW, abandon=lambda: None)

    assert session.redaction.redacts == redacts


def test_a_failure_is_a_line_that_names_the_stream(
    session: Session, abandoned: Abandoned, caplog: pytest.LogCaptureFixture
) -> None:
    session.fail("tags", errors.TapError("no luck"))

    assert [failure.line for failure in session.failures] == ["tags: no luck"]
    assert caplog.messages == ["tags: no luck"]
    assert (session.stopping, abandoned.times) == (False, 0)


@pytest.mark.parametrize(
    ("code", "told"), [("token_unauthorized", True), ("api_plan_restricted", False)]
)
def test_the_permission_is_named_where_one_would_help(
    session: Session, code: str, *, told: bool
) -> None:
    denied = errors.PermissionDenied("GET /tags", status=403, code=code)
    session.fail("tags", denied, permission="Read tags")

    assert session.failures[0].line.endswith('It needs the permission "Read tags".') == told


@pytest.mark.parametrize(
    "error",
    [
        errors.Unauthorized("GET /tags", status=401),
        errors.CannotWrite("no room"),
        errors.Unavailable("GET /tags", message="the host refused the connection"),
    ],
)
def test_what_no_stream_would_survive_ends_them_all(
    session: Session, abandoned: Abandoned, error: errors.TapError
) -> None:
    session.fail("tags", error)

    assert (session.stopping, abandoned.times) == (True, 1)


def test_an_api_that_has_answered_before_is_there_for_the_others(answer: Answer) -> None:
    session = session_of(answer, Said())
    _ = session.clock_ahead
    session.fail("tags", errors.Unavailable("GET /tags", status=500))
    session.close()

    assert not session.stopping


def test_the_clock_is_asked_for_once(answer: Answer) -> None:
    api = answer(Said())
    config = {"access_token": TOKEN, "api_url": api.url}
    session = Session(config, started=NOW, abandon=lambda: None)
    ahead = {session.clock_ahead, session.clock_ahead}
    session.close()

    assert len(ahead) == len(api.asked) == 1
    assert abs(ahead.pop()) <= 2, "both are of this machine"


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("said", [Said(b"", 500), refusal(403, "forbidden"), Said(b"<", 404)])
def test_whatever_else_the_api_says_of_its_time_is_the_first_pages_business(
    answer: Answer, said: Said
) -> None:
    session = session_of(answer, said)
    ahead = session.clock_ahead
    session.close()

    assert abs(ahead) <= 2


def test_a_token_that_nobody_knows_is_told_at_once(answer: Answer) -> None:
    session = session_of(answer, refusal(401, "unauthorized"))
    with pytest.raises(errors.Unauthorized):
        _ = session.clock_ahead
    session.close()


def test_a_signal_breaks_off_whatever_is_waited_for(session: Session) -> None:
    future = session.workers.submit(lambda: None)
    session.stop(signal.SIGTERM)

    assert session.stopping
    with pytest.raises(errors.Stopped):
        session.workers.result(future)
