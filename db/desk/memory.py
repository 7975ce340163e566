"""Answers that are dear, kept while they hold: until the archive changes, and for a while that grows with their price.

During a crawl every page would be computed anew at each request. Here a kept answer is handed out meanwhile and the
new one is made behind it. What is cheap is never old. Knows no SQL and no page.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

#: What `make` gives: the answer and the seconds of computing it took.
Priced = tuple[Any, float]

_FRESH = 20  # times its price an answer may be old: at most one part in so many of the time goes into making it
_OLD = 200  # times its price it may be handed out while a newer one is made
_CHEAP_SECONDS = 0.01  # below this an answer is never old
_MOST_SECONDS = 300.0  # answers lean on the clock too ("the last 90 days")
_KEPT = 256


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    price_seconds: float
    state: tuple[object, ...]
    at: float


class Memory:
    """The kept answers of one archive, by key; they know nothing of who asks."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path = path
        self._clock = clock
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._making: dict[str, asyncio.Task[_Answer]] = {}
        self._forgotten = 0  # times

    async def get(self, key: str, make: Callable[[], Awaitable[Priced]]) -> Any:
        """The answer under `key`, made by `make` if there is none that holds. Raises what `make` raises."""
        known = self._answers.get(key)
        if known is None:
            return await self._made(key, make)
        age = self._clock() - known.at
        unchanged = known.state == state_of(self._path) and age < _MOST_SECONDS
        if unchanged or age < _FRESH * known.price_seconds:
            return known.value
        if age < _OLD * known.price_seconds:
            self._begin(key, make)
            return known.value
        return await self._made(key, make)

    def forget(self) -> None:
        """The next reader gets what holds now, of answers that are being made, too: who writes must see it."""
        self._answers.clear()
        self._making.clear()
        self._forgotten += 1

    async def _made(self, key: str, make: Callable[[], Awaitable[Priced]]) -> Any:
        """Shielded: others may wait for the same answer when this reader goes away."""
        return (await asyncio.shield(self._begin(key, make))).value

    def _begin(self, key: str, make: Callable[[], Awaitable[Priced]]) -> asyncio.Task[_Answer]:
        task = self._making.get(key)
        if task is None or task.done():
            task = self._making[key] = asyncio.create_task(self._make(key, make))
            task.add_done_callback(_look_at)
        return task

    async def _make(self, key: str, make: Callable[[], Awaitable[Priced]]) -> _Answer:
        state, forgotten = state_of(self._path), self._forgotten
        value, price_seconds = await make()
        price_seconds = price_seconds if price_seconds > _CHEAP_SECONDS else 0.0
        made = _Answer(value, price_seconds, state, self._clock())
        if forgotten != self._forgotten:
            return made
        self._answers[key] = made
        self._answers.move_to_end(key)
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        return made


def state_of(path: Path) -> tuple[object, ...]:
    """Changes with every commit: of the file or of the log beside it."""
    found: list[object] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
            found += [stat.st_ino, stat.st_mtime_ns, stat.st_size]
        except OSError:
            found.append(None)
    return tuple(found)


def _look_at(task: asyncio.Task[_Answer]) -> None:
    """An error nobody waited for is met again by the next reader who has to wait."""
    if not task.cancelled():
        task.exception()
