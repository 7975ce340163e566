"""Gradient-boosted trees without a library: reads the shipped model, scores all blocks of a page at once.

Blocks are lanes of one big integer, so that a question is asked of every block in one operation. A score is the sum of
whole numbers: the same page gives the same score on every machine.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

LANE_BITS: Final = 32
_LANE_BYTES: Final = LANE_BITS // 8
_LANES: Final = 256  # at a time: the cost of a lane grows with their number
MODEL: Final = "blocks.json"


@dataclass(frozen=True, slots=True)
class Forest:
    """`thresholds` per feature, ascending. A question is a place in all thresholds put one after the other.

    `trees`: (question, place of the yes branch, place of the no branch) for nodes, in order; leaves follow the nodes:
    a place past the last node is a leaf, `leaves` holds their whole numbers >= 0.
    Score = sigmoid((sum + bias) / scale).
    """

    features: tuple[str, ...]
    thresholds: tuple[tuple[float, ...], ...]
    trees: tuple[tuple[tuple[tuple[int, int, int], ...], tuple[int, ...]], ...]
    bias: int
    scale: float

    def scores(self, columns: Sequence[Sequence[float]]) -> list[float]:
        """One score 0..1 for each place in `columns`, which stand in the order of `features`."""
        count = len(columns[0]) if columns else 0
        found: list[float] = []
        for first in range(0, count, _LANES):
            found += self._scores([column[first : first + _LANES] for column in columns], min(_LANES, count - first))
        return found

    def _scores(self, columns: Sequence[Sequence[float]], count: int) -> list[float]:
        answers = self._answers(columns, count)
        everyone = int.from_bytes((b"\1" + bytes(_LANE_BYTES - 1)) * count, "little")
        total = 0
        for nodes, leaves in self.trees:
            inner = len(nodes)
            masks = [0] * (inner + len(leaves))
            masks[0] = everyone
            for place, (question, yes, no) in enumerate(nodes):
                if mask := masks[place]:
                    masks[yes] = said_yes = mask & answers[question]
                    masks[no] = mask ^ said_yes
            for mask, value in zip(masks[inner:], leaves, strict=True):
                if mask and value:
                    total += mask * value
        packed = total.to_bytes(count * _LANE_BYTES, "little")
        bias, scale = self.bias, self.scale
        return [
            1 / (1 + math.exp(-(int.from_bytes(packed[at : at + _LANE_BYTES], "little") + bias) / scale))
            for at in range(0, len(packed), _LANE_BYTES)
        ]

    def _answers(self, columns: Sequence[Sequence[float]], count: int) -> list[int]:
        """For each question the lanes whose value is at most its threshold."""
        lanes = [1 << LANE_BITS * lane for lane in range(count)]
        answers: list[int] = []
        for column, thresholds in zip(columns, self.thresholds, strict=True):
            within = [0] * (len(thresholds) + 1)
            for lane, value in zip(lanes, column, strict=True):
                within[bisect_left(thresholds, value)] |= lane
            up_to = 0
            for mask in within[:-1]:
                up_to |= mask
                answers.append(up_to)
        return answers


def read(data: dict[str, Any]) -> Forest:
    """The forest of a model file's content; ValueError when it does not hold together."""
    trees = tuple(
        (tuple((q, yes, no) for q, yes, no in tree["nodes"]), tuple(tree["leaves"])) for tree in data["trees"]
    )
    highest = sum(max(leaves) for _, leaves in trees)
    if highest >= 1 << LANE_BITS or any(value < 0 for _, leaves in trees for value in leaves):
        raise ValueError("a leaf's number is out of range")
    return Forest(
        features=tuple(data["features"]),
        thresholds=tuple(tuple(row) for row in data["thresholds"]),
        trees=trees,
        bias=data["bias"],
        scale=data["scale"],
    )


@cache
def shipped() -> Forest:
    """The model that comes with the package; read once per process."""
    return read(json.loads(resources.files("pipelines").joinpath(MODEL).read_text("utf-8")))
