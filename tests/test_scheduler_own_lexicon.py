"""A team's own lexicon: taken over when it is good, refused with its line when it is not; then the last good one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import DataFileError
from pipelines.lexicon import load_lexicon
from pipelines.lint import lint, main
from pipelines.tag import tag
from scheduler.config import Config, Words
from scheduler.own_lexicon import kept_folder, settle, why_refused
from tests.masthead_cli import ROOT, masthead
from tests.test_scheduler_crawl import publisher
from tests.test_scheduler_crawl import team as served

COMPANY = """\
[[entity]]
id = "quayside"
kind = "platform"
en = "Quayside"
zh = "码头集"
aliases = ["quayside market", "码头集"]

[[event]]
id = "platform/fees"
strong = ["pallet levy"]
yes = ["Marketplace adds a pallet levy"]
"""
BAD = '[[event]]\nid = "platform/fees"\nstrong = ["fee", "(open"]\n'


def ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "lexicon").mkdir(exist_ok=True)
    (tmp_path / "lexicon" / "ours.toml").write_text(text, encoding="utf-8")


def team(tmp_path: Path, text: str = COMPANY) -> Config:
    ours(tmp_path, text)
    return replace(Config(), folder=tmp_path, lexicon=Words(folders=("lexicon",)))


def test_own_words_add_to_the_shipped_ones(tmp_path: Path) -> None:
    lexicon = load_lexicon(own=team(tmp_path).lexicon_folders)
    tags = tag("Quayside Market adds pallet levy for sellers", "Amazon does not.", lexicon)
    assert {mention.entity for mention in tags.mentions} == {"quayside", "amazon"}
    assert tags.events[0].type == "platform/fees"
    assert tags.events[0].parties == {"agent": ("quayside",)}
    assert tags.lexicon != load_lexicon().version
    assert lint(lexicon) == []


def test_a_table_may_stand_instead_of_the_shipped_ones(tmp_path: Path) -> None:
    text = '[[event]]\nid = "platform/fees"\nreplaces = true\nstrong = ["pallet levy"]\n'
    lexicon = load_lexicon(own=team(tmp_path, text).lexicon_folders)
    fees = [rule for rule in lexicon.rules if rule.kind == "event" and rule.target == "platform/fees"]
    assert [rule.pattern.source for rule in fees] == ["pallet levy"]
    assert len(lexicon.entities) == len(load_lexicon().entities)


def test_own_weight_of_a_shipped_cue_holds(tmp_path: Path) -> None:
    weak = next(rule for rule in load_lexicon().rules if rule.kind == "event" and rule.weight < 1)
    text = f'[[event]]\nid = "{weak.target}"\nstrong = [{json.dumps(weak.pattern.source)}]\n'
    lexicon = load_lexicon(own=team(tmp_path, text).lexicon_folders)
    same = [r for r in lexicon.rules if (r.kind, r.target, r.pattern) == ("event", weak.target, weak.pattern)]
    assert [rule.weight for rule in same] == [1.0]
    assert [rule.id for rule in same] == [weak.id]


def test_shipped_rules_are_switched_off_by_id(tmp_path: Path) -> None:
    rule = load_lexicon().rules[-1]
    lexicon = load_lexicon(own=team(tmp_path, f'[[off]]\nrules = ["{rule.id}", "fees-000000"]\n').lexicon_folders)
    assert rule.id not in {other.id for other in lexicon.rules}
    (remark,) = lint(lexicon)
    assert (remark.code, remark.what) == ("idle", "fees-000000")
    assert remark.place.endswith("ours.toml:2")


REFUSED = {
    "a new id without a kind": ('[[entity]]\nid = "quaysde"\naliases = ["x y"]\n', 2, "give it kind and en"),
    "a slip in a known id": ('[[entity]]\nid = "amazn"\naliases = ["x y"]\n', 2, 'did you mean "amazon"'),
    "a known id declared again": ('[[entity]]\nid = "amazon"\nkind = "platform"\nen = "A"\n', 3, "known already"),
    "no English name": ('[[entity]]\nid = "quayside"\nkind = "platform"\n', 2, "English name"),
    "an unknown kind": ('[[entity]]\nid = "quayside"\nkind = "shop"\nen = "Q"\n', 3, "authority"),
    "an unknown parent": ('[[entity]]\nid = "quayside"\nkind = "platform"\nen = "Q"\nparent = "amazn"\n', 5, "amazon"),
    "an id with blanks": ('[[entity]]\nid = "Quay side"\nkind = "platform"\nen = "Q"\n', 2, "small letters"),
    "a cue twice": ('[[event]]\nid = "state/ban"\nstrong = ["quux", "quux"]\n', 3, "twice"),
    "nothing to switch off": ("[[off]]\nrule = []\n", 2, "rules"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_own_file_is_refused_with_line_and_what_is_allowed(tmp_path: Path, name: str) -> None:
    text, line, told = REFUSED[name]
    with pytest.raises(DataFileError) as caught:
        load_lexicon(own=team(tmp_path, text).lexicon_folders)
    assert caught.value.file.endswith("ours.toml")
    assert caught.value.line == line
    assert told in caught.value.message


@pytest.mark.slow
def test_the_last_good_copy_stays_in_force(tmp_path: Path) -> None:
    config = team(tmp_path)
    good = settle(config)
    assert (good.folders, good.trouble) == ((kept_folder(config.db) / "000",), None)
    version = load_lexicon(own=config.lexicon_folders).version
    assert load_lexicon(own=good.folders).version == version  # a copy elsewhere is the same lexicon

    team(tmp_path, BAD)
    kept = settle(config)
    assert kept.folders == good.folders
    assert "ours.toml:3" in kept.warning
    assert "last good copy" in kept.warning
    assert load_lexicon(own=kept.folders).version == version
    assert "ours.toml:3" in why_refused(config)

    team(tmp_path)
    assert settle(config).warning == "" == why_refused(config)
    (tmp_path / "lexicon" / "ours.toml").unlink()
    assert settle(config).folders == ()
    assert not kept_folder(config.db).exists()


def test_a_bad_first_file_leaves_the_shipped_lexicon(tmp_path: Path) -> None:
    found = settle(team(tmp_path, BAD))
    assert found.folders == ()
    assert "shipped lexicon alone" in found.warning


def test_a_copy_that_this_version_no_longer_understands_is_not_used(tmp_path: Path) -> None:
    config = team(tmp_path)
    settle(config)
    (kept_folder(config.db) / "000" / "ours.toml").write_text(BAD, encoding="utf-8")
    team(tmp_path, BAD)
    assert settle(config).folders == ()


def test_lint_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = team(tmp_path, COMPANY + 'no = ["Sellers must pay a pallet levy"]\n').lexicon_folders[0]
    assert main([str(folder)]) == 1
    assert "ours.toml:12: Sellers must pay a pallet levy: is read as platform/fees" in capsys.readouterr().err
    team(tmp_path, BAD)
    assert main([str(folder)]) == 4
    assert main([]) == 0


@pytest.mark.slow
def test_the_filter_reads_them_and_refuses_bad_ones(tmp_path: Path) -> None:
    team(tmp_path)
    (tmp_path / "masthead.toml").write_text('[lexicon]\nfolders = ["lexicon"]\n', encoding="utf-8")
    line = json.dumps({"id": 1, "title": "码头集上线", "text": ""})
    done = masthead("tag", "--jsonl", cwd=tmp_path, stdin=line + "\n")
    assert [entity["id"] for entity in json.loads(done.stdout)["entities"]] == ["quayside"]
    team(tmp_path, BAD)
    done = masthead("tag", "--jsonl", cwd=tmp_path, stdin=line + "\n")
    assert (done.returncode, done.stdout) == (4, "")
    assert "ours.toml:3" in done.stderr
    doctor = masthead("doctor", cwd=tmp_path)
    assert "ours.toml:3" in doctor.stdout
    assert "last good copy" in doctor.stdout


def test_the_example_that_init_writes_is_clean(tmp_path: Path) -> None:
    assert masthead("init", cwd=tmp_path).returncode == 0
    example = tmp_path / "lexicon" / "ours.toml.example"
    example.rename(example.with_suffix(""))
    lexicon = load_lexicon(own=[tmp_path / "lexicon"])
    assert [path.name for path in lexicon.own] == ["ours.toml"]
    assert lint(lexicon) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lexicon.md", "lexicon.zh.md"])
def test_what_the_guide_shows_is_understood(tmp_path: Path, name: str) -> None:
    guide = (ROOT / "docs" / name).read_text(encoding="utf-8")
    shown = [block for block in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL) if "[[" in block]
    together = [block for block in shown if "replaces" not in block]
    assert len(together) >= 3
    config = team(tmp_path, "\n".join(together))
    assert {remark.code for remark in lint(load_lexicon(own=config.lexicon_folders))} <= {"idle"}
    for block in shown:
        load_lexicon(own=team(tmp_path, block).lexicon_folders)


@pytest.mark.slow
def test_a_crawl_tags_with_the_team_s_words_and_a_bad_file_does_not_stop_it(tmp_path: Path) -> None:
    with served(tmp_path, publisher("harbour", 1)):
        ours(tmp_path, '[[event]]\nid = "platform/fees"\nstrong = ["duty number"]\n')
        config = (tmp_path / "masthead.toml").read_text(encoding="utf-8")
        (tmp_path / "masthead.toml").write_text(config + '[lexicon]\nfolders = ["lexicon"]\n', encoding="utf-8")
        assert masthead("crawl", "--all", "--quiet", cwd=tmp_path).returncode == 0
        ours(tmp_path, BAD)
        done = masthead("crawl", "--all", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (4, 4)
    assert "ours.toml:3" in done.stderr
    assert "last good copy" in done.stderr
    assert "Traceback" not in done.stderr
    (article, *_) = map(json.loads, masthead("export", "articles", cwd=tmp_path).stdout.splitlines())
    assert "platform/fees" in article["event_types"]
    status = masthead("status", "--json", cwd=tmp_path)
    assert any("ours.toml:3" in trouble for trouble in json.loads(status.stdout)["troubles"])
