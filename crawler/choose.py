"""What a visit decides: which address to ask, whether to trust what is remembered, which entries to read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from crawler.source_checks import DATES
from db.types import Entry, Source, SourceMemory

FULL_EVERY = timedelta(days=7)  # a lying ETag hides a source for a week at most
MAX_NEW = 300  # addresses nobody has seen, in one visit: a site that invents addresses is not followed for ever
MAX_TRIES = 3  # to read one article's page, a crawl each; then the feed's text has to do

#: Pages that will not be there next time either: the entry's own text is the article.
FINAL = frozenset(
    {
        "bad_scheme", "blocked_address", "blocked_host", "gone", "not_html", "offsite_link", "offsite_redirect",
        "robots_disallowed", "tls_downgrade", "too_large",
    }
)  # fmt: skip

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Taken:
    """The entries to look at, newest first, and how many were left out for their age."""

    entries: tuple[Entry, ...]
    too_old: int


def dated(template: str, source: Source, now: datetime) -> str:
    """`template` with {today}, {yesterday} and {week_ago} as days of the source's zone."""
    today = now.astimezone(ZoneInfo(source.zone)).date()
    for word, days in DATES.items():
        template = template.replace(word, (today - timedelta(days=days)).isoformat())
    return template


def trusts_memory(memory: SourceMemory, now: datetime) -> bool:
    """Whether "unchanged" would be believed: after a good answer, read in full within the last week."""
    return memory.fails == 0 and memory.last_full_at is not None and now - memory.last_full_at < FULL_EVERY


def take(entries: Iterable[Entry], source: Source, now: datetime, since: datetime | None) -> Taken:
    """The newest `max_items` that are not older than the source's `max_age_days` or `since`; undated ones stay."""
    distinct = list(dict.fromkeys(entries))
    oldest = now - timedelta(days=source.expect.max_age_days)
    if since is not None:
        oldest = max(oldest, since)
    young = [entry for entry in distinct if (entry.published_at or now) >= oldest]
    young.sort(key=_age_key, reverse=True)  # stable: undated ones keep the order of the document
    return Taken(tuple(young[: source.max_items]), len(distinct) - len(young))


def fingerprint(entry: Entry) -> str:
    """Equal as long as the entry says the same. Markup is left out: it carries counters and one-time addresses."""
    words = (_TAG.sub(" ", text).split() for text in (entry.title, entry.summary, entry.content))
    updated = entry.updated_at.isoformat() if entry.updated_at else ""
    record = [repr(entry.record)] if entry.record else []
    said = "\n".join([*(" ".join(part) for part in words), updated, *record])
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def says_something(entry: Entry) -> bool:
    """Whether the entry alone could stand as an article."""
    return bool(entry.title.strip() or entry.summary.strip() or entry.content.strip())


def notes_line(notes: Sequence[tuple[str, int]]) -> str:
    """Counts of codes as one short text: "too_old 12, page_unread 3"."""
    return ", ".join(f"{code} {count}" for code, count in notes if count)


def _age_key(entry: Entry) -> datetime:
    return entry.published_at or entry.updated_at or datetime(1, 1, 1, tzinfo=UTC)
