"""Asking addresses without keeping anything: `sources probe` tells which are alive, `sources capture` saves what came.

Uses the same polite and safe fetching as the crawl; the archive is never written, but what hosts asked for (patience,
robots.txt) is remembered in it when there is one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from crawler.found import Answer
from crawler.run import CrawlJob, KnownArticle, run_crawl
from crawler.visit import OnAnswer
from db.store import Store
from db.types import FetchRecord, Outcome, RawArticle, Shape, Source, SourceMemory, SourceRun
from scheduler.config import Config

Verdict = Literal["alive", "empty", "dead-200", "refused", "stale", "broken"]

_STALE_GAPS = 3  # as in source health: silent past three times the expected gap
_DEAD = frozenset(
    {
        "not_a_feed", "not_a_sitemap", "not_json", "not_html", "soft_404", "parked_domain", "empty_body",
        "consent_page", "dtd_forbidden", "too_deep",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """What one address said. `newest_at` is the newest date among its entries, as far as they have one."""

    source_id: str
    verdict: Verdict
    entries: int
    newest_at: datetime | None
    run: SourceRun


@dataclass(slots=True)
class _Fresh:
    """A memory that knows hosts but no source, so that every address is asked in full."""

    store: Store

    def memory(self, source_id: str) -> SourceMemory:
        return SourceMemory(source_id=source_id)

    def known(self, addresses: Sequence[str], source_id: str) -> Mapping[str, KnownArticle]:
        return {}

    def shapes(self, source_id: str) -> Sequence[Shape]:
        return ()

    def robots(self, origin: str) -> tuple[datetime, int, str, bytes] | None:
        return self.store.robots(origin)

    def keep_robots(self, origin: str, at: datetime, status: int, code: str, body: bytes) -> None:
        self.store.keep_robots(origin, at, status, code, body)

    def retry_after(self, host: str) -> datetime | None:
        return self.store.retry_after(host)

    def keep_retry_after(self, host: str, until: datetime) -> None:
        self.store.keep_retry_after(host, until)


@dataclass(slots=True)
class _Collected:
    """A sink that keeps everything in memory."""

    raws: list[RawArticle] = field(default_factory=list)
    runs: dict[str, SourceRun] = field(default_factory=dict)

    async def article(self, raw: RawArticle) -> Outcome | None:
        self.raws.append(raw)
        return "new"

    def source_done(self, run: SourceRun, memory: SourceMemory, fetches: Sequence[FetchRecord]) -> None:
        self.runs[run.source_id] = run


def probe(config: Config, sources: Sequence[Source], now: datetime) -> list[Probe]:
    """Ask every address once. Old entries count here, so that a feed that fell silent is told from an empty one."""
    asked = tuple(replace(s, expect=replace(s.expect, max_age_days=36_500)) for s in sources if s.access != "mailbox")
    found = _ask(config, asked)
    dates: dict[str, list[datetime]] = {source.id: [] for source in asked}
    for raw in found.raws:
        if raw.entry.published_at:
            dates[raw.source.id].append(raw.entry.published_at)
    return [
        _judged(source, found.runs[source.id], max(dates[source.id], default=None), now)
        for source in asked
        if source.id in found.runs
    ]


def capture(config: Config, source: Source) -> tuple[Answer | None, SourceRun]:
    """What the source's address answered, whatever it is (None: nothing came), and how the request went."""
    return capture_all(config, (source,))[source.id]


def capture_all(config: Config, sources: tuple[Source, ...]) -> dict[str, tuple[Answer | None, SourceRun]]:
    """`capture` of several sources in one run, by id."""
    answers: dict[str, Answer] = {}

    def keep(source: Source, answer: Answer) -> None:
        answers.setdefault(source.id, answer)

    found = _ask(config, sources, on_answer=keep)
    return {source.id: (answers.get(source.id), found.runs[source.id]) for source in sources}


def _judged(source: Source, run: SourceRun, newest_at: datetime | None, now: datetime) -> Probe:
    verdict: Verdict = "alive"
    if run.code in _DEAD:
        verdict = "dead-200"
    elif run.code == "too_few_items":
        verdict = "empty"
    elif run.state in ("refused", "robots"):
        verdict = "refused"
    elif run.state == "broken":
        verdict = "broken"
    elif newest_at and now - newest_at > timedelta(hours=_STALE_GAPS * source.expect.gap_hours):
        verdict = "stale"
    return Probe(source.id, verdict, run.entries, newest_at, run)


def _ask(config: Config, sources: tuple[Source, ...], on_answer: OnAnswer | None = None) -> _Collected:
    job = CrawlJob(
        sources=sources, contact=config.crawler.contact, delay_seconds=config.crawler.delay_seconds,
        ca_file=config.ca_file, proxy=config.crawler.proxy, fetch_articles=False, full=True,
    )  # fmt: skip
    found = _Collected()
    with _hosts(config) as store:
        run_crawl(job, _Fresh(store), found, on_answer=on_answer)
    return found


@contextlib.contextmanager
def _hosts(config: Config) -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="masthead-probe-") as folder:
        path = config.db if config.db.exists() else Path(folder) / "probe.db"
        with Store.open(path, zone=config.team.zone) as store:
            yield store
