"""Stories without a new article: expiry, newer rules, forgotten people, and the whole archive threaded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db import story_reads
from db.forgetting import forget
from db.store import Store
from db.stories import decisions
from db.stories.decisions import Author
from db.stories.rethreading import Reading, is_rethreaded, rethread
from db.stories.rules import Occasion
from db.stories.tending import Tended, tend, thread_waiting
from db.types import Signature, Statement, StoryCandidate, StoryMatch, StoryMember
from pipelines.copies import best_match
from tests.db_samples import NOW, source
from tests.story_samples import RULES, read_before, said, told
from tests.test_db_faults import violations

ZONE = ZoneInfo("Asia/Shanghai")
LATER = NOW + timedelta(days=120)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source(), source("short", keep_text="lead")])
        read_before(opened)
        yield opened


def save(store: Store, *what: Any, **changes: Any) -> int:
    return store.save(told(*what, **changes), best_match, RULES).article_id


def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(query).fetchall()


def by_topic(store: Store) -> list[list[str]]:
    """Titles of the articles, story by story."""
    query = "select group_concat(title) from (select * from story_articles m join articles a on a.id = m.article_id"
    return sorted(titles.split(",") for (titles,) in rows(store, f"{query} order by a.id) group by story_id"))


def read(reading: Reading) -> tuple[Signature, tuple[Statement, ...]]:
    topic = reading.title.split(" ")[0]
    return Signature(keys=(f"e:{topic}",), language="en", entities=(topic,), events=()), (said("everyone"),)


# ------------------------------------------------------------------ tending
def test_a_report_without_new_evidence_expires_once(store: Store) -> None:
    save(store, "ads", 1)
    save(store, "fees", 1)
    with store.writing() as connection:
        fees = rows(store, "select story_id from story_articles where article_id = 2")[0][0]
        decisions.set_status(connection, fees, "rumor", Author("Anna"), Occasion(RULES, NOW, ZONE))
    assert tend(store, RULES, NOW, ZONE) == Tended(assessed=0, expired=0)
    assert tend(store, RULES, LATER, ZONE) == Tended(assessed=1, expired=1)
    assert rows(store, "select status from stories order by status") == [("expired",), ("rumor",)]
    assert rows(store, "select trigger, baseline from signals where trigger = 'status:expired'") == [
        ("status:expired", 0)
    ]
    assert tend(store, RULES, LATER, ZONE) == Tended(assessed=0, expired=0)


def test_newer_rules_assess_every_story_again(store: Store) -> None:
    for number in range(60):
        save(store, f"topic{number}", 1)
    newer = replace(RULES, version="test-2")
    assert tend(store, newer, NOW, ZONE).assessed == 60
    assert tend(store, newer, NOW, ZONE).assessed == 0


def test_a_forgotten_author_leaves_no_words_in_stories(store: Store) -> None:
    save(store, "ads", 1, authors=("Li Wen",), says=(said("everyone"),))
    save(store, "ads", 2, authors=("Anna Sand",))
    save(store, "fees", 1, authors=("Li Wen",))
    store.connection.execute("insert into triage (article_id, kind, by, at) values (1, 'note', 'Bo', '')")
    forget(store, "Li Wen", NOW)
    assert by_topic(store) == [["ads 2"]]
    assert rows(store, "select articles, origins, rules from stories") == [(1, 1, "")]
    assert rows(store, "select * from claims") == rows(store, "select * from triage") == []
    assert rows(store, "select quote from status_moves") == []
    assert tend(store, RULES, NOW, ZONE).assessed == 1
    assert rows(store, "select lead_article_id, status from stories") == [(2, "reported")]
    assert set(violations(store.connection)) <= {"article that can not be found", "find without article"}


def test_a_story_that_goes_takes_its_redirects_along(store: Store) -> None:
    save(store, "ads", 1, authors=("Li Wen",))
    save(store, "fees", 1, authors=("Li Wen",))
    ads, fees = (one for (one,) in rows(store, "select story_id from story_articles order by article_id"))
    with store.writing() as connection:
        decisions.merge(connection, ads, fees, Author("Anna"), Occasion(RULES, NOW, ZONE))
    forget(store, "Li Wen", NOW)
    assert rows(store, "select * from stories") == []
    assert story_reads.resolve(store.connection, ads) is None


# ------------------------------------------------------------------ threading again
def test_an_archive_from_before_stories_gets_them_in_order_of_time(store: Store) -> None:
    for number in (3, 1, 2):  # a feed gives the newest first
        at = NOW - timedelta(hours=10 - number)
        store.save(replace(told("ads", number, published_at=at), signature=None), best_match)
    assert not is_rethreaded(store.connection, "1")
    assert rethread(store, read, RULES, NOW, ZONE, version="1")
    assert is_rethreaded(store.connection, "1")
    assert by_topic(store) == [["ads 3", "ads 1", "ads 2"]]
    assert rows(store, "select lead_article_id, articles from stories") == [(2, 3)]
    assert rows(store, "select baseline from signals") == [(1,)]
    assert set(violations(store.connection)) <= {"article that can not be found", "find without article"}


def test_it_stops_where_it_is_told_to_and_goes_on_from_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.stories.rethreading._AT_ONCE", 3)
    for number in range(10):
        store.save(replace(told(f"t{number % 2}", number), signature=None), best_match)
    seen = []

    def counted(reading: Reading) -> tuple[Signature, tuple[Statement, ...]]:
        seen.append(reading.title)
        return read(reading)

    for done in (3, 6, 9):
        assert not rethread(store, counted, RULES, NOW, ZONE, version="1", at_most=3)
        assert len(seen) == done
    assert rethread(store, counted, RULES, NOW, ZONE, version="1", at_most=3)
    assert len(seen) == len(set(seen)) == 10
    assert rethread(store, counted, RULES, NOW, ZONE, version="1")
    assert len(seen) == 10
    assert [articles for (articles,) in rows(store, "select articles from stories")] == [5, 5]


def test_other_rules_move_articles_but_not_those_that_a_person_placed(store: Store) -> None:
    for number in (1, 2):
        save(store, "ads", number)
        save(store, "fees", number)
    ads, fees = (one for (one,) in rows(store, "select distinct story_id from story_articles order by article_id"))
    with store.writing() as connection:
        decisions.move(connection, 4, ads, Author("Anna"), Occasion(RULES, NOW, ZONE))
    store.connection.execute("insert into triage (story_id, kind, by, at) values (?, 'important', 'Bo', '')", (fees,))

    def all_one(member: StoryMember, candidates: Sequence[StoryCandidate]) -> StoryMatch:
        first = min((c.story_id for c in candidates), default=None, key=lambda one: one != ads)
        return StoryMatch(story_id=first)

    def alike(reading: Reading) -> tuple[Signature, tuple[Statement, ...]]:
        return Signature(keys=("e:one",), language="en", entities=("one",), events=()), ()

    newer = replace(RULES, choose=all_one, version="test-2")
    before = rows(store, "select article_id, decided_by, why from story_articles where article_id = 4")
    assert rethread(store, alike, newer, NOW, ZONE, version="1")
    assert rows(store, "select distinct story_id from story_articles") == [(ads,)]
    assert story_reads.resolve(store.connection, fees) == ads
    assert rows(store, "select article_id, decided_by, why from story_articles where article_id = 4") == before
    assert rows(store, "select story_id, kind from triage") == [(fees, "important")]
    log = rows(store, "select kind, article_id, decided_by from story_decisions order by id")
    assert log == [("move", 4, "Anna"), ("move", 2, "rule")]
    again = rows(store, "select * from story_articles")
    assert rethread(store, alike, newer, NOW, ZONE, version="2")
    assert rows(store, "select * from story_articles") == again, "the same rules change nothing"


def test_what_was_read_of_the_whole_text_stays_where_only_its_beginning_is_kept(store: Store) -> None:
    save(store, "ads", 1, source_id="short", keep_text="lead", says=(said("creators"),))
    kept = rows(store, "select signature, statements from story_articles")
    assert rethread(store, read, replace(RULES, version="test-2"), NOW, ZONE, version="1")
    assert rows(store, "select signature, statements from story_articles") == kept


def test_what_waits_is_threaded_once(store: Store) -> None:
    store.connection.execute("update sources set last_good_at = null")
    save(store, "ads", 1)
    assert rows(store, "select article_id from story_waiting") == [(1,)]
    assert rethread(store, read, RULES, NOW, ZONE, version="1")
    thread_waiting(store, RULES, NOW, ZONE)
    assert rows(store, "select article_id from story_waiting") == []
    assert by_topic(store) == [["ads 1"]]


def test_noise_leaves_its_story_when_the_archive_is_threaded_again(store: Store) -> None:
    save(store, "ads", 1)
    save(store, "ads", 2)
    store.connection.execute("update articles set relevance = 0 where id = 1")
    assert rethread(store, read, replace(RULES, version="test-2"), NOW, ZONE, version="1")
    assert by_topic(store) == [["ads 2"]]
    assert rows(store, "select articles, lead_article_id from stories") == [(1, 2)]
