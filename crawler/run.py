"""One crawl in one process: many sources, one reactor. Blocking; a process can do it once (a reactor never restarts).

It decides nothing about when or whom (scheduler), and keeps nothing: memory and sink are handed in.
"""

from __future__ import annotations

import importlib.metadata
import logging
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor
from twisted.python.log import PythonLoggingObserver

from crawler.fetch.asking import Manners
from crawler.fetch.guard import Guard, GuardedResolver, Lookup
from crawler.fetch.robots import AGENT
from crawler.fetch.settings import REQUESTS_PER_PLACE, check_scrapy, scrapy_settings
from crawler.fetch.trust import Trust, unverified_hosts
from crawler.lookout import Lookout, Sink
from crawler.visit import KnownArticle, Memory, OnAnswer, Rules
from db.types import Source
from db.urls import redact

__all__ = ["CrawlJob", "KnownArticle", "Memory", "Sink", "run_crawl"]

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """What to crawl and how. `delay_seconds` per host and port, 0 = as fast as the host answers.

    `contact` stands in the user agent; `ca_file` (PEM) adds an authority; `proxy` (http://host:port) is trusted.
    """

    sources: tuple[Source, ...]
    contact: str
    delay_seconds: float = 1.0
    ca_file: str = ""
    proxy: str = ""
    fetch_articles: bool = True
    since: datetime | None = None
    full: bool = False  # ask unconditionally and read again what seems unchanged
    at_once: int = 32  # sources, and requests
    request_seconds: float = 30.0  # one request, its body included
    source_seconds: float = 600.0
    run_seconds: float = 3600.0  # all of it; what is not done then is said so
    dns_seconds: float = 10.0
    retry_seconds: float = 1.0
    grace_seconds: float = 20.0  # after SIGTERM


def utc_now() -> datetime:
    return datetime.now(UTC)


def run_crawl(
    job: CrawlJob,
    memory: Memory,
    sink: Sink,
    *,
    clock: Callable[[], datetime] = utc_now,
    lookup: Lookup = socket.getaddrinfo,
    on_answer: OnAnswer | None = None,
) -> bool:
    """Visit every source of the job. True if a signal (or its own memory) ended it early; what is finished is kept.

    `on_answer` is shown each answer of a source's own address as it came, blocked or not, before it is read.
    Raises StoreError (from sink or memory), DataFileError (ca_file), RuntimeError (Scrapy too old).
    """
    check_scrapy()
    trust = Trust(job.ca_file, unverified_hosts(job.sources))
    if not job.sources:
        return False
    settings = scrapy_settings(job.request_seconds)
    install_reactor(settings["TWISTED_REACTOR"])
    from twisted.internet import reactor as installed  # not before: the import alone would install another one

    reactor: Any = installed
    guard = Guard(job.sources, _proxy(job))
    resolver = GuardedResolver(reactor, guard, job.dns_seconds, lookup)
    reactor.installNameResolver(resolver)
    reactor.suggestThreadPoolSize(settings["REACTOR_THREADPOOL_MAXSIZE"])
    _quieten_logs()

    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(Lookout)
    crawl = runner.crawl(
        crawler,
        sources=job.sources,
        rules=_rules(job),
        manners=_manners(job),
        memory=memory,
        sink=sink,
        clock=clock,
        guard=guard,
        resolver=resolver,
        trust=trust,
        at_once=job.at_once,
        run_seconds=job.run_seconds,
        grace_seconds=job.grace_seconds,
        on_answer=on_answer,
    )
    crawl.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)  # the lookout handles signals: it knows what is worth finishing
    crawl.result()
    lookout = cast(Lookout, crawler.spider)
    if lookout.outcome is None or lookout.outcome.cancelled():  # Scrapy ended the run: memory
        return True
    lookout.outcome.result()
    return lookout.interrupted


def _rules(job: CrawlJob) -> Rules:
    return Rules(
        fetch_articles=job.fetch_articles,
        since=job.since,
        full=job.full,
        source_seconds=job.source_seconds,
        # With a delay the downloader sends one at a time; a second one is read while the first waits for its turn.
        pages_at_once=2 if job.delay_seconds else REQUESTS_PER_PLACE,
    )


def _manners(job: CrawlJob) -> Manners:
    contact = f" (+{job.contact})" if job.contact else ""
    return Manners(
        user_agent=f"{AGENT}/{importlib.metadata.version('masthead')}{contact}",
        delay_seconds=job.delay_seconds,
        request_seconds=job.request_seconds,
        retry_seconds=job.retry_seconds,
        proxy=_proxy(job),
    )


def _proxy(job: CrawlJob) -> str:
    return job.proxy if not job.proxy or "://" in job.proxy else f"http://{job.proxy}"


def _quieten_logs() -> None:
    """Scrapy and Twisted speak of requests: only their errors pass, and no secret of an address does."""
    for name in ("scrapy", "twisted"):
        logging.getLogger(name).setLevel(logging.ERROR)
    PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]  # Twisted
    redactor = _Redactor()
    for handler in [*logging.getLogger().handlers, *([logging.lastResort] if logging.lastResort else [])]:
        handler.addFilter(redactor)


class _Redactor(logging.Filter):
    """Takes user-info and tokens out of every address in a message or trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _redacted(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _redacted(record.exc_text)
        return True


def _redacted(text: str) -> str:
    return _ADDRESS.sub(lambda found: redact(found[0]), text)
