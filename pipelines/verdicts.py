"""Which act, how far along, from when and how much: what one sentence says beyond or against the official texts. Pure.

Where either side is silent, vague or guessing there is no verdict.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from db.types import Claim, Statement, StoryItem
from pipelines.cues import act_book
from pipelines.officials import Official, World, firm, is_of, is_ruled, is_same_act, is_told, make_claim
from pipelines.periods import meets, span_of
from pipelines.values import alike, comparable, near_acts, same_amount, same_kind, split, sums

_MODALITY = {"possible": 0, "planned": 1, "done": 2}
_MONEY_ACTS = frozenset({
    "raise_fee", "cut_fee", "charge_fee", "waive_fee", "penalise", "levy_tariff", "de_minimis", "cut_jobs", "subsidise",
    "refund", "invest", "acquire", "divest", "price_rule", "collect_tax", "delivery_time", "returns", "pay_out",
    "shipping_subsidy", "link_goods",
})  # fmt: skip


def modality(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    for said in said_here:
        pool = [a for a in anchors if a.said.slot == "modality" and is_same_act(item, said, a)]
        if not pool or not said.asserted:
            continue
        furthest = max(pool, key=lambda a: _MODALITY[a.said.value])
        if _MODALITY[said.value] <= _MODALITY[furthest.said.value]:
            continue
        dates = [a.said for a in anchors if a.said.slot == "date" and a.said.asserted and not a.said.hedged]
        starts = [span_of(said_day.value)[1] for said_day in dates]
        if said.value == "done" and any(start <= item.at.date() for start in starts):
            continue  # its day has come
        yield make_claim(item, "broader", said, furthest)
        return


def day(item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World) -> Iterable[Claim]:
    of_slot = _nearest([a for a in anchors if a.said.slot == "date"])
    published = {a.at for a in anchors}
    dated = [s for s in item.statements if s.slot == "date" and not s.hedged]
    if any(meets(a.said.value, s.value) for a in of_slot for s in _narrow(dated)):
        return  # it tells the official day; what else it dates is something else
    for said in _narrow(said_here):
        if not said.asserted or any(meets(day.isoformat(), said.value) for day in published) or _lasts(said, of_slot):
            continue
        pool = firm(a for a in of_slot if is_same_act(item, said, a))
        if pool:
            yield make_claim(item, "contradicted", said, pool[0])
        elif not of_slot and len(said.value) > 4 and is_of(item, said, world) and is_ruled(item, said):
            yield make_claim(item, "not_in_official", said, None)
        else:
            continue
        return


_EVENT = timedelta(days=31)  # what lasts longer is two dates, not one event


def _lasts(said: Statement, official: Sequence[Official]) -> bool:
    """Whether a day lies between the days that one official sentence names: "from July 7 to July 10"."""
    told: dict[tuple[str, int], list[date]] = defaultdict(list)
    for a in official:
        told[a.article, a.said.sentence] += span_of(a.said.value)
    first, last = span_of(said.value)
    return any(min(days) <= first and last <= max(days) <= min(days) + _EVENT for days in told.values())


def _narrow(dated: Sequence[Statement]) -> list[Statement]:
    """Without a year or month beside a day of it in one sentence: "in 2026, from 15 January" means the fifteenth."""
    return [
        s
        for s in dated
        if not any(s.sentence == o.sentence and len(o.value) > len(s.value) and meets(s.value, o.value) for o in dated)
    ]


def _nearest(official: list[Official]) -> list[Official]:
    """Days where the official text names days: "in 2026, from 15 January" means the fifteenth."""
    days = [a for a in official if len(a.said.value) == len("2026-01-15")]
    return [*days, *(a for a in official if a not in days and not any(meets(a.said.value, d.said.value) for d in days))]


def amount(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "amount"]
    for said in said_here:
        number, unit = split(said.value)
        if not said.asserted or (unit.startswith("count") and number <= _FEW) or _is_agreed(said, item, of_slot):
            continue
        like = firm(
            a
            for a in of_slot
            if is_same_act(item, said, a)
            and unit.startswith("pp") == split(a.said.value)[1].startswith("pp")  # by how much is not to how much
            and comparable(said.value, a.said.value, same=alike(a.said.action, said.action))
        )
        if like:
            yield make_claim(
                item, "contradicted", said, next((a for a in like if a.said.action == said.action), like[0])
            )
            return
        of_act = said.action in world.near & _MONEY_ACTS and is_told(item, said)
        is_new = not any(same_kind(unit, split(a.said.value)[1]) for a in of_slot)
        if is_new and of_act and not unit.endswith("worth") and not unit.startswith("count:") and is_ruled(item, said):
            yield make_claim(item, "not_in_official", said, None)
            return


_FEW = 3  # "one idea", "two countries" are no figures


def _is_agreed(said: Statement, item: StoryItem, official: Sequence[Official]) -> bool:
    """Whether a figure is an official one, or stands beside one of its unit: a base, a part, a sum or an example."""
    if any(same_amount(_plain(said.value), _plain(a.said.value)) for a in official):
        return True
    if _unit(said.value) == "count" and any(split(said.value)[0] == split(a.said.value)[0] for a in official):
        return True  # "1 billion" beside "$1 billion"
    of_unit = [a.said.value for a in official if _unit(a.said.value) == _unit(said.value)]
    return any(
        same_amount(s.value, value)
        for s in item.statements
        if s.slot == "amount" and not s.hedged
        for value in (*of_unit, *sums(of_unit))
    )


def _plain(value: str) -> str:
    return value.replace(":worth", "")


def _unit(value: str) -> str:
    return split(value)[1].partition(":~")[0]


def action(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[Official], world: World
) -> Iterable[Claim]:
    """Yes against no, an act against one that can not be beside it, or a grave act that no official text tells."""
    of_slot = [a for a in anchors if a.said.slot == "action"]
    for said in said_here:
        against = _denied(item, said, of_slot, anchors) or _opposed(said, said_here, of_slot)
        if against:
            yield make_claim(item, "contradicted", said, against)
            return
    told = [said for said in said_here if said.value in world.acts and not act_book().actions[said.value].general]
    for said in said_here:
        in_its_words = any(s.start < said.end and said.start < s.end for s in told)
        if said.asserted and not in_its_words and is_ruled(item, said) and _is_new(said, world):
            yield make_claim(item, "not_in_official", said, None)
            return


def _denied(
    item: StoryItem, said: Statement, of_slot: Sequence[Official], anchors: Sequence[Official]
) -> Official | None:
    """The official statement that says yes to an act where the article says no, or no where it says yes."""
    table = act_book().actions[said.value]
    if table.general:
        return None
    refused = {a.said.value: a for a in of_slot if not a.said.asserted}
    if not said.asserted:
        yes = next((a for a in of_slot if a.said.value == said.value), None)
        return yes if yes and said.value not in refused and _plainly(said, item, anchors) else None
    if any(a.said.value == said.value and a.said.asserted for a in of_slot):
        return None
    no = next((refused[act] for act in (said.value, *table.within) if act in refused), None)
    return no if no and item.at.date() >= no.at else None  # not what was said before it


def _opposed(said: Statement, said_here: Sequence[Statement], of_slot: Sequence[Official]) -> Official | None:
    """The official act that can not be beside the one that an article tells."""
    given = {a.said.value: a for a in reversed(of_slot) if a.said.asserted}
    if not said.asserted or not near_acts(frozenset({said.value})).isdisjoint(given):
        return None  # a text may raise one fee and keep another
    foe = next((act for act in given if said.value in act_book().actions[act].against), None)
    return None if foe is None or any(s.value == foe for s in said_here) else given[foe]


def _is_new(said: Statement, world: World) -> bool:
    """Whether an act is one that the official texts would tell, and tell in no other words."""
    tables = act_book().actions
    table = tables[said.value]
    if not table.grave or said.value in world.near or set(table.within) & world.acts:
        return False
    is_understood = any(not tables[act].general for act in world.acts)
    return not set(table.types) & (world.fees if is_understood else world.types)


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
