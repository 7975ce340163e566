"""What commands read: rows for export, the state of sources, the figures of a run. Nothing is written here.

Everything large is an iterator in steps, so that a million articles never stand in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from db.rows import moment_or_none, stamp

Row = dict[str, Any]

_STEP = 500
_JSON = (
    "authors", "found_by", "flags", "platforms", "event_types", "speaks_for", "hosts", "parties", "audience", "regions",
    "amounts", "dates", "record",
)  # fmt: skip


def articles(connection: sqlite3.Connection, *, since: datetime | None = None) -> Iterator[Row]:
    """Articles in the order they were stored, with mentions, events and evidence; `story` is the id of theirs or None.

    Offsets are code points into title and text; under keep_text = "lead" they may lie beyond the stored text.
    """
    for rows in _in_steps(connection, _ARTICLES, since):
        span = (rows[0]["id"], rows[-1]["id"])
        entities, events = _mentions(connection, span), _events(connection, span)
        for row in rows:
            yield {**row, "entities": entities[row["id"]], "events": events[row["id"]]}


def events(connection: sqlite3.Connection, *, since: datetime | None = None) -> Iterator[Row]:
    """One row per event, with the article it stands in and its evidence."""
    for rows in _in_steps(connection, _HEADS, since):
        found = _events(connection, (rows[0]["article"], rows[-1]["article"]))
        for row in rows:
            yield from ({**row, **event} for event in found[row["article"]])


def sources(connection: sqlite3.Connection) -> list[Row]:
    """Sources with their state, by id; `articles` is how many are stored, `last_article_at` the newest one's time."""
    return list(_rows(connection, _SOURCES))


def run_sources(connection: sqlite3.Connection, run_id: int) -> list[Row]:
    """How each source did in one run, by id."""
    return list(_rows(connection, "select * from run_sources where run_id = ? order by source_id", (run_id,)))


def last_run(connection: sqlite3.Connection) -> Row | None:
    """The newest run that has begun, or None."""
    return next(_rows(connection, "select * from runs order by id desc limit 1"), None)


def last_good_run(connection: sqlite3.Connection) -> datetime | None:
    """When a crawl last ended that saw at least one source, or None."""
    (ended,) = connection.execute("select max(ended_at) from runs where outcome in ('good', 'partial')").fetchone()
    return moment_or_none(ended)


def totals(connection: sqlite3.Connection) -> Row:
    """How much the archive holds."""
    return next(_rows(connection, _TOTALS))


_ARTICLES = """
    select id, url, canonical_url, source_id as source, source_kind, form, language, title, text, lead, authors,
           published_at, published_raw, seen_at, updated_at, day, quality, found_by, flags, revisions,
           origin_id as origin, relevance, platforms, event_types,
           (select story_id from story_articles where article_id = articles.id) as story,
           coalesce((select json_object('document_number', number, 'type', type, 'effective', effective,
                'comments_close', comments_close, 'agencies', json(agencies), 'docket', docket)
            from records where article_id = articles.id), 'null') as record
    from articles where id > ? and +sort_at >= ? order by id limit ?
"""
_HEADS = """
    select id as article, url, source_id as source, source_kind, language, title, published_at, day
    from articles where id > ? and +sort_at >= ? order by id limit ?
"""
_EVENTS = """
    select article_id, events.id as id, type, score, attribution, polarity, modality, parties, audience, regions,
           effective_date, amounts, dates, evidence.field, evidence.start, evidence."end", evidence.rule, evidence.quote
    from events join evidence on evidence.event_id = events.id
    where article_id between ? and ? order by article_id, position, evidence.id
"""
_SOURCES = """
    select s.id, name, kind, language, access, url, family, person, zone, keep_text, speaks_for, hosts, platforms,
           enabled, gap_hours, state, code, detail, since, last_try_at, last_good_at, last_new_at, fails, entries,
           retry_after_at, moved_to, (select count(*) from articles a where a.source_id = s.id) as articles,
           (select max(sort_at) from articles a where a.source_id = s.id) as last_article_at
    from sources s order by s.id
"""
_TOTALS = """
    select (select count(*) from articles) as articles, (select count(*) from origins) as origins,
           (select count(*) from events) as events, (select count(*) from revisions) as revisions,
           (select count(*) from sources where enabled) as sources
"""


def _in_steps(connection: sqlite3.Connection, query: str, since: datetime | None) -> Iterator[list[Row]]:
    last, earliest = 0, stamp(since) if since else ""
    while rows := list(_rows(connection, query, (last, earliest, _STEP))):
        yield rows
        last = next(iter(rows[-1].values()))  # the article's id comes first


def _rows(connection: sqlite3.Connection, query: str, values: tuple[object, ...] = ()) -> Iterator[Row]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield {name: json.loads(value) if name in _JSON else value for name, value in zip(names, row, strict=True)}


def _mentions(connection: sqlite3.Connection, span: tuple[int, int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    query = """
        select article_id, entity as id, field, start, "end", surface, about from mentions
        where article_id between ? and ? order by article_id, field = 'text', start, entity
    """
    for row in _rows(connection, query, span):
        found[row.pop("article_id")].append({**row, "about": bool(row["about"])})
    return found


def _events(connection: sqlite3.Connection, span: tuple[int, int]) -> dict[int, list[Row]]:
    found: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in _rows(connection, _EVENTS, span):
        evidence = {name: row.pop(name) for name in ("field", "start", "end", "rule", "quote")}
        event = found[row.pop("article_id")].setdefault(row.pop("id"), {**row, "evidence": []})
        event["evidence"].append(evidence)
    return defaultdict(list, {article: list(events.values()) for article, events in found.items()})
