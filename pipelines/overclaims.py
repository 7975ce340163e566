"""What an article claims beyond or against the official texts of its story, slot by slot, with both sentences.

Explicit words only: where either side is silent, vague or guessing there is no verdict against an article. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from db.types import Claim, Statement, StoryItem
from pipelines.cues import act_book
from pipelines.officials import Official, World, official_statements
from pipelines.sentences import HEAD_SENTENCES
from pipelines.standing import OUTLETS
from pipelines.values import kin, near_acts
from pipelines.verdicts import action, amount, day, modality
from pipelines.verdicts_scope import audience, party, region

_COMPARE: Mapping[str, Callable[[StoryItem, Sequence[Statement], Sequence[Official], World], Iterable[Claim]]] = {
    "audience": audience, "region": region, "modality": modality, "date": day, "amount": amount, "action": action,
    "party": party,
}  # fmt: skip


def claims_of(items: Sequence[StoryItem], official: frozenset[str]) -> tuple[Claim, ...]:
    """Claims that go beyond or against the texts of `official` (ids); empty without one. One for article and slot."""
    anchors = _weighty(official_statements(items, official))
    if not anchors:
        return ()
    acts = frozenset(a.said.action for a in anchors if a.said.slot == "action")
    types = frozenset(name for act in acts if act in act_book().actions for name in act_book().actions[act].types)
    world = World(
        acts=acts,
        near=near_acts(acts),
        types=frozenset(event.type for i in items if i.id in official for event in i.tags.events) | types,
        fees=types & {"platform/fees"},
        names=frozenset(mention.entity for i in items if i.id in official for mention in i.tags.mentions),
    )
    made: list[Claim] = []
    for item in items:
        if item.id not in official and not _is_play(item):
            made += _of_article(item, anchors, world)
    return tuple(made)


def _weighty(anchors: list[Official]) -> list[Official]:
    """Without the audiences of titles where the text tells them apart: a title says "sellers" for "some sellers"."""
    told = {kin(a.said.value) for a in anchors if a.said.slot == "audience" and a.said.field == "text"}
    return [
        a for a in anchors if not (a.said.slot == "audience" and a.said.field == "title" and kin(a.said.value) in told)
    ]


def _is_play(item: StoryItem) -> bool:
    return any(s.slot == "stance" and s.value in ("satire", "asked") for s in item.statements)


def _of_article(item: StoryItem, anchors: Sequence[Official], world: World) -> Iterable[Claim]:
    """The first claim of each slot; where the act itself is new, its other slots say nothing more."""
    sentences: dict[int, list[Statement]] = defaultdict(list)
    for said in item.statements:
        if said.slot not in ("stance", "cites", "quotes") and not said.hedged and said.sentence <= HEAD_SENTENCES:
            sentences[said.sentence].append(said)
    if item.voice.kind in OUTLETS:
        for number in sentences.keys() - {0}:
            sentences[number] = [said for said in sentences[number] if said.action in world.near]
    found: dict[str, Claim] = {}
    for said_here in sentences.values():
        for claim in _of_sentence(item, said_here, anchors, world):
            found.setdefault(claim.statement.slot, claim)
    return found.values()


def _of_sentence(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> list[Claim]:
    made = [
        claim
        for name, compare in _COMPARE.items()
        if (said := [s for s in said_here if s.slot == name])
        for claim in compare(item, said, anchors, world)
    ]
    against = [claim for claim in made if claim.statement.slot == "action" and claim.verdict == "contradicted"]
    if against or all(claim.statement.slot in ("action", "modality") for claim in made):
        return against or [claim for claim in made if claim.statement.slot == "action"] or made
    return [claim for claim in made if claim.statement.slot != "action"]
