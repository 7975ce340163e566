"""Months, quarters and years named in a text, as the stretch of days they stand for; and days that meet them.

What is only named roughly is compared roughly: "in March" agrees with any day of March. Pure, on folded text.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_SHORT = {name[:3]: n for n, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_MONTH_OF = {name: n for n, name in enumerate(_MONTHS, 1)} | _SHORT
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4, "一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3,
          "4": 4}  # fmt: skip
_PERIOD = re.compile(
    rf"\b(?:in|from|by|since|until|starting|starting in|begin(?:s|ning)? in|of|early|mid|late|this|next|during)[\s-]"
    rf"(?:early |mid-?|late )?(?P<month>{_MONTH})\.?(?:,? (?P<year>20\d\d))?(?!\s?\d)(?![a-z])"
    rf"|(?<![a-z])(?P<monthy>{_MONTH})\.?,? (?P<yeary>20\d\d)(?!\d)"
    r"|(?P<quarter>first|second|third|fourth) quarter(?: of (?P<qyear>20\d\d))?"
    r"|(?<![a-z])q(?P<q>[1-4])(?: (?:of )?(?P<qqyear>20\d\d))?(?!\d)"
    r"|\b(?:in|by|from|during|until|end of|start of|middle of|beginning of|late|early|mid)[ -](?P<only>20\d\d)(?![\d-])"
    r"|(?:(?P<zhyear>20\d\d)年|(?P<zhword>今年|明年|去年))?(?<!\d)(?P<zhmonth>\d{1,2})月(?!\d{1,2}[日号]|内)"
    r"|(?:(?P<zhqyear>20\d\d)年|(?P<zhqword>今年|明年))?第?(?P<zhq>[一二三四1-4])季度"
    r"|(?<!\d)(?P<zhonly>20\d\d)年(?!\d{1,2}月|第?[一二三四1-4]季度|[上下]半年)"
    r"|(?P<nextyear>next year|明年)(?!\d{1,2}月)"
    r"|(?P<nextmonth>next month|下个?月)|(?P<slash>20\d\d[/.]\d{1,2}[/.]\d{1,2})(?!\d)"
)
_RANGE_END = re.compile(
    rf"(?:(?P<zhmonth>\d{{1,2}})月\d{{1,2}}[日号]?(?:至|到|-|–|—|~)(?=(?P<zhlast>\d{{1,2}})[日号])"
    rf"|(?<![a-z])(?P<month>{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:\s?[-–—]\s?| to | through | until )"
    r"(?=(?P<last>\d{1,2})(?![\d:%]))(?!\d{1,2}\s?(?:[ap]\.?m\b|percent|hours)))"
)
_YEAR_WORDS = {"今年": 0, "明年": 1, "去年": -1}


@dataclass(frozen=True, slots=True)
class Period:
    """`value`: an ISO day, month (2025-03), quarter (2025-Q1) or year; places are half-open."""

    value: str
    start: int
    end: int


def periods(folded: str, published: date | None, start: int, end: int) -> Iterator[Period]:
    """Months, quarters, years and last days of ranges between two places; `published`: for a year that is not named."""
    for found in _PERIOD.finditer(folded, start, end):
        value = _value(found, published)
        if value:
            yield Period(value, *found.span())
    for found in _RANGE_END.finditer(folded, start, end):
        month = _MONTH_OF[found["month"]] if found["month"] else int(found["zhmonth"])
        of, last = _month(month, None, None, published), int(found["zhlast"] or found["last"])
        if of and 1 <= last <= span_of(of)[1].day:
            yield Period(f"{of}-{last:02}", *found.span("last" if found["month"] else "zhlast"))


def _value(found: re.Match[str], published: date | None) -> str:  # one line for each way to name a time
    if found["slash"]:
        parts = [int(part) for part in re.split("[/.]", found["slash"])]
        return f"{parts[0]}-{parts[1]:02}-{parts[2]:02}" if 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31 else ""
    if found["month"] or found["monthy"]:
        return _month(_MONTH_OF[found["month"] or found["monthy"]], found["year"] or found["yeary"], None, published)
    if found["zhmonth"]:
        return _month(int(found["zhmonth"]), found["zhyear"], found["zhword"], published)
    quarter = found["quarter"] or found["q"] or found["zhq"]
    if quarter:
        year = found["qyear"] or found["qqyear"] or found["zhqyear"] or _relative(found["zhqword"] or "今年", published)
        return f"{year}-Q{_ORDER[quarter]}" if year else ""
    if found["nextyear"]:
        return str(published.year + 1) if published else ""
    if found["nextmonth"]:
        return f"{published.year + published.month // 12}-{published.month % 12 + 1:02}" if published else ""
    return found["only"] or found["zhonly"] or ""


def _relative(word: str, published: date | None) -> str:
    return str(published.year + _YEAR_WORDS[word]) if published else ""


def _month(month: int, year: str | None, word: str | None, published: date | None) -> str:
    if not 1 <= month <= 12:
        return ""
    if word:
        year = _relative(word, published)
    if not year and published:
        ahead = (month - published.month + 6) % 12 - 6  # the nearest month of that name
        year = str(published.year + (published.month - 1 + ahead) // 12)
    return f"{year}-{month:02}" if year else ""


def span_of(value: str) -> tuple[date, date]:
    """First and last day of an ISO day, month, quarter or year."""
    if "Q" in value:
        year, quarter = int(value[:4]), int(value[-1])
        return date(year, quarter * 3 - 2, 1), date(year, quarter * 3, monthrange(year, quarter * 3)[1])
    if len(value) == 4:
        return date(int(value), 1, 1), date(int(value), 12, 31)
    if len(value) == 7:
        year, month = int(value[:4]), int(value[5:])
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date.fromisoformat(value)
    return day, day


def meets(one: str, other: str) -> bool:
    """Whether two days or periods have a day in common."""
    first, last = span_of(one)
    other_first, other_last = span_of(other)
    return first <= other_last and other_first <= last
