"""The one Scrapy spider: visits all sources of a run side by side in one reactor and keeps the bounds between them.

What a visit does is in visit.py. Here: who may go now, how many at once, what happens at the end and on a signal.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response

from crawler.fetch.asking import CUT_BYTES, Manners
from crawler.fetch.budget import LARGE_BYTES, Budget
from crawler.fetch.fetcher import Fetcher
from crawler.fetch.guard import Guard, GuardedResolver
from crawler.fetch.settings import REQUESTS_PER_PLACE
from crawler.fetch.trust import Trust
from crawler.visit import Memory, OnAnswer, Rules, Visit
from db.types import FetchRecord, Outcome, RawArticle, Source, SourceMemory, SourceRun
from db.urls import host_of

_OFFLINE = ("dns_error", "connection_lost", "timeout")  # how the world looks from a machine without a network
_SOURCES_FOR_OFFLINE = 2  # one unreachable source is that source's trouble
_READ_BYTES = "masthead_read_bytes"
_WAITING_ARTICLES = 16  # enough to keep every worker busy


class Sink(Protocol):
    """Who takes what is found. None from `article`: it failed and that is recorded. Raises StoreError alone."""

    async def article(self, raw: RawArticle) -> Outcome | None: ...
    def source_done(self, run: SourceRun, memory: SourceMemory, fetches: Sequence[FetchRecord]) -> None: ...


class Lookout(Spider):
    """`outcome` ends with the run and holds what ended it early, `interrupted` says whether a signal did."""

    name = "lookout"

    def __init__(
        self,
        *,
        sources: tuple[Source, ...],
        rules: Rules,
        manners: Manners,
        memory: Memory,
        sink: Sink,
        clock: Callable[[], datetime],
        guard: Guard,
        resolver: GuardedResolver,
        trust: Trust,
        at_once: int,
        run_seconds: float,
        grace_seconds: float,
        on_answer: OnAnswer | None,
    ) -> None:
        super().__init__()
        self.guard, self.resolver, self.trust = guard, resolver, trust  # for the download handler
        self.budget = Budget()
        self.outcome: asyncio.Task[None] | None = None
        self.interrupted = False
        self._sources = [_with_hosts(source) for source in sources]
        self._rules, self._memory, self._sink, self._clock = rules, memory, sink, clock
        self._visiting = asyncio.Semaphore(at_once)
        self._requesting = asyncio.Semaphore(at_once)
        self._ends_at, self._grace_seconds = time.monotonic() + run_seconds, grace_seconds
        self._on_answer = on_answer
        self._visits: list[asyncio.Task[None]] = []
        self._saving: set[asyncio.Future[Outcome | None]] = set()
        self._unreached: list[Visit] | None = []  # reports held back until one source was reached
        self._fetcher = Fetcher(
            download=self._download,
            pace=self._pace,
            guard=guard,
            trust=trust,
            memory=memory,
            manners=manners,
            clock=clock,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Lookout:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._cut, signal=signals.bytes_received)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """The whole run; Scrapy closes the spider when it ends."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        self.outcome = loop.create_task(self._run())
        try:
            await asyncio.wait([self.outcome])
        finally:  # also when Scrapy itself ends the run (memory)
            self.outcome.cancel()
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # Scrapy wants an asynchronous generator; the requests went out already
            yield request

    async def _run(self) -> None:
        self._visits = [asyncio.create_task(self._visit(source)) for source in self._sources]
        try:
            done, _ = await asyncio.wait(self._visits, return_when=asyncio.FIRST_EXCEPTION)
            if self._saving:
                await asyncio.wait(self._saving, timeout=self._grace_seconds)
            for visit in done:
                if not visit.cancelled():
                    visit.result()
            self._report_unreached()
        finally:
            self._cancel()

    # -------------------------------------------------------------- a source
    async def _visit(self, source: Source) -> None:
        async with self._visiting:
            if self.interrupted:
                return
            visit = Visit(
                source=source,
                rules=self._rules,
                fetcher=self._fetcher,
                memory=self._memory,
                hand_over=self._hand_over,
                room=self._room,
                stopping=lambda: self.interrupted,
                clock=self._clock,
                left_seconds=self._ends_at - time.monotonic(),
                on_answer=self._on_answer,
            )
            await visit.run()
            self._report(visit)

    async def _room(self) -> None:
        """Wait while many articles wait for the sink: a page that is not fetched yet takes no memory."""
        while len(self._saving) >= _WAITING_ARTICLES:
            await asyncio.wait(self._saving, return_when=asyncio.FIRST_COMPLETED)

    async def _hand_over(self, raw: RawArticle) -> Outcome | None:
        """Once begun, storing goes on: a deadline of the source must not tear an article out of the sink's hands."""
        size_bytes = len(raw.body or b"")
        held = self.budget.hold(size_bytes if size_bytes > LARGE_BYTES else 0)
        task = asyncio.ensure_future(self._sink.article(raw))
        task.add_done_callback(lambda _: self.budget.release(held))
        self._saving.add(task)
        task.add_done_callback(self._saved)
        return await asyncio.shield(task)

    def _saved(self, task: asyncio.Future[Outcome | None]) -> None:
        """Its failure reaches the visit that waits for it; of visits that the first failure ended, nobody waits."""
        self._saving.discard(task)
        if not task.cancelled():
            task.exception()

    def _report(self, visit: Visit) -> None:
        if self._unreached is not None:
            if visit.code in _OFFLINE:
                self._unreached.append(visit)
                return
            self._report_unreached()
        self._sink.source_done(*visit.report(), visit.fetches)

    def _report_unreached(self) -> None:
        """Report what was held back: as "network down" if no source of the run was reached."""
        held, self._unreached = self._unreached or [], None
        offline = len(held) >= _SOURCES_FOR_OFFLINE and len(held) == len(self._sources)
        for visit in held:
            self._sink.source_done(*visit.report("network_down" if offline else ""), visit.fetches)

    # -------------------------------------------------------------- a request
    async def _download(self, request: Request) -> Response:
        async with self._requesting:
            if self.crawler.engine.needs_backout():  # Scrapy is ending the run (memory)
                self.interrupted = True
                self._cancel()
                raise asyncio.CancelledError
            response = await self.crawler.engine.download_async(request)
        if "Content-Encoding" in response.headers:  # a small one may unpack to a large one
            await self.budget.room()
        return response

    def _pace(self, place: str, delay_seconds: float) -> None:
        """Requests to `place` are that far apart from now on; of several wishes the longest holds."""
        downloader = self.crawler.engine.downloader
        known = downloader.per_slot_settings.get(place)
        if known is not None and known["delay"] >= delay_seconds:
            return
        at_once = 1 if delay_seconds else REQUESTS_PER_PLACE
        downloader.per_slot_settings[place] = {"concurrency": at_once, "delay": delay_seconds, "jitter": 0.0}
        if slot := downloader.slots.get(place):
            slot.concurrency, slot.delay = at_once, delay_seconds

    def _cut(self, data: bytes, request: Request, spider: Spider) -> None:
        """End a download that has brought as much as its question wants."""
        if CUT_BYTES in request.meta:
            read_bytes = request.meta[_READ_BYTES] = request.meta.get(_READ_BYTES, 0) + len(data)
            if read_bytes >= request.meta[CUT_BYTES]:
                raise StopDownload(fail=False)

    # -------------------------------------------------------------- the end
    def _stop(self) -> None:
        """A signal came: nothing new is begun, what is in hand has some seconds; a second signal takes them away."""
        if self.interrupted:
            self._cancel()
        self.interrupted = True
        asyncio.get_running_loop().call_later(self._grace_seconds, self._cancel)

    def _cancel(self) -> None:
        for task in self._visits:
            task.cancel()


def _with_hosts(source: Source) -> Source:
    """A source without hosts owns the one it is read from."""
    return source if source.hosts else replace(source, hosts=(host_of(source.url),))
