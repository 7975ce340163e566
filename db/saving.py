"""One article into the archive, with everything that follows from it; the caller holds the transaction.

Decides with db.identity whether it is new, and never lets a worse reading of a page replace a better one.
Saving an article that has not changed writes nothing but its address.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from db import fulltext, origins, records, tag_rows
from db.forgotten import is_forgotten
from db.identity import identify, learn_trust, likeness
from db.lookalikes import is_lookalike, registered
from db.origins import PickOrigin
from db.recognition import UNREAD, clean_guid, content_hash, face_of, kept_text, note_addresses, suspects_of
from db.rows import as_json, insert, moment, stamp, stamp_or_none, update
from db.stories.rules import Occasion, StoryRules
from db.stories.threading import place
from db.text import beginning, clean_line, title_key
from db.types import LEAD_CHARACTERS, Article, Outcome, Saved, TaggedArticle, Tags
from db.urls import absolute

_AUTHORS = 50
_TELLING = 200  # characters of a watched page that tell it from another one
_LEFT, _ALIKE = 0.25, 0.15  # of its wording, that is left at least while it is the same page


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a stored article is compared with, and what its index entries were made of."""

    id: int
    source_id: str
    title: str
    text: str
    content_hash: str
    lexicon: str
    flags: str
    quality: str
    published_raw: str
    published_at: str | None
    seen_at: str
    updated_at: str
    revisions: int
    origin_id: int
    sketch_bands: bytes


def save_article(
    connection: sqlite3.Connection,
    tagged: TaggedArticle,
    pick_origin: PickOrigin,
    zone: ZoneInfo,
    rules: StoryRules | None = None,
    *,
    baseline: bool = False,
) -> Saved:
    """Write one clean article (see db.text) of a source that is in the table, and its story where there are `rules`.

    `baseline`: it is no news and alerts nobody. Of an author who was forgotten nothing is stored: article 0, "same";
    nor of a watched page in which no text was found: "lost".
    """
    article = tagged.article
    if article.authors and is_forgotten(connection, article.authors):
        return Saved(article_id=0, outcome="same", origin_id=0)
    (trust,) = connection.execute("select guid_trust from sources where id = ?", (article.source_id,)).fetchone()
    new = face_of(article)
    suspects = suspects_of(connection, article)
    found = identify(new, suspects, trust)
    if found is None and article.form == "page" and not article.text:
        return Saved(article_id=0, outcome="lost", origin_id=0)
    learned = learn_trust(new, suspects, found, trust)
    if learned != trust:
        update(connection, "sources", article.source_id, {"guid_trust": learned})
    if found is None:
        saved, rewritten = _insert(connection, tagged, pick_origin, zone), True
    else:
        saved, rewritten = _meet(connection, _load(connection, found.article_id), tagged, pick_origin, zone)
    read = replace(article, fingerprint="") if saved.outcome == "lost" else article  # to be read again
    note_addresses(connection, read, saved.article_id)
    if rules and rewritten:
        occasion = Occasion(rules, article.seen_at, zone, baseline)
        place(connection, saved.article_id, tagged, occasion, edited=saved.outcome == "changed")
    return saved


def save_item(connection: sqlite3.Connection, tagged: TaggedArticle, zone: ZoneInfo, rules: StoryRules) -> int:
    """Write an article that was made here and is met nowhere: it has no address of its own, nor is it a copy."""
    saved = _insert(connection, tagged, lambda sketch, candidates: None, zone)
    place(connection, saved.article_id, tagged, Occasion(rules, tagged.article.seen_at, zone))
    return saved.article_id


# ------------------------------------------------------------------ what becomes of it
def _load(connection: sqlite3.Connection, article_id: int) -> _Stored:
    names = ", ".join(_Stored.__dataclass_fields__)
    query = f"select {names} from articles where id = ?"  # noqa: S608 (names of our own fields)
    return _Stored(*connection.execute(query, (article_id,)).fetchone())


def _insert(connection: sqlite3.Connection, tagged: TaggedArticle, pick_origin: PickOrigin, zone: ZoneInfo) -> Saved:
    article = tagged.article
    match = pick_origin(article.sketch, origins.candidates(connection, article.sketch))
    origin_id = match.origin_id if match else origins.start(connection)
    origins.join(connection, origin_id)
    values = {
        "source_id": article.source_id,
        "source_kind": article.source_kind,
        "published_raw": clean_line(article.published_raw, 100),
        "published_at": stamp_or_none(article.published_at),
        "seen_at": stamp(article.seen_at),
        "updated_at": stamp(article.seen_at),
        "origin_id": origin_id,
        "copy_kind": match.kind if match else "",
        "copy_score": match.score if match else 1.0,
    }
    article_id = insert(
        connection, "articles", {**values, **_times(values, zone), **_content(connection, article, tagged.tags)}
    )
    _derive(connection, article_id, tagged)
    return Saved(article_id=article_id, outcome="new", origin_id=origin_id)


def _meet(
    connection: sqlite3.Connection, old: _Stored, tagged: TaggedArticle, pick_origin: PickOrigin, zone: ZoneInfo
) -> tuple[Saved, bool]:
    """The article is known: an edit, the same again, or a reading that must not replace the stored one.

    Also whether its rows were written anew.
    """
    article = tagged.article
    outcome: Outcome = "same"
    origin_id, rewritten = old.origin_id, False
    if article.form == "page" and _is_lost(kept_text(article), old.text):
        outcome = "lost"
    elif article.source_id == old.source_id and not _is_worse(article, old):
        if content_hash(article.title, article.text) != old.content_hash:
            outcome, rewritten = "changed", True
            if UNREAD.isdisjoint(json.loads(old.flags)):  # else the page is read for the first time: no edit
                _keep_revision(connection, old, article)
            origin_id = _replace(connection, old, tagged, pick_origin, zone)
        elif (old.lexicon, old.text) != (tagged.tags.lexicon, kept_text(article)):
            _replace(connection, old, tagged, None, zone)
            rewritten = True
    return Saved(article_id=old.id, outcome=outcome, origin_id=origin_id), rewritten


