"""The learned part: it reads its weights or refuses them, weighs by addition, and never stands in for a cue."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import DataFileError
from pipelines.learned import FILE, load_learned
from pipelines.lexicon import load_lexicon
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


def test_no_event_without_a_cue() -> None:
    for title in ("TikTok TikTok Senate Montana government", "亚马逊 卖家 平台 国会", "Amazon"):
        with_weights, without = (tag(title, "", lexicon) for lexicon in (LEXICON, replace(LEXICON, learned=None)))
        assert all(event.evidence for event in with_weights.events)
        assert {event.type for event in without.events} <= {event.type for event in with_weights.events}


def test_unknown_firms_are_left_to_the_rules() -> None:
    title = "Kwikbazar sued by a rival over copied listings"
    assert tag(title, "", LEXICON) == tag(title, "", replace(LEXICON, learned=None))
