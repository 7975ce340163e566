"""Days named in a text, with the part they play: effective, deadline, announced or simply the day of the event.

A day without a year is taken from the months around the publication; a month without a day is no day. Nothing is
guessed: what can not be resolved is left out. Works on folded text and knows no events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Role = Literal["effective", "announced", "deadline", "event"]

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH_OF = {name: n for n, name in enumerate(_MONTHS, 1)} | {name[:3]: n for n, name in enumerate(_MONTHS, 1)}
_MONTH_OF["sept"] = 9
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_YEAR_WORDS = {"今年": 0, "明年": 1, "去年": -1}
_DAY_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "昨天": -1,
              "昨日": -1, "即日": 0}  # fmt: skip
_DAY = re.compile(
    r"(?<!\d)(?P<iso>(?:19|20)\d{2}-\d{2}-\d{2})(?!\d)"
    r"|(?P<zh>(?:(?P<zhyear>(?:19|20)\d{2})年|(?P<yearword>今年|明年|去年))?"
    r"(?<!\d)(?P<zhmonth>\d{1,2})月(?P<zhday>\d{1,2})[日号])"
    rf"|(?<![a-z])(?P<us>(?P<usmonth>{_MONTH})\.?\s(?P<usday>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%])"
    r"(?:,?\s(?P<usyear>20\d{2}))?)(?!\d)"
    r"|(?<!\d)(?P<uk>(?P<ukday>\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?"
    rf"(?P<ukmonth>{_MONTH})(?:,?\s(?P<ukyear>20\d{{2}}))?)(?![a-z\d])"
    rf"|(?<![a-z])(?P<word>{'|'.join(_DAY_WORDS)})(?![a-z])"
)
_DEADLINE_BEFORE = (
    r"\bby|until|before|no later than|deadline(?: of| is|:)?|due(?: on| by)?|in time for"
    r"|截止(?:日期为|到|至|时间为)?|最迟|不晚于|期限为"
)
_EFFECTIVE_BEFORE = (
    r"\bfrom|starting(?: on| from)?|starts(?: on)?|effective(?: as of| from| on)?|as of|beginning(?: on)?"
    r"|begins(?: on)?|takes? effect(?: on| from)?|in force (?:on|from|since)|自|从|将?于"
)
_ANNOUNCED_BEFORE = r"(?:announced|said|unveiled|published|disclosed|reported)(?: on)?"
_BEFORE: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("deadline", re.compile(rf"(?:{_DEADLINE_BEFORE})\s?$")),
    ("effective", re.compile(rf"(?:{_EFFECTIVE_BEFORE})\s?$")),
    ("announced", re.compile(rf"{_ANNOUNCED_BEFORE}\s?$")),
)
_AFTER: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("effective", re.compile(r"\s?(?:起|开始|(?:正式)?生效|施行|实施|正式上线|执行|onwards?|\(effective)")),
    ("deadline", re.compile(r"\s?(?:之?前|以前|截止|为限|到期|deadline)")),
    ("announced", re.compile(r"\s?(?:宣布|公布|发布|公告|表示|称|通知|消息)")),
)
_FORCE = re.compile(r"(?:生效|施行|实施|执行|上线|启用)")  # 将于 … 生效: the verb may follow at a short distance
_LOOK_BACK, _LOOK_AHEAD = 32, 12
_HALF_YEAR = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class NamedDay:
    """`date`: ISO day; places are half-open."""

    date: str
    role: Role
    start: int
    end: int


def named_days(folded: str, published: str | None, start: int = 0, end: int | None = None) -> list[NamedDay]:
    """Days between two places of a folded text; `published` (ISO day) resolves those without a year."""
    last = len(folded) if end is None else end
    return list(_named(folded, _day_of(published), start, last))


def _named(folded: str, near: date | None, start: int, end: int) -> Iterator[NamedDay]:
    for found in _DAY.finditer(folded, start, end):
        day = _resolve(found, near)
        if day is not None:
            yield NamedDay(day.isoformat(), _role(folded, found.start(), found.end(), start, end), *found.span())


def _resolve(found: re.Match[str], near: date | None) -> date | None:
    if found["iso"]:
        return _day_of(found["iso"])
    if found["word"]:
        return near + timedelta(days=_DAY_WORDS[found["word"]]) if near else None
    if found["zh"]:
        year, month, day = found["zhyear"], int(found["zhmonth"]), int(found["zhday"])
        if found["yearword"]:
            return _made(near.year + _YEAR_WORDS[found["yearword"]], month, day) if near else None
    elif found["us"]:
        year, month, day = found["usyear"], _MONTH_OF[found["usmonth"]], int(found["usday"])
    else:
        year, month, day = found["ukyear"], _MONTH_OF[found["ukmonth"]], int(found["ukday"])
    if year:
        return _made(int(year), month, day)
    return _nearest(near, month, day)


def _nearest(near: date | None, month: int, day: int) -> date | None:
    if near is None:
        return None
    made = (_made(near.year + step, month, day) for step in (-1, 0, 1))
    return next((one for one in made if one is not None and abs(one - near) <= _HALF_YEAR), None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _role(folded: str, start: int, end: int, first: int, last: int) -> Role:
    before = folded[max(first, start - _LOOK_BACK) : start]
    after = folded[end : min(last, end + _LOOK_AHEAD)]
    for role, pattern in _AFTER:
        if pattern.match(after):
            return role
    for role, pattern in _BEFORE:
        if pattern.search(before):
            if role == "effective" and before.rstrip().endswith("于") and not _FORCE.search(after):
                continue
            return role
    return "event"
