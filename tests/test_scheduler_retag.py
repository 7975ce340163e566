"""`masthead retag` as people run it: what would change, what changed, and that no moment is a bad one to end it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from pipelines.copies import best_match
from pipelines.lexicon import load_lexicon
from scheduler.locks import only_one
from tests.db_samples import article, source, tagged
from tests.masthead_cli import COMMAND, environment, masthead

OWN = """\
[[event]]
id = "platform/fees"
strong = ["pallet levy"]
"""


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "masthead.toml").write_text('[lexicon]\nfolders = ["lexicon"]\n', encoding="utf-8")
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "ours.toml").write_text(OWN, encoding="utf-8")
    return tmp_path


def fill(folder: Path, articles: int) -> None:
    """So many articles, tagged by a lexicon of long ago."""
    with Store.open(folder / "masthead.db") as store:
        store.sync_sources([source()])
        for number in range(articles):
            title = f"Marketplace number {number} adds a pallet levy for sellers"
            goods = " ".join(f"lot{number * 7919 + place}" for place in range(30))  # else all would copy one another
            text = f"The pallet levy of marketplace {number} begins in March for {goods}."
            store.save(tagged(article(title, text, url=f"https://harbour.example/{number}")), best_match)


def versions(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "masthead.db")) as connection:
        return dict(connection.execute("select lexicon, count(*) from articles group by lexicon"))


def answer(folder: Path, *words: str) -> dict[str, Any]:
    done = masthead("retag", "--json", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_a_dry_run_tells_and_changes_nothing_and_the_real_one_does_it_once(team: Path) -> None:
    fill(team, 7)
    before = (team / "masthead.db").read_bytes()
    told = answer(team, "--dry-run")
    assert (team / "masthead.db").read_bytes() == before
    assert versions(team) == {"1": 7}
    assert not (team / "masthead.lexicon").exists()
    assert (told["asked"], told["looked"], told["changed"]) == (7, 7, 7)
    assert told["types"] == {"platform/fees": {"gained": 7, "lost": 0}}
    rule = next(rule.id for rule in load_lexicon(own=[team / "lexicon"]).rules if rule.pattern.source == "pallet levy")
    assert told["rules"][rule] == {"gained": 7, "lost": 0}
    example = told["examples"][0]
    assert (example["type"], example["gained"], example["rule"]) == ("platform/fees", True, rule)
    assert "pallet levy" in example["sentence"]

    done = answer(team)
    assert {key: done[key] for key in ("changed", "types", "rules")} == {
        key: told[key] for key in ("changed", "types", "rules")
    }
    assert versions(team) == {told["lexicon"]: 7}
    with closing(sqlite3.connect(team / "masthead.db")) as connection:
        assert connection.execute("select count(*) from story_articles").fetchone() == (7,)
        assert connection.execute("select count(*) from signals where not baseline").fetchone() == (0,)
        assert connection.execute("select upto from story_state").fetchone() == (None,)
    assert answer(team)["asked"] == 0
    people = masthead("retag", "--dry-run", cwd=team)
    assert "nothing to do" in people.stdout
    assert (team / "masthead.lexicon" / "000" / "ours.toml").read_text(encoding="utf-8") == OWN


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_may_be_ended_at_any_moment_and_goes_on_from_there(team: Path, number: signal.Signals) -> None:
    fill(team, 400)
    process = subprocess.Popen(
        [*COMMAND, "retag"], cwd=team, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        while process.poll() is None and len(versions(team)) == 1 and "1" in versions(team):
            time.sleep(0.02)
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    if number == signal.SIGTERM:
        assert process.returncode == 11, said
        assert "goes on from there" in said
    left = versions(team)["1"]
    assert 0 < left < 400
    assert answer(team)["looked"] == left
    assert "1" not in versions(team)
    with closing(sqlite3.connect(team / "masthead.db")) as connection:
        assert connection.execute("select count(*) from events where type = 'platform/fees'").fetchone() == (400,)
        assert connection.execute("select count(*) from story_articles").fetchone() == (400,)
        assert connection.execute("select upto from story_state").fetchone() == (None,)


@pytest.mark.slow
def test_refusals(team: Path) -> None:
    assert masthead("retag", cwd=team).returncode == 3  # no archive
    fill(team, 1)
    with only_one(team / "masthead.db"):
        busy = masthead("retag", cwd=team)
    assert busy.returncode == 5
    assert "Traceback" not in busy.stderr
    (team / "lexicon" / "ours.toml").write_text(OWN + 'weak = ["(open"]\n', encoding="utf-8")
    refused = masthead("retag", "--dry-run", cwd=team)
    assert refused.returncode == 4
    assert "ours.toml:4" in refused.stderr
    assert versions(team) == {"1": 1}
