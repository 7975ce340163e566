"""Notices and deliveries in the private file. Rows only: who is told what is decided above.

A delivery is claimed by one statement, so that two senders never send it both; its attempt is written before the
first byte goes out, so that a killed sender leaves `sending` behind, which the next one reads as `unknown`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.rows import as_json, insert, moment, moment_or_none, stamp, stamp_or_none, update

DeliveryState = Literal["pending", "sending", "accepted", "retry", "unknown", "dead", "suppressed", "held"]
_LONGEST_WAIT = timedelta(days=1)
_BODIES_KEPT, _KEPT = timedelta(days=30), timedelta(days=400)
Kind = Literal["instant", "daily", "weekly", "service", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A notice that has not been told."""

    id: int
    recipient: str
    story_id: str
    trigger: str
    status: str
    at: datetime
    rule: str
    level: str
    urgent: bool
    importance: float
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message ready to go; `message` is the whole mail, or a chat's JSON."""

    recipient: str
    channel: str
    address: str
    kind: Kind
    slot: str
    message_id: str
    subject: str
    message: bytes
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A claimed delivery: `attempt_id` is the row to close."""

    id: int
    attempt_id: int
    attempts: int
    recipient: str
    channel: str
    address: str
    kind: str
    message_id: str
    message: bytes
    created_at: datetime


# ------------------------------------------------------------------ notices
def told(connection: sqlite3.Connection, story_id: str) -> set[str]:
    """The recipients who have a notice of this story, told or waiting."""
    rows = connection.execute(
        "select distinct recipient from notices where story_id = ? and state != 'suppressed'", (story_id,)
    )
    return {name for (name,) in rows}


def add_notice(
    connection: sqlite3.Connection, *, recipient: str, story_id: str, trigger: str, status: str, at: datetime,
    rule: str, level: str, urgent: bool, importance: float, reason: str, now: datetime,
) -> bool:  # fmt: skip
    """Write a notice once; False when recipient, story and trigger are there already."""
    cursor = connection.execute(
        "insert or ignore into notices (recipient, story_id, trigger, status, at, rule, level, urgent, importance,"
        " state, reason, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            recipient, story_id, trigger, status, stamp(at), rule, level, urgent, importance,
            "suppressed" if reason else "waiting", reason, stamp(now),
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


def waiting(
    connection: sqlite3.Connection, recipient: str, levels: Collection[str], until: datetime | None = None
) -> list[Waiting]:
    """What waits for a recipient, the most important first; with `until` only what was written before it."""
    rows = connection.execute(
        "select id, recipient, story_id, trigger, status, at, rule, level, urgent, importance, created_at from notices"
        " where recipient = ? and state = 'waiting' and level in (select value from json_each(?)) and created_at < ?"
        " order by importance desc, at desc, id",
        (recipient, as_json(sorted(levels)), stamp(until) if until else "9999"),
    )
    names = tuple(Waiting.__dataclass_fields__)
    made = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        times = {name: moment(values[name]) for name in ("at", "created_at")}
        made.append(Waiting(**{**values, **times, "urgent": bool(values["urgent"])}))
    return made


def postpone(connection: sqlite3.Connection, notice_ids: Iterable[int], level: str, reason: str) -> None:
    """Move notices to a slower level: caps overflow into the edition."""
    connection.executemany(
        "update notices set level = ?, reason = ? where id = ? and state = 'waiting'",
        [(level, reason, notice_id) for notice_id in notice_ids],
    )


def suppress(connection: sqlite3.Connection, notice_ids: Iterable[int], reason: str) -> None:
    connection.executemany(
        "update notices set state = 'suppressed', reason = ? where id = ? and state = 'waiting'",
        [(reason, notice_id) for notice_id in notice_ids],
    )


def told_between(connection: sqlite3.Connection, recipient: str, level: str, since: datetime, until: datetime) -> int:
    """How many notices of a level were told to a recipient in a window."""
    row = connection.execute(
        "select count(*) from notices where recipient = ? and level = ? and told_at >= ? and told_at < ?",
        (recipient, level, stamp(since), stamp(until)),
    ).fetchone()
    return int(row[0])


# ------------------------------------------------------------------ deliveries
def add_delivery(
    connection: sqlite3.Connection,
    message: Message,
    notice_ids: Sequence[int],
    now: datetime,
    state: Literal["pending", "suppressed"] = "pending",
) -> int | None:
    """Put a message into the outbox with the notices it tells; None when that slot has its message already.

    A `suppressed` one is not sent: an edition with nothing in it, whose window is over all the same.
    """
    values = {
        "recipient": message.recipient, "channel": message.channel, "address": message.address, "kind": message.kind,
        "slot": message.slot, "message_id": message.message_id, "subject": message.subject,
        "message": message.message, "from_at": stamp_or_none(message.from_at),
        "until_at": stamp_or_none(message.until_at), "created_at": stamp(now), "next_at": stamp(now), "state": state,
    }  # fmt: skip
    there = connection.execute(
        "select 1 from deliveries where recipient = ? and channel = ? and kind = ? and slot = ?",
        (message.recipient, message.channel, message.kind, message.slot),
    ).fetchone()
    if there:
        return None
    delivery_id = insert(connection, "deliveries", values)
    connection.executemany(
        "update notices set state = 'told', delivery_id = ?, told_at = ? where id = ? and state = 'waiting'",
        [(delivery_id, stamp(now), notice_id) for notice_id in notice_ids],
    )
    return delivery_id


def last_window(connection: sqlite3.Connection, recipient: str, kind: Kind, until: datetime) -> datetime | None:
    """Where the last edition of a recipient that ended by `until` did so; the next begins there."""
    row = connection.execute(
        "select max(until_at) from deliveries where recipient = ? and kind = ? and until_at <= ?",
        (recipient, kind, stamp(until)),
    ).fetchone()
    return moment_or_none(row[0])


def count_since(connection: sqlite3.Connection, recipient: str, kind: Kind, since: datetime) -> int:
    row = connection.execute(
        "select count(*) from deliveries where recipient = ? and kind = ? and created_at >= ?",
        (recipient, kind, stamp(since)),
    ).fetchone()
    return int(row[0])


def claim(
    connection: sqlite3.Connection, now: datetime, pid: int, channels_closed: Collection[str] = ()
) -> Delivery | None:
    """Take the next delivery that is due and open its attempt; None when there is none. Call it in a transaction.

    One that is to wait for longer than any wait was put off by a clock that ran ahead: it is due.
    """
    row = connection.execute(
        "select id, attempts + 1, recipient, channel, address, kind, message_id, message, created_at from deliveries"
        " where state in ('pending', 'retry') and (next_at <= ? or next_at > ?)"
        " and channel not in (select value from json_each(?)) order by next_at, id limit 1",
        (stamp(now), stamp(now + _LONGEST_WAIT), as_json(sorted(channels_closed))),
    ).fetchone()
    if row is None:
        return None
    update(connection, "deliveries", row[0], {"state": "sending", "attempts": row[1]})
    attempt_id = insert(connection, "attempts", {"delivery_id": row[0], "started_at": stamp(now), "pid": pid})
    return Delivery(
        id=row[0], attempt_id=attempt_id, attempts=row[1], recipient=row[2], channel=row[3], address=row[4],
        kind=row[5], message_id=row[6], message=row[7], created_at=moment(row[8]),
    )  # fmt: skip


def close(
    connection: sqlite3.Connection,
    delivery: Delivery,
    state: DeliveryState,
    now: datetime,
    *,
    code: str = "",
    detail: str = "",
    next_at: datetime | None = None,
) -> None:
    """Write how an attempt ended; with `next_at` the delivery is tried again then."""
    ended = {} if state in ("retry", "pending") else {"ended_at": stamp(now)}
    values = {"state": state, "code": code, "detail": detail[:500], **ended}
    update(connection, "deliveries", delivery.id, {**values, **({"next_at": stamp(next_at)} if next_at else {})})
    update(
        connection, "attempts", delivery.attempt_id,
        {"ended_at": stamp(now), "state": state, "code": code, "detail": detail[:500]},
    )  # fmt: skip


def note_killed(connection: sqlite3.Connection, now: datetime) -> int:
    """Deliveries that a sender left in `sending`: whether they arrived nobody can tell. Returns how many.

    Only the one that holds the sender's lock may call it.
    """
    detail = "the sender was ended while it was sending; whether it was accepted is not known"
    connection.execute(
        "update attempts set state = 'unknown', ended_at = ?, detail = ? where state = 'sending'", (stamp(now), detail)
    )
    cursor = connection.execute(
        "update deliveries set state = 'unknown', ended_at = ?, detail = ? where state = 'sending'",
        (stamp(now), detail),
    )
    return cursor.rowcount


def retry(connection: sqlite3.Connection, ids: Collection[int] | None, now: datetime) -> int:
    """A person's wish to send again what is dead, unknown or held; all of it without `ids`. Returns how many."""
    cursor = connection.execute(
        "update deliveries set state = 'pending', next_at = ?, ended_at = null, code = '', detail = ''"
        " where state in ('dead', 'unknown', 'held') and (? is null or id in (select value from json_each(?)))",
        (stamp(now), None if ids is None else "", as_json(sorted(ids or ()))),
    )
    return cursor.rowcount


