"""One reader for every date the web writes: foreign text in, a moment in UTC or nothing out.

It never guesses a future: what lies more than a day ahead is refused and flagged. It must not ask the clock;
`now` is given, and relative words (昨天, 3 hours ago) and missing years are counted from it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

AHEAD = timedelta(hours=24)  # clocks and zones go wrong by hours, never by more
FIRST_YEAR = 1990  # older years are placeholders (0001, 1970) rather than news
MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDate:
    """`at` in UTC or None; `flags` ⊆ {"future_date", "no_date"}; `date_only`: a day without a time, `at` is its
    midnight in the source's zone."""

    at: datetime | None
    flags: tuple[str, ...] = ()
    date_only: bool = False


NOTHING = ParsedDate(at=None, flags=("no_date",))
FUTURE = ParsedDate(at=None, flags=("future_date",))

_Read = tuple[datetime, bool]  # in UTC, date_only


class _FarYear(ValueError):
    """A year beyond the next one: flagged as future, not as unreadable."""


def parse_date(raw: str, zone: str, now: datetime) -> ParsedDate:
    """Reads `raw`: RFC 822, RFC 3339, words in several languages, Unix seconds or milliseconds.

    `zone` is the IANA name for dates that carry none, `now` is aware. Never raises, whatever `raw` is. A local
    time that a clock change skips counts from the offset before it; one that comes twice means the first.
    """
    home = _zone(zone)
    try:
        found = _iso(raw.strip(), home, now) or _rfc822(raw.strip(), home, now) or _written(raw, home, now)
    except _FarYear:
        return FUTURE
    except (ValueError, OverflowError):
        return NOTHING
    if found is None or found[0].year < FIRST_YEAR:
        return NOTHING
    at, date_only = found
    return FUTURE if at - now > AHEAD else ParsedDate(at=at, date_only=date_only)


# ------------------------------------------------------------------ the two forms that most machines write
def _iso(text: str, home: tzinfo, now: datetime) -> _Read | None:
    if not (text[4:5] == "-" or text[8:9] == "T"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None  # the slow rung knows more spellings
    _check_year(moment.year, now)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=home)
    return moment.astimezone(UTC), len(text) <= len("2024-08-08")


_RFC822 = re.compile(
    r"(?:[a-z]{3,9},? +)?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d{2}) +(\d{1,2}:\d{2}(?::\d{2})?)"
    r"(?: *([+-]\d{4})| +([a-z]{1,5}))?(?: +\([^()]*\))?",
    re.ASCII | re.IGNORECASE,
)


def _rfc822(text: str, home: tzinfo, now: datetime) -> _Read | None:
    form = _RFC822.fullmatch(text)
    month = _MONTHS.get(form[2].lower()) if form else None
    if not form or not month or (form[6] or "").lower() in ("am", "pm"):
        return None
    day = _day(form[3], month, form[1], now)
    clock = [int(part) for part in form[4].split(":")]
    if clock[0] > 23 or clock[1] > 59:
        return None
    moment = datetime.combine(day, time(clock[0], clock[1], min(clock[2], 59) if len(clock) > 2 else 0))
    return _placed(moment, (form[6] or "").lower(), form[5] or "", home), False


# ------------------------------------------------------------------ what people write
def _written(raw: str, home: tzinfo, now: datetime) -> _Read | None:
    """The slow rung: a day found anywhere in the text, a time found in what is left of it."""
    text = unicodedata.normalize("NFKD", raw[: 2 * MAX_CHARACTERS])
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).lower()
    text = " ".join(text.split())[:MAX_CHARACTERS]
    if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() and (epoch := _epoch(text)):
        return epoch, False
    local_now = now.astimezone(home)
    if ago := _ago(text, local_now):
        return ago
    named = next(_days(text, home, local_now), None)
    return _with_time(*named, home) if named else None


def _epoch(digits: str) -> datetime | None:
    """Unix time in seconds (10 digits), milliseconds (13) or microseconds (16), with or without a fraction."""
    whole = digits.partition(".")[0]
    scale = {10: 1, 13: 1_000, 16: 1_000_000}.get(len(whole))
    return datetime.fromtimestamp(float(digits) / scale, UTC) if scale else None


