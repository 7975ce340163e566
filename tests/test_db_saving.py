"""What one save leaves behind: rows, revisions, origins, the search index; and what it must not touch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.store import Store
from db.text import clean_line, clean_text
from db.types import Article, Event, Evidence, Mention, TaggedArticle, Tags
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, article, source, tagged
from tests.naughty import STRINGS

MIDNIGHT = datetime(2024, 8, 8, 16, 30, tzinfo=UTC)  # 00:30 of the 9th in Shanghai


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source(), source("other")])
        yield opened


def one(store: Store, what: str) -> Any:
    row = store.connection.execute(f"select {what}").fetchone()
    return row[0] if len(row) == 1 else row


def found(store: Store, expression: str) -> list[int]:
    query = "select rowid from search where search match ? order by rowid"
    return [row for (row,) in store.connection.execute(query, (expression,))]


def counts(store: Store) -> dict[str, int]:
    tables = ("articles", "origins", "addresses", "copy_bands", "mentions", "events", "evidence", "revisions")
    return {table: one(store, f"count(*) from {table}") for table in tables}


def test_a_new_article_with_all_that_follows(store: Store) -> None:
    saved = store.save(tagged(), best_match)
    assert (saved.outcome, saved.article_id) == ("new", 1)
    assert counts(store) == {
        "articles": 1, "origins": 1, "addresses": 1, "copy_bands": 24, "mentions": 2, "events": 1, "evidence": 1,
        "revisions": 0,
    }  # fmt: skip
    assert one(store, "platforms, event_types, main_event, relevance from articles") == (
        '["tiktok", "amazon"]', '["commercial/partnership"]', "commercial/partnership", 2,
    )  # fmt: skip
    assert one(store, "seen_at, published_at, sort_at, day from articles") == (
        "2024-08-09T01:00:00+00:00", "2024-08-08T13:00:00+00:00", "2024-08-08T13:00:00+00:00", "2024-08-08",
    )  # fmt: skip
    assert found(store, '"两 家 公 司"') == found(store, "amazon") == [1]


def test_a_day_is_the_teams_and_a_future_publication_moves_nothing(store: Store) -> None:
    store.save(tagged(published_at=MIDNIGHT), best_match)
    assert one(store, "day from articles") == "2024-08-09"
    store.save(
        tagged(title="Another one", url="https://harbour.example/b", published_at=NOW + timedelta(9)), best_match
    )
    assert one(store, "sort_at from articles where id = 2") == "2024-08-09T01:00:00+00:00"


def test_only_a_lead_is_kept_but_edits_beyond_it_and_quotes_are_not_lost(store: Store) -> None:
    long = TEXT.replace("\n", " ") + " Its last words name Zanzibar."
    quote = "Its last words name Zanzibar."
    evidence = Evidence(field="text", start=520, end=528, rule="m", quote=quote)
    event = Event(type="platform/market", score=1.0, evidence=(evidence,))
    mention = Mention(entity="temu", field="text", start=515, end=519, surface="Temu")
    tags = Tags(language="en", relevance=2, mentions=(mention,), events=(event,), lexicon="1")
    given = article(text=long, keep_text="lead")
    store.save(TaggedArticle(article=given, tags=tags), best_match)
    text, lead = one(store, "text, lead from articles")
    assert text == lead == long[: len(text)]
    assert 150 < len(text) <= 300
    assert text.endswith("解除绑定。")
    assert one(store, "surface from mentions") == "Temu"
    assert found(store, "zanzibar") == [1]
    edited = replace(given, text=long + " And Malta.")
    assert store.save(TaggedArticle(article=edited, tags=replace(tags, events=())), best_match).outcome == "changed"
    assert found(store, "zanzibar") == []
    assert found(store, "announcement") == [1]


def test_an_edit_keeps_the_old_wording_and_replaces_what_followed_from_it(store: Store) -> None:
    store.save(tagged(), best_match)
    later = NOW + timedelta(days=2)
    redated = article(text="TikTok fees rise. " * 30, seen_at=later, published_at=later, title="Fees rise")
    assert store.save(tagged(redated), best_match).outcome == "changed"
    assert one(store, "number, title, seen_at, text from revisions") == (
        1, "TikTok and Amazon link their shops", "2024-08-09T01:00:00+00:00", article().text,
    )  # fmt: skip
    assert one(store, "revisions, updated_at, seen_at, published_at, main_event from articles") == (
        2, "2024-08-11T01:00:00+00:00", "2024-08-09T01:00:00+00:00", "2024-08-08T13:00:00+00:00", "",
    )  # fmt: skip
    assert found(store, "amazon") == []
    assert found(store, "fees") == [1]
    assert counts(store)["mentions"] == 1
    assert counts(store)["copy_bands"] == len(set(redated.sketch.bands))


def test_the_index_never_keeps_words_of_older_wordings(store: Store) -> None:
    for number in range(12):
        store.save(tagged(text=f"Wording {number} has word{number} in it. " + TEXT), best_match)
    assert [found(store, f"word{n}") for n in range(12)] == [[]] * 11 + [[1]]
    store.connection.execute("insert into search (search) values ('integrity-check')")
    assert one(store, "count(*) from revisions") == 11


def test_new_tags_alone_are_no_revision(store: Store) -> None:
    store.save(tagged(), best_match)
    retagged = tagged(lexicon="2")
    retagged = replace(retagged, tags=replace(retagged.tags, events=(), relevance=0))
    assert store.save(retagged, best_match).outcome == "same"
    assert one(store, "lexicon, main_event, relevance, revisions from articles") == ("2", "", 0, 1)
    assert counts(store)["events"] == counts(store)["evidence"] == counts(store)["revisions"] == 0


def test_an_event_without_evidence_is_none(store: Store) -> None:
    bare = tagged()
    bare = replace(bare, tags=replace(bare.tags, events=(Event(type="state/ban", score=9.0, evidence=()),)))
    store.save(bare, best_match)
    assert one(store, "event_types, main_event from articles") == ("[]", "")
    assert counts(store)["events"] == 0


@pytest.mark.parametrize(
    "worse",
    [
        {"flags": ("page_unread",), "text": "Teaser only."},
        {"flags": ("extract_timeout",), "text": ""},
        {"quality": "empty", "text": ""},
        {"flags": ("mojibake",), "text": "浜氶┈閫婂叧绋?"},
    ],
)
def test_a_worse_reading_never_replaces_a_better_one(store: Store, worse: dict[str, Any]) -> None:
    store.save(tagged(), best_match)
    assert store.save(tagged(**worse), best_match).outcome == "same"
    assert one(store, "text from articles") == article().text
    assert counts(store)["revisions"] == 0


def test_failed_readings_are_counted_until_one_succeeds(store: Store) -> None:
    key = "https://harbour.example/a"
    teaser = article(text="Teaser only.", flags=("page_unread",))
    for tries in (1, 2, 3):
        store.save(tagged(teaser), best_match)
        assert store.known([key])[key].tries == tries
    assert store.save(tagged(), best_match).outcome == "changed"
    assert store.known([key])[key].tries == 0
    assert counts(store)["revisions"] == 0  # the publisher changed nothing


def test_a_watched_page_is_the_page_of_its_source(store: Store) -> None:
    """Wherever it lies and whatever it is called; its wording before is kept."""
    old, new = "Fees\nStandard fee: 8 %\nContact us", "Fees\nStandard fee: 9 %\nContact us"
    store.save(tagged(text=old, form="page"), best_match)
    moved = tagged(text=new, form="page", title="Rules", url="https://harbour.example/rules", guid="")
    assert store.save(moved, best_match).outcome == "changed"
    assert one(store, "text from revisions") == old


@pytest.mark.parametrize("shown", ["", "Sign in to read this page.", "Please enter your password. " * 30])
def test_a_watched_page_that_shows_something_else_is_lost(store: Store, shown: str) -> None:
    known = "\n".join(f"Goods of class {n} pay a referral fee of {n * 7 % 19} % of their price." for n in range(20))
    store.save(tagged(text=known, form="page", fingerprint="one"), best_match)
    assert store.save(tagged(text=shown, form="page", fingerprint="two"), best_match).outcome == "lost"
    assert one(store, "text from articles") == known
    assert counts(store)["revisions"] == 0
    assert store.known(["https://harbour.example/a"])["https://harbour.example/a"].fingerprint == ""
    every = known.replace("%", "EUR").replace("Goods", "Things")
    assert store.save(tagged(text=every, form="page"), best_match).outcome == "changed"


def test_copies_share_an_origin_and_an_edited_copy_finds_its_own(store: Store) -> None:
    store.save(tagged(), best_match)
    copy = article(source_id="other", url="https://other.example/c", guid="c")
    saved = store.save(tagged(copy), best_match)
    assert (saved.outcome, saved.origin_id) == ("new", 1)
    assert one(store, "copy_kind, copy_score from articles where id = 2") == ("exact", 1.0)
    teaser = article(
        "Soon more", "Teaser only.", source_id="other", url="https://other.example/d", flags=("page_unread",)
    )
    assert store.save(tagged(teaser), best_match).origin_id == 2
    grown = replace(teaser, text=copy.text, sketch=copy.sketch, flags=())
    assert store.save(tagged(grown), best_match).origin_id == 1
    assert store.connection.execute("select id, articles from origins").fetchall() == [(1, 3)]


def test_an_origin_that_others_joined_stays_where_it_is(store: Store) -> None:
    store.save(tagged(), best_match)
    store.save(tagged(source_id="other", url="https://other.example/c"), best_match)
    assert store.save(tagged(text="Something else entirely. " * 30), best_match).origin_id == 1


def test_candidates_are_bounded_when_everything_shares_a_band(store: Store) -> None:
    asked: list[int] = []
    sketch = replace(article().sketch, bands=(1, 2, 3))
    for number in range(230):
        given = article(f"Number {number}", f"Text {number}", url=f"https://harbour.example/{number}", sketch=sketch)
        store.save(tagged(given), lambda _, candidates: asked.append(len(candidates)))
    assert asked[50] == 50
    assert max(asked) <= 200


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80) | st.sampled_from(STRINGS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=ANYTHING, text=ANYTHING, guid=ANYTHING, raw=ANYTHING, author=ANYTHING, link=ANYTHING)
def test_no_foreign_string_makes_a_save_fail(
    store: Store, title: str, text: str, guid: str, raw: str, author: str, link: str
) -> None:
    given = article(
        clean_line(title), clean_text(text), guid=guid, published_raw=raw, authors=(author,), canonical_url=link,
        url=f"https://harbour.example/{abs(hash(title))}",
    )  # fmt: skip
    saved = store.save(tagged(given), best_match)
    assert one(store, f"title from articles where id = {saved.article_id}") == given.title


def test_naughty_strings_come_back_as_they_were_cleaned(store: Store) -> None:
    for number, nasty in enumerate(STRINGS):
        given = article(clean_line(nasty), clean_text(nasty), url=f"https://harbour.example/{number}", guid=nasty)
        saved = store.save(tagged(given), best_match)
        row = one(store, f"title, text from articles where id = {saved.article_id}")
        assert row == (clean_line(nasty), clean_text(nasty))
    store.connection.execute("insert into search (search) values ('integrity-check')")


def test_crawled_names_never_become_columns(store: Store) -> None:
    before = [row[1] for row in store.connection.execute("pragma table_info(articles)")]
    nasty = {'x" text); drop table articles; --': "y", "text": "json-ld", "": "z"}
    store.save(tagged(found_by=nasty), best_match)
    assert [row[1] for row in store.connection.execute("pragma table_info(articles)")] == before
    assert json.loads(one(store, "found_by from articles")) == nasty


def test_every_question_of_a_save_is_answered_by_an_index(store: Store) -> None:
    for number in range(40):
        store.save(
            tagged(text=f"{TEXT} {number}", url=f"https://harbour.example/{number}", guid=f"g{number}"), best_match
        )
    asked: list[str] = []
    store.connection.set_trace_callback(asked.append)
    edited: Article = article(text="All is new here. " * 40, guid="g1", url="https://harbour.example/1")
    store.save(tagged(edited), best_match)
    store.known(["https://harbour.example/1", "https://harbour.example/2"], "harbour")
    store.connection.set_trace_callback(None)
    for statement in asked:
        if "from sources" in statement:  # the catalogue has hundreds of rows, whatever the archive has
            continue
        if statement.split()[0] in ("select", "update", "delete", "with") and "search" not in statement:
            plan = [row[3] for row in store.connection.execute("explain query plan " + statement)]
            assert not any(step.startswith("SCAN") for step in plan), (statement, plan)
            few = "from addresses" in statement  # at most one row per source is sorted
            assert few or not any("TEMP B-TREE" in step for step in plan), (statement, plan)


def test_a_watched_page_without_a_text_is_not_stored(store: Store) -> None:
    assert store.save(tagged(text="", title="", form="page"), best_match).outcome == "lost"
    assert counts(store)["articles"] == 0
