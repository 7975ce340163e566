"""From signals to the outbox: who is told what, when, once."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.private import Private
from scheduler.alerts import Office, write_alerts
from scheduler.config import Config, Mail
from scheduler.rules import Recipient, Rule, Rules, Silence
from tests.alerts_world import START, World, minutes, world

OPS = Recipient(name="ops", address="ops@desk.example", language="en")
ALL = Rule(name="all", to=("ops",), level="instant")


class Team:
    """A world, an office over it and a clock."""

    def __init__(self, world: World, private: Private, path: Path) -> None:
        self.world, self.private, self.path = world, private, path
        self.rules = Rules(recipients=(OPS,), rules=(ALL,))
        self.config = Config(mail=Mail(sender="Masthead <desk@desk.example>")).with_db(path)

    def write(self, now: datetime) -> int:
        office = Office(self.world.store.connection, self.private, self.config, self.rules)
        return write_alerts(office, now)

    def rows(self, query: str) -> list[tuple]:
        return self.private.connection.execute(query).fetchall()

    def deliveries(self, kind: str = "instant") -> list[tuple[str, str]]:
        return self.rows(
            f"select slot, subject from deliveries where kind = '{kind}' and state = 'pending' order by id"
        )


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    path = tmp_path / "m.db"
    with world(path) as made, Private.open(path) as private:
        made.story(datetime(2025, 1, 1, tzinfo=UTC))  # the archive is old
        made.store.connection.execute("delete from signals")
        for table in ("story_articles", "stories"):
            made.store.connection.execute(f"delete from {table}")
        made.stories = 0
        yield Team(made, private, path)


def only(**changes: object) -> Recipient:
    return Recipient(**{"name": "ops", "address": "ops@desk.example", "language": "en", "daily": False, **changes})  # type: ignore[arg-type]


def test_one_story_is_one_mail_however_often_it_is_looked_at(team: Team) -> None:
    team.world.story(START)
    for minute in range(0, 60, 3):
        team.write(START + minutes(minute))
    assert team.rows("select count(*) from notices") == [(1,)]
    assert [subject for _, subject in team.deliveries()] == ["[Reported] Amazon: rule 1 changed, US"]


def test_what_comes_within_five_minutes_is_one_mail(team: Team) -> None:
    for second in range(3):
        team.world.story(START + timedelta(seconds=60 * second), importance=0.1 * second)
    team.write(START + minutes(2))
    team.write(START + minutes(4.9))
    assert team.deliveries() == []
    team.write(START + minutes(7.1))
    assert [subject for _, subject in team.deliveries()] == ["[Reported] Amazon: rule 3 changed, US (and 2 more)"]


def test_again_only_on_the_changes_a_rule_names(team: Team) -> None:
    story = team.world.story(START)
    team.write(START + minutes(1))
    for hour, trigger in enumerate(("figure:aa", "date:bb", "official:9", "status:official"), 1):
        team.world.signal(story, trigger, START + timedelta(hours=hour))
        team.write(START + timedelta(hours=hour, minutes=1))
    assert [row[0] for row in team.rows("select trigger from notices order by id")] == [
        "status:reported",
        "status:official",
    ]
    team.rules = Rules(recipients=(OPS,), rules=(Rule(name="all", to=("ops",), again_on=("figure", "date")),))
    team.write(START + timedelta(hours=6))
    assert {row[0] for row in team.rows("select trigger from notices")} == {
        "status:reported", "status:official", "figure:aa", "date:bb"
    }  # fmt: skip


def test_a_story_that_moved_says_from_where(team: Team) -> None:
    story = team.world.story(START, "rumor")
    team.write(START)
    team.write(START + minutes(6))
    team.world.signal(story, "status:official", START + timedelta(hours=3))
    team.write(START + timedelta(hours=3))
    team.write(START + timedelta(hours=3, minutes=6))
    first, second = (text for (text,) in team.rows("select message from deliveries where kind = 'instant' order by id"))
    assert b"was: Rumor" not in first
    assert b"was: Rumor" in second
    assert b"[Official]" in second


def test_a_baseline_tells_nothing(team: Team) -> None:
    story = team.world.story(START)
    team.world.store.connection.execute("update signals set baseline = 1")
    team.world.signal(story, "figure:aa", START, baseline=1)
    team.write(START + minutes(10))
    assert team.rows("select count(*) from notices") == [(0,)]


def test_a_cap_sends_the_rest_into_the_edition(team: Team) -> None:
    team.rules = Rules(recipients=(Recipient(name="ops", address="a@b.example", instant_per_day=2),), rules=(ALL,))
    for hour in range(5):
        team.world.story(START + timedelta(hours=hour))
        team.write(START + timedelta(hours=hour, minutes=0))
        team.write(START + timedelta(hours=hour, minutes=6))
    assert len(team.deliveries()) == 2
    assert team.rows("select count(*) from notices where level = 'daily' and state = 'waiting'") == [(3,)]
    team.write(datetime(2026, 6, 2, 0, 31, tzinfo=UTC))  # 08:31 in Shanghai
    assert team.rows("select count(*) from notices where state = 'told'") == [(5,)]


def test_quiet_hours_hold_and_merge_but_not_what_is_urgent(team: Team) -> None:
    urgent = Rule(name="bans", to=("ops",), level="instant", type=("state/ban",), urgent=True)
    team.rules = Rules(recipients=(only(quiet="22:00-07:00"),), rules=(ALL, urgent))
    night = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    team.world.story(night)
    team.world.story(night + minutes(30))
    team.world.story(night + minutes(40), event_types=["state/ban"], main_event="state/ban")
    for minute in range(0, 8 * 60, 5):
        team.write(night + minutes(minute))
    assert [subject for _, subject in team.deliveries()] == ["[Reported] Amazon: rule 3 changed, US"]
    team.write(datetime(2026, 6, 1, 23, 0, tzinfo=UTC))  # 07:00
    assert [subject for _, subject in team.deliveries()][1:] == ["[Reported] Amazon: rule 1 changed, US (and 1 more)"]


def test_a_silence_is_written_down_with_who_and_why(team: Team) -> None:
    silence = Silence(until=date(2026, 6, 3), by="Li", reason="handled", platform=("amazon",))
    team.rules = Rules(recipients=(OPS,), rules=(ALL,), silences=(silence,))
    team.world.story(START)
    team.write(START + minutes(6))
    assert team.rows("select state, reason from notices") == [
        ("suppressed", "silenced by Li until 2026-06-03: handled")
    ]
    team.world.story(START + timedelta(days=4))
    team.write(START + timedelta(days=4, minutes=6))
    assert team.rows("select state from notices order by id")[1] != ("suppressed",)


def test_a_story_that_was_removed_is_not_told(team: Team) -> None:
    name = team.world.story(START)
    team.write(START)
    with team.world.store.writing() as connection:
        connection.execute("delete from signals")
        connection.execute("delete from story_articles")
        connection.execute("delete from stories where id = ?", (name,))
    team.write(START + minutes(6))
    assert team.deliveries() == []
    assert team.rows("select state, reason from notices") == [("suppressed", "its story is no longer in the archive")]


def test_a_story_merged_away_is_told_under_the_one_it_went_into(team: Team) -> None:
    one, other = team.world.story(START), team.world.story(START - timedelta(days=9))
    team.write(START)
    with team.world.store.writing() as connection:
        connection.execute("update stories set merged_into = ? where id = ?", (other, one))
    team.write(START + minutes(6))
    assert [subject for _, subject in team.deliveries()] == ["[Reported] Amazon: rule 2 changed, US"]


def test_news_older_than_a_day_waits_for_the_edition(team: Team) -> None:
    team.world.story(START - timedelta(hours=30))
    team.write(START)
    assert team.rows("select level from notices") == [("daily",)]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(name="r", to=("ops",), platform=("temu",)), False),
        (Rule(name="r", to=("ops",), platform=("temu", "amazon"), type=("platform/policy",)), True),
        (Rule(name="r", to=("ops",), region=("US",)), True),
        (Rule(name="r", to=("ops",), region=("US-CA",)), False),
        (Rule(name="r", to=("ops",), impact=3), False),
        (Rule(name="r", to=("ops",), status=("official",)), False),
        (Rule(name="r", to=("ops",), words=("harbour PLATFORM",)), True),
        (Rule(name="r", to=("ops",), words=("plat",)), False),
        (Rule(name="r", to=("ops",), words=("规则",)), True),
        (Rule(name="r", to=("ops",), words=("規則",)), True),
        (Rule(name="r", to=("ops",), words=("rule",), without=("lead",)), False),
        (Rule(name="r", to=("ops",), audience=("creators",)), False),
        (Rule(name="r", to=("ops",), kind=("trade",), language=("en",)), True),
    ],
)
def test_within_a_key_any_value_between_keys_all(team: Team, rule: Rule, told: bool) -> None:
    team.rules = Rules(recipients=(OPS,), rules=(rule,))
    team.world.story(START)
    team.write(START)
    assert team.rows("select count(*) from notices") == [(int(told),)]


# ------------------------------------------------------------------ editions
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Nuuk")


@pytest.mark.parametrize("zone", ZONES)
def test_windows_of_editions_tile_a_spring_and_an_autumn(team: Team, zone: str) -> None:
    _live(team, zone, datetime(2026, 3, 1, tzinfo=UTC), 75)
    _live(team, zone, datetime(2026, 10, 1, tzinfo=UTC), 45)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("zone", ZONES)
def test_windows_of_editions_tile_two_years(team: Team, zone: str) -> None:
    _live(team, zone, datetime(2026, 1, 1, tzinfo=UTC), 730)


def _live(team: Team, zone: str, start: datetime, days: int) -> None:
    """Hourly looks with two days off; windows then tile, and every local day but those has one edition."""
    team.rules = Rules(recipients=(only(daily=True, zone=zone),), rules=())
    team.private.connection.execute("pragma synchronous = off")
    team.private.connection.execute("delete from deliveries")
    for step in range(days * 24):
        if not 10 * 24 < step < 12 * 24:  # the service was down for two days
            team.write(start + minutes(60 * step))
    windows = team.rows("select from_at, until_at, slot from deliveries where kind = 'daily' order by until_at")
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert len({slot for *_, slot in windows}) == len(windows)
    assert days - 4 <= len(windows) <= days
    for _, until, slot in windows:
        local = datetime.fromisoformat(until).astimezone(ZoneInfo(zone))
        assert local.date().isoformat() == slot
        assert (local.hour, local.minute) >= (8, 30)


def test_an_empty_day_is_one_line_or_nothing(team: Team) -> None:
    team.rules = Rules(recipients=(only(daily=True), only(name="lee", daily=True, empty_day="skip")), rules=())
    for day in range(3):
        team.write(START + timedelta(days=day))
    assert team.rows("select recipient, state, count(*) from deliveries group by 1, 2") == [
        ("lee", "suppressed", 3), ("ops", "pending", 3),
    ]  # fmt: skip
    windows = team.rows("select from_at, until_at from deliveries where recipient = 'lee' order by id")
    assert all(before[1] == after[0] for before, after in pairwise(windows))


def test_a_wild_clock_writes_nothing(team: Team) -> None:
    assert team.write(datetime(1970, 1, 2, tzinfo=UTC)) == 0
    assert team.rows("select count(*) from deliveries") == [(0,)]


def test_a_clock_set_back_sends_no_edition_again(team: Team) -> None:
    team.rules = Rules(recipients=(only(daily=True),), rules=())
    team.write(START)
    for hours in (-30, -12, -1, 0, 3):
        team.write(START + timedelta(hours=hours))
    assert len(team.deliveries("daily")) == 1


def _flood(team: Team, count: int) -> None:
    """All at once, then a day: ten mails of twenty stories, the rest in the edition with its number."""
    team.private.connection.execute("pragma synchronous = off")
    team.rules = Rules(recipients=(Recipient(name="ops", address="a@b.example", instant_per_day=10),), rules=(ALL,))
    team.world.flood(count, START)
    for minute in range(0, 70, 5):
        team.write(START + minutes(minute))
    assert len(team.deliveries()) == 10
    assert team.rows("select count(*) from notices where state = 'told'") == [(200,)]
    team.write(datetime(2026, 6, 2, 0, 31, tzinfo=UTC))
    assert team.rows("select count(*) from notices where state = 'waiting'") == [(0,)]
    assert team.rows("select max(length(message)) from deliveries")[0][0] < 90_000
    edition = team.rows("select message from deliveries where kind = 'daily'")[-1][0]
    text = email.message_from_bytes(edition, policy=email.policy.default).get_body(("plain",))
    assert f"其余 {count - 200 - 12} 条" in text.get_content()  # type: ignore[union-attr]  # it has a text part


def test_a_flood_stays_within_the_caps(team: Team) -> None:
    _flood(team, 500)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_flood_of_fifty_thousand_stays_within_the_caps(team: Team) -> None:
    _flood(team, 50_000)
