"""The run ledger and the lease: what was worked for which slot, and who the service is. Rows only; decides nothing.

The primary key (job, slot) is the promise "once": whoever inserts the row first does the work.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from db.rows import moment, stamp, stamp_or_none

Done = Literal["done", "partial", "failed", "interrupted", "crashed"]
LEASE = timedelta(minutes=2)
_FIRST_SLOT_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lease."""

    pid: int
    host: str
    since: datetime
    beat_at: datetime


def begin(connection: sqlite3.Connection, job: str, slot: str, due_at: datetime | None, who: Holder) -> bool:
    """Claim a slot; False when somebody has it already. A slot whose work was cut short may be claimed again."""
    cursor = connection.execute(
        "insert into jobs (job, slot, state, due_at, started_at, pid, host) values (?, ?, 'running', ?, ?, ?, ?)"
        " on conflict do update set state = 'running', started_at = excluded.started_at, ended_at = null,"
        " pid = excluded.pid, host = excluded.host where state in ('crashed', 'interrupted')",
        (job, slot, stamp_or_none(due_at), stamp(who.beat_at), who.pid, who.host),
    )
    return cursor.rowcount == 1


def end(connection: sqlite3.Connection, job: str, slot: str, state: Done, now: datetime, detail: str = "") -> None:
    connection.execute(
        "update jobs set state = ?, ended_at = ?, detail = ? where job = ? and slot = ?",
        (state, stamp(now), detail[:500], job, slot),
    )


def note_missed(connection: sqlite3.Connection, job: str, slot: str, due_at: datetime, now: datetime) -> None:
    """Write down that nobody worked a slot; a slot that was worked stays what it is."""
    connection.execute(
        "insert or ignore into jobs (job, slot, state, due_at, ended_at) values (?, ?, 'missed', ?, ?)",
        (job, slot, stamp(due_at), stamp(now)),
    )


def note_crashed(connection: sqlite3.Connection, who: Holder) -> int:
    """Runs that a dead service left open; called by the one that holds the lease now. Returns how many."""
    cursor = connection.execute(
        "update jobs set state = 'crashed', ended_at = ? where state = 'running' and not (pid = ? and host = ?)",
        (stamp(who.beat_at), who.pid, who.host),
    )
    return cursor.rowcount


def slots_done(connection: sqlite3.Connection, job: str) -> set[str]:
    """The slots of a job that need no more work: worked, being worked, or missed. Not those that were cut short."""
    rows = connection.execute("select slot from jobs where job = ? and state not in ('crashed', 'interrupted')", (job,))
    return {slot for (slot,) in rows}


def first_seen(connection: sqlite3.Connection, job: str) -> datetime | None:
    """When a job first had a row: slots before that were never promised."""
    row = connection.execute("select min(coalesce(due_at, started_at)) from jobs where job = ?", (job,)).fetchone()
    return moment(row[0]) if row[0] else None


def last_good(connection: sqlite3.Connection, job: str) -> datetime | None:
    """The end of the last run of a job that did its work, wholly or in part."""
    row = connection.execute(
        "select max(ended_at) from jobs where job = ? and state in ('done', 'partial')", (job,)
    ).fetchone()
    return moment(row[0]) if row[0] else None


def newest_good(connection: sqlite3.Connection, job: str, until: datetime) -> tuple[str, datetime] | None:
    """The newest slot of a job, due by `until`, that did its work, and when it was due."""
    row = connection.execute(
        "select slot, due_at from jobs where job = ? and state in ('done', 'partial') and due_at <= ?"
        " order by due_at desc limit 1",
        (job, stamp(until)),
    ).fetchone()
    return (row[0], moment(row[1])) if row else None


def recent(connection: sqlite3.Connection, since: datetime) -> list[dict[str, Any]]:
    """Jobs that were due or begun since, newest first: job, slot, state, due_at, started_at, ended_at, detail."""
    cursor = connection.execute(
        "select job, slot, state, due_at, started_at, ended_at, detail from jobs"
        " where coalesce(started_at, due_at) >= ? order by coalesce(started_at, due_at) desc, job",
        (stamp(since),),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def forget_old(connection: sqlite3.Connection, now: datetime) -> None:
    connection.execute("delete from jobs where coalesce(due_at, started_at) < ?", (stamp(now - _FIRST_SLOT_KEPT),))


# ------------------------------------------------------------------ lease
def holder(connection: sqlite3.Connection) -> Holder | None:
    row = connection.execute("select pid, host, since, beat_at from lease").fetchone()
    return Holder(row[0], row[1], moment(row[2]), moment(row[3])) if row else None


def take(connection: sqlite3.Connection, who: Holder) -> Holder | None:
    """Take the lease, or renew it; returns the other holder while theirs is alive.

    On one machine the lock file tells better than a heartbeat who is alive: the caller holds it.
    """
    other = holder(connection)
    ours = other is not None and (other.pid, other.host) == (who.pid, who.host)
    if other is not None and other.host != who.host and abs(who.beat_at - other.beat_at) < LEASE:
        return other
    since = other.since if ours and other is not None else who.since
    connection.execute(
        "insert or replace into lease (one, pid, host, since, beat_at) values (1, ?, ?, ?, ?)",
        (who.pid, who.host, stamp(since), stamp(who.beat_at)),
    )
    return None


def give_back(connection: sqlite3.Connection, who: Holder) -> None:
    connection.execute("delete from lease where pid = ? and host = ?", (who.pid, who.host))
