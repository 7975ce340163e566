"""Checks of single values in a source file: each returns the value as `Source` keeps it, or refuses it and says what is
allowed. Knows nothing of keys, files or other sources.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from db.linkedin import is_linkedin
from db.tomlfile import suggestion
from db.urls import absolute, host_of

T = TypeVar("T")
Check = Callable[[Any], T]

DATES = {"{today}": 0, "{yesterday}": 1, "{week_ago}": 7}  # what an address may hold, in days before now
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PATH = re.compile(r"[^.{}\s]+(\.[^.{}\s]+)*")
_BRACED = re.compile(r"\{([^{}]*)\}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Refused(ValueError):
    """A value that is not allowed; the text says what is."""


def line(limit: int) -> Check[str]:
    """One line of text, without control characters, at most `limit` long; blanks at the ends go."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(f"wants text in quotes, not {_shown(value)}")
        if _CONTROLS.search(value):
            raise Refused("must be one line without control characters (CR, LF, NUL and the like)")
        if not value.strip():
            raise Refused("is empty; give a text or leave the key out")
        if len(value) > limit:
            raise Refused(f"is {len(value)} characters long; at most {limit} are allowed")
        return value.strip()

    return check


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"wants true or false (without quotes), not {_shown(value)}")
    return value


def number(low: int, high: int) -> Check[int]:
    """A whole number from `low` to `high`."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(f"wants a whole number from {low} to {high}, not {_shown(value)}")
        if not low <= value <= high:
            raise Refused(f"is {value}; allowed are {low} to {high}")
        return value

    return check


def seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 3600:
        raise Refused(f"wants seconds from 0 to 3600, not {_shown(value)}")
    return float(value)


def one_of(known: Iterable[str]) -> Check[str]:
    """One of the ids in `known`."""
    ids = tuple(known)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in ids:
            raise Refused(f"unknown value {_shown(value)}{_choices(value, ids)}")
        return value

    return check


def many(check_one: Check[T]) -> Check[tuple[T, ...]]:
    """An array whose items all pass `check_one`; doubled ones count once."""

    def check(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Refused(f'wants an array, such as ["a", "b"], not {_shown(value)}')
        return tuple(dict.fromkeys(check_one(item) for item in value))

    return check


def table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f'wants a table, such as {{ key = "value" }}, not {_shown(value)}')
    return value


def source_id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Refused(
            f"is {_shown(value)}; allowed are small letters, digits, - _ and . (at most 64), beginning with a letter "
            "or digit"
        )
    return value


def address(value: Any) -> str:
    """An absolute http(s) address without user-info, whose host may be fetched."""
    text = _address(value)
    refuse_never_fetched(host_of(text))
    return text


def _address(value: Any) -> str:
    text = line(2_000)(value)
    if re.search(r"\s", text) or "\\" in text:
        raise Refused("must not contain blanks or backslashes; write a blank as %20")
    if absolute("", text) is None:
        what = "must not carry a name or password before the host" if _has_user(text) else f"is {_shown(text)}"
        raise Refused(f"{what}; wants an absolute address, such as https://news.example.com/feed.xml")
    return text


def dated_address(value: Any) -> str:
    """An address that may hold one of DATES. Whether it may be fetched depends on `access`."""
    text = line(2_000)(value)
    filled = text
    for word in DATES:
        filled = filled.replace(word, "2024-08-08")
    if found := re.search(r"\{[^{}]*\}?|\}", filled):
        raise Refused(f"unknown placeholder {_shown(found[0])}{_choices(found[0], DATES)}")
    _address(filled)
    return text


def sender(value: Any) -> str:
    """A mail address, or "@" and a domain, in lower case."""
    text = line(254)(value).lower()
    if not re.fullmatch(r"[^\s@<>\"',;:\\]*@[a-z0-9-]+(\.[a-z0-9-]+)+", text):
        raise Refused(f'is {_shown(value)}; wants an address such as "news@example.com", or "@example.com"')
    return text


def host(value: Any) -> str:
    """A host name or IP address; a port is dropped, for it does not matter to identity."""
    text = line(253)(value)
    found = "" if re.search(r"[/@?#\s\\]", text) else host_of(f"http://{text}/")
    if not found:
        raise Refused(f"{_shown(text)} is no host; wants a bare host, such as news.example.com")
    refuse_never_fetched(found)
    return found


def refuse_never_fetched(name: str) -> None:
    if is_linkedin(name):
        raise Refused(f"{name} is never fetched; use a newsletter, a feed or another open channel of this publisher")


def zone(value: Any) -> str:
    text = line(64)(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        near = suggestion(text, available_timezones()).partition("; allowed")[0]
        raise Refused(f"unknown time zone {_shown(text)}{near}; wants an IANA name such as Asia/Shanghai") from error
    return text


def link_prefix(value: Any) -> str:
    text = line(500)(value)
    if not text.startswith("/") or re.search(r"\s", text):
        raise Refused(f"{_shown(text)} is no beginning of a path; wants one that starts with /, such as /news/")
    return text


def network(value: Any) -> str:
    text = line(64)(value)
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError as error:
        raise Refused(f"{_shown(text)} is no address range; wants CIDR, such as 10.1.0.0/16 or 127.0.0.1") from error


def selector(value: Any) -> str:
    """A CSS selector, as soupsieve understands it."""
    import soupsieve  # here, because most catalogues are read without a list page being asked

    text = line(500)(value)
    try:
        soupsieve.compile(text)
    except (soupsieve.SelectorSyntaxError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise Refused(f"{_shown(text)} is no CSS selector: {reason}") from error
    return text


def value_or_pattern(value: Any) -> str:
    """A value as it is, or a regular expression with exactly one group."""
    text = line(300)(value)
    if "(" not in text:
        return text
    try:
        groups = re.compile(text).groups
    except (re.error, RecursionError, OverflowError) as error:
        raise Refused(f"{_shown(text)} is no regular expression: {error}") from error
    if groups != 1:
        raise Refused(f"{_shown(text)} has {groups} groups; wants one, around what is to be taken")
    return text


def dotted(value: Any) -> str:
    text = line(200)(value)
    if not _PATH.fullmatch(text):
        raise Refused(f"{_shown(text)} is no dotted path; wants names or numbers joined by dots, such as data.list")
    return text


def items_path(value: Any) -> str:
    return "" if value == "" else dotted(value)


def link_path(value: Any) -> str:
    """A dotted path, or a template of an address with dotted paths in braces."""
    text = line(500)(value)
    if "{" not in text:
        return dotted(text)
    for name in _BRACED.findall(text):
        dotted(name)
    address(_BRACED.sub("0", text))
    return text


def _has_user(text: str) -> bool:
    return "@" in text.partition("://")[2].partition("/")[0]


def _shown(value: Any) -> str:
    """A value short enough for a message."""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    text = _CONTROLS.sub("�", text)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _choices(value: Any, known: Iterable[str]) -> str:
    """Near names and, where they are few, everything that is allowed."""
    ids = list(known)
    near = suggestion(str(value)[:100], ids).partition("; allowed")[0]
    if len(ids) > 12 and near:
        return near
    return f"{near}{'' if near else ';'} allowed: {', '.join(ids)}"
