"""docs/troubleshooting.md has what the tap may say, all of it, and nothing else.

What the tap may say is found in its code: each text of two words or more that is neither a
docstring nor a description, and each text that is logged. On the page it stands as printed, with
words in capitals for what differs: as a heading, or as `code` in an entry.
"""

from __future__ import annotations

import ast
import re

from tap_intercom_conversations.settings.privacy import KINDS
from tests.conftest import ROOT

PACKAGE = ROOT / "tap_intercom_conversations"
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
COMMANDS = ("curl ", "meltano ", "tap-intercom-conversations ")
QUOTED = {
    text
    for text in re.findall(r"`([^`\n]+)`", PAGE)
    if " " in text and not text.startswith(COMMANDS)
}

DESCRIPTIONS = frozenset({"description", "help", "title"})
LOGGING = frozenset({"debug", "info", "warning", "error", "log"})
BLANK = "\0"
"""What stands for the part of a text that differs."""
FORMAT = re.compile(r"%(?:\.\d)?[dfs]")
WORD = re.compile(r"[A-Za-z]{2,}")
FIXED_WORD = re.compile(r"[a-z]{2,}")
"""A word, or a part of one, that does not stand for something else."""

DATA = frozenset((PACKAGE / "streams" / "permissions.py",))
"""Modules whose texts are no messages: what tokens must be allowed to do is in README."""
NEVER_SAID = frozenset(
    {
        *KINDS.values(),  # docs/privacy.md has them
        "%(levelname)s %(message)s",
        "Deselected | None",
        "Duplicate column name produced in schema: ",
        "Failed to parse headers",
        "GET /me",
        "Intercom conversations",
        "a bracket is closed by another",
        "ca certificate bundle",
        "a key is needed to hash",
        "a string does not end",
        "asked to stop",
        "deleted conversations",
        "more follows after the end",
        "nothing to wait for",
        "too many open files",
        "the text ends before its brackets do, or has none",
    }
)
"""What looks like a message, but is somebody else's, or is raised only to be caught."""


def text_of(node: ast.AST) -> str | None:
    """A text with `BLANK` for what differs; None if the node is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(value) or BLANK for value in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_logging(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOGGING
        and "logger" in ast.unparse(node.func.value)
    )


def texts_in(node: ast.AST, *, is_logged: bool = False) -> set[str]:
    """What the code below a node may say."""
    text = text_of(node)
    if text is not None and text not in NEVER_SAID and "\\" not in text:  # no regular expression
        text = FORMAT.sub(BLANK, text).replace("%%", "%")
        least = 1 if is_logged else 2
        is_message = len(WORD.findall(text)) >= least and (is_logged or " " in text.strip())
        return {text} if is_message else set()
    if is_docstring(node) or (isinstance(node, ast.keyword) and node.arg in DESCRIPTIONS):
        return set()
    is_logged = is_logging(node)
    below = (texts_in(child, is_logged=is_logged) for child in ast.iter_child_nodes(node))
    return set[str]().union(*below)


def pattern_of(message: str) -> re.Pattern[str]:
    """A message as printed, alone or as a part of another: what differs may be anything."""
    return re.compile(".*".join(map(re.escape, message.strip().split(BLANK))))


def messages() -> dict[str, re.Pattern[str]]:
    modules = set(PACKAGE.rglob("*.py")) - DATA
    found = (texts_in(ast.parse(path.read_text(encoding="utf-8"))) for path in modules)
    return {text: pattern_of(text) for text in set[str]().union(*found)}


MESSAGES = messages()


def test_every_message_has_an_entry() -> None:
    missing = [text for text, pattern in MESSAGES.items() if not any(map(pattern.search, QUOTED))]

    assert not missing, f"no entry in docs/troubleshooting.md: {sorted(missing)}"


def test_every_entry_is_a_message() -> None:
    """All of its words but those in capitals are the code's."""
    stale = []
    for quoted in QUOTED:
        said = " ".join(text for text, pattern in MESSAGES.items() if pattern.search(quoted))
        if not said or set(FIXED_WORD.findall(quoted)) - set(FIXED_WORD.findall(said)):
            stale.append(quoted)

    assert not stale, f"in docs/troubleshooting.md, but not in the code: {sorted(stale)}"


def test_no_entry_stands_there_twice() -> None:
    assert len(HEADINGS) == len(set(HEADINGS)) > 50


def test_what_is_never_said_is_still_in_the_code() -> None:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py"))
    found = {text_of(node) for tree in trees for node in ast.walk(tree)}

    assert found >= NEVER_SAID
    assert all(path.exists() for path in DATA)


def test_a_message_is_found_wherever_it_stands() -> None:
    code = '''
"""A docstring is none."""
WHY = "no such thing"
field = Property("x", description="What it is.")
logger.warning("Gone: %s, %.1f %%", name, share)
raise TapError(f"{name!r} cannot be found" + (f"; look in {place}" if place else ""))
'''
    with_blanks = ("Gone: \0, \0 %", "\0 cannot be found", "; look in \0")

    assert texts_in(ast.parse(code)) == {"no such thing", *with_blanks}
