"""A failure is a typed error: what is believed, what is tried again, and never a secret in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tap_intercom_conversations import errors
from tap_intercom_conversations.api import failures
from tap_intercom_conversations.jsontext import decoder
from tests.conftest import RETRIES, TOKEN
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Connect

BODY_TEXT = "a customer's own words"
any_json = decoder(dict[str, Any])


pytestmark = pytest.mark.usefixtures("no_backoff")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refusal(400, "parameter_invalid"), errors.Refused),
        (refusal(401, "unauthorized"), errors.Unauthorized),
        (refusal(401, "token_unauthorized"), errors.PermissionDenied),
        (refusal(403, "api_plan_restricted"), errors.PermissionDenied),
        (refusal(404, "not_found"), errors.NotFound),
        (refusal(404, "conversation_not_found"), errors.NotFound),
        (refusal(405, "method_not_allowed"), errors.Refused),
        (Said(b"", 410), errors.Refused),
        (refusal(422, "parameter_invalid"), errors.Refused),
    ],
)
def test_a_refusal_is_final(
    connect: Connect, answer: Answer, said: Said, kind: type[errors.ApiError]
) -> None:
    server = answer(said)

    with pytest.raises(errors.ApiError) as caught:
        connect(server.url).get("/tags", decode=any_json)
    assert type(caught.value) is kind
    assert caught.value.status == said.status
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html><h1>Bad Gateway</h1></html>", b'{"errors": []}'])
def test_trouble_is_asked_again_and_then_told(
    connect: Connect, answer: Answer, status: int, body: bytes
) -> None:
    server = answer(Said(body, status))

    with pytest.raises(errors.Unavailable, match=f"GET /tags: {status}") as caught:
        connect(server.url).get("/tags", decode=any_json)
    assert caught.value.status == status
    assert len(server.asked) == 1 + RETRIES


@pytest.mark.parametrize("code", ["invalid_field", "invalid_value"])
def test_a_condition_that_is_refused_is_the_users(
    connect: Connect, answer: Answer, code: str
) -> None:
    client = connect(answer(refusal(400, code, "status is not searchable")).url)

    with pytest.raises(errors.Refused, match=r"not searchable.* setting search_filters\.$"):
        client.fetch("POST", "/conversations/search", decode=any_json, json={})
    with pytest.raises(errors.Refused, match=r"setting api_version; .*, report this line\.$"):
        client.fetch("POST", "/contacts/search", decode=any_json, json={})


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (403, "api_plan_restricted", "deselect the stream"),
        (400, "intercom_version_invalid", "api_version"),
        (400, "scroll_exists", "run at another time"),
    ],
)
def test_a_code_has_a_remedy_of_its_own(
    connect: Connect, answer: Answer, status: int, code: str, remedy: str
) -> None:
    with pytest.raises(errors.ApiError, match=f"{remedy}\\.$"):
        connect(answer(refusal(status, code)).url).get("/tags", decode=any_json)


# --- 404 ---

NOT_THE_APIS_OWN = [
    Said(b"<html>Not here</html>", 404),
    Said(b"", 404),
    Said(b"{", 404),
    Said({}, 404),
    Said({"type": "error.list", "errors": []}, 404),
    Said({"type": "error.list", "errors": [{"code": None}]}, 404),
    Said({"errors": [{"code": "not_found"}]}, 404),
    Said({"code": "not_found", "message": "no Route matched with those values"}, 404),
    refusal(404, "server_error"),
]


@pytest.mark.parametrize("said", NOT_THE_APIS_OWN)
def test_a_404_of_a_gateway_is_asked_again(connect: Connect, answer: Answer, said: Said) -> None:
    """Taken at its word, it would say that a conversation was deleted."""
    server = answer(said, said, Said({"ok": 1}))

    assert connect(server.url).get("/conversations/1", decode=any_json) == {"ok": 1}


@pytest.mark.parametrize("said", NOT_THE_APIS_OWN)
def test_a_404_of_a_gateway_is_never_believed(connect: Connect, answer: Answer, said: Said) -> None:
    server = answer(said)

    with pytest.raises(errors.Unavailable) as caught:
        connect(server.url).get("/conversations/1", decode=any_json)
    assert caught.value.status == 404
    assert not isinstance(caught.value, errors.NotFound)
    assert len(server.asked) == 1 + RETRIES


@pytest.mark.parametrize("said", [refusal(404, "not_found"), *NOT_THE_APIS_OWN[:2]])
def test_a_search_is_asked_again_after_any_404(
    connect: Connect, answer: Answer, said: Said
) -> None:
    """One of its rows was just being deleted; the search itself always exists."""
    server = answer(said, Said({"ok": 1}))

    found, _ = connect(server.url).fetch("POST", "/conversations/search", decode=any_json, json={})
    assert found == {"ok": 1}


def test_a_search_that_stays_404_is_unavailable(connect: Connect, answer: Answer) -> None:
    server = answer(refusal(404, "not_found"))

    with pytest.raises(errors.Unavailable, match="404 not_found") as caught:
        connect(server.url).fetch("POST", "/conversations/search", decode=any_json, json={})
    assert caught.value.status == 404


# --- The network, and what stands between ---


def test_a_proxy_that_wants_a_password_is_the_culprit(connect: Connect, answer: Answer) -> None:
    with pytest.raises(errors.Refused, match=r"407\. Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"):
        connect(answer(Said(b"", 407)).url).get("/tags", decode=any_json)


def test_a_403_of_a_gateway_says_nothing_of_permissions(connect: Connect, answer: Answer) -> None:
    with pytest.raises(errors.Refused, match=r"403\. It is not the API that says so") as caught:
        connect(answer(Said(b"<html>", 403)).url).get("/tags", decode=any_json)
    assert not isinstance(caught.value, errors.PermissionDenied)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            "could not be verified). Check the machine's certificates",
        ),
        (requests.ConnectionError("[Errno 24] Too many open files"), "Raise the limit (ulimit -n)"),
    ],
)
def test_what_is_wrong_on_this_machine_is_told(error: Exception, told: str) -> None:
    assert told in str(failures.from_network("GET /tags", error))


# --- No secrets ---


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_an_error_has_the_apis_code_and_request_id(
    connect: Connect, answer: Answer, status: int
) -> None:
    server = answer(refusal(status, "some_code", "Too bad."))

    with pytest.raises(errors.ApiError, match=r"some_code \(Too bad\.\) \[request id req-1\]"):
        connect(server.url).get("/tags", decode=any_json)


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_an_error_never_has_the_body_or_the_token(
    connect: Connect, answer: Answer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = [
        Said(f"<html>{BODY_TEXT} {TOKEN}</html>".encode(), status),
        Said({"conversation": {"body": BODY_TEXT}, "token": TOKEN, "errors": 7}, status),
        refusal(status, "c", f"the token {TOKEN} is unknown"),
    ]
    for each in said:
        with pytest.raises(errors.ApiError) as caught:
            connect(answer(each).url).get("/tags", decode=decoder(list[int]))
        assert TOKEN not in str(caught.value)
        assert BODY_TEXT not in str(caught.value)
        assert caught.value.__cause__ is None
    assert TOKEN not in caplog.text
    assert BODY_TEXT not in caplog.text


@pytest.mark.parametrize("status", [400, 404, 500])
def test_what_somebody_else_wrote_is_cut(
    connect: Connect, answer: Answer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "tap-intercom-conversations")
    long = "x\n" * 500_000
    body = {"type": "error.list", "request_id": long, "errors": [{"code": long, "message": long}]}

    with pytest.raises(errors.ApiError) as caught:
        connect(answer(Said(body, status)).url).get("/" + "x" * 9_000, decode=any_json)
    assert len(str(caught.value)) < 800
    assert "\n" not in str(caught.value)
    assert len(caught.value.code or "") + len(caught.value.request_id or "") < 200
    assert len(caplog.text) < 10_000


def test_a_token_at_the_place_where_a_text_is_cut_is_not_told(
    connect: Connect, answer: Answer
) -> None:
    with pytest.raises(errors.ApiError) as caught:
        connect(answer(refusal(400, "c", "x" * 190 + TOKEN)).url).get("/tags", decode=any_json)
    assert TOKEN[:5] not in str(caught.value)


# --- Where personal data is redacted ---

PRIVATE = {"privacy": "strict", "privacy_key": "0123456789abcdef0123456789abcdef"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("parameter_invalid", "parameter_invalid"),
        ("api_plan_restricted", "api_plan_restricted"),
        ("not_restorable", "not_restorable"),
        ("ada_lovelace", None),
        ("ada", None),
        ("contact_ada_invalid", None),
        ("parameter_invalid@example.com", None),
    ],
)
def test_a_code_is_told_if_its_words_are_the_apis(
    connect: Connect, answer: Answer, code: str, told: str | None
) -> None:
    server = answer(refusal(422, code))

    with pytest.raises(errors.Refused) as caught:
        connect(server.url, **PRIVATE).get("/tags", decode=any_json)
    assert caught.value.code == told
    assert (code in str(caught.value)) == bool(told)


@pytest.mark.parametrize(
    ("request_id", "told"),
    [
        ("000hjqhpf95ef3b8f8v0", "000hjqhpf95ef3b8f8v0"),
        ("b68959ea-6328-4f70-83cb-e7913dba1542", "b68959ea-6328-4f70-83cb-e7913dba1542"),
        ("adalovelacelivesinuk", None),
        ("ada lovelace 1815-12", None),
    ],
)
def test_a_request_id_is_told_if_it_looks_like_one(
    connect: Connect, answer: Answer, request_id: str, told: str | None
) -> None:
    error = {"code": "parameter_invalid", "message": "x"}
    server = answer(Said({"type": "error.list", "request_id": request_id, "errors": [error]}, 422))

    with pytest.raises(errors.Refused) as caught:
        connect(server.url, **PRIVATE).get("/tags", decode=any_json)
    assert caught.value.request_id == told
    assert (request_id in str(caught.value)) == bool(told)
