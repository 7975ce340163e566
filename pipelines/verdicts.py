"""Slot by slot: what one sentence says beyond or against the statements of the official texts. Pure.

Where either side is silent, vague or guessing there is no verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from db.types import Claim, Statement, StoryItem, Verdict
from db.vocabulary import ENTITIES
from pipelines.cues import act_book
from pipelines.periods import meets, span_of
from pipelines.values import (
    alike,
    base,
    comparable,
    covers,
    is_wide,
    related,
    same_amount,
    same_kind,
    split,
    sums,
    wider,
)

_MODALITY = {"possible": 0, "planned": 1, "done": 2}
_MONEY_ACTS = frozenset({
    "raise_fee", "cut_fee", "charge_fee", "waive_fee", "penalise", "levy_tariff", "de_minimis", "cut_jobs", "subsidise",
    "refund", "invest", "acquire", "divest", "price_rule", "collect_tax", "delivery_time", "returns", "pay_out",
    "shipping_subsidy", "link_goods",
})  # fmt: skip


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


def _claim(item: StoryItem, verdict: Verdict, said: Statement, like: Official | None) -> Claim:
    return Claim(
        article_id=item.id, verdict=verdict, statement=said,
        official_article_id=like.article if like else "", official=like.said if like else None,
    )  # fmt: skip


def _firm(anchors: Iterable[Official]) -> list[Official]:
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


def _is_of(item: StoryItem, said: Statement, world: World) -> bool:
    """Whether a statement belongs to an act of the official texts, or at least to no other."""
    acts = _plain_acts(item, said)
    return not acts or not acts.isdisjoint(world.near)


def _is_same_act(item: StoryItem, said: Statement, official: Official) -> bool:
    """Whether a statement and an official one may be about one happening; what names no act is about any."""
    acts = _plain_acts(item, said)
    return not acts or not official.acts or any(related(ours, theirs) for ours in acts for theirs in official.acts)


def _audience(
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
                yield _claim(item, "not_in_official", said, None)
                return
            continue
        pool = same or of_slot
        refused = {a.said.value for a in pool if not a.said.asserted}
        verdict = wider(said.value, {a.said.value for a in pool if a.said.asserted}, refused)
        if verdict:
            near = [a for a in pool if base(a.said.value) == base(said.value)] or pool
            yield _claim(item, verdict, said, near[0] if near else None)
            return


def _is_goods(said: Statement) -> bool:
    return base(said.value) == "goods"


_OPENED = frozenset({"third_party_sellers", "cross_border_sellers", "creators", "all"})


_OPENS = re.compile(
    r"\b(?:can|may|able to|allow|allows|allowed|let|lets|open|opens|invited|welcome)\b|可|能|开放|允许|支持|面向"
)


def _is_opened(item: StoryItem, said: Statement, world: World) -> bool:
    """Whether an article opens something to a group where the official text names none: to all of it, or a new act."""
    if base(said.value) not in _OPENED or not _is_ruled(item, said):
        return False
    if said.value.endswith("/every") or said.value == "all":
        return True
    is_new = said.action in act_book().actions and said.action not in world.near
    return is_new and _OPENS.search(said.quote.lower()) is not None


def _region(
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
            yield _claim(item, "broader", said, inside[0])
        elif inside:
            continue  # "Europe" for the five countries that it names too
        elif given and agrees:
            if not any(covers(a.said.value, s.value) for a in given for s in said_here):
                continue  # of another place it tells something else
            yield _claim(item, "broader", said, given[0])
        elif of_slot and any(_is_same_act(item, said, a) for a in of_slot):
            yield _claim(item, "contradicted", said, of_slot[0])
        elif not of_slot and _is_total(said) and _is_ruled(item, said) and _is_of(item, said, world):
            yield _claim(item, "not_in_official", said, None)
        else:
            continue
        return


_TOTAL = re.compile(
    r"across|throughout|\ball\b|every|entire|whole|全境|全域|全部|所有|各国|各地|各站|整个|都|均|全面|全线"
)


def _is_total(said: Statement) -> bool:
    """Whether a place is meant as a whole: all the world, or "across Europe"."""
    return said.value == "GLOBAL" or (is_wide(said.value) and _TOTAL.search(said.quote.lower()) is not None)


def _modality(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    for said in said_here:
        pool = [a for a in anchors if a.said.slot == "modality" and _is_same_act(item, said, a)]
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
    of_slot = _nearest([a for a in anchors if a.said.slot == "date"])
    published = {a.at for a in anchors}
    if any(meets(a.said.value, s.value) for a in of_slot for s in item.statements if s.slot == "date" and not s.hedged):
        return  # it tells the official day; what else it dates is something else
    for said in said_here:
        if not said.asserted or any(meets(day.isoformat(), said.value) for day in published):
            continue
        pool = _firm(a for a in of_slot if _is_same_act(item, said, a))
        if pool:
            yield _claim(item, "contradicted", said, pool[0])
        elif not of_slot and len(said.value) > 4 and _is_of(item, said, world) and _is_ruled(item, said):
            yield _claim(item, "not_in_official", said, None)
        else:
            continue
        return


def _nearest(official: list[Official]) -> list[Official]:
    """Days where the official text names days: "in 2026, from 15 January" means the fifteenth."""
    days = [a for a in official if len(a.said.value) == len("2026-01-15")]
    return [*days, *(a for a in official if a not in days and not any(meets(a.said.value, d.said.value) for d in days))]


def _is_ruled(item: StoryItem, said: Statement) -> bool:
    """Whether its sentence says that something is, may, must or will be so."""
    return any(s.slot == "modality" and s.sentence == said.sentence for s in item.statements)


def _amount(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "amount"]
    for said in said_here:
        number, unit = split(said.value)
        if not said.asserted or (unit.startswith("count") and number <= _FEW) or _is_agreed(unit, item, of_slot):
            continue
        like = _firm(
            a
            for a in of_slot
            if _is_same_act(item, said, a)
            and comparable(said.value, a.said.value, same=alike(a.said.action, said.action))
        )
        if like:
            yield _claim(item, "contradicted", said, next((a for a in like if a.said.action == said.action), like[0]))
            return
        of_act = said.action in world.near & _MONEY_ACTS and _is_told(item, said)
        is_new = not any(same_kind(unit, split(a.said.value)[1]) for a in of_slot)
        if is_new and of_act and not unit.endswith("worth") and not unit.startswith("count:") and _is_ruled(item, said):
            yield _claim(item, "not_in_official", said, None)
            return


def _is_told(item: StoryItem, said: Statement) -> bool:
    """Whether its sentence plainly tells the act, and does not only name it."""
    return any(
        s.slot == "action" and s.value == said.action and not s.hedged
        for s in item.statements
        if s.sentence == said.sentence
    )


_FEW = 3  # "one idea", "two countries" are no figures


def _is_agreed(unit: str, item: StoryItem, official: Sequence[Official]) -> bool:
    """Whether the article tells an official figure of this unit, or their sum: others are bases, parts or examples."""
    of_unit = [
        a.said.value.replace(":worth", "") for a in official if _currency(a.said.value) == unit.partition(":")[0]
    ]
    told = [*of_unit, *sums(of_unit)]
    return any(
        same_amount(s.value.replace(":worth", ""), value)
        for s in item.statements
        if s.slot == "amount" and not s.hedged
        for value in told
    )


def _currency(value: str) -> str:
    return split(value)[1].partition(":")[0]


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
        if (
            not said.asserted
            or not table.grave
            or not _is_ruled(item, said)
            or said.value in world.near
            or set(table.within) & world.acts
        ):
            continue
        if any(s.start < said.end and said.start < s.end for s in told):
            continue  # the same words tell an act of the official text
        if set(table.types) & (world.types if not specific else world.fees):
            continue  # of a kind that the official text speaks of: perhaps its act in other words
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
        kind = kinds.get(said.value, "")
        if kind in ("carrier", "payment"):
            like = [a for a in of_slot if kinds.get(a.said.value) == kind]
            if any(s.value == a.said.value for s in item.statements if s.slot == "party" for a in like):
                continue  # it names the official one too: the other stands beside it, or before it in time
        elif kind in ("platform", "company") and _is_another(item, world):
            like = [a for a in anchors if a.acts and _is_same_act(item, said, a)]
        else:
            continue
        if like:
            yield _claim(item, "contradicted", said, like[0])
            return


def _is_another(item: StoryItem, world: World) -> bool:
    """Whether an article tells of one company what the official text tells of others, of whom it names none."""
    kinds = act_book().parties
    theirs = {name for name in world.names if kinds.get(name) in ("platform", "company")}
    here = {mention.entity for mention in item.tags.mentions}
    return bool(theirs) and _with_owners(theirs).isdisjoint(_with_owners(here))


def _with_owners(names: set[str]) -> set[str]:
    return names | {ENTITIES[name].parent for name in names if name in ENTITIES and ENTITIES[name].parent}


COMPARE = {
    "audience": _audience, "region": _region, "modality": _modality, "date": _date, "amount": _amount,
    "action": _action, "party": _party,
}  # fmt: skip
