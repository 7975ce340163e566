"""What stands around the news in an edition: over-claims, deadlines, what is unconfirmed, what could not be seen.

Reads only; every list is short. The stories themselves are chosen by the recipient's rules.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from db.rows import stamp

BEYOND = ("broader", "contradicted", "not_in_official")
_DAYS_AHEAD, _DAYS_UNCONFIRMED = 14, 7
_CLAIMS, _DEADLINES, _UNCONFIRMED, _BLIND = 4, 8, 5, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """Rows are mappings with the names of their columns. `seen` of `enabled` sources were read well at the last try."""

    stories: int  # first seen in the window
    articles: int
    claims: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
    unconfirmed: list[dict[str, Any]]
    enabled: int
    seen: int
    blind: list[dict[str, Any]]


def briefing(connection: sqlite3.Connection, since: datetime, until: datetime, today: date) -> Briefing:
    """The surroundings of an edition for a window of time; `today` is the recipient's local day."""
    window = {"since": stamp(since), "until": stamp(until)}
    days = {"today": today.isoformat(), "last": (today + timedelta(days=_DAYS_AHEAD)).isoformat()}
    week = {"week": stamp(until - timedelta(days=_DAYS_UNCONFIRMED)), "until": stamp(until)}
    coverage = _rows(connection, _COVERAGE, {})[0]
    return Briefing(
        stories=connection.execute(_NEW_STORIES, window).fetchone()[0],
        articles=connection.execute(_NEW_ARTICLES, window).fetchone()[0],
        claims=_rows(connection, _CLAIM_ROWS, window),
        deadlines=_rows(connection, _DEADLINE_ROWS, days),
        unconfirmed=_rows(connection, _UNCONFIRMED_ROWS, week),
        enabled=coverage["enabled"],
        seen=coverage["seen"],
        blind=_rows(connection, _BLIND_ROWS, {}),
    )


def _rows(connection: sqlite3.Connection, query: str, values: dict[str, str]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


_NEW_ARTICLES = "select count(*) from articles where seen_at >= :since and seen_at < :until"
_NEW_STORIES = """
    select count(distinct g.story_id) from signals g join stories s on s.id = g.story_id
    where g.at >= :since and g.at < :until and not g.baseline and s.merged_into is null
"""
_CLAIM_ROWS = f"""
    select c.story_id, c.verdict, c.slot, c.quote, c.official_quote, s.line_en, s.line_zh, a.url,
        coalesce(src.name, a.source_id) as source_name
    from claims c join stories s on s.id = c.story_id join articles a on a.id = c.article_id
    left join sources src on src.id = a.source_id
    where c.verdict in {BEYOND} and c.at >= :since and c.at < :until and s.merged_into is null
    group by c.article_id order by s.importance desc, c.at desc limit {_CLAIMS}
"""  # noqa: S608 (constants)
_DEADLINE_ROWS = f"""
    select d.date, d.role, d.story_id, s.line_en, s.line_zh, s.impact
    from deadlines d join stories s on s.id = d.story_id
    where d.date >= :today and d.date <= :last and s.merged_into is null and s.status not in ('denied', 'withdrawn')
    group by d.story_id, d.date order by d.date, s.impact desc limit {_DEADLINES}
"""  # noqa: S608
_UNCONFIRMED_ROWS = f"""
    select s.id as story_id, s.status, s.line_en, s.line_zh, s.first_at from stories s
    where s.status in ('rumor', 'reported') and s.last_at >= :week and s.last_at < :until and s.impact >= 1
        and s.merged_into is null
    order by s.importance desc, s.last_at desc limit {_UNCONFIRMED}
"""  # noqa: S608
_COVERAGE = """
    select count(*) as enabled, coalesce(sum(state in ('ok', 'quiet', 'silent')), 0) as seen
    from sources where enabled and state != 'never'
"""
_BLIND_ROWS = f"""
    select id as source_id, name, state, code, since from sources
    where enabled and state in ('refused', 'robots', 'broken', 'drift') order by since desc, id limit {_BLIND}
"""  # noqa: S608
