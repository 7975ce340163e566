"""Days in a text: with their part, resolved against the publication, and left out where they can not be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.days import named_days
from pipelines.patterns import even


def read(text: str, published: str | None = "2024-08-08") -> list[tuple[str, str]]:
    return [(day.date, day.role) for day in named_days(even(text), published)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("fees rise from January 15, 2025", [("2025-01-15", "effective")]),
        ("Effective Jan. 1 the rate changes", [("2025-01-01", "effective")]),
        ("starting on 15 September", [("2024-09-15", "effective")]),
        ("8月29日起实施", [("2024-08-29", "effective")]),
        ("自2025年3月1日起施行", [("2025-03-01", "effective")]),
        ("将于9月1日生效", [("2024-09-01", "effective")]),
        ("即日起生效", [("2024-08-08", "effective")]),
        ("Sellers must verify by August 31", [("2024-08-31", "deadline")]),
        ("until 20th September", [("2024-09-20", "deadline")]),
        ("商家须在9月10日前完成", [("2024-09-10", "deadline")]),
        ("TikTok said on Aug 8 that", [("2024-08-08", "announced")]),
        ("公司5月2日宣布", [("2024-05-02", "announced")]),
        ("the court heard it yesterday", [("2024-08-07", "event")]),
        ("明年1月1日", [("2025-01-01", "event")]),
        ("Prime Day runs July 16 to July 17", [("2024-07-16", "event"), ("2024-07-17", "event")]),
        ("on 2024-08-08", [("2024-08-08", "event")]),
        # what is no day
        ("2月30日", []), ("February 30", []), ("in January 2025", []), ("2025年1月", []), ("13月5日", []),
        ("it may 5% more", []), ("2024-13-45", []), ("March 3:30", []), ("", []),
    ],
)  # fmt: skip
def test_days(text: str, wanted: list[tuple[str, str]]) -> None:
    assert read(text) == wanted


def test_without_a_publication_only_full_dates_are_known() -> None:
    assert read("January 15, 8月1日, today, 2025年3月1日", None) == [("2025-03-01", "event")]
    assert read("today", "no day") == []


@given(st.dates(date(2019, 1, 1), date(2030, 1, 1)), st.integers(-180, 180))
def test_a_day_without_a_year_is_the_nearest(published: date, days: int) -> None:
    day = date.fromordinal(published.toordinal() + days)
    for text in (f"{day.month}月{day.day}日", f"{day:%B} {day.day}"):
        assert [found for found, _ in read(text, published.isoformat())] == [day.isoformat()]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(
    ["2024年", "8月", "29日", "起", "January ", "15", ", 2025", "today", "2024-08-08", "by ", "３１", "月", "日"]
)), max_size=16).map("".join))  # fmt: skip
def test_places_hold(text: str) -> None:
    for day in named_days(even(text), "2024-08-08"):
        assert 0 <= day.start < day.end <= len(text)
        date.fromisoformat(day.date)