_SPAN_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "秒": 1, "秒钟": 1, "秒鐘": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "分": 60, "分钟": 60, "分鐘": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "小时": 3600, "小時": 3600, "時間": 3600, "钟头": 3600,
    "d": 86_400, "day": 86_400, "天": 86_400, "日": 86_400,
    "w": 604_800, "week": 604_800, "周": 604_800, "週": 604_800, "星期": 604_800, "週間": 604_800,
    "mo": 2_592_000, "month": 2_592_000, "月": 2_592_000, "か月": 2_592_000,
    "y": 31_536_000, "yr": 31_536_000, "year": 31_536_000, "年": 31_536_000,
}  # fmt: skip
_SPANS = "|".join(sorted(_SPAN_SECONDS, key=len, reverse=True))
_AGO = re.compile(rf"(\d+|半|一|an?|one)\s*[个個]?\s*({_SPANS})s?\s*(?:之?前|以前|ago\b)")
_JUST_NOW = re.compile(r"刚刚|刚才|剛剛|たった今|just now|moments? ago")
_NUMBERS = {"半": 0.5, "一": 1.0, "a": 1.0, "an": 1.0, "one": 1.0}


def _ago(text: str, now: datetime) -> _Read | None:
    if _JUST_NOW.search(text):
        return now.astimezone(UTC), False
    form = _AGO.search(text)
    if not form:
        return None
    seconds = _SPAN_SECONDS[form[2]]
    moment = now.astimezone(UTC) - timedelta(seconds=(_NUMBERS.get(form[1]) or float(form[1])) * seconds)
    if seconds < 86_400:
        return moment, False
    return _midnight(moment.astimezone(now.tzinfo).date(), now.tzinfo), True


# ------------------------------------------------------------------ the day
# English, German, French, Spanish, Italian, Portuguese; accents are already gone.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner janvier janv enero ene gennaio gen janeiro",
            "february feb febr februar fevrier fevr febrero febbraio fevereiro fev",
            "march mar marz mrz mars marzo marco",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag maio",
            "june jun juni juin junio giugno giu junho",
            "july jul juli juillet juil julio luglio lug julho",
            "august aug aout agosto ago",
            "september sep sept septembre septiembre settembre set setembro",
            "october oct okt oktober octobre octubre ottobre ott outubro out",
            "november nov novembre noviembre novembro",
            "december dec dez dezember decembre diciembre dic dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_WORD = r"([^\W\d_]{3,10})\.?"
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?[日号號]?")
_YEAR_WORD = re.compile(rf"(?<!\d)(\d{{4}})[ -]{_WORD}[ -](\d{{1,2}})(?!\d)")
_DAY_WORD = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?(?: de)?[ -]?{_WORD}(?: de|,)?[ -]'?(\d{{4}}|\d{{2}})(?![\d:])"
)
_WORD_DAY = re.compile(rf"{_WORD} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)")
_WORD_TIME_YEAR = re.compile(rf"{_WORD} (\d{{1,2}}) (\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: [a-z]{{1,4}})?) (\d{{4}})(?!\d)")
_NUMBERED = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d:])")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(?!\d)")
_MONTH_DAY = re.compile(r"(?<!\d)(\d{1,2})\s?月\s?(\d{1,2})\s?[日号號]")
_BARE_MONTH_DAY = re.compile(r"(\d{1,2})[-/](\d{1,2})(?= \d{1,2}:\d{2}|$)")
_BARE_WORD_DAY = re.compile(rf"{_WORD} (\d{{1,2}})(?:st|nd|rd|th)?(?=,? \d{{1,2}}:\d{{2}}|$)")
_DAY_NAME_CHARACTERS = 30  # in a longer text the word belongs to a sentence
_DAY_NAMES = {
    "今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "一昨日": 2,
}  # fmt: skip


def _days(text: str, home: tzinfo, now: datetime) -> Iterator[tuple[date, str]]:
    """The days that the text names, the surest reading first, each with the text around it."""
    if form := _YEAR_FIRST.search(text):
        yield _day(form[1], int(form[2]), form[3], now), _without(text, form)
    for pattern, year, month, day in ((_YEAR_WORD, 1, 2, 3), (_DAY_WORD, 3, 2, 1), (_WORD_DAY, 3, 1, 2)):
        for form in pattern.finditer(text):
            if number := _MONTHS.get(form[month]):
                yield _day(form[year], number, form[day], now), _without(text, form)
    for form in _WORD_TIME_YEAR.finditer(text):
        if number := _MONTHS.get(form[1]):
            yield _day(form[4], number, form[2], now), form[3] + text[form.end() :]
    if form := _NUMBERED.search(text):
        yield _numbered_day(form, home, now), _without(text, form)
    if form := _COMPACT.search(text):
        clock = ":".join(part for part in form.groups()[3:] if part)
        yield _day(form[1], int(form[2]), form[3], now), f" {clock}{text[form.end() :]}"
    yield from _days_without_year(text, now)


