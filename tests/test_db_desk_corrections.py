"""What answers on the desk change: an article in the wrong story leaves it, noise leaves Today, judgements count."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from db.score_reads import scores
from db.store import Store
from pipelines.copies import best_match
from tests.clip_samples import tools
from tests.db_samples import NOW, source
from tests.desk_readers import Browser
from tests.desk_samples import open_desk
from tests.desk_stories import DEAL_STORY, make_story_archive
from tests.story_samples import RULES, read_before, said, told


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three articles in one story, and one in another."""
    path = tmp_path / "desk.db"
    with Store.open(path) as store:
        store.sync_sources([source(), source("newsroom", kind="official", speaks_for=("tiktok",))])
        read_before(store)
        for number in (1, 2, 3):
            store.save(told("ads", number, says=(said("everyone"),)), best_match, RULES)
        store.save(told("fees", 1, source_id="newsroom", source_kind="official"), best_match, RULES)
    return path


@pytest.fixture
def browser(archive: Path) -> Browser:
    return Browser(open_desk(archive, clips=replace(tools(), rules=RULES), clock=lambda: NOW))


def seats(archive: Path) -> dict[int, str]:
    with closing(sqlite3.connect(archive)) as conn:
        return dict(conn.execute("select article_id, story_id from story_articles order by article_id").fetchall())


def send(browser: Browser, story: str, article: int, target: str = "") -> str:
    answer = browser.post(
        "/triage", kind="wrong_story", story=story, article=str(article), target=target, back=f"/stories/{story}"
    )
    return str(answer.headers["location"])


def undo_of(page: str) -> str:
    button = BeautifulSoup(page, "html.parser").select_one("form[action='/triage/undo'] input[name=id]")
    assert isinstance(button, Tag)
    return str(button["value"])


def test_an_article_in_the_wrong_story_gets_its_own_and_comes_back(browser: Browser, archive: Path) -> None:
    before = seats(archive)
    ads = before[1]
    page = browser.get(send(browser, ads, 2)).text
    moved = seats(archive)[2]
    assert moved not in before.values()
    assert f'href="/stories/{moved}"' in page  # the log leads to where it went
    assert "ads 2" in browser.get(f"/stories/{moved}").text
    browser.post("/triage/undo", f"/stories/{ads}", id=undo_of(page), back=f"/stories/{ads}")
    assert seats(archive) == before


def test_an_article_goes_to_the_story_a_person_names(browser: Browser, archive: Path) -> None:
    ads, fees = seats(archive)[1], seats(archive)[4]
    send(browser, ads, 3, target=f"http://127.0.0.1:8001/stories/{fees}?lang=zh#timeline")
    assert seats(archive)[3] == fees
    send(browser, fees, 4, target=ads)
    send(browser, fees, 3, target=ads)  # the last one: its story leads on
    assert set(seats(archive).values()) == {ads}
    assert browser.get(f"/stories/{fees}").status_code == 301


@pytest.mark.parametrize(
    ("article", "target", "word"),
    [
        (4, "", "only article of this story"),
        (4, "st-nowhere", "no such other story"),
        (4, "<script>", "no such other story"),
        (1, "", "not in this story any more"),
    ],
)
def test_what_can_not_be_done_is_told(browser: Browser, archive: Path, article: int, target: str, word: str) -> None:
    before = seats(archive)
    page = browser.get(send(browser, before[4], article, target)).text
    assert word in page
    assert seats(archive) == before


def test_what_later_decisions_rest_on_is_not_undone_before_them(browser: Browser, archive: Path) -> None:
    ads, fees = seats(archive)[1], seats(archive)[4]
    first = undo_of(browser.get(send(browser, ads, 2, target=fees)).text)
    send(browser, ads, 3, target=fees)
    answer = browser.post("/triage/undo", f"/stories/{ads}", id=first, back=f"/stories/{ads}")
    assert "undo that first" in browser.get(answer.headers["location"]).text
    assert seats(archive)[2] == fees


def test_a_judgement_stands_beside_the_claim_and_counts(tmp_path: Path) -> None:
    path = make_story_archive(tmp_path / "desk.db")
    browser = Browser(open_desk(path))

    def rate() -> float | None:
        with closing(sqlite3.connect(path)) as conn:
            board = {one.voice: one for one in scores(conn, since=NOW - timedelta(days=3650))}
        return board["seller-talk"].over_claim_rate

    assert rate() == 1.0
    fields = {"story": DEAL_STORY, "article": "4", "kind": "overclaim", "note": "audience"}
    browser.post("/triage", **fields, value="unfounded")
    page = BeautifulSoup(browser.get(f"/stories/{DEAL_STORY}").text, "html.parser")
    pressed = page.select_one("#claims button[aria-pressed=true]")
    assert pressed is not None
    assert "fair" in pressed.text
    assert rate() == 0.0
    browser.post("/triage", **fields, value="confirmed")
    assert rate() == 1.0


def test_noise_leaves_today_and_counts_as_noise_of_its_sources(tmp_path: Path) -> None:
    path = make_story_archive(tmp_path / "desk.db")
    browser = Browser(open_desk(path))

    def noise() -> float | None:
        with closing(sqlite3.connect(path)) as conn:
            return {one.voice: one for one in scores(conn, since=NOW - timedelta(days=3650))}[
                "kuajing-ribao"
            ].noise_rate

    before, story = noise(), f".card a[href='/stories/{DEAL_STORY}']"
    assert BeautifulSoup(browser.get("/").text, "html.parser").select(story)
    browser.post("/triage", story=DEAL_STORY, kind="noise")
    assert not BeautifulSoup(browser.get("/").text, "html.parser").select(story)
    assert (noise() or 0) > (before or 0)


def test_a_button_that_was_pressed_shows_it_and_takes_it_back(tmp_path: Path) -> None:
    path = make_story_archive(tmp_path / "desk.db")
    browser = Browser(open_desk(path))
    browser.post("/triage", story=DEAL_STORY, kind="important")
    page = BeautifulSoup(browser.get(f"/stories/{DEAL_STORY}").text, "html.parser")
    button = page.select_one("#triage-box button[aria-pressed=true]")
    assert button is not None
    assert button["formaction"] == "/triage/undo"
    browser.post("/triage/undo", id=str(button["value"]))
    page = BeautifulSoup(browser.get(f"/stories/{DEAL_STORY}").text, "html.parser")
    assert page.select_one("#triage-box button[aria-pressed=true]") is None
