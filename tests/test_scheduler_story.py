"""`masthead story`, `export stories`, and the stories that search and status show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from pipelines.copies import best_match
from scheduler.cli import run
from tests.db_samples import source
from tests.story_samples import RULES, read_before, told


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "m.db"
    with Store.open(path) as store:
        store.sync_sources([source(), source("newsroom", kind="official", speaks_for=("tiktok",))])
        read_before(store)
        for number in (1, 2, 3):
            store.save(told("ads", number), best_match, RULES)
        store.save(told("fees", 1, source_id="newsroom", source_kind="official"), best_match, RULES)
    return path


class Said:
    """What a command wrote, and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], db: Path) -> None:
        self._capsys, self._db = capsys, str(db)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = run([*words, "--db", self._db])
        caught = self._capsys.readouterr()
        return code, caught.out, caught.err

    def json(self, *words: str) -> Any:
        code, out, err = self(*words, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], db: Path) -> Said:
    return Said(capsys, db)


def ids(say: Said) -> list[str]:
    """Story ids, the one with most articles first."""
    code, out, _ = say("export", "stories")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    return [row["id"] for row in sorted(rows, key=lambda row: -row["articles"])]


def test_a_decision_is_made_logged_shown_and_undone(say: Said) -> None:
    ads, fees = ids(say)
    made = say.json("story", "merge", ads, fees, "--by", "Anna", "--reason", "the same")
    assert (made["kind"], made["story_id"], made["other_story_id"], made["undone"]) == ("merge", ads, fees, False)
    assert ids(say) == [fees]
    code, out, err = say("story", "show", ads)
    assert code == 0
    assert f"{ads} was merged into {fees}" in err
    assert "decision 1: merge by Anna, the same" in out
    code, out, _ = say("story", "undo", "1", "--by", "Bo")
    assert code == 0
    assert "Decision 1 (merge) undone." in out
    assert ids(say) == [ads, fees]
    assert "undone by Bo" in say("story", "show", fees)[1]


def test_split_move_and_status(say: Said) -> None:
    ads, fees = ids(say)
    code, out, _ = say("story", "split", ads, "2", "3", "--by", "Anna")
    assert code == 0
    assert "masthead story undo 1" in out
    assert say.json("story", "move", "3", fees, "--by", "Anna")["kind"] == "move"
    members = {row["id"] for row in say.json("story", "show", fees)["members"]}
    assert members == {3, 4}
    say.json("story", "status", fees, "denied", "--by", "Anna", "--reason", "they told us")
    found = say.json("story", "show", fees)
    assert (found["status"], found["status_by"]) == ("denied", "Anna")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("story", "show", "st-no"), "there is no story 'st-no'"),
        (("story", "merge", "st-no", "st-neither"), "there is no story 'st-no'"),
        (("story", "status", "STORY", "denied"), "a status needs its reason"),
        (("story", "status", "STORY", "maybe", "--reason", "x"), "'maybe' is not one of"),
        (("story", "move", "1", "STORY", "--by", "rule"), "a person decides here"),
        (("story", "undo", "7"), "there is no decision 7"),
    ],
)
def test_what_can_not_be_is_told_in_a_line(say: Said, words: tuple[str, ...], message: str) -> None:
    story = ids(say)[0]
    code, out, err = say(*(story if word == "STORY" else word for word in words))
    assert (code, out) == (2, "")
    assert message in err


def test_exports_name_their_stories(say: Said) -> None:
    ads, fees = ids(say)
    rows = [json.loads(line) for line in say("export", "articles")[1].splitlines()]
    assert [row["story"] for row in rows] == [ads, ads, ads, fees]
    code, out, _ = say("export", "stories", "--csv")
    assert code == 0
    head, *lines = out.split("\r\n")
    assert head.startswith("id,first_at,last_at")
    assert len([line for line in lines if line]) == 2


def test_search_and_status_show_stories(say: Said) -> None:
    ads, _ = ids(say)
    hits = [json.loads(line) for line in say("search", "ads", "--json")[1].splitlines()]
    assert {hit["story"]["id"] for hit in hits} == {ads}
    assert ads in say("search", "ads")[1]
    assert "Stories: 2 (" in say("status")[1]
    archive = json.loads(say("status", "--json")[1])["archive"]
    assert (archive["stories"], archive["statuses"]) == (2, {"official": 1, "reported": 1})
