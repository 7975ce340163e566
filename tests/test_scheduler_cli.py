"""The command line as a contract: names, help with examples, exit codes, suggestions."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import click
import pytest

from scheduler import cli
from tests.masthead_cli import masthead


def commands() -> list[tuple[str, click.Command]]:
    found = []
    context = click.Context(cli.cli)
    for name in cli.cli.list_commands(context):
        command = cli.cli.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", child) for sub, child in command.commands.items()]
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_shows_examples(name: str, command: click.Command) -> None:
    shown = command.get_help(click.Context(command, info_name=name))
    assert f"masthead {name}" in shown
    assert "Example" in shown


def test_the_commands_are_those_that_belong_here() -> None:
    assert set(cli.cli.list_commands(click.Context(cli.cli))) == {
        "demo", "init", "crawl", "serve", "sources", "retag", "eval", "search", "export", "tag", "extract", "assess",
        "backup", "restore", "status", "doctor", "forget", "story", "thread", "alerts", "run", "clip",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "masthead demo"),
        (["--version"], 0, "masthead"),
        (["crwal"], 2, 'did you mean "crawl"'),
        (["crawl", "--everything"], 2, "No such option"),
        (["crawl", "amz-pres"], 2, 'did you mean "amz-press"'),
        (["crawl", "--since", "yesterday"], 2, "30d"),
        (["search", "x"], 3, "store_missing"),
        (["export", "articles"], 3, "store_missing"),
        (["crawl", "--config", "missing.toml"], 4, "can not be read"),
        (["serve", "--host", "0.0.0.0"], 2, "password"),
    ],
)
def test_exit_codes_and_messages(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = masthead(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_init_writes_what_the_other_commands_read_and_never_overwrites(tmp_path: Path) -> None:
    assert masthead("init", "team", cwd=tmp_path).returncode == 0
    team = tmp_path / "team"
    assert masthead("sources", "check", cwd=team).returncode == 0
    (team / "sources" / "my-blog.toml.example").rename(team / "sources" / "my-blog.toml")
    listed = masthead("sources", "list", "--kind", "kol", cwd=team)
    assert "my-blog" in listed.stdout
    before = (team / "masthead.toml").read_text(encoding="utf-8")
    again = masthead("init", "team", cwd=tmp_path)
    assert (again.returncode, "left as it is" in again.stderr) == (2, True)
    assert (team / "masthead.toml").read_text(encoding="utf-8") == before


def test_the_four_names_belong_to_this_distribution() -> None:
    owners = importlib.metadata.packages_distributions()
    for name in ("crawler", "pipelines", "scheduler", "db"):
        assert set(owners[name]) == {"masthead"}
