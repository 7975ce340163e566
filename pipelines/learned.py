"""A small linear model over the rules and the words around them: it says which events an item tells, how likely.

It judges relevance and axes too. Fitted by `pipelines.training`; the weights lie beside the lexicon and are optional
there. Each decision can name the words and rules that made it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from db.errors import DataFileError

FILE = "weights.json"


@dataclass(frozen=True)
class Learned:
    """`slots` names each output as ``question=answer``; a feature has (slot, weight) pairs."""

    slots: Mapping[str, int]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]

    @cached_property
    def events(self) -> tuple[str, ...]:
        """The types of events it can tell."""
        return tuple(name.partition("=")[2] for name in self.slots if name.startswith("event="))

    def outputs(self, features: Mapping[str, float]) -> list[float]:
        """The linear part of every slot."""
        sums = list(self.bias)
        weights = self.weights
        for name, value in features.items():
            for slot, weight in weights.get(name, ()):
                sums[slot] += weight * value
        return sums

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
        weights = {
            str(name): tuple(
                (int(slot), hundredths / 100) for slot, hundredths in zip(row[::2], row[1::2], strict=True)
            )
            for name, row in data["weights"].items()
        }
        bias = tuple(hundredths / 100 for hundredths in data["bias"])
        if len(bias) != len(slots) or any(not 0 <= slot < len(bias) for row in weights.values() for slot, _ in row):
            raise ValueError("slots and weights do not fit each other")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(f"is not a file of weights: {error}", file=str(path)) from error
    return Learned(slots, bias, weights)
