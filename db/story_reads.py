"""What people read of stories: lists, one story with everything behind it, deadlines. Nothing is written here.

Values of JSON columns come decoded. A merged story has no articles any more; `resolve` tells where it went.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from db.rows import as_json, stamp

Row = dict[str, Any]
Order = Literal["newest", "importance", "status"]

_STEP = 200  # stories read at once by an export
_JSON = frozenset({
    "event_types", "platforms", "regions", "audience", "parties", "languages", "source_kinds", "impact_reasons",
    "importance_parts", "credibility_parts", "why", "before",
})  # fmt: skip
_ORDERS: Mapping[Order, str] = {
    "newest": "s.last_at desc, s.id",
    "importance": "s.importance desc, s.last_at desc, s.id",
    "status": "s.status_at desc, s.id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFilter:
    """Which stories; the values of one field are alternatives, an empty field asks nothing.

    `days` are ISO days in the team's zone (of the first article); `impact` is the least that counts, 0..4.
    """

    platforms: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    impact: int = 0
    since: datetime | None = None  # of the newest article


def resolve(connection: sqlite3.Connection, story_id: str) -> str | None:
    """The story that an id stands for today: itself, or what it was merged into; None if there is none."""
    row = connection.execute(_RESOLVE, (story_id,)).fetchone()
    return str(row[0]) if row else None


def count(connection: sqlite3.Connection, wanted: StoryFilter = StoryFilter()) -> int:
    """How many stories a filter finds."""
    where, values = _where(wanted)
    query = f"select count(*) from stories s where {where}"  # noqa: S608 (our own words; values are bound)
    return int(connection.execute(query, values).fetchone()[0])


def stories(
    connection: sqlite3.Connection,
    wanted: StoryFilter = StoryFilter(),
    *,
    order: Order = "newest",
    limit: int = 50,
    offset: int = 0,
) -> list[Row]:
    """Stories that were not merged away, with the title and address of the article that had it first."""
    where, values = _where(wanted)
    query = f"{_LIST} where {where} order by {_ORDERS[order]} limit ? offset ?"
    return list(_rows(connection, query, (*values, limit, offset)))


def story(connection: sqlite3.Connection, story_id: str, *, articles: int = 200) -> Row | None:
    """One story with its articles (the first so many), moves, claims, deadlines, decisions and neighbours.

    None for an id that is unknown or was merged away. Claims carry the quote of the article and of the official text.
    """
    found = next(_rows(connection, f"{_LIST} where s.id = ? and s.merged_into is null", (story_id,)), None)
    if found is None:
        return None
    return {
        **found,
        "members": list(_rows(connection, _MEMBERS, (story_id, articles))),
        "moves": list(_rows(connection, _MOVES, (story_id,))),
        "claims": list(_rows(connection, _CLAIMS, (story_id,))),
        "deadlines": list(_rows(connection, _DEADLINES_OF, (story_id,))),
        "decisions": list(_rows(connection, _DECISIONS, (story_id, story_id))),
        "followed_by": list(_rows(connection, _FOLLOWERS, (story_id,))),
        "merged": [row["id"] for row in _rows(connection, "select id from stories where merged_into = ?", (story_id,))],
    }


def deadlines(
    connection: sqlite3.Connection, *, since: date, until: date | None = None, limit: int = 500, latest: bool = False
) -> list[Row]:
    """What falls due from `since` to `until` (both included), soonest first: one row per story, day and role.

    Of more than `limit` those with the `latest` days, else with the soonest.
    """
    key = {"since": since.isoformat(), "until": until.isoformat() if until else "9999-12-31", "limit": limit}
    last = connection.execute(_LAST_DUE.format(order="desc" if latest else "asc"), key).fetchone()
    if last is not None:  # of a thousand dates to come the stories need not be looked up
        key["since" if latest else "until"] = last[0]
    found = list(_rows(connection, _DEADLINES, key))
    return found[-limit:] if latest else found[:limit]


def story_of_articles(connection: sqlite3.Connection, article_ids: list[int]) -> dict[int, Row]:
    """Of each article that is part of a story: its id, line_en, line_zh, status, articles and origins."""
    rows = _rows(connection, _OF_ARTICLES, (as_json(article_ids),))
    return {row.pop("article_id"): row for row in rows}


def totals(connection: sqlite3.Connection) -> Row:
    """How many stories there are, by status, and how many signals."""
    statuses = dict(
        connection.execute("select status, count(*) from stories where merged_into is null group by 1 order by 2 desc")
    )
    (signals,) = connection.execute("select count(*) from signals where not baseline").fetchone()
    return {"stories": sum(statuses.values()), "statuses": statuses, "signals": signals}


def export(connection: sqlite3.Connection, *, since: datetime | None = None) -> Iterator[Row]:
    """Every story as `story` gives it, in order of id; `merged` names those that went into it."""
    last, earliest = "", stamp(since) if since else ""
    while ids := [one for (one,) in connection.execute(_IDS, (last, earliest, _STEP))]:
        yield from filter(None, (story(connection, story_id, articles=10_000) for story_id in ids))
        last = ids[-1]


def _where(wanted: StoryFilter) -> tuple[str, list[object]]:
    """A condition on `stories s` and its values."""
    chosen = {
        "s.status = label": wanted.statuses,
        "s.day = label": wanted.days,
        "label in (select value from json_each(s.platforms))": wanted.platforms,
        "label in (select value from json_each(s.event_types))": wanted.types,
        "label in (select value from json_each(s.languages))": wanted.languages,
        "label in (select value from json_each(s.source_kinds))": wanted.kinds,
    }
    parts, values = ["s.merged_into is null"], list[object]()
    for condition, labels in chosen.items():
        if labels:
            parts.append(f"exists (select value as label from json_each(?) where {condition})")  # noqa: S608 (constants)
            values.append(as_json(list(labels)))
    if wanted.impact:
        parts.append("s.impact >= ?")
        values.append(wanted.impact)
    if wanted.since:
        parts.append("s.last_at >= ?")
        values.append(stamp(wanted.since))
    return " and ".join(parts), values


def _rows(
    connection: sqlite3.Connection, query: str, values: tuple[object, ...] | Mapping[str, object] = ()
) -> Iterator[Row]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield {name: json.loads(value) if name in _JSON else value for name, value in zip(names, row, strict=True)}


_RESOLVE = """
    with recursive chain(id, next, step) as (
        select id, merged_into, 0 from stories where id = ?
        union all select s.id, s.merged_into, step + 1 from chain join stories s on s.id = chain.next where step < 50
    )
    select id from chain where next is null
