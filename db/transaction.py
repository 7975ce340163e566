"""All of a block's writes, or none of them. Knows nothing of what is written, and gives no error a name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write at once, not at the first statement: a transaction that begins by reading does not wait for others."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # SQLite has ended it itself when the disk is full
            connection.execute("rollback")
        raise
