"""One question to a server, asked politely: guard, patience, robots.txt, the request, retries, redirects, the bound.

Linear on purpose: what happens to a request is what stands in `fetch`, top to bottom. It must not read content.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from scrapy import Request
from scrapy.http import Response

from crawler.fetch import redirects, robots
from crawler.fetch.asking import Ask, Fetched, Manners, fetched_from, header_of, place_of, request_for
from crawler.fetch.bodies import unpack
from crawler.fetch.failures import code_of_status, failure_of
from crawler.fetch.guard import Guard, Unreached
from crawler.fetch.patience import wait_until
from crawler.fetch.trust import Trust
from db.errors import CODES, FetchError
from db.types import FetchRecord, Source
from db.urls import host_of, redact

RETRIES = 2
_RETRIES_OF = {"timeout": 1}  # each costs the whole wall
_DETAIL_CHARACTERS = 300


class HostMemory(Protocol):
    """What is remembered about hosts between runs (db.store.Store)."""

    def robots(self, origin: str) -> tuple[datetime, int, str, bytes] | None: ...
    def keep_robots(self, origin: str, at: datetime, status: int, code: str, body: bytes) -> None: ...
    def retry_after(self, host: str) -> datetime | None: ...
    def keep_retry_after(self, host: str, until: datetime) -> None: ...


class Answered(FetchError):
    """The server answered, with a status that brings no content. `later`: it also named a time to come back."""

    def __init__(self, code: str, status: int, detail: str, *, about: str, later: bool = False) -> None:
        super().__init__(code, f"status {status}{detail}", about=about)
        self.status = status
        self.later = later


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """`download` sends one request; `pace` tells the downloader how far apart requests to a place must be."""

    download: Callable[[Request], Awaitable[Response]]
    pace: Callable[[str, float], None]
    guard: Guard
    trust: Trust
    memory: HostMemory
    manners: Manners
    clock: Callable[[], datetime]
    _robots: dict[str, robots.Robots] = field(default_factory=dict)
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def fetch(self, ask: Ask, log: list[FetchRecord]) -> Fetched:
        """The answer after redirects; each request, and each refusal, is appended to `log`. Raises FetchError."""
        url = ask.url
        for _ in range(redirects.MAX_REDIRECTS + 1):
            delay_seconds = await self._permission(url, ask, log)
            own = self.manners.delay_seconds if ask.source.delay_seconds is None else ask.source.delay_seconds
            self.pace(place_of(url), max(own, delay_seconds))
            response, body = await self._attempts(url, ask, log)
            if response.status not in redirects.REDIRECTS:
                return fetched_from(response, body)
            try:
                location = header_of(response, "Location") or ""
                url = redirects.follow(url, response.status, location, ask.source, ask.purpose)
            except FetchError as error:
                log[-1] = replace(log[-1], code=error.code, detail=error.message[:_DETAIL_CHARACTERS])
                raise
        raise FetchError(
            "too_many_redirects", f"more than {redirects.MAX_REDIRECTS}, last to {redact(url)}", about=redact(ask.url)
        )

    async def _permission(self, url: str, ask: Ask, log: list[FetchRecord]) -> float:
        """The crawl delay in seconds that robots.txt asks for; raises FetchError if `url` may not be asked for."""
        try:
            self.guard.check(url, ask.source.id)
            if ask.source.verify_tls and host_of(url) in self.trust.unverified and url.startswith("https:"):
                raise FetchError("tls_error", "only another source may ask it without a certificate", about=redact(url))
            until = self.memory.retry_after(place_of(url))
            if until is not None and self.clock() < until:
                raise FetchError("retry_later", f"asked to wait until {_minute(until)}", about=redact(url))
            if ask.purpose == "robots":
                return 0.0
            rules = await self._rules(robots.origin_of(url), ask.source, log)
            if rules.code:
                raise FetchError(rules.code, f"robots.txt: {rules.detail}", about=redact(url))
            if not rules.allows(url):
                raise FetchError("robots_disallowed", "robots.txt forbids this address", about=redact(url))
        except FetchError as error:
            self._note(log, ask, url, error=error)
            raise
        return rules.delay_seconds

    async def _rules(self, origin: str, source: Source, log: list[FetchRecord]) -> robots.Robots:
        async with self._locks[origin]:  # one question per origin, however many sources ask at once
            if origin not in self._robots:
                self._robots[origin] = await self._load_rules(origin, source, log)
        return self._robots[origin]

    async def _load_rules(self, origin: str, source: Source, log: list[FetchRecord]) -> robots.Robots:
        now = self.clock()
        kept = self.memory.robots(origin)
        if kept is not None and robots.is_fresh(kept[0], kept[2], now):
            _, _, code, body = kept
            return robots.Robots(code=code, detail="not readable within the last hour") if code else robots.read(body)
        ask = Ask(url=f"{origin}/robots.txt", source=source, purpose="robots", accept="text/plain,*/*;q=0.1")
        try:
            body = (await self.fetch(ask, log)).answer.body
        except FetchError as error:
            # A host that is not there at all, or asked for patience, says more by its own code; and an unreached
            # host may be asked again at once.
            if isinstance(error, Unreached) or error.code == "retry_later":
                raise
            code = "" if error.code in robots.NONE_THERE else "robots_unreachable"
            if not code:  # having none is no fault
                log[-1] = replace(log[-1], code="", detail="")
            self.memory.keep_robots(origin, now, log[-1].status, code, b"")
            return robots.Robots(code=code, detail=error.message)
        rules = robots.read(body)
        self.memory.keep_robots(origin, now, 200, rules.code, body)
        return rules

    async def _attempts(self, url: str, ask: Ask, log: list[FetchRecord]) -> tuple[Response, bytes]:
        """A response that brings content, says "unchanged" or redirects, and its body. Raises FetchError."""
        for attempt in range(1, RETRIES + 2):
            started = time.monotonic()
            try:
                response, body = await self._once(url, ask)
            except FetchError as error:
                self._note(log, ask, url, error=error, seconds=_since(started))
                later = isinstance(error, Answered) and error.later
                if later or not CODES[error.code].retry or attempt > _RETRIES_OF.get(error.code, RETRIES):
                    raise
            else:
                self._note(log, ask, url, response=response, seconds=_since(started))
                return response, body
            await asyncio.sleep(self.manners.retry_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, url: str, ask: Ask) -> tuple[Response, bytes]:
        try:
            response = await self.download(request_for(url, ask, self.manners))
        except Exception as error:
            failure = failure_of(error, url, self.guard, self.trust)
            if failure is None:
                raise
            raise failure from error
        if response.status in redirects.REDIRECTS:
            return response, b""
        try:
            self._check_status(response, url)
            limit_bytes = robots.MAX_BYTES if ask.purpose == "robots" else ask.source.max_bytes
            encodings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
            return response, unpack(response.body, encodings, limit_bytes, cut=ask.purpose == "robots")
        except FetchError as error:
            error.about = error.about or redact(url)
            raise

    def _check_status(self, response: Response, url: str) -> None:
        code = code_of_status(response.status)
        until = wait_until(response.status, header_of(response, "Retry-After"), self.clock())
        if until is not None:
            self.memory.keep_retry_after(place_of(url), until)
            detail = f", asked to wait until {_minute(until)}"
            raise Answered(code, response.status, detail, about=redact(url), later=True)
        if code:
            raise Answered(code, response.status, "", about=redact(url))

    def _note(
        self,
        log: list[FetchRecord],
        ask: Ask,
        url: str,
        *,
        response: Response | None = None,
        error: FetchError | None = None,
        seconds: float = 0.0,
    ) -> None:
        status = response.status if response is not None else error.status if isinstance(error, Answered) else 0
        log.append(
            FetchRecord(
                source_id=ask.source.id,
                url=redact(url),
                at=self.clock(),
                purpose=ask.purpose,
                status=status,
                code=error.code if error is not None else "",
                detail=error.message[:_DETAIL_CHARACTERS] if error is not None else "",
                size_bytes=len(response.body) if response is not None else 0,
                seconds=seconds,
            )
        )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _since(started: float) -> float:
    """Seconds, never 0: a record without any is a refusal of our own, for which nothing was sent."""
    return max(0.001, round(time.monotonic() - started, 3))
