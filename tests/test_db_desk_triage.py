"""What people say on the desk: who may, how it is kept, undone and protected; accounts, tokens, an editor's own SQL."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from db.desk.accounts import ACCOUNTS_VARIABLE, read_accounts
from db.errors import UsageError
from tests.desk_readers import ACCOUNTS, HASH, Browser
from tests.desk_samples import asker, open_desk
from tests.desk_stories import DEAL_STORY, make_story_archive


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_story_archive(tmp_path_factory.mktemp("triage") / "desk.db")


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test."""
    return Path(shutil.copy(made, tmp_path / "desk.db"))


@pytest.fixture
def browser(archive: Path) -> Browser:
    return Browser(open_desk(archive))


def said(archive: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(archive)) as conn:
        return conn.execute(
            "select story_id, article_id, kind, value, note, by, undone_at is not null from triage order by id"
        ).fetchall()


# ------------------------------------------------------------------ answers
def test_an_answer_is_kept_shown_and_taken_back(browser: Browser, archive: Path) -> None:
    answer = browser.post("/triage", story=DEAL_STORY, kind="important", back="/stories?platform=tiktok")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/stories?platform=tiktok&said=")
    assert said(archive) == [(DEAL_STORY, None, "important", "", "", "local", 0)]
    page = BeautifulSoup(browser.get(answer.headers["location"]).text, "html.parser")
    assert "is-important" in page.select_one(f"[data-story={DEAL_STORY}]")["class"]  # type: ignore[index]  # it is there
    number = page.select_one("form.notice input[name=id]")
    assert number is not None
    assert browser.post("/triage", story=DEAL_STORY, kind="important").headers["location"] == "/stories"
    assert len(said(archive)) == 1  # said twice is said once
    browser.post("/triage/undo", id=number["value"])
    assert said(archive) == [(DEAL_STORY, None, "important", "", "", "local", 1)]
    assert "undone by local" in browser.get(f"/stories/{DEAL_STORY}").text


def test_many_at_once_an_owner_in_place_of_another_and_notes(browser: Browser, archive: Path) -> None:
    browser.post("/triage", story=[DEAL_STORY, "st-fee", "st-none"], kind="read")
    assert [row[0] for row in said(archive)] == [DEAL_STORY, "st-fee"]
    assert "2" in BeautifulSoup(browser.get("/stories?triage=read").text, "html.parser").select(".count span")[0].text
    browser.post("/triage", story=DEAL_STORY, kind="owner", value="Mei")
    browser.post("/triage", story=DEAL_STORY, kind="hand_over", value="Lee")
    assert [row[3] for row in said(archive) if not row[6]] == ["", "", "Lee"]
    browser.post("/triage", story=DEAL_STORY, kind="note", note="<b>ask</b>\u202e legal")
    assert said(archive)[-1][4] == "<b>ask</b> legal"
    assert "<b>ask" not in browser.get(f"/stories/{DEAL_STORY}").text
    assert "Owner: Lee" in BeautifulSoup(browser.get("/stories").text, "html.parser").get_text()


def test_answers_about_an_article(browser: Browser, archive: Path) -> None:
    browser.post("/triage", story=DEAL_STORY, article=4, kind="overclaim", value="confirmed", note="audience")
    browser.post("/triage", story=DEAL_STORY, article=4, kind="overclaim", value="unfounded", note="audience")
    browser.post("/triage", story=DEAL_STORY, article=4, kind="wrong_story")
    browser.post("/triage", story=DEAL_STORY, article=6, kind="wrong_story")  # stands in another story
    assert [row[1:4] + row[6:] for row in said(archive)] == [
        (4, "overclaim", "confirmed", 1),
        (4, "overclaim", "unfounded", 0),
        (4, "wrong_story", "", 0),
    ]
    assert "1 found fair" in browser.get("/quality").text


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "drop"}, {"kind": ""}, {"kind": "overclaim", "value": "confirmed"}, {"kind": "note"},
        {"kind": "owner", "value": " "}, {"kind": "overclaim", "article": "4", "value": "x"},
        {"kind": "read", "article": "4 or 1"},
    ],
)  # fmt: skip
def test_odd_answers_are_refused(browser: Browser, archive: Path, fields: dict[str, str]) -> None:
    assert browser.post("/triage", story=DEAL_STORY, **fields).status_code == 400
    assert said(archive) == []


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", "x"])
def test_nobody_is_led_elsewhere(browser: Browser, back: str) -> None:
    location = browser.post("/triage", story=DEAL_STORY, kind="read", back=back).headers["location"]
    assert location.startswith("/stories?said=")


