"""An answer's body, packed as it came or not."""

from __future__ import annotations

import typing as t
import zlib

if t.TYPE_CHECKING:
    import requests

LARGEST_BODY_BYTES = 256 * 1024 * 1024
"""After unpacking. A page of 150 has about one million."""
CHUNK_BYTES = 32 * 1024
PACKED = frozenset({"gzip", "x-gzip", "deflate"})
"""What `Content-Encoding` says of a packed body. We ask for gzip; a proxy may choose otherwise."""
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""zlib's word for finding out which of the two headers a body has."""
RAW_DEFLATE = -zlib.MAX_WBITS
"""zlib's word for neither header. `deflate` should have zlib's, but some servers leave it out."""
GZIP_MAGIC = b"\x1f\x8b"


class Oversized(Exception):
    """The body is larger than anything that the API sends."""


class Garbled(Exception):
    """The body is cut off, or not packed as its header says."""


class Body(t.NamedTuple):
    """An answer's body as it came, which is a sixth of its size if it was packed.

    Attributes:
        wire: The bytes that came.
        packed: They are packed, by gzip or deflate.
    """

    wire: bytes
    packed: bool

    def content(self) -> bytes:
        """Unpack it.

        Raises:
            Oversized: It is larger than `LARGEST_BODY_BYTES`.
            Garbled: It is cut off, or packed in no known way.
        """
        if not self.packed or not self.wire:
            return self.wire
        try:
            return _unpack(self.wire, GZIP_OR_ZLIB)
        except zlib.error:
            pass
        try:
            return _unpack(self.wire, RAW_DEFLATE)
        except zlib.error:
            raise Garbled from None


def read_body(response: requests.Response) -> Body:
    """Read a body as it comes over the wire.

    Raises:
        Oversized: It is larger than `LARGEST_BODY_BYTES`, or says that it will be.
    """
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and float(length) > LARGEST_BODY_BYTES:
        raise Oversized
    chunks, size = [], 0
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY_BYTES:
            raise Oversized
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    return Body(b"".join(chunks), encoding in PACKED)


def _unpack(wire: bytes, form: int) -> bytes:
    """Unpack one member after another: gzip's format allows several in a file."""
    members: list[bytes] = []
    room = LARGEST_BODY_BYTES
    rest = wire
    while not members or rest.startswith(GZIP_MAGIC):
        unpacker = zlib.decompressobj(form)
        members.append(unpacker.decompress(rest, room + 1))  # 0 would mean without limit
        room -= len(members[-1])
        if room < 0:
            raise Oversized
        if not unpacker.eof:
            raise Garbled
        rest = unpacker.unused_data
    return b"".join(members)
