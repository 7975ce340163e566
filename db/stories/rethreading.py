"""The whole archive into stories again, in order of time: after a change of rules, or for articles from before stories.

Ids, triage and people's decisions stay; a story that empties leads to where its last article went. Taken up again
where it ended, in short transactions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from db import tag_rows
from db.rows import insert, stamp
from db.store import Store
from db.stories.forms import signature_from_json, why_to_json
from db.stories.membership import (
    Seat,
    is_alone,
    join,
    leave,
    reread,
    reseat,
    seat_of,
    settle_or_close,
    start,
)
from db.stories.rules import RULE, Occasion, StoryRules, tells_a_story
from db.stories.threading import choose
from db.types import Signature, Statement, Tags

_AT_ONCE = 40  # articles in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is stored of an article, and its tags."""

    title: str
    text: str
    language: str
    day: str  # ISO day of publication, or of the first sight
    tags: Tags


Read = Callable[[Reading], tuple[Signature, tuple[Statement, ...]]]

_NEXT = """
    select a.id, a.sort_at, a.title, a.text, a.language, s.keep_text = 'full', a.form = 'page'
    from articles a join sources s on s.id = a.source_id
    where (a.sort_at, a.id) > (:at, :id) order by a.sort_at, a.id limit :limit
"""
_STATE = "select version, upto_at, upto from story_state"
_REMEMBER = "update story_state set version = ?, upto_at = ?, upto = ?"


def is_rethreaded(connection: sqlite3.Connection, version: str) -> bool:
    """Whether the whole archive was threaded again by this version."""
    known, _, upto = connection.execute(_STATE).fetchone()
    return bool(known == version and upto is None)


def ask(store: Store, version: str) -> None:
    """Remember that the archive is to be threaded again by this version, from its beginning. Raises StoreError."""
    with store.writing() as connection:
        connection.execute(_REMEMBER, (version, "", 0))


def is_asked(connection: sqlite3.Connection, version: str) -> bool:
    """Whether a threading by this version was begun or asked for, and has not ended."""
    known, _, upto = connection.execute(_STATE).fetchone()
    return bool(known == version and upto is not None)


def rethread(
    store: Store,
    read: Read,
    rules: StoryRules,
    now: datetime,
    zone: ZoneInfo,
    *,
    version: str,
    at_most: int | None = None,
) -> bool:
    """Decide for every stored article which story it belongs to; whether that is done. Signals of it alert nobody.

    `read` gives signature and statements; for articles whose text was cut and that have a story, what was read of the
    whole text stays. `version` names the rules with the tags they rest on: another one begins anew. Stops after about
    `at_most` articles; call again to go on. Raises StoreError.
    """
    occasion, done = Occasion(rules, now, zone, baseline=True), 0
    with store.reading() as connection:
        finished = is_rethreaded(connection, version)
    while not finished and (at_most is None or done < at_most):
        with store.reading() as connection:
            rows = _next(connection, version)
            tags = tag_rows.load(connection, [row[0] for row in rows])
        found = [_read(row, tags[row[0]], read) for row in rows]
        with store.writing() as connection:
            _decide(connection, found, occasion)
            upto = rows[-1][:2] if len(rows) == _AT_ONCE else None
            values = (version, upto[1], upto[0]) if upto else (version, None, None)
            connection.execute(_REMEMBER, values)
        done, finished = done + len(rows), upto is None
    return finished


def _next(connection: sqlite3.Connection, version: str) -> list[tuple[int, str, str, str, str, int, int]]:
    """(id, time, title, text, language, whole, watched) of the articles after the last one these rules have seen."""
    begun, at, upto = connection.execute(_STATE).fetchone()
    same = begun == version and upto is not None
    place = {"at": at if same else "", "id": upto if same else 0, "limit": _AT_ONCE}
    return connection.execute(_NEXT, place).fetchall()


@dataclass(frozen=True, slots=True)
class _Found:
    article_id: int
    whole: bool
    signature: Signature | None  # None: tells no story
    statements: tuple[Statement, ...] = ()


def _read(row: tuple[int, str, str, str, str, int, int], tags: Tags, read: Read) -> _Found:
    article_id, at, title, text, language, whole, page = row
    if page or not tells_a_story(tags):
        return _Found(article_id, bool(whole), None)
    reading = Reading(title=title, text=text, language=language, day=at[:10], tags=tags)
    return _Found(article_id, bool(whole), *read(reading))


def _decide(connection: sqlite3.Connection, found: Sequence[_Found], occasion: Occasion) -> None:
    """A batch of articles, one after the other; the stories they touch are assessed once, at the end."""
    touched: dict[str, str | None] = {}  # story → where it leads if nothing is left of it
    for one in found:
        seat = seat_of(connection, one.article_id)
        if seat is None:
            if one.signature is not None:
                touched.setdefault(_seat_new(connection, one, occasion), None)
            continue
        touched.setdefault(seat.story_id, None)
        if one.signature is None:
            if seat.decided_by == RULE:
                leave(connection, seat)
            continue
        if one.whole:
            reread(connection, seat, one.signature, one.statements)
        moved = _moved(connection, seat, occasion) if seat.decided_by == RULE else None
        if moved:
            touched[seat.story_id] = moved
            touched.setdefault(moved, None)
    for story_id, into in touched.items():
        settle_or_close(connection, story_id, occasion, into=into)


def _seat_new(connection: sqlite3.Connection, one: _Found, occasion: Occasion) -> str:
    assert one.signature is not None
    match = choose(connection, one.article_id, one.signature, occasion.rules)
    story_id = match.story_id or start(connection, one.article_id, occasion.now, match.follows)
    join(connection, one.article_id, story_id, match, one.signature, one.statements)
    return story_id


def _moved(connection: sqlite3.Connection, seat: Seat, occasion: Occasion) -> str | None:
    """The other story that an article is in now, or None where it stays; a move is logged."""
    query = "select signature from story_articles where article_id = ?"
    signature = signature_from_json(connection.execute(query, (seat.article_id,)).fetchone()[0])
    match = choose(connection, seat.article_id, signature, occasion.rules)
    if match.story_id == seat.story_id or (match.story_id is None and is_alone(connection, seat)):
        return None
    story_id = match.story_id or start(connection, seat.article_id, occasion.now, match.follows)
    reseat(connection, [replace(seat, story_id=story_id, why=why_to_json(match.why), score=match.score)])
    values = {"at": stamp(occasion.now), "kind": "move", "story_id": seat.story_id, "other_story_id": story_id}
    insert(
        connection,
        "story_decisions",
        {**values, "article_id": seat.article_id, "decided_by": RULE, "score": match.score},
    )
    return story_id
