"""The rows of what people say: added once, replaced, taken back. Rows only ever come; undoing marks one and keeps it.

Every function works in a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass

#: Said once or not at all; saying it again adds nothing.
ONCE = ("read", "important", "noise", "wrong_tag", "wrong_story")
#: The newest answer takes the place of older ones.
REPLACING = ("owner", "hand_over", "overclaim")

_KNOWN_STORY = "select 1 from stories where id = ?"
_KNOWN_ARTICLE = "select 1 from story_articles where article_id = ? and story_id = ?"
_SAID = """
    select id from triage where story_id = :story and article_id is :article and kind = :kind and undone_at is null
"""
_REPLACE = """
    update triage set undone_at = :at, undone_by = :by
    where story_id = :story and article_id is :article and note = :note and undone_at is null
        and (kind = :kind or kind in ('owner', 'hand_over') and :kind in ('owner', 'hand_over'))
"""
_ADD = """
    insert into triage (story_id, article_id, kind, value, note, by, at)
    values (:story, :article, :kind, :value, :note, :by, :at)
"""
_UNDO = "update triage set undone_at = :at, undone_by = :by where id = :id and undone_at is null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing a person says; `article` narrows it to one article of the story."""

    story: str
    kind: str
    by: str
    at: str
    article: int | None = None
    value: str = ""
    note: str = ""


def keep(connection: sqlite3.Connection, answers: Iterable[Answer]) -> list[int]:
    """Write answers; returns the ids of the rows made. What is unknown or was said before makes none."""
    made = []
    for one in answers:
        if connection.execute(_KNOWN_STORY, (one.story,)).fetchone() is None:
            continue
        if one.article and connection.execute(_KNOWN_ARTICLE, (one.article, one.story)).fetchone() is None:
            continue
        if one.kind in ONCE and connection.execute(_SAID, asdict(one)).fetchone() is not None:
            continue
        if one.kind in REPLACING:
            connection.execute(_REPLACE, asdict(one))
        made.append(add(connection, one))
    return made


def add(connection: sqlite3.Connection, answer: Answer) -> int:
    return int(connection.execute(_ADD, asdict(answer)).lastrowid or 0)


def take_back(connection: sqlite3.Connection, ids: Iterable[int], by: str, at: str) -> None:
    connection.executemany(_UNDO, [{"id": number, "by": by, "at": at} for number in ids])