"""
_LIST = """
    select s.id, s.first_at, s.last_at, s.day, s.main_event, s.event_types, s.platforms, s.regions, s.audience,
           s.parties, s.languages, s.source_kinds, s.line_en, s.line_zh, s.articles, s.origins, s.families, s.status,
           s.status_at, s.status_by, s.impact, s.impact_reasons, s.importance, s.importance_parts, s.credibility,
           s.credibility_parts, s.follows, s.updated_at, s.lead_article_id,
           lead.title as lead_title, lead.url as lead_url, lead.source_id as lead_source,
           lead.language as lead_language
    from stories s left join articles lead on lead.id = s.lead_article_id
"""
_MEMBERS = """
    select m.article_id as id, m.at, m.score, m.why, m.decided_by, m.origin_article_id as origin, m.official,
           a.source_id as source, src.name as source_name, a.source_kind, a.form, src.family, a.url, a.title,
           a.lead, a.language, a.published_at, a.seen_at, a.copy_kind, a.copy_score, a.revisions, a.relevance,
           a.main_event
    from story_articles m join articles a on a.id = m.article_id join sources src on src.id = a.source_id
    where m.story_id = ? order by m.at, m.article_id limit ?
"""
_MOVES = """
    select v.status, v.at, v.article_id as article, v.source_id as source, src.name as source_name, v.quote,
           v.decided_by, v.reason, v.recorded_at, a.title, a.url
    from status_moves v left join sources src on src.id = v.source_id left join articles a on a.id = v.article_id
    where v.story_id = ? order by v.at, v.id
"""
_CLAIMS = """
    select c.article_id as article, a.source_id as source, src.name as source_name, a.url, a.title, c.verdict,
           c.action, c.slot, c.value, c.field, c.start, c."end", c.quote, c.official_article_id as official_article,
           o.source_id as official_source, o.url as official_url, o.title as official_title, c.official_value,
           c.official_field, c.official_start, c.official_end, c.official_quote, c.at
    from claims c join articles a on a.id = c.article_id join sources src on src.id = a.source_id
    left join articles o on o.id = c.official_article_id
    where c.story_id = ?
    order by case c.verdict when 'not_in_official' then 0 when 'broader' then 1 when 'contradicted' then 2 else 3 end,
             c.verdict = 'supported', c.article_id, c.start, c.id
"""
_DEADLINES_OF = """
    select date, role, article_id as article, field, start, "end", quote from deadlines where story_id = ?
    order by date, id
"""
_LAST_DUE = """
    select date from (
        select distinct date, role, story_id from deadlines where date between :since and :until order by date {order}
    ) limit 1 offset :limit
"""
_DEADLINES = """
    select d.date, d.role, d.story_id as story, min(d.article_id) as article, d.quote, s.line_en, s.line_zh, s.status,
           s.impact, s.platforms, s.main_event, s.first_at, a.url, a.title, a.language, a.source_id as source,
           a.source_kind, src.name as source_name
    from deadlines d join stories s on s.id = d.story_id join articles a on a.id = d.article_id
    join sources src on src.id = a.source_id
    where d.date between :since and :until and s.merged_into is null
    group by d.date, d.role, d.story_id order by d.date, s.importance desc, d.story_id
"""
_DECISIONS = """
    select id, at, kind, story_id as story, other_story_id as other, article_id as article, decided_by, reason, score,
           before, undone_at, undone_by
    from story_decisions where story_id = ? or other_story_id = ? order by id
"""
_FOLLOWERS = """
    select id, status, day, line_en, line_zh from stories where follows = ? and merged_into is null order by first_at
"""
_OF_ARTICLES = """
    select m.article_id, s.id, s.line_en, s.line_zh, s.status, s.articles, s.origins
    from story_articles m join stories s on s.id = m.story_id
    where m.article_id in (select value from json_each(?))
"""
_IDS = "select id from stories where id > ? and last_at >= ? and merged_into is null order by id limit ?"
