"""People: good files become persons, bad ones are refused with file, line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.catalogue import check_file, load_catalogue, load_source
from crawler.people import builtin_people, check_people, check_person, load_people, strangers
from db.errors import DataFileError
from db.linkedin import is_linkedin
from db.urls import host_of

GOOD = """\
id = "ines-falk"
name = "Ines Falk"
role = "founder of Falk Freight Notes"
why = "Reads tariff schedules before anyone else does."
languages = ["en", "de"]
"""
CHANNEL = """\
id = "falk-blog"
name = "Falk Freight Notes"
kind = "kol"
person = "ines-falk"
language = "en"
access = "feed"
url = "https://notes.example/feed"
"""


def write(folder: Path, text: str, name: str = "ines-falk.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_five_keys_are_enough(tmp_path: Path) -> None:
    person, problems = check_person(write(tmp_path, GOOD))
    assert not problems
    assert person is not None
    assert (person.id, person.languages, person.platforms, person.enabled) == ("ines-falk", ("en", "de"), (), True)


def test_the_profile_is_kept_without_its_query(tmp_path: Path) -> None:
    person, _ = check_person(write(tmp_path, GOOD + 'linkedin = "https://de.linkedin.com/in/ines-falk?trk=CANARY"\n'))
    assert person is not None
    assert person.linkedin == "https://www.linkedin.com/in/ines-falk"


@pytest.mark.parametrize(
    ("line", "number", "said"),
    [
        ('linkedin = "https://falk.example/in/ines"', 6, "wants the address of a LinkedIn profile"),
        ('linkedin = "https://www.linkedin.com/feed/"', 6, "wants the address of a LinkedIn profile"),
        ('langauges = ["en"]', 6, 'did you mean "languages"'),
        ('platforms = ["amazom"]', 6, "amazon"),
        ("enabled = 1", 6, "true or false"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, number: int, said: str) -> None:
    person, problems = check_person(write(tmp_path, f"{GOOD}{line}\n"))
    assert person is None
    assert problems[0].line == number
    assert said in problems[0].message


def test_file_and_id_are_equal_and_needed_keys_are_named(tmp_path: Path) -> None:
    assert "both must be equal" in check_person(write(tmp_path, GOOD, "other.toml"))[1][0].message
    _, problems = check_person(write(tmp_path, 'id = "ines-falk"\n'))
    assert {problem.key for problem in problems} == {"name", "role", "why", "languages"}
    with pytest.raises(DataFileError, match="name"):
        load_people([tmp_path], builtin=False)


def test_a_later_folder_replaces_and_a_missing_one_is_told(tmp_path: Path) -> None:
    own = next(iter(load_people([])))
    write(tmp_path, GOOD.replace("ines-falk", own), f"{own}.toml")
    assert load_people([tmp_path])[own].name == "Ines Falk"
    assert "does not exist" in check_people([tmp_path / "nowhere"])[1][0].message


def test_a_channel_names_a_known_person(tmp_path: Path) -> None:
    people, _ = check_people([tmp_path], builtin=False)
    source = load_source(write(tmp_path, CHANNEL, "falk-blog.toml"))
    (problem,) = strangers([source], people)
    assert (problem.line, problem.key) == (4, "person")
    write(tmp_path, GOOD)
    (tmp_path / "falk-blog.toml").unlink()
    assert not strangers([source], load_people([tmp_path], builtin=False))


def test_the_family_of_a_channel_is_the_person(tmp_path: Path) -> None:
    assert load_source(write(tmp_path, CHANNEL, "falk-blog.toml")).family == "ines-falk"
    _, problems = check_file(write(tmp_path, CHANNEL + 'family = "falk"\n', "falk-blog.toml"))
    assert "is the person's" in problems[0].message


def test_what_an_aggregator_finds_about_somebody_is_said_by_others(tmp_path: Path) -> None:
    found = load_source(write(tmp_path, CHANNEL.replace('"kol"', '"aggregator"'), "falk-blog.toml"))
    assert (found.person, found.family) == ("ines-falk", "falk-blog")


# ------------------------------------------------------------------ what is shipped
def test_every_shipped_channel_names_a_shipped_person() -> None:
    assert not strangers(load_catalogue([]).values(), load_people([]))


def test_links_to_profiles_lead_to_linkedin_alone() -> None:
    assert all(is_linkedin(host_of(one.linkedin)) for one in load_people([]).values() if one.linkedin)
    assert builtin_people().is_dir()
