"""The list of jobs: what is due when, and what has not gone well for too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.config import Config, Schedule, Team
from scheduler.jobs import JOBS, Every, every_slot, key, overdue
from scheduler.mails.words import WORDS
from scheduler.slots import Slot

CRAWL, RETAG, BACKUP, RHYTHM = JOBS
WEEK = Config(team=Team(zone="Asia/Shanghai"))
WORKDAYS = replace(WEEK, schedule=Schedule(days=("mon", "tue", "wed", "thu", "fri")))
FRIDAY = datetime(2026, 6, 4, 23, 20, tzinfo=UTC)  # 07:20 on Friday, 5 June, in Shanghai


@pytest.mark.parametrize(
    ("config", "hours", "expected"),
    [
        (WEEK, 25, False), (WEEK, 26, False), (WEEK, 27, True), (WEEK, 100, True),
        (WORKDAYS, 27, False), (WORKDAYS, 71, False), (WORKDAYS, 73, False), (WORKDAYS, 74, True),
    ],
)  # fmt: skip
def test_what_has_not_gone_well_since_friday_morning(config: Config, hours: int, expected: bool) -> None:
    now = FRIDAY + timedelta(hours=hours)
    assert overdue(config, CRAWL, FRIDAY, now) is expected
    assert overdue(config, BACKUP, FRIDAY, now) is expected
    assert not overdue(config, RHYTHM, FRIDAY, now)


def test_a_job_by_minutes_has_a_slot_of_its_own_each_time() -> None:
    assert isinstance(RHYTHM.when, Every)
    names = set()
    for minute in range(0, 180, 7):
        slot = every_slot(WEEK, RHYTHM.when, FRIDAY + timedelta(minutes=minute))
        assert slot is not None
        names.add(key(RHYTHM, slot))
    assert names == {"2026-06-04T23:00Z", "2026-06-05T00:00Z", "2026-06-05T01:00Z", "2026-06-05T02:00Z"}
    never = replace(WEEK, schedule=Schedule(rhythm_minutes=0))
    assert every_slot(never, RHYTHM.when, FRIDAY) is None


def test_a_backup_is_wanted_where_a_folder_is_named_and_carries_its_date() -> None:
    slot = Slot(FRIDAY, date(2026, 6, 5))
    assert not BACKUP.wanted(WEEK)
    asked = replace(WEEK, schedule=Schedule(backup="copies", backup_keep=3))
    assert BACKUP.wanted(asked)
    assert BACKUP.words(asked, slot) == ("backup", "--force", "--keep", "3", "copies/masthead-2026-06-05.db")


def test_what_may_be_overdue_has_a_name_in_both_languages() -> None:
    for job in JOBS:
        if not isinstance(job.when, Every):
            assert all(f"job.{job.name}" in words for words in WORDS.values())
