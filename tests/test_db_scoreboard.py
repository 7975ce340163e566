"""The formulas of the scoreboard, with numbers worked out by hand or taken from tables."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.people import sync_people
from db.score_reads import scores
from db.scoreboard import Coverage, Volume, beta_quantile, confirmed_share, score, scoreboard
from db.store import Store
from db.types import SourceMemory, SourceRun
from pipelines.copies import best_match
from tests.clip_samples import INES
from tests.db_samples import NOW, source
from tests.story_samples import RULES, read_before, said, told

OFFICIAL = datetime(2024, 8, 8, 16, tzinfo=UTC)


def covered(hours_before: float | None = 5, **changes: Any) -> Coverage:
    """A text of its own so long before the official one."""
    values: dict[str, Any] = {
        "voice": "harbour", "own": 1, "echoed": 0, "over_claims": 0, "official_at": OFFICIAL, "speaks": False,
        "status": "official", "at": None if hours_before is None else OFFICIAL - timedelta(hours=hours_before),
    }  # fmt: skip
    return Coverage(**{**values, **changes})


@pytest.mark.parametrize("a", [1, 2, 7, 40])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.95])
def test_quantiles_that_can_be_written_down(a: int, p: float) -> None:
    assert beta_quantile(a, 1, p) == pytest.approx(p ** (1 / a), abs=1e-9)
    assert beta_quantile(1, a, p) == pytest.approx(1 - (1 - p) ** (1 / a), abs=1e-9)
    assert beta_quantile(a, a, 0.5) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "p", "x"),
    [
        (3, 3, 0.05, 0.189255),
        (3, 3, 0.95, 0.810745),
        (11, 3, 0.05, 0.589901),
        (8, 6, 0.95, 0.776045),
        (203, 43, 0.05, 0.783994),
        (203, 43, 0.95, 0.863402),
    ],
)
def test_quantiles_from_a_table(a: int, b: int, p: float, x: float) -> None:
    assert beta_quantile(a, b, p) == pytest.approx(x, abs=1e-5)


def test_a_large_count_is_no_trouble() -> None:
    x = beta_quantile(20_003, 10_003, 0.5)
    assert x == pytest.approx(2 / 3, abs=1e-3)
    assert math.isfinite(x)


def test_the_share_is_hidden_below_eight_stories() -> None:
    assert confirmed_share(5, 2) == (None, None, None)
    share, low, high = confirmed_share(6, 2)
    assert share == pytest.approx(9 / 14)
    assert low is not None
    assert high is not None
    assert low < 9 / 14 < high


def test_lead_is_the_median_over_stories_with_an_official_text() -> None:
    found = score("harbour", [covered(h) for h in (1, 2, 3, -4, 30)], Volume(crawl_hours=24))
    assert (found.lead_hours, found.lead_low_hours, found.lead_high_hours) == (2, 1, 3)
    assert (found.lead_stories, found.lead_error_hours) == (5, 24)
    assert score("harbour", [covered(official_at=None)], Volume()).lead_hours is None


def test_confirmed_are_those_said_before_the_official_text_and_open_ones_count_for_nothing() -> None:
    told_before = [covered() for _ in range(6)]
    denied = [covered(official_at=None, status="denied"), covered(official_at=None, status="expired")]
    after, open_one = covered(-2), covered(official_at=None, status="reported")
    denied_officially = covered(5, status="denied")
    found = score("harbour", [*told_before, *denied, after, open_one, denied_officially], Volume())
    assert (found.confirmed, found.unconfirmed) == (6, 3)
    assert found.share == pytest.approx(9 / 15)


def test_who_announces_is_neither_early_nor_over_claiming() -> None:
    found = score("newsroom", [covered(0, speaks=True, over_claims=1)], Volume())
    assert (found.lead_stories, found.confirmed, found.over_claim_rate) == (0, 0, None)


def test_rates_stand_beside_what_they_are_shares_of() -> None:
    stories = [covered(over_claims=1), covered(None, own=0, echoed=2), covered(official_at=None, over_claims=0)]
    found = score("harbour", stories, Volume(articles=10, noise=4))
    assert (found.over_claim_rate, found.over_claim_texts) == (1.0, 1)
    assert (found.echo_rate, found.echo_texts) == (0.5, 4)
    assert (found.noise_rate, found.articles) == (0.4, 10)


def test_a_source_without_stories_has_a_line_as_well() -> None:
    board = scoreboard([covered()], {"quiet": Volume(articles=3, noise=3)})
    assert [(one.voice, one.stories, one.noise_rate) for one in board] == [("harbour", 1, None), ("quiet", 0, 1.0)]


def test_from_an_archive(tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.db") as store:
        store.sync_sources([
            source(), source("echo"), source("newsroom", kind="official", speaks_for=("tiktok",)),
        ])  # fmt: skip
        read_before(store)
        first = told("ads", 1, published_at=NOW - timedelta(hours=10), says=(said("everyone"),))
        store.save(first, best_match, RULES)
        official = told("ads", 2, source_id="newsroom", source_kind="official", published_at=NOW - timedelta(hours=4))
        store.save(official, best_match, RULES)
        for number in (3, 4):
            copy = told("ads", number, source_id="echo", text=first.article.text, sketch=first.article.sketch)
            store.save(replace(copy, article=replace(copy.article, published_at=NOW)), best_match, RULES)
        for day in range(3):
            at = NOW + timedelta(days=day)
            run, memory = SourceRun(source_id="echo", state="ok"), SourceMemory(source_id="echo", last_good_at=at)
            store.record_source(store.start_run(at), run, memory, (), at)
        board = {one.voice: one for one in scores(store.connection, since=NOW - timedelta(days=30))}
    assert set(board) == {"harbour", "echo", "newsroom"}
    assert (board["harbour"].lead_hours, board["harbour"].over_claim_rate) == (6, 1.0)
    assert (board["echo"].echo_rate, board["echo"].echo_texts, board["echo"].lead_hours) == (1.0, 1, None)
    assert board["echo"].lead_error_hours == 24
    assert board["newsroom"].lead_stories == 0


def test_the_channels_of_a_person_are_one_voice(tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.db") as store:
        sync_people(store, [INES])
        hers = {"person": INES.id, "family": INES.id, "kind": "kol"}
        store.sync_sources([
            source("blog", **hers), source("podcast", **hers), source("named", person=INES.id, kind="aggregator"),
            source("newsroom", kind="official", speaks_for=("tiktok",)),
        ])  # fmt: skip
        read_before(store)
        first = told("ads", 1, source_id="blog", source_kind="kol", published_at=NOW - timedelta(hours=10))
        store.save(first, best_match, RULES)
        again = told("ads", 2, source_id="podcast", source_kind="kol", sketch=first.article.sketch)
        store.save(replace(again, article=replace(again.article, published_at=NOW)), best_match, RULES)
        official = told("ads", 3, source_id="newsroom", source_kind="official", published_at=NOW - timedelta(hours=4))
        store.save(official, best_match, RULES)
        store.save(told("ads", 4, source_id="named", source_kind="aggregator", published_at=NOW), best_match, RULES)
        board = {one.voice: one for one in scores(store.connection, since=NOW - timedelta(days=30))}
    assert set(board) == {"@ines-falk", "named", "newsroom"}
    assert (board["@ines-falk"].lead_hours, board["@ines-falk"].lead_stories) == (6, 1)
    assert (board["@ines-falk"].articles, board["@ines-falk"].echo_texts) == (1, 1)
