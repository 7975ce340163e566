"""What the service works, and when: one list. A further job is a further entry of JOBS. Pure: no clock, no ledger.

Each job is a `masthead` command in a process of its own; the ledger sees to it that a slot is worked once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.config import Config, Schedule
from scheduler.slots import Slot, slots

#: A day, and two hours in which the day's work may be done: then somebody should look.
LONGEST_WITHOUT: Final = timedelta(hours=26)
_TIME_TO_WORK: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Daily:
    """At a local time of the team's zone, on the days of the schedule."""

    clock: Callable[[Schedule], str]


@dataclass(frozen=True, slots=True)
class After:
    """Once the daily job of this name went well, for the same day."""

    job: str


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes; 0: never."""

    minutes: Callable[[Schedule], int]


@dataclass(frozen=True, slots=True)
class Job:
    """`name` stands in the ledger; in the mails' words it is `job.<name>`."""

    name: str
    when: Daily | After | Every
    words: Callable[[Config, Slot], Sequence[str]]
    wanted: Callable[[Config], bool] = lambda config: True


#: One after the other, in this order. What the archive drops with time (db.retention) goes at the end of each crawl.
JOBS: Final = (
    Job("crawl", Daily(lambda schedule: schedule.crawl), lambda config, slot: ("crawl", "--all", "--quiet")),
    Job("retag", After("crawl"), lambda config, slot: ("retag", "--quiet")),
    Job(
        "backup",
        After("crawl"),
        lambda config, slot: _backup(config, slot),
        lambda config: config.schedule.backup != "",
    ),
    Job("rhythm", Every(lambda schedule: schedule.rhythm_minutes), lambda config, slot: ("crawl", "--quiet")),
)


def key(job: Job, slot: Slot) -> str:
    """The slot's name in the ledger: its local date, or its instant where a day has several."""
    return f"{slot.at:%Y-%m-%dT%H:%MZ}" if isinstance(job.when, Every) else slot.day.isoformat()


def daily_slots(config: Config, daily: Daily, after: datetime, until: datetime) -> list[Slot]:
    """The slots of a daily job with `after < at <= until`, oldest first."""
    clock = time.fromisoformat(daily.clock(config.schedule))
    return list(slots(clock, ZoneInfo(config.team.zone), config.schedule.days, after, until))


def every_slot(config: Config, every: Every, now: datetime) -> Slot | None:
    """The slot of a periodic job in which `now` lies."""
    minutes = every.minutes(config.schedule)
    if not minutes:
        return None
    at = datetime.fromtimestamp(now.timestamp() // (minutes * 60) * minutes * 60, UTC)
    return Slot(at, at.date())


def overdue(config: Config, job: Job, good: datetime, now: datetime) -> bool:
    """Whether a daily job, or one that follows it, should have gone well once more since `good`. Not: the others."""
    if isinstance(job.when, After):
        return overdue(config, next(one for one in JOBS if one.name == job.when.job), good, now)
    if isinstance(job.when, Every) or now - good <= LONGEST_WITHOUT:
        return False
    return bool(daily_slots(config, job.when, good, now - _TIME_TO_WORK))


def _backup(config: Config, slot: Slot) -> Sequence[str]:
    file = config.folder / config.schedule.backup / f"{config.db.stem}-{slot.day.isoformat()}.db"
    return ("backup", "--force", "--keep", str(config.schedule.backup_keep), str(file))
