"""A small linear model over the rules and the words around them: it says which events an item tells, how likely.

It judges relevance and axes too. Fitted by `pipelines.training`; the weights lie beside the lexicon and are optional
there. Each decision can name the words and rules that made it.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from db.errors import DataFileError

FILE = "weights.json"


@dataclass(frozen=True)
class Learned:
    """`slots` names each output as ``question=answer``; a feature has slot and weight in hundredths, by turns.

    Flat arrays of small numbers: as objects they took 30 MB, and every worker that read them copied them.
    """

    slots: Mapping[str, int]
    bias: tuple[float, ...]
    weights: Mapping[str, array[int]]

    @cached_property
    def events(self) -> tuple[str, ...]:
        """The types of events it can tell."""
        return tuple(name.partition("=")[2] for name in self.slots if name.startswith("event="))

    def outputs(self, features: Mapping[str, float]) -> list[float]:
        """The linear part of every slot."""
        sums = list(self.bias)
        weights = self.weights
        for name, value in features.items():
            if row := weights.get(name):
                share = value / 100
                for slot, weight in zip(row[::2], row[1::2], strict=True):
                    sums[slot] += weight * share
        return sums

    def weight(self, name: str, slot: int) -> float:
        """How much a feature speaks for a slot; 0 where it says nothing."""
        row = self.weights.get(name, ())
        return next((row[at + 1] / 100 for at in range(0, len(row), 2) if row[at] == slot), 0.0)

    def chance(self, outputs: Sequence[float], name: str) -> float:
        """Probability of a yes-or-no slot, 0 for one that was never fitted."""
        slot = self.slots.get(name)
        return 0.0 if slot is None else 1 / (1 + math.exp(-max(-30.0, min(30.0, outputs[slot]))))

    def shares(self, outputs: Sequence[float], question: str) -> dict[str, float]:
        """Probabilities of the answers to a question; empty if it was never fitted."""
        raw = {name.partition("=")[2]: outputs[slot] for name, slot in self.slots.items() if name.startswith(question)}
        top = max(raw.values(), default=0.0)
        powers = {answer: math.exp(value - top) for answer, value in raw.items()}
        return {answer: power / sum(powers.values()) for answer, power in powers.items()}


def load_learned(folder: Path) -> Learned | None:
    """The weights that lie beside a lexicon, None without them; DataFileError when they can not be read."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        slots = {str(name): number for number, name in enumerate(data["slots"])}
        weights = {str(name): array("h", row) for name, row in data["weights"].items()}
        bias = tuple(hundredths / 100 for hundredths in data["bias"])
        ends = range(len(bias))
        if len(bias) != len(slots) or any(
            len(row) % 2 or any(slot not in ends for slot in row[::2]) for row in weights.values()
        ):
            raise ValueError("slots and weights do not fit each other")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise DataFileError(f"is not a file of weights: {error}", file=str(path)) from error
    return Learned(slots, bias, weights)
