"""`masthead status` and `masthead doctor`: what counts as wrong, what is said, and the exit code."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from db import ledger
from db.ledger import Done, Holder
from db.private import Private
from db.store import Store
from db.types import SourceMemory, SourceRun
from scheduler import doctor_cmd
from scheduler.config import Config
from scheduler.doctor_cmd import environment
from scheduler.status_cmd import coverage, judge_status
from tests.db_samples import source
from tests.masthead_cli import masthead

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)  # a Thursday
ZONE = ZoneInfo("Asia/Shanghai")


def row(name: str, state: str = "ok", code: str = "", **more: Any) -> dict[str, Any]:
    at = (NOW - timedelta(days=2)).isoformat()
    return {
        "id": name, "name": name.title(), "state": state, "code": code, "detail": "", "since": at, "enabled": 1,
        "moved_to": "", "kind": "trade", "url": "", "last_good_at": None, **more,
    }  # fmt: skip


def run(outcome: str = "good", hours: float = 2) -> dict[str, Any]:
    return {"outcome": outcome, "started_at": (NOW - timedelta(hours=hours)).isoformat()}


@pytest.mark.parametrize(
    ("last", "sources", "troubles"),
    [
        (run(), [row("a"), row("b", "quiet")], []),
        (run("partial"), [row("a")], []),
        (None, [], ["Nothing was crawled"]),
        (run("crashed"), [row("a")], ["without a word"]),
        (run("failed"), [row("a")], ["failed"]),
        (run(hours=27), [row("a")], ["27 hours ago"]),
        (run(hours=25.9), [row("a")], []),
        (run(), [row("a"), row("b", "refused", "forbidden")], ["1 of 2 sources"]),
        (run(), [row("a"), row("b", "silent")], ["silent"]),
        (run(), [row("a"), row("b", "broken", "timeout", enabled=0)], []),
        (run(), [row("a", "broken", "network_down"), row("b", "broken", "network_down")], ["offline"]),
    ],
)
def test_what_counts_as_wrong(last: Any, sources: list[dict[str, Any]], troubles: list[str]) -> None:
    found = judge_status(last, sources, NOW, Config()).troubles
    assert len(found) == len(troubles)
    assert all(words in trouble for words, trouble in zip(troubles, found, strict=True))


def test_the_line_about_blind_spots() -> None:
    sources = [row("a"), row("b", "broken", "timeout"), row("c", "refused", since="2026-01-05T00:00:00+00:00")]
    status = judge_status(run(), sources, NOW, Config())
    assert coverage(status, ZONE, NOW) == "1 of 3 sources seen; blind: B since Tue, C since 2026-01-05"
    quiet = judge_status(run(), [row("a"), row("b", "silent")], NOW, Config())
    assert coverage(quiet, ZONE, NOW) == "2 of 2 sources seen; silent: B since Tue"
    many = judge_status(run(), [row(f"s{n}", "broken") for n in range(9)], NOW, Config())
    assert coverage(many, ZONE, NOW).endswith("S4 since Tue and 4 more")
    assert coverage(judge_status(run(), [row("a")], NOW, Config()), ZONE, NOW) == "1 of 1 sources seen"


def watched(folder: Path, state: str = "ok", code: str = "") -> None:
    now = datetime.now(UTC)
    with Store.open(folder / "masthead.db") as store:
        store.sync_sources([source(), source("other")])
        run_id = store.start_run(now)
        for name, st, co in (("harbour", "ok", ""), ("other", state, code)):
            memory = SourceMemory(source_id=name, state=st, code=co, since=now, last_try_at=now)  # type: ignore[arg-type]  # parametrised
            report = SourceRun(source_id=name, state=st, code=co)  # type: ignore[arg-type]  # likewise
            store.record_source(run_id, report, memory, (), now)
        store.end_run(run_id, "good", now)


@pytest.mark.slow
def test_status_as_a_command(tmp_path: Path) -> None:
    assert masthead("status", cwd=tmp_path).returncode == 3
    watched(tmp_path)
    done = masthead("status", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 2 sources seen." in done.stdout
    watched(tmp_path, "refused", "challenge_page")
    done = masthead("status", cwd=tmp_path)
    assert done.returncode == 6
    assert "A bot check came instead of the content. [challenge_page]" in done.stdout
    told = json.loads(masthead("status", "--json", cwd=tmp_path).stdout)
    assert (told["well"], told["seen"], told["sources"]) == (False, 1, 2)
    assert [(s["id"], s["code"]) for s in told["blind"]] == [("other", "challenge_page")]
    assert told["archive"]["size_bytes"] > 0


@pytest.mark.slow
def test_doctor_as_a_command(tmp_path: Path) -> None:
    done = masthead("doctor", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not (tmp_path / "masthead.db").exists()
    watched(tmp_path)
    assert masthead("doctor", cwd=tmp_path).returncode == 0
    with closing(sqlite3.connect(tmp_path / "masthead.db")) as connection, connection:
        connection.execute("insert into origins (articles) values (3)")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "bad.toml").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "masthead.toml").write_text('[catalogue]\nfolders = ["sources"]\n', encoding="utf-8")
    done = masthead("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 6
    problems = {finding["name"] for finding in json.loads(done.stdout) if finding["level"] == "problem"}
    assert problems == {"catalogue", "origins"}
    (tmp_path / "masthead.toml").write_text("colour = 1\n", encoding="utf-8")
    done = masthead("doctor", cwd=tmp_path)
    assert (done.returncode, "masthead.toml:1" in done.stdout) == (6, True)


def test_the_environment_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.name for finding in environment() if finding.level == "problem"] == []
    monkeypatch.setattr(doctor_cmd, "_SQLITE", (99, 0))
    monkeypatch.setattr(
        doctor_cmd.importlib.metadata, "requires", lambda name: ["click>=99", "nosuchpackage", "x; extra == 'dev'"]
    )
    monkeypatch.setattr(
        doctor_cmd.importlib.metadata, "packages_distributions", lambda: {"db": ["masthead", "db-tools"]}
    )
    clock = lambda: datetime(1970, 1, 1, tzinfo=UTC)  # noqa: E731 (shorter than a function)
    found = {finding.name: finding.found for finding in environment(clock) if finding.level == "problem"}
    assert set(found) == {"SQLite", "packages", "rooms", "clock"}
    assert "click" in found["packages"]
    assert "nosuchpackage is missing" in found["packages"]
    assert "db of db-tools" in found["rooms"]


def test_jobs_that_failed_or_were_missed_are_shown(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    who = Holder(7, "desk-1", now, now)
    db = tmp_path / "masthead.db"
    with Store.open(db), Private.open(db) as private, private.writing() as connection:
        for job, state in (("crawl", "done"), ("backup", "failed")):
            ledger.begin(connection, job, "2026-03-11", now - timedelta(hours=2), who)
            ledger.end(connection, job, "2026-03-11", cast(Done, state), now, "exit code 3")
        ledger.note_missed(connection, "crawl", "2026-03-10", now - timedelta(hours=26), now)
    done = masthead("status", cwd=tmp_path)
    assert done.returncode == 6
    assert "The job backup of 2026-03-11 failed: exit code 3" in done.stdout
    assert "2026-03-10  missed" in done.stdout
