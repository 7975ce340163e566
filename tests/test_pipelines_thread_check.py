"""The figures of threading on weeks it was not fitted on: what they count, and where a stream is cut."""

from __future__ import annotations

from pipelines.copies import make_sketch
from pipelines.thread_check import bcubed, blocks_of, crossing, figures
from pipelines.thread_training import Item
from tests.thread_samples import article

GOLD = {"a": "one", "b": "one", "c": "two", "d": "three"}
LANGUAGE = {"a": "en", "b": "zh", "c": "en", "d": "zh"}


def test_bcubed_is_the_mean_over_articles() -> None:
    assert bcubed(GOLD, GOLD) == 1
    # all in one: recall 1, precision (1/2 + 1/2 + 1/4 + 1/4) / 4
    assert bcubed(GOLD, dict.fromkeys(GOLD, "x")) == 2 * 0.375 / 1.375
    # all apart: precision 1, recall (1/2 + 1/2 + 1 + 1) / 4
    assert bcubed(GOLD, {one: one for one in GOLD}) == 2 * 0.75 / 1.75
    assert bcubed({}, {}) == 0


def test_only_pairs_in_two_languages_count_as_crossing() -> None:
    assert crossing(GOLD, GOLD, LANGUAGE) == 1
    assert crossing(GOLD, dict.fromkeys(GOLD, "x"), LANGUAGE) == 2 * 0.25 / 1.25
    assert crossing(GOLD, {one: one for one in GOLD}, LANGUAGE) == 0


def item(name: str, title: str, days: float, story: str) -> Item:
    return Item(article(name, title, days=days), make_sketch(title, ""), story)


def test_a_stream_is_cut_where_a_week_is_silent() -> None:
    stream = [
        item(name, "Temu opens a store", day, "s") for name, day in (("a", 0), ("b", 6.9), ("c", 13.9), ("d", 14))
    ]
    assert [[one.member.article_id for one in block] for block in blocks_of(stream)] == [["a", "b"], ["c", "d"]]


def test_figures_stand_for_each_language_and_for_judged_pairs() -> None:
    stream = [item("a", "Temu opens a store in Peru", 0, "s"), item("b", "Temu在秘鲁开设商店", 1, "s")]
    found = figures(stream, {"a": "x", "b": "y"}, [("a", "b", True)])
    assert found == {"all": 2 * 0.5 / 1.5, "en": 1, "zh": 1, "cross": 0, "hard": 0}
