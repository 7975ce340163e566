"""New tags for stored articles: rows and search follow, what can not be read again stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import tag_rows
from db.retagging import Retagged, StoredText, count_stale, merged, stale, with_quotes
from db.store import Store
from db.types import Amount, DatedFact, Event, Evidence, Mention, TaggedArticle, Tags
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, article, source, tagged


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source(), source("leads", keep_text="lead")])
        yield opened


def found(store: Store, expression: str) -> list[int]:
    query = "select rowid from search where search match ? order by rowid"
    return [row for (row,) in store.connection.execute(query, (expression,))]


def one(store: Store, what: str) -> Any:
    return store.connection.execute(f"select {what}").fetchone()


def everything(store: Store, version: str = "2") -> list[StoredText]:
    return [stored for step in stale(store.connection, version, None, 2) for stored in step]


EVENT = Event(
    type="platform/fees",
    score=1.25,
    evidence=(
        Evidence(
            field="title", start=0, end=6, rule="fees-1", quote="TikTok and Amazon link their shops", quote_start=0
        ),
    ),
    attribution="official",
    polarity="denied",
    modality="planned",
    parties={"agent": ("amazon",), "patient": ("tiktok",)},
    audience=("creators",),
    regions=("US", "EU"),
    effective_date="2025-01-15",
    amounts=(Amount(value=1.5, unit="EUR", field="title", start=0, end=3),),
    dates=(DatedFact(date="2025-01-15", role="effective", field="title", start=0, end=3),),
)


def test_tags_come_back_as_they_were_stored(store: Store) -> None:
    given = tagged()
    tags = replace(given.tags, events=(EVENT, *given.tags.events))
    saved = store.save(replace(given, tags=tags), best_match)
    assert tag_rows.load(store.connection, [saved.article_id])[saved.article_id] == tags


def test_new_tags_take_the_old_ones_place_with_all_that_follows(store: Store) -> None:
    store.save(tagged(), best_match)
    (stored,) = everything(store)
    tags = Tags(language="en", relevance=1, mentions=stored.tags.mentions[:1], events=(EVENT,), lexicon="2")
    store.retag([Retagged(stored, tags)])
    assert tag_rows.load(store.connection, [1])[1] == tags
    assert one(store, "relevance, lexicon, platforms, event_types, main_event from articles") == (
        1, "2", '["tiktok"]', '["platform/fees"]', "platform/fees",
    )  # fmt: skip
    assert one(store, "count(*) from evidence") == (1,)
    assert found(store, "announcement") == [1]
    assert everything(store) == []
    assert count_stale(store.connection, "2", None) == 0


def test_unchanged_tags_keep_their_rows_and_take_the_version(store: Store) -> None:
    store.save(tagged(), best_match)
    before = one(store, "group_concat(id) from events")
    (stored,) = everything(store)
    store.retag([Retagged(stored, replace(stored.tags, lexicon="2"))])
    assert one(store, "lexicon from articles") == ("2",)
    assert one(store, "group_concat(id) from events") == before


def test_the_newest_come_first_and_since_holds(store: Store) -> None:
    for number in range(5):
        url = f"https://harbour.example/{number}"
        at = NOW - timedelta(days=number)
        text = f"{TEXT} {number}" * (number + 1)
        store.save(tagged(article(f"Title {number}", text, url=url, published_at=at)), best_match)
    assert [stored.article_id for stored in everything(store)] == [5, 4, 3, 2, 1]
    since = NOW - timedelta(days=1, hours=1)
    assert [s.article_id for step in stale(store.connection, "2", since, 2) for s in step] == [2, 1]
    assert count_stale(store.connection, "2", since) == 2


# ------------------------------------------------------------------ where only a lead was kept
QUOTE = "Sellers who asked support were told to wait for further notice, two advisers reported"


def lead_only() -> TaggedArticle:
    given = article(source_id="leads", keep_text="lead")
    at = given.text.index(QUOTE)
    event = Event(
        type="platform/policy",
        score=1.0,
        evidence=(Evidence(field="text", start=at + 8, end=at + 17, rule="p-1", quote=QUOTE, quote_start=at),),
    )
    place = given.text.rindex("Shenzhen")
    names = (
        Mention(entity="tiktok", field="title", start=0, end=6, surface="TikTok", about=True),
        Mention(entity="amazon", field="text", start=place, end=place + 8, surface="Shenzhen"),
    )
    tags = Tags(language="en", relevance=2, mentions=names, events=(event,), lexicon="1")
    return TaggedArticle(article=given, tags=tags)


def test_of_a_lead_the_quotes_are_read_again_at_their_places(store: Store) -> None:
    given = lead_only()
    store.save(given, best_match)
    (stored,) = everything(store)
    assert len(one(store, "text from articles")[0]) < 300
    at = given.article.text.index(QUOTE)
    assert stored.text[at : at + len(QUOTE)] == QUOTE
    assert stored.text[:at].rstrip("\n") == one(store, "text from articles")[0]


def test_names_from_sentences_that_were_not_kept_stay(store: Store) -> None:
    store.save(lead_only(), best_match)
    (stored,) = everything(store)
    tags = merged(stored, Tags(language="en", relevance=0, mentions=(), events=(), lexicon="2"))
    assert [mention.surface for mention in tags.mentions] == ["Shenzhen"]  # the title's TikTok can be read again


def test_a_quote_from_beyond_the_lead_is_found_as_long_as_it_is_evidence(store: Store) -> None:
    store.save(lead_only(), best_match)
    assert found(store, "advisers") == [1]
    (stored,) = everything(store)
    store.retag([Retagged(stored, replace(stored.tags, events=(), lexicon="2"))])
    assert found(store, "advisers") == []
    assert found(store, "announcement") == [1]


@given(
    st.text(max_size=40), st.integers(0, 60), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=6)
)
def test_what_is_put_together_agrees_with_the_whole(text: str, kept: int, places: list[tuple[int, int]]) -> None:
    whole = (text + "abcdefghij" * 12)[:120]
    quotes = [(start, whole[start : start + size]) for start, size in places]
    made = with_quotes(whole[:kept], quotes)
    assert made[:kept] == whole[:kept]
    assert len(made) <= 120
    for start, quote in quotes:
        assert made[start : start + len(quote)] == quote
    known = set(range(kept)).union(*(range(start, start + len(quote)) for start, quote in quotes))
    assert all(made[at] == (whole[at] if at in known else "\n") for at in range(len(made)))
