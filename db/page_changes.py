"""Edits of watched pages: those that nobody has looked at yet, and what was found in one, with the item that tells it.

An edit waits as long as its row says nothing of its changes; that and the item are written in one transaction, so
that no kill loses or doubles an item. What counts as a change is decided elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from db.rows import as_json, moment, update
from db.saving import save_item
from db.stories.rules import StoryRules
from db.types import Change, PageEdit, ToldEdit

_WAITING = """
    select r.id, r.number, a.source_id, a.source_kind, s.speaks_for, s.keep_text, a.url, a.canonical_url, a.title,
        a.language, r.text, coalesce(n.text, a.text), coalesce(n.content_hash, a.content_hash),
        coalesce(n.seen_at, a.updated_at)
    from articles a join revisions r on r.article_id = a.id join sources s on s.id = a.source_id
    left join revisions n on n.article_id = a.id and n.number = r.number + 1
    where a.form = 'page' and a.form != 'article' and r.changes is null order by r.id limit ?
"""


def waiting(connection: sqlite3.Connection, at_most: int = 500) -> list[PageEdit]:
    """The edits that nobody has looked at, the oldest first."""
    return [_edit(row) for row in connection.execute(_WAITING, (at_most,)).fetchall()]


def keep(connection: sqlite3.Connection, told: ToldEdit, rules: StoryRules, zone: ZoneInfo) -> int | None:
    """Write what an edit changes and its item; the item's id. Writes nothing where that was done before."""
    row = connection.execute("select changes from revisions where id = ?", (told.edit.revision_id,)).fetchone()
    if row is None or row[0] is not None:
        return None
    item_id = save_item(connection, told.item, zone, rules) if told.item else None
    update(connection, "revisions", told.edit.revision_id, {"changes": _as_row(told.changes), "item_id": item_id})
    return item_id


def read_changes(stored: str | None) -> tuple[Change, ...]:
    """The changes in the column of that name; none where others wrote something else into it."""
    try:
        return tuple(
            Change(one["before"], one["after"], one["place"], tuple((kind, text) for kind, text in one["parts"]))
            for one in json.loads(stored or "[]")
        )
    except (ValueError, TypeError, KeyError):
        return ()


def _as_row(changes: Sequence[Change]) -> str:
    return as_json([{"before": c.before, "after": c.after, "place": c.place, "parts": c.parts} for c in changes])


def _edit(row: Sequence[Any]) -> PageEdit:
    revision_id, number, source_id, source_kind, speaks_for, keep_text, url, canonical_url, *rest = row
    title, language, before, after, content_hash, seen_at = rest
    return PageEdit(
        revision_id=revision_id, number=number, source_id=source_id, source_kind=source_kind,
        speaks_for=tuple(json.loads(speaks_for)), keep_text=keep_text, url=url, canonical_url=canonical_url,
        title=title, language=language, before=before, after=after, content_hash=content_hash,
        seen_at=moment(seen_at),
    )  # fmt: skip
