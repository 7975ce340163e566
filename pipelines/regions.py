"""Where a sentence says that something holds: countries, blocs, all the world. Explicit words only.

Where goods come from, who speaks and what names hold ("US Customs") is no region of a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipelines.clauses import Told
from pipelines.cues import Hit
from pipelines.reading import Reading, Said

_SCOPE_BEFORE = re.compile(
    r"(?:\b(?:in|across|throughout|within|for|to|into|of|including|covers?|covering|on|only|enters?|entering|leaves?|exits?"
    r"|exiting|leaving|both|tiktok shop|amazon|temu|shein|and|or|nationwide in)"
    r"\s(?:the\s|all\s|every\s|all of\s|most of\s)?"
    r"|[,/&]\s?|在|于|向|至|到|面向|覆盖|往|销往|针对|仅限|限于|登陆|进入|进军|退出|包括|以及|和|与|及|、|扩至|扩大到|扩展至|推广至|对|全|亚马逊|tiktok|temu|shein"
    r"|[(:—-]\s?)$"
)
_SCOPE_AFTER = re.compile(
    r"\s?(?:(?:online\s)?(?:market|marketplace|store|site|sellers|merchants|customers|shoppers|users|creators|advertisers"
    r"|consumers|warehouses|importers|stock|orders|parcels|retailers|buyers)"
    r"|(?:gets?|follows?|joins?)\b|-wide|-only|-based|'s? (?:market|marketplace|store|site)"
    r"|站|市场|地区|境内|本土|区|卖家|商家|用户|消费者|买家|创作者|达人|广告主|全境|各地|范围|、|和|及|以及|与|等)"
)
_WORLD = frozenset({"GLOBAL", "EUROPE", "EU", "NA", "LATAM", "SEA", "ASIA", "MEA", "AFRICA"})
_ORIGIN = re.compile(
    r"(?:\bfrom(?: mainland)?|\b(?:made|born|based|headquartered) in|来自|产自|源自|出自"
    r"|\b(?:district|court|state|university|bank|government|ministry|commission|republic|city) of)\s?(?:the\s)?$"
)
_BESIDE = re.compile(r"(?:\boutside(?: of)?|\bother than|\bnon|\bunlike|非)[\s-]?(?:the\s)?$")
_DESCRIBES = re.compile(
    r"\s(?:business|giant|company|companies|leader|retailer|brand|operations|workforce|ambitions|chief|head|platform"
    r"|e-commerce|trade|economy|turnover|revenue|sales|shipping|selling|supply|player|firm|group|network|headquarters)\b"
    r"|'s\s(?!market|marketplace|store|site|sellers|shoppers|users|customers)|[最领知第前顶性化首]|各大"
    r"|开店|速卖通|购|著名|总部|电商|巨头|供应链|贸易|经济|市值|零售|用户数|规模|500强|范围内最"
)
_DESCRIBED = re.compile(
    r"(?:largest|biggest|leading|most \w+|fastest-growing|best|top)\s(?:[\w-]+\s){0,4}(?:in|of|across)\s(?:the\s)?$"
)
_LIST = re.compile(r"[\s,/&、和及与]{0,3}(?:and|or|以及)?\s?(?:the )?")
_EXCLUDING = re.compile(r"(?:except(?: for| in)?|excluding|not in|not available in|除|不含|不包括|不在)\s?(?:the\s)?$")
_FROM_CHINA = re.compile(r"\s?(?:sellers|merchants|parcels|goods|卖家|商家|小包|包裹|商品)")


def regions(reading: Reading, told: Told) -> Iterator[Said]:
    """Places in or for which a sentence says something; "sellers outside the EU" says nothing of the EU."""
    text = reading.text
    scoped_until = origin_until = -1
    for place in told.of("place"):
        before = text[max(told.start, place.start - 24) : place.start]
        around = [length for start, _, length in reading.names if start <= place.start < start + length]
        if any(length > place.end - place.start for length in around) or _is_origin(text, before, place, origin_until):
            origin_until = place.end
            continue  # part of a name (US Customs), or where goods come from
        follows = _is_listed(text, scoped_until, place)
        if not _is_scope(text, told, place, before, named=bool(around), follows=follows):
            continue
        if place.id == "CN" and _FROM_CHINA.match(text, place.end):
            continue  # where sellers and goods come from, not where the rule holds
        scoped_until = place.end
        beside = bool(_BESIDE.search(before))
        asserted = beside or not _EXCLUDING.search(before)
        said = reading.said("region", place.id, told, place.start, place.end, asserted=asserted)
        vague = beside or reading.is_reckoned(told, reading.material.clause_of(told, place.start))
        yield replace(said, hedged=True) if vague else said


def _is_scope(text: str, told: Told, place: Hit, before: str, *, named: bool, follows: bool) -> bool:
    if named and not before.strip():
        return False  # "the EU will", not "in the EU"
    after = text[place.end : min(told.end, place.end + 24)]
    if _DESCRIBES.match(after) or _DESCRIBED.search(before):
        return False
    return bool(
        (place.id in _WORLD and not named) or _SCOPE_BEFORE.search(before) or _SCOPE_AFTER.match(after) or follows
    )


def _is_origin(text: str, before: str, place: Hit, origin_until: int) -> bool:
    return bool(_ORIGIN.search(before)) or _is_listed(text, origin_until, place)


def _is_listed(text: str, until: int, place: Hit) -> bool:
    """Whether a place goes on a list: "in Spain, France and Italy"."""
    return 0 < until <= place.start and _LIST.fullmatch(text, until, place.start) is not None
