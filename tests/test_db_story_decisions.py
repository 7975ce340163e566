"""What people decide about stories holds against rules, is logged, and can be put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db import story_reads
from db.errors import UsageError
from db.store import Store
from db.stories import decisions
from db.stories.decisions import Author
from db.stories.rules import Occasion
from pipelines.copies import best_match
from tests.db_samples import NOW, source
from tests.story_samples import RULES, read_before, said, told

OCCASION = Occasion(RULES, NOW, ZoneInfo("Asia/Shanghai"))
ANNA = Author("Anna", "seen it")

Articles = dict[str, int]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source(), source("newsroom", kind="official", speaks_for=("tiktok",))])
        read_before(opened)
        for number in (1, 2, 3):
            opened.save(told("ads", number, says=(said("everyone"),)), best_match, RULES)
        opened.save(told("fees", 1, source_id="newsroom", source_kind="official"), best_match, RULES)
        yield opened


def state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a decision may touch, without the times of writing and the log."""
    queries = {
        "stories": "select id, articles, origins, status, status_by, lead_article_id, merged_into from stories",
        "seats": "select article_id, story_id, decided_by, why, score, origin_article_id from story_articles",
        "moves": "select story_id, status, at, article_id, decided_by from status_moves",
        "claims": "select story_id, article_id, verdict, value from claims",
        "keys": "select key, day, story_id from story_keys",
    }
    return {name: sorted(store.connection.execute(query), key=str) for name, query in queries.items()}


def story_of(store: Store, article_id: int) -> str:
    query = "select story_id from story_articles where article_id = ?"
    return str(store.connection.execute(query, (article_id,)).fetchone()[0])


def shown(store: Store, story_id: str) -> Any:
    return story_reads.story(store.connection, story_id)


def test_merge_redirects_and_undo_puts_everything_back(store: Store) -> None:
    before, ads, fees = state(store), story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        made = decisions.merge(connection, ads, fees, ANNA, OCCASION)
    assert shown(store, ads) is None
    assert story_reads.resolve(store.connection, ads) == fees
    merged = shown(store, fees)
    assert (merged["articles"], merged["status"], merged["merged"]) == (4, "official", [ads])
    assert {member["decided_by"] for member in merged["members"]} == {"Anna", "rule"}
    assert [one["verdict"] for one in merged["claims"]] == ["not_in_official"] * 3
    assert [(one["kind"], one["reason"], one["decided_by"]) for one in merged["decisions"]] == [
        ("merge", "seen it", "Anna")
    ]
    with store.writing() as connection:
        decisions.undo(connection, made.id, ANNA, OCCASION)
    assert state(store) == before
    assert shown(store, fees)["decisions"][0]["undone_by"] == "Anna"


def test_what_was_told_of_a_merged_story_is_not_told_again(store: Store) -> None:
    ads, fees = story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        decisions.merge(connection, fees, ads, ANNA, OCCASION)
    query = "select trigger, baseline from signals where story_id = ? order by id"
    assert store.connection.execute(query, (ads,)).fetchall() == [("status:reported", 0), ("status:official", 1)]


def test_split_makes_a_story_and_undo_leaves_its_address_leading_back(store: Store) -> None:
    before, ads = state(store), story_of(store, 1)
    with store.writing() as connection:
        made = decisions.split(connection, ads, [2, 3], ANNA, OCCASION)
    new = made.other_story_id
    assert new is not None
    assert [shown(store, one)["articles"] for one in (ads, new)] == [1, 2]
    assert shown(store, new)["lead_article_id"] == 2
    with store.writing() as connection:
        decisions.undo(connection, made.id, ANNA, OCCASION)
    assert story_reads.resolve(store.connection, new) == ads
    after = state(store)
    after["stories"] = [row for row in after["stories"] if row[0] != new]
    assert after == before


def test_move_takes_one_article_and_the_last_one_leaves_a_redirect(store: Store) -> None:
    before, ads, fees = state(store), story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        made = decisions.move(connection, 4, ads, ANNA, OCCASION)
    assert story_reads.resolve(store.connection, fees) == ads
    assert shown(store, ads)["status"] == "official"
    with store.writing() as connection:
        decisions.undo(connection, made.id, ANNA, OCCASION)
    assert state(store) == before


