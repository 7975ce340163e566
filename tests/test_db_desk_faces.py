"""What a page says of itself elsewhere: titles for links that are pasted, the mark; and figures read as words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.desk.deadlines import gone, in_days
from db.desk.reader import Reader, become, language_or
from db.desk.score_pages import between, hours, of_texts
from tests.desk_samples import NOW, ZONE, asker, insert, open_desk, soup
from tests.desk_stories import DEAL_STORY, make_story_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_story_archive(tmp_path_factory.mktemp("faces") / "desk.db")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "今日 · 2024-08-09"),
        ("/?day=2024-08-08", "2024-08-08 日报"),
        (f"/stories/{DEAL_STORY}", "TikTok、亚马逊：宣布广告合作，美国，2024年8月8日"),
        ("/stories?platform=temu&status=official", "事件 · 官宣 · Temu"),
        ("/sources/harbour-wire", "Harbour Wire"),
        ("/search?q=关税", "搜索: 关税"),
        ("/deadlines", "关键日期"),
        ("/masthead/articles/1", "TikTok and Amazon make shopping from ads simpler"),
    ],
)
def test_a_pasted_link_carries_a_title(archive: Path, path: str, title: str) -> None:
    page = soup(asker(open_desk(archive, language="zh"))(path))
    said = {str(meta["property"]): str(meta["content"]) for meta in page.select("meta[property]")}
    assert set(title.split(" · ")) <= set(said["og:title"].split(" · "))
    assert said["og:description"]


def test_the_mark_is_ours(archive: Path) -> None:
    answer = asker(open_desk(archive))("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")


@pytest.fixture
def _english() -> None:
    become(Reader(language_or("en", "en"), ZoneInfo(ZONE)))


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-08-08", ""), ("2024-08-09", "today"), ("2024-08-10", "tomorrow"), ("2024-08-19", "in 10 days"),
        ("soon", ""),
    ],
)  # fmt: skip
def test_how_far_a_day_lies_ahead_for_the_team(archive: Path, day: str, said: str) -> None:
    assert in_days(day, open_desk(archive, clock=lambda: NOW).desk) == said


@pytest.mark.usefixtures("_english")
def test_leads_read_as_words() -> None:
    assert [hours(None), hours(2.3), hours(-60.0)] == ["–", "2.3 hours ahead", "2.5 days behind"]
    assert between(-16.6, -13.1) == "13.1–16.6 hours behind"
    assert between(-2.0, 72.0) == "2.0 hours behind … 3.0 days ahead"
    assert [of_texts(0), of_texts(1), of_texts(1200)] == ["", "of 1 article", "of 1,200 articles"]


def test_of_many_dates_gone_by_the_newest_are_shown(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as conn:
        conn.row_factory = sqlite3.Row
        (story,) = conn.execute("select id from stories where merged_into is null limit 1").fetchone()
        place = {"story_id": story, "article_id": 1, "role": "event", "field": "text", "start": 0, "end": 0}
        for day in range(1, 31):
            insert(conn, "deadlines", {**place, "date": f"2024-07-{day:02d}"})
        assert [row["date"] for row in gone(conn, date(2024, 8, 9), limit=2)] == ["2024-07-30", "2024-07-29"]
