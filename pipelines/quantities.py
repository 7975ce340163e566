"""What a sentence counts, beyond money and shares: people, sellers, goods, parcels, followers, and stretches of time.

Works on folded text (`pipelines.patterns.even`), whose places are those of the original. Knows no events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.figures import Figure, figures

_CLASSES = {
    "people": "jobs|job|workers|employees|roles|positions|staff|people|managers|engineers|corporate|posts|"
              "人|名|岗位|职位|员工|个岗位|名员工|个职位|职员|工人",
    "sellers": "sellers|merchants|vendors|shops|stores|storefronts|accounts|卖家|商家|商户|店铺|账号|账户|家店|家",
    "users": "users|customers|shoppers|subscribers|consumers|members|buyers|用户|消费者|会员|买家",
    "followers": "followers|fans|粉丝|粉",
    "goods": "items|products|listings|skus|goods|titles|款|种|商品|产品|链接|个商品|款商品|件商品|个链接|单品",
    "parcels": "parcels|packages|shipments|orders|包裹|订单|个包裹|件包裹|票",
    "brands": "brands|个品牌|家品牌|品牌",
    "warehouses": "warehouses|centers|centres|hubs|sites|depots|buildings|facilities|stations"
    "|lockers|points|locations|个市场履约中心|个履约中心|履约中心|门店|仓|仓库|个仓库|座|个仓"
                  "|个物流中心|处设施|设施|处|个配送站|配送站|个自提点|自提点|个网点|网点",
    "countries": "countries|markets|states|marketplaces|国|个国家|个市场|个站点|个州|站点",
}  # fmt: skip
_SPANS = {
    "minutes": (1 / 60, "minutes|minute|分钟"), "hours": (1.0, "hours|hour|hrs|个小时|小时"),
    "days": (24.0, "calendar days|business days|working days|days|day|个工作日|个自然日|工作日|自然日|天|日"),
    "weeks": (168.0, "weeks|week|周|个星期|星期"), "months": (730.0, "months|month|个月"),
    "years": (8760.0, "years|year|年"),
}  # fmt: skip
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
          "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
          "十五": 15, "二十": 20, "三十": 30, "六十": 60, "九十": 90, "半": 0.5}  # fmt: skip
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?|\d{1,12}(?:\.\d{1,4})?"
_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "billion": 9, "bn": 9, "千": 3, "万": 4, "百万": 6,
           "千万": 7, "亿": 8}  # fmt: skip
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_SPAN = re.compile(
    rf"(?<![\d.a-z])(?<!\d,)(?P<number>{_NUMBER}|{_WORD})[\s-]?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, (_, words) in _SPANS.items())
    + r")(?![a-z])(?!\d{1,2}月)"
)
_COUNT = re.compile(
    rf"(?<![\d.$€£])(?<![a-z](?=[\da-z]))(?<!\d,)(?P<number>{_NUMBER}|{_WORD})\s?(?P<scale>(?:{_SCALE})(?![a-z]))?\+?\s?(?:多|余)?\s?"
    r"(?:(?:名|个|位|家)?(?:[a-z-]{2,14}\s){0,3}?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _CLASSES.items())
    + r"|(?P<some>units|件|台|单|个))(?![a-z]))?"
)
_WITHIN = ("内", "以内", "之内", "无理由", "有效")
_CENTS = re.compile(rf"(?<![\d.])(?<!\d,)(?P<number>{_NUMBER})\s?(?:cents|cent|美分)(?![a-z])")
_SPELT = re.compile(
    rf"(?<![a-z])(?P<number>{_WORD}|an?|half an?|a quarter of an?) (?P<scale>thousand|million|billion)"
    rf"(?: (?P<name>euros?|dollars?|us dollars|pounds|yuan))?(?![a-z])"
)
_MONEY = {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "us dollars": "USD", "pounds": "GBP",
          "yuan": "CNY"}  # fmt: skip
_PARTS = {"a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5, "a quarter of a": 0.25, "a quarter of an": 0.25}
_LEAST = 1_000  # a bare number below this may be anything


def quantities(folded: str, start: int, end: int) -> list[Figure]:
    """Figures between two places; units besides those of `figures`: ``hours``, ``count:<class>`` and ``count``."""
    found = list(_found(folded, start, end))
    return sorted(found, key=lambda figure: figure.start)


def _found(folded: str, start: int, end: int) -> Iterator[Figure]:
    taken: list[tuple[int, int]] = []
    for figure in figures(folded, start, end):
        if figure.unit != "count":
            taken.append((figure.start, figure.end))
            yield figure
    for span in _SPAN.finditer(folded, start, end):
        unit = next(name for name in _SPANS if span[name])
        number = span["number"]
        if unit in ("days", "years") and (_is_date(folded, span) or not _counts_time(span)):
            continue
        value = float(_WORDS[number]) if number in _WORDS else _value(number, None)
        taken.append(span.span())
        yield Figure(value * _SPANS[unit][0], "hours", *span.span())
    for spelt in _SPELT.finditer(folded, start, end):
        taken.append(spelt.span())
        number = _PARTS.get(spelt["number"]) or float(_WORDS[spelt["number"]])
        yield Figure(number * 10 ** _SCALES[spelt["scale"]], _MONEY.get(spelt["name"] or "", "count"), *spelt.span())
    for cents in _CENTS.finditer(folded, start, end):
        taken.append(cents.span())
        yield Figure(_value(cents["number"], None) / 100, "USD", *cents.span())
    for count in _COUNT.finditer(folded, start, end):
        if any(s < count.end() and count.start() < e for s, e in taken):
            continue
        yield from _count(count)


def _count(found: re.Match[str]) -> Iterator[Figure]:
    if found["number"] in _WORDS and not any(found[name] for name in (*_CLASSES, "some")):
        return
    value = _value(found["number"], found["scale"])
    if found["number"] and found["some"]:
        yield Figure(value, "count", *found.span())
        return
    name = next((name for name in _CLASSES if found[name]), "")
    if 1990 <= value <= 2040 and not found["scale"] and "," not in found["number"]:
        return  # a year
    if name:
        yield Figure(value, f"count:{name}", *found.span())
    elif value >= _LEAST and ("," in found["number"] or found["scale"]):
        yield Figure(value, "count", found.start(), found.end("scale") if found["scale"] else found.end("number"))


def _is_date(folded: str, span: re.Match[str]) -> bool:
    """3月5日 and 2025年 name a day and a year, not a length."""
    before = folded[max(0, span.start() - 1) : span.start()]
    return before in ("月", "年") or (bool(span["years"]) and len(span["number"]) == 4)


def _counts_time(span: re.Match[str]) -> bool:
    """日 counts days in 30日内 and 七日, and names one in 3日起."""
    return span["days"] != "日" or span["number"] in _WORDS or span.string.startswith(_WITHIN, span.end())


def _value(number: str, scale: str | None) -> float:
    return float(_WORDS.get(number) or number.replace(",", "")) * float(10 ** (_SCALES[scale] if scale else 0))
