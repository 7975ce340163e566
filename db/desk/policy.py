"""Policy watch: what changed on the pages that are watched, each change with the story it made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from db.desk.sql import rows

_LINES = 60  # of one change

_CHANGES = """
    select r.id, r.number, r.seen_at, r.diff, a.id as article_id, a.title, a.language, a.url, a.source_id,
        a.source_kind, s.name as source_name, a.platforms, sa.story_id, st.line_en, st.line_zh, st.main_event,
        st.first_at, st.status
    from sources s join articles a on a.source_id = s.id
    join revisions r on r.article_id = a.id and r.diff != ''
    left join story_articles sa on sa.article_id = a.id left join stories st on st.id = sa.story_id
    where s.access = 'page' order by r.seen_at desc limit 40
"""
_WATCHED = """
    select s.id as source_id, s.name, s.url, s.state, s.code, s.since, s.last_good_at, s.last_new_at,
        s.speaks_for, s.kind
    from sources s where s.access = 'page' and s.enabled order by s.name limit 300
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: "added", "removed", "place" or "same"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    row: Any
    lines: Sequence[Line]
    cut: bool


@dataclass(frozen=True, slots=True)
class Watch:
    changes: Sequence[Change]
    pages: Sequence[Any]


def changes(connection: sqlite3.Connection) -> Watch:
    """The newest changes of watched pages, and the pages themselves."""
    made = []
    for row in rows(connection, _CHANGES):
        lines = list(lines_of(str(row["diff"])))
        made.append(Change(row, lines[:_LINES], len(lines) > _LINES))
    return Watch(made, rows(connection, _WATCHED))


def lines_of(diff: str) -> Iterator[Line]:
    """The lines of a unified difference, its file names left out."""
    for text in diff.splitlines():
        if text.startswith(("--- ", "+++ ")) and text[4:].strip() in ("before", "after", ""):
            continue
        if text.startswith("@@"):
            yield Line("place", "")
        elif text.startswith(("+", "-")):
            yield Line("added" if text[0] == "+" else "removed", text[1:])
        else:
            yield Line("same", text.removeprefix(" "))
