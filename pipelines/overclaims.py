"""What an article claims beyond or against the official texts of its story, slot by slot, with both sentences.

Explicit words only: where either side is silent, vague or guessing there is no verdict against an article. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.types import Claim, Statement, StoryItem, Verdict
from pipelines.cues import cue_book
from pipelines.periods import meets, span_of

_SELLERS = {"first_party": 1.0, "invited_sellers": 2.0, "third_party_sellers/some": 2.0,
            "cross_border_sellers": 2.0, "cross_border_sellers/every": 2.0,
            "cross_border_sellers/some": 2.0, "third_party_sellers": 3.0,
            "third_party_sellers/every": 3.5, "all": 4.0}  # fmt: skip
_MODALITY = {"possible": 0, "planned": 1, "done": 2}
_EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 (a list of 27 strings is harder to read)
)
_MEMBERS: Mapping[str, frozenset[str]] = {
    "EU": _EU, "EUROPE": _EU | {"EU", "GB", "NO", "CH", "UA", "AL"}, "NA": frozenset({"US", "CA", "MX"}),
    "LATAM": frozenset({"MX", "BR", "CL", "CO", "PE", "AR"}),
    "SEA": frozenset({"ID", "VN", "TH", "MY", "PH", "SG"}),
    "ASIA": frozenset(
        {"ID", "VN", "TH", "MY", "PH", "SG", "SEA", "JP", "KR", "IN", "CN", "TW", "HK", "PK", "BD", "KZ"}
    ),
    "MEA": frozenset({"SA", "AE", "EG", "IL", "TR"}), "AFRICA": frozenset({"ZA", "NG", "EG"}),
}  # fmt: skip
_CURRENCY = re.compile(r"[A-Z]{3}$")
_ROUNDING, _ROUNDED, _ABOUT, _OVER = 0.011, 0.05, 0.12, 1.4  # how far apart two tellings of one figure may lie
_APPLIES_FROM = timedelta(days=0)
_MONEY_ACTS = frozenset({
    "raise_fee", "cut_fee", "charge_fee", "waive_fee", "penalise", "levy_tariff", "de_minimis", "cut_jobs", "subsidise",
    "refund", "invest", "acquire", "divest", "price_rule", "collect_tax", "delivery_time", "returns", "pay_out",
    "shipping_subsidy", "link_goods",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Official:
    """One statement of an official text."""

    article: str
    at: date
    said: Statement


@dataclass(frozen=True, slots=True)
class _World:
    """What the official texts speak of at all: acts, kinds of events, names."""

    acts: frozenset[str]
    types: frozenset[str]
    names: frozenset[str]
    near: frozenset[str]  # the acts and what is told in their place


def claims_of(items: Sequence[StoryItem], official: frozenset[str]) -> tuple[Claim, ...]:
    """Claims that go beyond or against the texts of `official` (ids); empty without one. One for article and slot."""
    anchors = [_Official(i.id, i.at.date(), said) for i in items if i.id in official for said in i.statements]
    anchors = _weighty([anchor for anchor in anchors if anchor.said.slot not in ("stance", "cites", "quotes")])
    if not anchors:
        return ()
    acts = frozenset(a.said.action for a in anchors if a.said.slot == "action")
    world = _World(
        acts=acts,
        near=_near(acts),
        types=frozenset(event.type for i in items if i.id in official for event in i.tags.events),
        names=frozenset(mention.entity for i in items if i.id in official for mention in i.tags.mentions),
    )
    made: list[Claim] = []
    for item in items:
        if item.id not in official and not _is_play(item):
            made += _of_article(item, anchors, world)
    return tuple(made)


def _near(acts: frozenset[str]) -> frozenset[str]:
    tables = cue_book().actions
    near = {other for act in acts if act in tables for other in (*tables[act].within, *tables[act].like)}
    return acts | near | {name for name, table in tables.items() if acts & {*table.within, *table.like}}


def _weighty(anchors: list[_Official]) -> list[_Official]:
    """Without the audiences of titles where the text tells them apart: a title says "sellers" for "some sellers"."""
    told = {_base(a.said.value) for a in anchors if a.said.slot == "audience" and a.said.field == "text"}
    return [
        a
        for a in anchors
        if not (a.said.slot == "audience" and a.said.field == "title" and _base(a.said.value) in told)
    ]


def _is_play(item: StoryItem) -> bool:
    return any(s.slot == "stance" and s.value in ("satire", "asked") for s in item.statements)


def _of_article(item: StoryItem, anchors: Sequence[_Official], world: _World) -> Iterable[Claim]:
    """The first claim of each slot; where the act itself is new, its other slots say nothing more."""
    sentences: dict[int, list[Statement]] = defaultdict(list)
    for said in item.statements:
        if said.slot not in ("stance", "cites", "quotes") and not said.hedged:
            sentences[said.sentence].append(said)
    found: dict[str, Claim] = {}
    for said_here in sentences.values():
        for claim in _of_sentence(item, said_here, anchors, world):
            found.setdefault(claim.statement.slot, claim)
    return found.values()


def _of_sentence(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
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


def _claim(item: StoryItem, verdict: Verdict, said: Statement, like: _Official | None) -> Claim:
    return Claim(
        article_id=item.id, verdict=verdict, statement=said,
        official_article_id=like.article if like else "", official=like.said if like else None,
    )  # fmt: skip


def _like(anchors: Sequence[_Official], slot: str, action: str) -> list[_Official]:
    """Official statements of a slot on the same act; on any act where this one is not named or has none."""
    of_slot = [a for a in anchors if a.said.slot == slot]
    same = [a for a in of_slot if a.said.action == action]
    return same or of_slot


# ------------------------------------------------------------------ for whom
def _audience(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
) -> Iterable[Claim]:
    for said in said_here:
        if not said.asserted:
            continue
        of_slot = [a for a in anchors if a.said.slot == "audience"]
        same = [a for a in of_slot if a.said.action == said.action]
        if said.action in world.acts and not same and not said.value.endswith(("/every", "all")):
            continue  # the official text leaves open for whom, and the article names the natural ones
        pool = same or of_slot
        verdict = _wider(said.value, pool)
        if verdict:
            near = [a for a in pool if _base(a.said.value) == _base(said.value)] or pool
            yield _claim(item, verdict, said, near[0] if near else None)
            return


def _base(value: str) -> str:
    return value.partition("/")[0]


def _wider(value: str, pool: Sequence[_Official]) -> Verdict | None:
    given = {a.said.value for a in pool if a.said.asserted}
    refused = {a.said.value for a in pool if not a.said.asserted}
    if value in given:
        return None
    if _base(value) in {_base(v) for v in refused} and _base(value) not in {_base(v) for v in given}:
        return "contradicted"
    if value in _SELLERS:
        ranks = [_SELLERS[v] for v in given if v in _SELLERS]
        if ranks:
            most = max(ranks)
            if _SELLERS[value] <= most or (_SELLERS[value] - most < 1 and most >= 3):
                return None
            if value == "third_party_sellers" and "third_party_sellers/some" in given:
                return None  # "sellers" for "eligible sellers" is loose, not wider
            return "broader"
        return "not_in_official" if given else None
    if value in given:
        return None
    bases = {_base(v) for v in given}
    if _base(value) in bases:
        return "broader" if value.endswith("/every") and f"{_base(value)}/some" in given else None
    if _base(value) == "consumers" or not given or "all" in given:
        return None
    return "not_in_official"


# ------------------------------------------------------------------ where
def _covers(wide: str, narrow: str) -> bool:
    if wide in (narrow, "GLOBAL"):
        return True
    return narrow in _MEMBERS.get(wide, ()) or narrow.startswith(f"{wide}-")


def _region(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "region"]
    given = [a for a in of_slot if a.said.asserted]
    for said in said_here:
        if not said.asserted:
            continue
        if any(_covers(a.said.value, said.value) for a in given) and not any(
            a.said.value == said.value for a in of_slot if not a.said.asserted
        ):
            continue
        inside = [a for a in given if _covers(said.value, a.said.value)]
        if inside:
            yield _claim(item, "broader", said, inside[0])
        elif of_slot:
            both = any(_covers(a.said.value, s.value) for a in given for s in said_here)
            yield _claim(item, "broader" if both else "contradicted", said, of_slot[0])
        elif said.value in _MEMBERS or said.value == "GLOBAL":
            yield _claim(item, "not_in_official", said, None)
        else:
            continue
        return


# ------------------------------------------------------------------ how far along
def _modality(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
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


# ------------------------------------------------------------------ from when
def _date(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
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


# ------------------------------------------------------------------ how much
def _split(value: str) -> tuple[float, str]:
    number, _, unit = value.partition(" ")
    return float(number), unit


def _amount(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
) -> Iterable[Claim]:
    of_slot = [a for a in anchors if a.said.slot == "amount"]
    agreed = {_split(s.value)[1] for s in said_here if any(_same(s.value, a.said.value) for a in of_slot)}
    for said in said_here:
        if _split(said.value)[1] in agreed:
            continue  # what else it says in this unit is told beside the official figure: a base, a part, an example
        unit = _split(said.value)[1]
        foreign = said.action and said.action not in world.near and not unit.startswith("count:")
        if not said.asserted or foreign:
            continue
        like = [
            a for a in of_slot if _comparable(unit, _split(a.said.value)[1], same=_alike(a.said.action, said.action))
        ]
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


def _alike(one: str, other: str) -> bool:
    return not one or not other or one == other or one in _near(frozenset({other}))


def _comparable(one: str, other: str, *, same: bool = True) -> bool:
    """Whether two units can be set against each other; a bare number only with one of the `same` act."""
    one, other = one.partition(":~")[0], other.partition(":~")[0]
    if one == other or {one, other} == {"%", "pp"}:
        return True
    return same and "count" in (one, other) and one.startswith("count") and other.startswith("count")


def _same(one: str, other: str) -> bool:
    (first, unit), (second, other_unit) = _split(one), _split(other)
    unit, _, how = unit.partition(":~")
    other_unit, _, other_how = other_unit.partition(":~")
    if not _comparable(unit, other_unit):
        return False
    least, most = sorted((abs(first), abs(second)))
    if "over" in (how, other_how):
        return most <= least * _OVER
    slack = _ABOUT if "about" in (how, other_how) else _ROUNDING
    if unit.startswith("count") and min(_digits(first), _digits(second)) <= 2:
        slack = max(slack, _ROUNDED)  # 3 million of 3,048,000
    return most - least <= slack * most


def _digits(number: float) -> int:
    return len(f"{abs(number):.0f}".rstrip("0"))


# ------------------------------------------------------------------ which act
def _action(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
) -> Iterable[Claim]:
    book = cue_book()
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


def _plainly(said: Statement, item: StoryItem, anchors: Sequence[_Official]) -> bool:
    """Whether an article says a plain no to an act, and not only for those to whom the official text says it too."""
    if not _PLAIN_NO.search(said.quote.lower()):
        return False
    given = {a.said.value for a in anchors if a.said.slot == "audience" and a.said.asserted}
    here = {s.value for s in item.statements if s.slot == "audience" and s.sentence == said.sentence}
    return here <= given


# ------------------------------------------------------------------ through whom
def _party(
    item: StoryItem, said_here: Sequence[Statement], anchors: Sequence[_Official], world: _World
) -> Iterable[Claim]:
    kinds = cue_book().parties
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


_COMPARE = {
    "audience": _audience, "region": _region, "modality": _modality, "date": _date, "amount": _amount,
    "action": _action, "party": _party,
}  # fmt: skip