def test_a_program_gets_the_ids(browser: Browser) -> None:
    token = BeautifulSoup(browser.get("/stories").text, "html.parser").select_one("input[name=csrftoken]")
    assert token is not None
    fields = {"csrftoken": token["value"], "story": DEAL_STORY, "kind": "read"}
    answer = browser.send("POST", "/triage", data=fields, headers={"accept": "application/json"})
    assert answer.json() == {"ok": True, "ids": [1]}


# ------------------------------------------------------------------ forged and oversized forms
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"}, {"origin": "http://localhost.evil.example"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/triage", "/triage/undo", "/feeds", "/-/login"])
def test_a_foreign_page_can_not_answer(browser: Browser, archive: Path, path: str, headers: dict[str, str]) -> None:
    fields = {"story": DEAL_STORY, "kind": "read", "id": "1"}
    assert browser.send("POST", path, data=fields, headers=headers).status_code == 403  # without any cookie
    browser.get("/stories")
    assert browser.send("POST", path, data=fields, headers=headers).status_code == 403
    assert said(archive) == []


def test_a_form_without_its_token_or_too_large_is_refused(browser: Browser, archive: Path) -> None:
    browser.get("/stories")
    assert browser.send("POST", "/triage", data={"story": DEAL_STORY, "kind": "read"}).status_code == 403
    assert browser.post("/triage", story=DEAL_STORY, kind="note", note="x" * 70_000).status_code == 403
    assert browser.send("GET", "/triage").status_code == 404
    assert said(archive) == []


# ------------------------------------------------------------------ roles
def test_readers_read_and_editors_write(archive: Path) -> None:
    desk = open_desk(archive, accounts=ACCOUNTS)
    stranger, reader, editor = Browser(desk), Browser(desk), Browser(desk)
    assert stranger.get("/stories").status_code == 302
    assert stranger.post("/triage", story=DEAL_STORY, kind="read").status_code in (302, 403)
    assert reader.log_in("lee", "wrong").status_code == 200
    assert reader.get("/stories").status_code == 302
    assert reader.log_in("lee").status_code == 302
    assert reader.get("/stories").status_code == 200
    assert "csrftoken" not in reader.get("/stories").text
    token = BeautifulSoup(reader.get("/-/login").text, "html.parser").select_one("input[name=csrftoken]")
    assert token is not None
    forged = {"csrftoken": token["value"], "story": DEAL_STORY, "kind": "read"}
    assert reader.send("POST", "/triage", data=forged).status_code == 403
    assert said(archive) == []
    editor.log_in("mei")
    assert editor.post("/triage", story=DEAL_STORY, kind="read").status_code == 303
    assert said(archive)[0][5] == "mei"


