"""Which story an article belongs to: joining, starting, moving, leaving. The rows alone, with their index and reasons.

Whoever changes members settles the stories concerned afterwards (`settle_or_close`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from db.records import SPEAKS_FOR
from db.rows import as_json, insert, moment, stamp, update
from db.stories.candidates import add_keys, index_anew
from db.stories.forms import (
    signature_from_json,
    signature_to_json,
    statements_from_json,
    statements_to_json,
    why_to_json,
)
from db.stories.rules import RULE, Occasion
from db.stories.settling import settle
from db.types import Assessment, Signature, Statement, StoryMatch

_ID_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Seat:
    """An article's place in a story, as its row tells it."""

    article_id: int
    story_id: str
    score: float
    why: str
    decided_by: str


def seat_of(connection: sqlite3.Connection, article_id: int) -> Seat | None:
    row = connection.execute(
        "select article_id, story_id, score, why, decided_by from story_articles where article_id = ?", (article_id,)
    ).fetchone()
    return Seat(*row) if row else None


def is_alone(connection: sqlite3.Connection, seat: Seat) -> bool:
    """Whether the article is the only one of its story."""
    query = "select 1 from story_articles where story_id = ? and article_id != ? limit 1"
    return connection.execute(query, (seat.story_id, seat.article_id)).fetchone() is None


def statements_of(connection: sqlite3.Connection, article_id: int) -> tuple[Statement, ...]:
    """What an article that is part of a story was found to say."""
    query = "select statements from story_articles where article_id = ?"
    return statements_from_json(connection.execute(query, (article_id,)).fetchone()[0])


def start(connection: sqlite3.Connection, article_id: int, now: datetime, follows: str | None = None) -> str:
    """A new story without articles; its id comes from the article's, so that the same world has the same ids."""
    source_id, url, guid, title, at, day = connection.execute(
        "select source_id, url, guid, title_key, sort_at, day from articles where id = ?", (article_id,)
    ).fetchone()
    story_id, attempt = "", 0
    while not story_id or connection.execute("select 1 from stories where id = ?", (story_id,)).fetchone():
        face = as_json([source_id, url or guid or title, at, attempt])
        story_id = "st-" + sha256(face.encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]
        attempt += 1
    times = {"first_at": at, "last_at": at, "day": day, "status_at": at, "updated_at": stamp(now)}
    insert(connection, "stories", {"id": story_id, "follows": follows, **times})
    return story_id


def join(
    connection: sqlite3.Connection,
    article_id: int,
    story_id: str,
    match: StoryMatch,
    signature: Signature,
    statements: Sequence[Statement],
) -> None:
    """An article that belongs to no story yet becomes part of one, by rule."""
    at, official = connection.execute(
        f"select sort_at, {SPEAKS_FOR} != '[]' from articles a join sources s on s.id = a.source_id where a.id = ?",  # noqa: S608 (a constant)
        (article_id,),
    ).fetchone()
    values = {
        "article_id": article_id,
        "story_id": story_id,
        "at": at,
        "score": match.score,
        "why": why_to_json(match.why),
        "decided_by": RULE,
        "origin_article_id": article_id,
        "official": official,
        "signature": signature_to_json(signature),
        "statements": statements_to_json(statements),
    }
    connection.execute("delete from story_waiting where article_id = ?", (article_id,))
    insert(connection, "story_articles", values)
    connection.execute(_GROW, {"story": story_id, "at": at})
    add_keys(connection, story_id, signature, moment(at))


_GROW = """
    update stories set articles = articles + 1, origins = origins + 1, first_at = min(first_at, :at),
        last_at = max(last_at, :at)
    where id = :story
"""


def reread(connection: sqlite3.Connection, seat: Seat, signature: Signature, statements: Sequence[Statement]) -> None:
    """The article was edited or tagged anew: what is compared and claimed changes, its story does not."""
    (at,) = connection.execute("select at from story_articles where article_id = ?", (seat.article_id,)).fetchone()
    connection.execute(
        "update story_articles set signature = ?, statements = ? where article_id = ?",
        (signature_to_json(signature), statements_to_json(statements), seat.article_id),
    )
    add_keys(connection, seat.story_id, signature, moment(at))


