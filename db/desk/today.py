"""Today: the edition as rows. What the archive learned since yesterday began, and what the same span before it held."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from db.desk.deadlines import coming
from db.desk.naming import listed
from db.desk.sql import first, rows
from db.desk.story import BEYOND, CLAIM, CLAIM_FROM
from db.desk.story_list import CARD, CARD_FROM
from db.desk.words import say

STORIES = 12  # of an edition
_BARS, _FEWEST_BARS = 14, 7
_PICTURED = 300  # newest stories in the pictures

_NO_NOISE = (
    "s.id not in (select story_id from triage where kind = 'noise' and story_id is not null and undone_at is null)"
)
# A story is new when none of its articles was seen before the span.
_NEW = """
    select distinct sa.story_id as id from articles n indexed by articles_seen
    join story_articles sa on sa.article_id = n.id
    where n.seen_at >= :since and n.seen_at < :until and not exists (
        select 1 from story_articles o join articles oa on oa.id = o.article_id
        where o.story_id = sa.story_id and oa.seen_at < :since
    ) limit 5000
"""
_NEW_COUNTS = f"""
    select count(*) as stories, coalesce(sum(s.status in ('rumor', 'reported')), 0) as unconfirmed
    from ({_NEW}) fresh join stories s on s.id = fresh.id where s.merged_into is null
"""  # noqa: S608 (constants)
_NEW_STORIES = f"""
    select {CARD} from ({_NEW}) fresh join {CARD_FROM.replace("stories s", "stories s on s.id = fresh.id", 1)}
    where s.merged_into is null and {_NO_NOISE}
    order by s.last_at >= :recent desc, s.status = 'expired', s.importance desc, s.impact desc, s.last_at desc limit 40
"""  # noqa: S608
# A move is news when the story stood elsewhere before it.
_MOVED = """
    select m.id, m.story_id, m.status, m.at, m.quote, m.article_id, m.source_id, m.decided_by,
        (select p.status from status_moves p where p.story_id = m.story_id and (p.at, p.id) < (m.at, m.id)
            order by p.at desc, p.id desc limit 1) as was
    from status_moves m indexed by status_moves_recorded where m.recorded_at >= :since and m.recorded_at < :until
        and m.status != 'expired'
"""
_MOVE_COUNTS = f"""
    select status, count(distinct story_id) as n from ({_MOVED}) where was is not null and was != status group by status
"""  # noqa: S608
_MOVES = f"""
    select m.status as new_status, m.was, m.at as moved_at, m.quote, {CARD}, q.language as quote_language,
        coalesce(q.source_id, m.source_id) as by_source_id, qs.name as by_source_name, q.source_kind as by_source_kind
    from ({_MOVED}) m join {CARD_FROM.replace("stories s", "stories s on s.id = m.story_id", 1)}
    left join articles q on q.id = m.article_id left join sources qs on qs.id = coalesce(q.source_id, m.source_id)
    where m.was is not null and m.was != m.status and s.merged_into is null and {_NO_NOISE}
    order by case m.status when 'official' then 0 when 'denied' then 1 when 'withdrawn' then 2 when 'corrected' then 3
        when 'corroborated' then 4 else 5 end, s.importance desc, m.at desc limit 8
"""  # noqa: S608
_UNCONFIRMED = f"""
    select {CARD} from stories s indexed by stories_newest
    left join articles a on a.id = s.lead_article_id left join sources src on src.id = a.source_id
    where s.merged_into is null and s.status in ('rumor', 'reported') and s.last_at >= :week and s.impact >= 1
        and {_NO_NOISE}
    order by s.importance desc, s.last_at desc limit 6
"""  # noqa: S608
_CLAIM_COUNT = (
    f"select count(distinct article_id) from claims where verdict in {BEYOND} and at >= :since and at < :until"  # noqa: S608
)
_CLAIMS = f"""
    select {CLAIM}, count(distinct c.article_id) as beyond, s.line_en, s.line_zh, s.main_event, s.platforms, s.first_at
    from {CLAIM_FROM} join stories s on s.id = c.story_id
    where c.verdict in {BEYOND} and c.at >= :since and c.at < :until and s.merged_into is null
    group by c.story_id order by s.importance desc, c.at desc limit 4
"""  # noqa: S608
_BLIND = """
    select id as source_id, name, state, code, since from sources
    where enabled and state in ('refused', 'robots', 'broken', 'drift') order by state, name limit 60
"""
_SOURCES = """
    select count(*) as enabled, coalesce(sum(state in ('ok', 'quiet', 'silent')), 0) as seen,
        coalesce(sum(state = 'never'), 0) as never, coalesce(sum(state = 'silent'), 0) as silent
    from sources where enabled
"""
_RUN = "select id, started_at, ended_at, outcome, asked, seen, new from runs order by id desc limit 1"
_LAST_SEEN = "select max(seen_at) from articles"
_NEWEST = f"""
    select id, day, status, platforms from stories indexed by stories_newest
    where merged_into is null order by last_at desc limit {_PICTURED}
"""  # noqa: S608 (a number)
_IS_DAY = "day glob '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]'"
_SPAN = f"select max(day), min(day) from ({_NEWEST}) where platforms != '[]' and {_IS_DAY}"  # noqa: S608 (constants)
_CHART = f"""
    select day, platforms, count(*) as n from stories indexed by stories_day
    where day between :first and :last and {_IS_DAY} and merged_into is null group by day, platforms