@pytest.mark.slow
def test_own_sql_is_for_editors_and_stays_within_limits(archive: Path) -> None:
    desk = open_desk(archive, accounts=ACCOUNTS)
    reader, editor = Browser(desk), Browser(desk)
    reader.log_in("lee")
    editor.log_in("mei")
    question = "/masthead?sql=select+id+from+stories+order+by+id"
    assert reader.get(question).status_code == 403
    assert "st-temu" in editor.get(question).text
    assert "textarea" in editor.get("/masthead").text
    assert "textarea" not in reader.get("/masthead").text
    for heavy in (
        "select zeroblob(200000000)", "select printf('%.*c', 900000000, 'x')", "select hex(zeroblob(90000))",
        "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
        "with recursive c(x) as (select 1 union all select x + 1 from c) select group_concat(x) from c",
        "select zeroblob(3000000) from articles", "delete from articles", "attach 'x' as y", "pragma query_only = 0",
    ):  # fmt: skip
        answer = editor.send("GET", "/masthead", params={"sql": heavy})
        assert answer.status_code in (400, 403) or len(answer.content) < 10_000, heavy


# ------------------------------------------------------------------ accounts
def test_accounts_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    file.write_text(f"# the team\n\nmei editor {HASH['mei']}\nlee  reader {HASH['lee']}\n")
    assert read_accounts({ACCOUNTS_VARIABLE: str(file)}) == ACCOUNTS
    assert read_accounts({}) == []


@pytest.mark.parametrize(
    "text",
    [
        "mei boss HASH", "mei editor", "Mei editor HASH", "mei editor canary", "m_password_hash editor HASH",
        "mei editor HASH\nmei reader HASH", "", "mei editor HASH more",
    ],
)  # fmt: skip
def test_a_wrong_account_is_refused_with_its_line_and_without_the_hash(tmp_path: Path, text: str) -> None:
    file = tmp_path / "accounts"
    file.write_text(text.replace("HASH", HASH["mei"]))
    with pytest.raises(UsageError) as caught:
        read_accounts({ACCOUNTS_VARIABLE: str(file)})
    assert str(file) in str(caught.value)
    assert HASH["mei"] not in str(caught.value)
    assert "canary" not in str(caught.value)


# ------------------------------------------------------------------ tokens, metrics
def test_a_token_opens_feeds_and_calendar_until_it_is_revoked(archive: Path) -> None:
    desk = open_desk(archive, accounts=ACCOUNTS)
    editor, program = Browser(desk), asker(desk)
    editor.log_in("mei")
    page = BeautifulSoup(editor.post("/feeds", "/feeds", label="calendar of Lee").text, "html.parser")
    shown = page.select_one(".notice code")
    assert shown is not None
    token = shown.get_text().removeprefix("?token=")
    paths = ["/feeds/stories.atom", "/feeds/stories.json", "/feeds/stories.csv", "/deadlines.ics"]
    for path in paths:
        assert program(path, params={"token": token}).status_code == 200
        assert program(path, params={"token": token[:-1]}).status_code in (302, 403)
        assert program(path).status_code in (302, 403)
    assert program("/stories", params={"token": token}).status_code == 302
    assert token not in editor.get("/feeds").text
    with closing(sqlite3.connect(archive)) as conn:
        assert token not in str(conn.execute("select * from feed_tokens").fetchall())
    assert editor.post("/feeds", "/feeds", revoke="1").status_code == 200
    assert program(paths[0], params={"token": token}).status_code in (302, 403)


def test_metrics_are_off_unless_asked_for(archive: Path) -> None:
    assert asker(open_desk(archive))("/-/metrics").status_code == 404
    text = asker(open_desk(archive, metrics=True))("/-/metrics").text
    assert "masthead_archive_readable 1" in text
    assert 'masthead_sources{state="broken"} 1' in text
    gone = asker(open_desk(archive.with_name("none.db"), metrics=True))("/-/metrics").text
    assert gone == "masthead_archive_readable 0\n"


def test_an_archive_that_another_holds_says_so_and_the_next_answer_works(
    browser: Browser, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.desk.archive.WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(archive)) as conn:
        conn.execute("begin immediate")
        assert browser.post("/triage", story=DEAL_STORY, kind="read").status_code == 503
        conn.rollback()
    assert browser.post("/triage", story=DEAL_STORY, kind="read").status_code == 303
    assert len(said(archive)) == 1
