"""One statement or one error against the desk: what it may take, and what it may tell."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from datasette.database import QueryInterrupted

from db.desk import plugin
from db.desk.app import Desk
from db.desk.archive import NAME
from tests.desk_samples import Ask, asker, make_archive, open_desk


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("desk") / "archive.db")


@pytest.fixture(scope="module")
def desk(archive: Path) -> Desk:
    return open_desk(archive)


@pytest.fixture(scope="module")
def get(desk: Desk) -> Ask:
    return asker(desk)


# ------------------------------------------------------------------ one statement against the machine (B02)
BOMBS = [
    "select zeroblob(300000000)",
    "select printf('%*c', 300000000, 'x')",
    "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t",
    "with recursive t(n) as (select 1 union all select n + 1 from t) select group_concat(hex(randomblob(999))) from t",
]


@pytest.mark.parametrize("sql", BOMBS)
def test_strangers_bring_no_statement_of_their_own(get: Ask, sql: str) -> None:
    for path in ("/masthead", "/masthead.json", "/masthead.csv"):
        assert get(path, params={"sql": sql}).status_code == 403


@pytest.mark.parametrize("sql", BOMBS)
def test_the_limits_hold_below_the_permissions_and_others_are_served(desk: Desk, sql: str) -> None:
    process = psutil.Process()

    async def attack() -> int:
        await desk.client.get("/masthead/articles")
        before, peak = process.memory_info().rss, 0
        bomb = asyncio.ensure_future(desk.get_database(NAME).execute(sql))
        while not bomb.done():  # at least once: it has only been asked for
            assert (await desk.client.get("/masthead/articles?_size=5")).status_code == 200
            peak = max(peak, process.memory_info().rss - before)
        with suppress(QueryInterrupted, sqlite3.DataError):  # out of time, or "string or blob too big"
            assert (await bomb).rows[0][0] is None  # what printf() gives for more than the limit
        return peak

    assert asyncio.run(attack()) < 100 * 1024 * 1024


def test_a_slow_question_is_explained(desk: Desk) -> None:
    slow = "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"
    query = {"sql": slow, "params": [], "name": "new"}

    class Slow(Desk):
        async def get_canned_query(self, database_name: str, query_name: str, actor: Any) -> Any:
            return query if query_name == "new" else None

    other = Slow(desk.desk)
    response = asker(other)("/masthead/new")
    assert response.status_code == 400
    assert "takes too long" in response.text
    assert "recursive" not in response.text


# ------------------------------------------------------------------ errors
def test_an_unexpected_error_shows_and_logs_no_variables(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(*args: Any, **kwargs: Any) -> None:
        canary = "c4n4ry-in-a-variable"
        raise RuntimeError(f"broken after {len(canary)} letters")

    monkeypatch.setattr("db.desk.story_pages.recall", broken)
    with caplog.at_level(logging.ERROR):
        response = asker(desk)("/")
    assert response.status_code == 500
    assert "Traceback" not in response.text
    assert "broken after" not in response.text
    out, err = capfd.readouterr()
    assert "c4n4ry" not in response.text + caplog.text + out + err
    assert "broken after 20 letters" in caplog.text


@pytest.mark.parametrize("path", ["/nowhere.json", "/masthead/meta.json", "/masthead/articles.json?_size=x"])
def test_programs_get_their_refusal_as_json(get: Ask, path: str) -> None:
    answer = get(path)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["ok"] is False
    assert answer.json()["status"] == answer.status_code


def test_judging_an_error_looks_below_datasettes_own() -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect("file:/nowhere/x.db?mode=ro", uri=True)
    outer = RuntimeError("wrapped")
    outer.__context__ = caught.value
    assert plugin.judge(outer) == (503, "store_missing", "503")
    assert plugin.judge(RuntimeError("a bug")) == (500, "", "500")
