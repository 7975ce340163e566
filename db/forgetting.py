"""Deleting one person's items on request, everywhere, and keeping them from coming back. Nobody else's are touched.

A name is one author as the publisher wrote it; case, blanks and marks do not count. What is kept is a hash of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from db import fulltext, origins
from db.forgotten import author_key
from db.rows import as_json, stamp
from db.store import Store
from db.stories.tending import after_leave, take_leave
from db.text import title_key
from db.urls import redact

_STEP = 100  # articles in one transaction


@dataclass(frozen=True, slots=True)
class Items:
    """What bears a name: articles, how many per source, and authors whose names merely hold it (left alone)."""

    articles: tuple[int, ...]
    sources: Mapping[str, int]
    similar: tuple[str, ...]


def items_of(store: Store, name: str) -> Items:
    """What `forget` would delete. Raises StoreError; ValueError for a name without letters."""
    wanted = title_key(name)
    if not wanted:
        raise ValueError("a name without letters")
    similar: set[str] = set()
    bylines = []
    with store.reading() as connection:
        for (byline,) in connection.execute("select distinct authors from articles where authors != '[]'"):
            keys = {author: title_key(author) for author in json.loads(byline)}
            if wanted in keys.values():
                bylines.append(byline)
            similar.update(author for author, key in keys.items() if wanted in key and wanted != key)
        rows = connection.execute(
            "select id, source_id from articles where authors in (select value from json_each(?)) order by id",
            (as_json(bylines),),
        ).fetchall()
    return Items(
        articles=tuple(article_id for article_id, _ in rows),
        sources=dict(Counter(source_id for _, source_id in rows)),
        similar=tuple(sorted(similar)),
    )


def forget(store: Store, name: str, now: datetime) -> Items:
    """Delete the person's items and what was derived from them, and refuse them from now on; repeatable.

    Deleted bytes are overwritten in the file. Backups made earlier are not touched. Stories that lose articles wait to
    be assessed anew (db.stories.tending). Raises StoreError, ValueError.
    """
    with store.writing() as connection:
        values = (author_key(name), stamp(now))
        connection.execute("insert or ignore into forgotten (author_hash, at) values (?, ?)", values)
    items = items_of(store, name)
    store.connection.execute("pragma secure_delete = on")
    for start in range(0, len(items.articles), _STEP):
        with store.writing() as connection:
            _delete(connection, items.articles[start : start + _STEP])
    if items.articles:
        _write_index_anew(store)
    with store.reading() as connection:
        connection.execute("pragma wal_checkpoint(truncate)")  # the log still holds the pages as they were
    return items


def _delete(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Addresses, revisions, mentions, events, evidence and its place in a story go with the article's row."""
    marks = as_json(list(ids))
    stories = take_leave(connection, marks)
    urls = connection.execute(
        "select url from addresses where article_id in (select value from json_each(:ids))"
        " union select url from articles where id in (select value from json_each(:ids)) and url is not null",
        {"ids": marks},
    ).fetchall()
    connection.execute(
        "delete from fetches where purpose = 'article' and url in (select value from json_each(?))",
        (as_json([redact(url) for (url,) in urls]),),
    )
    rows = connection.execute(
        "select id, title, text, sketch_bands, origin_id from articles where id in (select value from json_each(?))",
        (marks,),
    ).fetchall()
    for article_id, title, text, bands, origin_id in rows:
        quotes = fulltext.stored_quotes(connection, article_id)
        fulltext.remove(connection, article_id, title, fulltext.searchable(text, quotes))
        origins.remove_bands(connection, article_id, bands)
        connection.execute("delete from articles where id = ?", (article_id,))
        origins.leave(connection, origin_id)
    after_leave(connection, stories)


def _write_index_anew(store: Store) -> None:
    """An index without text still holds the words of what was removed, until its parts are merged."""
    first = True
    while True:
        with store.writing() as connection:
            if not fulltext.merge(connection, first=first):
                return
        first = False
