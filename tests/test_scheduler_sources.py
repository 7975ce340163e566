"""`masthead sources list` and `check`, and the reference pages made from the same table."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.catalogue import load_catalogue
from db.errors import CODES
from db.store import Store
from db.types import SourceMemory
from scheduler.reference import PAGES, stale
from scheduler.sources_cmd import sources_group

GOOD = """\
id = "blog"
name = "一个博客"
kind = "kol"
language = "zh"
access = "feed"
url = "https://blog.example/feed.xml"
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and one own source, without the shipped ones."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "blog.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "masthead.toml").write_text('[catalogue]\nbuiltin = false\nfolders = ["sources"]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    result = CliRunner().invoke(sources_group, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_list_shows_a_table_without_an_archive(team: Path) -> None:
    shown = run("list").stdout.splitlines()
    assert shown[0].split() == ["id", "name", "kind", "language", "access", "enabled", "state"]
    assert shown[1].split() == ["blog", "一个博客", "kol", "zh", "feed", "yes"]
    assert shown[-1] == "1 source, 1 enabled."
    assert not (team / "masthead.db").exists()


def test_list_shows_the_state_of_the_archive(team: Path) -> None:
    at = datetime(2024, 8, 8, tzinfo=UTC)
    with Store.open(team / "masthead.db") as store:
        store.sync_sources(load_catalogue([team / "sources"], builtin=False).values())
        store.remember(SourceMemory(source_id="blog", state="refused", code="forbidden", since=at, last_try_at=at))
    assert "refused (forbidden)" in run("list").stdout
    answer = json.loads(run("list", "--json").stdout)
    assert [(row["id"], row["state"], row["hosts"]) for row in answer] == [("blog", "refused", ["blog.example"])]


def test_list_by_kind(team: Path) -> None:
    assert json.loads(run("list", "--json", "--kind", "official").stdout) == []
    assert "No source" in run("list", "--kind", "official").stdout
    assert run("list", "--kind", "offical").exit_code == 2


def test_check_is_quiet_about_good_files(team: Path) -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "1 good, 0 problems.\n")


def test_check_shows_every_problem_with_its_place(team: Path) -> None:
    bad = GOOD.replace('"kol"', '"kool"').replace('"zh"', '"zz"').replace('id = "blog"', 'id = "bad"')
    (team / "sources" / "bad.toml").write_text(bad, encoding="utf-8")
    (team / "sources" / "worse.toml").write_text("id = \n", encoding="utf-8")
    result = run("check")
    assert result.exit_code == 4
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{team}/sources/bad.toml:3: kind: ")
    assert lines[1].startswith(f"{team}/sources/bad.toml:4: language: ")
    assert lines[2].startswith(f"{team}/sources/worse.toml:1: is not valid TOML")
    assert lines[3] == "1 good, 3 problems."


def test_check_of_named_files_looks_at_no_others(team: Path) -> None:
    (team / "sources" / "bad.toml").write_text("x = 1\n", encoding="utf-8")
    assert run("check", "sources/blog.toml").exit_code == 0
    result = run("check", "sources/blog.toml", "sources/bad.toml", "sources/nowhere.toml")
    assert result.exit_code == 4
    assert "unknown key" in result.stdout
    assert "sources/nowhere.toml: can not be read" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 good, ")


def test_check_of_the_shipped_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.endswith("good, 0 problems.\n")


@pytest.mark.parametrize("words", [(), ("list",), ("check",)])
def test_help_shows_examples_first(words: tuple[str, ...]) -> None:
    shown = run(*words, "--help").stdout
    assert 0 < shown.index("Examples:") < shown.index("Options:")


# ------------------------------------------------------------------ the reference
def test_the_reference_is_fresh() -> None:
    command = [sys.executable, "-m", "scheduler.reference", "--check"]  # click remembers how others asked for help
    assert subprocess.run(command, check=False).returncode == 0, "run python -m scheduler.reference"


def test_stale_pages_are_named(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page(), encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "errors.md").write_text("old", encoding="utf-8")
    (tmp_path / "sources.md").unlink()
    assert stale(tmp_path) == ["sources.md", "errors.md"]


def test_the_reference_holds_every_source_and_code() -> None:
    sources, errors = PAGES["sources.md"](), PAGES["errors.md"]()
    assert all(f"[`{source_id}`]" in sources for source_id in load_catalogue([]))
    assert all(f"`{code}`" in errors and row.zh in errors for code, row in CODES.items())


@pytest.mark.parametrize("name", PAGES)
def test_tables_of_the_reference_are_whole(name: str) -> None:
    widths = []
    for line in PAGES[name]().splitlines():
        if line.startswith("|"):
            widths.append(line.replace("\\|", "").count("|"))
        else:
            assert len(set(widths)) <= 1, line
            widths = []
