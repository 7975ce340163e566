"""Policy watch: what changed on the pages that are watched, old and new side by side, and how those pages are doing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.desk.sql import first, rows
from db.page_changes import read_changes
from db.types import SEEN, Change

_SHOWN = 12  # changes of one edit; the article's page shows all

# `form != 'article'` is said beside "page" because the index of pages is made for it: without, every article is read.
_EDITS = """
    select r.changes, coalesce(n.seen_at, p.updated_at) as changed_at, p.id as page_id, p.title as page_title,
        p.language, p.url, p.source_id, p.source_kind, s.name as source_name, a.id as article_id, a.title,
        sa.story_id, st.line_en, st.line_zh, st.main_event, st.platforms, st.first_at, st.status, st.impact
    from articles p join revisions r on r.article_id = p.id join sources s on s.id = p.source_id
    left join revisions n on n.article_id = p.id and n.number = r.number + 1
    left join articles a on a.id = r.item_id
    left join story_articles sa on sa.article_id = a.id left join stories st on st.id = sa.story_id
    where p.form = 'page' and p.form != 'article' and r.changes != '[]' order by changed_at desc, r.id desc limit 40
"""
_WATCHED = """
    with edited as (
        select p.source_id, count(*) as edits from articles p join revisions r on r.article_id = p.id
        where p.form = 'page' and p.form != 'article' and r.changes != '[]' group by p.source_id
    )
    select s.id as source_id, s.name, s.url, s.state, s.code, s.detail, s.since, s.last_good_at, s.last_new_at,
        s.moved_to, s.kind, coalesce(e.edits, 0) as edits
    from sources s left join edited e on e.source_id = s.id where s.access = 'page' and s.enabled
    order by s.state in (select value from json_each(:seen)), s.name limit 300
"""
_WAITING = """
    select count(*) from articles p join revisions r on r.article_id = p.id
    where p.form = 'page' and p.form != 'article' and r.changes is null
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a page: the first of its changes, and how many more there are."""

    row: Any
    changes: Sequence[Change]
    more: int


@dataclass(frozen=True, slots=True)
class Watch:
    """`waiting`: edits that are to be read at the end of the next crawl."""

    edits: Sequence[Edit]
    pages: Sequence[Any]
    waiting: int


def watch(connection: sqlite3.Connection) -> Watch:
    """The newest edits of watched pages, and the pages themselves, those in trouble first."""
    edits = []
    for row in rows(connection, _EDITS):
        changes = read_changes(row["changes"])
        edits.append(Edit(row, changes[:_SHOWN], max(0, len(changes) - _SHOWN)))
    seen = {"seen": '["' + '", "'.join(SEEN) + '"]'}
    return Watch(edits, rows(connection, _WATCHED, seen), first(connection, _WAITING)[0])
