"""The canned queries and the search of the desk, with whatever a reader may type."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.desk import functions
from tests.desk_samples import NOW, ZONE, Ask, asker, cells_of, make_archive, open_desk, soup


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("desk") / "any#name %41.db")


@pytest.fixture(scope="module")
def get(archive: Path) -> Ask:
    return asker(open_desk(archive))


# ------------------------------------------------------------------ questions
def test_new_since_yesterday_leaves_noise_and_older_articles_out(get: Ask) -> None:
    titles = cells_of(soup(get("/masthead/new")), "title")
    assert len(titles) == 6
    assert not any("gadgets" in title or "returns" in title for title in titles)


def test_official_partnership_news_names_the_official_channel(get: Ask) -> None:
    rows = get("/masthead/official_partnerships.json?_shape=array").json()
    assert [(row["source_id"], row["attribution"]) for row in rows] == [
        ("kuajing-ribao", "official"),
        ("tiktok-newsroom", "official"),
    ]
    assert rows[1]["cue"] == "can now buy Amazon products from ads"


def test_policy_by_platform_can_be_narrowed(get: Ask) -> None:
    assert len(get("/masthead/policy_by_platform.json?_shape=array").json()) == 2
    temu = get("/masthead/policy_by_platform.json?_shape=array&platform=temu").json()
    assert [row["type"] for row in temu] == ["state/regulation"]
    assert get("/masthead/policy_by_platform.json?_shape=array&days=0").json() == []
    page = soup(get("/masthead/policy_by_platform?platform=temu"))
    assert [chip.get_text() for chip in page.select(".chip.on")] == ["Temu", "all"]


@pytest.mark.parametrize("days", ["", "0", "-5", "abc", "1e9", "9" * 400, "１２", "7; drop table articles"])
def test_days_may_be_anything(get: Ask, days: str) -> None:
    assert get("/masthead/official_partnerships", params={"days": days}).status_code == 200


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("亚马逊", {1, 2, 3, 4, 5}),  # its English name too, by the alias
        ("amazon", {1, 2, 3, 4, 5}),
        ("上市", {7}),
        ("亞馬遜", {1, 2, 3, 4, 5}),
        ("formal inquiry", {6}),
        ('"inquiry formal"', set()),
        ("TikTok -Amazon", set()),
        ("伦敦 OR Brussels", {6, 7}),
    ],
)
def test_search_in_both_languages(get: Ask, words: str, found: set[int]) -> None:
    rows = get("/masthead/find.json", params={"q": words, "_shape": "array"}).json()
    hits = {row["article_id"] for row in rows}
    assert hits == found
    listed = get("/masthead/articles.json", params={"_search": words, "_shape": "array"}).json()
    assert {row["id"] for row in listed} == hits


def test_search_marks_what_was_found(get: Ask) -> None:
    page = soup(get("/masthead/find", params={"q": "亚马逊 checkout OR inside"}))
    assert {"Amazon", "inside"} <= {mark.get_text() for mark in page.select("td.col-title mark")}
    box = page.select_one("input#p-q")
    assert box is not None
    assert box["value"] == "亚马逊 checkout OR inside"


NAUGHTY = [
    "",
    " ",
    '"',
    '""',
    "'",
    "''",
    "*",
    "a*",
    "^a",
    "(",
    ")",
    "()",
    "NEAR(",
    "NEAR(a b, 3)",
    "AND",
    "OR",
    "NOT",
    "a AND",
    "OR OR OR",
    "-",
    "--",
    "-a",
    "+",
    "a:b",
    "title:x",
    "{title}: x",
    "\\",
    "%",
    "_",
    ";",
    "\x00",
    "a\x00b",
    "，。！",
    "中",
    "é",
    "\u202eabc",
    "😀",
    "a" * 300,
    "中" * 300,
    "x " * 200,
    '" OR 1=1 --',
    "'; drop table articles;--",
    "\u0300\u0301",
    "<script>",
    "{{7*7}}",
    "${7}",
    "\ud7ff",
    "\ufffe",
    "ﷺ",
    "NaN",
    "null",
    "-1",
    "1e309",
    "“引号",
    "「括」",
]


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_words_are_too_odd_to_search(get: Ask, text: str) -> None:
    for path in ("/masthead/find?q=", "/masthead/find.json?q=", "/masthead/articles?_search="):
        response = get(path + str(httpx.QueryParams({"q": text}))[2:])
        assert response.status_code == 200, f"{path}{text!r}: {response.text[:200]}"


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_the_search_functions_never_fail(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("create virtual table search using fts5(title, text, content='')")
        conn.execute("create table entities (aliases text)")
        conn.execute("""insert into entities values ('["Amazon", "亚马逊"]')""")
        functions.register(conn, ZoneInfo(ZONE), lambda: NOW)
        text = text.encode("utf-8", "replace").decode()  # as it comes out of an address
        conn.execute("select rowid from search where search match masthead_match(?)", [text]).fetchall()
        conn.execute("select masthead_excerpt(?1, ?1), masthead_needles(?1), masthead_day_start(?1)", [text]).fetchall()


@pytest.mark.parametrize(
    ("days", "start"),
    [(0, "2024-08-08T16:00:00+00:00"), ("1", "2024-08-07T16:00:00+00:00"), (None, "2024-08-08T16:00:00+00:00")],
)
def test_a_day_begins_at_the_teams_midnight(days: object, start: str) -> None:
    assert functions.day_start(days, ZoneInfo(ZONE), NOW) == start


def test_a_day_begins_at_midnight_across_a_clock_change() -> None:
    now = datetime(2024, 3, 10, 20, tzinfo=UTC)  # New York went forward that morning
    assert functions.day_start(0, ZoneInfo("America/New_York"), now) == "2024-03-10T05:00:00+00:00"
    assert functions.day_start(-3, ZoneInfo("America/New_York"), now) == "2024-03-10T05:00:00+00:00"
