"""The articles of one story as assessing sees them, read in a handful of statements; of a very large story a choice.

The choice holds what decides: texts of those who may speak for a party, the first of each origin, what moved the
status before, the newest.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from typing import Any

from db.rows import as_json, moment
from db.stories.forms import statements_from_json
from db.types import Amount, DatedFact, Event, Evidence, Mention, StoryItem, Tags, Voice

WHOLE = 60  # a story of so many articles is looked at whole
_OFFICIAL, _ORIGINS, _NEWEST = 20, 50, 20  # of a larger one: official texts at either end, origins, newest articles

_CHOICE = f"""
    select article_id from (select article_id from story_articles where story_id = :story and official = 1
                            order by at limit {_OFFICIAL})
    union select article_id from (select article_id from story_articles where story_id = :story and official = 1
                                  order by at desc limit {_OFFICIAL})
    union select article_id from (select article_id from story_articles
                                  where story_id = :story and origin_article_id = article_id
                                  order by at limit {_ORIGINS})
    union select article_id from (select article_id from story_articles where story_id = :story
                                  order by at desc limit {_NEWEST})
    union select article_id from status_moves join story_articles using (story_id, article_id)
          where story_id = :story
"""  # noqa: S608 (constants)
_ITEMS = """
    select a.id, m.at, a.language, a.url, a.flags, a.origin_id, m.statements,
           s.id, s.kind, s.speaks_for, s.family, s.hosts
    from story_articles m join articles a on a.id = m.article_id join sources s on s.id = a.source_id
    where a.id in (select value from json_each(?)) order by m.at, a.id
"""
_TAGGED = "select id, language, relevance, lexicon from articles where id in (select value from json_each(?))"
_MENTIONS = """
    select article_id, entity, field, start, "end", surface, about from mentions
    where article_id in (select value from json_each(?)) order by article_id, field = 'text', start
"""
_EVENTS = """
    select e.article_id, e.id, e.type, e.score, e.attribution, e.polarity, e.modality, e.parties, e.audience,
           e.regions, e.effective_date, e.amounts, e.dates, v.field, v.start, v."end", v.rule, v.quote
    from events e join evidence v on v.event_id = e.id
    where e.article_id in (select value from json_each(?)) order by e.article_id, e.position, v.id
"""


def items_of(connection: sqlite3.Connection, story_id: str) -> list[StoryItem]:
    """In order of time."""
    ids = as_json(_chosen(connection, story_id))
    tags = tags_of(connection, ids)
    return [_item(row, tags[row[0]]) for row in connection.execute(_ITEMS, (ids,)).fetchall()]


def tags_of(connection: sqlite3.Connection, article_ids: str) -> dict[int, Tags]:
    """What tagging said of stored articles (a JSON list of ids)."""
    mentions, events = _mentions(connection, article_ids), _events(connection, article_ids)
    return {
        article_id: Tags(
            language=language,
            relevance=relevance,
            mentions=tuple(mentions[article_id]),
            events=tuple(events[article_id]),
            lexicon=lexicon,
        )
        for article_id, language, relevance, lexicon in connection.execute(_TAGGED, (article_ids,))
    }


def _chosen(connection: sqlite3.Connection, story_id: str) -> list[int]:
    query = "select article_id from story_articles where story_id = ? limit ?"
    ids = [article_id for (article_id,) in connection.execute(query, (story_id, WHOLE + 1))]
    if len(ids) > WHOLE:
        ids = [article_id for (article_id,) in connection.execute(_CHOICE, {"story": story_id})]
    return ids


def _item(row: tuple[Any, ...], tags: Tags) -> StoryItem:
    article_id, at, language, url, flags, origin, statements, *source = row
    source_id, kind, speaks_for, family, hosts = source
    return StoryItem(
        id=str(article_id),
        at=moment(at),
        language=language,
        voice=Voice(
            id=source_id,
            kind=kind,
            speaks_for=tuple(json.loads(speaks_for)),
            family=family,
            hosts=tuple(json.loads(hosts)),
        ),
        url=url,
        tags=tags,
        statements=statements_from_json(statements),
        origin=str(origin),
        flags=tuple(json.loads(flags)),
    )


def _mentions(connection: sqlite3.Connection, ids: str) -> dict[int, list[Mention]]:
    found: dict[int, list[Mention]] = defaultdict(list)
    for article_id, entity, field, start, end, surface, about in connection.execute(_MENTIONS, (ids,)):
        found[article_id].append(
            Mention(entity=entity, field=field, start=start, end=end, surface=surface, about=bool(about))
        )
    return found


def _events(connection: sqlite3.Connection, ids: str) -> dict[int, list[Event]]:
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    heads: dict[int, tuple[Any, ...]] = {}
    for row in connection.execute(_EVENTS, (ids,)):
        heads[row[1]] = row
        field, start, end, rule, quote = row[13:]
        evidence[row[1]].append(Evidence(field=field, start=start, end=end, rule=rule, quote=quote))
    found: dict[int, list[Event]] = defaultdict(list)
    for event_id, row in heads.items():
        found[row[0]].append(_event(row, tuple(evidence[event_id])))
    return found


def _event(row: tuple[Any, ...], evidence: tuple[Evidence, ...]) -> Event:
    type_, score, attribution, polarity, modality, parties, audience, regions, effective, amounts, dates = row[2:13]
    return Event(
        type=type_,
        score=score,
        evidence=evidence,
        attribution=attribution,
        polarity=polarity,
        modality=modality,
        parties={role: tuple(ids) for role, ids in json.loads(parties).items()},
        audience=tuple(json.loads(audience)),
        regions=tuple(json.loads(regions)),
        effective_date=effective,
        amounts=tuple(Amount(**amount) for amount in json.loads(amounts)),
        dates=tuple(DatedFact(**fact) for fact in json.loads(dates)),
    )
