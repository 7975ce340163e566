"""What the archive has to tell recipients: signals with the story they are about, as one value. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from db.rows import moment, stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One signal and its story as it is now. `trigger` is what makes it news: status:official, figure:…, date:….

    `headline`, `source_…` and `url` are those of the article that moved the story, else of the one that had it first.
    """

    trigger: str
    at: datetime
    status: str  # the signal's; the story may have moved on
    baseline: bool
    moved: bool  # the story stood elsewhere, or an official text of it said something else, before this signal
    was: str  # the status it moved from, "" if it began with this one
    story_id: str
    story_status: str
    line_en: str
    line_zh: str
    headline: str
    headline_language: str
    lead: str
    url: str | None
    source_id: str
    source_name: str
    source_kind: str
    form: str  # of that article
    published_at: datetime  # of that article
    first_at: datetime
    day: str
    main_event: str
    types: tuple[str, ...]
    platforms: tuple[str, ...]
    regions: tuple[str, ...]
    audience: tuple[str, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]
    impact: int
    importance: float
    articles: int
    origins: int
    titles: str  # of its first articles, a line each

    def line(self, language: str) -> str:
        """The plain line in a reader's language; the headline where there is none."""
        return (self.line_zh if language == "zh" else self.line_en) or self.headline


_NEWS = """
    select g.trigger, g.at, g.status, g.baseline,
        exists (select 1 from signals p where p.story_id = g.story_id and p.id < g.id and p.trigger glob 'status:*'),
        coalesce((
            select m.status from status_moves m where m.story_id = s.id and m.status != s.status
            and m.at <= s.status_at order by m.at desc, m.id desc limit 1
        ), ''),
        s.id, s.status, s.line_en, s.line_zh,
        coalesce(a.title, ''), coalesce(a.language, ''), coalesce(a.lead, ''), a.url,
        coalesce(a.source_id, ''), coalesce(src.name, a.source_id, ''), coalesce(a.source_kind, ''),
        coalesce(a.form, 'article'),
        coalesce(a.sort_at, s.first_at), s.first_at,
        s.day, s.main_event, s.event_types, s.platforms, s.regions, s.audience, s.languages, s.source_kinds,
        s.impact, s.importance, s.articles, s.origins,
        (select coalesce(group_concat(title, char(10)), '') from (
            select m.title from story_articles x join articles m on m.id = x.article_id
            where x.story_id = s.id order by x.at limit 20))
    from signals g join stories s on s.id = g.story_id
    left join articles a on a.id = coalesce(g.article_id, s.lead_article_id)
    left join sources src on src.id = a.source_id
"""

_LATEST = """
    where s.merged_into is null
        and g.id = (select max(id) from signals l where l.story_id = s.id and l.trigger glob 'status:*')
    order by s.importance desc, s.last_at desc limit ?
"""


def news_since(
    connection: sqlite3.Connection, since: datetime, until: datetime, *, newer_than: int = 0
) -> Iterator[News]:
    """The signals from `since` to `until` (both included), oldest first. What was merged away has told its own.

    `newer_than`: only those written later than this one (see `looked_up_to`).
    """
    query = f"{_NEWS} where g.at >= ? and g.at <= ? and g.id > ? and s.merged_into is null order by g.at, g.id"
    for row in connection.execute(query, (stamp(since), stamp(until), newer_than)):
        yield _news(row)


def looked_up_to(connection: sqlite3.Connection, until: datetime) -> int:
    """The last signal that, with all written before it, is of `until` or earlier: who read those needs them no more.

    By number and not by time: a long crawl writes signals with the times at which it saw their articles.
    """
    (ahead,) = connection.execute("select min(id) from signals where at > ?", (stamp(until),)).fetchone()
    if ahead is not None:
        return int(ahead) - 1
    (last,) = connection.execute("select max(id) from signals").fetchone()
    return int(last or 0)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal without its story."""

    trigger: str
    at: datetime
    baseline: bool


def signals_of(connection: sqlite3.Connection, story_id: str) -> list[Signal]:
    """The signals of a story, oldest first."""
    rows = connection.execute(
        "select trigger, at, baseline from signals where story_id = ? order by at, id", (story_id,)
    )
    return [Signal(trigger, moment(at), bool(baseline)) for trigger, at, baseline in rows]


def begun(connection: sqlite3.Connection) -> datetime | None:
    """When the archive saw its first article; None while it is empty."""
    (first,) = connection.execute("select min(seen_at) from articles").fetchone()
    return moment(first) if first else None


def latest(connection: sqlite3.Connection, limit: int) -> list[News]:
    """The last word of each of the most important stories, whatever its age: what a sample edition shows."""
    rows = connection.execute(_NEWS + _LATEST, (limit,))
    return [_news(row) for row in rows]


def news_of(connection: sqlite3.Connection, story_id: str, trigger: str) -> News | None:
    """One signal with its story as it is now; of a merged story, its last word. None when the story is gone."""
    row = connection.execute("select coalesce(merged_into, id) from stories where id = ?", (story_id,)).fetchone()
    if row is None:
        return None
    found = connection.execute(
        f"{_NEWS} where s.id = ? order by g.trigger = ? desc, g.at desc, g.id desc limit 1", (row[0], trigger)
    ).fetchone()
    return _news(found) if found else None


def _news(row: tuple) -> News:  # type: ignore[type-arg]  # a row of mixed columns
    names = tuple(News.__dataclass_fields__)
    values = dict(zip(names, row, strict=True))
    for name in ("types", "platforms", "regions", "audience", "languages", "kinds"):
        values[name] = tuple(json.loads(values[name]))
    for name in ("at", "published_at", "first_at"):
        values[name] = moment(values[name])
    moved = bool(values["moved"]) and (bool(values["was"]) or not values["trigger"].startswith("status:"))
    return News(**{**values, "baseline": bool(values["baseline"]), "moved": moved})
