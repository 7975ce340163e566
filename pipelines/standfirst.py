"""The standfirst: what stands between title and text and sums an article up, by the head's own words for it.

News counts it as text; among the pages that the model of blocks learnt from it is left out as often as not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipelines.features import Line, heading_of
from pipelines.hints import BIT

_REACH: Final = 5  # lines below the title; captions and bylines may come between
_LEAST_WIDTH: Final = 40
_SAME: Final = 0.85  # of the words of a line and of a description; a description may end early
_WORD: Final = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_]+")
_CAPTIONS: Final = BIT["caption"] | BIT["figure"] | BIT["embed"]


def standfirst_of(lines: Sequence[Line], title: str, told: Sequence[str], first: int) -> tuple[int, ...]:
    """Places among `lines` below the title and before `first`, where the text begins, that say what one of `told` says:
    the descriptions in the page's head."""
    heading = heading_of(lines, title)
    known = [_words(title)]
    wanted = [words for words in map(_words, told) if words and not _said(words, known)]
    if heading < 0 or not wanted:
        return ()
    near = range(heading + 1, min(heading + 1 + _REACH, first))
    return tuple(place for place in near if _may_be(lines[place]) and _said(_words(lines[place].block.text), wanted))


def _may_be(line: Line) -> bool:
    return line.judged and line.width >= _LEAST_WIDTH and not line.hints & _CAPTIONS


def _said(words: frozenset[str], wanted: Sequence[frozenset[str]]) -> bool:
    return any(len(words & other) >= _SAME * max(len(words), len(other)) for other in wanted)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
