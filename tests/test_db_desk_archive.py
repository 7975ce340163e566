"""The desk over an archive that grows, is replaced, is missing or broken."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from db import ledger
from db.errors import CODES
from db.ledger import Holder
from db.private import Private
from db.rows import stamp
from tests.desk_samples import add_article, asker, make_archive, open_desk


# ------------------------------------------------------------------ the archive itself
def test_what_a_crawl_commits_is_seen_at_once(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "live.db", articles=1)
    get = asker(open_desk(path))
    assert len(get("/masthead/articles.json?_shape=array").json()) == 1
    with closing(sqlite3.connect(path)) as conn:
        sample = {"source": "harbour-wire", "hours": 1, "title": "Fresh", "text": "Fresh.", "relevance": 2}
        add_article(conn, 2, {**sample, "platforms": [], "events": []})
        conn.commit()  # stays in the write-ahead log
        assert "Fresh" in get("/masthead/articles").text


def test_a_restored_file_replaces_the_old_one(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "desk.db", articles=3)
    get = asker(open_desk(path))
    assert len(get("/masthead/articles.json?_shape=array").json()) == 3
    other = make_archive(tmp_path / "other.db", articles=1)
    for tail in ("-wal", "-shm"):
        Path(f"{path}{tail}").unlink(missing_ok=True)
    os.replace(other, path)
    assert len(get("/masthead/articles.json?_shape=array").json()) == 1


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_text(path: Path) -> None:
    path.write_text("this is no database, only a long enough sentence" * 40)


def spoil_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("create table cookies (secret)")


def spoil_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("insert into _sqlite_migrations values (99, 'masthead', '9999_later', '2040')")
        conn.commit()


def spoil_older(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("delete from _sqlite_migrations where id = (select max(id) from _sqlite_migrations)")
        conn.commit()


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_missing, "store_missing"),
        (spoil_folder, "store_missing"),
        (spoil_text, "store_corrupt"),
        (spoil_foreign, "store_corrupt"),
        (spoil_newer, "store_newer"),
        (spoil_older, "store_older"),
    ],
)
def test_an_unusable_archive_is_explained(tmp_path: Path, spoil: Callable[[Path], None], code: str) -> None:
    path = make_archive(tmp_path / "bad.db", articles=1)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = delete")  # no log beside the file that would mend it
    spoil(path)
    get = asker(open_desk(path))
    for address in ("/", "/masthead", "/masthead/articles", "/masthead/articles/1", "/masthead/new"):
        response = get(address)
        assert response.status_code == 503
        text = BeautifulSoup(response.text, "html.parser").get_text(" ", strip=True)
        assert CODES[code].en in text
        assert CODES[code].do_en in text
        assert code in text
        assert "Traceback" not in text
        assert str(tmp_path) not in response.text
    program = get("/masthead/articles.json")
    assert (program.status_code, program.json()["code"]) == (503, code)
    health = get("/-/healthz")
    assert (health.status_code, health.json()["code"]) == (503, code)
    assert get("/-/desk/desk.css").status_code == 200
    assert "cookies" not in get("/masthead").text


def test_the_desk_recovers_when_the_archive_appears(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    get = asker(open_desk(path))
    assert get("/").status_code == 503
    assert not path.exists()  # a desk creates nothing
    make_archive(path)
    assert get("/").status_code == 200
    path.rename(tmp_path / "away.db")
    assert get("/").status_code == 503


def test_a_damaged_page_is_a_clear_page_too(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "torn.db", articles=60)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = delete")
        root = conn.execute("select rootpage from sqlite_master where name = 'articles'").fetchone()[0]
        size = conn.execute("pragma page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))
    response = asker(open_desk(path))("/masthead/articles")
    assert response.status_code == 503
    assert CODES["store_corrupt"].en in response.text


def test_healthz_tells_machines_of_the_newest_crawl(tmp_path: Path) -> None:
    answer = asker(open_desk(make_archive(tmp_path / "desk.db")))("/-/healthz")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert answer.json()["newest_run"]["ended_at"] == "2024-08-08T23:00:00+00:00"


def test_healthz_tells_whether_the_service_is_alive(tmp_path: Path) -> None:
    path, now = make_archive(tmp_path / "desk.db"), datetime(2026, 6, 1, 8, tzinfo=UTC)
    ask = asker(open_desk(path, clock=lambda: now))
    assert ask("/-/healthz").json()["service"] is None
    service = Holder(7, "desk-1", now - timedelta(hours=3), now - timedelta(seconds=40))
    with Private.open(path) as private, private.writing() as connection:
        ledger.take(connection, service)
    assert ask("/-/healthz").json()["service"] == {"since": stamp(service.since), "heartbeat_age_seconds": 40}
    with Private.open(path) as private, private.writing() as connection:
        ledger.take(connection, replace(service, beat_at=now - timedelta(minutes=3)))
    silent = ask("/-/healthz")
    assert (silent.status_code, silent.json()["code"]) == (503, "service_silent")
