"""How many rows each facet value has under a choice of others: one bit a row, one number of bits a value.

To count is to "and" numbers: all facets of a hundred thousand stories in a few milliseconds, whatever is chosen. The
bits are read anew when the archive has changed, and not more often than reading them is cheap.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from time import monotonic
from typing import Any

#: Facets of stories in the order of the columns below, and of articles.
STORIES = ("status", "impact", "platform", "type", "kind", "language", "day")
ARTICLES = ("source_kind", "platforms", "event_types", "language", "day")
_READ = {
    STORIES: """
        select status, impact, platforms, event_types, source_kinds, languages, day
        from stories indexed by stories_newest where merged_into is null
    """,
    ARTICLES: "select source_kind, platforms, event_types, language, day from articles indexed by articles_facets",
}
_FRESH_SECONDS = 5.0
_SHARE = 20  # at most one part in so many of the time is spent on reading

Chosen = Mapping[str, Sequence[str]]


class Tally:
    """The bits of one state of the archive."""

    def __init__(self, names: Sequence[str], found: Iterable[Sequence[Any]]) -> None:
        at: dict[tuple[int, str], list[int]] = {}
        known: dict[str, tuple[str, ...]] = {}
        count = 0
        for row in found:
            for column, stored in enumerate(row):
                text = str(stored)
                values = known.get(text)
                if values is None:
                    values = known[text] = members(text)
                for value in values:
                    at.setdefault((column, value), []).append(count)
            count += 1
        self._all = (1 << count) - 1
        self._bits: dict[str, dict[str, int]] = {name: {} for name in names}
        for (column, value), places in at.items():
            self._bits[names[column]][value] = _number(places, count)

    def counts(self, name: str, chosen: Chosen) -> list[tuple[str, int]]:
        """How many stories each value of a facet would give under the other facets' choice, most first."""
        under = self._under({other: values for other, values in chosen.items() if other != name})
        counted = {value: (bits & under).bit_count() for value, bits in self._bits[name].items()}
        kept = {value: count for value, count in counted.items() if count or value in chosen.get(name, ())}
        kept |= {value: 0 for value in chosen.get(name, ()) if value not in kept}
        return sorted(kept.items(), key=lambda pair: (-pair[1], pair[0]))

    def total(self, chosen: Chosen) -> int:
        return self._under(chosen).bit_count()

    def among(self, name: str, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, int]]:
        """How many of the rows that have all of `pairs` have each value of a facet, most first."""
        under = self._all
        for other, value in pairs:
            under &= self._bits[other].get(value, 0)
        counted = ((value, (bits & under).bit_count()) for value, bits in self._bits[name].items())
        return sorted(((value, count) for value, count in counted if count), key=lambda pair: (-pair[1], pair[0]))

    def _under(self, chosen: Chosen) -> int:
        under = self._all
        for name, values in chosen.items():
            if name in self._bits:
                under &= reduce(or_, (self._bits[name].get(value, 0) for value in values), 0)
        return under


class Tallies:
    """The tally of one archive, shared by all readers; `names` is STORIES or ARTICLES."""

    def __init__(self, names: tuple[str, ...], path: Path, clock: Callable[[], float] = monotonic) -> None:
        self.lock = asyncio.Lock()  # it is read by one request at a time
        self._names = names
        self._path = path
        self._clock = clock
        self._state: tuple[object, ...] | None = None
        self._good_until = 0.0
        self._tally = Tally(names, ())

    def get(self, connection: sqlite3.Connection) -> Tally:
        now = self._clock()
        if self._state is None or now >= self._good_until:
            state = _state(self._path)
            if state != self._state:
                cursor = connection.cursor()
                cursor.row_factory = None  # plain tuples: a hundred thousand of them
                self._tally = Tally(self._names, cursor.execute(_READ[self._names]))
                self._state = state
            ended = self._clock()
            self._good_until = ended + max(_FRESH_SECONDS, _SHARE * (ended - now))
        return self._tally


def members(stored: str) -> tuple[str, ...]:
    """The members of a stored array; a plain value is its own only member."""
    if not stored.startswith("["):
        return (stored,)
    try:
        return tuple({str(value): None for value in json.loads(stored)})
    except (ValueError, RecursionError):
        return ()


def _number(places: Sequence[int], count: int) -> int:
    """The number whose bits are set at these places."""
    octets = bytearray(count // 8 + 1)
    for place in places:
        octets[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(octets, "little")


def _state(path: Path) -> tuple[object, ...]:
    """Changes with every commit: of the file or of the log beside it."""
    found: list[object] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
            found += [stat.st_ino, stat.st_mtime_ns, stat.st_size]
        except OSError:
            found.append(None)
    return tuple(found)
