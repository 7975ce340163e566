"""Clips on the desk: the form that a bookmarklet opens, one click, where it landed; who may, and from where."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from db.people import sync_people
from db.store import Store
from tests.clip_samples import INES, POST, QUOTE, TOKENS, tools
from tests.desk_readers import ACCOUNTS, Browser
from tests.desk_samples import make_archive, open_desk

FORM = {"url": f"{POST}?{TOKENS}", "title": "Ines Falk on LinkedIn", "quote": QUOTE, "note": "", "person": "ines-falk"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = make_archive(tmp_path / "desk.db")
    with Store.open(path) as store:
        sync_people(store, [INES])
    return path


@pytest.fixture
def browser(archive: Path) -> Browser:
    return Browser(open_desk(archive, clips=tools()))


def clips(archive: Path) -> int:
    with closing(sqlite3.connect(archive)) as conn:
        found: int = conn.execute("select count(*) from articles where source_id like 'clips%'").fetchone()[0]
    return found


def test_asking_shows_a_form_filled_in_and_keeps_nothing(browser: Browser, archive: Path) -> None:
    asked = {**FORM, "person": "", "title": "<script>alert(1)</script>"}
    answer = browser.get(f"/clip?{urlencode(asked)}")
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("input[name=url]")["value"] == POST  # type: ignore[index]  # it is there
    assert page.select_one("option[selected]")["value"] == "ines-falk"  # type: ignore[index]  # told by the handle
    assert page.select_one("textarea").text == QUOTE  # type: ignore[union-attr]  # it is there
    assert "<script>alert" not in answer.text
    assert "CANARY" not in answer.text
    assert clips(archive) == 0


def test_one_click_keeps_one_post_and_shows_where_it_landed(browser: Browser, archive: Path) -> None:
    answer = browser.post("/clip", "/clip", **FORM)
    assert answer.status_code == 303
    page = BeautifulSoup(browser.get(answer.headers["location"]).text, "html.parser")
    link = page.select_one("main a.headline")
    assert link is not None
    assert str(link["href"]).startswith("/stories/st-")
    assert "Ines Falk, founder of Falk Freight Notes" in page.get_text()
    assert page.select_one("main .status-rumor")
    assert clips(archive) == 1
    again = browser.post("/clip", "/clip", **FORM)
    assert again.headers["location"].endswith("?known=1")
    assert "already" in browser.get(again.headers["location"]).text
    assert clips(archive) == 1
    story = browser.get(str(link["href"])).text
    assert "Captured by hand" in story
    assert "CANARY" not in story


def test_a_bookmarklet_opens_this_desk_in_a_window_of_its_own(browser: Browser) -> None:
    page = BeautifulSoup(browser.get("/clip").text, "html.parser")
    link = page.select_one("a[href^='javascript:']")
    assert link is not None
    assert "open('http://localhost/clip'" in str(link["href"])
    assert "noopener" in str(link["href"])
    longest = urlencode({"url": "https://a.example/" + "a" * 1482, "title": "题" * 180, "quote": "引" * 500})
    assert browser.get(f"/clip?{longest}").status_code == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "javascript:alert(1)"}, "no http(s) page"),
        ({"quote": "x" * 501}, "longer than 500"),
        ({"title": "", "quote": ""}, "neither a title nor a quotation"),
        ({"person": "nobody"}, "Nobody of this name"),
    ],
)
def test_a_bad_clip_is_shown_again_with_the_reason(browser: Browser, changes: dict[str, str], said: str) -> None:
    answer = browser.post("/clip", "/clip", **{**FORM, **changes})
    assert answer.status_code == 400
    assert said in str(BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]"))


def test_another_site_can_not_clip(browser: Browser, archive: Path) -> None:
    browser.get("/clip")
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.send("POST", "/clip", data=FORM, headers=headers).status_code == 403
    assert browser.send("POST", "/clip", data={**FORM, "csrftoken": "guessed"}).status_code == 403
    assert clips(archive) == 0


def test_behind_a_login_editors_clip(archive: Path) -> None:
    desk = open_desk(archive, accounts=ACCOUNTS, clips=tools())
    assert Browser(desk).get("/clip").status_code in (302, 303, 403)
    for name, status in (("lee", 403), ("mei", 200)):
        reader = Browser(desk)
        reader.log_in(name)
        assert reader.get("/clip").status_code == status
    assert reader.post("/clip", "/clip", **FORM).status_code == 303


def test_a_program_is_answered_in_json(browser: Browser) -> None:
    accept = {"accept": "application/json"}
    token = BeautifulSoup(browser.get("/clip").text, "html.parser").select_one("input[name=csrftoken]")
    assert token is not None
    form = {**FORM, "csrftoken": str(token["value"])}
    kept = browser.send("POST", "/clip", data=form, headers=accept).json()
    assert (kept["ok"], kept["new"], kept["status"]) == (True, True, "rumor")
    refused = browser.send("POST", "/clip", data={**form, "url": "x"}, headers=accept)
    assert (refused.status_code, refused.json()["code"]) == (400, "clip_link")


def test_a_desk_without_the_means_takes_no_clips(archive: Path) -> None:
    reader = Browser(open_desk(archive))
    assert reader.get("/clip").status_code == 404
    assert reader.get("/clip/99").status_code == 404


def test_the_channels_of_a_person_are_found_under_their_name(browser: Browser) -> None:
    browser.post("/clip", "/clip", **FORM)
    page = BeautifulSoup(browser.get("/sources?person=ines-falk").text, "html.parser")
    assert [link.text for link in page.select("tbody a.headline")] == ["Ines Falk (clips)"]
    assert "founder of Falk Freight Notes" in str(page.select_one("p.notice"))
    assert "LinkedIn profile" in browser.get("/sources/clips-ines-falk").text
    board = BeautifulSoup(browser.get("/scoreboard?days=3650").text, "html.parser")
    assert board.select_one("a[href='/sources?person=ines-falk']")