def _is_worse(article: Article, old: _Stored) -> bool:
    lost = {*UNREAD, "mojibake"}.intersection(article.flags)
    return bool(lost.difference(json.loads(old.flags))) or (article.quality == "empty" and old.quality != "empty")


def _is_lost(text: str, known: str) -> bool:
    """Whether a watched page shows something else than before: a login, an empty template."""
    if len(known) < _TELLING:
        return not text and bool(known)
    return len(text) < _LEFT * len(known) or (likeness(text, known, len(known)) or 0.0) < _ALIKE


def _keep_revision(connection: sqlite3.Connection, old: _Stored, article: Article) -> None:
    """The wording that goes. What the new one changes is read later: see db.page_changes."""
    values = {"title": old.title, "text": old.text, "content_hash": old.content_hash, "seen_at": old.updated_at}
    insert(connection, "revisions", {"article_id": old.id, "number": old.revisions, **values})
    update(connection, "articles", old.id, {"revisions": old.revisions + 1, "updated_at": stamp(article.seen_at)})


def _replace(
    connection: sqlite3.Connection,
    old: _Stored,
    tagged: TaggedArticle,
    pick_origin: PickOrigin | None,
    zone: ZoneInfo,
) -> int:
    """Put the new reading in the old one's place; returns the origin, which may change with the text.

    The first known publication time stays: a page that re-dates itself is still the old news.
    """
    article = tagged.article
    fulltext.remove(
        connection, old.id, old.title, fulltext.searchable(old.text, fulltext.stored_quotes(connection, old.id))
    )
    origins.remove_bands(connection, old.id, old.sketch_bands)
    tag_rows.erase(connection, old.id)
    times = {"published_at": old.published_at, "published_raw": old.published_raw, "seen_at": old.seen_at}
    if old.published_at is None and article.published_at is not None:
        times |= {"published_at": stamp(article.published_at), "published_raw": clean_line(article.published_raw, 100)}
    values = {**times, **_times(times, zone), **_content(connection, article, tagged.tags)}
    update(connection, "articles", old.id, values)
    _derive(connection, old.id, tagged)
    return _settle_origin(connection, old, article, pick_origin) if pick_origin else old.origin_id


def _settle_origin(connection: sqlite3.Connection, old: _Stored, article: Article, pick_origin: PickOrigin) -> int:
    """A changed text may turn out to be a copy; one that others were found to copy stays where it is."""
    if not origins.is_alone(connection, old.origin_id):
        return old.origin_id
    match = pick_origin(article.sketch, origins.candidates(connection, article.sketch, without=old.id))
    if match is None:
        return old.origin_id
    values = {"origin_id": match.origin_id, "copy_kind": match.kind, "copy_score": match.score}
    update(connection, "articles", old.id, values)
    origins.join(connection, match.origin_id)
    origins.leave(connection, old.origin_id)
    return match.origin_id


# ------------------------------------------------------------------ the rows
def _times(values: Mapping[str, object], zone: ZoneInfo) -> dict[str, str]:
    seen = str(values["seen_at"])
    sort_at = min(str(values["published_at"] or seen), seen)
    return {"sort_at": sort_at, "day": moment(sort_at).astimezone(zone).date().isoformat()}


def _flags(connection: sqlite3.Connection, article: Article) -> list[str]:
    """What was noted on the way, and whether the address resembles an official one."""
    resembles = is_lookalike(article.url, registered(connection))
    return [*article.flags, *(["lookalike"] if resembles and "lookalike" not in article.flags else [])]


def _content(connection: sqlite3.Connection, article: Article, tags: Tags) -> dict[str, object]:
    """The columns that follow from the text and its tags."""
    return {
        "url": article.url and absolute("", article.url),
        "canonical_url": article.canonical_url and absolute("", article.canonical_url),
        "guid": clean_guid(article.guid),
        "title": article.title,
        "title_key": title_key(article.title),
        "lead": beginning(article.text, LEAD_CHARACTERS),
        "authors": as_json([clean_line(author, 200) for author in article.authors[:_AUTHORS]]),
        "language": article.language or tags.language,
        "quality": article.quality,
        "form": article.form,
        "found_by": as_json(dict(article.found_by)),
        "flags": as_json(_flags(connection, article)),
        "content_hash": content_hash(article.title, article.text),
        **tag_rows.columns(connection, tags),
        "sketch_exact": article.sketch.exact,
        "sketch_size": article.sketch.size,
        "sketch": article.sketch.values,
        "sketch_bands": origins.pack_bands(article.sketch.bands),
        "text": kept_text(article),
    }


def _derive(connection: sqlite3.Connection, article_id: int, tagged: TaggedArticle) -> None:
    """Bands, mentions, events with their evidence, and the search index."""
    article, tags = tagged.article, tagged.tags
    origins.add_bands(connection, article_id, article.sketch.bands)
    records.write(connection, article_id, article.record)
    quotes = tag_rows.write(connection, article_id, tags)
    fulltext.add(connection, article_id, article.title, fulltext.searchable(kept_text(article), quotes))
