"""What an endpoint answers: a status and a body, and the errors in the API's own form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

Json = dict[str, Any]

HTML = "text/html; charset=utf-8"
BAD_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    b"</body>\r\n</html>\r\n"
)
NOT_FOUND_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body>Not here</body></html>"


@dataclass(slots=True)
class Answer:
    """A response before it goes over the wire."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    lasting: bool = True  # as long as nothing changes in the workspace


class ApiError(Exception):
    """An error that the API reports in its error list."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str | None = None,
        where: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.where = where
        self.headers = headers or {}

    def answer(self, request_id: str | None) -> Answer:
        """Return the error as a response."""
        error: Json = {"code": self.code}
        if self.message is not None:
            error["message"] = self.message
        if self.where is not None:
            error["field"] = self.where
        body = {"type": "error.list", "request_id": request_id, "errors": [error]}
        return Answer(msgspec.json.encode(body), self.status, headers={**self.headers})


def json_answer(value: Any) -> Answer:
    """Return a value as a response."""
    return Answer(msgspec.json.encode(value))
