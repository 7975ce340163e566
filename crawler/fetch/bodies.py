"""Transfer decoding with a bound: a body is never larger in memory than its limit. Knows nothing of characters."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from db.errors import FetchError

#: What we ask for. Brotli and zstd are left out: their windows alone may cost more memory than a page.
ACCEPT_ENCODING = "gzip, deflate"
_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")
_MAX_LAYERS = 2  # honest servers use one; a proxy may add a second


def unpack(body: bytes, encodings: Sequence[str], limit_bytes: int, *, cut: bool = False) -> bytes:
    """`body` without its Content-Encoding layers, at most `limit_bytes`.

    Raises FetchError: too_large (unless `cut`, which keeps the beginning), truncated, bad_encoding.
    """
    layers = [name for value in encodings for name in value.lower().replace(" ", "").split(",") if name not in _PLAIN]
    if len(layers) > _MAX_LAYERS or any(name not in (*_GZIP, "deflate") for name in layers):
        raise FetchError("bad_encoding", f"Content-Encoding {', '.join(layers)[:80]} was not asked for")
    for name in reversed(layers):
        body = _inflate(body, name, limit_bytes, cut) if body else body
    if len(body) > limit_bytes:
        if not cut:
            raise FetchError("too_large", f"more than {limit_bytes:,} bytes")
        body = body[:limit_bytes]
    return body


def _inflate(body: bytes, name: str, limit_bytes: int, cut: bool) -> bytes:
    """One layer off; at most one byte more than the limit is ever produced."""
    gzip = name in _GZIP
    parts, room, rest = [], limit_bytes + 1, body
    while rest and room > 0:
        # Some servers send deflate without the zlib head that the standard wants: its first byte tells.
        bare = not gzip and (len(rest) < 2 or rest[0] & 0x0F != 8 or int.from_bytes(rest[:2], "big") % 31)
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS if gzip else -zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
        try:
            parts.append(stream.decompress(rest, room))
        except zlib.error as error:
            if parts and gzip:  # padding after the last member is common and harmless
                break
            raise FetchError("bad_encoding", f"{name} data is damaged: {error}") from error
        room -= len(parts[-1])
        if not stream.eof:
            if room > 0 and not cut:
                raise FetchError("truncated", f"{name} data ends before it is complete")
            break
        rest = stream.unused_data if gzip else b""
    return b"".join(parts)
