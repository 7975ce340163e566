"""Which blocks of a page belong to its article, by the article's text as a person wrote it down.

The text is found again in the page in order: a chain of matches, so that a sentence that stands in the page twice is
the article's only where its neighbours are too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+")
_RUN: Final = 4  # tokens that make a match; fewer only for shorter blocks
_MANY: Final = 60  # places of one run in the text that are looked at
_FEW_PLACES: Final = 8  # candidate places of one block
_DRIFT: Final = 12  # tokens by which a block may differ from the text and still be in one place
_LEAST_COVER: Final = 0.3


class _Match(NamedTuple):
    block: int
    start: int
    end: int
    cover: float


def tokens(text: str) -> list[str]:
    """Words, and single Han characters."""
    return _TOKEN.findall(text)


def covers(blocks: Sequence[Sequence[str]], text: Sequence[str]) -> list[float]:
    """For each block (as tokens) the share of it, 0..1, that the text (as tokens) has in its place."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for size in range(1, _RUN + 1):
        for at in range(len(text) - size + 1):
            places[tuple(text[at : at + size])].append(at)
    matches = [match for number, block in enumerate(blocks) for match in _matches(number, block, places, len(text))]
    found = [0.0] * len(blocks)
    for match in _chain(matches, blocks, len(text)):
        found[match.block] = match.cover
    return found


def _matches(number: int, block: Sequence[str], places: dict[tuple[str, ...], list[int]], length: int) -> list[_Match]:
    if not block:
        return []
    size = min(_RUN, len(block))
    runs = len(block) - size + 1
    hits: dict[int, int] = defaultdict(int)
    for at in range(runs):
        for place in places.get(tuple(block[at : at + size]), ())[:_MANY]:
            hits[place - at] += 1
    most = sorted(hits.items(), key=lambda item: (-item[1], item[0]))
    found = []
    for offset, count in most[: _MANY if len(block) < _RUN else _FEW_PLACES]:
        if len(block) > 2 * _RUN:
            count = sum(other for place, other in most if abs(place - offset) <= _DRIFT)
        cover = min(1.0, count / runs)
        start, end = max(0, offset), min(length, offset + len(block))
        if cover >= _LEAST_COVER and end > start:
            found.append(_Match(number, start, end, cover))
    return sorted(found, key=lambda match: match.start)


def _chain(matches: Sequence[_Match], blocks: Sequence[Sequence[str]], length: int) -> list[_Match]:
    """The heaviest chain of matches that goes forward in page and text; a Fenwick tree holds the best so far."""
    size = length + 2
    tree: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    back = [-1] * len(matches)
    best = (0.0, -1)
    at = 0
    while at < len(matches):
        end = at
        added = []
        while end < len(matches) and matches[end].block == matches[at].block:
            match = matches[end]
            slack = min(2, (match.end - match.start) // 4)
            before = _query(tree, min(match.start + slack, size - 2))
            back[end] = before[1]
            added.append((match.end, (before[0] + match.cover * len(blocks[match.block]) + 1e-6, end)))
            end += 1
        for place, value in added:
            _update(tree, min(place, size - 2), value)
            best = max(best, value, key=lambda pair: pair[0])
        at = end
    chain, at = [], best[1]
    while at >= 0:
        chain.append(matches[at])
        at = back[at]
    return chain


def _query(tree: Sequence[tuple[float, int]], place: int) -> tuple[float, int]:
    best, at = (0.0, -1), place + 1
    while at > 0:
        if tree[at][0] > best[0]:
            best = tree[at]
        at -= at & -at
    return best


def _update(tree: list[tuple[float, int]], place: int, value: tuple[float, int]) -> None:
    at = place + 1
    while at < len(tree):
        if value[0] > tree[at][0]:
            tree[at] = value
        at += at & -at
