"""One slot for every local day, in every zone, whatever its clocks do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduler.slots import CATCH_UP, DAYS, Slot, instant, plan, slots, spread

ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix/", "right/", "Etc/", "localtime")))
# Every hour of the clock, the odd minutes at which zones have changed, and midnight, which some leave out.
CLOCKS = [time(0), time(0, 30), time(1), time(2), time(2, 30), time(3), time(7), time(23)]


def local_days(zone: ZoneInfo, first: date, last: date) -> set[date]:
    """The dates that the zone's calendar has: asked hour by hour, so that a date left out is not among them."""
    moment, end = datetime.combine(first, time(12), UTC), datetime.combine(last, time(12), UTC)
    found = set()
    while moment <= end:
        found.add(moment.astimezone(zone).date())
        moment += timedelta(hours=1)
    return {day for day in found if first < day < last}


@pytest.mark.parametrize("name", [*ZONES[::23], "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_two_years_have_one_slot_a_day(name: str) -> None:
    _two_years(name, CLOCKS[::3])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_two_years_in_every_zone_at_every_clock(part: int) -> None:
    for name in ZONES[part::4]:
        _two_years(name, CLOCKS)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_years_in_every_zone_at_every_half_hour() -> None:
    for name in ZONES:
        _two_years(name, [time(hour, minute) for hour in range(24) for minute in (0, 30)])


def _two_years(name: str, clocks: list[time]) -> None:
    zone = ZoneInfo(name)
    first, last = date(2025, 12, 30), date(2028, 1, 2)
    expected = {first + timedelta(days=number) for number in range(1, (last - first).days)}
    start, end = datetime(2025, 12, 29, tzinfo=UTC), datetime(2028, 1, 4, tzinfo=UTC)
    for clock in clocks:
        made = list(slots(clock, zone, DAYS, start, end))
        days = Counter(slot.day for slot in made)
        assert {day for day in days if first < day < last} == expected, (name, clock)
        assert set(days.values()) == {1}, (name, clock)
        assert all(before.at < after.at for before, after in pairwise(made)), (name, clock)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        ("2026-03-08", "02:30", "America/New_York", "2026-03-08T07:00:00+00:00"),  # 02:00 becomes 03:00
        ("2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30:00+00:00"),  # comes twice: the first
        ("2026-04-24", "00:15", "Africa/Cairo", "2026-04-23T22:00:00+00:00"),  # midnight is left out
        ("2026-08-08", "07:00", "Asia/Shanghai", "2026-08-07T23:00:00+00:00"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),  # half an hour is left out
        ("2026-03-28", "23:00", "America/Nuuk", "2026-03-29T01:00:00+00:00"),  # the gap reaches midnight
        ("2011-12-30", "07:00", "Pacific/Apia", None),  # the day itself was left out
    ],
)
def test_gaps_and_folds(day: str, clock: str, zone: str, expected: str | None) -> None:
    found = instant(date.fromisoformat(day), time.fromisoformat(clock), ZoneInfo(zone))
    assert (found.isoformat() if found else None) == expected


def test_a_day_that_was_left_out_has_no_slot() -> None:
    zone = ZoneInfo("Pacific/Apia")
    made = list(slots(time(7), zone, DAYS, datetime(2011, 12, 20, tzinfo=UTC), datetime(2012, 1, 10, tzinfo=UTC)))
    assert {slot.day for slot in made} == local_days(zone, date(2011, 12, 19), date(2012, 1, 11))


def test_only_the_named_weekdays() -> None:
    made = slots(
        time(7), ZoneInfo("UTC"), ("mon", "fri"), datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 12, 8, tzinfo=UTC)
    )
    assert [slot.day.isoformat() for slot in made] == ["2026-01-05", "2026-01-09", "2026-01-12"]


def _days(*days: int) -> list[Slot]:
    return [Slot(datetime(2026, 6, day, 7, tzinfo=UTC), date(2026, 6, day)) for day in days]


def test_the_newest_missed_slot_is_made_up_for_and_older_ones_are_only_told() -> None:
    now = datetime(2026, 6, 5, 9, tzinfo=UTC)
    found = plan(_days(2, 3, 4, 5), {date(2026, 6, 2)}, now)
    assert found.work == _days(5)[0]
    assert found.missed == tuple(_days(3, 4))


def test_nothing_is_made_up_for_after_a_day() -> None:
    late = datetime(2026, 6, 5, 7, 0, 1, tzinfo=UTC) + CATCH_UP
    assert plan(_days(5), set(), late).work is None
    assert plan(_days(5), set(), late).missed == tuple(_days(5))


def test_a_clock_set_back_makes_no_slot_again() -> None:
    assert plan(_days(4), {date(2026, 6, 4), date(2026, 6, 5)}, datetime(2026, 6, 4, 8, tzinfo=UTC)).work is None
    assert plan(_days(4), {date(2026, 6, 5)}, datetime(2026, 6, 4, 8, tzinfo=UTC)).work is None


def test_a_clock_of_1970_plans_nothing() -> None:
    wild = [Slot(datetime(1970, 1, 1, 7, tzinfo=UTC), date(1970, 1, 1))]
    assert plan(wild, set(), datetime(1970, 1, 1, 8, tzinfo=UTC)).work is None


def test_names_are_spread_over_the_width() -> None:
    parts = Counter(spread(f"source-{number}", 600).seconds // 60 for number in range(1_000))
    assert set(parts) == set(range(10))
    assert max(parts.values()) < 160
    assert spread("a", 600) == spread("a", 600)


def test_a_clock_that_ran_a_year_ahead_for_a_moment_does_not_stop_the_days_after() -> None:
    done = {date(2026, 6, 3), date(2027, 6, 3)}
    assert plan(_days(3, 4), done, datetime(2026, 6, 4, 8, tzinfo=UTC)).work == _days(4)[0]