def forget_old(connection: sqlite3.Connection, now: datetime) -> None:
    """Drop the bodies of mails that arrived a month ago, and after 400 days what was told, and to whom."""
    connection.execute(
        "update deliveries set message = x'' where state = 'accepted' and ended_at < ? and message != x''",
        (stamp(now - _BODIES_KEPT),),
    )
    old = stamp(now - _KEPT)
    connection.execute("delete from notices where created_at < ? and state != 'waiting'", (old,))
    connection.execute(
        "delete from deliveries where created_at < ? and ended_at is not null"
        " and not exists (select 1 from notices where delivery_id = deliveries.id)",
        (old,),
    )


# ------------------------------------------------------------------ channels
def closed_channels(connection: sqlite3.Connection) -> dict[str, str]:
    """Channels that were stopped, with the reason."""
    return dict(connection.execute("select name, reason from channels where state = 'stopped'"))


def stop_channel(connection: sqlite3.Connection, name: str, reason: str, now: datetime) -> None:
    connection.execute(
        "insert or replace into channels (name, state, reason, since) values (?, 'stopped', ?, ?)",
        (name, reason[:500], stamp(now)),
    )


def open_channel(connection: sqlite3.Connection, name: str, now: datetime) -> None:
    connection.execute(
        "insert or replace into channels (name, state, reason, since) values (?, 'open', '', ?)", (name, stamp(now))
    )