def _days_without_year(text: str, now: datetime) -> Iterator[tuple[date, str]]:
    """The newest such day that is not ahead of `now`."""
    for pattern in (_MONTH_DAY, _BARE_MONTH_DAY, _BARE_WORD_DAY):
        form = pattern.search(text) if pattern is _MONTH_DAY else pattern.match(text)
        month = form and (_MONTHS.get(form[1]) or (int(form[1]) if form[1].isdecimal() else 0))
        if form and month:
            day = date(now.year, month, int(form[2]))
            if day > now.date() + timedelta(days=1):
                day = day.replace(year=now.year - 1)
            yield day, _without(text, form)
    for name, days_back in _DAY_NAMES.items():
        if name in text and len(text) <= _DAY_NAME_CHARACTERS:
            yield now.date() - timedelta(days=days_back), text.replace(name, " ", 1)


def _numbered_day(form: re.Match[str], home: tzinfo, now: datetime) -> date:
    """08/09/2024: the month first in the Americas, the day first elsewhere, whichever is possible otherwise."""
    first, second = int(form[1]), int(form[3])
    month_first = form[2] != "." and str(home).startswith(("America/", "US/"))
    if (month_first and first <= 12) or second > 12:
        first, second = second, first
    return _day(form[4], second, str(first), now)


def _day(year_text: str, month: int, day_text: str, now: datetime) -> date:
    year = int(year_text)
    if len(year_text) == 2:
        year += 2000 if year < 70 else 1900
    _check_year(year, now)
    return date(year, month, int(day_text))


def _check_year(year: int, now: datetime) -> None:
    if year > now.year + 1:
        raise _FarYear(year)


def _without(text: str, form: re.Match[str]) -> str:
    return f"{text[: form.start()]} {text[form.end() :]}"


# ------------------------------------------------------------------ the time and its zone
_CLOCK = re.compile(
    r"(?P<part>凌晨|早上|上午|午前|中午|下午|午後|晚上|[ap]m)?\s?(?<![\d:])(?P<hour>\d{1,2})"
    r"(?:\s?(?:[:h时時点點]|\.(?=\d\d uhr))\s?(?P<minute>\d{2})?(?:\s?[:分]\s?(?P<second>\d{2})?(?:[.,]\d+)?)?秒?"
    r"|(?=\s?[ap]\.?\s?m\b))"
    r"\s?(?P<half>[ap])?(?(half)\.?\s?m\b\.?)"
)
_ZONE = re.compile(r",?\s?\(?(?P<name>[a-z]{1,5})?\b\.?\s?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?(?!\d)")


def _with_time(day: date, rest: str, home: tzinfo) -> _Read:
    form = _CLOCK.search(rest)
    if not form:
        return _midnight(day, home), True
    hour, minute = int(form["hour"]), int(form["minute"] or 0)
    afternoon = form["half"] == "p" or form["part"] in ("下午", "午後", "晚上", "pm")
    morning = form["half"] == "a" or form["part"] in ("凌晨", "上午", "午前", "am")
    if afternoon and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    if hour > 24 or minute > 59:
        return _midnight(day, home), True
    moment = datetime.combine(day, time()) + timedelta(
        hours=hour, minutes=minute, seconds=min(int(form["second"] or 0), 59)
    )
    zone = _ZONE.match(rest, form.end())
    return _placed(moment, (zone and zone["name"]) or "", (zone and zone["offset"]) or "", home), False


_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "hkt": 8, "sgt": 8, "bjt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_PLACES = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}


def _placed(moment: datetime, name: str, offset: str, home: tzinfo) -> datetime:
    """A number outranks a name; an unknown name or an impossible number leaves the source's own zone."""
    if offset:
        digits = offset[1:].replace(":", "")
        minutes = int(digits[:-2]) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60
        if minutes <= 14 * 60:
            shift = timedelta(minutes=minutes if offset[0] == "+" else -minutes)
            return moment.replace(tzinfo=timezone(shift)).astimezone(UTC)
    return moment.replace(tzinfo=_named(name, home)).astimezone(UTC)


def _named(name: str, home: tzinfo) -> tzinfo:
    if name == "cst":  # China's and North America's
        return timezone(timedelta(hours=8 if str(home).startswith("Asia/") else -6))
    if name == "ist":  # India's, Ireland's and Israel's
        return home if str(home) in ("Europe/Dublin", "Asia/Jerusalem") else timezone(timedelta(hours=5, minutes=30))
    if name in _PLACES:
        return _zone(_PLACES[name])
    return timezone(timedelta(hours=_HOURS[name])) if name in _HOURS else home


def _midnight(day: date, home: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), home).astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; the catalogue refuses such names
        return UTC
