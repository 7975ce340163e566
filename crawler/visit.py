"""One source in one run, from its address to its report. Linear; a failure becomes a value, a bug is recorded.

It knows neither Scrapy nor the archive: the fetcher asks, the memory knows, the sink takes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from crawler import choose, health
from crawler.blocked import blocked
from crawler.fetch.asking import Ask, Fetched, place_of
from crawler.fetch.fetcher import Fetcher, HostMemory
from crawler.fetch.redirects import Moved
from crawler.found import Answer, Found, TooFew
from crawler.spiders import DISCOVER
from db.errors import FetchError, ParseError, StoreError
from db.types import Access, Entry, FetchRecord, Outcome, RawArticle, Shape, Source, SourceMemory, SourceRun
from db.urls import canonical_url, host_of

log = logging.getLogger(__name__)

_GIVE_UP_AFTER = 3  # pages in a row that could not be read: the rest waits for the next run
_ACCEPT: Mapping[Access, str] = {
    "feed": "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    "sitemap": "application/xml,text/xml;q=0.9,*/*;q=0.5",
    "api": "application/json,*/*;q=0.5",
}
_ACCEPT_PAGE = "text/html,application/xhtml+xml,*/*;q=0.5"


OnAnswer = Callable[[Source, Answer], None]


class KnownArticle(Protocol):
    """What the archive knows of an address."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def tries(self) -> int: ...


