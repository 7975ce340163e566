"""Values on their way into and out of rows: times, JSON, and statements made of fixed column names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC, whole seconds, so that text order is time order. ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError(f"a time without zone: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="seconds")


def stamp_or_none(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def moment_or_none(value: str | None) -> datetime | None:
    return None if value is None else moment(value)


def as_json(value: object) -> str:
    """JSON that people can read and search: Chinese as it is. ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> int:
    """Insert one row; names of table and columns are ours, never crawled. Returns the row id."""
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(f"insert into {table} ({names}) values ({marks})", tuple(values.values()))  # noqa: S608
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, row_id: int | str, values: Mapping[str, object]) -> None:
    """Set columns of the row with this id."""
    names = ", ".join(f'"{name}" = ?' for name in values)
    connection.execute(f"update {table} set {names} where id = ?", (*values.values(), row_id))  # noqa: S608