def reseat(connection: sqlite3.Connection, seats: Sequence[Seat]) -> None:
    """Bring articles to the stories that these seats name, by their author and reason; mend what they leave."""
    left: set[str] = set()
    for seat in seats:
        old, at, signature = connection.execute(
            "select story_id, at, signature from story_articles where article_id = ?", (seat.article_id,)
        ).fetchone()
        values = (seat.story_id, seat.decided_by, seat.why, seat.score, seat.article_id)
        connection.execute(_RESEAT, values)
        add_keys(connection, seat.story_id, signature_from_json(signature), moment(at))
        left.add(old)
    for story_id in left:
        mend(connection, story_id)
    for story_id in {seat.story_id for seat in seats}:
        count(connection, story_id)


_RESEAT = """
    update story_articles set story_id = ?, decided_by = ?, why = ?, score = ?, origin_article_id = article_id
    where article_id = ?
"""


def leave(connection: sqlite3.Connection, seat: Seat) -> None:
    """An article that tells no story any more."""
    connection.execute("delete from story_articles where article_id = ?", (seat.article_id,))
    mend(connection, seat.story_id)


def settle_or_close(
    connection: sqlite3.Connection, story_id: str, occasion: Occasion, into: str | None = None
) -> Assessment | None:
    """Assess a story whose members changed. One that has none left redirects to `into`, or goes where there is none."""
    if connection.execute("select 1 from story_articles where story_id = ? limit 1", (story_id,)).fetchone():
        return settle(connection, story_id, occasion)
    if into:
        close(connection, story_id, into, occasion)
    else:
        remove(connection, story_id)
    return None


def remove(connection: sqlite3.Connection, story_id: str) -> None:
    """A story without articles, with the redirects that lead to it."""
    chain = """
        with recursive gone(id) as (
            select ? union select s.id from gone join stories s on s.merged_into = gone.id)
        select id from gone
    """
    ids = as_json([one for (one,) in connection.execute(chain, (story_id,))])
    connection.execute("delete from stories where id in (select value from json_each(?))", (ids,))


def recount(connection: sqlite3.Connection, story_id: str) -> None:
    """A story that lost articles where nobody can assess it: its counts are right, and it waits to be assessed."""
    mend(connection, story_id)
    update(connection, "stories", story_id, {"rules": ""})


def close(connection: sqlite3.Connection, story_id: str, into: str, occasion: Occasion) -> None:
    """A story whose articles are all elsewhere: its address leads there, what followed it follows that one."""
    connection.execute("update stories set follows = nullif(?, id) where follows = ?", (into, story_id))
    for table in ("claims", "deadlines", "story_keys"):
        connection.execute(f"delete from {table} where story_id = ?", (story_id,))  # noqa: S608 (constants)
    connection.execute("delete from status_moves where story_id = ? and decided_by = ?", (story_id, RULE))
    values = {"merged_into": into, "lead_article_id": None, "articles": 0, "origins": 0, "families": 0}
    update(
        connection, "stories", story_id, {**values, "rules": occasion.rules.version, "updated_at": stamp(occasion.now)}
    )


def mend(connection: sqlite3.Connection, story_id: str) -> None:
    """After articles left: the index and counts of the others; those whose origin left with one begin their own."""
    index_anew(connection, story_id)
    connection.execute(
        "update story_articles set origin_article_id = article_id where story_id = ?1 and origin_article_id not in"
        " (select article_id from story_articles where story_id = ?1)",
        (story_id,),
    )
    count(connection, story_id)


def count(connection: sqlite3.Connection, story_id: str) -> None:
    """Articles, origins and times from the rows. A join counts as it goes: reading a large story takes long."""
    articles, origins, first_at, last_at = connection.execute(
        "select count(*), count(distinct origin_article_id), min(at), max(at) from story_articles where story_id = ?",
        (story_id,),
    ).fetchone()
    times = {"first_at": first_at, "last_at": last_at} if articles else {}
    update(connection, "stories", story_id, {"articles": articles, "origins": origins, **times})
