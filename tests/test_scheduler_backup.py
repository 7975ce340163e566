"""`masthead backup` and `masthead restore`, as users run them: beside a crawl, beside the desk, and twice."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from scheduler.locks import only_one
from tests.masthead_cli import COMMAND, environment, masthead
from tests.test_db_backup import articles, filled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    filled(tmp_path / "masthead.db", 4)
    return tmp_path


@pytest.mark.slow
def test_a_round_trip(folder: Path) -> None:
    done = masthead("backup", "copy.db", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Written and checked" in done.stdout
    again = masthead("backup", "copy.db", cwd=folder)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert masthead("backup", "copy.db", "--force", "--json", cwd=folder).returncode == 0
    filled(folder / "masthead.db", 6)
    done = masthead("restore", "copy.db", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    (kept,) = json.loads(done.stdout)["kept"]
    assert (articles(folder / kept), articles(folder / "masthead.db")) == (6, 4)


@pytest.mark.slow
def test_what_is_in_the_way_is_named(folder: Path) -> None:
    assert masthead("backup", "copy.db", cwd=folder).returncode == 0
    with only_one(folder / "masthead.db"):
        done = masthead("restore", "copy.db", cwd=folder)
    assert (done.returncode, "pid" in done.stderr) == (5, True)
    (folder / "mud.db").write_bytes(b"mud" * 999)
    for name, code in (("mud.db", "store_corrupt"), ("nowhere.db", "store_missing")):
        done = masthead("restore", name, cwd=folder)
        assert (done.returncode, code in done.stderr, "Traceback" in done.stderr) == (3, True, False)
        assert "masthead crawl" not in done.stderr, "a new archive is not what the person wants"
    assert masthead("backup", "x.db", "--db", "none.db", cwd=folder).returncode == 3
    assert articles(folder / "masthead.db") == 4


@pytest.mark.slow
def test_the_desk_is_not_robbed_of_its_archive(folder: Path) -> None:
    assert masthead("backup", "copy.db", cwd=folder).returncode == 0
    desk = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=folder, env=environment(), text=True, stderr=subprocess.PIPE
    )
    try:
        assert desk.stderr is not None
        address = desk.stderr.readline().split()[2]
        with urllib.request.urlopen(f"{address}masthead/articles") as page:
            assert page.status == 200
        done = masthead("restore", "copy.db", cwd=folder)
        assert (done.returncode, "desk" in done.stderr, "store_locked" in done.stderr) == (3, True, True)
        assert masthead("backup", "beside.db", cwd=folder).returncode == 0
    finally:
        desk.terminate()
        desk.communicate(timeout=30)
    assert masthead("restore", "copy.db", cwd=folder).returncode == 0
    assert articles(folder / "masthead.db") == 4
