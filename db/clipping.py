"""Clips: a post or page that a person brings by hand, with a short quotation and a note. Nothing is ever fetched.

What is kept goes the way of every article; reading and tagging are handed in, because they live above.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from db import source_rows
from db.errors import ClipError
from db.linkclean import clean_link, without_tokens
from db.linkedin import is_linkedin, post_urn, posted_at
from db.origins import PickOrigin
from db.rows import insert, stamp, update
from db.saving import save_article
from db.store import Store
from db.stories.rules import StoryRules
from db.stories.signals import BASELINE_AGE
from db.text import beginning, clean_line, clean_text
from db.tomlfile import suggestion
from db.types import Entry, RawArticle, Source, TaggedArticle
from db.urls import canonical_url, host_of

QUOTE_CHARACTERS = 500
TITLE_CHARACTERS, NOTE_CHARACTERS = 300, 1_000
_TITLE_OF_QUOTE = 120  # characters that stand for a title that was not given
# What LinkedIn's page titles hold besides the post: unread messages, the speaker, comments, the site's name.
_TITLE_FRAME = re.compile(
    r"^\(\d+\+?\)\s*|^[^:：|]{1,80} on LinkedIn\s*(?:[:：]\s*|(?=\||$))|^领英上的[^:：|]{1,60}\s*(?:[:：]\s*|(?=\||$))"
    r"|(?<!\s)\s*\|\s*(?:LinkedIn|领英|[\d,.]+ (?:comments?|条评论))(?=\s*(?:\||$))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What a person brings: the address clean, texts plain. `person` is an id or "", `at` the time of the click."""

    url: str
    title: str
    quote: str
    note: str
    person: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTools:
    """What the archive is handed to keep a clip: reading and tagging (`warm` readies them), copies, stories."""

    process: Callable[[RawArticle], Awaitable[TaggedArticle]]
    warm: Callable[[], Awaitable[None]]
    pick_origin: PickOrigin
    rules: StoryRules


def clip_of(url: str, *, title: str, quote: str, note: str, person: str, by: str, at: datetime) -> Clip:
    """A clip from what was typed or sent. Raises ClipError: clip_link, clip_long, clip_empty."""
    link = clean_link(url.strip())
    if link is None:
        raise ClipError("clip_link", "wants the address of a page, such as https://news.example.com/story")
    quote = clean_text(without_tokens(quote)).strip()
    if len(quote) > QUOTE_CHARACTERS:
        raise ClipError("clip_long", f"the quotation has {len(quote)} characters; at most {QUOTE_CHARACTERS} are kept")
    title = clean_line(without_tokens(title), TITLE_CHARACTERS)
    if is_linkedin(host_of(link)):
        title = _post_title(title)
    title = title or clean_line(beginning(quote, _TITLE_OF_QUOTE), _TITLE_OF_QUOTE)
    if not title:
        raise ClipError("clip_empty", "wants a title or a quotation")
    note = clean_line(without_tokens(note), NOTE_CHARACTERS)
    return Clip(url=link, title=title, quote=quote, note=note, person=person.strip(), by=by, at=at)


def raw_of(clip: Clip, name: str) -> RawArticle:
    """The clip as the crawl would hand it on; `name` of its person. A post's own id tells when it was made."""
    entry = Entry(
        url=clip.url,
        guid=post_urn(clip.url),
        title=clip.title,
        content="".join(f"<p>{escape(line)}</p>" for line in clip.quote.split("\n")),
        authors=(name,) if name else (),
        published_at=posted_at(clip.url) or clip.at,
        flags=("clipped",),
    )
    return RawArticle(source=_channel(clip.person, name), entry=entry, seen_at=clip.at, url=clip.url)


def name_of(connection: sqlite3.Connection, person: str) -> str:
    """The name of a person by id, "" for nobody. Raises ClipError `clip_stranger`."""
    names = dict(connection.execute("select id, name from people").fetchall())
    if person and person not in names:
        known = suggestion(person, names, otherwise="see `crawler/people`")
        raise ClipError("clip_stranger", f"there is nobody with this id{known}", about=person)
    return str(names[person]) if person else ""


