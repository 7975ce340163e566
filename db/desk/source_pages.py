"""The pages of the sources: all of them with state and strip, one of them with its crawls and newest articles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response

from db.desk.app import Desk
from db.desk.ask import allow, page, read
from db.desk.sql import first, rows
from db.desk.words import VALUES

_DAYS = 30
_BAD = ("broken", "refused", "robots", "drift")

_SOURCES = """
    select id, id as source_id, name, kind, language, access, url, platforms, speaks_for, enabled, state, code, detail,
        since, last_good_at, last_new_at, last_try_at, entries, gap_seconds, gap_hours, keep_text, family, person, why,
        moved_to
    from sources
    order by enabled desc,
        case state when 'refused' then 0 when 'robots' then 0 when 'broken' then 0 when 'drift' then 1
            when 'silent' then 2 when 'never' then 3 when 'quiet' then 4 else 5 end, name
    limit 1000
"""
_PERSON = "select name, role, why, linkedin from people where id = :id"
_ONE = _SOURCES.replace("from sources", "from sources where id = :id", 1)
# The last crawl of each source on each day: how the day ended.
_STRIPS = """
    select source_id, substr(datetime(at, :shift), 1, 10) as day, state, max(run_id)
    from run_sources where run_id >= coalesce(
        (select id from runs where started_at >= :since order by id limit 1), (select max(id) + 1 from runs), 0)
    group by source_id, day
"""
_STRIP = """
    select source_id, substr(datetime(at, :shift), 1, 10) as day, state, max(run_id)
    from run_sources where source_id = :id and at >= :since group by day
"""
_RUNS = """
    select run_id, at, state, code, new, changed, same, failed, entries, seconds from run_sources
    where source_id = :id order by run_id desc limit 14
"""
_ARTICLES = """
    select a.id as article_id, a.sort_at, a.title, a.language, a.platforms, a.event_types, sa.story_id
    from articles a left join story_articles sa on sa.article_id = a.id
    where a.source_id = :id order by a.sort_at desc limit 12
"""
_COUNT = "select count(*) from (select 1 from articles where source_id = :id limit 100000)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    rows: Sequence[Any]
    days: Sequence[str]
    strips: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSource:
    row: Any
    days: Sequence[str]
    strip: Mapping[str, str]
    runs: Sequence[Any]
    articles: Sequence[Any]
    count: int
    person: Any


async def sources(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    own = datasette.desk
    found = await read(datasette, lambda conn: all_sources(conn, own.clock(), own.zone))
    chosen = [state for state in request.args.getlist("state") if state in VALUES["state"]]
    unknown = [state for state in request.args.getlist("state") if state not in VALUES["state"]]
    person = request.args.get("person") or ""
    who = await read(datasette, lambda conn: first(conn, _PERSON, {"id": person}))
    shown = [one for one in found.rows if not (chosen or unknown) or one["state"] in chosen]
    shown = [one for one in shown if not person or one["person"] == person]
    states = {state: sum(one["state"] == state for one in found.rows) for state in VALUES["state"]}
    context = {"found": found, "shown": shown, "states": states, "chosen": chosen, "unknown": unknown, "who": who}
    return await page(datasette, request, "sources.html", context)


async def source(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    source_id = tilde_decode(request.url_vars["id"])
    own = datasette.desk
    found = await read(datasette, lambda conn: one_source(conn, source_id, own.clock(), own.zone))
    if found is None:
        raise NotFound("no such source")
    return await page(datasette, request, "source.html", {"it": found})


def all_sources(connection: sqlite3.Connection, now: datetime, zone: ZoneInfo) -> Sources:
    days, span = _span(now, zone)
    strips: dict[str, dict[str, str]] = {}
    for source_id, day, state, _ in connection.execute(_STRIPS, span):
        strips.setdefault(source_id, {})[day] = state
    return Sources(rows=rows(connection, _SOURCES), days=days, strips=strips)


def one_source(connection: sqlite3.Connection, source_id: str, now: datetime, zone: ZoneInfo) -> OneSource | None:
    key = {"id": source_id}
    row = first(connection, _ONE, key)
    if row is None:
        return None
    days, span = _span(now, zone)
    return OneSource(
        row=row,
        days=days,
        strip={day: state for _, day, state, _ in connection.execute(_STRIP, {**span, **key})},
        runs=rows(connection, _RUNS, key),
        articles=rows(connection, _ARTICLES, key),
        count=first(connection, _COUNT, key)[0],
        person=first(connection, _PERSON, {"id": row["person"]}),
    )


def _span(now: datetime, zone: ZoneInfo) -> tuple[list[str], dict[str, str]]:
    """The days of the strip in the team's zone, and the parameters of its statement."""
    local = now.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    days = [f"{local.date() - timedelta(days=back):%Y-%m-%d}" for back in range(_DAYS - 1, -1, -1)]
    since = (now - timedelta(days=_DAYS)).isoformat(timespec="seconds")
    return days, {"since": since, "shift": f"{round(offset.total_seconds())} seconds"}
