"""What the official texts of a story say, as verdicts need it: their statements, their acts, and when a statement of an
article is about the same act. Gives no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from db.types import Claim, Statement, StoryItem, Verdict
from pipelines.cues import act_book
from pipelines.values import related


@dataclass(frozen=True, slots=True)
class Official:
    """One statement of an official text, with the acts of its sentence."""

    article: str
    at: date
    said: Statement
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class World:
    """What the official texts speak of at all: acts, kinds of events, names."""

    acts: frozenset[str]
    types: frozenset[str]
    names: frozenset[str]
    near: frozenset[str]  # the acts and what is told in their place
    fees: frozenset[str]  # platform/fees, where it speaks of fees: what is raised, cut and waived is told in many words


def official_statements(items: Sequence[StoryItem], official: frozenset[str]) -> list[Official]:
    """What the texts of `official` (ids) say, marks left out."""
    return [
        Official(item.id, item.at.date(), said, acts_of(item, said))
        for item in items
        if item.id in official
        for said in item.statements
        if said.slot not in ("stance", "cites", "quotes")
    ]


def make_claim(item: StoryItem, verdict: Verdict, said: Statement, like: Official | None) -> Claim:
    return Claim(
        article_id=item.id, verdict=verdict, statement=said,
        official_article_id=like.article if like else "", official=like.said if like else None,
    )  # fmt: skip


def firm(anchors: Iterable[Official]) -> list[Official]:
    """Those that the official text says plainly; where it says none so, all."""
    pool = list(anchors)
    return [a for a in pool if not a.said.hedged] or pool


def acts_of(item: StoryItem, said: Statement) -> frozenset[str]:
    """The acts that the sentence of a statement tells, and the one that it belongs to."""
    told = {s.value for s in item.statements if s.slot == "action" and s.sentence == said.sentence}
    return frozenset(told | {said.action}) - {""}


def _plain_acts(item: StoryItem, said: Statement) -> frozenset[str]:
    tables = act_book().actions
    return frozenset(act for act in acts_of(item, said) if not tables[act].general)


def is_of(item: StoryItem, said: Statement, world: World) -> bool:
    """Whether a statement belongs to an act of the official texts, or at least to no other."""
    acts = _plain_acts(item, said)
    return not acts or not acts.isdisjoint(world.near)


def is_same_act(item: StoryItem, said: Statement, official: Official) -> bool:
    """Whether a statement and an official one may be about one happening; what names no act is about any."""
    acts = _plain_acts(item, said)
    return not acts or not official.acts or any(related(ours, theirs) for ours in acts for theirs in official.acts)


def is_ruled(item: StoryItem, said: Statement) -> bool:
    """Whether its sentence says that something is, may, must or will be so."""
    return any(s.slot == "modality" and s.sentence == said.sentence for s in item.statements)


def is_told(item: StoryItem, said: Statement) -> bool:
    """Whether its sentence plainly tells the act, and does not only name it."""
    return any(
        s.slot == "action" and s.value == said.action and not s.hedged
        for s in item.statements
        if s.sentence == said.sentence
    )
