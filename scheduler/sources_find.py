"""Finding the feed of a site: asks the address given, then the feeds its page names, and nothing else.

Polite and safe by the crawl's own fetching; each round of questions is a process of its own, because a reactor runs
once. Decides what a new source looks like; writes nothing.
"""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.found import Answer, Found
from crawler.health import median_gap, newest
from crawler.spiders import DISCOVER
from db.charset import decode
from db.errors import CODES, ParseError
from db.text import clean_line
from db.types import Expect, Source, SourceRun
from db.urls import absolute, canonical_url, host_of, registered_domain
from db.vocabulary import LANGUAGES
from pipelines.language import main_language
from pipelines.markup import parse, plain
from scheduler.config import Config
from scheduler.probe import capture_all

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_PATH = re.compile(r"(^|[/.?=_-])(rss2?|atom|feeds?|rdf)([/.?&=_-]|$)", re.I)
_COMMENTS = re.compile(r"comment|reply|podcast|评论", re.I)
_MOST = 5  # feeds of one page that are asked
_GAPS = 5  # a source counts as silent after so many of its own median gaps
_ENDS = ("com", "co", "net", "org", "gov", "edu", "www")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that was asked: what it gave, or why it gave nothing."""

    url: str
    title: str
    entries: int
    newest_at: datetime | None
    code: str = ""
    detail: str = ""
    source: Source | None = None  # None: it can not be used


def find_feeds(config: Config, url: str, allow_addresses: Sequence[str], now: datetime) -> list[Candidate]:
    """The address as a feed, or the feeds that its page links to; the best first. Raises StoreError."""
    (answer, run), *_ = _ask(config, [url], allow_addresses)
    if answer is None:
        return [_unusable(url, run.code, run.detail)]
    asked = _judge(answer, url, url, allow_addresses, now)
    if asked.source is not None:
        return [asked]
    links = linked_feeds(answer)
    if not links:
        return [asked]
    found = []
    for link, (part, part_run) in zip(links, _ask(config, links, allow_addresses), strict=True):
        found.append(
            _judge(part, link, url, allow_addresses, now)
            if part is not None
            else _unusable(link, part_run.code, part_run.detail)
        )
    return sorted(found, key=_rank)


def linked_feeds(page: Answer) -> list[str]:
    """Addresses of feeds that an HTML page names: <link rel=alternate> first, then links that look like one."""
    root = parse(decode(page.body, page.content_type).text)
    if root is None:
        return []
    base = absolute(page.url, next(iter(root.xpath("//base/@href")), "")) or page.url
    named = [
        link.get("href", "")
        for link in root.xpath("//link[@href]")
        if "alternate" in link.get("rel", "").lower().split() and link.get("type", "").lower().strip() in _FEED_TYPES
    ]
    linked = [href for href in root.xpath("//a/@href") if _FEED_PATH.search(urlsplit(href[:2_000]).path)]
    addresses = dict.fromkeys(canonical_url(full) for href in (*named, *linked) if (full := absolute(base, href)))
    return sorted((address for address in addresses if address), key=lambda address: bool(_COMMENTS.search(address)))[
        :_MOST
    ]


def new_id(host: str, taken: Iterable[str]) -> str:
    """A name for a source from its host: the part of the domain that people say; with a number if it is taken."""
    labels = [label for label in registered_domain(host).split(".") if label not in _ENDS]
    base = re.sub(r"[^a-z0-9-]", "", labels[0] if labels else "") or "source"
    names = set(taken)
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in names)


def _ask(config: Config, urls: Sequence[str], allow_addresses: Sequence[str]) -> list[tuple[Answer | None, SourceRun]]:
    sources = tuple(_questioned(f"asked-{n}", url, allow_addresses) for n, url in enumerate(urls))
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        answers = process.submit(capture_all, config, sources).result()
    return [answers[source.id] for source in sources]


def _questioned(source_id: str, url: str, allow_addresses: Sequence[str]) -> Source:
    return Source(
        id=source_id, name=source_id, kind="community", language="en", access="feed", url=url, hosts=(host_of(url),),
        allow_addresses=tuple(allow_addresses), expect=Expect(max_age_days=36_500),
    )  # fmt: skip


def _judge(answer: Answer, url: str, site: str, allow_addresses: Sequence[str], now: datetime) -> Candidate:
    source = _questioned("asked", url, allow_addresses)
    try:
        found = DISCOVER["feed"](answer, source, now)
    except ParseError as error:
        return _unusable(url, error.code, error.message)
    made = _source_of(found, source, answer, site, now)
    return Candidate(
        url=url, title=made.name, entries=len(found.entries), newest_at=newest(found.entries, now), source=made
    )


def _source_of(found: Found, asked: Source, answer: Answer, site: str, now: datetime) -> Source:
    """What the entries tell of a source; the rest is for a person to correct."""
    words = " ".join(f"{entry.title} {plain(entry.summary, 500)}" for entry in found.entries[:30])
    language = main_language(words)
    gap_seconds = median_gap(found.entries, now)
    return Source(
        id=asked.id,
        name=_title(answer) or host_of(site),
        kind="community",
        language=language if language in LANGUAGES else "en",
        access="feed",
        url=asked.url,
        hosts=_own_hosts(found, asked.url, site),
        zone="Asia/Shanghai" if language == "zh" else "UTC",
        expect=Expect(gap_hours=min(8_760, max(48, round(_GAPS * gap_seconds / 3_600))) if gap_seconds else 168),
        allow_addresses=asked.allow_addresses,
        proof=f"named by {site}, read on {now.astimezone(UTC):%Y-%m-%d} with {len(found.entries)} entries",
        derived=("kind", "name", "language", "zone", "hosts", "expect"),
    )


def _own_hosts(found: Found, url: str, site: str) -> tuple[str, ...]:
    """Exact hosts under the registered domain of the site or its feed; other hosts are other publishers."""
    domains = {registered_domain(host_of(address)) for address in (url, site)}
    links = [entry.url for entry in found.entries if entry.url]
    hosts = dict.fromkeys(host_of(address) for address in (site, url, *links))
    return tuple(host for host in hosts if registered_domain(host) in domains)


def _title(answer: Answer) -> str:
    text = decode(answer.body, answer.content_type, "xml").text[:20_000]
    found = re.search(r"<title[^>]*>(?:\s*<!\[CDATA\[)?(.*?)(?:\]\]>\s*)?</title>", text, re.S) or re.search(
        r'"title"\s*:\s*"([^"\\]{1,200})"', text
    )
    return clean_line(plain(found[1], 500), 120) if found else ""


def _unusable(url: str, code: str, detail: str) -> Candidate:
    code = code if code in CODES else "not_a_feed"
    return Candidate(url=url, title="", entries=0, newest_at=None, code=code, detail=detail)


def _rank(candidate: Candidate) -> tuple[bool, bool, int]:
    return candidate.source is None, bool(_COMMENTS.search(candidate.url + candidate.title)), -candidate.entries
