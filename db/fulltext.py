"""The full-text index of articles. It holds no text of its own, so removing needs what was added: `searchable`.

What was added was folded; when the folding changes (db.text.fold_version) the index is made anew, step by step. Until
a step reaches an article, its entry does not exist and must be neither added nor removed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db.text import fold_version, set_apart

_STEP = 250  # articles in one transaction


def searchable(text: str, quotes: Iterable[str]) -> str:
    """What is searched besides the headline: the stored text, and quoted evidence from beyond it."""
    return "\n".join([text, *dict.fromkeys(quote for quote in quotes if quote not in text)])


def stored_quotes(connection: sqlite3.Connection, article_id: int) -> list[str]:
    return [
        quote
        for (quote,) in connection.execute(
            "select quote from events join evidence on event_id = events.id where article_id = ?"
            " order by position, evidence.id",
            (article_id,),
        )
    ]


def add(connection: sqlite3.Connection, article_id: int, title: str, text: str) -> None:
    if _is_reached(connection, article_id):
        _add(connection, article_id, title, text)


def remove(connection: sqlite3.Connection, article_id: int, title: str, text: str) -> None:
    if _is_reached(connection, article_id):
        connection.execute(
            "insert into search (search, rowid, title, text) values ('delete', ?, ?, ?)",
            (article_id, set_apart(title), set_apart(text)),
        )


def is_stale(connection: sqlite3.Connection) -> bool:
    """Whether articles are missing from the index in the present folding."""
    return _state(connection) != (fold_version(), None)


def step(connection: sqlite3.Connection) -> int:
    """Begin, continue or end the making of the index; the caller holds the transaction. Returns articles done."""
    version, upto = _state(connection)
    if version != fold_version():
        connection.execute("insert into search (search) values ('delete-all')")
        upto = 0
    if upto is None:
        return 0
    rows = connection.execute(
        "select id, title, text from articles where id > ? order by id limit ?", (upto, _STEP)
    ).fetchall()
    for article_id, title, text in rows:
        _add(connection, article_id, title, searchable(text, stored_quotes(connection, article_id)))
    connection.execute(
        "update search_state set version = ?, upto = ?", (fold_version(), rows[-1][0] if len(rows) == _STEP else None)
    )
    return len(rows)


def merge(connection: sqlite3.Connection, *, first: bool) -> bool:
    """One bounded step of writing the index anew without what was removed; False when there is nothing left to do."""
    before = connection.total_changes
    # sqlite.org/fts5.html, "the merge command": a negative number begins what positive ones continue.
    connection.execute("insert into search (search, rank) values ('merge', ?)", (-_STEP if first else _STEP,))
    return connection.total_changes - before >= 2


def _add(connection: sqlite3.Connection, article_id: int, title: str, text: str) -> None:
    connection.execute(
        "insert into search (rowid, title, text) values (?, ?, ?)", (article_id, set_apart(title), set_apart(text))
    )


def _is_reached(connection: sqlite3.Connection, article_id: int) -> bool:
    version, upto = _state(connection)
    if version != fold_version():
        return False  # the first step empties the index
    return upto is None or article_id <= upto


def _state(connection: sqlite3.Connection) -> tuple[str, int | None]:
    version, upto = connection.execute("select version, upto from search_state where one = 1").fetchone()
    return version, upto
