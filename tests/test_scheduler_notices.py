"""When somebody may be told: quiet hours by the recipient's own clocks, also in the nights in which those change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.notices import local_day_begins, quiet_until
from scheduler.rules import Recipient


def reader(zone: str, quiet: str) -> Recipient:
    return Recipient(name="ops", address="ops@desk.example", zone=zone, quiet=quiet)


@pytest.mark.parametrize(
    ("zone", "quiet", "at", "ends"),
    [
        ("Asia/Shanghai", "22:00-07:00", "2026-06-01T21:59", None),
        ("Asia/Shanghai", "22:00-07:00", "2026-06-01T22:00", "2026-06-02T07:00"),
        ("Asia/Shanghai", "22:00-07:00", "2026-06-02T06:59", "2026-06-02T07:00"),
        ("Asia/Shanghai", "22:00-07:00", "2026-06-02T07:00", None),
        ("Asia/Shanghai", "12:00-13:30", "2026-06-01T12:30", "2026-06-01T13:30"),
        ("Asia/Shanghai", "", "2026-06-01T23:00", None),
        ("Europe/Berlin", "22:00-07:00", "2026-03-28T23:00", "2026-03-29T07:00"),  # an hour less in this night
        ("Europe/Berlin", "22:00-07:00", "2026-10-25T04:00", "2026-10-25T07:00"),  # an hour more
        ("America/New_York", "23:00-02:30", "2026-03-08T01:30", "2026-03-08T03:00"),  # 02:30 is left out
        ("Africa/Cairo", "23:30-00:30", "2026-04-23T23:40", "2026-04-24T01:00"),  # midnight is left out
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(zone: str, quiet: str, at: str, ends: str | None) -> None:
    local = ZoneInfo(zone)
    found = quiet_until(reader(zone, quiet), datetime.fromisoformat(at).replace(tzinfo=local).astimezone(UTC))
    assert (found.astimezone(local).strftime("%Y-%m-%dT%H:%M") if found else None) == ends


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "Africa/Cairo", "America/New_York", "Asia/Beirut"])
def test_every_moment_of_a_year_has_a_day_that_has_begun(zone: str) -> None:
    one, local = reader(zone, ""), ZoneInfo(zone)
    for hours in range(0, 366 * 24, 5):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        begins = local_day_begins(one, now)
        assert begins <= now < begins + timedelta(hours=25)
        assert begins.astimezone(local).date() == now.astimezone(local).date()
