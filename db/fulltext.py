"""The full-text index of articles. It holds no text of its own, so removing needs what was added: `searchable`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db.text import set_apart


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
    connection.execute(
        "insert into search (rowid, title, text) values (?, ?, ?)", (article_id, set_apart(title), set_apart(text))
    )


def remove(connection: sqlite3.Connection, article_id: int, title: str, text: str) -> None:
    connection.execute(
        "insert into search (search, rowid, title, text) values ('delete', ?, ?, ?)",
        (article_id, set_apart(title), set_apart(text)),
    )
