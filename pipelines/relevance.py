"""How much an item matters to a desk that sells or advertises on the platforms: 2 signal, 1 background, 0 noise.

Decides from events, the entities the item is about and the lexicon's words for noise, background and commerce.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from db.types import Event
from db.vocabulary import ENTITIES
from pipelines.lexicon import Lexicon

NOISE = 1.0  # from here on an item is noise unless an event outweighs it
COMMERCE = 1.0


def judge(lexicon: Lexicon, events: Sequence[Event], about: Collection[str], sides: Mapping[str, float]) -> int:
    """`sides`: weight of the words for noise, background and commerce."""
    noise, background, commerce = (sides.get(side, 0.0) for side in ("noise", "background", "commerce"))
    if not events or (noise >= NOISE and noise > events[0].score):
        return 0
    watched = any(ENTITIES[entity].kind in ("platform", "carrier", "authority") for entity in about)
    if background > commerce and background >= COMMERCE:
        return 1
    always = any(lexicon.defaults.get(event.type, {}).get("commerce") for event in events[:2])
    return 2 if watched and (always or commerce >= COMMERCE) else 1