"""  # noqa: S608
_FLOW = f"""
    select m.status as was, s.status as now, count(*) as n from ({_NEWEST}) s
    join status_moves m on m.id = (select id from status_moves where story_id = s.id order by at, id limit 1)
    group by 1, 2
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    stories: int = 0
    official: int = 0
    denied: int = 0
    moves: int = 0
    unconfirmed: int = 0
    claims: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Stories by platform and first day of a bar; a bar has so many `days` that the newest stories fill it."""

    days: int
    first_days: Sequence[str]
    platforms: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What Today shows. `since` and `until` are aware UTC; `held_back`: nothing came since yesterday."""

    day: date
    since: datetime
    until: datetime
    held_back: bool
    counts: Counts
    before: Counts
    moves: Sequence[Any]
    platforms: Sequence[tuple[str, Sequence[Any]]]
    unconfirmed: Sequence[Any]
    claims: Sequence[Any]
    deadlines: Sequence[Any]
    sources: Any
    blind: Sequence[Any]
    run: Any
    articles: int
    chart: Chart
    flow: Sequence[tuple[str, str, int]]


def edition(connection: sqlite3.Connection, now: datetime, zone: ZoneInfo, asked: date | None = None) -> Edition:
    """The edition of `asked`, or of today; if nothing came since yesterday, that of the last day with news."""
    day = asked or now.astimezone(zone).date()
    newest = first(connection, _LAST_SEEN)[0]
    held_back = asked is None and bool(newest) and newest < _start(day - timedelta(days=1), zone)
    if held_back:
        day = datetime.fromisoformat(newest).astimezone(zone).date()
    since, until = _start(day - timedelta(days=1), zone), _start(day + timedelta(days=1), zone)
    earlier = _start(day - timedelta(days=3), zone)
    span = {"since": since, "until": until}
    fresh = rows(connection, _NEW_STORIES, {**span, "recent": _start(day - timedelta(days=7), zone)})
    moves = rows(connection, _MOVES, span)
    told = {row["id"] for row in moves}
    return Edition(
        day=day,
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        held_back=held_back,
        counts=_counts(connection, span),
        before=_counts(connection, {"since": earlier, "until": since}),
        moves=moves,
        platforms=_by_platform([row for row in fresh if row["id"] not in told]),
        unconfirmed=rows(connection, _UNCONFIRMED, {"week": _start(day - timedelta(days=7), zone)}),
        claims=rows(connection, _CLAIMS, span),
        deadlines=coming(connection, day, limit=6),
        sources=first(connection, _SOURCES),
        blind=rows(connection, _BLIND),
        run=first(connection, _RUN),
        articles=first(connection, "select count(*) from (select 1 from articles limit 1)")[0],
        chart=_chart(connection, day),
        flow=[(str(was), str(now_), int(n)) for was, now_, n in connection.execute(_FLOW)],
    )


def edition_line(it: Edition) -> str:
    """The edition in one sentence."""
    counts = it.counts
    return say(
        "edition_sentence",
        stories=say("counted_story") if counts.stories == 1 else say("counted_stories", n=counts.stories),
        official=counts.official,
        denied=counts.denied,
        unconfirmed=counts.unconfirmed,
        claims=say("counted_claim") if counts.claims == 1 else say("counted_claims", n=counts.claims),
        seen=it.sources["seen"],
        sources=it.sources["enabled"],
    )


def _counts(connection: sqlite3.Connection, span: Mapping[str, str]) -> Counts:
    new = first(connection, _NEW_COUNTS, span)
    moves = {str(status): int(n) for status, n in connection.execute(_MOVE_COUNTS, span)}
    return Counts(
        stories=new["stories"],
        unconfirmed=new["unconfirmed"],
        official=moves.get("official", 0),
        denied=moves.get("denied", 0),
        moves=sum(moves.values()),
        claims=first(connection, _CLAIM_COUNT, span)[0],
    )


def _by_platform(fresh: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The most important stories, each under its first platform, at most STORIES in all."""
    groups: dict[str, list[Any]] = {}
    for one in fresh[:STORIES]:
        platforms = listed(one["platforms"])
        groups.setdefault(str(platforms[0]) if platforms else "", []).append(one)
    return sorted(groups.items(), key=lambda group: (group[0] == "", -len(group[1]), group[0]))


def _chart(connection: sqlite3.Connection, day: date) -> Chart:
    newest, oldest = first(connection, _SPAN)
    last = min(date.fromisoformat(newest), day) if newest else day
    span = (last - date.fromisoformat(oldest)).days if oldest else 0
    days = next((days for days in (1, 7, 30) if span <= days * _BARS), 90)
    bars = min(_BARS, max(span // days + 1, _FEWEST_BARS))
    start = last - timedelta(days=days * bars - 1)
    first_days = [f"{start + timedelta(days=days * bar):%Y-%m-%d}" for bar in range(bars)]
    counts: dict[str, Counter[str]] = {}
    for of_day, platforms, n in connection.execute(_CHART, {"first": f"{start}", "last": f"{last}"}):
        bar = first_days[(date.fromisoformat(of_day) - start).days // days]
        for platform in listed(platforms):
            counts.setdefault(str(platform), Counter())[bar] += n
    largest = sorted(counts, key=lambda platform: (-counts[platform].total(), platform))[:5]
    return Chart(days=days, first_days=first_days, platforms={name: dict(counts[name]) for name in largest})


def _start(day: date, zone: ZoneInfo) -> str:
    """When a day began in `zone`, as stored times are written."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).isoformat(timespec="seconds")
