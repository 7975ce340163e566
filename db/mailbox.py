"""How far each mailbox was read, and what became of its mails: rows of the private file. No name, address or link.

A mail is known by a hash of its headers, so that a folder that is renamed, moved or numbered anew brings nothing twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from db.rows import stamp


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder was read. `wants`: a hash of what was looked for; with another one, what was refused is looked
    at again."""

    validity: int
    uid: int
    wants: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One mail that was looked at. `code`: why nothing was taken, or "" where its items are stored."""

    digest: str
    code: str = ""
    items: int = 0


def place(connection: sqlite3.Connection, box: str, folder: str) -> Place | None:
    """Where the last reading of a folder ended. `box` is a hash of server and user."""
    row = connection.execute(
        "select validity, uid, wants from mailboxes where box = ? and folder = ?", (box, folder)
    ).fetchone()
    return Place(*row) if row else None


def taken(connection: sqlite3.Connection, box: str, digests: Iterable[str]) -> set[str]:
    """Those of the mails whose items are stored."""
    wanted = list(digests)
    marks = ", ".join("?" * len(wanted))
    query = f"select digest from mails where box = ? and code = '' and digest in ({marks})"  # noqa: S608 (marks)
    return {digest for (digest,) in connection.execute(query, (box, *wanted))}


def keep(
    connection: sqlite3.Connection, box: str, folder: str, now_at: Place, seen: Iterable[Seen], now: datetime
) -> None:
    """What became of some mails, and how far the folder is read with them: together or not at all."""
    connection.executemany(
        "insert or replace into mails (box, digest, code, items, at) values (?, ?, ?, ?, ?)",
        [(box, one.digest, one.code, one.items, stamp(now)) for one in seen],
    )
    connection.execute(
        "insert or replace into mailboxes (box, folder, validity, uid, wants, read_at) values (?, ?, ?, ?, ?, ?)",
        (box, folder, now_at.validity, now_at.uid, now_at.wants, stamp(now)),
    )


def counts(connection: sqlite3.Connection, box: str) -> Mapping[str, int]:
    """How many mails ended with each code; "" for those that were taken."""
    rows = connection.execute("select code, count(*) from mails where box = ? group by code order by code", (box,))
    return {str(code): int(number) for code, number in rows}
