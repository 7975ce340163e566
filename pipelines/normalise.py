"""RawArticle → Article: a feed's words and a page's words become one clean document. Pure; times come from the input.

The feed is believed for title, authors and date, the page for the text; each falls back on the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from db.dates import AHEAD, parse_date
from db.linkedin import is_linkedin, page_address
from db.text import clean_line, title_key
from db.types import Article, Entry, Extraction, Quality, RawArticle
from db.urls import absolute, canonical_url, host_of
from pipelines.bylines import clean_names
from pipelines.copies import make_sketch
from pipelines.extract import extract, quality_of
from pipelines.language import main_language
from pipelines.markup import plain
from pipelines.records import lines_of, speakers_of

MAX_TEXT_CHARACTERS: Final = 200_000
A_DAY: Final = timedelta(days=1)
_NO_PAGE: Final = Extraction(title="", text="", quality="empty")
_FULLER: Final = 1.5  # a feed's text so much longer than the page's means that the page hid its text


def to_article(raw: RawArticle) -> Article:
    """The article of an entry and, where it was fetched, its page. Never raises on foreign text."""
    entry, source = raw.entry, raw.source
    url = _address(raw.url or entry.url)
    page = _page(raw, url)
    from_feed = max(plain(entry.content), plain(entry.summary), key=len)
    text, quality, text_by, flags = _text(from_feed, page, fetched=raw.body is not None)
    title = plain(entry.title, 500).replace("\n", " ")
    authors = clean_names(plain(name, 200) for name in entry.authors)
    published_at, published_raw, date_flags = _published(entry, page, source.zone, raw.seen_at)
    found_by = {**page.found_by, "text": text_by}
    found_by |= {
        field: "feed"
        for field, given in (
            ("title", title),
            ("authors", authors),
            ("published_at", published_at is not None and published_at == entry.published_at),
        )
        if given
    }
    title = title or page.title
    text = _below(title, text)
    record, language = entry.record, main_language(f"{title}\n{text}", source.language)
    if record is not None:
        record = replace(record, speaks_for=() if source.speaks_for else speakers_of(record.agencies))
        text = "\n".join(filter(None, (text, *lines_of(record, language))))
    return Article(
        source_id=source.id,
        source_kind=source.kind,
        url=url,
        canonical_url=canonical_url((page.canonical_url if page.text else None) or url or "") if url else None,
        guid=clean_line((is_linkedin(host_of(entry.guid)) and _address(entry.guid)) or entry.guid, 1000),
        title=title,
        text=text,
        authors=authors or page.authors,
        language=language,
        published_raw=clean_line(published_raw, 200),
        published_at=published_at,
        seen_at=raw.seen_at,
        quality=quality,
        keep_text=source.keep_text,
        found_by={field: where for field, where in found_by.items() if where},
        flags=_merged(entry.flags, flags, date_flags, () if url else ("bad_link",)),
        fingerprint=raw.fingerprint,
        sketch=make_sketch(title, text),
        entry_url=_address(entry.url),
        record=record,
        form="page" if source.access == "page" else "article",
    )


def _page(raw: RawArticle, url: str | None) -> Extraction:
    if raw.body is None:
        return _NO_PAGE
    return extract(raw.body, url or "", content_type=raw.content_type, hints=raw.source.page)


def _address(url: str | None) -> str | None:
    """The address made safe; of LinkedIn, where a feed leads there, the page without the reader's tokens."""
    address = absolute(url, url) if url else None
    return page_address(address) if address and is_linkedin(host_of(address)) else address


def _text(from_feed: str, page: Extraction, *, fetched: bool) -> tuple[str, Quality, str, tuple[str, ...]]:
    """Text, quality, where it was found, flags."""
    poor = page.quality != "ok"
    if page.text and not (poor and len(from_feed) > _FULLER * len(page.text)):
        flags = page.flags
        text, quality, where = page.text, page.quality, page.found_by.get("text", "page")
    else:
        flags = ("page_unread",) if fetched else ()
        text, quality, where = from_feed, quality_of(from_feed), "feed" if from_feed else ""
    return text, quality, where, (*flags, *(("cut_text",) if len(text) >= MAX_TEXT_CHARACTERS else ()))


def _below(title: str, text: str) -> str:
    """The text without a first line that only repeats the title: it would eat the lead."""
    first, _, rest = text.partition("\n")
    return rest if rest and title_key(first) == title_key(title) else text


def _published(
    entry: Entry, page: Extraction, zone: str, seen_at: datetime
) -> tuple[datetime | None, str, tuple[str, ...]]:
    """The moment, the words it was read from, and flags; a moment more than a day ahead is no moment.

    Where a list gives the day alone, the page may say at what time of that day.
    """
    flags: tuple[str, ...] = ()
    read = parse_date(page.published_at, zone, seen_at) if page.published_at else None
    if entry.published_at is not None:
        if entry.published_at - seen_at <= AHEAD:
            listed = parse_date(entry.published_raw, zone, seen_at)
            day_alone = listed.date_only and listed.at == entry.published_at
            if day_alone and read and read.at and entry.published_at <= read.at < entry.published_at + A_DAY:
                return read.at, entry.published_raw, ()
            return entry.published_at, entry.published_raw, ()
        flags = ("future_date",)
    if read and page.published_at:
        return read.at, entry.published_raw or page.published_at, (*flags, *read.flags)
    return None, entry.published_raw, (*flags, "no_date")


def _merged(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for group in groups for flag in group))
