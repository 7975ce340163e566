"""The pages of stories: Today, the list with its facets, one story, dates, feeds, sources, policy watch."""

from __future__ import annotations

import csv
import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from db.desk.deadlines import as_calendar
from db.desk.story_list import list_stories, where_of
from db.desk.tallies import STORIES, Tally, members, tally
from db.desk.views import NAMES, SORTS, View, read_view
from tests.desk_samples import DEAL, NOW, Ask, asker, open_desk, soup
from tests.desk_stories import DEAL_STORY, SHEIN_STORY, make_story_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_story_archive(tmp_path_factory.mktemp("stories") / "desk.db")


@pytest.fixture(scope="module")
def get(archive: Path) -> Ask:
    return asker(open_desk(archive))


def lines(page: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in page.select(".cards .card-line a")]


# ------------------------------------------------------------------ every page, both languages
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "path", ["/", "/stories", "/deadlines", "/policy", "/sources", "/sources/cpsc", "/feeds", f"/stories/{DEAL_STORY}"]
)
def test_each_page_opens_in_each_language(get: Ask, path: str, language: str) -> None:
    page = soup(get(path, params={"lang": language}))
    assert page.html is not None
    assert page.html["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert len(page.select("h1")) == 1


def test_every_link_of_the_story_pages_leads_somewhere(get: Ask) -> None:
    seen: set[str] = set()
    queue = ["/", "/stories", f"/stories/{DEAL_STORY}", "/deadlines", "/policy", "/sources", "/feeds"]
    for path in queue:
        page = BeautifulSoup(get(path).text, "html.parser")
        seen |= {str(a["href"]).partition("#")[0] for a in page.select("a[href^='/'], link[href^='/feeds']")}
    for path in sorted(seen - {""}):
        assert get(path).status_code == 200, path


# ------------------------------------------------------------------ Today
def test_today_tells_the_moves_the_new_the_unconfirmed_the_claims_and_the_dates(get: Ask) -> None:
    page = soup(get("/"))
    text = page.get_text(" ", strip=True)
    assert "3 new stories" in text
    assert "1 turned official" in text
    moves = page.select("#moves .card")
    assert [badge.get_text() for badge in moves[0].select(".badge")][:2] == ["rumor", "official"]
    assert DEAL in moves[0].get_text()
    assert "Temu: Regulation" in page.select("#unconfirmed")[0].get_text()
    assert "卖家现在就能去 TikTok 投广告" in page.select("#claims")[0].get_text()
    assert "2024-09-01" in text
    assert len(page.select("svg.bars")) >= 3
    assert page.select("svg.flow path")


def test_an_edition_of_another_day_and_a_day_without_news(get: Ask, archive: Path) -> None:
    assert "Edition of 2024-08-07" in soup(get("/?day=2024-08-07")).get_text()
    assert soup(get("/?day=nonsense")).select_one("h1").get_text() == "Today"  # type: ignore[union-attr]  # it is there
    later = asker(open_desk(archive, clock=lambda: NOW.replace(month=9)))
    assert "this is the edition of 2024-08-09" in soup(later("/")).get_text()


# ------------------------------------------------------------------ the list
def test_facets_narrow_combine_and_count(get: Ask) -> None:
    assert len(lines(soup(get("/stories")))) == 4
    both = soup(get("/stories?platform=tiktok&platform=temu"))
    assert len(lines(both)) == 2
    assert len(lines(soup(get("/stories?platform=tiktok&status=reported")))) == 0
    assert lines(soup(get("/stories?type=platform/fees&impact=3&kind=official&language=en&day=2024-08-06")))
    counts = {
        item.a.get_text(): item.span.get_text()  # type: ignore[union-attr]  # every item has both
        for item in soup(get("/stories?status=official")).select(".facet:nth-of-type(2) li")
    }
    assert counts == {"Amazon": "2", "TikTok": "1"}
    assert both.select_one(".count span").get_text() == "2 stories"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize("sort", SORTS)
def test_each_order_works_and_is_kept(get: Ask, sort: str) -> None:
    page = soup(get(f"/stories?sort={sort}&status=official"))
    assert len(lines(page)) == 2
    chip = page.select_one("p.chosen a.chip")
    assert chip is not None
    assert f"sort={sort}" in str(chip["href"]) or sort == "newest"


@pytest.mark.parametrize(
    "query", ["platform=nope", "status=sure", "impact=9", "day=2024-13-99", "triage=x", "language=~"]
)
def test_what_nobody_knows_finds_nothing_and_says_so(get: Ask, query: str) -> None:
    page = soup(get(f"/stories?{query}"))
    assert lines(page) == []
    assert page.select_one("p.notice") is not None
    beside = "&status=official" if not query.startswith("status") else "&platform=amazon"
    assert lines(soup(get(f"/stories?{query}{beside}"))) == []
    assert get(f"/feeds/stories.json?{query}").json()["items"] == []


@given(st.lists(st.tuples(st.sampled_from([*NAMES, "sort", "page", "x"]), st.text(max_size=12)), max_size=8))
def test_a_view_leads_back_to_itself(pairs: list[tuple[str, str]]) -> None:
    view = read_view(pairs)
    assert read_view(parse_qsl(view.query(), keep_blank_values=True)) == view


def test_lists_and_facets_are_answered_by_their_index_alone(archive: Path) -> None:
    view = View(chosen={"platform": ("tiktok",), "status": ("official",), "impact": ("2",)})
    with closing(sqlite3.connect(archive)) as conn:
        conn.row_factory = sqlite3.Row
        where, parameters = where_of(view)
        for order in SORTS.values():
            sql = f"select s.rowid from stories s indexed by stories_newest where {where} order by {order} limit 41"
            plan = [row["detail"] for row in conn.execute(f"explain query plan {sql}", parameters)]
            assert any("USING COVERING INDEX stories_newest" in step for step in plan), plan
        assert [row["id"] for row in list_stories(conn, view, tally(conn, STORIES)).stories] == [DEAL_STORY]


_STORED = st.tuples(
    st.sampled_from(["rumor", "official"]), st.integers(0, 4),
    st.sampled_from(['["amazon"]', '["amazon", "temu"]', "[]"]),
    st.just("[]"), st.just('["wire", "wire"]'), st.sampled_from(['["en"]', '["en", "zh"]']), st.just("2024-08-08"),
)  # fmt: skip


@given(st.lists(_STORED, max_size=30), st.sampled_from(["amazon", "temu"]), st.sampled_from(["rumor", "official"]))
def test_counts_are_those_of_counting_one_by_one(stored: list[tuple[object, ...]], platform: str, status: str) -> None:
    counted = Tally(STORIES, stored)
    chosen = {"platform": (platform,), "status": (status,)}

    def fits(row: tuple[object, ...], *, without: str = "") -> bool:
        held = {name: members(str(value)) for name, value in zip(STORIES, row, strict=True)}
        return all(set(held[name]) & set(values) for name, values in chosen.items() if name != without)

    assert counted.total(chosen) == sum(fits(row) for row in stored)
    for at, name in enumerate(STORIES):
        rows = [members(str(row[at])) for row in stored if fits(row, without=name)]
        wanted = {value: sum(value in row for row in rows) for row in rows for value in row}
        assert {value: count for value, count in counted.counts(name, chosen) if count} == wanted


def test_the_newest_values_are_counted_alone(tmp_path: Path) -> None:
    days = [f"2024-08-{day:02d}" for day in (1, 2, 2, 3, 4)]
    counted = Tally(STORIES, [("rumor" if day == days[3] else "official", 0, *["[]"] * 4, day) for day in days])
    assert counted.newest("day", {}, 2) == [(days[4], 1), (days[3], 1)]
    assert counted.newest("day", {"status": ("official",)}, 2) == [(days[4], 1), (days[1], 2)]
    assert counted.among("day", [("status", "official")], 9) == [(days[4], 1), (days[1], 2), (days[0], 1)]


def test_more_than_two_hundred_and_fifty_six_values_are_told_apart() -> None:
    days = [f"{2000 + at // 12}-{at % 12 + 1:02d}-01" for at in range(600)]
    counted = Tally(STORIES, [("official", at % 5, "[]", "[]", "[]", "[]", day) for at, day in enumerate(days)])
    assert [counted.total({"day": (day,), "impact": (str(at % 5),)}) for at, day in enumerate(days)] == [1] * 600
    assert counted.total({"day": tuple(days[:300])}) == 300


# ------------------------------------------------------------------ one story
def test_a_story_shows_its_evidence_its_origins_and_what_the_official_text_does_not_say(get: Ask) -> None:
    page = soup(get(f"/stories/{DEAL_STORY}"))
    assert page.h1 is not None
    assert page.h1.get_text() == "TikTok, Amazon: advertising partnership announced, US, 8 Aug 2024"
    assert page.select("mark")[0].get_text() == "can now buy Amazon products from ads"
    assert len(page.select(".timeline .origin")) == 3
    assert len(page.select(".timeline .entry")) == 4
    sides = page.select(".claim figure")
    assert "卖家现在就能去" in sides[0].get_text()
    assert DEAL in sides[1].get_text()
    titles = [str(meta["content"]) for meta in page.select("meta[property='og:title']")]
    assert titles == [page.h1.get_text()]
    assert "not the official address" in page.select("#a4")[0].get_text()
    assert "not the official address" not in page.select("#a1")[0].get_text()
    chinese = soup(get(f"/stories/{DEAL_STORY}?lang=zh"))
    assert chinese.h1 is not None
    assert chinese.h1.get_text() == "TikTok、亚马逊：宣布广告合作，美国，2024年8月8日"
    assert "TikTok and Amazon make shopping from ads simpler" in chinese.get_text()


def test_merged_stories_redirect_and_unknown_ones_are_not_there(get: Ask) -> None:
    for old in ("st-old", "st-older"):
        answer = get(f"/stories/{old}")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"/stories/{DEAL_STORY}"
    assert get("/stories/st-nothing").status_code == 404


def test_follow_ups_lead_both_ways(get: Ask) -> None:
    assert "/stories/st-temu" in str(soup(get(f"/stories/{SHEIN_STORY}")).select_one(".neighbour"))
    assert f"/stories/{SHEIN_STORY}" in str(soup(get("/stories/st-temu")).select_one("#after"))


# ------------------------------------------------------------------ dates
def test_dates_as_a_list_and_as_a_calendar(get: Ask) -> None:
    assert [time.get_text() for time in soup(get("/deadlines")).select("td.col-date time")] == [
        "2024-09-01",
        "2025-01-15",
    ]
    answer = get("/deadlines.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20240901" in answer.text
    assert "URL:http://localhost/stories/st-temu" in answer.text


def test_a_date_that_is_none_stays_out_of_the_calendar() -> None:
    row = {
        "story": "st/1", "date": "2024-09-01", "role": "deadline", "quote": "q", "source_name": "s", "line_en": "l",
        "line_zh": "", "main_event": "", "platforms": [], "first_at": "",
    }  # fmt: skip
    written = as_calendar([row, {**row, "date": "soon"}], NOW, "http://localhost")
    assert written.count("BEGIN:VEVENT") == 1
    assert "URL:http://localhost/stories/st~2F1" in written


# ------------------------------------------------------------------ feeds
def test_a_view_as_atom_json_and_csv(get: Ask) -> None:
    feed = ET.fromstring(get("/feeds/stories.atom?platform=tiktok").text)
    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = feed.findall("a:entry", names)
    assert [entry.findtext("a:id", "", names) for entry in entries] == [f"tag:masthead,2024:story:{DEAL_STORY}"]
    assert entries[0].findtext("a:title", "", names).startswith("[official] TikTok, Amazon")
    found = get("/feeds/stories.json?status=denied&lang=zh").json()
    assert [item["id"] for item in found["items"]] == [SHEIN_STORY]
    assert found["items"][0]["title"].startswith("[已否认] SHEIN")
    rows = list(csv.DictReader(get("/feeds/stories.csv").text.splitlines()))
    assert len(rows) == 4
    assert get("/feeds/stories.csv?for=spreadsheet").text.startswith("\ufeff")


def test_a_spreadsheet_gets_no_formula(tmp_path: Path) -> None:
    make_story_archive(tmp_path / "desk.db")
    with closing(sqlite3.connect(tmp_path / "desk.db")) as conn:
        conn.execute("update stories set line_en = '=HYPERLINK(1)'")
        conn.execute("update articles set title = '@SUM(1)'")
        conn.commit()
    get = asker(open_desk(tmp_path / "desk.db"))
    for row in csv.DictReader(get("/feeds/stories.csv?for=spreadsheet").text.removeprefix("\ufeff").splitlines()):
        assert row["line"].startswith("'=")
        assert row["original_title"].startswith("'@")


# ------------------------------------------------------------------ sources, policy
def test_sources_show_state_strip_rhythm_and_the_last_error(get: Ask, archive: Path) -> None:
    page = soup(get("/sources"))
    assert len(page.select("svg.strip")) == 7
    assert "A bot check came instead of the content." in page.get_text()
    assert len(soup(get("/sources?state=broken")).select("tbody tr")) == 1
    assert soup(get("/sources?state=nope")).select_one("p.notice") is not None
    one = soup(get("/sources/cpsc"))
    assert "no answer within 30 s" in one.get_text()
    assert get("/sources/nobody").status_code == 404


def test_policy_watch_shows_what_changed_and_the_story_of_it(get: Ask) -> None:
    page = soup(get("/policy?lang=zh"))
    change = page.select_one("article.change")
    assert change is not None
    told = [part.get_text(" ", strip=True) for part in change.select("ins, del")]
    assert told == [
        "删去： 8 % from May.", "加入： 6 % from June.", "原文： 17%", "现文： 10 %",
        "Shoes pay nothing.", "<b>Hats</b> are free.",
    ]  # fmt: skip
    assert "Fees › Clothing › Share" in change.get_text()
    assert "/stories/st-fee" in str(change)
    assert "/masthead/articles/5" in str(change)


@pytest.mark.parametrize(("language", "sentence"), [("en", "another address of its site"), ("zh", "同站另一地址")])
def test_a_watched_page_in_trouble_says_why_and_where_it_went(tmp_path: Path, language: str, sentence: str) -> None:
    archive = make_story_archive(tmp_path / "desk.db")
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(
            "update sources set access = 'page', state = 'drift', code = 'page_moved',"
            " moved_to = 'https://cpsc.example/new' where id = 'cpsc'"
        )
        connection.commit()
    page = soup(asker(open_desk(archive))(f"/policy?lang={language}"))
    first = page.select("ul.watched li:has(.state-drift)")[0]
    assert sentence in first.get_text()
    assert first.select_one('a[href="https://cpsc.example/new"]') is not None


def test_edits_that_wait_are_counted(tmp_path: Path) -> None:
    archive = make_story_archive(tmp_path / "desk.db")
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("update revisions set changes = null")
        connection.commit()
    page = soup(asker(open_desk(archive))("/policy?lang=en"))
    assert "1 edits were seen" in page.select_one("p.notice").get_text()  # type: ignore[union-attr]  # it is there
    assert page.select_one("article.change") is None


def test_the_zone_decides_the_day_of_today(archive: Path) -> None:
    late = NOW.replace(hour=17)  # the next day in Shanghai
    page = soup(asker(open_desk(archive, clock=lambda: late))("/deadlines"))
    assert date(2024, 8, 10) > NOW.date()
    assert page.select("td.col-date")


def test_json_of_a_view_is_valid_for_hostile_words(get: Ask) -> None:
    answer = get("/feeds/stories.json?platform=%3C/script%3E&type=%22")
    assert json.loads(answer.text)["items"] == []


def test_a_count_under_two_filters_reads_an_index_alone(
    archive: Path, get: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    wanted = open_desk(archive)
    execute_fn = wanted.get_database("masthead").execute_fn

    async def watched(fn: Callable[[sqlite3.Connection], Any]) -> Any:
        def traced(connection: sqlite3.Connection) -> Any:
            connection.set_trace_callback(asked.append)
            try:
                return fn(connection)
            finally:
                connection.set_trace_callback(None)

        return await execute_fn(traced)

    monkeypatch.setattr(wanted.get_database("masthead"), "execute_fn", watched)
    page = soup(asker(wanted)("/masthead/articles?language=zh&source_kind=trade"))
    assert page.select_one("p.count") is not None
    assert any("indexed by articles_facets" in sql for sql in asked if sql.startswith("select count(*)"))