def test_a_persons_status_holds_whatever_comes(store: Store) -> None:
    ads = story_of(store, 1)
    with store.writing() as connection:
        made = decisions.set_status(connection, ads, "denied", ANNA, OCCASION)
    official = told("ads", 9, source_id="newsroom", source_kind="official")
    store.save(official, best_match, RULES)
    found = shown(store, ads)
    assert (found["status"], found["status_by"], found["articles"]) == ("denied", "Anna", 4)
    assert "denied" in found["line_en"]
    assert [move["status"] for move in found["moves"] if move["decided_by"] == "Anna"] == ["denied"]
    with store.writing() as connection:
        decisions.undo(connection, made.id, ANNA, OCCASION)
    assert (shown(store, ads)["status"], shown(store, ads)["status_by"]) == ("official", "rule")


def test_an_article_that_a_person_placed_stays_when_it_becomes_noise(store: Store) -> None:
    from dataclasses import replace

    ads, fees = story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        decisions.move(connection, 3, fees, ANNA, OCCASION)
    again = told("ads", 3)
    store.save(replace(again, tags=replace(again.tags, relevance=0, lexicon="2")), best_match, RULES)
    assert story_of(store, 3) == fees != ads


def test_decisions_that_rest_on_each_other_are_undone_in_their_order(store: Store) -> None:
    ads, fees = story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        first = decisions.split(connection, ads, [3], ANNA, OCCASION)
        assert first.other_story_id
        second = decisions.merge(connection, first.other_story_id, fees, ANNA, OCCASION)
    with pytest.raises(UsageError, match=f"decision {second.id} \\(merge\\) came after"), store.writing() as connection:
        decisions.undo(connection, first.id, ANNA, OCCASION)
    with store.writing() as connection:
        decisions.undo(connection, second.id, ANNA, OCCASION)
        decisions.undo(connection, first.id, ANNA, OCCASION)
    with pytest.raises(UsageError, match="was undone at"), store.writing() as connection:
        decisions.undo(connection, first.id, ANNA, OCCASION)
    assert shown(store, ads)["articles"] == 3


def test_followers_go_along_and_come_back(store: Store) -> None:
    ads, fees = story_of(store, 1), story_of(store, 4)
    later = told("later", 1, published_at=NOW + timedelta(days=1), seen_at=NOW + timedelta(days=1))
    store.save(later, best_match, RULES)
    follower = story_of(store, 5)
    store.connection.execute("update stories set follows = ? where id in (?, ?)", (ads, follower, fees))
    with store.writing() as connection:
        made = decisions.merge(connection, ads, fees, ANNA, OCCASION)
    follows = "select id, follows from stories where follows is not null order by id = ? desc"
    assert store.connection.execute(follows, (follower,)).fetchall() == [(follower, fees)]
    with store.writing() as connection:
        decisions.undo(connection, made.id, ANNA, OCCASION)
    assert set(store.connection.execute(follows, (follower,))) == {(follower, ads), (fees, ads)}


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda c, ads, fees: decisions.merge(c, ads, ads, ANNA, OCCASION), "merged with itself"),
        (lambda c, ads, fees: decisions.merge(c, "st-no", ads, ANNA, OCCASION), "there is no story 'st-no'"),
        (lambda c, ads, fees: decisions.split(c, ads, [1, 2, 3], ANNA, OCCASION), "at least one must stay"),
        (lambda c, ads, fees: decisions.split(c, ads, [4], ANNA, OCCASION), "article 4 is not in this story"),
        (lambda c, ads, fees: decisions.split(c, ads, [99], ANNA, OCCASION), "article 99 is part of no story"),
        (lambda c, ads, fees: decisions.move(c, 1, ads, ANNA, OCCASION), "in this story already"),
        (lambda c, ads, fees: decisions.undo(c, 99, ANNA, OCCASION), "there is no decision 99"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(store: Store, act: Any, message: str) -> None:
    before = state(store)
    with pytest.raises(UsageError, match=message), store.writing() as connection:
        act(connection, story_of(store, 1), story_of(store, 4))
    assert state(store) == before


def test_a_merged_story_is_named_with_the_one_to_use(store: Store) -> None:
    ads, fees = story_of(store, 1), story_of(store, 4)
    with store.writing() as connection:
        decisions.merge(connection, ads, fees, ANNA, OCCASION)
    with pytest.raises(UsageError, match=f"merged into {fees}"), store.writing() as connection:
        decisions.set_status(connection, ads, "denied", ANNA, OCCASION)
