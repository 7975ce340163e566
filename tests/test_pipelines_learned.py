"""The learned part: it reads its weights or refuses them, weighs by addition, and quotes what decided it."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import DataFileError
from pipelines.learned import FILE, Learned, load_learned
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.tag import tag

GOOD = {
    "slots": ["event=state/ban", "relevance=0", "relevance=2"],
    "bias": [0, 0, 100],
    "weights": {"w:x": [0, 250]},
}
LEXICON = load_lexicon()


def test_outputs_add_up(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(GOOD), encoding="utf-8")
    learned = load_learned(tmp_path)
    assert learned is not None
    outputs = learned.outputs({"w:x": 2.0, "w:unknown": 9.0})
    assert outputs == [5.0, 0.0, 1.0]
    assert learned.chance(outputs, "event=state/ban") == pytest.approx(0.9933, abs=1e-4)
    assert learned.chance(outputs, "event=platform/fees") == 0
    assert learned.shares(outputs, "relevance") == pytest.approx({"0": 0.2689, "2": 0.7311}, abs=1e-4)
    assert learned.shares(outputs, "modality") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"slots": ["a"], "bias": [], "weights": {}}',
        '{"slots": ["a"], "bias": [1], "weights": {"f": [7, 1]}}',
        '{"slots": ["a"], "bias": [1], "weights": {"f": [0]}}',
        '{"slots": ["a"], "bias": ["x"], "weights": {}}',
        "\ud800",
    ],
)
def test_bad_weights_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(DataFileError):
        load_learned(tmp_path)


def test_a_folder_without_weights_has_none(tmp_path: Path) -> None:
    assert load_learned(tmp_path) is None


def test_no_event_without_evidence() -> None:
    for title in ("TikTok TikTok Senate Montana government", "亚马逊 卖家 平台 国会", "Amazon"):
        assert all(event.evidence for event in tag(title, "", LEXICON).events)


def test_unknown_firms_are_left_to_the_rules() -> None:
    title = "Kwikbazar sued by a rival over copied listings"
    assert tag(title, "", LEXICON) == tag(title, "", replace(LEXICON, learned=None))


def judged(words: dict[str, float], bias: float = -3.0) -> Lexicon:
    """The lexicon with a learned part that knows one type of event and these words."""
    weights = {name: array("h", (0, round(100 * weight))) for name, weight in words.items()}
    return replace(LEXICON, learned=Learned({"event=platform/fees": 0}, (bias,), weights))


def test_an_event_that_only_words_tell_quotes_them() -> None:
    title = "Amazon zorbs its merchants"
    (event,) = tag(title, "", judged({"w:zorbs": 9.0, "w:its": -2.0})).events
    assert (event.type, [(e.rule, title[e.start : e.end]) for e in event.evidence]) == (
        "platform/fees",
        [("learned-fees", "zorbs")],
    )
    assert event.evidence[0].quote == title


def test_no_event_without_a_reason() -> None:
    assert tag("Amazon zorbs its merchants", "", judged({}, bias=9.0)).events == ()


def test_a_teams_own_strong_cue_needs_no_chance(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[[event]]\nid = "platform/fees"\nstrong = ["zorbs"]\n', encoding="utf-8")
    lexicon = load_lexicon(own=[tmp_path])
    told = tag("Amazon zorbs its merchants", "", lexicon).events
    assert [(event.type, event.evidence[0].rule.startswith("fees-")) for event in told if "fees" in event.type] == [
        ("platform/fees", True)
    ]
