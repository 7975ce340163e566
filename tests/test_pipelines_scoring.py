"""The figures of the quality card: what they count, and that they agree with the evaluation script of the gold."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from db.types import Event, Evidence, Mention, Tags
from pipelines.answers import tag_answer
from pipelines.lexicon import load_lexicon
from pipelines.quality_sets import Denial, Labelled, denials, gold, sentences
from pipelines.scoring import broken_spans, confusions, rule_hits, score, score_denials
from pipelines.tag import tag

SHARED = Path(__file__).parents[2] / "shared"
GOLD, SCRIPT = SHARED / "gold" / "dev.jsonl", SHARED / "eval" / "score.py"


def event(name: str, rule: str = "r-1", **axes: str) -> Event:
    evidence = Evidence(field="title", start=0, end=4, rule=rule)
    return Event(type=name, score=1.0, evidence=(evidence,), **axes)  # type: ignore[arg-type]  # axes of a test


def tags(*events: Event, relevance: int = 2, entities: tuple[str, ...] = ()) -> Tags:
    mentions = tuple(Mention(entity=name, field="title", start=0, end=4, surface="Temu") for name in entities)
    return Tags(language="en", relevance=relevance, mentions=mentions, events=events, lexicon="1")


ITEMS = (
    Labelled(
        id="1", title="Temu adds a fee", lang="en", relevance=2, entities=("temu",), events=("platform/fees",),
        attribution="official", modality="done",
    ),
    Labelled(
        id="2", title="Temu denies a fee", lang="en", relevance=2, entities=("temu",), events=("platform/fees",),
        attribution="reported", modality="done", polarity="denied",
    ),
    Labelled(id="3", title="十大好物", lang="zh", relevance=0),
)  # fmt: skip


def test_figures_count_what_they_say() -> None:
    answers = {
        "1": tags(event("platform/fees", attribution="official"), event("platform/policy", "r-2"), entities=("temu",)),
        "2": tags(event("platform/fees"), relevance=1, entities=("temu", "amazon")),
        "3": tags(relevance=0),
    }
    figures = score(ITEMS, answers)
    assert figures["entities.all"] == {"p": 1.0, "r": 1.0, "f1": 1.0, "n": 2}  # nobody labelled amazon: not asked
    assert figures["events.all"]["p"] == pytest.approx(2 / 3)
    assert figures["events.all"]["r"] == 1.0
    assert figures["type.platform/policy"]["f1"] == 0.0
    assert figures["events_macro.en"] == {"f1": 0.5, "n": 2}
    assert figures["signal.all"]["r"] == 0.5
    assert figures["noise_dropped.zh"] == {"share": 1.0, "n": 1}
    assert figures["attribution.all"] == {"accuracy": 1.0, "n": 2, "of": 2}
    assert figures["polarity.all"]["accuracy"] == 0.5
    assert figures["denied.all"]["r"] == 0.0
    assert figures["denial_read_as_confirmed.all"] == {"count": 1, "n": 1}


def test_broken_spans_are_counted() -> None:
    item = Labelled(id="1", title="Temu", relevance=2)
    good = tags(event("platform/fees"), entities=("temu",))
    assert broken_spans(item, good) == 0
    wrong = Mention(entity="temu", field="title", start=1, end=5, surface="Temu")
    outside = Event(type="platform/fees", score=1.0, evidence=(Evidence(field="text", start=0, end=1, rule="r"),))
    nothing = Event(type="state/ban", score=1.0, evidence=())
    bad = Tags(language="en", relevance=2, mentions=(wrong,), events=(outside, nothing), lexicon="1")
    assert broken_spans(item, bad) == 3


def test_confusions_and_hits_of_rules() -> None:
    answers = {
        "1": tags(event("platform/policy", "r-2")),
        "2": tags(event("platform/fees", "r-1"), event("state/ban", "r-1")),
        "3": tags(),
    }
    assert confusions(ITEMS, answers) == [("", "state/ban", 1), ("platform/fees", "platform/policy", 1)]
    assert rule_hits(ITEMS, answers) == {"r-1": (1, 1), "r-2": (0, 1)}


def test_denials_count_what_is_found_and_what_is_read_the_other_way() -> None:
    asked = [
        (Denial("platform/fees", "Temu denies it", True), tags(event("platform/fees", polarity="denied"))),
        (Denial("platform/fees", "Temu否认", True), tags(event("platform/fees", polarity="asserted"))),
        (Denial("platform/fees", "Temu is not alone", False), tags(event("platform/fees", polarity="asserted"))),
    ]
    figures = score_denials(asked)
    assert figures["denied.all"] == {"p": 1.0, "r": 0.5, "f1": pytest.approx(2 / 3), "n": 2}
    assert figures["denial_read_as_confirmed.zh"] == {"count": 1, "n": 1}
    assert figures["denied.en"]["f1"] == 1.0


def test_the_shipped_sets_are_large_and_speak_both_languages() -> None:
    items = sentences()
    assert len({item.id for item in items}) == len(items) >= 120
    for lang in ("en", "zh"):
        assert sum(item.lang == lang for item in items) >= 60
        assert len({item.events[0] for item in items if item.lang == lang and item.events}) == 17
    assert all(item.attribution and item.modality for item in items if item.events)
    assert len(denials()) >= 120


@pytest.mark.slow
@pytest.mark.skipif(not (GOLD.exists() and SCRIPT.exists()), reason="the labelled real news are not here")
def test_figures_agree_with_the_evaluation_script(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("score", SCRIPT)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    lexicon, items = load_lexicon(), gold(GOLD)
    predictions = tmp_path / "predictions.jsonl"
    with predictions.open("w", encoding="utf-8") as lines:
        for item in items:
            answer = tag_answer(item.title, item.text, lexicon, date=item.date, source_kind="", speaks_for=())
            lines.write(json.dumps({"id": item.id, **answer}) + "\n")
    theirs, _ = script.score_tags(SimpleNamespace(gold=GOLD, predictions=predictions))
    ours = score(items, {item.id: tag(item.title, item.text, lexicon, date=item.date) for item in items})
    theirs.pop("speed")
    assert set(ours) == set(theirs)
    for name, row in theirs.items():
        assert ours[name] == pytest.approx(row), name
