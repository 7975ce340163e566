"""Opening the archive in every bad condition, and what it remembers of sources and runs."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db import connect, reads
from db.errors import StoreError
from db.store import Store
from db.types import FetchRecord, SourceMemory, SourceRun
from pipelines.copies import best_match
from tests.db_samples import NOW, article, source, tagged


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        opened.sync_sources([source(), source("other")])
        yield opened


def refused(path: Path, code: str, *, create: bool = True) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path, create=create)
    assert caught.value.code == code
    assert caught.value.exit_code == 3
    assert str(path) in str(caught.value)
    return caught.value.message


# ------------------------------------------------------------------ opening
def test_opening_makes_a_strict_database_in_wal_mode_and_opens_again(path: Path) -> None:
    for _ in range(2):
        with Store.open(path) as store:
            assert store.connection.execute("pragma journal_mode").fetchone() == ("wal",)
            assert store.connection.execute("pragma foreign_keys").fetchone() == (1,)
            tables = "select name from pragma_table_list where schema = 'main' and type = 'table' and not strict"
            loose = {name for (name,) in store.connection.execute(tables)}
            assert loose == {"_sqlite_migrations", "sqlite_schema"}


def test_a_missing_file_or_folder(path: Path) -> None:
    assert "masthead crawl" in refused(path, "store_missing", create=False)
    assert not path.exists()
    assert "folder" in refused(path.parent / "nowhere" / "m.db", "store_missing")


def test_what_is_no_archive_is_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"Dear diary, this is no database. " * 200)
    refused(path, "store_corrupt")
    assert path.read_bytes().startswith(b"Dear diary")
    path.unlink()
    with sqlite3.connect(path) as foreign:
        foreign.execute("create table cookies (name)")
    foreign.close()
    before = path.read_bytes()
    assert "another program" in refused(path, "store_corrupt")
    assert path.read_bytes() == before
    refused(path.parent, "store_corrupt")


@pytest.mark.parametrize("damage", ["truncated", "flipped", "header"])
def test_a_damaged_file_is_told_and_left_as_it_is(path: Path, damage: str) -> None:
    with Store.open(path) as store:
        store.sync_sources([source()])
        for number in range(60):
            store.save(tagged(url=f"https://harbour.example/{number}", title=f"Number {number} of them"), best_match)
    body = bytearray(path.read_bytes())
    if damage == "truncated":
        body = body[: len(body) // 2]
    elif damage == "flipped":
        for page in range(8, len(body) // 4096):
            body[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    else:
        body[30:100] = b"\xff" * 70
    path.write_bytes(body)
    message = refused(path, "store_corrupt")
    assert "backup" in message
    assert path.read_bytes() == body


def opened(path: Path) -> tuple[str, int]:
    """The code of what keeps an archive from opening, else "" and how many articles it has."""
    try:
        with Store.open(path) as store:
            return "", int(store.connection.execute("select count(*) from articles").fetchone()[0])
    except StoreError as error:
        return error.code, 0


def test_a_flipped_byte_is_told_or_harmless_and_nothing_is_begun_anew(path: Path) -> None:
    with Store.open(path) as store:
        store.sync_sources([source()])
        for number in range(30):
            store.save(tagged(url=f"https://harbour.example/{number}", title=f"Number {number} of them"), best_match)
    sound, rng, told = path.read_bytes(), random.Random(7), 0
    for at in [*range(0, 100, 7), *(rng.randrange(len(sound)) for _ in range(60))]:
        body = bytearray(sound)
        body[at : at + 3] = bytes(byte ^ 0xFF for byte in body[at : at + 3])
        path.write_bytes(body)
        code, articles = opened(path)
        assert (code in ("store_corrupt", "store_newer") and path.read_bytes() == body) or articles == 30, (at, code)
        told += bool(code)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    assert told > 10


def test_a_newer_archive_is_refused(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('masthead', '9999_future', 'x')"
        )
    connection.close()
    assert "9999_future" in refused(path, "store_newer")


def test_a_held_database_is_told_after_the_wait(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    store.connection.execute("pragma busy_timeout = 50")
    with pytest.raises(StoreError) as caught:
        store.save(tagged(), best_match)
    assert caught.value.code == "store_locked"
    other.execute("rollback")
    assert store.save(tagged(), best_match).outcome == "new"
    other.close()
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    fresh = path.with_name("fresh.db")
    other = sqlite3.connect(fresh, isolation_level=None)
    other.execute("begin exclusive")
    refused(fresh, "store_locked")
    other.close()


def test_a_replaced_file_is_noticed_before_anything_is_lost(path: Path, store: Store) -> None:
    store.save(tagged(), best_match)
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)
    with pytest.raises(StoreError) as caught:
        store.save(tagged(title="Another one", url="https://harbour.example/b"), best_match)
    assert caught.value.code == "store_replaced"


def test_a_backup_without_write_ahead_log_gets_one(path: Path, store: Store) -> None:
    copy = path.with_name("copy.db")
    store.connection.execute("vacuum into ?", (str(copy),))
    with Store.open(copy) as opened:
        assert opened.connection.execute("pragma journal_mode").fetchone() == ("wal",)


_AS_NOBODY = """
import os, sys
from pathlib import Path
from db.errors import StoreError
from db.store import Store
from tests.db_samples import source
if os.geteuid() == 0:  # root may write anywhere
    os.setgid(65534)
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        with Store.open(Path(path)) as store:
            print(len(store.connection.execute("select * from sources").fetchall()))
            store.sync_sources([source()])
    except StoreError as error:
        print(error.code)
