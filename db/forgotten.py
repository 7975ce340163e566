"""Who asked to be forgotten: known by a hash of the name, so that nothing under it is stored again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import sha256

from db.text import title_key


def author_key(name: str) -> str:
    """The hash under which a forgotten author is known; "" for a name without letters."""
    key = title_key(name)
    return sha256(key.encode()).hexdigest() if key else ""


def is_forgotten(connection: sqlite3.Connection, authors: Iterable[str]) -> bool:
    query = "select 1 from forgotten where author_hash = ?"
    return any(connection.execute(query, (author_key(name),)).fetchone() for name in authors)
