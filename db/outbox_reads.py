"""What people ask of the outbox: totals, what failed, why somebody was told. Reads only."""

from __future__ import annotations

import sqlite3
from typing import Any

_HISTORY = """
    select n.trigger, n.status, n.at, n.rule, n.level, n.state, n.reason, n.told_at, n.delivery_id,
        d.state as delivery_state, d.ended_at, d.message_id
    from notices n left join deliveries d on d.id = n.delivery_id
    where n.story_id = ? and n.recipient = ? order by n.at, n.id
"""
_PENDING = """
    select created_at, recipient, kind, subject, message, channel from deliveries
    where state = 'pending' order by created_at, id
"""
_FAILED = """
    select id, state, recipient, kind, created_at, trim(code || ' ' || detail) as detail from deliveries
    where state in ('dead', 'unknown', 'held', 'retry') order by id desc limit ?
"""


def totals(connection: sqlite3.Connection) -> dict[str, int]:
    """Deliveries by state."""
    return dict(connection.execute("select state, count(*) from deliveries group by state order by 2 desc, 1"))


def failed(connection: sqlite3.Connection, limit: int = 50) -> list[dict[str, Any]]:
    """Deliveries that did not arrive, or of which nobody knows, newest first."""
    return _rows(connection, _FAILED, (limit,))


def history(connection: sqlite3.Connection, story_id: str, recipient: str) -> list[dict[str, Any]]:
    """Every notice of a story for a recipient with what became of it, oldest first."""
    return _rows(connection, _HISTORY, (story_id, recipient))


def end_of(connection: sqlite3.Connection, kind: str, slot: str) -> tuple[str, str, str]:
    """State, code and detail of the delivery of a slot that has but one."""
    query = "select state, code, detail from deliveries where kind = ? and slot = ?"
    state, code, detail = connection.execute(query, (kind, slot)).fetchone()
    return state, code, detail


def pending(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Messages that nobody sent yet, with their bodies, in the order in which they were written."""
    return _rows(connection, _PENDING, ())


def notices_by_end(connection: sqlite3.Connection) -> list[tuple[str, str, str, str, int]]:
    """Recipient, rule, state, reason, and how many notices ended so."""
    return connection.execute(
        "select recipient, rule, state, reason, count(*) from notices group by 1, 2, 3, 4 order by 5 desc, 1, 2"
    ).fetchall()


def _rows(connection: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
