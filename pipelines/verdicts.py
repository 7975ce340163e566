"""Slot by slot: what one sentence says beyond or against the statements of the official texts. Pure.

Where either side is silent, vague or guessing there is no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from db.types import Claim, Statement, StoryItem, Verdict
from pipelines.cues import act_book
from pipelines.periods import meets, span_of
from pipelines.values import alike, base, comparable, covers, is_wide, same_amount, split, wider

_MODALITY = {"possible": 0, "planned": 1, "done": 2}
_MONEY_ACTS = frozenset({
    "raise_fee", "cut_fee", "charge_fee", "waive_fee", "penalise", "levy_tariff", "de_minimis", "cut_jobs", "subsidise",
    "refund", "invest", "acquire", "divest", "price_rule", "collect_tax", "delivery_time", "returns", "pay_out",
    "shipping_subsidy", "link_goods",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Official:
    """One statement of an official text."""

    article: str
    at: date
    said: Statement


@dataclass(frozen=True, slots=True)
class World:
    """What the official texts speak of at all: acts, kinds of events, names."""

    acts: frozenset[str]
    types: frozenset[str]
    names: frozenset[str]
    near: frozenset[str]  # the acts and what is told in their place


def _claim(item: StoryItem, verdict: Verdict, said: Statement, like: Official | None) -> Claim:
    return Claim(
        article_id=item.id, verdict=verdict, statement=said,
        official_article_id=like.article if like else "", official=like.said if like else None,
    )  # fmt: skip


def _like(anchors: Sequence[Official], slot: str, action: str) -> list[Official]:
    """Official statements of a slot on the same act; on any act where this one is not named or has none."""
    of_slot = [a for a in anchors if a.said.slot == slot]
    same = [a for a in of_slot if a.said.action == action]
    return same or of_slot


def _audience(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    for said in said_here:
        if not said.asserted:
            continue
        of_slot = [a for a in anchors if a.said.slot == "audience"]
        same = [a for a in of_slot if a.said.action == said.action]
        if said.action in world.acts and not same and not said.value.endswith(("/every", "all")):
            continue  # the official text leaves open for whom, and the article names the natural ones
        pool = same or of_slot
        refused = {a.said.value for a in pool if not a.said.asserted}
        verdict = wider(said.value, {a.said.value for a in pool if a.said.asserted}, refused)
        if verdict:
            near = [a for a in pool if base(a.said.value) == base(said.value)] or pool
            yield _claim(item, verdict, said, near[0] if near else None)
            return


def _region(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "region"]
    given = [a for a in of_slot if a.said.asserted]
    for said in said_here:
        if not said.asserted:
            continue
        if any(covers(a.said.value, said.value) for a in given) and not any(
            a.said.value == said.value for a in of_slot if not a.said.asserted
        ):
            continue
        inside = [a for a in given if covers(said.value, a.said.value)]
        if inside:
            yield _claim(item, "broader", said, inside[0])
        elif of_slot:
            both = any(covers(a.said.value, s.value) for a in given for s in said_here)
            yield _claim(item, "broader" if both else "contradicted", said, of_slot[0])
        elif is_wide(said.value):
            yield _claim(item, "not_in_official", said, None)
        else:
            continue
        return


def _modality(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    for said in said_here:
        pool = _like(anchors, "modality", said.action)
        if not pool or not said.asserted:
            continue
        furthest = max(pool, key=lambda a: _MODALITY[a.said.value])
        if _MODALITY[said.value] <= _MODALITY[furthest.said.value]:
            continue
        starts = [span_of(a.said.value)[1] for a in anchors if a.said.slot == "date" and a.said.asserted]
        if said.value == "done" and any(start <= item.at.date() for start in starts):
            continue  # its day has come
        yield _claim(item, "broader", said, furthest)
        return


def _date(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "date"]
    published = {a.at for a in anchors}
    for said in said_here:
        if not said.asserted or any(meets(a.said.value, said.value) for a in of_slot):
            continue
        if any(meets(day.isoformat(), said.value) for day in published) and not of_slot:
            continue
        if len(said.value) == 4 and not of_slot:
            continue
        pool = [a for a in of_slot if a.said.action == said.action] or of_slot
        if pool:
            yield _claim(item, "contradicted", said, pool[0])
        elif said.action in world.near and _is_ruled(item, said):
            yield _claim(item, "not_in_official", said, None)
        else:
            continue
        return


def _is_ruled(item: StoryItem, said: Statement) -> bool:
    """Whether its sentence says that something is, may, must or will be so."""
    return any(s.slot == "modality" and s.sentence == said.sentence for s in item.statements)


def _amount(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "amount"]
    agreed = {split(s.value)[1] for s in said_here if any(same_amount(s.value, a.said.value) for a in of_slot)}
    for said in said_here:
        if split(said.value)[1] in agreed:
            continue  # what else it says in this unit is told beside the official figure: a base, a part, an example
        unit = split(said.value)[1]
        if said.value.startswith("1 count"):
            continue  # "one idea" is no figure
        foreign = said.action and said.action not in world.near and not unit.startswith("count:")
        if not said.asserted or foreign:
            continue
        like = [a for a in of_slot if comparable(unit, split(a.said.value)[1], same=alike(a.said.action, said.action))]
        same_act = [a for a in like if a.said.action == said.action]
        if like:
            yield _claim(item, "contradicted", said, (same_act or like)[0])
            return
        if (
            not of_slot
            and not unit.endswith("worth")
            and said.action in world.near & _MONEY_ACTS
            and _is_ruled(item, said)
        ):
            yield _claim(item, "not_in_official", said, None)
            return


def _action(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    book = act_book()
    specific = {name for name in world.acts if name in book.actions and not book.actions[name].general}
    refused = {a.said.action: a for a in anchors if a.said.slot == "action" and not a.said.asserted}
    given = {a.said.action for a in anchors if a.said.slot == "action" and a.said.asserted}
    for said in said_here:
        yes = next((a for a in anchors if a.said.slot == "action" and a.said.value == said.value), None)
        if (
            yes
            and not book.actions[said.value].general
            and not said.asserted
            and said.value not in refused
            and _plainly(said, item, anchors)
        ):
            yield _claim(item, "contradicted", said, yes)
            return
        wider = book.actions[said.value].within
        no = refused.get(said.value) or next((refused[act] for act in wider if act in refused), None)
        if (
            no
            and not book.actions[said.value].general
            and said.value not in given
            and said.asserted
            and item.at.date() >= no.at
        ):  # not what was said before it
            yield _claim(item, "contradicted", said, no)
            return
    for said in said_here:
        foe = next((act for act in given if act in book.actions and said.value in book.actions[act].against), None)
        if foe and said.value not in given and said.asserted and not any(s.value == foe for s in said_here):
            yield _claim(item, "contradicted", said, next(a for a in anchors if a.said.value == foe))
            return
    told = [s for s in said_here if s.value in specific]
    for said in said_here:
        table = book.actions[said.value]
        if not said.asserted or table.general or said.value in world.near or set(table.within) & world.acts:
            continue
        if any(s.start < said.end and said.start < s.end for s in told):
            continue  # the same words tell an act of the official text
        if not specific and set(table.types) & world.types:
            continue  # no act of the official text was understood: only one of another kind is surely new
        yield _claim(item, "not_in_official", said, None)
        return


_PLAIN_NO = re.compile(
    r"no longer|cannot|can't|may not|must not|not (?:be )?(?:allowed|permitted)|不得"
    r"|不能|不可|禁止|不再|无法|不允许|不支持|取消"
)


def _plainly(said: Statement, item: StoryItem, anchors: Sequence[Official]) -> bool:
    """Whether an article says a plain no to an act, and not only for those to whom the official text says it too."""
    if not _PLAIN_NO.search(said.quote.lower()):
        return False
    given = {a.said.value for a in anchors if a.said.slot == "audience" and a.said.asserted}
    here = {s.value for s in item.statements if s.slot == "audience" and s.sentence == said.sentence}
    return here <= given


def _party(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    kinds = act_book().parties
    of_slot = [a for a in anchors if a.said.slot == "party"]
    for said in said_here:
        if not said.asserted:
            continue
        kind = kinds.get(said.value)
        like = [a for a in of_slot if kinds.get(a.said.value) == kind]
        if kind not in ("carrier", "payment"):
            like = [a for a in like if a.said.action == said.action and said.value not in world.names]
        if not like or any(s.value == a.said.value for s in item.statements if s.slot == "party" for a in like):
            continue  # it names the official one too: the other stands beside it, or before it in time
        yield _claim(item, "contradicted", said, like[0])
        return


COMPARE = {
    "audience": _audience, "region": _region, "modality": _modality, "date": _date, "amount": _amount,
    "action": _action, "party": _party,
}  # fmt: skip
