"""A refused source file stops no crawl of the others: its last good copy is crawled, or it is left out and named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import DataFileError
from scheduler.config import Catalogue, Config
from scheduler.own_sources import keep, kept_folder, sources_in_force, why_refused
from tests.masthead_cli import masthead
from tests.test_scheduler_crawl import publisher, team

GOOD = """\
id = "%s"
name = "A source"
kind = "trade"
language = "en"
access = "feed"
url = "%s"
fetch_articles = false
allow_addresses = ["127.0.0.0/8"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "sources").mkdir()
    write(tmp_path, "harbour")
    write(tmp_path, "quay")
    return replace(Config(), folder=tmp_path, catalogue=Catalogue(builtin=False, folders=("sources",)))


def write(folder: Path, name: str, url: str = "https://harbour.example/feed", more: str = "") -> Path:
    path = folder / "sources" / f"{name}.toml"
    path.write_text(GOOD % (name, url) + more, encoding="utf-8")
    return path


def test_a_refused_file_leaves_its_last_good_copy_in_force(config: Config, tmp_path: Path) -> None:
    keep(config, config.db, sources_in_force(config, config.db))
    path = write(tmp_path, "quay", "https://moved.example/feed", 'colour = "blue"\nshape = 7\n')
    now = sources_in_force(config, config.db)
    assert [(name, source.url) for name, source in now.sources.items()] == [
        ("harbour", "https://harbour.example/feed"), ("quay", "https://harbour.example/feed"),
    ]  # fmt: skip
    (warning,) = now.warnings()
    assert warning.startswith(f"{path}:9: colour: ")
    assert warning.endswith("; its last good copy stays in force")
    assert why_refused(config) == [warning]
    keep(config, config.db, now)
    assert "quay" in sources_in_force(config, config.db).sources, "it is kept as long as the file is refused"
    path.unlink()
    now = sources_in_force(config, config.db)
    assert (list(now.sources), now.troubles) == (["harbour"], ())
    keep(config, config.db, now)
    assert [path.name for path in kept_folder(config.db).iterdir()] == ["harbour.toml"]


def test_a_new_file_that_is_refused_is_left_out_and_can_not_be_asked_for(config: Config, tmp_path: Path) -> None:
    write(tmp_path, "quay", "https://harbour.example/\\r\\nX-Evil: 1")
    now = sources_in_force(config, config.db)
    assert list(now.sources) == ["harbour"]
    assert now.warnings()[0].endswith("; it is left out")
    assert now.about(["harbour"]).troubles == ()
    with pytest.raises(DataFileError, match="url"):
        now.about(["quay"])


def test_a_folder_that_is_not_there_is_no_empty_one(config: Config, tmp_path: Path) -> None:
    (tmp_path / "sources").rename(tmp_path / "elsewhere")
    with pytest.raises(DataFileError, match="does not exist"):
        sources_in_force(config, config.db)
    assert len(why_refused(config)) == 1


@pytest.mark.slow
def test_the_others_are_crawled_and_the_exit_code_says_it(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 1), publisher("quay", 1)):
        assert masthead("crawl", "--all", "--quiet", cwd=tmp_path).returncode == 0
        bad = write(tmp_path, "quay", "ftp://quay.example/")
        done = masthead("crawl", "--all", "--json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_code"]) == (4, 4)
    assert {run["source_id"]: run["code"] for run in report["sources"]} == {"harbour": "", "quay": ""}
    assert f"{bad}:6: url" in done.stderr
    assert "Traceback" not in done.stderr
    status = masthead("status", "--json", cwd=tmp_path)
    assert status.returncode == 6
    assert "quay.toml" in json.loads(status.stdout)["troubles"][0]
