"""Values of statements set against each other: who is more, where is wider, which figures are the same. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from db.types import Verdict
from pipelines.cues import act_book

_SELLERS = {"first_party": 1.0, "invited_sellers": 2.0, "third_party_sellers/some": 2.0,
            "cross_border_sellers": 2.0, "cross_border_sellers/every": 2.0,
            "cross_border_sellers/some": 2.0, "third_party_sellers": 3.0,
            "third_party_sellers/every": 3.5, "all": 4.0}  # fmt: skip
_EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 (a list of 27 strings is harder to read)
)
_MEMBERS: Mapping[str, frozenset[str]] = {
    "EU": _EU | {"EUROPE"}, "EUROPE": _EU | {"EU", "GB", "NO", "CH", "UA", "AL"}, "NA": frozenset({"US", "CA", "MX"}),
    "LATAM": frozenset({"MX", "BR", "CL", "CO", "PE", "AR"}),
    "SEA": frozenset({"ID", "VN", "TH", "MY", "PH", "SG"}),
    "ASIA": frozenset(
        {"ID", "VN", "TH", "MY", "PH", "SG", "SEA", "JP", "KR", "IN", "CN", "TW", "HK", "PK", "BD", "KZ"}
    ),
    "MEA": frozenset({"SA", "AE", "EG", "IL", "TR"}), "AFRICA": frozenset({"ZA", "NG", "EG"}),
}  # fmt: skip
_HEADS = frozenset({"count:people", "count:users", "count:followers"})  # who are counted are named
_MANY = 30  # times: bare numbers so far apart count different things
_ROUND, _ABOUT_ONE = 100_000, 0.14  # who says "a million" has rounded
_CALENDAR = 0.03  # two months are sixty days, half a year six months
_ROUNDING, _ROUNDED, _ABOUT, _OVER = 0.011, 0.05, 0.12, 1.4  # how far apart two tellings of one figure may lie


def base(value: str) -> str:
    return value.partition("/")[0]


def kin(value: str) -> str:
    """The group, sellers of all kinds taken as one."""
    return "sellers" if value in _SELLERS and value != "all" else base(value)


def wider(value: str, given: Collection[str], refused: Collection[str]) -> Verdict | None:
    """What a group says beyond the groups to whom the official text says yes and no; None where nothing."""
    if value in given:
        return None
    if base(value) == "goods":
        return "broader" if value == "goods/every" and "goods/some" in given else None
    if base(value) in {base(v) for v in refused} and base(value) not in {base(v) for v in given}:
        return "contradicted"
    if value in _SELLERS:
        if value == "cross_border_sellers/every" and "cross_border_sellers/some" in given:
            return None if "cross_border_sellers" in given else "broader"
        ranks = [_SELLERS[v] for v in given if v in _SELLERS]
        if ranks:
            most = max(ranks)
            if _SELLERS[value] <= most or (_SELLERS[value] - most < 1 and most >= 3):
                return None
            if value == "third_party_sellers" and "third_party_sellers/some" in given:
                return None  # "sellers" for "eligible sellers" is loose, not wider
            return "broader"
        return "not_in_official" if given and "brands" not in {base(v) for v in given} else None
    if value in given:
        return None
    bases = {base(v) for v in given}
    if base(value) in bases:
        return "broader" if value.endswith("/every") and f"{base(value)}/some" in given else None
    if base(value) == "consumers" or not given or "all" in given:
        return None
    return "not_in_official"


def covers(wide: str, narrow: str) -> bool:
    if wide in (narrow, "GLOBAL"):
        return True
    return narrow in _MEMBERS.get(wide, ()) or narrow.startswith(f"{wide}-")


def is_wide(place: str) -> bool:
    """Whether a place is a bloc, a part of the world or all of it."""
    return place in _MEMBERS or place == "GLOBAL"


def split(value: str) -> tuple[float, str]:
    number, _, unit = value.partition(" ")
    return float(number), unit


def comparable(one: str, other: str, *, same: bool = True) -> bool:
    """Whether two figures can be set against each other; a bare number only with a like one of the `same` act."""
    (first, unit), (second, other_unit) = split(one), split(other)
    unit, other_unit = unit.partition(":~")[0], other_unit.partition(":~")[0]
    if unit == other_unit or {unit, other_unit} == {"%", "pp"}:
        return True
    if {unit, other_unit} & _HEADS:
        return False
    bare = same and "count" in (unit, other_unit) and unit.startswith("count") and other_unit.startswith("count")
    return bare and max(first, second) < _MANY * min(first, second)


def sums(values: Sequence[str]) -> list[str]:
    """What figures of one unit make together, two and two and all of them."""
    apart = sorted({value: split(value) for value in values}.values())
    pairs = [(one + other, unit) for (one, unit), (other, _) in combinations(apart, 2)]
    whole = [(sum(number for number, _ in apart), apart[0][1])] if len(apart) > 2 else []
    return [f"{number:g} {unit}" for number, unit in [*pairs, *whole]]


def same_kind(unit: str, other: str) -> bool:
    """Whether two units are of one kind: money of any currency, what goods are worth told apart; shares; counts.

    A bare count may be money whose sign is not known.
    """
    return _kind(unit) == _kind(other) or other.partition(":~")[0] == "count"


def _kind(unit: str) -> str:
    name = unit.partition(":~")[0]
    return f"money{name[3:]}" if name[:3].isupper() else name.partition(":")[0]


def same_amount(one: str, other: str) -> bool:
    (first, unit), (second, other_unit) = split(one), split(other)
    unit, _, how = unit.partition(":~")
    other_unit, _, other_how = other_unit.partition(":~")
    if not comparable(one, other):
        return False
    least, most = sorted((abs(first), abs(second)))
    if "over" in (how, other_how):
        return most <= least * _OVER
    slack = _ABOUT if "about" in (how, other_how) else _ROUNDING
    if unit == "hours":
        slack = max(slack, _CALENDAR)
    if unit.startswith("count") and min(_digits(first), _digits(second)) <= 2:
        slack = max(slack, _ROUNDED)  # 3 million of 3,048,000
        if most >= _ROUND and min(_digits(first), _digits(second)) == 1:
            slack = _ABOUT_ONE  # "a million" of 1.15 million
    return most - least <= slack * most


def _digits(number: float) -> int:
    return len(f"{abs(number):.0f}".rstrip("0"))


def alike(one: str, other: str) -> bool:
    return not one or not other or one == other or one in near_acts(frozenset({other}))


def related(one: str, other: str) -> bool:
    """Whether two acts may be one happening: alike, or of one kind of event."""
    if alike(one, other):
        return True
    tables = act_book().actions
    return one in tables and other in tables and not set(tables[one].types).isdisjoint(tables[other].types)


def near_acts(acts: frozenset[str]) -> frozenset[str]:
    tables = act_book().actions
    near = {other for act in acts if act in tables for other in (*tables[act].within, *tables[act].like)}
    return acts | near | {name for name, table in tables.items() if acts & {*table.within, *table.like}}
