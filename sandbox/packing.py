"""How an answer's body is packed: in gzip, or as some servers do who are asked for gzip."""

from __future__ import annotations

import gzip
import zlib

_LEVEL = 1
_RAW = -zlib.MAX_WBITS  # deflate without zlib's header, as some servers take the word to mean


def packed_in(encoding: str, body: bytes) -> bytes:
    """Return a body packed."""
    if encoding == "gzip-members":
        half = len(body) // 2
        return packed_in("gzip", body[:half]) + packed_in("gzip", body[half:])
    if encoding == "deflate":
        return zlib.compress(body, _LEVEL)
    if encoding == "deflate-raw":
        packer = zlib.compressobj(_LEVEL, wbits=_RAW)
        return packer.compress(body) + packer.flush()
    return gzip.compress(body, _LEVEL, mtime=0)


def said_of(encoding: str) -> str:
    """Return the Content-Encoding header for it."""
    return encoding.partition("-")[0] if encoding != "x-gzip" else encoding
