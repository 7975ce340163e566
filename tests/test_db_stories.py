"""One story per happening: joining, copies, edits, status, signals; all of it in the transaction of the article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import story_reads
from db.store import Store
from db.stories.forms import statements_from_json, statements_to_json
from db.stories.tending import thread_waiting
from db.story_reads import StoryFilter
from db.types import Statement
from pipelines.copies import best_match, make_sketch
from tests.db_samples import NOW, source
from tests.story_samples import RULES, assess, read_before, said, told

ZONE = ZoneInfo("Asia/Shanghai")
SOON = NOW - timedelta(hours=2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([
            source(), source("lantern", family="lantern"),
            source("newsroom", kind="official", speaks_for=("tiktok",), hosts=("newsroom.example",)),
        ])  # fmt: skip
        read_before(opened)
        yield opened


def save(store: Store, given: Any) -> int:
    return store.save(given, best_match, RULES).article_id


def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(query).fetchall()


def story_of(store: Store, article_id: int) -> str:
    query = "select story_id from story_articles where article_id = ?"
    return str(store.connection.execute(query, (article_id,)).fetchone()[0])


def triggers(store: Store) -> list[str]:
    return [trigger for (trigger,) in rows(store, "select trigger from signals order by id")]


# ------------------------------------------------------------------ joining
def test_articles_on_one_topic_are_one_story_and_another_topic_is_another(store: Store) -> None:
    first, second, other = (save(store, told(*what)) for what in (("ads", 1), ("ads", 2), ("fees", 1)))
    assert story_of(store, first) == story_of(store, second) != story_of(store, other)
    found = story_reads.story(store.connection, story_of(store, first))
    assert found is not None
    assert (found["articles"], found["origins"], found["status"]) == (2, 2, "reported")
    assert found["members"][1]["why"] == [{"kind": "entities", "with": str(first), "weight": 1.0}]
    assert found["line_en"] == "TikTok, Amazon: news reported, 8 Aug 2024"
    assert found["line_zh"] == "TikTok、亚马逊：消息，据报道，2024年8月8日"


def test_a_copy_joins_the_story_of_its_text_without_being_asked(store: Store) -> None:
    first = save(store, told("ads", 1))
    text = rows(store, "select text from articles")[0][0]
    copy = told("other", 9, text=text, source_id="lantern", sketch=make_sketch("ads 1", text))
    second = save(store, copy)
    assert story_of(store, first) == story_of(store, second)
    assert rows(store, "select articles, origins, families from stories") == [(2, 1, 1)]
    kinds = [why["kind"] for (text,) in rows(store, "select why from story_articles") for why in json.loads(text)]
    assert kinds == ["copy"]


def test_what_twelve_sites_reprint_is_one_story_of_one_origin(store: Store) -> None:
    store.sync_sources([source(f"site{number}") for number in range(12)])
    store.connection.execute("update sources set last_good_at = ?", (NOW.isoformat(),))
    first = told("ads", 1)
    for number in range(12):
        site = f"site{number}"
        save(store, told("ads", number, source_id=site, text=first.article.text, sketch=first.article.sketch))
    assert rows(store, "select articles, origins, families, status from stories") == [(12, 1, 1, "reported")]
    assert triggers(store) == ["status:reported"]


def test_a_copy_out_of_the_window_is_asked_like_any_other(store: Store) -> None:
    first = save(store, told("ads", 1))
    text = rows(store, "select text from articles")[0][0]
    late = NOW + timedelta(days=40)
    again = told("other", 9, text=text, sketch=make_sketch("ads 1", text), published_at=late, seen_at=late)
    assert story_of(store, save(store, again)) != story_of(store, first)


@pytest.mark.parametrize(
    ("relevance", "events", "joins"), [(2, False, True), (1, True, True), (1, False, False), (0, True, False)]
)
def test_noise_tells_no_story(store: Store, relevance: int, events: bool, joins: bool) -> None:
    given = told("ads", 1, text="TikTok and Amazon let people link their accounts. " + "And so on it goes. " * 20)
    assert given.tags.events
    tags = replace(given.tags, relevance=relevance, events=given.tags.events if events else ())
    save(store, replace(given, tags=tags))
    assert bool(rows(store, "select 1 from stories")) is joins


def test_without_rules_or_signature_there_is_no_story(store: Store) -> None:
    store.save(told("ads", 1), best_match)
    save(store, replace(told("ads", 2), signature=None))
    assert rows(store, "select * from stories") == []


def test_the_same_again_changes_nothing(store: Store) -> None:
    save(store, told("ads", 1))
    tables = ("stories", "story_articles", "status_moves", "signals", "story_keys")
    before = [rows(store, f"select * from {table}") for table in tables]
    save(store, told("ads", 1, seen_at=NOW + timedelta(days=1)))
    assert [rows(store, f"select * from {table}") for table in tables] == before


def test_an_edit_keeps_the_story_and_one_that_became_noise_leaves_it(store: Store) -> None:
    first, second = save(store, told("ads", 1)), save(store, told("ads", 2))
    story = story_of(store, first)
    edit = told("fees", 2, text="Now it is about something else entirely. " * 20, url="https://harbour.example/ads/2")
    assert save(store, replace(edit, article=replace(edit.article, guid="ads-2"))) == second
    assert story_of(store, second) == story
    noise = replace(edit.tags, relevance=0, lexicon="2")
    save(store, replace(edit, article=replace(edit.article, guid="ads-2"), tags=noise))
    assert rows(store, "select article_id from story_articles") == [(first,)]
    assert rows(store, "select articles, origins from stories") == [(1, 1)]
    assert rows(store, "select key from story_keys") == [("e:ads",)]


def test_a_story_whose_only_article_became_noise_goes(store: Store) -> None:
    given = told("ads", 1)
    save(store, given)
    save(store, replace(given, tags=replace(given.tags, relevance=0, lexicon="2")))
    assert rows(store, "select * from stories") == rows(store, "select * from signals") == []


# ------------------------------------------------------------------ what is known of it
def test_an_official_text_moves_the_status_once(store: Store) -> None:
    save(store, told("ads", 1))
    official = save(store, told("ads", 2, source_id="newsroom", source_kind="official", published_at=SOON))
    save(store, told("ads", 3, published_at=NOW))
    (story,) = story_reads.stories(store.connection)
    assert (story["status"], story["status_at"]) == ("official", SOON.isoformat())
    moves = rows(store, "select status, article_id, source_id, quote from status_moves order by id")
    assert moves == [("reported", 1, "harbour", "it is said"), ("official", official, "newsroom", "we announce")]
    assert triggers(store) == ["status:reported", "status:official"]


def test_claims_and_deadlines_carry_their_sentences(store: Store) -> None:
    save(store, told("ads", 1, source_id="newsroom", source_kind="official"))
    save(store, told("ads", 2, says=(said("everyone"), said("2025-01-15", "date"))))
    found = story_reads.story(store.connection, story_of(store, 1))
    assert found is not None
    (claim,) = found["claims"]
    assert (claim["article"], claim["verdict"], claim["official_source"]) == (2, "not_in_official", "newsroom")
    (due,) = story_reads.deadlines(store.connection, since=datetime(2025, 1, 1, tzinfo=UTC).date())
    assert (due["date"], due["quote"], due["story"]) == ("2025-01-15", "by then", found["id"])
    assert story_reads.deadlines(store.connection, since=datetime(2025, 2, 1, tzinfo=UTC).date()) == []


def test_an_official_text_that_changes_a_date_is_news_and_one_that_changes_a_word_is_not(store: Store) -> None:
    def official(day: str, words: str) -> Any:
        text = f"TikTok and Amazon: from {day}. {words} " + "The rest of the text stays as it is. " * 20
        values: dict[str, Any] = {"source_id": "newsroom", "source_kind": "official", "published_at": SOON}
        return told("ads", 1, says=(said(day, "date"),), text=text, **values)

    save(store, official("2025-01-15", "One."))
    save(store, official("2025-01-15", "Two."))
    assert triggers(store) == ["status:official"]
    save(store, official("2025-02-01", "Two."))
    assert [trigger.partition(":")[0] for trigger in triggers(store)] == ["status", "date"]


def test_a_second_official_text_is_news_and_its_copy_is_not(store: Store) -> None:
    values: dict[str, Any] = {"source_id": "newsroom", "source_kind": "official", "published_at": SOON}
    save(store, told("ads", 1, **values))
    second = told("ads", 2, **values)
    save(store, second)
    text = second.article.text
    save(store, told("ads", 3, text=text, sketch=second.article.sketch, **values))
    assert triggers(store) == ["status:official", "official:2"]


def test_what_a_first_crawl_brings_is_threaded_in_order_of_time_and_alerts_nobody_of_what_is_old(store: Store) -> None:
    store.connection.execute("update sources set last_good_at = null where id = 'lantern'")
    for number, hours in enumerate((5, 60, 9 * 24)):
        at = NOW - timedelta(hours=hours)
        save(store, told("ads" if hours < 100 else "fees", number, source_id="lantern", published_at=at))
    assert rows(store, "select * from stories") == []
    assert rows(store, "select count(*) from story_waiting") == [(3,)]
    thread_waiting(store, RULES, NOW, ZONE)
    assert rows(store, "select * from story_waiting") == []
    assert rows(store, "select articles, lead_article_id from stories order by lead_article_id") == [(2, 2), (1, 3)]
    assert rows(store, "select article_id, baseline from signals order by id") == [(3, 1), (2, 1)]
    save(store, told("ban", 1, published_at=NOW - timedelta(days=9)))
    assert rows(store, "select baseline from signals order by id") == [(1,), (1,), (0,)]


def test_who_waits_is_seen_with_its_newest_words_and_noise_does_not_wait(store: Store) -> None:
    store.connection.execute("update sources set last_good_at = null")
    given = told("ads", 1)
    save(store, given)
    save(store, told("ads", 1, text="Another wording of it all. " * 20, says=(said("everyone"),)))
    (statements,) = rows(store, "select statements from story_waiting")[0]
    assert "everyone" in statements
    save(store, replace(given, tags=replace(given.tags, relevance=0)))
    assert rows(store, "select * from story_waiting") == []


def test_a_feed_that_changes_its_ids_makes_one_story_and_one_signal(store: Store) -> None:
    for fetch in range(30):
        at = NOW + timedelta(hours=fetch)
        save(store, told("ads", 1, guid=f"id-{fetch}", url=f"https://harbour.example/x?id={fetch}", seen_at=at))
    assert rows(store, "select count(*) from articles") == [(1,)]
    assert rows(store, "select articles from stories") == [(1,)]
    assert triggers(store) == ["status:reported"]


# ------------------------------------------------------------------ reading
def test_filters_are_alternatives_within_a_field_and_all_fields_hold(store: Store) -> None:
    save(store, told("ads", 1))
    save(store, told("fees", 1, source_id="newsroom", source_kind="official", language="zh"))

    def ids(**wanted: Any) -> int:
        found = StoryFilter(**wanted)
        assert story_reads.count(store.connection, found) == len(story_reads.stories(store.connection, found))
        return len(story_reads.stories(store.connection, found))

    assert ids() == ids(statuses=("reported", "official")) == ids(platforms=("amazon",)) == ids(impact=2) == 2
    assert ids(statuses=("official",)) == ids(languages=("zh",)) == ids(kinds=("official",)) == 1
    assert ids(statuses=("official",), kinds=("trade",)) == ids(types=("state/ban",)) == ids(impact=3) == 0
    assert ids(days=("2024-08-08",), since=NOW) == 0
    assert story_reads.totals(store.connection)["statuses"] == {"reported": 1, "official": 1}
    assert story_reads.story(store.connection, "st-nothing") is None
    assert story_reads.resolve(store.connection, "st-nothing") is None


def test_export_gives_every_story_whole(store: Store) -> None:
    save(store, told("ads", 1))
    save(store, told("fees", 1))
    exported = list(story_reads.export(store.connection))
    assert [one["articles"] for one in exported] == [1, 1]
    assert json.loads(json.dumps(exported)) == exported


STATEMENTS = st.builds(
    Statement, action=st.text(), slot=st.just("date"), value=st.text(), field=st.sampled_from(["title", "text"]),
    start=st.integers(0, 9), end=st.integers(0, 9), quote=st.sampled_from(["", "one", "两"]),
    asserted=st.booleans(),
)  # fmt: skip


@given(st.lists(STATEMENTS, max_size=8))
def test_statements_come_back_as_they_were_stored(given_ones: list[Statement]) -> None:
    assert statements_from_json(statements_to_json(given_ones)) == tuple(given_ones)


# ------------------------------------------------------------------ bounded work
def test_a_large_story_is_assessed_by_a_choice_of_its_articles(store: Store) -> None:
    sizes = []

    def counting(items: Any, now: datetime) -> Any:
        sizes.append(len(items))
        return assess(items, now)

    rules = replace(RULES, assess=counting)
    given = told("ads", 0, source_id="newsroom", source_kind="official", published_at=NOW - timedelta(days=3))
    store.save(given, best_match, rules)
    for number in range(1, 100):
        at = NOW - timedelta(days=2) + timedelta(minutes=number)
        store.save(told("ads", number, published_at=at), best_match, rules)
    assert rows(store, "select articles, origins, status from stories") == [(100, 100, "official")]
    assert max(sizes) <= 80
    assert rows(store, "select count(*) from status_moves where status = 'official'") == [(1,)]


def test_copies_in_a_large_story_stay_with_their_text(store: Store) -> None:
    texts = [
        told("ads", number, published_at=NOW - timedelta(days=2) + timedelta(minutes=number)) for number in range(90)
    ]
    for one in texts:
        save(store, one)
    late = texts[70].article  # neither among the first origins nor among the newest articles
    for number in range(200, 230):
        copy = told("ads", number, text=late.text, sketch=late.sketch, published_at=NOW - timedelta(hours=1))
        save(store, copy)
    assert rows(store, "select articles, origins from stories") == [(120, 90)]
    assert rows(store, "select count(*) from story_articles where origin_article_id = 71") == [(31,)]


@pytest.mark.slow
def test_a_save_takes_no_more_steps_in_a_larger_archive(tmp_path: Path) -> None:
    from tests.bench.stories import measure  # loads the dictionary

    small, large = measure(tmp_path / "m.db", [250, 1_000], saves=60)
    assert large.steps < 1.5 * small.steps, (small, large)
