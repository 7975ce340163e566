"""What all readers do alike: settle a link, date an entry, take the newest, hold a source to its promise.

Only addresses, dates and counts are judged here; texts pass through as they are, but for blanks in titles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from crawler.found import Answer, Found, TooFew
from crawler.quirks import mender
from crawler.spiders.records import Values, record_of
from db.dates import parse_date
from db.types import Entry, Source
from db.urls import absolute

MAX_SEEN = 100_000  # of one document; a sitemap may hold 50,000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry as the document spells it; every field is foreign text, "" where it is missing."""

    link: str = ""
    guid: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    updated: str = ""
    record: Values = field(default_factory=dict)


def settle(item: Item, base: str, source: Source, now: datetime) -> Entry | None:
    """The entry of an item, or None for a link that the source's patterns leave out.

    A link that is missing or not http(s) stays as None with `bad_link`; dates come with their flags.
    """
    url = address(item.link, base, source)
    if url is not None and not wanted(url, source):
        return None
    published = parse_date(item.published, source.zone, now) if item.published else None
    flags = (() if url else ("bad_link",)) + (published.flags if published else ())
    return Entry(
        url=url,
        guid=item.guid,
        title=" ".join(item.title.split()),
        summary=item.summary,
        content=item.content,
        authors=item.authors,
        published_raw=item.published,
        published_at=published.at if published else None,
        updated_at=parse_date(item.updated, source.zone, now).at if item.updated else None,
        flags=flags,
        record=record_of(item.record, f"{item.title}\n{item.summary}\n{url or ''}", source, now),
    )


def settled(items: Iterable[Item], base: str, source: Source, now: datetime) -> list[Entry]:
    """The entries of the newest wanted items, in the order of the document; one more than `source.max_items` if there
    are more. Reading addresses is dear, so a long list is first sorted by its dates."""
    seen = list(islice(items, MAX_SEEN))
    order = list(range(len(seen)))
    if len(seen) > source.max_items:
        dates = [parse_date(item.published or item.updated, source.zone, now).at or _LONG_AGO for item in seen]
        order.sort(key=dates.__getitem__, reverse=True)
    kept: dict[int, Entry] = {}
    for place in order:
        if len(kept) > source.max_items:
            break
        if (entry := settle(seen[place], base, source, now)) is not None:
            kept[place] = entry
    return [kept[place] for place in sorted(kept)]


def address(link: str, base: str, source: Source) -> str | None:
    """`link` as an absolute http(s) address on the host that the source means, or None."""
    url = absolute(base, link) if link.strip() else None
    rewrite = source.link_rewrite
    if url is not None and rewrite is not None and url.startswith(rewrite.before):
        return absolute(base, rewrite.after + url.removeprefix(rewrite.before))
    return url


def wanted(url: str, source: Source) -> bool:
    """A pattern is the beginning of a path ("/news/"), or of the whole address; what is denied is never allowed."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def matches(patterns: tuple[str, ...]) -> bool:
        return path.startswith(tuple(patterns)) or url.startswith(tuple(p for p in patterns if "://" in p))

    return not matches(source.deny_links) and (not source.allow_links or matches(source.allow_links))


def finish(
    entries: Iterable[Entry], answer: Answer, source: Source, *, dated: bool, flags: tuple[str, ...] = ()
) -> Found:
    """The newest `source.max_items` in the order of the document. `dated`: the source is known to give dates.

    Raises TooFew, with what there is, where fewer are left than `source.expect` promises.
    """
    kept = tuple(entries)
    if mend := mender(source.id):
        kept = tuple(better for entry in kept if (better := mend(entry)) is not None)
    if len(kept) > source.max_items:
        order = sorted(range(len(kept)), key=lambda place: _age_key(kept[place]), reverse=True)
        kept = tuple(kept[place] for place in sorted(order[: source.max_items]))
        flags += ("capped",)
    if dated and kept and not any(entry.published_at for entry in kept):
        flags += ("no_dates",)
    found = Found(entries=kept, flags=tuple(dict.fromkeys(flags)))
    if len(kept) < source.expect.min_items:
        raise TooFew(found, f"{len(kept)} entries; at least {source.expect.min_items} expected", about=answer.url)
    return found


def _age_key(entry: Entry) -> datetime:
    return entry.published_at or entry.updated_at or _LONG_AGO
