"""Deadlines and effective dates of stories: as a list for people, as iCalendar for their calendars.

The calendar is written after RFC 5545: lines of at most 75 octets, text escaped, one stable UID a date and story.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from db.desk.cells import label
from db.desk.sql import rows
from db.desk.story_cells import line
from db.desk.words import say

_COLUMNS = """
    d.id, d.story_id, d.date, d.role, d.quote, d.article_id, s.line_en, s.line_zh, s.status, s.impact, s.main_event,
    s.platforms, s.first_at, s.id as card_id, a.title, a.language, a.source_id, a.source_kind, src.name as source_name,
    min(a.sort_at) as told_at
"""
_FROM = """
    deadlines d join stories s on s.id = d.story_id
    join articles a on a.id = d.article_id join sources src on src.id = a.source_id
"""
# One date of one story is told once, by its first article.
UPCOMING = f"""
    select {_COLUMNS} from {_FROM} where d.date >= :today and s.merged_into is null
    group by d.story_id, d.date, d.role order by d.date, s.impact desc limit :limit
"""  # noqa: S608 (constants)
_PAST = f"""
    select {_COLUMNS} from {_FROM} where d.date < :today and s.merged_into is null
    group by d.story_id, d.date, d.role order by d.date desc, s.impact desc limit :limit
"""  # noqa: S608
LIMIT = 200


def deadlines(connection: sqlite3.Connection, today: date) -> tuple[list[Any], list[Any]]:
    """Those to come, soonest first, and those gone by, newest first."""
    key = {"today": today.isoformat(), "limit": LIMIT}
    return rows(connection, UPCOMING, key), rows(connection, _PAST, {**key, "limit": 60})


def calendar(found: Sequence[Any], now: datetime, address: str) -> str:
    """The dates as iCalendar; `address` is where the desk answers, without a slash at its end."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Masthead//Desk//EN", "CALSCALE:GREGORIAN"]
    lines += [f"X-WR-CALNAME:{_escaped(say('product') + ' · ' + say('deadlines'))}"]
    for one in found:
        try:
            day = date.fromisoformat(one["date"])
        except ValueError:
            continue  # a date of a text that is none: the page shows it, a calendar can not
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(one['story_id'])}-{day:%Y%m%d}-{_escaped(one['role'])}@masthead",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(label('role', one['role']) + ': ' + line(one))}",
            f"DESCRIPTION:{_escaped(one['quote'] + chr(10) + one['source_name'])}",
            f"URL:{address}/stories/{_escaped(one['story_id'])}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(text) + "\r\n" for text in lines)


def _escaped(text: Any) -> str:
    clean = "".join(c for c in str(text) if c == "\n" or c.isprintable())
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(text: str) -> str:
    """Cut into lines of at most 75 octets, never within a character."""
    pieces: list[bytes] = []
    current = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(current) + len(encoded) > (75 if not pieces else 74):
            pieces.append(current)
            current = b""
        current += encoded
    return b"\r\n ".join([*pieces, current]).decode("utf-8")
