"""Deadlines as a calendar file that other programs read: escaping, folding, and whatever text comes in."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from db.calendar import Entry, calendar

NOW = datetime(2024, 8, 9, 1, 0, tzinfo=UTC)
DAY = date(2025, 1, 15)


def entry(summary: str = "New fees", description: str = "", url: str = "") -> Entry:
    return Entry(uid="st-1-2025-01-15", day=DAY, summary=summary, description=description, url=url)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_day_with_its_summary() -> None:
    text = calendar([entry("Fees, new; 亚马逊\nnext \\ line", "two\nlines", "https://a.example/x")], "Masthead", NOW)
    assert unfolded(text) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Masthead//Deadlines//EN", "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Masthead", "BEGIN:VEVENT", "UID:st-1-2025-01-15", "DTSTAMP:20240809T010000Z",
        "DTSTART;VALUE=DATE:20250115",
        "SUMMARY:Fees\\, new\\; 亚马逊\\nnext \\\\ line", "TRANSP:TRANSPARENT", "DESCRIPTION:two\\nlines",
        "URL:https://a.example/x", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_lines_are_short_and_nothing_breaks_out_of_its_line(text: str) -> None:
    made = calendar([entry(text, text)], text, NOW)
    lines = made.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\r" not in made.replace("\r\n", "")
    assert "\n" not in made.replace("\r\n", "")
    whole = unfolded(made)
    assert [line for line in whole if line.startswith("BEGIN:")] == ["BEGIN:VCALENDAR", "BEGIN:VEVENT"]
    assert sum(line.startswith("SUMMARY:") for line in whole) == 1
    properties = {line.partition(":")[0].partition(";")[0] for line in whole if line}
    assert properties <= {
        "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "X-WR-CALNAME", "UID", "DTSTAMP", "DTSTART", "SUMMARY",
        "TRANSP", "DESCRIPTION",
    }  # fmt: skip
