"""How much an item matters to a desk that sells or advertises on the platforms: 2 signal, 1 background, 0 noise.

Decides from events, the entities the item is about and the lexicon's words for noise, background and commerce; with
learned weights, from the words around them too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from db.types import Event
from pipelines.learned import Learned
from pipelines.lexicon import Lexicon

NOISE = 1.0  # from here on an item is noise unless an event outweighs it
COMMERCE = 1.0
SIGNAL = 0.42  # share from which an item is a signal
SURELY = 0.45  # share from which an item is noise although it tells an event


def judge(
    lexicon: Lexicon,
    events: Sequence[Event],
    about: Collection[str],
    sides: Mapping[str, float],
    learned: Learned | None,
    outputs: Sequence[float],
) -> int:
    """`sides`: weight of the words for noise, background and commerce; `outputs`: of the learned model for the item."""
    shares = learned.shares(outputs, "relevance") if learned else {}
    if shares and shares["2"] >= SIGNAL:
        return 2
    noise, background, commerce = (sides.get(side, 0.0) for side in ("noise", "background", "commerce"))
    if shares and (not events or noise >= NOISE or shares["0"] >= SURELY):
        return int(shares["1"] > shares["0"])
    if shares:
        return 1
    if not events or (noise >= NOISE and noise > events[0].score):
        return 0
    watched = any(lexicon.known[entity].kind in ("platform", "carrier", "authority") for entity in about)
    if background > commerce and background >= COMMERCE:
        return 1
    always = any(lexicon.defaults.get(event.type, {}).get("commerce") for event in events[:2])
    return 2 if watched and (always or commerce >= COMMERCE) else 1
