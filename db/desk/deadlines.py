"""Deadlines and effective dates of stories: those to come, those gone by, and all of them for a calendar."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from db.calendar import Entry, calendar
from db.desk.app import DeskSettings
from db.desk.naming import label
from db.desk.story_cells import line, story_path
from db.desk.words import say
from db.story_reads import deadlines as due

_PAST_DAYS = 90


def coming(connection: sqlite3.Connection, today: date, limit: int = 500) -> list[Any]:
    """Those to come, soonest first."""
    return due(connection, since=today, limit=limit)


def gone(connection: sqlite3.Connection, today: date, limit: int = 500) -> list[Any]:
    """Those of the last months, newest first."""
    since, until = today - timedelta(days=_PAST_DAYS), today - timedelta(days=1)
    return due(connection, since=since, until=until, limit=limit, latest=True)[::-1]


def in_days(text: str, settings: DeskSettings) -> str:
    """How far ahead a day lies for the team; "" for one gone by."""
    try:
        left = (date.fromisoformat(text) - settings.clock().astimezone(settings.zone).date()).days
    except ValueError:
        return ""
    if left == 0:
        return say("today_is_it")
    if left == 1:
        return say("tomorrow")
    return say("in_days", n=left) if left > 0 else ""


def as_calendar(found: Iterable[Any], now: datetime, origin: str) -> str:
    """The dates as iCalendar; `origin` is where the desk answers, without a slash at its end."""
    return calendar(_entries(found, origin), f"{say('product')} · {say('deadlines')}", now)


def _entries(found: Iterable[Any], origin: str) -> Iterable[Entry]:
    for one in found:
        try:
            day = date.fromisoformat(one["date"])
        except ValueError:
            continue  # a date of a text that is none: the page shows it, a calendar can not
        yield Entry(
            uid=f"{one['story']}-{day}-{one['role']}@masthead",
            day=day,
            summary=f"{label('role', one['role'])}: {line(one)}",
            description=f"{one['quote']}\n{one['source_name']}",
            url=origin + story_path(one["story"]),
        )
