"""Clips in the archive: cleaned, dated by their own id, kept once, told as part of a story."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.clipping import QUOTE_CHARACTERS, Clip, clip_of, keep, landed, name_of, raw_of, speaker_of
from db.errors import ClipError
from db.people import sync_people
from db.store import Store
from db.types import SourceMemory
from tests.clip_samples import INES, POST, QUOTE, SAME_POST, TOKENS, tools
from tests.db_samples import source, tagged

NOW = datetime(2024, 8, 9, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "masthead.db") as opened:
        sync_people(opened, [INES])
        yield opened


def clip(url: str = POST, **changes: str) -> Clip:
    values = {"title": "(3) Ines Falk on LinkedIn | LinkedIn", "quote": QUOTE, "note": "", "person": "ines-falk"}
    return clip_of(url, **{**values, **changes}, by="mei", at=NOW)


def kept(store: Store, one: Clip) -> tuple[int, bool]:
    with store.reading() as connection:
        raw = raw_of(one, name_of(connection, one.person))
    found = asyncio.run(tools().process(raw))
    return keep(store, one, found, tools().pick_origin, tools().rules, ZoneInfo("Asia/Shanghai"))


def test_a_clip_is_an_article_of_its_person_in_a_story(store: Store) -> None:
    article_id, new = kept(store, clip(f"{POST}?{TOKENS}", note="ask our account manager"))
    assert new
    with store.reading() as connection:
        place = landed(connection, article_id)
        told = connection.execute("select story_id, note, by from triage").fetchall()
        state = connection.execute("select state, enabled, family, person from sources").fetchone()
    assert place is not None
    assert (place["title"], place["person"], place["status"]) == (QUOTE, "Ines Falk", "rumor")
    assert place["published_at"] == "2024-08-09T00:22:13+00:00"
    assert place["flags"] == '["clipped"]'
    assert told == [(place["story_id"], "ask our account manager", "mei")]
    assert state == ("ok", 0, "ines-falk", "ines-falk")


def test_what_is_there_already_gets_the_note_alone(store: Store) -> None:
    first, _ = kept(store, clip())
    for number, again in enumerate((POST, SAME_POST, f"{POST}?{TOKENS}", POST)):
        assert kept(store, clip(again, note=f"once more {number % 3}")) == (first, False)  # the last says nothing new
    with store.reading() as connection:
        assert connection.execute("select count(*) from articles").fetchone() == (1,)
        assert connection.execute("select count(*) from triage").fetchone() == (3,)


def test_a_page_that_the_crawl_brought_is_not_brought_twice(store: Store) -> None:
    store.sync_sources([source()])
    saved = store.save(tagged(url="https://harbour.example/deal"), tools().pick_origin)
    assert kept(store, clip("https://harbour.example/deal?utm_source=mail")) == (saved.article_id, False)


def test_a_crawl_leaves_clips_as_they_are(store: Store) -> None:
    kept(store, clip())
    store.sync_sources([source()])
    assert store.memory("clips-ines-falk").state == "ok"
    assert store.memory("clips") == SourceMemory(source_id="clips")
    kept(store, clip("https://forum.example/t/17", person="", title="Returns fee"))
    with store.reading() as connection:
        kinds = connection.execute("select id, kind from sources where access = 'clip' order by id").fetchall()
    assert kinds == [("clips", "community"), ("clips-ines-falk", "kol")]


def test_an_old_post_alerts_nobody(store: Store) -> None:
    kept(store, clip("https://www.linkedin.com/posts/x_y-activity-6978966287410470912-AbC1"))
    kept(store, clip(quote="TikTok Shop will raise its commission in Germany from 5% to 9% on 8 September 2024."))
    with store.reading() as connection:
        marked = connection.execute("select baseline, count(*) from signals group by baseline order by 1").fetchall()
    assert [baseline for baseline, _ in marked] == [0, 1]


def test_no_token_is_anywhere(store: Store) -> None:
    for number in range(20):
        url = f"https://www.linkedin.com/posts/ines-falk_x-activity-{7227469183037440001 + number}-AbC1?{TOKENS}"
        text = f"See https://lnkd.in/e{number}?{TOKENS} and https://a.example/x?id={number}&{TOKENS}. {QUOTE}"
        kept(store, clip(url, quote=text[:QUOTE_CHARACTERS], title=f"Post {number} {url}", note=text))
    store.close()
    assert all(b"CANARY" not in file.read_bytes() for file in store.path.parent.iterdir())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": "javascript:alert(1)"}, "clip_link"),
        ({"url": ""}, "clip_link"),
        ({"url": "https://substack.com/redirect/2/abc"}, "clip_link"),
        ({"quote": "x" * 501}, "clip_long"),
        ({"quote": "", "title": " "}, "clip_empty"),
    ],
)
def test_what_can_not_be_kept_says_why(changes: dict[str, str], code: str) -> None:
    with pytest.raises(ClipError) as refused:
        clip(**changes)
    assert (refused.value.code, refused.value.exit_code) == (code, 2)


def test_a_stranger_is_refused_with_a_suggestion(store: Store) -> None:
    with store.reading() as connection, pytest.raises(ClipError, match="ines-falk"):
        name_of(connection, "ines-falkk")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("", QUOTE),
        ("(3) Ines Falk on LinkedIn | LinkedIn", QUOTE),
        ("Ines Falk on LinkedIn: Fees go down in January | 12 comments", "Fees go down in January"),
        ("领英上的Ines Falk： 佣金下调 | 领英", "佣金下调"),
        ("Why LinkedIn grows | LinkedIn", "Why LinkedIn grows"),
    ],
)
def test_a_title_says_what_the_post_says(title: str, kept: str) -> None:
    assert clip(title=title).title == kept


def test_other_sites_keep_their_titles_and_a_long_quotation_is_cut() -> None:
    assert clip("https://a.example/x", title="Talks on LinkedIn").title == "Talks on LinkedIn"
    assert len(clip(title="", quote="one two three " * 30).title) <= 120


@pytest.mark.parametrize(
    ("url", "person"),
    [
        (POST, "ines-falk"),
        ("https://de.linkedin.com/in/Ines-Falk/", "ines-falk"),
        ("https://www.linkedin.com/posts/ines_falk-activity-7227469183037440001-AbC1", ""),
        ("https://forum.example/in/ines-falk", ""),
        (SAME_POST, ""),
    ],
)
def test_a_handle_tells_whose_post_it_is(store: Store, url: str, person: str) -> None:
    with store.reading() as connection:
        assert speaker_of(connection, url) == person


def test_people_who_left_the_catalogue_stay_named_where_they_spoke(store: Store) -> None:
    kept(store, clip())
    others = [replace(INES, id=name, name=name.title()) for name in ("lee", "mei")]
    for people in (others, others[1:]):
        sync_people(store, people)
    with store.reading() as connection:
        names = [name for (name,) in connection.execute("select name from people order by id")]
    assert names == ["Ines Falk", "Mei"]
