"""One crawl in a process of its own (a reactor runs once per process), with a memory and a sink that can be looked at.

`crawl(...)` is for tests; `python -m tests.hostile.child` is its other end; orders and results lie in a folder.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import pickle
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from scrapy.utils import trackref

from crawler.found import Answer
from crawler.lookout import Lookout
from crawler.run import CrawlJob, run_crawl
from db.errors import StoreError
from db.types import FetchRecord, Outcome, RawArticle, Shape, Source, SourceMemory, SourceRun
from db.urls import canonical_url

Robots = tuple[datetime, int, str, bytes]


@dataclass
class KnownAddress:
    fingerprint: str
    tries: int


@dataclass
class Remembered:
    """What db.store.Store keeps for the crawler, in dictionaries."""

    sources: dict[str, SourceMemory] = field(default_factory=dict)
    addresses: dict[tuple[str, str], KnownAddress] = field(default_factory=dict)
    shapes_of: dict[str, list[Shape]] = field(default_factory=dict)
    robots_files: dict[str, Robots] = field(default_factory=dict)
    hosts: dict[str, datetime] = field(default_factory=dict)

    def memory(self, source_id: str) -> SourceMemory:
        return self.sources.get(source_id, SourceMemory(source_id=source_id))

    def known(self, addresses: Sequence[str], source_id: str) -> Mapping[str, KnownAddress]:
        return {url: self.addresses[url, source_id] for url in addresses if (url, source_id) in self.addresses}

    def shapes(self, source_id: str) -> Sequence[Shape]:
        return self.shapes_of.get(source_id, ())

    def robots(self, origin: str) -> Robots | None:
        return self.robots_files.get(origin)

    def keep_robots(self, origin: str, at: datetime, status: int, code: str, body: bytes) -> None:
        self.robots_files[origin] = (at, status, code, body)

    def retry_after(self, host: str) -> datetime | None:
        return self.hosts.get(host)

    def keep_retry_after(self, host: str, until: datetime) -> None:
        self.hosts[host] = until


_KEPT_BYTES = 100_000  # of an answer


@dataclass
class Result:
    """What one crawl did."""

    memory: Remembered = field(default_factory=Remembered)
    articles: list[RawArticle] = field(default_factory=list)
    runs: dict[str, SourceRun] = field(default_factory=dict)
    fetches: dict[str, list[FetchRecord]] = field(default_factory=dict)
    done_at: dict[str, float] = field(default_factory=dict)  # seconds after the start
    interrupted: bool = False
    error: str = ""
    seconds: float = 0.0
    max_rss_mib: float = 0.0
    start_rss_mib: float = 0.0
    log: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)  # of the sources' own addresses
    inside: dict[str, Any] = field(default_factory=dict)  # what Scrapy was made of, if asked for

    def code(self, source_id: str) -> str:
        return self.runs[source_id].code

    def titles(self, source_id: str) -> list[str]:
        return [raw.entry.title for raw in self.articles if raw.source.id == source_id]


@dataclass
class Keeping:
    """A sink that keeps everything in a Result. `slow_seconds`: how long it takes over an article; `full_after`:
    how many it has room for."""

    result: Result
    slow_seconds: float = 0.0
    full_after: int | None = None
    look_inside: bool = False
    started: float = field(default_factory=time.monotonic)

    async def article(self, raw: RawArticle) -> Outcome | None:
        await asyncio.sleep(self.slow_seconds)
        if self.full_after is not None and len(self.result.articles) >= self.full_after:
            raise StoreError("store_full", "no room left")
        self.result.articles.append(raw)
        key = (canonical_url(raw.entry.url or "") or "", raw.source.id)
        addresses = self.result.memory.addresses
        before = addresses.get(key)
        unread = "page_unread" in raw.entry.flags
        addresses[key] = KnownAddress(raw.fingerprint, (before.tries if before else 0) + 1 if unread else 0)
        shape = Shape(len(raw.entry.summary), raw.entry.published_at is not None, bool(raw.entry.title))
        shapes = self.result.memory.shapes_of.setdefault(raw.source.id, [])
        shapes.insert(0, shape)
        del shapes[30:]
        return "new" if before is None else "changed"

    def source_done(self, run: SourceRun, memory: SourceMemory, fetches: Sequence[FetchRecord]) -> None:
        self.result.runs[run.source_id] = run
        self.result.fetches[run.source_id] = list(fetches)
        self.result.memory.sources[run.source_id] = memory
        if self.look_inside:
            self.result.inside = _inside()
        self.result.done_at[run.source_id] = time.monotonic() - self.started


def crawl(
    sources: Sequence[Source],
    *,
    memory: Remembered | None = None,
    later: timedelta = timedelta(),
    names: Mapping[str, Sequence[Sequence[str]]] | None = None,
    slow_seconds: float = 0.0,
    full_after: int | None = None,
    look_inside: bool = False,
    during: Callable[[int], None] | None = None,
    **job: Any,
) -> Result:
    """Crawl in a child. `later`: how far its clock is ahead; `names`: host → the answers of successive look-ups.

    `during` is called with the child's process id. Delays are 0 and retries immediate unless `job` says otherwise.
    """
    job = {"contact": "ops@example.test", "delay_seconds": 0.0, "retry_seconds": 0.01, **job}
    order = (tuple(sources), job, memory or Remembered(), later, names, (slow_seconds, full_after, look_inside))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "order").write_bytes(pickle.dumps(order))
        _nursery().raise_child(folder, during)
        result: Result = pickle.loads((folder / "result").read_bytes())
        result.log = (folder / "log").read_text("utf-8", "replace")
        return result


class _Nursery:
    """A process that has imported the crawler and forks a child for each order: a start costs milliseconds."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.hostile.child"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self._process.terminate)

    def raise_child(self, folder: Path, during: Callable[[int], None] | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        if during is not None:
            during(pid)
        status = self._process.stdout.readline().strip()
        assert status == "0", (folder / "log").read_text("utf-8", "replace")


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def _lookup(names: Mapping[str, Sequence[Sequence[str]]]) -> Callable[..., Any]:
    """A stub of socket.getaddrinfo: scripted names, literals as they are, everything else unknown.

    The answer "hang" keeps the caller waiting, as a dead resolver does.
    """
    asked: dict[str, int] = {}

    def lookup(host: str, port: int, family: int, kind: int) -> list[Any]:
        if host not in names:
            return socket.getaddrinfo(host, port, family, kind, flags=socket.AI_NUMERICHOST)
        answers = names[host]
        turn = asked[host] = asked.get(host, -1) + 1
        addresses = answers[min(turn, len(answers) - 1)]
        if addresses == ["hang"]:
            time.sleep(1)
            return []
        found = []
        for address in addresses:
            found += socket.getaddrinfo(address, port, family, kind, flags=socket.AI_NUMERICHOST)
        return found

    return lookup


def _inside() -> dict[str, Any]:
    """What the running crawl consists of, whatever the settings say."""
    from twisted.internet import reactor

    crawler = cast(Lookout, trackref.get_oldest("Lookout")).crawler
    engine = crawler.engine

    def names(things: Iterable[object]) -> list[str]:
        return sorted({type(thing).__name__ for thing in things})

    return {
        "middlewares": names(engine.downloader.middleware.middlewares),
        "spider_middlewares": names(engine.scraper.spidermw.middlewares),
        "extensions": names(crawler.extensions.middlewares),
        "schemes": sorted(engine.downloader.handlers._schemes),
        "handlers": names(engine.downloader.handlers._handlers.values()),
        "listening": sum(type(reader).__name__ == "Port" for reader in cast(Any, reactor).getReaders()),
    }


def _rss_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _beginning(answer: Answer) -> Answer:
    """What we keep must not be what a test of memory measures."""
    return replace(answer, body=answer.body[:_KEPT_BYTES])


def _child(folder: Path) -> None:
    log = os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 2)
    sources, job, memory, later, names, manner = pickle.loads((folder / "order").read_bytes())
    result = Result(memory=memory, start_rss_mib=_rss_mib())
    sink = Keeping(result, *manner)
    extra = {"lookup": _lookup(names)} if names is not None else {}
    try:
        result.interrupted = run_crawl(
            CrawlJob(sources=sources, **job),
            memory,
            sink,
            clock=lambda: datetime.now(UTC) + later,
            on_answer=lambda source, answer: result.answers.update({source.id: _beginning(answer)}),
            **extra,
        )
    except Exception as error:  # noqa: BLE001 (the parent wants to see whatever it was)
        result.error = f"{type(error).__name__}: {error}"
    result.seconds = time.monotonic() - sink.started
    result.max_rss_mib = _rss_mib()
    (folder / "result").write_bytes(pickle.dumps(result))


def _raise_children() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _child(Path(line.strip()))
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is found there.
    from tests.hostile.child import _raise_children as run

    run()
