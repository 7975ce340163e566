"""The one decision per article: it joins a stored story, or starts one. In the transaction that stores the article.

A decision of a person is never changed here. An article keeps its story when it is edited or tagged anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from db.rows import insert, moment
from db.stories import signals
from db.stories.candidates import candidates
from db.stories.forms import signature_from_json, signature_to_json, statements_from_json, statements_to_json
from db.stories.membership import join, leave, reread, seat_of, settle_or_close, start, statements_of
from db.stories.rules import RULE, Occasion, StoryRules, tells_a_story
from db.types import Signature, Statement, StoryMatch, StoryMember, TaggedArticle, Why

_COPIES = 20  # of a text that are asked for their story


def place(
    connection: sqlite3.Connection, article_id: int, tagged: TaggedArticle, occasion: Occasion, *, edited: bool = False
) -> None:
    """Bring the stories up to date with an article that was just stored, edited or tagged anew.

    What a source's first crawl brings waits until the crawl is over (`thread_waiting`). A watched page is no news;
    what changes on it is.
    """
    seat, signature = seat_of(connection, article_id), tagged.signature
    connection.execute("delete from story_waiting where article_id = ?", (article_id,))
    if signature is None or tagged.article.form == "page" or not tells_a_story(tagged.tags):
        if seat and seat.decided_by == RULE:
            leave(connection, seat)
            settle_or_close(connection, seat.story_id, occasion)
    elif seat:
        said = statements_of(connection, article_id)
        reread(connection, seat, signature, tagged.statements)
        found = settle_or_close(connection, seat.story_id, occasion)
        if edited and found and str(article_id) in found.officials:
            signals.of_change(connection, seat.story_id, article_id, said, tagged.statements, occasion.now)
    elif signals.is_first_crawl(connection, tagged.article.source_id):
        values = {"signature": signature_to_json(signature), "statements": statements_to_json(tagged.statements)}
        insert(connection, "story_waiting", {"article_id": article_id, **values})
    else:
        thread(connection, article_id, signature, tagged.statements, occasion)


def thread(
    connection: sqlite3.Connection,
    article_id: int,
    signature: Signature,
    statements: Sequence[Statement],
    occasion: Occasion,
) -> None:
    """An article that is part of no story joins one or starts one; the story is assessed."""
    match = choose(connection, article_id, signature, occasion.rules)
    story_id = match.story_id or start(connection, article_id, occasion.now, match.follows)
    join(connection, article_id, story_id, match, signature, statements)
    settle_or_close(connection, story_id, occasion)


def thread_waiting(connection: sqlite3.Connection, occasion: Occasion, at_most: int = 25) -> int:
    """Some of the articles that wait, the oldest first; how many are left. Too old for news: they alert nobody."""
    rows = connection.execute(_WAITING, (at_most,)).fetchall()
    for article_id, at, seen_at, signature, said in rows:
        old = moment(seen_at) - moment(at) > signals.BASELINE_AGE
        found = signature_from_json(signature), statements_from_json(said)
        thread(connection, article_id, *found, replace(occasion, baseline=old))
    (left,) = connection.execute("select count(*) from story_waiting").fetchone()
    return int(left)


_WAITING = """
    select article_id, sort_at, seen_at, signature, statements from story_waiting join articles a on a.id = article_id
    order by sort_at, article_id limit ?
"""


def choose(connection: sqlite3.Connection, article_id: int, signature: Signature, rules: StoryRules) -> StoryMatch:
    """The story of an article that has none: that of the text it copies, else what the rule says of the candidates."""
    (sort_at,) = connection.execute("select sort_at from articles where id = ?", (article_id,)).fetchone()
    at = moment(sort_at)
    copied = _copied(connection, article_id, at, rules.window_days)
    if copied:
        return copied
    member = StoryMember(article_id=str(article_id), at=at, signature=signature)
    return rules.choose(member, candidates(connection, signature, at, rules.window_days, without=article_id))


def _copied(connection: sqlite3.Connection, article_id: int, at: datetime, window_days: int) -> StoryMatch | None:
    """A near-copy is the same news, unless it is a template that comes again much later."""
    row = connection.execute(_COPIED, (article_id, at.isoformat())).fetchone()
    if row is None or abs(moment(row[2]) - at) > timedelta(days=window_days):
        return None
    story_id, original, _, score = row
    why = (Why(kind="copy", with_article=str(original), weight=score),)
    return StoryMatch(story_id=story_id, score=score, why=why)


_COPIED = f"""
    with own as (select origin_id, copy_score from articles where id = ?1),
    others as (select id from articles where origin_id = (select origin_id from own) and id != ?1
               order by id desc limit {_COPIES})
    select story_id, article_id, at, copy_score from own, others join story_articles on article_id = others.id
    order by abs(julianday(at) - julianday(?2)), article_id limit 1
"""  # noqa: S608 (a constant)
