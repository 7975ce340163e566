"""Which of a page's blocks are its article, given a score for each: lines that news never counts as text go first, then
the cut that promises the best balance of precision and recall.

Pure arithmetic on scores; how a score comes about is the model's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from pipelines.boilerplate import is_notice
from pipelines.features import Line
from pipelines.hints import BIT
from pipelines.standfirst import standfirst_of
from pipelines.teasers import is_list, without_teasers

# The floor and ceiling of the cut: scores are no probabilities outside what the model was trained on.
_LOWEST, _HIGHEST = 0.2, 0.6
_STRICTER: Final = 1.05  # on the cut that would be best for a balance: a stray line harms more than a lost one
_LIST_PROMISE: Final = 0.8  # what a list of other stories promises is not an article's text
_CAPTION_WIDTH: Final = 200
_FIGURE_WIDTH: Final = 300
_CALL_WIDTH: Final = 60
_ROW_WIDTH: Final = 600
_DOUBTS: Final = ((BIT["aside"], 0.55), (BIT["modal"], 0.625))  # what a score counts for in such a box


@dataclass(frozen=True, slots=True)
class Choice:
    """`kept`: places among the lines given. `promise` 0..1: the F1 that the scores let expect."""

    kept: tuple[int, ...]
    promise: float


def choose(lines: Sequence[Line], scores: Sequence[float], title: str = "", told: Sequence[str] = ()) -> Choice:
    """`scores` 0..1, one for each line; those that were not judged have 0. `title` and `told` (descriptions) are what
    the page says of itself."""
    together = _by_rows(lines, scores)
    weighed = [score * trust(line) if score >= _LOWEST else 0.0 for line, score in zip(lines, together, strict=True)]
    promise = promised([(score, line.width) for score, line in zip(weighed, lines, strict=True)])
    cut = min(_HIGHEST, max(_LOWEST, _STRICTER * promise / 2))
    kept = without_teasers(lines, [place for place, score in enumerate(weighed) if score >= cut])
    if is_list(lines, kept):
        promise *= _LIST_PROMISE
    above = standfirst_of(lines, title, told, kept[0]) if kept else ()
    return Choice((*above, *kept), promise)


def trust(line: Line) -> float:
    """What a score counts for, 0..1: nothing for captions, calls and notices, less in boxes that seldom hold text."""
    hints = line.hints
    if (
        hints & BIT["figure"]
        and not hints & BIT["quote"]
        and not line.block.row
        and (line.width < _FIGURE_WIDTH or line.tag == 10)
    ):
        return 0.0
    if hints & BIT["embed"] or is_notice(line.block.text):
        return 0.0
    if line.opens in ("related", "share") and (line.width < _CALL_WIDTH or line.link_share > 0.5):
        return 0.0
    counts = min((share for bit, share in _DOUBTS if hints & bit), default=1.0)
    return min(counts, 0.625) if hints & BIT["caption"] and line.width < _CAPTION_WIDTH else counts


def promised(pairs: Sequence[tuple[float, float]]) -> float:
    """The best F1 to expect from any cut through (score, width) pairs; half of it is the best cut (Lipton et al., 2014,
    "Optimal Thresholding of Classifiers to Maximize F1 Measure")."""
    total = sum(score * width for score, width in pairs)
    best = kept = right = 0.0
    for score, width in sorted(pairs, reverse=True):
        right += score * width
        kept += width
        best = max(best, 2 * right / (kept + total)) if kept + total else best
    return best


def written(lines: Sequence[Line]) -> str:
    """Lines as text, one below the other; the cells of a table's row side by side, set apart by `` | ``."""
    if not lines:
        return ""
    parts = [lines[0].block.text]
    for before, line in pairwise(lines):
        same_row = line.block.row and line.block.row == before.block.row and line.block.box != before.block.box
        parts.append(" | " if same_row and line.width + before.width < _ROW_WIDTH else "\n")
        parts.append(line.block.text)
    return "".join(parts)


def _by_rows(lines: Sequence[Line], scores: Sequence[float]) -> list[float]:
    """The cells of a row stand or fall together; a row as wide as a page is a layout, not a row."""
    together = list(scores)
    for row, places in groupby(range(len(lines)), key=lambda place: lines[place].block.row):
        cells = list(places)
        width = sum(lines[place].width for place in cells)
        if row and len(cells) > 1 and width < _ROW_WIDTH:
            score = sum(scores[place] * lines[place].width for place in cells) / width
            for place in cells:
                together[place] = score
    return together
