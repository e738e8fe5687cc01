"""A client for the sandbox, and a sandbox for each test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest
import requests

from sandbox import Sandbox, Workspace

Json = dict[str, Any]
FOREVER = {"field": "updated_at", "operator": ">", "value": 0}


class Client:
    """Sends requests as a client of the API does."""

    def __init__(self, server: Sandbox, version: str = "2.16") -> None:
        self.server = server
        self.workspace = server.workspace
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {server.token}"
        self.session.headers["Intercom-Version"] = version

    def version(self, name: str) -> None:
        """Ask for another version from now on."""
        self.session.headers["Intercom-Version"] = name

    def answer(self, path: str, **parameters: Any) -> requests.Response:
        """Send a GET."""
        return self.session.get(self.server.url + path, params=parameters, timeout=10)

    def get(self, path: str, **parameters: Any) -> Json:
        """Send a GET that succeeds."""
        answer = self.answer(path, **parameters)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def post(self, path: str, body: Any, **parameters: Any) -> requests.Response:
        """Send a POST."""
        return self.session.post(self.server.url + path, json=body, params=parameters, timeout=10)

    def search(self, query: Any = FOREVER, *, size: int = 150, **more: Any) -> Json:
        """Search for one page."""
        body: Json = {"query": query, "pagination": {"per_page": size}}
        body["pagination"] |= {"starting_after": more.pop("after")} if "after" in more else {}
        parameters = more.pop("parameters", {})
        answer = self.post("/conversations/search", {**body, **more}, **parameters)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def search_all(self, query: Any = FOREVER, *, size: int = 150, **more: Any) -> list[Json]:
        """Search, and follow the cursors to the end."""
        found: list[Json] = []
        after: Json = {}
        while True:
            page = self.search(query, size=size, **more, **after)
            found += page["conversations"]
            following = page["pages"].get("next")
            if not following:
                return found
            after = {"after": following["starting_after"]}

    def pages(self, path: str, key: str, query: Any = FOREVER, **more: Any) -> list[Json]:
        """Search for other objects, and follow the cursors to the end."""
        found: list[Json] = []
        pagination: Json = {"per_page": 60}
        while True:
            answer = self.post(path, {"query": query, "pagination": pagination, **more})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page[key]
            following = page["pages"].get("next")
            if not following:
                return found
            pagination["starting_after"] = following["starting_after"]

    def refused(self, body: Any, **parameters: Any) -> tuple[int, str]:
        """Search in vain: return the status and the error's code."""
        answer = self.post("/conversations/search", body, **parameters)
        return answer.status_code, answer.json()["errors"][0]["code"]


Serve: TypeAlias = Callable[..., Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(conversations: int = 60, seed: int = 1, **switches: Any) -> Client:
            kept = {key: switches.pop(key) for key in _OF_WORKSPACE if key in switches}
            workspace = Workspace(conversations, seed, **kept)
            client = Client(stack.enter_context(Sandbox(workspace, **switches)))
            stack.callback(client.session.close)
            return client

        yield start


_OF_WORKSPACE = ("exact_parts", "deleted", "templates", "contacts", "companies", "tickets")


def ids(conversations: list[Json]) -> list[str]:
    """Return the ids of conversations."""
    return [conversation["id"] for conversation in conversations]
