"""For whom a sentence says something: groups of sellers and others, with how much of each. Explicit words only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipelines.clauses import Clause, Told
from pipelines.cues import Hit
from pipelines.reading import Reading, Said

_FROM_CHINA = re.compile(r"(?:chinese|china-based|中国|国内|中国内地)\s?(?:\w+\s)?(?:seller|merchant|卖家|商家)")
_REACH = 28  # characters between a quantifier and the group it belongs to
_REACH_HAN = 8
_NO_REACH = 30  # characters between a group and the "no" that is said to it
_COMPOUND = re.compile(
    r"\s(?:central|accounts?\b|support|university|forums?|fees?|app\b|account health|protection"
    r"|community|performance|programme|program|fulfilled)"
    r"|计划|项目|中心|后台|平台|论坛|群|大会|支持|账号|账户|端|圈|订阅|评分|首页|后台|链接|商品|货物|问题"
)
_NO_ENDS = re.compile(r"\b(?:and|who|that|which|will|but|then|or else|unless)\b|[就则将并而的]")
_FORBIDS = re.compile(
    r"cannot|can't|(?:is|are) (?:un|not )affected"
    r"|(?:can|may|must|are|is) not|not (?:be )?(?:allowed|eligible|permitted|able|included|covered|invited)"
    r"|exclud|barred|无法|不能|不可|不得|不允许|无权|不在|不包括|不适用|不支持|暂不|没有资格|不受影响|除外"
)
_TOWARDS = re.compile(r"^[^,。]{0,4}(?:向|对|允许|支持|让|给|面向|准|许|适用|包括|含|限)[^,。]{0,6}$")


def audiences(reading: Reading, told: Told) -> Iterator[Said]:
    """Groups of which a sentence says that they may, must, will or do something."""
    if not (told.frames("may", "must", "planned", "done", "every") or told.of("action")):
        return
    for group in told.of("group"):
        if _is_named_only(reading, told, group):
            continue
        clause = reading.material.clause_of(told, group.start)
        value = _extent(reading, told, clause, group)
        if value == "goods":
            continue  # of goods only how many of them is meant
        denied = _is_told_no(reading, told, clause, group)
        said = reading.said("audience", value, told, group.start, group.end, asserted=not denied)
        if not any(clause.holds(act) and not reading.is_general(act) for act in told.of("action")):
            said = replace(said, action="")  # an act of another clause may be for others
        yield said


def _is_named_only(reading: Reading, told: Told, group: Hit) -> bool:
    """Whether a group speaks, or is part of another name: "sellers say", "anyone who ...", "Seller Central"."""
    gap = 1 if reading.text[group.end - 1] > "\u2e80" else 2
    if any(0 <= hit.start - group.end <= gap for hit in told.frames("speaks")):
        return True
    if group.id == "all" and any(
        group.end <= hit.start and _is_near(reading.text[group.end : hit.start]) for hit in told.frames("some_after")
    ):
        return True
    return _COMPOUND.match(reading.text, group.end, told.end) is not None


def _extent(reading: Reading, told: Told, clause: Clause, group: Hit) -> str:
    """The group with how much of it: `/every`, `/some`, or bare; invited sellers have a name of their own."""
    name, text = group.id, reading.text
    if name in ("first_party", "all"):
        return name
    before = [
        (group.start - hit.end, hit.id)
        for hit in told.frames("every", "some", "invited")
        if clause.start <= hit.start and hit.end <= group.start + 1 and _is_near(text[hit.end : group.start])
    ]
    after = {
        hit.id.removesuffix("_after")
        for hit in told.frames("every_after", "some_after", "invited_after")
        if group.end - 1 <= hit.start < clause.end + 20 and _is_near(text[group.end : hit.start])
    }
    inside = {h.id for h in told.frames("every", "some", "invited") if group.start <= h.start < h.end <= group.end}
    ids = {min(before)[1] if before else "", *inside, *after}
    if name == "third_party_sellers" and _FROM_CHINA.search(text, max(told.start, group.start - 12), group.end):
        return _of_china(ids)
    if "invited" in ids:
        return "invited_sellers" if name == "third_party_sellers" else f"{name}/some"
    if "some" in ids:
        return f"{name}/some"
    return f"{name}/every" if "every" in ids else name


def _of_china(ids: set[str]) -> str:
    """Sellers of China: all of them, some of them, or some sellers."""
    if ids & {"some", "invited"}:
        return "cross_border_sellers/some"
    return "cross_border_sellers/every" if "every" in ids else "third_party_sellers/some"


def _is_near(between: str) -> bool:
    limit = _REACH_HAN if any(ch > "\u2e80" for ch in between) else _REACH
    return len(between) <= limit and between.count(" ") <= 3


def _is_told_no(reading: Reading, told: Told, clause: Clause, group: Hit) -> bool:
    """Whether a group is told no: "not open to sellers", "sellers cannot", but not "unverified sellers"."""
    text = reading.text
    for hit in told.frames("cannot", "denies", "drops"):
        if not clause.holds(hit):
            continue
        if any(hit.end <= act.start < group.start or hit.start <= act.start < hit.end for act in told.of("action")):
            continue  # what is told no is the act; the group is for whom it is not
        if hit.end <= group.start and text[hit.start] > "\u2e80":
            if _TOWARDS.search(text[hit.start : group.start]):
                return True
        elif hit.end <= group.start:
            between = text[hit.end : group.start]
            if len(between) <= _NO_REACH and not _NO_ENDS.search(between):
                return True
        elif 0 <= hit.start - group.end <= _NO_REACH and _FORBIDS.match(text, hit.start):
            return True
    return False
