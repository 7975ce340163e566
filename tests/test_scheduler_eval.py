"""`masthead eval`: the quality card for people and programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.crossing import FOLDS, fold_of
from pipelines.lexicon import load_lexicon
from scheduler.cli import run
from scheduler.eval_cmd import markdown, plain
from scheduler.eval_sections import Material, measure, real_news
from tests.masthead_cli import masthead

ROW = {
    "id": "g-1", "date": "2024-08-08", "lang": "en", "title": "Watchdog fines Temu over fake discounts", "text": "",
    "relevance": 2, "entities": ["temu"], "events": ["legal/penalty"], "attribution": "official",
    "polarity": "asserted", "modality": "done", "origin": "x", "set": "y",
}  # fmt: skip


def gold_folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "dev.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_card_has_every_section_that_has_its_data(tmp_path: Path) -> None:
    lexicon = load_lexicon()
    sections = measure(Material(lexicon))
    assert [section.name for section in sections] == ["own", "denials", "world", "stories", "changes", "speed"]
    assert sections[0].figures["spans"] == {"broken": 0}
    assert sections[1].figures["denial_read_as_confirmed.all"]["count"] == 0
    card = markdown(sections, "v1")
    assert card.startswith("<!-- Made by `make quality`")
    assert "| platform/fees |" in card
    assert "Figures of the machine" in plain(sections, "v1")
    section = real_news(Material(lexicon, gold_folder(tmp_path, json.dumps(ROW) + "\n")))
    assert section is not None
    assert section.figures["events.en"]["n"] == 1
    assert "In-sample" in " ".join(section.notes)


@pytest.mark.slow
def test_the_command_answers_in_json_and_writes_the_card(tmp_path: Path) -> None:
    folder = gold_folder(tmp_path, json.dumps(ROW) + "\n")
    done = masthead("eval", "--json", "--gold", str(folder), "--write", "card.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["lexicon"] == load_lexicon().version
    assert set(answer["sections"]) == {"own", "denials", "world", "gold", "stories", "changes", "speed"}
    assert answer["sections"]["own"]["events.all"]["n"] > 100
    assert "## Real news" in (tmp_path / "card.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("text", "code"), [("{broken\n", 4), ('{"id": "x"}\n', 4), ("[1]\n", 4)])
def test_a_bad_gold_file_is_refused(tmp_path: Path, text: str, code: int) -> None:
    done = masthead("eval", "--gold", str(gold_folder(tmp_path, text)), cwd=tmp_path)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "dev.jsonl" in done.stderr


def test_a_folder_without_gold_is_a_wrong_use(tmp_path: Path) -> None:
    done = masthead("eval", "--gold", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert "dev.jsonl" in done.stderr


def test_cross_validation_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scheduler.eval_cmd.can_cross", lambda: False)
    assert run(["eval", "--crossed"]) == 2
    assert "masthead[train]" in capsys.readouterr().err


def test_each_item_lies_in_one_part_whatever_the_others_are() -> None:
    parts = [fold_of(f"dev-en-{number:04}") for number in range(540)]
    assert set(parts) == set(range(FOLDS))
    assert min(map(parts.count, range(FOLDS))) > 80
