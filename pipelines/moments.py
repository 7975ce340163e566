"""Dates in a page → ISO 8601 as the page wrote them: its own offset, or a day alone. No clock, no zone guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100

_NUMERIC: Final = re.compile(
    r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)日?"
    r"(?:[T\s,]*(\d{1,2})[:时](\d{2})(?:[:分](\d{2}))?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?",
    re.IGNORECASE,
)
_DAY_THEN_MONTH: Final = re.compile(
    r"(?<![\d.])(\d{1,2})([./])(\d{1,2})\2(\d{4})(?![\d.])(?:\D{1,6}(\d{1,2}):(\d{2})(?!\d|\s*[ap]\.?m))?",
    re.IGNORECASE,
)
_PACKED: Final = re.compile(r"^\s*(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*$")
_MONTHS: Final = {
    name: number
    for number, words in enumerate(
        (
            "jan january januar janvier enero gennaio janeiro januari",
            "feb february februar février febrero febbraio fevereiro februari",
            "mar march märz mars marzo março maart maerz",
            "apr april avril abril aprile",
            "may mai mayo maggio maio mei",
            "jun june juni juin junio giugno junho",
            "jul july juli juillet julio luglio julho",
            "aug august août agosto augustus augusti",
            "sep sept september septembre septiembre settembre setembro",
            "oct october oktober octobre octubre ottobre outubro okt",
            "nov november novembre noviembre novembro",
            "dec december dezember décembre diciembre dicembre dezembro desember dez",
        ),
        start=1,
    )
    for name in words.split()
}
_MONTH_FIRST: Final = re.compile(r"\b([a-zéäûç]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b", re.IGNORECASE)
_DAY_FIRST: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?([a-zéäûç]{3,10})\.?,?\s+(?:de\s+)?(\d{4})\b", re.IGNORECASE
)
_HALF_DAY: Final = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_TIME_AFTER: Final = re.compile(r"^\D{0,12}?(\d{1,2}):(\d{2})\s*([ap])?\.?m?\b", re.IGNORECASE)


def iso(value: str) -> str | None:
    """The first date in `value` as ``2024-08-08T13:00:00+08:00``, ``2024-08-08T13:00:00`` or ``2024-08-08``; None when
    there is none or its year is absurd. An epoch is not read: seldom in pages, often something else."""
    text = value.strip()[:200]
    if found := _PACKED.match(text) or _NUMERIC.search(text):
        return _written(*found.groups())
    if found := _DAY_THEN_MONTH.search(text):
        return _day_and_month(*found.groups())
    if _HALF_DAY.search(text):  # the mail header's reader would drop the "pm"
        return _in_words(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _in_words(text)
    return moment.isoformat() if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _day_and_month(first: str, mark: str, second: str, year: str, hour: str | None, minute: str | None) -> str | None:
    """Dots put the day first everywhere. Between slashes only a number above 12 tells; else nothing is said."""
    if mark == "/" and int(first) <= 12:
        if int(second) <= 12 and first != second:
            return None
        first, second = second, first
    return _written(year, second, first, hour, minute, None, None)


def _in_words(text: str) -> str | None:
    if found := _MONTH_FIRST.search(text):
        month, day, year = found.groups()
    elif found := _DAY_FIRST.search(text):
        day, month, year = found.groups()
    else:
        return None
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    after = _TIME_AFTER.match(text[found.end() :])
    if after is None:
        return _written(year, str(number), day, None, None, None, None)
    hour = int(after[1]) % 12 + (12 if after[3].lower() == "p" else 0) if after[3] else int(after[1])
    return _written(year, str(number), day, str(hour), after[2], None, None)


def _written(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> str | None:
    try:
        on = date(int(year), int(month), int(day))
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            return None
        if hour is None or minute is None:
            return on.isoformat()
        moment = datetime(on.year, on.month, on.day, int(hour), int(minute), int(second or 0))  # noqa: DTZ001 (its zone follows)
        return datetime.fromisoformat(moment.isoformat() + _offset(zone)).isoformat()
    except ValueError:
        return None


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    if not zone.startswith(("+", "-")):
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"