class Memory(HostMemory, Protocol):
    """What is remembered between runs (db.store.Store). `known`: canonical address → what is known of it; `shapes`: of
    its newest articles, newest first."""

    def memory(self, source_id: str) -> SourceMemory: ...
    def known(self, addresses: Sequence[str], source_id: str) -> Mapping[str, KnownArticle]: ...
    def shapes(self, source_id: str) -> Sequence[Shape]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for every visit of a run. `pages_at_once`: of one source."""

    fetch_articles: bool
    since: datetime | None
    full: bool
    source_seconds: float
    pages_at_once: int


@dataclass(slots=True, kw_only=True)
class Visit:
    """`hand_over` gives an article to the sink, `room` waits until it can take one; `stopping`: the run is to end soon.

    `on_answer` is shown what the source's own address answered, whatever it is. `left_seconds`: of the whole run.
    """

    source: Source
    rules: Rules
    fetcher: Fetcher
    memory: Memory
    hand_over: Callable[[RawArticle], Awaitable[Outcome | None]]
    room: Callable[[], Awaitable[None]]
    stopping: Callable[[], bool]
    clock: Callable[[], datetime]
    left_seconds: float
    on_answer: OnAnswer | None = None
    fetches: list[FetchRecord] = field(default_factory=list)
    code: str = ""
    detail: str = ""
    _before: SourceMemory = field(init=False)
    _started: float = field(default_factory=time.monotonic)
    _sighting: health.Sighting = field(default_factory=health.Sighting)
    _counts: Counter[str] = field(default_factory=Counter)  # new, changed, same, failed
    _notes: Counter[str] = field(default_factory=Counter)  # codes of single entries
    _asked: Ask | None = None
    _fetched: Fetched | None = None  # without its body, once that is read: many visits wait for their pages
    _body_hash: str = ""
    _complete: bool = True  # nothing is left for the next run: its answer may be "unchanged"
    _unread_in_a_row: int = 0
    _moved_to: str = ""

    async def run(self) -> None:
        """Visit the source; afterwards `report` says how it went. Raises StoreError alone."""
        try:
            self._before = self.memory.memory(self.source.id)
            if self.left_seconds <= 0:
                raise TimeoutError
            async with asyncio.timeout(min(self.rules.source_seconds, self.left_seconds)):
                await self._look()
        except TimeoutError:
            if self.left_seconds < self.rules.source_seconds:
                self._fail("run_deadline", "not done when the time of the whole crawl was up")
            else:
                self._fail("source_deadline", f"not done within {self.rules.source_seconds:.0f} seconds")
        except StoreError:
            raise
        except (FetchError, ParseError) as error:
            if isinstance(error, Moved):
                self._moved_to = error.target
            self._fail(error.code, error.message)
        except Exception as error:
            log.exception("%s: our own code failed", self.source.id)
            self._fail("source_bug", type(error).__name__)  # its text may hold anything, a secret address included

    def report(self, code: str = "") -> tuple[SourceRun, SourceMemory]:
        """The report and the new memory; `code` replaces the visit's own (network_down)."""
        now = self.clock()
        detail = self.detail or choose.notes_line(sorted(self._notes.items()))
        sighting = replace(self._sighting, code=code or self.code, detail=detail)
        memory = self._with_validators(health.judge(self._before, sighting, self.source, now), now)
        until = self.memory.retry_after(place_of(self._address()))
        memory = replace(
            memory,
            moved_to=self._moved_to or (self._before.moved_to if sighting.code else ""),
            retry_after_at=until if until and until > now else None,
        )
        run = SourceRun(
            source_id=self.source.id,
            state=memory.state,
            was=self._before.state,
            code=sighting.code,
            detail=detail,
            new=self._counts["new"],
            changed=self._counts["changed"],
            same=self._counts["same"],
            failed=self._counts["failed"],
            entries=memory.entries if sighting.entries is None and not sighting.code else sighting.entries or 0,
            requests=sum(fetch.seconds > 0 for fetch in self.fetches),
            seconds=round(time.monotonic() - self._started, 3),
        )
        return run, memory

    # -------------------------------------------------------------- the source's own address
    async def _look(self) -> None:
        now = self.clock()
        trusting = not self.rules.full and choose.trusts_memory(self._before, now)
        self._asked = self._question(now, trusting)
        self._fetched = fetched = await self.fetcher.fetch(self._asked, self.fetches)
        self._body_hash = sha256(fetched.answer.body).hexdigest()
        same_body = trusting and self._body_hash == self._before.body_hash
        if fetched.unchanged and not (self._asked.etag or self._asked.last_modified):
            raise FetchError("http_error", "status 304 to a question that was not conditional", about=self._asked.url)
        if fetched.unchanged or same_body:
            self._counts["same"] = self._before.entries
            return
        if self.on_answer is not None:
            self.on_answer(self.source, fetched.answer)
        self._check_place(fetched.answer)
        try:
            found = await self._read(fetched.answer, now)
        except TooFew as error:
            found = error.found
            self._fail(error.code, error.message)
        if not self._is_page:
            self._fetched = replace(fetched, answer=replace(fetched.answer, body=b""))
            del fetched
        self._notes.update(flag for flag in found.flags if flag != "no_dates")
        self._sighting = health.Sighting(
            entries=len(found.entries),
            newest_at=health.newest(found.entries, now),
            gap_seconds=health.median_gap(found.entries, now),
        )
        undated = health.lost_dates(self._before, len(found.entries), self._sighting.newest_at, now)
        if not self.code and (undated or "no_dates" in found.flags):
            self._fail("no_dates", f"none of {len(found.entries)} entries has a date")
        taken = choose.take(found.entries, self.source, now, self.rules.since)
        self._notes["too_old"] += taken.too_old
        todo = self._todo(taken.entries)
        del found, taken  # of a large document the texts: each goes as its article is handed over
        await _together(self._one_by_one(todo), self.rules.pages_at_once)
        self._sighting = replace(self._sighting, new=self._counts["new"] + self._counts["changed"] * self._is_page)
        self._compare_shapes()

    def _compare_shapes(self) -> None:
        """Whether what was stored looks like what the source gave in earlier runs."""
        learned = self._before.last_good_at and not self._is_page
        if learned and not self.code and (lack := health.lacking(self.memory.shapes(self.source.id))):
            self._fail(*lack)

    def _check_place(self, answer: Answer) -> None:
        """A watched page that now answers elsewhere than it ever did may be another page. Raises Moved."""
        place, asked = canonical_url(answer.url), canonical_url(self._address())
        if not (self._is_page and self._before.last_good_at and place and place != asked):
            return
        if place not in self.memory.known([place], self.source.id):
            raise Moved(self._address(), answer.url, "page_moved")

    def _question(self, now: datetime, trusting: bool) -> Ask:
        api = self.source.api
        method = api.method if api is not None else "GET"
        body = choose.dated(api.body, self.source, now).encode() if api is not None else b""
        # What a day's address answered yesterday says nothing of today's.
        conditional = trusting and method == "GET" and self._address() == self.source.url
        return Ask(
            url=self._address(),
            source=self.source,
            purpose="source",
            accept=_ACCEPT.get(self.source.access, _ACCEPT_PAGE),
            method=method,
            body=body,
            etag=self._before.etag if conditional else "",
            last_modified=self._before.last_modified if conditional else "",
        )

    async def _read(self, answer: Answer, now: datetime) -> Found:
        """The entries of the answer and of the parts it names (a sitemap index)."""
        if code := blocked(answer):
            raise ParseError(code, "a page that is no content came instead", about=answer.url)
        discover = DISCOVER[self.source.access]
        found = discover(answer, self.source, now)
        if not found.more:
            return found
        entries, flags = list(found.entries), list(found.flags)
        for url in found.more:
            if host_of(url) not in {host_of(answer.url), *self.source.hosts}:
                flags.append("partial_parse")
                continue
            try:
                ask = Ask(url=url, source=self.source, purpose="source", accept=_ACCEPT["sitemap"])
                part = discover((await self.fetcher.fetch(ask, self.fetches)).answer, self.source, now)
            except TooFew as error:  # the promise is the whole's, not each part's
                part = error.found
            except (FetchError, ParseError):
                flags.append("partial_parse")
                self._complete = False
                continue
            entries += part.entries
            flags += part.flags
        whole = Found(entries=tuple(entries), flags=tuple(dict.fromkeys(flags)))
        if len(entries) < self.source.expect.min_items:
            detail = f"{len(entries)} entries in {len(found.more)} parts; {self.source.expect.min_items} expected"
            raise TooFew(whole, detail, about=answer.url)
        return whole

    # -------------------------------------------------------------- its entries
    def _todo(self, entries: Sequence[Entry]) -> deque[tuple[Entry, str, int]]:
        """The entries to read, each with its mark and how often its page was tried."""
        keys = {entry: canonical_url(entry.url) if entry.url else None for entry in entries}
        known = self.memory.known([key for key in dict.fromkeys(keys.values()) if key], self.source.id)
        todo = deque[tuple[Entry, str, int]]()
        room = choose.MAX_NEW if self._before.last_good_at else len(keys)  # the first visit takes all there is
        for entry, key in keys.items():
            before = known.get(key) if key else None
            mark = self._mark(entry)
            if before is not None and before.fingerprint == mark:
                self._counts["same"] += 1
            elif before is None and not room:
                self._notes["too_many_new"] += 1
                self._complete = False
            else:
                todo.append((entry, mark, before.tries if before is not None else 0))
                room -= before is None
        return todo

    def _mark(self, entry: Entry) -> str:
        return self._body_hash[:16] if self._is_page else choose.fingerprint(entry)

    def _one_by_one(self, todo: deque[tuple[Entry, str, int]]) -> Iterable[Awaitable[None]]:
        while todo:
            if self.stopping():
                self._complete = False
                return
            yield self._one(*todo.popleft())

    async def _one(self, entry: Entry, mark: str, tries: int) -> None:
        await self.room()
        page, code = await self._page_of(entry)
        if code:
            final = code in choose.FINAL
            entry = replace(entry, flags=(*entry.flags, code if code.startswith("offsite_") else "page_unread"))
            self._notes[code] += 1
            self._counts["failed"] += not code.startswith("offsite_")
            if not final and tries + 1 < choose.MAX_TRIES:
                mark, self._complete = "", False
            if not choose.says_something(entry):
                return
        if not self.source.verify_tls:
            entry = replace(entry, flags=(*entry.flags, "unverified_transport"))
            self._notes["unverified_transport"] += 1
        raw = RawArticle(
            source=self.source,
            entry=entry,
            seen_at=self.clock(),
            url=page.url if page is not None else entry.url,
            body=page.body if page is not None else None,
            content_type=page.content_type if page is not None else "",
            fingerprint=mark,
        )
        outcome = await self.hand_over(raw)
        if outcome is None:
            self._complete = False
        if outcome == "lost":
            self._fail("page_replaced", "no text, or next to nothing of the wording known so far")
            return
        self._counts[outcome or "failed"] += 1

    async def _page_of(self, entry: Entry) -> tuple[Answer | None, str]:
        """The article's page, or None and why it was not read; None and "" where it is not wanted."""
        if self._is_page and self._fetched is not None:
            return self._fetched.answer, ""
        if entry.url is None or not (self.source.fetch_articles and self.rules.fetch_articles):
            return None, ""
        if host_of(entry.url) not in self.source.hosts:
            return None, "offsite_link"
        if self._unread_in_a_row >= _GIVE_UP_AFTER:
            return None, "page_unread"
        try:
            ask = Ask(url=entry.url, source=self.source, purpose="article", accept=_ACCEPT_PAGE)
            answer = (await self.fetcher.fetch(ask, self.fetches)).answer
            if code := blocked(answer):
                raise ParseError(code, "a page that is no content came instead", about=answer.url)
        except (FetchError, ParseError) as error:
            self._unread_in_a_row += error.code not in choose.FINAL
            return None, error.code
        self._unread_in_a_row = 0
        return answer, ""

    # -------------------------------------------------------------- how it went
    def _fail(self, code: str, detail: str) -> None:
        self.code, self.detail, self._complete = code, detail[:300], False

    def _with_validators(self, memory: SourceMemory, now: datetime) -> SourceMemory:
        """What the next visit may compare with: nothing, unless this one left nothing over."""
        if self._fetched is None or not self._complete:
            return replace(memory, etag="", last_modified="", body_hash="") if self._fetched is not None else memory
        conditional = self._asked is not None and bool(self._asked.etag or self._asked.last_modified)
        if self._fetched.unchanged:
            return memory
        return replace(
            memory,
            etag=self._fetched.etag,
            last_modified=self._fetched.last_modified,
            body_hash=self._body_hash,
            last_full_at=memory.last_full_at if conditional else now,
        )

    def _address(self) -> str:
        return choose.dated(self.source.url, self.source, self.clock())

    @property
    def _is_page(self) -> bool:
        return self.source.access == "page"


async def _together(work: Iterable[Awaitable[None]], at_once: int) -> None:
    """Do all of `work`, so many at a time; the first failure ends the rest and is raised as it is."""
    waiting = iter(work)

    async def worker() -> None:
        for one in waiting:
            await one

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from first.__cause__
