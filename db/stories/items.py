"""The articles of one story as assessing sees them, read in a handful of statements; of a very large story a choice.

The choice holds what decides: texts of those who may speak for a party, the first of each origin, what moved the
status before, the newest.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from db import tag_rows
from db.records import SPEAKS_FOR
from db.rows import as_json, moment
from db.stories.forms import statements_from_json
from db.types import StoryItem, Tags, Voice

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
_COPIED = """
    select (select m.article_id from articles c join story_articles m on m.article_id = c.id
            where c.origin_id = o.origin_id and m.story_id = :story order by c.id limit 1)
    from (select distinct origin_id from articles where id in (select value from json_each(:ids))) o
"""
_BEGUN = """
    select distinct origin_article_id from story_articles where article_id in (select value from json_each(:ids))
"""
_ITEMS = f"""
    select a.id, m.at, a.language, a.url, a.canonical_url, a.flags, a.origin_id, m.statements,
           s.id, s.kind, {SPEAKS_FOR}, s.family, s.hosts
    from story_articles m join articles a on a.id = m.article_id join sources s on s.id = a.source_id
    where a.id in (select value from json_each(?)) order by m.at, a.id
"""  # noqa: S608 (a constant)


def items_of(connection: sqlite3.Connection, story_id: str) -> list[StoryItem]:
    """In order of time."""
    ids = _chosen(connection, story_id)
    tags = tag_rows.load(connection, ids)
    return [_item(row, tags[row[0]]) for row in connection.execute(_ITEMS, (as_json(ids),)).fetchall()]


def _chosen(connection: sqlite3.Connection, story_id: str) -> list[int]:
    query = "select article_id from story_articles where story_id = ? limit ?"
    ids = [article_id for (article_id,) in connection.execute(query, (story_id, WHOLE + 1))]
    if len(ids) > WHOLE:
        ids = [article_id for (article_id,) in connection.execute(_CHOICE, {"story": story_id})]
        for query in (_COPIED, _BEGUN):  # else a copy would seem to be an origin of its own
            ids += [one for (one,) in connection.execute(query, {"story": story_id, "ids": as_json(ids)}) if one]
    return list(dict.fromkeys(ids))


def _item(row: tuple[Any, ...], tags: Tags) -> StoryItem:
    article_id, at, language, url, canonical_url, flags, origin, statements, *source = row
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
        canonical_url=canonical_url,
        tags=tags,
        statements=statements_from_json(statements),
        origin=str(origin),
        flags=tuple(json.loads(flags)),
    )