def speaker_of(connection: sqlite3.Connection, url: str) -> str:
    """Whose profile or post a page of LinkedIn is, by the handle in its address; "" where nobody's record says so."""
    parts = urlsplit(url).path.lower().split("/")
    if not is_linkedin(host_of(url)) or len(parts) < 3 or parts[1] not in ("in", "posts"):
        return ""
    handle = parts[2].partition("_")[0]
    found = connection.execute(_BY_PROFILE, (f"https://www.linkedin.com/in/{handle}",)).fetchone()
    return str(found[0]) if found else ""


def keep(
    store: Store, clip: Clip, tagged: TaggedArticle, pick_origin: PickOrigin, rules: StoryRules, zone: ZoneInfo
) -> tuple[int, bool]:
    """Store the clip with its story and note in one transaction; the article's id, and whether it is new.

    A page that the archive has already, from whatever source, gets the note alone. Raises StoreError.
    """
    with store.writing() as connection:
        article_id = _known(connection, clip)
        new = article_id is None
        if article_id is None:
            source = _channel(clip.person, name_of(connection, clip.person))
            source_rows.put(connection, [source])
            now = stamp(clip.at)
            seen = {"last_try_at": now, "last_good_at": now, "last_new_at": now}  # so that stories need not wait
            update(connection, "sources", source.id, {"state": "ok", **seen})
            old = clip.at - (tagged.article.published_at or clip.at) > BASELINE_AGE
            article_id = save_article(connection, tagged, pick_origin, zone, rules, baseline=old).article_id
        if clip.note and article_id:
            _keep_note(connection, clip, article_id)
    return article_id, new


def landed(connection: sqlite3.Connection, article_id: int) -> dict[str, Any] | None:
    """Where an article is: its title and address, the story with status and line, the person; None if it is not."""
    cursor = connection.execute(_LANDED, (article_id,))
    row = cursor.fetchone()
    return None if row is None else dict(zip([column[0] for column in cursor.description], row, strict=True))


def _post_title(title: str) -> str:
    """What a page's title says of the post itself, perhaps nothing."""
    while title != (rest := _TITLE_FRAME.sub("", title, count=1).strip()):
        title = rest
    return title


def _channel(person: str, name: str) -> Source:
    """The source of a person's clips, or of everybody else's. It is never crawled."""
    return Source(
        id=f"clips-{person}" if person else "clips",
        name=f"{name} (clips)" if person else "Clips",
        kind="kol" if person else "community",
        person=person,
        family=person or "clips",
        language="multi",
        access="clip",
        url="",
        keep_text="full",
        fetch_articles=False,
        enabled=False,
        why="What people of the team brought by hand",
    )


def _known(connection: sqlite3.Connection, clip: Clip) -> int | None:
    row = connection.execute(_BY_ADDRESS, (canonical_url(clip.url),)).fetchone()
    if row is None and (urn := post_urn(clip.url)):
        row = connection.execute(_BY_POST, (urn,)).fetchone()
    return int(row[0]) if row else None


def _keep_note(connection: sqlite3.Connection, clip: Clip, article_id: int) -> None:
    """Once: the same words again, from a second click or a mail that is read again, say nothing new."""
    if connection.execute(_SAME_NOTE, (article_id, clip.note, clip.by)).fetchone():
        return
    seat = connection.execute("select story_id from story_articles where article_id = ?", (article_id,)).fetchone()
    values = {"kind": "note", "note": clip.note, "by": clip.by, "at": stamp(clip.at)}
    insert(connection, "triage", {"story_id": seat and seat[0], "article_id": article_id, **values})


_SAME_NOTE = "select 1 from triage where article_id = ? and kind = 'note' and note = ? and by = ? and undone_at is null"
_BY_PROFILE = "select id from people where lower(linkedin) = ? limit 1"
_BY_ADDRESS = "select article_id from addresses where url = ? order by declared limit 1"
_BY_POST = """
    select a.id from sources s join articles a on a.source_id = s.id where s.access = 'clip' and a.guid = ? limit 1
"""
_LANDED = """
    select a.id as article_id, a.title, a.language, a.url, a.sort_at, a.published_at, a.seen_at, a.relevance, a.flags,
        s.id as source_id, s.name as source_name, p.name as person, p.role,
        st.id as story_id, st.line_en, st.line_zh, st.main_event, st.platforms, st.first_at, st.status, st.articles
    from articles a join sources s on s.id = a.source_id left join people p on p.id = s.person
    left join story_articles sa on sa.article_id = a.id left join stories st on st.id = sa.story_id
    where a.id = ?
"""
