"""The daily service lived through by an accelerated clock, and as a real process that is stopped and killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db import ledger
from db.errors import AlreadyRunning
from db.ledger import Holder
from scheduler.config import Config, load_config
from scheduler.service import Service, ping
from tests.alerts_world import Inbox, World, mail_server, quick_folder, world

__all__ = ["quick_folder"]  # a fixture of another module

CONFIG = """\
[catalogue]
builtin = false
[team]
zone = "{zone}"
language = "en"
[schedule]
rhythm_minutes = 120
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Masthead <desk@desk.example>"
"""
RULES = """\
[[recipients]]
name = "ops"
address = "ops@desk.example"
quiet = "22:00-07:00"
service = true
[[recipients]]
name = "lee"
address = "lee@desk.example"
zone = "America/New_York"
instant_per_day = 3
[[rules]]
name = "official"
to = ["ops", "lee"]
level = "instant"
status = ["official", "denied"]
[[rules]]
name = "all"
to = ["ops", "lee"]
"""


class Killed(BaseException):
    """The service was ended in the middle of a crawl."""


class Month:
    """A team, a clock, crawls that find something, fail or are killed, and a mail server that may be down."""

    def __init__(self, folder: Path, zone: str, start: datetime, port: int) -> None:
        (folder / "masthead.toml").write_text(CONFIG.format(zone=zone, port=port), encoding="utf-8")
        (folder / "rules.toml").write_text(RULES, encoding="utf-8")
        self.config: Config = load_config(folder / "masthead.toml")
        self.now, self.zone, self.rng = start, ZoneInfo(zone), random.Random(7)
        self.world: World | None = None
        self.crawls: Counter[str] = Counter()
        self.fail = self.kill = False
        self.pid = 1000
        self.service = self.restart()

    def restart(self) -> Service:
        """Another process of the same team."""
        self.pid += 1
        who = Holder(self.pid, "desk-1", self.now, self.now)
        self.service = Service(
            config=self.config, clock=lambda: self.now, runner=self.run, who=who, started_at=self.now, db=self.config.db
        )
        self.service.take_over()
        return self.service

    async def run(self, words: Sequence[str]) -> int:
        if words[0] != "crawl":
            return 0
        kind = "daily" if "--all" in words else "rhythm"
        if self.kill:
            self.kill = False
            raise Killed
        if self.fail:
            return 3
        self.crawls[kind] += 1
        assert self.world is not None
        for _ in range(self.rng.randrange(4 if kind == "daily" else 2)):
            status = self.rng.choice(["reported", "reported", "rumor", "official"])
            name = self.world.story(self.now, status, importance=self.rng.random())
            if status != "official" and self.rng.random() < 0.3:
                self.world.signal(name, "status:official", self.now + timedelta(seconds=1))
        return self.rng.choice([0, 0, 0, 6])

    def step(self) -> None:
        self.service.beat()
        try:
            asyncio.run(self.service.step())
        except Killed:
            self.restart()
        self.service.tell()


def live(folder: Path, days: int, minutes: int) -> None:
    """Days with a killed crawl, failing crawls, a machine that is off, mail that is down, restarts, a clock change."""
    start = datetime(2026, 3, 24, 0, 5, tzinfo=UTC)  # the clocks of Berlin change on 29 March
    inbox = Inbox()
    with mail_server(inbox) as port:
        pass
    month = Month(folder, "Europe/Berlin", start, port)
    down = mail_server(inbox, port)
    up = False
    with world(month.config.db) as made:
        month.world = made
        for step in range(days * 24 * 60 // minutes):
            month.now = start + timedelta(minutes=minutes * step)
            day = (month.now - start).days
            wanted = not (day == 2 or (day == 9 and month.now.hour < 12))
            if wanted != up:
                up = wanted
                (down.__enter__() if up else down.__exit__(None, None, None))
                down = down if up else mail_server(inbox, port)
            month.fail = day == 3
            if day == 4 and month.now.hour == 3 and month.now.minute < minutes:
                month.kill = True
            if day == 6 or (day == 7 and month.now.hour < 20):
                continue  # the machine was off
            if step % 200 == 150:
                month.restart()
            month.step()
        if up:
            down.__exit__(None, None, None)
        audit(month, inbox, days)


def audit(month: Month, inbox: Inbox, days: int) -> None:
    private = sqlite3.connect(month.config.db.with_name("masthead.private.db"))
    archive = sqlite3.connect(month.config.db)
    jobs = dict(private.execute("select slot, state from jobs where job = 'crawl'"))
    ran = [slot for slot, state in jobs.items() if state in ("done", "partial")]
    assert month.crawls["daily"] == len(ran)
    assert not private.execute("select 1 from jobs where state = 'running'").fetchall()
    assert days - 5 <= len(jobs) <= days + 1
    assert not private.execute("select 1 from jobs where job = 'crawl' and state = 'crashed'").fetchall()
    for reader in ("ops", "lee"):
        windows = private.execute(
            "select from_at, until_at from deliveries where recipient = ? and kind = 'daily' order by until_at",
            (reader,),
        ).fetchall()
        assert all(before[1] == after[0] for before, after in pairwise(windows))
        assert len(windows) >= days - 4
    arrived = Counter(str(message["Message-ID"]) for message in inbox.taken)
    states = dict(private.execute("select message_id, state from deliveries"))
    assert set(arrived) <= set(states)
    assert set(arrived.values()) <= {1}
    assert {name for name, state in states.items() if state == "accepted"} == set(arrived)
    late = (month.now - timedelta(days=2)).isoformat()
    assert not private.execute("select 1 from notices where state = 'waiting' and at < ?", (late,)).fetchall()
    signals = set(archive.execute("select story_id, trigger from signals where at < ?", (late,)))
    noticed = set(private.execute("select story_id, trigger from notices where recipient = 'ops'"))
    assert signals <= noticed
    assert private.execute("select count(*) from notices").fetchone()[0] == len(
        set(private.execute("select recipient, story_id, trigger from notices"))
    )
    assert private.execute("select count(*) from deliveries where kind = 'service'").fetchone()[0] >= 1
    per_day = private.execute(
        "select max(n) from (select count(*) as n from deliveries where recipient = 'lee' and kind = 'instant'"
        " group by date(created_at, '-4 hours'))"
    ).fetchone()[0]
    assert per_day is None or per_day <= 3 + 1  # the clock of New York may stand an hour off the four used here


@pytest.mark.slow
def test_ten_days_with_everything_that_goes_wrong(quick_folder: Path) -> None:
    live(quick_folder, 10, 60)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_month_with_everything_that_goes_wrong(quick_folder: Path) -> None:
    live(quick_folder, 31, 10)


def test_a_second_service_elsewhere_is_told_who_runs(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, tzinfo=UTC), 25)
    other = Service(
        config=month.config,
        clock=lambda: month.now,
        runner=month.run,
        who=Holder(7, "desk-2", month.now, month.now),
        started_at=month.now,
    )
    with pytest.raises(AlreadyRunning, match="desk-1, pid 1001, since 2026-06-01"):
        other.take_over()
    month.now += ledger.LEASE
    other.take_over()


def test_a_bad_file_is_told_once_and_the_last_good_one_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 6, tzinfo=UTC), 25)
    with world(month.config.db) as made:
        month.world = made
        month.step()
        recipients = month.service.rules.recipients
        (tmp_path / "rules.toml").write_text("[[rules]]\nname = 1\n", encoding="utf-8")
        (tmp_path / "masthead.toml").write_text("[schedule]\ncrawl = 'noon'\n", encoding="utf-8")
        for _ in range(3):
            month.step()
    assert month.service.rules.recipients == recipients
    told = capsys.readouterr().err
    assert told.count("rules.toml:2") == 1
    assert told.count("masthead.toml:2") == 1


def test_a_good_crawl_is_told_to_the_switch_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    class Switch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Switch) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/alive"
        month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
        text = (tmp_path / "masthead.toml").read_text(encoding="utf-8")
        settings = text.replace("[schedule]", f'[schedule]\nping = "{address}"')
        (tmp_path / "masthead.toml").write_text(settings, encoding="utf-8")
        with world(month.config.db) as made:
            month.world = made
            month.step()
            month.step()
        assert asked == ["/alive"]
        server.shutdown()
    ping(address)
    assert "could not be told" in capsys.readouterr().err


def _jobs(month: Month, job: str) -> list[tuple[str, str]]:
    with sqlite3.connect(month.config.db.with_name("masthead.private.db")) as connection:
        return connection.execute("select slot, state from jobs where job = ? order by slot", (job,)).fetchall()


def test_what_is_killed_is_tried_once_more_and_what_is_refused_is_not(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
    ends = [-9, -9, 0]
    asked = []

    async def run(words: Sequence[str]) -> int:
        asked.append(words[0])
        return ends.pop(0) if "--all" in words else 0

    month.service.runner = run
    with world(month.config.db):
        for _ in range(4):
            month.step()
    assert _jobs(month, "crawl") == [("2026-06-01", "failed")]
    assert asked.count("retag") == 0
    assert len(ends) == 1


def test_while_somebody_crawls_by_hand_the_day_waits(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
    ends, asked = [5, 5, 0], []

    async def run(words: Sequence[str]) -> int:
        asked.extend([month.now.minute] if "--all" in words else [])
        return ends.pop(0) if "--all" in words else 0

    month.service.runner = run
    with world(month.config.db):
        for _ in range(15):
            month.step()
            month.now += timedelta(minutes=1)
    assert asked == [0, 5, 10]
    assert _jobs(month, "crawl") == [("2026-06-01", "done")]


def test_a_crawl_that_saw_nothing_is_no_good_crawl_and_somebody_is_told(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
    seen = True

    async def run(words: Sequence[str]) -> int:
        if words[0] == "crawl":
            assert month.world is not None
            number = month.world.store.start_run(month.now)
            month.world.store.end_run(number, "partial" if seen else "failed", month.now)
        return 6

    month.service.runner = run
    with world(month.config.db) as made:
        month.world = made
        month.step()
        seen = False
        for _ in range(29):
            month.now += timedelta(hours=1)
            month.step()
    assert _jobs(month, "crawl") == [("2026-06-01", "partial"), ("2026-06-02", "failed")]
    with sqlite3.connect(tmp_path / "masthead.private.db") as connection:
        notes = connection.execute("select recipient, subject from deliveries where kind = 'service'").fetchall()
    assert notes == [("ops", "Masthead needs somebody: The crawl has not gone well since 2026-06-01 08:00.")]


def test_what_follows_a_crawl_is_done_also_by_the_next_service(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
    settings = tmp_path / "masthead.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("[schedule]", '[schedule]\nbackup = "copies"'))
    worked = []

    async def run(words: Sequence[str]) -> int:
        if words[0] == "retag" and not worked.count("retag"):
            worked.append("retag")
            raise Killed
        worked.append(words[0])
        return 0

    for _ in range(2):
        month.service.runner = run
        with world(month.config.db), contextlib.suppress(Killed):
            asyncio.run(month.service.step())
        month.restart()
    assert worked == ["crawl", "retag", "retag", "backup", "crawl"]
    assert (tmp_path / "copies").is_dir()


def test_a_wild_clock_starts_nothing_and_says_so_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = Month(tmp_path, "UTC", datetime(1970, 1, 2, 8, tzinfo=UTC), 25)
    with world(month.config.db) as made:
        month.world = made
        month.step()
        month.step()
    assert month.crawls == {}
    assert capsys.readouterr().err.count("1970-01-02") == 1


def test_signals_of_a_long_crawl_are_not_passed_over(tmp_path: Path) -> None:
    month = Month(tmp_path, "UTC", datetime(2026, 6, 1, 8, tzinfo=UTC), 25)
    with world(month.config.db) as made:
        month.world = made
        month.fail = True
        month.step()
        story = made.story(month.now - timedelta(hours=5))  # seen five hours ago, stored now
        month.step()
    with sqlite3.connect(tmp_path / "masthead.private.db") as connection:
        assert (story,) in connection.execute("select story_id from notices").fetchall()
