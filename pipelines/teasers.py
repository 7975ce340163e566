"""The list of other stories behind an article: each a linked headline with one paragraph, and nothing after them.

A list inside an article goes on: its items have more than a paragraph, or text follows. Only whole lists are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipelines.features import Line

_FEWEST: Final = 4
_HEADLINE_WIDTH: Final = 15
_LEAST_ARTICLE: Final = 150  # width of prose before the list: without it the page is the list
_LIST_SHARE: Final = 0.7
_MOST_AFTER: Final = 0.15  # of the list's width in other prose behind its first item


def without_teasers(lines: Sequence[Line], kept: Sequence[int]) -> Sequence[int]:
    """`kept` (places among `lines`, in order) up to the first of such a list."""
    teasers = [place for place in kept if _is_teaser(lines, place)]
    if len(teasers) < _FEWEST:
        return kept
    first, listed = teasers[0], set(teasers)
    before = sum(lines[place].width for place in kept if place < first and lines[place].prose)
    after = sum(lines[place].width for place in kept if place > first and place not in listed and lines[place].prose)
    if before < _LEAST_ARTICLE or after > _MOST_AFTER * sum(lines[place].width for place in teasers):
        return kept
    return [place for place in kept if place < first]


def is_list(lines: Sequence[Line], kept: Sequence[int]) -> bool:
    """Whether what was kept is little more than such a list: a front page, a topic's page, a digest of links."""
    prose = [place for place in kept if lines[place].prose]
    teasers = [place for place in prose if _is_teaser(lines, place)]
    width = sum(lines[place].width for place in teasers)
    return len(teasers) >= _FEWEST and width > _LIST_SHARE * sum(lines[place].width for place in prose)


def _is_teaser(lines: Sequence[Line], place: int) -> bool:
    """One paragraph, alone in its box, under a line that is nothing but a link."""
    line, above = lines[place], lines[place - 1] if place else None
    if not line.prose or above is None or above.link_share <= 0.9 or above.width < _HEADLINE_WIDTH or above.ends:
        return False
    return not any(
        0 <= other < len(lines) and lines[other].prose and lines[other].around == line.around
        for other in (place - 1, place + 1)
    )
