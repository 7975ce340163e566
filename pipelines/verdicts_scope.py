"""For whom, where and through whom: what one sentence says beyond or against the official texts. Pure.

Where either side is silent, vague or guessing there is no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from db.types import Claim, Statement, StoryItem
from db.vocabulary import ENTITIES
from pipelines.cues import act_book
from pipelines.officials import Official, World, is_of, is_ruled, is_same_act, make_claim
from pipelines.sentences import HEAD_SENTENCES
from pipelines.values import base, covers, is_wide, split, wider

_TELLING = 1_000  # smaller figures stand in any text


def audience(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    for said in said_here:
        if not said.asserted:
            continue
        of_slot = [
            a for a in anchors if a.said.slot == "audience" and (base(a.said.value) == "goods") == _is_goods(said)
        ]
        same = [a for a in of_slot if a.said.action == said.action]
        if said.action in world.acts and not same and not said.value.endswith(("/every", "all")):
            continue  # the official text leaves open for whom, and the article names the natural ones
        if not of_slot:
            if _is_opened(item, said, world):
                yield make_claim(item, "not_in_official", said, None)
                return
            continue
        pool = same or of_slot
        refused = {a.said.value for a in pool if not a.said.asserted}
        verdict = wider(said.value, {a.said.value for a in pool if a.said.asserted}, refused)
        if verdict:
            near = [a for a in pool if base(a.said.value) == base(said.value)] or pool
            yield make_claim(item, verdict, said, near[0] if near else None)
            return


def _is_goods(said: Statement) -> bool:
    return base(said.value) == "goods"


_OPENED = frozenset({"third_party_sellers", "cross_border_sellers", "creators", "all"})


_OPENS = re.compile(
    r"\b(?:can|may|able to|allow|allows|allowed|let|lets|open|opens|invited|welcome)\b|可|能|开放|允许|支持|面向"
)


def _is_opened(item: StoryItem, said: Statement, world: World) -> bool:
    """Whether an article opens something to a group where the official text names none: to all of it, or a new act."""
    if base(said.value) not in _OPENED or not is_ruled(item, said):
        return False
    if said.value.endswith("/every") or said.value == "all":
        return True
    is_new = said.action in act_book().actions and said.action not in world.near
    return is_new and _OPENS.search(said.quote.lower()) is not None


def region(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "region"]
    given = [a for a in of_slot if a.said.asserted]
    refused = {a.said.value for a in of_slot if not a.said.asserted}
    named = {s.value for s in item.statements if s.slot == "region" and s.asserted}
    named |= {place for event in item.tags.events for place in event.regions}
    agrees = any(covers(a.said.value, value) for a in given for value in named)
    for said in said_here:
        is_given = any(covers(a.said.value, said.value) for a in given) and said.value not in refused
        if not said.asserted or is_given:
            continue
        inside = [a for a in given if covers(said.value, a.said.value)]
        if inside and (_is_total(said) or not agrees):
            yield make_claim(item, "broader", said, inside[0])
        elif inside:
            continue  # "Europe" for the five countries that it names too
        elif given and agrees:
            if not any(covers(a.said.value, s.value) for a in given for s in said_here):
                continue  # of another place it tells something else
            yield make_claim(item, "broader", said, given[0])
        elif of_slot and any(is_same_act(item, said, a) for a in of_slot):
            yield make_claim(item, "contradicted", said, of_slot[0])
        elif not of_slot and _is_total(said) and is_ruled(item, said) and is_of(item, said, world):
            yield make_claim(item, "not_in_official", said, None)
        else:
            continue
        return


_TOTAL = re.compile(
    r"across|throughout|\ball\b|every|entire|whole|全境|全域|全部|所有|各国|各地|各站|整个|都|均|全面|全线"
)


_STATES = re.compile(
    r"\b(?:every|each|all(?: 50| fifty)?)\s(?:us\s|u\.s\.\s|american\s)?states?\b|全美(?:各州|50州|五十州)"
)


def _is_total(said: Statement) -> bool:
    """Whether a place is meant as a whole: all the world, "across Europe", or "every US state"."""
    words = said.quote.lower()
    is_whole = is_wide(said.value) and _TOTAL.search(words) is not None
    return said.value == "GLOBAL" or is_whole or (said.value == "US" and _STATES.search(words) is not None)


def party(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    kinds = act_book().parties
    of_slot = [a for a in anchors if a.said.slot == "party"]
    for said in said_here:
        if not said.asserted:
            continue
        kind = kinds.get(said.value, "")
        if kind in ("carrier", "payment"):
            like = [a for a in of_slot if kinds.get(a.said.value) == kind]
            if any(
                s.value == a.said.value for s in item.statements if s.slot == "party" and not s.hedged for a in like
            ):
                continue  # it names the official one too: the other stands beside it, or before it in time
        elif kind in ("platform", "company") and _is_another(item, anchors, world):
            like = [a for a in anchors if a.acts and is_same_act(item, said, a)]
        else:
            continue
        if like:
            yield make_claim(item, "contradicted", said, like[0])
            return


def _is_another(item: StoryItem, anchors: Sequence[Official], world: World) -> bool:
    """Whether an article tells of one company what the official text tells of others: of whom it names none, or none
    in its news though it gives an official figure there."""
    kinds = act_book().parties
    theirs = {name for name in world.names if kinds.get(name) in ("platform", "company")}
    here = item.tags.mentions
    if any(
        _number(s) == _number(a.said) for s in _figures(item.statements) for a in anchors if a.said.slot == "amount"
    ):
        later = min((s.start for s in item.statements if s.sentence > HEAD_SENTENCES), default=None)
        here = tuple(m for m in here if m.field == "title" or later is None or m.start < later)
    return bool(theirs) and _with_owners(theirs).isdisjoint(_with_owners({mention.entity for mention in here}))


def _figures(statements: Sequence[Statement]) -> list[Statement]:
    """Figures of the news that two texts do not share by chance."""
    told = (s for s in statements if s.slot == "amount" and not s.hedged and s.sentence <= HEAD_SENTENCES)
    return [said for said in told if _number(said) >= _TELLING]


def _number(said: Statement) -> float:
    return split(said.value)[0]


def _with_owners(names: set[str]) -> set[str]:
    return names | {ENTITIES[name].parent for name in names if name in ENTITIES and ENTITIES[name].parent}
