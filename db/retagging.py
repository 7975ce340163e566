"""Tags anew for stored articles: what there is to read of each, and how its new tags take the old ones' place.

Where only a lead was kept, the text is the lead with each quoted sentence at its own place and line breaks between; a
name from a sentence that was not kept stays as it was tagged, for it can not be read again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db import fulltext, tag_rows
from db.records import SPEAKS_FOR
from db.rows import stamp, update
from db.types import Tags

_NAMES = f"""
    a.id, a.title, a.text, a.language, a.flags, coalesce(a.published_at, a.seen_at), a.source_kind, {SPEAKS_FOR}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """What tagging needs of a stored article, and its tags so far. `day`: ISO day of publication in UTC."""

    article_id: int
    title: str
    text: str
    language: str
    day: str
    source_kind: str
    speaks_for: tuple[str, ...]
    flags: tuple[str, ...]
    tags: Tags


@dataclass(frozen=True, slots=True)
class Retagged:
    """An article's tags before and after."""

    stored: StoredText
    tags: Tags

    @property
    def changed(self) -> bool:
        return replace(self.stored.tags, lexicon=self.tags.lexicon) != self.tags


def count_stale(connection: sqlite3.Connection, lexicon: str, since: datetime | None) -> int:
    """Articles whose tags another version of the lexicon made."""
    query = "select count(*) from articles where lexicon != ? and sort_at >= ?"
    (count,) = connection.execute(query, (lexicon, stamp(since) if since else "")).fetchone()
    return int(count)


def stale(
    connection: sqlite3.Connection, lexicon: str, since: datetime | None, step: int
) -> Iterator[list[StoredText]]:
    """Those articles, the newest first, in steps. They may be given new tags meanwhile."""
    query = (
        f"select {_NAMES} from articles a join sources s on s.id = a.source_id"  # noqa: S608 (a constant)
        " where a.id < ? and a.lexicon != ? and +a.sort_at >= ? order by a.id desc limit ?"
    )
    before = 2**63 - 1
    while rows := connection.execute(query, (before, lexicon, stamp(since) if since else "", step)).fetchall():
        before = rows[-1][0]
        tags = tag_rows.load(connection, [row[0] for row in rows])
        yield [_stored(row, tags[row[0]]) for row in rows]


def _stored(row: Sequence[str], tags: Tags) -> StoredText:
    article_id, title, text, language, flags, at, source_kind, speaks_for = row
    quotes = [(e.quote_start, e.quote) for event in tags.events for e in event.evidence if e.field == "text"]
    return StoredText(
        article_id=int(article_id), title=title, text=with_quotes(text, quotes), language=language, day=at[:10],
        source_kind=source_kind, speaks_for=tuple(json.loads(speaks_for)), flags=tuple(json.loads(flags)), tags=tags,
    )  # fmt: skip


def with_quotes(text: str, quotes: Iterable[tuple[int, str]]) -> str:
    """The kept text, and each quote at its place in the whole one; what is not known between them is line breaks."""
    parts, at = [text], len(text)
    for start, quote in sorted(quotes):
        if start + len(quote) > at:
            parts += ["\n" * (start - at), quote[max(0, at - start) :]]
            at = start + len(quote)
    return "".join(parts)


def merged(stored: StoredText, tags: Tags) -> Tags:
    """The new tags, with the names that stand in sentences that were not kept."""
    fields = {"title": stored.title, "text": stored.text}
    unread = [m for m in stored.tags.mentions if fields[m.field][m.start : m.end] != m.surface]
    mentions = sorted({*tags.mentions, *unread}, key=lambda m: (m.field == "text", m.start, m.end, m.entity))
    return replace(tags, mentions=tuple(mentions))


def write(connection: sqlite3.Connection, done: Iterable[Retagged]) -> None:
    """Put the new tags in the old ones' place, with everything that follows; the caller holds the transaction."""
    for article in done:
        article_id, tags = article.stored.article_id, article.tags
        if not article.changed:
            update(connection, "articles", article_id, {"lexicon": tags.lexicon})
            continue
        title, text = connection.execute("select title, text from articles where id = ?", (article_id,)).fetchone()
        old = fulltext.searchable(text, fulltext.stored_quotes(connection, article_id))
        tag_rows.erase(connection, article_id)
        update(connection, "articles", article_id, tag_rows.columns(connection, tags))
        new = fulltext.searchable(text, tag_rows.write(connection, article_id, tags))
        if new != old:
            fulltext.remove(connection, article_id, title, old)
            fulltext.add(connection, article_id, title, new)
