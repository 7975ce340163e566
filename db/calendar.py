"""Deadlines as an iCalendar text (RFC 5545), for calendar programs that subscribe to it. Pure; reads no rows itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_LINE_BYTES = 75  # RFC 5545, 3.1: without the line break
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A whole day in a calendar. `uid` stays the same whenever the day is told again, so that it is not doubled."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""


def calendar(entries: Iterable[Entry], name: str, now: datetime) -> str:
    """The whole file; lines end with CRLF and are at most 75 bytes of UTF-8 long."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Masthead//Deadlines//EN", "CALSCALE:GREGORIAN"]
    lines += [f"X-WR-CALNAME:{_text(name)}"]
    for entry in entries:
        lines += _event(entry, now)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(entry: Entry, now: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{entry.day.isoformat().replace('-', '')}",
        f"SUMMARY:{_text(entry.summary)}",
        "TRANSP:TRANSPARENT",
    ]
    lines += [f"DESCRIPTION:{_text(entry.description)}"] if entry.description else []
    lines += [f"URL:{entry.url}"] if entry.url and entry.url.isprintable() else []
    return [*lines, "END:VEVENT"]


def _text(value: str) -> str:
    kept = "".join(ch for ch in value if ch in "\n\t" or ch.isprintable())
    return "".join(_ESCAPED.get(ch, ch) for ch in kept)


def _folded(line: str) -> str:
    """Cut between characters, never inside one; a line that goes on begins with a blank."""
    parts, part, size = [], "", 0
    for ch in line:
        width = len(ch.encode())
        if size + width > _LINE_BYTES:
            parts.append(part)
            part, size = " ", 1
        part, size = part + ch, size + width
    return "\r\n".join([*parts, part]) + "\r\n"
