"""When work is due: local dates and clocks become instants. Pure arithmetic over IANA zones; no clock, no jobs.

A slot is one local date of one job. Its name is the date, so that a clock change, a restart or a second process
can not make a day's work twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CATCH_UP: Final = timedelta(hours=24)
AHEAD: Final = timedelta(days=2)  # what was done further ahead than this was done by a clock that ran wild
#: A clock before this day is wrong: a machine without a battery wakes up in 1970.
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FARTHEST_DAYS: Final = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One local date on which a job is due, and the instant (UTC) from which it is."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about the slots up to now: at most one is worked, the older ones are written down as missed."""

    work: Slot | None
    missed: tuple[Slot, ...] = ()


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime | None:
    """The first instant (UTC) at which the clocks show `clock` of `day` or later; None where the zone has no such day.

    An hour that the clocks leave out gives the first moment after the gap; of an hour that comes twice, the first.
    """
    wanted = datetime.combine(day, clock)
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    if _wall(found, zone) != wanted:  # the clocks jump over it: look for the jump
        low, high = found - timedelta(hours=26), found + timedelta(hours=26)
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            low, high = (low, middle) if _wall(middle, zone) >= wanted else (middle, high)
        found = high.replace(microsecond=0)
    if _wall(found, zone).date() == day or (clock > time(0) and instant(day, time(0), zone)):
        return found  # on the next day, where the gap reaches midnight
    return None


def slots(clock: time, zone: ZoneInfo, days: Collection[str], after: datetime, until: datetime) -> Iterator[Slot]:
    """The slots with `after < at <= until`, oldest first; of a longer time, those of its last 1000 days."""
    last = until.astimezone(zone).date()
    day = max(after.astimezone(zone).date() - timedelta(days=1), last - timedelta(days=_FARTHEST_DAYS))
    while day <= last + timedelta(days=1):
        at = instant(day, clock, zone) if DAYS[day.weekday()] in days else None
        if at is not None and after < at <= until:
            yield Slot(at, day)
        day += timedelta(days=1)


def plan(due: Sequence[Slot], done: Collection[date], now: datetime) -> Plan:
    """The newest slot that nobody worked, if it is at most 24 hours old; older ones are missed, not made up for.

    A day worked shortly ahead (the clock was set back) stands for those before it; one far ahead was a wild clock's.
    """
    left = sorted(slot for slot in due if slot.day not in done)
    if not left or now < EARLIEST:
        return Plan(None)
    newest = left[-1]
    if now - newest.at > CATCH_UP or any(newest.day < day <= newest.day + AHEAD for day in done):
        return Plan(None, tuple(left))
    return Plan(newest, tuple(left[:-1]))


def spread(name: str, width_seconds: int) -> timedelta:
    """A delay of less than `width_seconds` that is always the same for a name: not everything at once."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
    return timedelta(seconds=number % max(width_seconds, 1))


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
