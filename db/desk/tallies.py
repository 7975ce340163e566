"""How many rows each facet value has under a choice of others: one bit a row, one number of bits a value.

To count is to "and" numbers: all facets of a hundred thousand stories in a few milliseconds, whatever is chosen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import and_, or_
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

Chosen = Mapping[str, Sequence[str]]


class Tally:
    """The bits of one state of the archive."""

    def __init__(self, names: Sequence[str], found: Sequence[Sequence[Any]]) -> None:
        self._all = (1 << len(found)) - 1
        columns = zip(*found, strict=True) if found else ((),) * len(names)
        self._columns = {name: _Column(column) for name, column in zip(names, columns, strict=True)}

    def counts(self, name: str, chosen: Chosen) -> list[tuple[str, int]]:
        """How many stories each value of a facet would give under the other facets' choice, most first."""
        under, kept = self._beside(name, chosen), chosen.get(name, ())
        counted = ((value, self._count(name, value, under)) for value in {*self._columns[name].values, *kept})
        return sorted(((v, n) for v, n in counted if n or v in kept), key=lambda pair: (-pair[1], pair[0]))

    def newest(self, name: str, chosen: Chosen, most: int) -> list[tuple[str, int]]:
        """The same of the last values in order, those alone that have any: of the days nobody reads a thousand."""
        under, kept = self._beside(name, chosen), chosen.get(name, ())
        counted = (
            (value, self._count(name, value, under))
            for value in sorted({*self._columns[name].values, *kept}, reverse=True)
        )
        return list(islice(((v, n) for v, n in counted if n or v in kept), most))

    def total(self, chosen: Chosen) -> int:
        return self._under(chosen).bit_count()

    def among(self, name: str, pairs: Sequence[tuple[str, str]], newest: int | None = None) -> list[tuple[str, int]]:
        """How many of the rows that have all of `pairs` have each value of a facet; most first, or the `newest`."""
        under = reduce(and_, (self._columns[other].bits(value) for other, value in pairs), self._all)
        values = sorted(self._columns[name].values, reverse=True)
        counted = ((value, count) for value in values if (count := self._count(name, value, under)))
        return (
            sorted(counted, key=lambda pair: (-pair[1], pair[0])) if newest is None else list(islice(counted, newest))
        )

    def _count(self, name: str, value: str, under: int) -> int:
        return (self._columns[name].bits(value) & under).bit_count()

    def _beside(self, name: str, chosen: Chosen) -> int:
        return self._under({other: values for other, values in chosen.items() if other != name})

    def _under(self, chosen: Chosen) -> int:
        under = self._all
        for name, values in chosen.items():
            if name in self._columns:
                under &= reduce(or_, map(self._columns[name].bits, values), 0)
        return under


class _Column:
    """One facet's values in all rows, as a number a row for the distinct texts that are stored.

    No loop of ours runs over the rows: a million of them would keep every other reader waiting for seconds.
    """

    def __init__(self, stored: Sequence[Any]) -> None:
        numbers = {text: number for number, text in enumerate(dict.fromkeys(stored))}
        self._planes = [
            bytes(map({text: number >> shift & 255 for text, number in numbers.items()}.__getitem__, stored))
            for shift in range(0, max(len(numbers).bit_length(), 1), 8)
        ]
        self._numbers: dict[str, list[int]] = {}
        for text, number in numbers.items():
            for value in members(str(text)):
                self._numbers.setdefault(value, []).append(number)
        self._bits: dict[str, int] = {}

    @property
    def values(self) -> Iterable[str]:
        return self._numbers

    def bits(self, value: str) -> int:
        """The number whose bits are set where a row has the value."""
        known = self._bits.get(value)
        if known is None:
            known = self._bits[value] = self._look_up(self._numbers.get(value, ()))
        return known

    def _look_up(self, numbers: Iterable[int]) -> int:
        lows: dict[int, list[int]] = {}
        for number in numbers:
            lows.setdefault(number >> 8, []).append(number & 255)
        found = 0
        for high, low in lows.items():
            rows = _rows_with(self._planes[0], low)
            for at, plane in enumerate(self._planes[1:]):
                rows &= _rows_with(plane, [high >> 8 * at & 255])
            found |= rows
        return found


def _rows_with(plane: bytes, octets: Iterable[int]) -> int:
    digits = bytearray(b"0" * 256)
    for octet in octets:
        digits[octet] = ord("1")
    return int(plane.translate(digits)[::-1] or b"0", 2)


def tally(connection: sqlite3.Connection, names: tuple[str, ...]) -> Tally:
    """The bits of the archive as it is; `names` is STORIES or ARTICLES."""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: a hundred thousand of them
    made = Tally(names, cursor.execute(_READ[names]).fetchall())
    for name in names:
        if name != "day":  # of the days a page shows the newest alone
            made.counts(name, {})
    return made


def members(stored: str) -> tuple[str, ...]:
    """The members of a stored array; a plain value is its own only member."""
    if not stored.startswith("["):
        return (stored,)
    try:
        return tuple({str(value): None for value in json.loads(stored)})
    except (ValueError, RecursionError):
        return ()
