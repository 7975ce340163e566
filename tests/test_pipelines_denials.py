"""A denial belongs to its event: our own sentences, denials and what only looks like one."""

from __future__ import annotations

import pytest

from pipelines.lexicon import load_lexicon
from pipelines.quality_sets import denials
from pipelines.tag import tag

LEXICON = load_lexicon()
SENTENCES = [(one.type, one.text, "denied" if one.denied else "asserted") for one in denials()]
ENOUGH = 0.93  # F1


def polarity_of(event: str, text: str) -> str | None:
    found = (e.polarity for e in tag(text, "", LEXICON, date="2024-08-08").events if e.type == event)
    return next(found, None)


def test_the_suite_is_large_and_speaks_both_languages() -> None:
    chinese = [text for _, text, _ in SENTENCES if any("一" <= ch <= "鿿" for ch in text)]
    assert len(SENTENCES) >= 120
    assert 40 <= len(chinese) <= len(SENTENCES) - 40


@pytest.mark.parametrize(("event", "text"), [(event, text) for event, text, kind in SENTENCES if kind == "denied"])
def test_no_denial_is_read_as_a_confirmation(event: str, text: str) -> None:
    assert polarity_of(event, text) != "asserted"


def test_denials_are_found() -> None:
    said = [(kind == "denied", polarity_of(event, text) == "denied") for event, text, kind in SENTENCES]
    hits = sum(gold and found for gold, found in said)
    assert 2 * hits / (sum(gold for gold, _ in said) + sum(found for _, found in said)) >= ENOUGH


def test_a_denial_colours_its_own_sentence_only() -> None:
    events = tag(
        "Walmart acquires marketplace", "Analysts liked it. Amazon denies it plans layoffs in Ohio.", LEXICON
    ).events
    assert {event.type: event.polarity for event in events}["commercial/investment"] == "asserted"
