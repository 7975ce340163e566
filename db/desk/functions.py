"""The SQL functions of the canned queries. They take whatever a reader may have typed and never raise.

masthead_day_start(n)        when the day n days ago began in the team's zone, as stored times are written
masthead_match(q)            a reader's words as an FTS5 expression
masthead_needles(q)          the words to mark in what was found, as JSON
masthead_excerpt(q, text)    the part of a text where the words stand
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from db.search import Aliases, Query, excerpt, load_aliases, parse

_MAX_DAYS = 36_500
_ALIASES_SECONDS = 60.0  # names change with the lexicon, which a crawl brings up to date
_EXCERPT_FROM = 20_000  # characters of a text that are looked through; fifty texts have to fit into a second


def register(conn: sqlite3.Connection, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
    finder = _Finder(conn)
    conn.create_function("masthead_day_start", 1, lambda days: day_start(days, zone, clock()))
    conn.create_function("masthead_match", 1, finder.match)
    conn.create_function("masthead_needles", 1, finder.needles)
    conn.create_function("masthead_excerpt", 2, finder.excerpt)


def day_start(days: Any, zone: ZoneInfo, now: datetime) -> str:
    """Midnight in `zone`, `days` days ago, in UTC. What is no number counts as 0."""
    try:
        back = min(max(int(days), 0), _MAX_DAYS)
    except (TypeError, ValueError, OverflowError):
        back = 0
    day = now.astimezone(zone).date() - timedelta(days=back)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).isoformat(timespec="seconds")


class _Finder:
    """Parses a reader's words with the names of one archive; remembers the last words, as each row asks again."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._aliases: Aliases = {}
        self._loaded = -_ALIASES_SECONDS
        self._last: tuple[str, Query] = ("", Query("", ()))

    def match(self, text: Any) -> str:
        return self._parse(text).expression or '""'  # matches nothing, where an empty one is an error

    def needles(self, text: Any) -> str:
        return json.dumps(self._parse(text).needles, ensure_ascii=False)

    def excerpt(self, text: Any, body: Any) -> str:
        return excerpt(str(body or "")[:_EXCERPT_FROM], self._parse(text).needles)[0]

    def _parse(self, text: Any) -> Query:
        asked = str(text or "")
        now = monotonic()
        if now - self._loaded >= _ALIASES_SECONDS:
            self._aliases, self._loaded = load_aliases(self._conn), now
            self._last = ("", Query("", ()))
        if asked != self._last[0]:
            self._last = (asked, parse(asked, self._aliases))
        return self._last[1]
