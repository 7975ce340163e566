"""Remarks on a lexicon: the shipped one earns none, each fault earns its own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipelines.days import named_days
from pipelines.figures import figures as figures_of
from pipelines.lexicon import load_lexicon
from pipelines.lint import lint
from pipelines.sentences import Page
from tests.growth import assert_linear

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
    assert_linear(lambda size: read((unit * size)[:size]), 1_250)


def read(text: str) -> None:
    figures_of(text)
    named_days(text, "2024-08-08")
    assert Page(text, text).sentences


@pytest.mark.parametrize("seed", range(8))
def test_random_mixtures_neither(seed: int) -> None:
    dice = random.Random(seed)
    units = [dice.choice(UNITS) for _ in range(3_200)]
    assert_linear(lambda size: read("".join(units[:size])), 200)
