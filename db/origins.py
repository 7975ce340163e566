"""Groups of near-copies: which stored articles a text may copy, and the origin it joins or starts.

What counts as a copy is decided by the `PickOrigin` handed in; here is only the index that finds candidates.
"""

from __future__ import annotations

import sqlite3
import struct
from collections import Counter
from collections.abc import Callable, Sequence

from db.types import CopyCandidate, CopyMatch, Sketch

PickOrigin = Callable[[Sketch, Sequence[CopyCandidate]], CopyMatch | None]

_CANDIDATES = 200  # those that share most bands, then the newest
_PER_BAND = 100  # a band of boilerplate may hold any number of articles


def candidates(connection: sqlite3.Connection, sketch: Sketch, without: int | None = None) -> list[CopyCandidate]:
    """Stored articles that share a band with the sketch; `without` is the article itself. Their bands are left out."""
    shared: Counter[int] = Counter()
    for band in sketch.bands:
        rows = connection.execute(
            "select article_id from copy_bands where band = ? order by article_id desc limit ?", (band, _PER_BAND)
        )
        shared.update(article_id for (article_id,) in rows if article_id != without)
    best = sorted(shared, key=lambda article_id: (shared[article_id], article_id), reverse=True)[:_CANDIDATES]
    return [candidate for article_id in best if (candidate := _candidate(connection, article_id))]


def start(connection: sqlite3.Connection) -> int:
    return int(connection.execute("insert into origins default values").lastrowid or 0)


def join(connection: sqlite3.Connection, origin_id: int) -> None:
    connection.execute("update origins set articles = articles + 1 where id = ?", (origin_id,))


def leave(connection: sqlite3.Connection, origin_id: int) -> None:
    """Take one article out, after its row points elsewhere; an origin without articles goes."""
    connection.execute("update origins set articles = articles - 1 where id = ?", (origin_id,))
    connection.execute("delete from origins where id = ? and articles = 0", (origin_id,))


def is_alone(connection: sqlite3.Connection, origin_id: int) -> bool:
    return bool(connection.execute("select articles = 1 from origins where id = ?", (origin_id,)).fetchone()[0])


def pack_bands(bands: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(bands)}q", *bands)


def add_bands(connection: sqlite3.Connection, article_id: int, bands: Sequence[int]) -> None:
    connection.executemany(
        "insert or ignore into copy_bands (band, article_id) values (?, ?)", [(band, article_id) for band in bands]
    )


def remove_bands(connection: sqlite3.Connection, article_id: int, packed: bytes) -> None:
    bands = struct.unpack(f"<{len(packed) // 8}q", packed)
    connection.executemany(
        "delete from copy_bands where band = ? and article_id = ?", [(band, article_id) for band in bands]
    )


def _candidate(connection: sqlite3.Connection, article_id: int) -> CopyCandidate | None:
    row = connection.execute(
        "select origin_id, sketch_exact, sketch, sketch_size from articles where id = ?", (article_id,)
    ).fetchone()
    if row is None:
        return None
    origin_id, exact, values, size = row
    return CopyCandidate(
        article_id=article_id, origin_id=origin_id, sketch=Sketch(exact=exact, values=values, bands=(), size=size)
    )
