"""Message bodies as plain text, as `display_as=plaintext` asks for them."""

from __future__ import annotations

import html
import re
from typing import Any

Json = dict[str, Any]

_LINK = re.compile(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</p>|</li>|</div>|</blockquote>")
_TAG = re.compile(r"<[^>]+>")


def plain(markup: str) -> str:
    """Return HTML as text; a link becomes its label with the address behind it."""
    text = _LINK.sub(r"\2 (\1)", markup)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return html.unescape(text).strip()


def plain_message(message: Json) -> Json:
    """Return a source or a part with its subject and body as text."""
    changed = {
        key: plain(message[key]) for key in ("subject", "body") if isinstance(message.get(key), str)
    }
    return {**message, **changed}
