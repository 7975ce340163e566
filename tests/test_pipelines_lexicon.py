"""The lexicon's files: the shipped ones are sound, a bad one is refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import DataFileError
from db.vocabulary import ENTITIES, EVENT_TYPES
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.patterns import PatternError, compile_pattern, even, inflect
from pipelines.tag import tag

LEXICON = load_lexicon()


@pytest.mark.parametrize(("event", "text", "wanted"), LEXICON.examples)
def test_examples_of_the_lexicon(event: str, text: str, wanted: bool) -> None:
    found = {e.type for e in tag(text, "", LEXICON).events}
    assert (event in found) == wanted, found


def test_every_type_has_both_kinds_of_examples_and_every_entity_a_name() -> None:
    assert {(event, wanted) for event, _, wanted in LEXICON.examples} == {
        (e, w) for e in EVENT_TYPES for w in (True, False)
    }
    assert {table.id for table in LEXICON.entities} == set(ENTITIES)


def lexicon_of(tmp_path: Path, text: str) -> Lexicon:
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    return load_lexicon(tmp_path)


GOOD = '[[entity]]\nid = "temu"\naliases = ["temu"]\n'
BAD = {
    "unknown table": ('[[entitty]]\nid = "temu"\n', 1, "entity"),
    "single brackets": ('[entity]\nid = "temu"\n', 1, "double brackets"),
    "unknown key": (GOOD + 'alias = ["x"]\n', 4, "aliases"),
    "unknown entity": (GOOD + '\n[[entity]]\nid = "temuu"\n', 6, 'did you mean "temu"'),
    "unknown event type": ('[[event]]\nid = "state/bann"\n', 2, "state/ban"),
    "wrong type": ('[[entity]]\nid = "temu"\naliases = "temu"\n', 3, "array"),
    "number in an array": ('[[entity]]\nid = "temu"\naliases = ["a", 7]\n', 3, "text in quotes"),
    "missing id": ('[[entity]]\naliases = ["temu"]\n', 1, "id"),
    "not TOML": ('[[entity]\nid = "temu"\n', 1, "TOML"),
    "open bracket": ('[[event]]\nid = "state/ban"\nweak = [\n  "fine",\n  "(ban|block",\n]\n', 5, "bracket"),
    "stray bar": ('[[event]]\nid = "state/ban"\nweak = ["ban|block"]\n', 3, "bar"),
    "tilde after Chinese": ('[[event]]\nid = "state/ban"\nweak = ["禁止~"]\n', 3, "tilde"),
    "empty cue": ('[[event]]\nid = "state/ban"\nweak = [""]\n', 3, "empty"),
    "explosion": (f'[[event]]\nid = "state/ban"\nweak = ["{"(a|b|c|d)" * 12}"]\n', 3, "two patterns"),
    "one character as a strong cue": ('[[event]]\nid = "state/ban"\nstrong = ["禁"]\n', 3, "weak"),
    "the same cue twice": ('[[event]]\nid = "state/ban"\nstrong = ["ban"]\nweak = ["ban"]\n', 4, "twice"),
    "gap in a list of words": ('[[region]]\nid = "US"\nwords = ["a .. b"]\n', 3, "gap"),
    "unknown axis": ('[[axis]]\naxis = "mood"\nvalue = "possible"\ncues = ["x"]\n', 2, "modality"),
    "unknown value of an axis": ('[[axis]]\naxis = "modality"\nvalue = "maybe"\ncues = ["x"]\n', 3, "possible"),
    "unknown thing to stand near": ('[[event]]\nid = "state/ban"\nnear = ["moon"]\n', 3, "money"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_with_file_line_and_what_is_allowed(tmp_path: Path, name: str) -> None:
    text, line, told = BAD[name]
    with pytest.raises(DataFileError) as caught:
        lexicon_of(tmp_path, text)
    assert caught.value.file.endswith("bad.toml")
    assert caught.value.line == line
    assert told in caught.value.message


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00", b'id = "\xb0"'])
def test_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.toml").write_bytes(content)
    with pytest.raises(DataFileError):
        load_lexicon(tmp_path)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError):
        load_lexicon(tmp_path)


def test_version_follows_the_content(tmp_path: Path) -> None:
    first = lexicon_of(tmp_path, GOOD).version
    assert lexicon_of(tmp_path, GOOD).version == first
    assert lexicon_of(tmp_path, GOOD + "# noted\n").version != first


def test_a_name_may_hold_for_a_time(tmp_path: Path) -> None:
    lexicon = lexicon_of(
        tmp_path, '[[entity]]\nid = "white_house"\naliases = ["Doe"]\nsince = "2021-01-20"\nuntil = "2025-01-20"\n'
    )
    named = {
        day: bool(tag("Doe signs", "", lexicon, date=day).mentions)
        for day in ("2021-01-19", "2021-01-20", "2025-01-20")
    }
    assert named == {"2021-01-19": False, "2021-01-20": True, "2025-01-20": False}


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        ("ban", ((("ban",),),)),
        ("(ban|block) it", ((("ban it", "block it"),),)),
        ("ban (the |)app", ((("ban the app", "ban app"),),)),
        ("labo(u|)r (a|b(c|d))", ((("labour a", "labour bc", "labour bd", "labor a", "labor bc", "labor bd"),),)),
        ("plans .. buy", ((("plans",), ("buy",)),)),
        ("罰款 & fine", ((("罚款",),), (("fine",),))),
        ("ＢＡＮ  it’s", ((("ban it's",),),)),
    ],
)
def test_patterns(pattern: str, groups: object) -> None:
    assert compile_pattern(pattern).groups == groups


@pytest.mark.parametrize("pattern", ["", " ", "(", ")", "(a", "a)", "a|b", "~", "a~~", "()", "(|)", "a .. ", " & "])
def test_bad_patterns(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("sue", {"sue", "sues", "sued", "suing"}), ("ban", {"ban", "bans", "banned", "banning"}),
        ("deny", {"deny", "denies", "denied", "denying"}), ("launch", {"launch", "launches", "launched", "launching"}),
        ("fine", {"fine", "fines", "fined", "fining"}), ("tie", {"tie", "ties", "tied", "tying"}),
        ("agree", {"agree", "agrees", "agreed", "agreeing"}), ("delay", {"delay", "delays", "delayed", "delaying"}),
    ],
)  # fmt: skip
def test_forms_of_a_word(word: str, forms: set[str]) -> None:
    assert forms <= set(inflect(word))


def test_even_keeps_the_length() -> None:
    text = "Amazon’s ﬁne İ — ＴｉｋＴｏｋ 亞馬遜 \U0001f600 \ud800"
    assert len(even(text)) == len(text)
