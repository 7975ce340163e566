"""What a new article is recognised by, and the stored ones it may be: the questions that db.identity answers."""

from __future__ import annotations

import sqlite3
from hashlib import sha256

from db.identity import COMPARED_CHARACTERS, Face, Rung, Suspect
from db.rows import moment
from db.text import beginning, clean_line, title_key
from db.types import LEAD_CHARACTERS, Article
from db.urls import canonical_url

UNREAD = frozenset({"page_unread", "extract_timeout", "stage_crashed"})  # the page is there, its text is not
_SUSPECTS = 20  # newest stored articles looked at on one rung

_FACE = "a.id, a.guid, a.title, substr(a.text, 1, :length), a.content_hash, a.published_at, a.sort_at, a.url"
# Feeds of one publisher share the articles at an address; an address that a stranger claims proves nothing.
_BY_ADDRESS = f"""
    select {_FACE}, d.declared from addresses d join articles a on a.id = d.article_id
    join sources theirs on theirs.id = d.source_id join sources ours on ours.id = :source
    where d.url = :key and (theirs.id = ours.id or (theirs.family = ours.family and theirs.kind = ours.kind))
    order by theirs.id != ours.id, d.declared
"""  # noqa: S608 (a constant)
_BY_GUID = f"""
    select {_FACE} from articles a where a.source_id = :source and a.guid = :key and a.guid != ''
    order by a.id desc limit {_SUSPECTS}
"""  # noqa: S608 (constants)
_BY_TITLE = f"""
    select {_FACE} from articles a where a.source_id = :source and a.title_key = :key
    order by a.id desc limit {_SUSPECTS}
"""  # noqa: S608 (constants)
_BY_FORM = f"""
    select {_FACE} from articles a where a.source_id = :source and a.form = :key order by a.id desc limit 1
"""  # noqa: S608 (constants)
_NOTE = "insert into addresses (url, source_id, article_id, fingerprint, tries, declared) values (?, ?, ?, ?, ?, ?)"
_NOTE_DECLARED = f"{_NOTE} on conflict (url, source_id) do nothing"
_NOTE_OWN = f"""
    {_NOTE} on conflict (url, source_id) do update set
        article_id = excluded.article_id, fingerprint = excluded.fingerprint, declared = 0,
        tries = case when excluded.tries then tries + 1 else 0 end
    where article_id != excluded.article_id or fingerprint != excluded.fingerprint or declared or tries
        or excluded.tries
"""


def content_hash(title: str, text: str) -> str:
    """Equal for the same words; blanks and line breaks are the extractor's, not the author's."""
    return sha256(f"{title}\n{''.join(text.split())}".encode("utf-8", "replace")).hexdigest()


def kept_text(article: Article) -> str:
    """What is stored of the text."""
    return article.text if article.keep_text == "full" else beginning(article.text, LEAD_CHARACTERS)


def face_of(article: Article) -> Face:
    return Face(
        guid=clean_guid(article.guid),
        title=article.title,
        text=kept_text(article)[:COMPARED_CHARACTERS],
        content_hash=content_hash(article.title, article.text),
        at=article.published_at or article.seen_at,
        dated=article.published_at is not None,
        addressed=article.url is not None,
        watched=article.form == "page",
    )


def suspects_of(connection: sqlite3.Connection, article: Article) -> list[Suspect]:
    """Stored articles that may be this one, surest first."""
    found: list[Suspect] = []

    def ask(query: str, key: str, rung: Rung) -> None:
        keys = {"length": COMPARED_CHARACTERS, "source": article.source_id, "key": key}
        rows = connection.execute(query, keys)
        found.extend(_suspect(row, "declared" if row[8:] == (1,) else rung) for row in rows)

    if article.form == "page":  # the page is what its source watches, wherever it lies and whatever it is called
        ask(_BY_FORM, article.form, "address")
        return found
    links = links_of(article)
    for address, declared in links.items():
        ask(_BY_ADDRESS, address, "declared" if declared else "address")
    if clean_guid(article.guid):
        ask(_BY_GUID, clean_guid(article.guid), "guid")
    ask(_BY_TITLE, title_key(article.title), "title")
    return found


def _suspect(row: tuple[object, ...], rung: Rung) -> Suspect:
    article_id, guid, title, text, digest, published_at, sort_at, url = row[:8]
    face = Face(
        guid=str(guid),
        title=str(title),
        text=str(text),
        content_hash=str(digest),
        at=moment(str(published_at or sort_at)),
        dated=published_at is not None,
        addressed=url is not None,
    )
    return Suspect(article_id=int(str(article_id)), rung=rung, face=face)


def links_of(article: Article) -> dict[str, bool]:
    """Canonical addresses of an article, own ones first; True where only the page's canonical link says so."""
    links: dict[str, bool] = {}
    for url, declared in ((article.url, False), (article.entry_url, False), (article.canonical_url, True)):
        address = canonical_url(url) if url else None
        if address:
            links.setdefault(address, declared)
    return links


def clean_guid(guid: str) -> str:
    cleaned = clean_line(guid, 2_000)
    return cleaned if len(cleaned) <= 300 else "sha256:" + sha256(cleaned.encode()).hexdigest()


def note_addresses(connection: sqlite3.Connection, article: Article, article_id: int) -> None:
    unread = int(not UNREAD.isdisjoint(article.flags))
    for address, declared in links_of(article).items():
        row = (address, article.source_id, article_id, "" if declared else article.fingerprint, unread, declared)
        connection.execute(_NOTE_DECLARED if declared else _NOTE_OWN, row)
