"""Remarks on a lexicon: the shipped one earns none, each fault earns its own."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from pipelines.days import named_days
from pipelines.figures import figures as figures_of
from pipelines.lexicon import load_lexicon
from pipelines.lint import lint
from pipelines.sentences import Page

EXPECTED_GAPS = {"no_name", "no_example"}


def test_the_shipped_lexicon_is_clean() -> None:
    assert lint(load_lexicon()) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("duplicate", 'strong = ["ban .. app", "ban  ..  app"]'),
        ("shadowed", 'strong = ["(ban|block) it"]\nweak = ["ban it"]'),
        ("short_strong", 'strong = ["(禁|封禁)"]'),
        ("foreign_sign", 'strong = ["bans? it"]'),
        ("foreign_sign", 'weak = ["[bB]an"]'),
    ],
)
def test_faults_of_cues_are_named(tmp_path: Path, code: str, text: str) -> None:
    (tmp_path / "a.toml").write_text(f'[[event]]\nid = "state/ban"\n{text}\n', encoding="utf-8")
    assert {remark.code for remark in lint(load_lexicon(tmp_path))} - EXPECTED_GAPS == {code}


def test_a_short_name_in_any_case_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[entity]]\nid = "usps"\naliases = ["usp"]\nexact = ["USPS"]\n', encoding="utf-8")
    found = [remark for remark in lint(load_lexicon(tmp_path)) if remark.code not in EXPECTED_GAPS]
    assert [(remark.code, remark.what) for remark in found] == [("short_name", "usp")]


UNITS = (
    "1", "1,111", "1 ", "1.", "$1", "亿", "1-", "1至", "january ", "january 1", "1月1日", "2024-", "a.b/", "<a", "@a.",
    " by ", "被", "from ", "将于", "。", "sept. 1, ", "9%", "a" * 40 + " ", "...", "https://", "(twitter", "may 1",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_no_regular_expression_of_ours_runs_away(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    started = time.process_time()
    figures_of(text)
    named_days(text, "2024-08-08")
    assert Page(text, text).sentences
    assert time.process_time() - started < 1.0  # three passes over 20 to 40 KB; a quadratic one takes minutes


def test_random_mixtures_neither() -> None:
    dice = random.Random(7)
    for _ in range(40):
        text = "".join(dice.choice(UNITS) for _ in range(400))
        started = time.process_time()
        figures_of(text)
        named_days(text, "2024-08-08")
        assert time.process_time() - started < 0.1
