"""The inverted index of threading: stored stories that share keys with an article, in bounded work however large
the archive is. Which of them the article joins is decided elsewhere."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from db.rows import moment
from db.stories.forms import signature_from_json
from db.types import Signature, StoryCandidate, StoryMember

KEYS = 48  # of a signature that are asked for
_PER_KEY = 120  # rows read of one key, newest days first: what everything shares finds nothing
CANDIDATES = 24
_EARLIEST, _NEWEST = 2, 4  # members of a candidate that are compared

_BY_KEY = "select story_id from story_keys where key = ? and day between ? and ? order by day desc limit ?"
_MEMBER = "select article_id, at, signature from story_articles where story_id = ? and article_id != ? order by at"


def candidates(
    connection: sqlite3.Connection, signature: Signature, at: datetime, window_days: int, without: int = 0
) -> list[StoryCandidate]:
    """Stories with articles within the window before or after `at`, best first; `without` is the article itself."""
    window = timedelta(days=window_days)
    first, last = ((at + shift).date().isoformat() for shift in (-window, window))
    hits = {
        key: [story for (story,) in connection.execute(_BY_KEY, (key, first, last, _PER_KEY))]
        for key in signature.keys[:KEYS]
    }
    found = (candidate(connection, story_id, without) for story_id in rank(hits))
    return [one for one in found if one is not None]


def rank(hits: Mapping[str, Iterable[str]]) -> list[str]:
    """Stories by the keys they share with an article: a key that few stories have counts most. Pure."""
    shares: dict[str, float] = defaultdict(float)
    for stories in hits.values():
        distinct = set(stories)
        for story_id in distinct:
            shares[story_id] += 1 / len(distinct)
    return sorted(shares, key=lambda story_id: (-shares[story_id], story_id))[:CANDIDATES]


def candidate(connection: sqlite3.Connection, story_id: str, without: int = 0) -> StoryCandidate | None:
    """A story as threading sees it: its first and its newest articles; None when it has none but `without`."""
    row = connection.execute("select first_at, last_at, articles from stories where id = ?", (story_id,)).fetchone()
    members = {
        article_id: (at, signature)
        for order, limit in (("", _EARLIEST), (" desc", _NEWEST))
        for article_id, at, signature in connection.execute(f"{_MEMBER}{order} limit {limit}", (story_id, without))
    }
    if not members:
        return None
    return StoryCandidate(
        story_id=story_id,
        first_at=moment(row[0]),
        last_at=moment(row[1]),
        articles=row[2],
        members=tuple(
            StoryMember(article_id=str(article_id), at=moment(at), signature=signature_from_json(signature))
            for article_id, (at, signature) in sorted(members.items(), key=lambda item: item[1][0])
        ),
    )


def add_keys(connection: sqlite3.Connection, story_id: str, signature: Signature, at: datetime) -> None:
    day = at.date().isoformat()
    connection.executemany(
        "insert or ignore into story_keys (key, day, story_id) values (?, ?, ?)",
        [(key, day, story_id) for key in signature.keys[:KEYS]],
    )


def index_anew(connection: sqlite3.Connection, story_id: str) -> None:
    """The keys of a story from the articles it has now; after some left it."""
    connection.execute("delete from story_keys where story_id = ?", (story_id,))
    rows = connection.execute("select at, signature from story_articles where story_id = ?", (story_id,)).fetchall()
    for at, signature in rows:
        add_keys(connection, story_id, signature_from_json(signature), moment(at))
