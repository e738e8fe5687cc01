"""The token and what people write stay out of logs, and the token goes to one host only."""

from __future__ import annotations

import json
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from sandbox.truth import truth
from tests.conftest import Command, catalog_of
from tests.resilience.harness import BOTH, Tap, say
from tests.support.serving import Asked, Said, Server
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox
    from tests.conftest import Json, Serve

TOKEN = "dG9rOjNjMWIyYTQ5XzBlZjdfNGQyYV9hYjEx"  # noqa: S105  stands for one
LOUD = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "err": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"level": "DEBUG", "handlers": ["err"]},
    "loggers": {"urllib3": {"level": "DEBUG"}, "requests": {"level": "DEBUG"}},
}
_WORDS = re.compile(r"[^<>]{25,}")


def texts(server: Sandbox) -> set[str]:
    """What people wrote: pieces of text, without the markup between them."""
    found: set[str] = set()

    def look(value: Any, name: str = "") -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                look(item, key)
        elif isinstance(value, list):
            for item in value:
                look(item, name)
        elif isinstance(value, str) and name in ("body", "subject", "title", "remark"):
            found.update(_WORDS.findall(value))

    for stream in BOTH:
        look(list(truth(server.workspace, stream)))
    return found


def test_neither_token_nor_text_in_any_log_at_the_loudest(serve: Serve, tmp_path: Path) -> None:
    server = serve(
        40, token=TOKEN, fault_seed=3, fault_500=0.1, fault_cut=0.1, fault_html=0.1, drift=0.3
    )
    server.switches.set(broken=server.workspace.ids()[30:31], denied={"teams": "unauthorized"})
    config = tmp_path / "log.yaml"
    config.write_text(json.dumps(LOUD), encoding="utf-8")
    streams = (*BOTH, "teams", "admins", "deleted_conversations")
    tap = Tap(tmp_path, server, *streams, max_retries=2, **WHOLE)
    with tap.run(SINGER_SDK_LOG_CONFIG=str(config), LOGLEVEL="DEBUG") as process:
        messages = list(process.lines())
        status, errors = process.ended()
    assert status == 1
    assert "urllib3.connectionpool" in errors, "urllib3 should be loud"
    assert TOKEN not in errors
    assert "Bearer" not in errors
    assert TOKEN not in json.dumps(messages)
    written = texts(server)
    assert len(written) > 80
    assert not [text for text in written if text in errors]
    say(
        f"at the loudest: {len(errors.splitlines())} lines of log, "
        f"the token in none, none of {len(written)} texts in any"
    )


@pytest.mark.parametrize("arguments", [("--about",), ("--about", "--format=json"), ("--discover",)])
def test_no_token_in_what_describes_the_tap(command: Command, arguments: tuple[str, ...]) -> None:
    ended = command(*arguments, config={"access_token": TOKEN}, LOGLEVEL="DEBUG")
    assert ended.status == 0
    assert TOKEN not in ended.out + ended.err


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_an_api_that_repeats_the_token_is_not_repeated(command: Command, status: int) -> None:
    def echo(asked: Asked) -> Said:
        sent = asked.headers["Authorization"]
        error = {"code": sent, "message": f"bad header {sent}", "field": sent}
        return Said(
            {"type": "error.list", "request_id": sent, "errors": [error]},
            status,
            {"Retry-After": "0"},
        )

    with Server(echo) as server:
        config = {"access_token": TOKEN, "api_url": server.url, "max_retries": 0}
        catalog = command.file("catalog.json", catalog_of(config, ("admins", *BOTH)))
        ended = command("--catalog", catalog, config=config, LOGLEVEL="DEBUG")
    assert ended.status == 1
    assert ended.complaints
    assert TOKEN not in ended.out + ended.err
    say(f"an error {status} that repeats the token: not in the {len(ended.complaints)} lines told")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_carry_the_token_away(command: Command, status: int) -> None:
    with Server([Said()]) as elsewhere:
        away = Said(b"", status, {"Location": f"{elsewhere.url}/conversations/search"})
        with Server([away]) as server:
            config = {"access_token": TOKEN, "api_url": server.url}
            catalog = command.file("catalog.json", catalog_of(config, BOTH))
            ended = command("--catalog", catalog, config=config)
        assert elsewhere.asked == []
    assert ended.status == 1
    assert all("redirect" in line for line in ended.complaints)
    say(f"a redirect ({status}) to another host: not followed, status 1")


def test_a_next_page_on_another_host_is_not_asked_for_there(command: Command) -> None:
    with Server([Said()]) as elsewhere:
        row = {"type": "conversation", "id": "1", "updated_at": 1_700_000_000}
        following = {"next": f"{elsewhere.url}/conversations?page=2&per_page=1"}
        first = {"conversations": [row], "total_count": 2, "pages": following}
        last = {"conversations": [{**row, "id": "2"}], "total_count": 2, "pages": {}}
        answers = {"/me": {}, "1": first, "2": last}

        def api(asked: Asked) -> Said:
            return Said(
                answers[asked.query.get("page", "1" if "per_page" in asked.query else "/me")]
            )

        with Server(api) as server:
            config = {"access_token": TOKEN, "api_url": server.url, "page_size": 1}
            config["conversations_endpoint"] = "list"
            catalog = command.file("catalog.json", catalog_of(config, BOTH[:1]))
            ended = command("--catalog", catalog, config=config)
            asked = [asked.query.get("page") for asked in server.asked]
        assert elsewhere.asked == []
    # The second pass, as rows slide where pages have numbers.
    assert (ended.status, asked) == (0, [None, None, "2", None, "2"])
    assert ended.out.count('"RECORD"') == 2
    say("pages.next on another host: asked for at api_url")


@pytest.fixture
def impostor() -> Iterator[tuple[str, list[str]]]:
    """A host whose certificate nobody vouches for, and what it was sent."""
    sent: list[str] = []

    class Listens(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(str(self.headers))

        do_GET = do_POST  # noqa: N815  the library's name

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), Listens) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}", sent
        server.shutdown()
        thread.join()


def test_a_certificate_that_nobody_vouches_for_ends_it(
    command: Command, impostor: tuple[str, list[str]]
) -> None:
    url, sent = impostor
    config: Json = {"access_token": TOKEN, "api_url": url, "max_retries": 0}
    catalog = command.file("catalog.json", catalog_of(config, BOTH[:1]))
    ended = command("--catalog", catalog, config=config)
    assert ended.status == 1
    assert len(ended.complaints) == 1
    assert "TLS certificate could not be verified" in ended.complaints[0]
    assert sent == []
    say("a self-signed certificate: refused before the token was sent")
