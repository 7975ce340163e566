"""`masthead clip` as people use it: where it landed, what was there already, what can not be kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clip_samples import POST, QUOTE, TOKENS
from tests.masthead_cli import masthead

PERSON = """
id = "ines-falk"
name = "Ines Falk"
role = "founder of Falk Freight Notes"
why = "Reads tariff schedules first."
languages = ["en"]
linkedin = "https://www.linkedin.com/in/ines-falk"
"""


@pytest.mark.slow
def test_a_clip_says_where_it_landed(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "ines-falk.toml").write_text(PERSON)
    (tmp_path / "masthead.toml").write_text('[catalogue]\npeople = ["people"]\n[team]\nlanguage = "en"\n')
    kept = masthead("clip", f"{POST}?{TOKENS}", "--quote", QUOTE, cwd=tmp_path)
    assert (kept.returncode, kept.stderr) == (0, "")
    assert kept.stdout.startswith(f"Kept.\n  {QUOTE} (Ines Falk, 2024-08-09 08:22)\n  Story st-")
    again = json.loads(masthead("clip", POST, "--quote", "x", "--note", "y", "--json", cwd=tmp_path).stdout)
    assert (again["new"], again["person"], again["source_id"]) == (False, "Ines Falk", "clips-ines-falk")
    plain = masthead("clip", "https://a.example/x", "--title", "A walk by the sea", cwd=tmp_path)
    assert "part of no story" in plain.stdout
    for words, code in (
        ((POST, "--title", "t", "--person", "ines"), "clip_stranger"),
        (("x",), "clip_link"),
        ((POST,), "clip_empty"),
    ):
        refused = masthead("clip", *words, cwd=tmp_path)
        assert (refused.returncode, code in refused.stderr) == (2, True), words
