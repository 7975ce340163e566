"""Worker processes that read and tag articles, so that one bad page costs one process and both cores are used.

Hands out pure work only: no database, no network in a worker.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import gc
import logging
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from db.errors import ParseError
from db.retagging import StoredText
from db.types import PageEdit, RawArticle, RuleRow, TaggedArticle, Tags, ToldEdit

if TYPE_CHECKING:
    from scheduler.lexicon_rows import EntityRow

A = TypeVar("A")
B = TypeVar("B")

log = logging.getLogger(__name__)

#: One worker's address space; a page that needs more fails with MemoryError instead of taking the machine.
MEMORY_BYTES = 3 * 1024**3
#: More of them wait for the one reactor that feeds them, and each takes 60 MB.
MOST = 2
LARGE_BYTES = 200_000  # a page after which a worker tidies up
#: A worker stuck inside a C library, where no Python alarm can ring, is ended after this time.
STUCK_SECONDS = 20.0


def _start(own: tuple[Path, ...]) -> None:
    # Ctrl-C reaches the whole process group; the crawl decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if own:
        from scheduler import warm

        warm.use(own)


def _end_with_parent() -> None:
    """A killed crawl must not leave its workers behind: they would wait for work, and hold its output open."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _watched() -> Iterator[None]:
    faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _work(raw: RawArticle) -> TaggedArticle:
    from scheduler.warm import LEXICON, process

    with _watched():
        try:
            return process(raw, LEXICON)
        finally:
            if len(raw.body or b"") > LARGE_BYTES:
                _give_back()


def _give_back() -> None:
    """What a large page took goes back to the machine, not to the next page of this worker."""
    gc.collect()
    with suppress(AttributeError, OSError):  # a C library without it
        ctypes.CDLL(None).malloc_trim(0)


def _tag_again(stored: StoredText) -> Tags | None:
    from scheduler.warm import LEXICON, tag_again

    with _watched():
        return tag_again(stored, LEXICON)


def _tell_edit(edit: PageEdit) -> ToldEdit:
    from scheduler.warm import LEXICON, tell_edit

    with _watched():
        return tell_edit(edit, LEXICON)


def _entity_rows(_: None) -> list[EntityRow]:
    from scheduler.lexicon_rows import entity_rows
    from scheduler.warm import LEXICON

    return entity_rows(LEXICON)


def _rule_rows(known: str) -> tuple[str, list[RuleRow]] | None:
    from scheduler.lexicon_rows import rule_rows
    from scheduler.warm import LEXICON

    return None if LEXICON.version == known else (LEXICON.version, rule_rows(LEXICON))


class Workers:
    """A pool of `count` processes; survives the death of any of them. `own`: folders of the team's lexicon."""

    def __init__(self, count: int | None = None, own: tuple[Path, ...] = ()) -> None:
        self._own = own
        self._count = count or min(MOST, os.cpu_count() or 1)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["scheduler.warm"])
        self._pool = self._new(self._count)
        self._alone = asyncio.Lock()

    def _new(self, count: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(count, mp_context=self._context, initializer=_start, initargs=(self._own,))

    def start(self) -> None:
        """Blocks until a process is ready; else the first article waits for that, and the event loop with it."""
        self._pool.submit(os.getpid).result()

    async def process(self, raw: RawArticle) -> TaggedArticle:
        """The article, read and tagged. ParseError: `stage_crashed` if it kills its worker, `bad_article` on a bug."""
        return await self._survive(_work, raw, raw.url or raw.source.id)

    async def tag_again(self, stored: StoredText) -> Tags | None:
        """New tags of a stored article, None when the time ran out. ParseError as `process`."""
        return await self._survive(_tag_again, stored, f"article {stored.article_id}")

    async def tell_edit(self, edit: PageEdit) -> ToldEdit:
        """What an edit of a watched page changes, and the item that tells it. ParseError as `process`."""
        return await self._survive(_tell_edit, edit, f"revision {edit.revision_id}")

    async def _survive(self, work: Callable[[A], B], article: A, about: str) -> B:
        """A death in the pool fails every article in it, so each is tried once more alone: only the culprit dies."""
        pool = self._pool
        try:
            return await self._run(pool, work, article, about)
        except BrokenProcessPool:
            if pool is self._pool:  # the first of several waiting articles replaces the pool
                self._pool = self._new(self._count)
                pool.shutdown(wait=False)
        async with self._alone:
            return await self._alone_in_a_process(work, article, about)

    async def _alone_in_a_process(self, work: Callable[[A], B], article: A, about: str) -> B:
        """In a process that ends with the work: what it kills, loads or touches is no worker's."""
        with self._new(1) as quarantine:
            try:
                return await self._run(quarantine, work, article, about)
            except BrokenProcessPool as error:
                raise ParseError("stage_crashed", "its worker process died", about=about) from error

    async def _run(self, pool: ProcessPoolExecutor, work: Callable[[A], B], article: A, about: str) -> B:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, article)
        except BrokenProcessPool:
            raise
        except Exception as error:  # an edge: one article must not end its source; the error is recorded with it
            log.exception("%s", about)
            raise ParseError("bad_article", f"{type(error).__name__}: {error}", about=about) from error

    async def entity_rows(self) -> list[EntityRow]:
        """The lexicon's entities for the archive, from a worker: the lexicon is loaded nowhere else. As `process`."""
        return await self._survive(_entity_rows, None, "the entities of the lexicon")

    async def rule_rows(self, known: str) -> tuple[str, list[RuleRow]] | None:
        """Version and rules of the lexicon, None where its version is `known` already. As `process`."""
        return await self._alone_in_a_process(_rule_rows, known, "the rules of the lexicon")

    def close(self) -> None:
        # Waiting for the article in hand: left alone, the pool's thread races with the interpreter's end (a trace).
        self._pool.shutdown(wait=True, cancel_futures=True)
