"""The rules file: refused with file, line and what is allowed; what is right is read as written."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from db.errors import DataFileError
from scheduler.init_cmd import _RULES
from scheduler.rules import load_rules
from scheduler.rules_file import add_silence

GOOD = """\
[[recipients]]
name = "ops"
address = "ops@desk.example"
quiet = "22:00-07:00"

[[rules]]
name = "all"
to = ["ops"]
"""


def test_defaults_come_from_the_team(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(GOOD, encoding="utf-8")
    found = load_rules(tmp_path / "rules.toml", zone="Europe/Berlin", language="en")
    assert (found.recipients[0].zone, found.recipients[0].language) == ("Europe/Berlin", "en")
    assert found.rules[0].level == "daily"


def test_no_file_is_no_rules(tmp_path: Path) -> None:
    assert load_rules(tmp_path / "rules.toml").recipients == ()


@pytest.mark.parametrize(
    ("added", "line", "said"),
    [
        ('[[rule]]\nname = "x"', 10, 'did you mean "rules"'),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nplatfrom = ["temu"]', 13, 'did you mean "platform"'),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nplatform = ["temuu"]', 13, 'did you mean "temu"'),
        ('[[rules]]\nname = "x"\nto = ["opps"]', 12, 'did you mean "ops"'),
        ('[[rules]]\nname = "x"\nto = []', 12, "nobody"),
        ('[[rules]]\nname = "all"\nto = ["ops"]', 11, "of its own"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nimpact = 7', 13, "0 to 4"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nimpact = "2"', 13, "a whole number"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nlevel = "now"', 13, "unknown value"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nregion = ["Europe"]', 13, "ISO codes"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nstatus = ["offical"]', 13, 'did you mean "official"'),
        ('[[rules]]\nname = "x"\nto = ["ops"]\nwords = [" "]', 13, "1 to 100 characters"),
        ('[[recipients]]\nname = "lee"\naddress = "lee"', 12, "one e-mail address"),
        ('[[recipients]]\nname = "lee"\naddress = "a@b.example, c@d.example"', 12, "one e-mail address"),
        ('[[recipients]]\nname = "lee"\naddress = "a@b.example"\nzone = "Berlin"', 13, "IANA"),
        ('[[recipients]]\nname = "lee"\naddress = "a@b.example"\nquiet = "22-7"', 13, "22:00-07:00"),
        ('[[recipients]]\nname = "lee"\nchannel = "feishu"', 12, "neither mail nor"),
        ('[[channels]]\nname = "feishu"', 10, "url_env"),
        ('[[silences]]\nuntil = 2026-12-31\nby = "Li"\nreason = "x"', 10, "silence everything"),
        ('[[silences]]\nuntil = 2026-12-31\nby = "Li"\nreason = " "\nstory = "st-1"', 13, "who set it"),
        ('[[rules]]\nname = "x"\nto = ["ops"]\ntemplate = "{{ 7 * 7 }}"', 13, "unknown key"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, added: str, line: int, said: str) -> None:
    (tmp_path / "rules.toml").write_text(GOOD + "\n" + added + "\n", encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_rules(tmp_path / "rules.toml")
    assert caught.value.line == line
    assert said in str(caught.value)


def test_the_example_of_init_is_good_when_its_marks_are_taken_away(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in _RULES.splitlines() if line.startswith("# ")]
    text = "\n".join(line for line in lines if line.startswith("[[") or " = " in line)
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    found = load_rules(tmp_path / "rules.toml")
    assert [rule.name for rule in found.rules] == ["official-news", "page-changes", "everything-else", "bans"]
    assert tomllib.loads(_RULES) == {}


def test_a_silence_is_added_behind_what_people_wrote(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(GOOD + "# a remark that stays\n", encoding="utf-8")
    add_silence(
        file, story="", rule="all", platform=("temu",), until=date(2026, 12, 31), by='Li "Q"', reason="已处理\nnow"
    )
    assert file.read_text(encoding="utf-8").startswith(GOOD + "# a remark that stays\n")
    (found,) = load_rules(file).silences
    assert (found.rule, found.by, found.reason, found.until) == ("all", 'Li "Q"', "已处理 now", date(2026, 12, 31))
