"""What the rules see in an item before anything is decided.

Passed from `pipelines.tag` to what tells an event's parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.match import Cue, Matches
from pipelines.sentences import Page
from pipelines.traits import Features


@dataclass(frozen=True, slots=True)
class Look:
    """Of each event type its score and its cues, heaviest first; never empty lists."""

    page: Page
    found: Matches
    about: frozenset[str]
    sides: Mapping[str, float]
    scores: Mapping[str, float]
    cues: Mapping[str, list[Cue]]
    plain: frozenset[str]  # types that a strong cue tells, not mere hints
    features: Features
