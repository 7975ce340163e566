"""Money, percentages and counts in a text: value, unit and place; what can not be read for certain is left out.

Works on folded text (`pipelines.patterns.even`), whose places are those of the original. Knows no events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,4})?|\d{1,15}(?:\.\d{1,6})?"
_SCALES = {
    "thousand": 3, "k": 3, "million": 6, "mn": 6, "mln": 6, "m": 6, "billion": 9, "bn": 9, "bln": 9, "b": 9,
    "trillion": 12, "tn": 12, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10,
    "千亿": 11, "万亿": 12,
}  # fmt: skip
_SIGNS = {
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "hk$": "HKD", "s$": "SGD", "nt$": "TWD",
    "nz$": "NZD", "r$": "BRL", "mx$": "MXN", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB",
    "rm": "MYR", "rmb": "CNY", "cny": "CNY", "usd": "USD", "eur": "EUR", "gbp": "GBP",
}  # fmt: skip
_NAMES = {
    "us dollars": "USD", "u.s. dollars": "USD", "dollars": "USD", "dollar": "USD", "usd": "USD", "euros": "EUR",
    "euro": "EUR", "eur": "EUR", "pounds": "GBP", "gbp": "GBP", "yuan": "CNY", "rmb": "CNY", "cny": "CNY",
    "yen": "JPY", "rupees": "INR", "won": "KRW", "rubles": "RUB", "roubles": "RUB", "reais": "BRL", "rupiah": "IDR",
    "美元": "USD", "美金": "USD", "欧元": "EUR", "英镑": "GBP", "人民币": "CNY", "元人民币": "CNY", "元": "CNY",
    "日元": "JPY", "韩元": "KRW", "港元": "HKD", "港币": "HKD", "加元": "CAD", "澳元": "AUD", "新元": "SGD",
    "新加坡元": "SGD", "卢比": "INR", "印度卢比": "INR", "卢布": "RUB", "雷亚尔": "BRL", "比索": "MXN",
    "泰铢": "THB", "越南盾": "VND", "印尼盾": "IDR", "林吉特": "MYR", "令吉": "MYR",
    "ringgit": "MYR", "zloty": "PLN", "zlotys": "PLN", "兹罗提": "PLN", "baht": "THB", "瑞郎": "CHF", "新台币": "TWD",
}  # fmt: skip
_SHARES = {"%": "%", "percent": "%", "per cent": "%", "percentage points": "pp", "percentage point": "pp",
           "pp": "pp", "个百分点": "pp"}  # fmt: skip
_COUNTED = (
    "users|sellers|merchants|downloads|customers|shoppers|subscribers|members|workers|employees|jobs|staff|stores|"
    "warehouses|packages|parcels|orders|items|products|units|listings|accounts|videos|creators|people|"
    "用户|卖家|商家|员工|人|名|家|单|件|次|个|台|起|款|条|只"
)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_SIGN, _NAME, _SHARE, _SCALE = _any_of(_SIGNS), _any_of(_NAMES), _any_of(_SHARES), _any_of(_SCALES)
_UNIT_END = r"(?![a-z])"
_FIGURE = re.compile(
    rf"(?<![a-z0-9_.])(?<!\d,)(?P<sign>{_SIGN})?\s?(?<![\d.])(?P<low>{_NUMBER})"
    rf"(?:\s?(?P<lowscale>{_SCALE})(?![a-z]))?(?:\s?(?P<lowshare>%))?"
    rf"(?:\s?(?:-|–|—|~|to|至|到|和)\s?(?P<sign2>{_SIGN})?(?P<high>{_NUMBER}))?"
    rf"(?:\s?(?P<scale>{_SCALE})(?=(?:{_NAME}|[^a-z]|$)))?"
    rf"(?:\s?(?P<share>{_SHARE}){_UNIT_END}|[\s-]?(?P<name>{_NAME}){_UNIT_END}"
    rf"|(?:\s[a-z]{{3,12}})?\s?多?(?P<count>{_COUNTED}){_UNIT_END})?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`unit`: ISO 4217 currency, ``%``, ``pp`` or ``count``, "" for a bare number; places are half-open."""

    value: float
    unit: str
    start: int
    end: int


def figures(folded: str, start: int = 0, end: int | None = None, *, bare: bool = False) -> list[Figure]:
    """Figures with a unit between two places of a folded text, in order; both ends of a range are figures.

    `bare`: numbers without a unit too.
    """
    last = len(folded) if end is None else end
    return [figure for found in _FIGURE.finditer(folded, start, last) for figure in _read(found, bare)]


def _read(found: re.Match[str], bare: bool) -> Iterator[Figure]:
    sign, name, share = found["sign"] or found["sign2"], found["name"], found["share"] or found["lowshare"]
    unit = _SIGNS.get(sign or "") or _NAMES.get(name or "") or _SHARES.get(share or "")
    if unit is None and found["count"]:
        unit = "count"
    if unit is None and bare and not sign:
        unit = ""
    if unit is None or (sign and name and _SIGNS[sign] != _NAMES[name]):
        return
    scale, low_scale = found["scale"], found["lowscale"]
    if found["high"] is None:
        yield Figure(_value(found["low"], low_scale or scale), unit, found.start(), found.end())
        return
    low, high = _value(found["low"], low_scale or scale), _value(found["high"], scale or low_scale)
    if low > high:  # no range after all: a score, a model's number, a span of years
        return
    yield Figure(low, unit, found.start(), max(found.end("low"), found.end("lowscale"), found.end("lowshare")))
    yield Figure(high, unit, found.start("high"), found.end())


def _value(number: str, scale: str | None) -> float:
    return float(Decimal(number.replace(",", "")).scaleb(_SCALES[scale] if scale else 0))
