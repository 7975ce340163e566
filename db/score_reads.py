"""What the scoreboard is computed from: per voice, the stories it covered and all that it published."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from statistics import median

from db.rows import moment, moment_or_none, stamp
from db.scoreboard import Coverage, Score, Volume, scoreboard

_RUNS = 60  # newest crawls of a source whose distance is its interval

# A person's channels are one voice; what an aggregator finds about them is of another family, so said by others.
_SPEAKS = "family = person and person in (select id from people)"
_VOICES = f"""
    voices as materialized (select id, iif({_SPEAKS}, '@' || person, id) as voice from sources)
"""  # noqa: S608 (constants)
# Each part reads an index alone: rows of articles and stories carry texts, and a year of them is hundreds of thousands.
_COVERAGE = f"""
    with {_VOICES}, living as materialized (
        select id, status from stories indexed by stories_newest where merged_into is null and last_at >= :since
    ), beyond as materialized (
        select distinct article_id, story_id from claims c
        where verdict in ('broader', 'contradicted', 'not_in_official') and not exists (
            select 1 from triage t where t.article_id = c.article_id and t.kind = 'overclaim' and t.value = 'unfounded'
                and t.story_id = c.story_id and t.note = c.slot and t.undone_at is null)
    ), speaking as materialized (
        select article_id from story_articles indexed by story_articles_official where official = 1
    ), texts as (
        select v.voice, m.story_id, m.origin_article_id, min(m.at) as at,
               m.origin_article_id = m.article_id or v.voice is (
                   select began.voice from articles f indexed by articles_voice
                   join voices began on began.id = f.source_id where f.id = m.origin_article_id) as own,
               max(o.article_id is not null) as speaks, max(b.article_id is not null) as over
        from story_articles m indexed by story_articles_story
        cross join articles a indexed by articles_voice on a.id = m.article_id
        join voices v on v.id = a.source_id
        left join speaking o on o.article_id = m.article_id
        left join beyond b on b.article_id = m.article_id and b.story_id = m.story_id
        where m.at >= :since
        group by m.story_id, v.voice, m.origin_article_id
    ), official as materialized (
        select story_id, min(at) as at from status_moves where status = 'official' group by story_id
    )
    select t.voice, min(iif(t.own, t.at, null)), sum(t.own), sum(not t.own), sum(t.own and t.over),
           o.at, max(t.speaks), s.status
    from texts t join living s on s.id = t.story_id left join official o on o.story_id = t.story_id
    group by t.voice, t.story_id
"""  # noqa: S608 (constants)
# By rule, or because a reader called the article or its whole story so.
_NOISE = """(relevance = 0 or a.id in (
        select coalesce(t.article_id, m.article_id) from triage t indexed by triage_kind
        left join story_articles m on m.story_id = t.story_id and t.article_id is null
        where t.kind = 'noise' and t.undone_at is null))"""
_VOLUMES = f"""
    select source_id, count(*), sum({_NOISE}) from articles a indexed by articles_facets where day >= :day group by 1
"""  # noqa: S608 (constants)
# One post in two channels of a person counts once; it is noise if it is so in all of them.
_OF_PERSONS = f"""
    select '@' || person, count(*), sum(noise) from (
        select s.person, min({_NOISE}) as noise from sources s join articles a on a.source_id = s.id
        where {_SPEAKS} and a.day >= :day group by s.person, a.origin_id)
    group by person
"""  # noqa: S608 (constants)
_CHANNELS = f"select id from sources where {_SPEAKS}"  # noqa: S608 (constants)
_CRAWLS = f"""
    with {_VOICES}
    select voice, source_id, at from (
        select source_id, at, row_number() over (partition by source_id order by run_id desc) as place
        from run_sources where at >= :since) join voices on voices.id = source_id
    where place <= :runs order by source_id, at
"""  # noqa: S608 (constants)


def scores(connection: sqlite3.Connection, *, since: datetime) -> list[Score]:
    """The scoreboard of what was published since then, volumes by whole days. Raises sqlite3.Error."""
    key = {"since": stamp(since), "day": since.date().isoformat(), "runs": _RUNS}
    coverage = [
        Coverage(
            voice=voice,
            at=moment_or_none(at),
            own=own,
            echoed=echoed,
            over_claims=over,
            official_at=moment_or_none(official_at),
            speaks=bool(speaks),
            status=status,
        )
        for voice, at, own, echoed, over, official_at, speaks, status in connection.execute(_COVERAGE, key)
    ]
    intervals = _intervals(connection, key)
    channels = {source_id for (source_id,) in connection.execute(_CHANNELS)}
    counted = [row for row in connection.execute(_VOLUMES, key) if row[0] not in channels]
    volumes = {
        voice: Volume(articles=articles, noise=noise, crawl_hours=intervals.get(voice))
        for voice, articles, noise in (*counted, *connection.execute(_OF_PERSONS, key))
    }
    return scoreboard(coverage, volumes)


def _intervals(connection: sqlite3.Connection, key: Mapping[str, object]) -> dict[str, float]:
    """Hours between two crawls of a voice: the median of a source's newest ones, the longest of a person's channels."""
    times: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for voice, source_id, at in connection.execute(_CRAWLS, key):
        times[voice, source_id].append(moment(at))
    found: dict[str, float] = {}
    for (voice, _), moments in times.items():
        if len(moments) > 1:
            hours = median((later - earlier).total_seconds() / 3600 for earlier, later in pairwise(moments))
            found[voice] = max(hours, found.get(voice, 0.0))
    return found
