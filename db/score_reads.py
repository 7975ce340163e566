"""What the scoreboard is computed from: per source, the stories it covered and all that it published."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from statistics import median

from db.rows import moment, moment_or_none, stamp
from db.scoreboard import Coverage, Score, Volume, scoreboard

_RUNS = 60  # newest crawls of a source whose distance is its interval

_COVERAGE = """
    with texts as (
        select a.source_id, m.story_id, m.origin_article_id, min(m.at) as at, first.source_id = a.source_id as own,
               max(m.official) as speaks,
               max(exists (select 1 from claims c where c.article_id = m.article_id and c.story_id = m.story_id
                           and c.verdict in ('broader', 'contradicted', 'not_in_official'))) as over
        from story_articles m join articles a on a.id = m.article_id
        join articles first on first.id = m.origin_article_id
        where m.at >= ?
        group by a.source_id, m.story_id, m.origin_article_id
    ), official as (
        select story_id, min(at) as at from status_moves where status = 'official' group by story_id
    )
    select t.source_id, min(iif(t.own, t.at, null)), sum(t.own), sum(not t.own), sum(t.own and t.over),
           o.at, max(t.speaks), s.status
    from texts t join stories s on s.id = t.story_id left join official o on o.story_id = t.story_id
    group by t.source_id, t.story_id
"""
_VOLUMES = """
    select source_id, count(*), sum(relevance = 0 or exists (
        select 1 from triage t where t.article_id = a.id and t.kind = 'noise' and t.undone_at is null))
    from articles a where sort_at >= ? group by source_id
"""
_CRAWLS = """
    select source_id, at from (
        select source_id, at, row_number() over (partition by source_id order by run_id desc) as place
        from run_sources where at >= ?) where place <= ? order by source_id, at
"""


def scores(connection: sqlite3.Connection, *, since: datetime) -> list[Score]:
    """The scoreboard of what was published since then. Raises sqlite3.Error."""
    earliest = stamp(since)
    coverage = [
        Coverage(
            source_id=source_id,
            at=moment_or_none(at),
            own=own,
            echoed=echoed,
            over_claims=over,
            official_at=moment_or_none(official_at),
            speaks=bool(speaks),
            status=status,
        )
        for source_id, at, own, echoed, over, official_at, speaks, status in connection.execute(_COVERAGE, (earliest,))
    ]
    intervals = _intervals(connection, earliest)
    volumes = {
        source_id: Volume(articles=articles, noise=noise, crawl_hours=intervals.get(source_id))
        for source_id, articles, noise in connection.execute(_VOLUMES, (earliest,))
    }
    return scoreboard(coverage, volumes)


def _intervals(connection: sqlite3.Connection, earliest: str) -> dict[str, float]:
    """Hours between two crawls of a source, the median of its newest ones."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for source_id, at in connection.execute(_CRAWLS, (earliest, _RUNS)):
        times[source_id].append(moment(at))
    return {
        source_id: median((later - earlier).total_seconds() / 3600 for earlier, later in pairwise(moments))
        for source_id, moments in times.items()
        if len(moments) > 1
    }
