"""Dates as the web writes them, right and wrong (P12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.dates import AHEAD, FUTURE, NOTHING, parse_date
from tests.growth import assert_linear

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SHANGHAI, TOKYO, NEW_YORK, CHICAGO, LONDON, BERLIN, PARIS = (
    "Asia/Shanghai", "Asia/Tokyo", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin",
    "Europe/Paris",
)  # fmt: skip

MOMENTS = [
    # machines
    ("Thu, 08 Aug 2024 09:00:00 GMT", "UTC", "2024-08-08T09:00"),
    ("Thu, 08 Aug 2024 09:00:00 +0800", "UTC", "2024-08-08T01:00"),
    ("Thu, 08 Aug 2024 09:00:00 +0800 (CST)", "UTC", "2024-08-08T01:00"),
    ("Thu, 08 Aug 2024 09:00:00 -0000", SHANGHAI, "2024-08-08T09:00"),
    ("8 Aug 2024 09:00 EST", "UTC", "2024-08-08T14:00"),
    ("Thu, 08 Aug 2024 09:00:00 PDT", "UTC", "2024-08-08T16:00"),
    ("Thu, 08 Aug 2024 09:00:00 CST", SHANGHAI, "2024-08-08T01:00"),
    ("Thu, 08 Aug 2024 09:00:00 CST", CHICAGO, "2024-08-08T15:00"),
    ("Thu, 08 Aug 2024 09:00:00 IST", "UTC", "2024-08-08T03:30"),
    ("Thu, 08 Aug 2024 09:00:00 XYZ", SHANGHAI, "2024-08-08T01:00"),
    ("Thu, 08 Aug 2024 09:00:00 +9900", "UTC", "2024-08-08T09:00"),
    ("Thu, 08 Sept 2024 09:00:00 GMT", "UTC", "2024-09-08T09:00"),
    ("Mon, 8 Aug 24 9:00 PM", "UTC", "2024-08-08T21:00"),
    ("Thursday, 08-Aug-24 09:00:00 GMT", "UTC", "2024-08-08T09:00"),
    ("Thu Aug  8 09:00:00 2024", "UTC", "2024-08-08T09:00"),
    ("Thu Aug 08 09:00:00 EDT 2024", "UTC", "2024-08-08T13:00"),
    ("32, 04 Aug 2026 10:00:00 GMT", "UTC", "2026-08-04T10:00"),
    ("2024-08-08T13:00:00Z", SHANGHAI, "2024-08-08T13:00"),
    ("2024-08-08T13:00:00.123456789+08:00", "UTC", "2024-08-08T05:00:00.123456"),
    ("2024-08-08T13:00:00 +0800", "UTC", "2024-08-08T05:00"),
    ("2024-08-08 13:00", SHANGHAI, "2024-08-08T05:00"),
    ("2024-8-8 9:05", SHANGHAI, "2024-08-08T01:05"),
    ("2024-08-08T24:00:00", "UTC", "2024-08-09T00:00"),
    ("2024-08-08T23:59:60Z", "UTC", "2024-08-08T23:59:59"),
    ("2024-08-08 13:00 (UTC+08:00)", "UTC", "2024-08-08T05:00"),
    ("2024-08-08 13:00 GMT+8", "UTC", "2024-08-08T05:00"),
    ("20240808T130000Z", SHANGHAI, "2024-08-08T13:00"),
    ("20240808130000", SHANGHAI, "2024-08-08T05:00"),
    ("1722470400", SHANGHAI, "2024-08-01T00:00"),
    ("1722470400123", SHANGHAI, "2024-08-01T00:00:00.123"),
    ("1722470400.5", SHANGHAI, "2024-08-01T00:00:00.5"),
    # people
    ("Aug. 8, 2024, 9:00 a.m. ET", "UTC", "2024-08-08T13:00"),
    ("Dec. 8, 2024, 9:00 a.m. ET", "UTC", "2024-12-08T14:00"),
    ("August 8th, 2024 12:05 AM PT", "UTC", "2024-08-08T07:05"),
    ("Published 8 Aug 2024, 2pm by A. Writer", LONDON, "2024-08-08T13:00"),
    ("13:05 8 Aug 2024", "UTC", "2024-08-08T13:05"),
    ("8. August 2024, 13:00 Uhr", BERLIN, "2024-08-08T11:00"),
    ("08.08.2024 13.00 Uhr", BERLIN, "2024-08-08T11:00"),
    ("8 août 2024 à 14h30", PARIS, "2024-08-08T12:30"),
    ("2024年8月8日 13:00", SHANGHAI, "2024-08-08T05:00"),
    ("2024年08月08日 下午3:05", SHANGHAI, "2024-08-08T07:05"),
    ("2024年8月8日 凌晨12点30分", SHANGHAI, "2024-08-07T16:30"),
    ("发布时间：２０２４-０８-０８　１３：００", SHANGHAI, "2024-08-08T05:00"),
    ("2024年8月8日 13時05分", TOKYO, "2024-08-08T04:05"),
    ("08-08 13:00", SHANGHAI, "2026-08-08T05:00"),
    ("12-08 13:00", SHANGHAI, "2025-12-08T05:00"),
    # counted from now, which is 20:00 in Shanghai
    ("昨天 14:00", SHANGHAI, "2026-11-20T06:00"),
    ("前天 14:00", SHANGHAI, "2026-11-19T06:00"),
    ("今天 08:30", SHANGHAI, "2026-11-21T00:30"),
    ("3小时前", SHANGHAI, "2026-11-21T09:00"),
    ("15 分鐘前", SHANGHAI, "2026-11-21T11:45"),
    ("半小时前", SHANGHAI, "2026-11-21T11:30"),
    ("刚刚", SHANGHAI, "2026-11-21T12:00"),
    ("3 hours ago", "UTC", "2026-11-21T09:00"),
    ("an hour ago", "UTC", "2026-11-21T11:00"),
    ("Yesterday at 2 p.m.", NEW_YORK, "2026-11-20T19:00"),
]  # fmt: skip

DAYS = [
    ("2024-08-08", SHANGHAI, "2024-08-07T16:00"),
    ("2024/8/8", "UTC", "2024-08-08T00:00"),
    ("2024.08.08", "UTC", "2024-08-08T00:00"),
    ("20240808", "UTC", "2024-08-08T00:00"),
    ("2024-Aug-08", "UTC", "2024-08-08T00:00"),
    ("32, 04 Aug 2026", "UTC", "2026-08-04T00:00"),
    ("08/09/2024", LONDON, "2024-09-07T23:00"),
    ("08/09/2024", NEW_YORK, "2024-08-09T04:00"),
    ("25/12/2024", NEW_YORK, "2024-12-25T05:00"),
    ("8. März 2024", BERLIN, "2024-03-07T23:00"),
    ("8 de agosto de 2024", "UTC", "2024-08-08T00:00"),
    ("Aug 8", "UTC", "2026-08-08T00:00"),
    ("8月8日", SHANGHAI, "2026-08-07T16:00"),
    ("2 天前", SHANGHAI, "2026-11-18T16:00"),
    ("1 week ago", "UTC", "2026-11-14T00:00"),
    ("2024-08-08T25:00:00Z", "UTC", "2024-08-08T00:00"),  # the hour is nonsense, the day is not
]

UNREADABLE = [
    "", "   ", "garbage", "0", "-1", "NaN", "2024-08", "2024-02-30", "2024-13-01", "31 Feb 2024",
    "Thu, 08 Agu 2024 09:00:00 GMT", "Thu, 08 Augst 2024", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00",
    "Jan 1, 1970", "1970-01-01T00:00:00Z", "99999999999999999999999", "99999 days ago", "9" * 500 + " days ago",
    "sales rose 12.5 per cent", "top 10 of 2024",
]  # fmt: skip

AHEAD_OF_NOW = [
    "2098-01-01", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "Thu, 08 Aug 2099 09:00:00 GMT",
    "12/31/9999", "2026-11-22T12:01:00Z", "2026年12月24日", "4102444800",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("raw", "zone", "expected"), MOMENTS)
def test_moments(raw: str, zone: str, expected: str) -> None:
    parsed = parse_date(raw, zone, NOW)
    assert (parsed.at, parsed.flags, parsed.date_only) == (
        datetime.fromisoformat(expected).replace(tzinfo=UTC),
        (),
        False,
    )


@pytest.mark.parametrize(("raw", "zone", "expected"), DAYS)
def test_days_without_a_time_begin_at_midnight_of_the_source(raw: str, zone: str, expected: str) -> None:
    parsed = parse_date(raw, zone, NOW)
    assert (parsed.at, parsed.flags, parsed.date_only) == (
        datetime.fromisoformat(expected).replace(tzinfo=UTC),
        (),
        True,
    )


@pytest.mark.parametrize("raw", UNREADABLE)
def test_unreadable(raw: str) -> None:
    assert parse_date(raw, "UTC", NOW) == NOTHING


@pytest.mark.parametrize("raw", AHEAD_OF_NOW)
def test_the_future_is_refused_and_flagged(raw: str) -> None:
    assert parse_date(raw, "UTC", NOW) == FUTURE


def test_a_clock_that_runs_ahead_by_hours_is_believed() -> None:
    assert parse_date("2026-11-22T12:00:00Z", "UTC", NOW).at == NOW + AHEAD


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2024-03-10 02:30", "2024-03-10T07:30"),  # skipped: counted from the offset before
        ("2024-11-03 01:30", "2024-11-03T05:30"),  # twice: the first
        ("2024-03-10", "2024-03-10T05:00"),
    ],
)
def test_clock_changes(raw: str, expected: str) -> None:
    assert parse_date(raw, NEW_YORK, NOW).at == utc(expected)


def test_an_unknown_zone_counts_as_utc() -> None:
    assert parse_date("2024-08-08 13:00", "Nowhere/../etc", NOW).at == datetime(2024, 8, 8, 13, tzinfo=UTC)


PIECES = [
    "2024", "08", "8", "99", "9999", "0001", "-", "/", ".", ":", " ", ", ", "T", "Z", "+08:00", "-9959", "Aug", "août",
    "年", "月", "日", "昨天", "前", "小时", "ago", "days", "a.m.", "PM", "CST", "ET", "GMT", "(", ")", "½", "٣", "\0",
]  # fmt: skip
NEARLY_DATES = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(st.text(max_size=60) | NEARLY_DATES, st.sampled_from([SHANGHAI, NEW_YORK]))
def test_never_raises_and_never_leaves_the_bounds(raw: str, zone: str) -> None:
    parsed = parse_date(raw, zone, NOW)
    if parsed.at is None:
        assert parsed.flags in (("no_date",), ("future_date",))
    else:
        assert parsed.at.utcoffset() == timedelta(0)
        assert datetime(1989, 12, 31, tzinfo=UTC) < parsed.at <= NOW + AHEAD


@given(st.integers(662_688_000, 1_790_000_000), st.integers(-14 * 60, 14 * 60))  # 1991 to 2026
def test_what_machines_write_is_read_back_exactly(seconds: int, offset_minutes: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment + timedelta(minutes=offset_minutes)
    sign, (hours, minutes) = "-" if offset_minutes < 0 else "+", divmod(abs(offset_minutes), 60)
    iso = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"
    rfc = f"{local:%a, %d %b %Y %H:%M:%S} {sign}{hours:02}{minutes:02}"
    assert parse_date(iso, SHANGHAI, NOW).at == parse_date(rfc, SHANGHAI, NOW).at == moment


@pytest.mark.parametrize("piece", ["1", "1-", "8 Aug ", "（", "a.m. "])
def test_long_nonsense_takes_time_by_its_length_only(piece: str) -> None:
    assert_linear(lambda size: parse_date(piece * (size // len(piece)), "UTC", NOW), 62_500)