"""


@pytest.mark.skipif(os.name == "nt", reason="rights of files are POSIX ones")
def test_a_read_only_archive_can_be_read_but_not_written() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with Store.open(folder / "m.db") as store:
            store.sync_sources([source()])
        (folder / "m.db").chmod(0o444)
        folder.chmod(0o555)
        (folder / "secret.db").write_bytes(b"SQLite format 3\0")
        (folder / "secret.db").chmod(0)
        paths = [str(folder / name) for name in ("m.db", "new.db", "secret.db")]
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, *paths], stdout=subprocess.PIPE, text=True, check=True, cwd=Path.cwd()
        )
        assert done.stdout.split() == ["1", "store_readonly", "store_readonly", "store_readonly"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_errors_of_a_statement_are_bugs_not_conditions_of_the_file(store: Store) -> None:
    memory = SourceMemory(source_id="harbour")
    with pytest.raises(sqlite3.IntegrityError):
        store.record_source(999, SourceRun(source_id="harbour", state="ok"), memory, (), NOW)
    assert not store.connection.in_transaction


# ------------------------------------------------------------------ sources
def test_the_catalogue_is_brought_up_to_date_and_memory_stays(store: Store) -> None:
    kept = SourceMemory(
        source_id="harbour", state="quiet", code="timeout", detail="x", since=NOW, last_try_at=NOW, last_good_at=NOW,
        last_new_at=NOW, last_full_at=NOW, fails=0.75, etag='"e"', last_modified="yesterday", body_hash="h", entries=7,
        retry_after_at=NOW + timedelta(hours=1), moved_to="https://new.example/", gap_seconds=3600.5,
    )  # fmt: skip
    store.remember(kept)
    store.sync_sources([source(name="Harbour Gazette", why="first with port news")])
    assert store.memory("harbour") == kept
    rows = store.connection.execute("select id, name, family, enabled from sources order by id").fetchall()
    assert rows == [("harbour", "Harbour Gazette", "harbour", 1), ("other", "Harbour Times", "other", 0)]
    store.sync_sources([source(url="https://harbour.example/new-feed")])
    assert store.memory("harbour") == replace(kept, etag="", last_modified="", body_hash="", moved_to="")
    assert store.memory("unknown") == SourceMemory(source_id="unknown")


def test_what_was_learned_of_ids_survives_an_older_memory(store: Store) -> None:
    before = store.memory("harbour")
    store.save(tagged(guid="a"), best_match)
    store.save(tagged(guid="b"), best_match)
    store.remember(before)
    assert store.memory("harbour").guid_trust == "rotating"


def test_naive_times_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without zone"):
        store.remember(SourceMemory(source_id="harbour", since=NOW.replace(tzinfo=None)))


def test_entities_are_replaced(store: Store) -> None:
    store.sync_entities([("amazon", "Amazon", "亚马逊", "platform", "", ["Amazon", "亚马逊"])])
    store.sync_entities([("aws", "AWS", "亚马逊云", "company", "amazon", ["AWS"])])
    assert store.connection.execute("select * from entities").fetchall() == [
        ("aws", "AWS", "亚马逊云", "company", "amazon", '["AWS"]')
    ]


def test_courtesy_is_remembered(path: Path, store: Store) -> None:
    assert store.robots("https://a.example:443") is None
    assert store.retry_after("a.example") is None
    store.keep_robots("https://a.example:443", NOW, 200, "", b"User-agent: *\n")
    store.keep_robots("https://a.example:443", NOW, 503, "robots_unreachable", b"\xff\x00")
    store.keep_retry_after("a.example", NOW)
    with Store.open(path) as again:
        assert again.robots("https://a.example:443") == (NOW, 503, "robots_unreachable", b"\xff\x00")
        assert again.retry_after("a.example") == NOW


def test_known_answers_for_any_number_of_addresses(store: Store) -> None:
    store.save(tagged(), best_match)
    many = [f"https://harbour.example/{number}" for number in range(1_200)]
    assert set(store.known([*many, "https://harbour.example/a"], "harbour")) == {"https://harbour.example/a"}
    assert store.known([]) == {}


# ------------------------------------------------------------------ runs
def test_a_run_from_start_to_end(store: Store) -> None:
    crashed = store.start_run(NOW)
    run_id = store.start_run(NOW + timedelta(hours=1))
    fetch = FetchRecord(
        source_id="harbour", url="https://harbour.example/feed", at=NOW, purpose="source", status=200, size_bytes=9
    )
    good = SourceRun(source_id="harbour", state="ok", was="silent", new=3, changed=1, same=2, requests=5, seconds=1.5)
    bad = SourceRun(source_id="other", state="broken", code="timeout", detail="30 s", requests=1)
    for _ in range(2):  # repeating a report changes no sum
        store.record_source(run_id, good, SourceMemory(source_id="harbour", state="ok"), [fetch], NOW)
        store.record_source(run_id, bad, SourceMemory(source_id="other", state="broken", fails=0.5), (), NOW)
    store.end_run(run_id, "partial", NOW + timedelta(hours=2))
    rows = store.connection.execute(
        "select id, outcome, ended_at is not null, asked, seen, new, changed, same, requests from runs order by id"
    ).fetchall()
    assert rows == [(crashed, "crashed", 1, 0, 0, 0, 0, 0, 0), (run_id, "partial", 1, 2, 1, 3, 1, 2, 6)]
    assert (store.memory("harbour").state, store.memory("other").fails) == ("ok", 0.5)
    assert [row["was"] for row in reads.run_sources(store.connection, run_id)] == ["silent", "never"]


def test_a_failing_record_leaves_nothing_behind(store: Store) -> None:
    run_id = store.start_run(NOW)
    broken = FetchRecord(source_id="harbour", url=None, at=NOW, purpose="source")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(sqlite3.IntegrityError):
        store.record_source(
            run_id,
            SourceRun(source_id="harbour", state="ok"),
            SourceMemory(source_id="harbour", state="ok"),
            [broken],
            NOW,
        )
    assert store.connection.execute("select count(*) from run_sources").fetchone() == (0,)
    assert store.memory("harbour").state == "never"


def test_a_failing_save_leaves_nothing_behind(store: Store) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the decider broke")

    with pytest.raises(RuntimeError):
        store.save(tagged(), fail)
    with pytest.raises(sqlite3.IntegrityError):
        store.save(tagged(article(quality=None)), best_match)
    for table in ("articles", "addresses", "origins", "mentions", "events", "copy_bands", "search"):
        assert store.connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    assert store.save(tagged(), best_match).outcome == "new"


def test_the_key_in_a_source_s_address_is_not_in_what_the_desk_serves(store: Store) -> None:
    store.sync_sources([source("api", url="https://api.example/v1/news?lang=en&api_key=our-secret")])
    (url,) = store.connection.execute("select url from sources where id = 'api'").fetchone()
    assert url == "https://api.example/v1/news?lang=en&api_key=…"
    assert "our-secret" not in "\n".join(store.connection.iterdump())
