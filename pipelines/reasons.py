"""Shows what decided a learned event that no rule hints at: the words of title or lead that speak for it most.

Decides nothing. An event without such words has no evidence, and is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipelines.learned import Learned
from pipelines.lexicon import Rule
from pipelines.match import Cue
from pipelines.patterns import Pattern
from pipelines.seen import Look
from pipelines.sentences import Page
from pipelines.traits import words_of

MOST_WORDS = 2  # quoted for one event


def with_reasons(seen: Look, learned: Learned, chances: Mapping[str, float]) -> Look:
    """`seen` with the events of `chances` alone, scored by their chances; those without any reason fall."""
    cues = {event: seen.cues.get(event) or _cues(seen.page, learned, event) for event in chances}
    told = {event: found for event, found in cues.items() if found}
    return replace(seen, cues=told, scores={event: chances[event] for event in told})


def _cues(page: Page, learned: Learned, event: str) -> list[Cue]:
    """The words with the largest share in the chance of `event`, as cues of the rule ``learned-…``."""
    slot = learned.slots["event=" + event]
    found: dict[str, tuple[float, int, int]] = {}
    for name, value, start, end in words_of(page):
        share = value * learned.weight(name, slot)
        if share > found.get(name, (0.0, 0, 0))[0]:
            found[name] = (share, start, end)
    best = sorted(found.values(), key=lambda one: (-one[0], one[1]))[:MOST_WORDS]
    rule = Rule("learned-" + event.rpartition("/")[2], "event", event, 0.0, Pattern("", ()))
    return [Cue(rule, start, end, page.sentence_at(start)) for _, start, end in best]
