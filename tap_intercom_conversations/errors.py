"""What can go wrong, typed, as one line for the user: what it was, and what to do about it.

Never in an error: the access token, a message's text, the body of an answer. Intercom's own error
code, its short message and its request id are; support can look a request up by the latter.

    TapError                    one line for the user
    ├── Stopped                 the process was asked to end
    ├── Fault                   what nobody foresaw: a bug
    ├── InvalidSettings         a line for each setting that is wrong
    ├── MissingStream           the catalog selects what there is not
    ├── CannotWrite             files of `batch_config`
    ├── LostPlace               pages that lead nowhere
    ├── UnreadableRow           one object that no decoder reads
    ├── UnusableRecord          one object that cannot be a row
    └── ApiError                a request
        ├── Unauthorized        the token is wrong
        ├── PermissionDenied    the token may not
        ├── NotFound            the API knows no such object
        ├── Refused             the request is wrong
        ├── Unavailable         no usable answer, after all tries
        │   └── RateLimited     none because of the budget
        └── UnreadableAnswer    not of the documented form
            └── AnswerTooLarge  larger than anything that the API sends
"""

from __future__ import annotations

import os
import traceback
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = 1
"""The exit status of what did not end as it should."""
_PACKAGE = Path(__file__).parent
LONGEST_PATH_CHARACTERS = 200
LONGEST_MESSAGE_CHARACTERS = 200
LONGEST_CODE_CHARACTERS = 80
"""Of an error code and of a request id, which the API makes of letters, digits and `_` or `-`."""


class TapError(Exception):
    """An end that the user can understand and act on; its text is one line.

    Args:
        what: What it was, without a full stop; it may say what to do, too.
        remedy: What to do about it, as a sentence, if `what` does not say it.

    Attributes:
        what: As given.
        remedy: As given; empty if there is none.
    """

    remedy = ""

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what}. {remedy}" if remedy else what)


class Stopped(TapError):
    """The process was asked to end; waits are broken off with this."""

    def __init__(self) -> None:
        super().__init__("asked to stop")


class Fault(TapError):
    """What nobody foresaw: a bug, the tap's own or a library's.

    Neither the line nor the trace has the exception's own text, nor any variable: a message's words
    or the token may be in them.

    Args:
        error: What was raised.

    Attributes:
        trace: Where it was raised: files, lines and the names of errors.
    """

    def __init__(self, error: Exception) -> None:
        self.trace = "\n".join(_trace_of(error))
        super().__init__(
            f"{_kind_of(error)} at {_place_of(error)}. This is a fault of the tap: please open an "
            "issue with this line; the log level debug adds a traceback"
        )


class InvalidSettings(TapError):
    """Settings that are wrong, or contradict each other.

    Attributes:
        lines: One for each, which begins with the setting's name and never repeats a secret.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("; ".join(lines))


class MissingStream(TapError):
    """The catalog selects a stream that this tap has not, or not in this API version."""


class CannotWrite(TapError):
    """What `batch_config` asks for cannot be written: no room, no permission."""


class ApiError(TapError):
    """The API did not give what was asked for.

    Attributes:
        status: HTTP status, or None if there was no answer.
        code: Intercom's error code, such as `parameter_invalid`, if it gave one.
        request_id: Intercom's id of the request, if it gave one.
        slow: There was no answer in time.
    """

    def __init__(
        self,
        request: str,
        *,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
        remedy: str | None = None,
        slow: bool = False,
    ) -> None:
        self.status = status
        self.code = _short(code, LONGEST_CODE_CHARACTERS)
        self.request_id = _short(request_id, LONGEST_CODE_CHARACTERS)
        self.slow = slow
        asked = _short(request, LONGEST_PATH_CHARACTERS)
        said = _short(message, LONGEST_MESSAGE_CHARACTERS)
        parts = [str(status) if status else "", self.code or "", f"({said})" if said else ""]
        what = " ".join(part for part in parts if part)
        trace = f" [request id {self.request_id}]" if self.request_id else ""
        super().__init__(f"{asked}: {what}{trace}", self.remedy if remedy is None else remedy)

    @property
    def is_of_its_page(self) -> bool:
        """Another page may fare better: there was a connection, a known token, and budget left."""
        return self.slow or self.status not in {None, 401, 429}


class Unauthorized(ApiError):
    """401 `unauthorized`: the API does not know the token."""

    remedy = (
        "Check the setting access_token, and that region is the one your workspace is hosted in."
    )


class PermissionDenied(ApiError):
    """401 `token_unauthorized` or 403: the token is known, but may not do this."""

    remedy = "Give the token the permission in Intercom's Developer Hub, or deselect the stream."


class NotFound(ApiError):
    """404 in the API's own words: there is no such thing, or no more."""


class Refused(ApiError):
    """Another 4xx: the request is not one that this API takes, and asking again will not help."""

    remedy = "Check the setting api_version; if it is right, report this line."


class Unavailable(ApiError):
    """No usable answer, after all tries.

    5xx, 408, a 404 that is not the API's own, connection trouble, an empty or cut-off body.
    """

    remedy = "Intercom or the network has a problem; the next run goes on from here."


class RateLimited(Unavailable):
    """429, after all tries."""

    remedy = "Others use up the workspace's request budget; the next run goes on from here."


class UnreadableAnswer(ApiError):
    """An answer that is JSON but not of the documented form."""

    remedy = "Check the settings api_url and api_version."


class AnswerTooLarge(UnreadableAnswer):
    """An answer that is larger than anything that the API sends; a smaller page may do."""


class UnreadableRow(TapError):
    """One object, in an answer that is else in order, that no decoder reads.

    Args:
        why: What is wrong with it, without its content.
    """

    def __init__(self, why: str = "it has too many levels or digits, or is no JSON") -> None:
        super().__init__(f"an object of the API cannot be read: {why}")


class LostPlace(TapError):
    """The pages led nowhere: cursors kept repeating or being refused at the same moment."""


class UnusableRecord(TapError):
    """An object of the API cannot be a row; the text says why, without content.

    It completes "the API sent what cannot be a row: 3 ...", such as "without id".

    Attributes:
        is_fault: It is a bug that it met: a later version may make a row of it.
    """

    is_fault = False


def as_told(error: Exception) -> TapError:
    """Return an error as a line for the user; one that is none yet is a `Fault`."""
    return error if isinstance(error, TapError) else Fault(error)


def _kind_of(error: Exception) -> str:
    """Name an error; for one of the system the system's own words are told, which quote nothing."""
    name = type(error).__name__
    number = error.errno if isinstance(error, OSError) else None
    return f"{name} ({os.strerror(number)})" if isinstance(number, int) else name


def _place_of(error: Exception) -> str:
    """Say which of the package's lines raised an error, or called what raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return "an unknown place"
    file = Path(ours[-1].filename).relative_to(_PACKAGE)
    return f"{file.as_posix()}:{ours[-1].lineno}"


def _trace_of(error: BaseException) -> Iterator[str]:
    """Yield where an error was raised, those that led to it first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _trace_of(earlier)
    yield "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def _short(text: str | None, longest: int) -> str | None:
    """Keep a text on one line, and cut it: somebody else wrote it."""
    if text is None:
        return None
    printable = "".join(char if char.isprintable() else " " for char in text[: 2 * longest])
    return " ".join(printable.split())[:longest]
