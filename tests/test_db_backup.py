"""Copies of the archive and their way back: while it is written, when a step fails, when somebody has it open."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import connect, copying
from db.backup import back_up, private_path, restore, thin_backups
from db.errors import StoreError, UsageError
from db.migrations import migrations
from db.reads import totals
from db.search import search
from db.store import Store
from pipelines.copies import best_match
from tests.db_samples import source, tagged
from tests.test_db_faults import prepared, violations, writer

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "masthead.db", 5)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "copy.db"


def filled(path: Path, articles: int) -> Path:
    with Store.open(path) as store:
        store.sync_sources([source()])
        for number in range(articles):
            store.save(tagged(url=f"https://harbour.example/{number}", title=f"Item {number} of the day"), best_match)
    return path


def articles(path: Path) -> int:
    with Store.open(path, create=False) as store:
        assert violations(store.connection) == {}
        return int(totals(store.connection)["articles"])


def make_private(path: Path, name: str) -> Path:
    private = private_path(path)
    with closing(sqlite3.connect(private)) as connection, connection:
        connection.execute("create table recipients (name)")
        connection.execute("insert into recipients values (?)", (name,))
    private.chmod(0o600)
    return private


def recipients(path: Path) -> list[str]:
    with closing(sqlite3.connect(private_path(path))) as connection:
        return [name for (name,) in connection.execute("select name from recipients")]


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir() if entry.is_file()}


# ------------------------------------------------------------------ there
def test_a_copy_is_one_file_and_whole(path: Path, copy: Path) -> None:
    with Store.open(path):  # its log is not empty and stays in use
        assert back_up(path, copy) == (copy,)
    assert names(copy.parent) == {"copy.db"}
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)
        assert search(connection, "item of the day")
    assert articles(copy) == articles(path) == 5


def test_nothing_is_overwritten_unless_told(path: Path, copy: Path) -> None:
    copy.write_text("my shopping list")
    with pytest.raises(UsageError, match="--force"):
        back_up(path, copy)
    assert copy.read_text() == "my shopping list"
    back_up(path, copy, force=True)
    assert articles(copy) == 5


def test_the_archive_is_no_place_for_its_own_copy(path: Path, copy: Path) -> None:
    before = path.read_bytes()
    make_private(path, "a")
    for target in (path, private_path(path)):
        with pytest.raises(UsageError, match="archive itself"):
            back_up(path, target, force=True)
    with pytest.raises(UsageError, match="archive itself"):
        restore(path, path, NOW)
    with pytest.raises(UsageError, match="does not exist"):
        back_up(path, copy.parent / "nowhere" / "x.db")
    with pytest.raises(UsageError, match="folder"):
        back_up(path, copy.parent)
    assert path.read_bytes() == before


def test_the_private_file_goes_along_and_stays_private(path: Path, copy: Path) -> None:
    make_private(path, "li@example.test")
    assert back_up(path, copy) == (copy, copy.with_name("copy.private.db"))
    assert recipients(copy) == ["li@example.test"]
    assert private_path(copy).stat().st_mode & 0o777 == 0o600
    copy.unlink()
    with pytest.raises(UsageError, match="private"):
        back_up(path, copy)


def test_a_damaged_archive_gives_no_copy_and_leaves_the_last_one(path: Path, copy: Path) -> None:
    back_up(path, copy)
    good = copy.read_bytes()
    body = bytearray(path.read_bytes())
    for page in range(8, len(body) // 4096):
        body[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(body)
    with pytest.raises(StoreError) as caught:
        back_up(path, copy, force=True)
    assert caught.value.code == "store_corrupt"
    assert (copy.read_bytes(), names(copy.parent)) == (good, {"copy.db"})


def test_a_copy_cut_short_leaves_nothing(path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_STEP_PAGES", 5)

    def interrupt(done: int, total: int) -> None:
        assert 0 < done <= total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(path, copy, progress=interrupt)
    assert names(copy.parent) == set()
    with Store.open(path) as store:
        store.save(tagged(url="https://harbour.example/x", title="Another headline altogether"), best_match)


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/mounts").exists(), reason="needs a folder without rights")
def test_a_place_that_can_not_be_written_is_told(path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        back_up(path, Path("/proc/copy.db"))
    assert caught.value.code == "store_readonly"


@pytest.mark.slow
def test_copies_made_while_others_write_are_whole(tmp_path: Path) -> None:
    path = prepared(tmp_path / "masthead.db")
    children = [writer(path, first * 1_000, 60, 2) for first in range(2)]
    sizes = []
    while any(child.poll() is None for child in children):
        target = tmp_path / f"copy-{len(sizes)}.db"
        back_up(path, target)
        sizes.append(articles(target))
    assert [child.wait() for child in children] == [0, 0]
    for child in children:
        assert child.stdout is not None
        child.stdout.close()
    assert len(sizes) > 2
    assert sizes == sorted(sizes)
    assert articles(path) == 120


# ------------------------------------------------------------------ and back
def test_the_way_back_keeps_what_was_there(path: Path, copy: Path) -> None:
    make_private(path, "first")
    back_up(path, copy)
    filled(path, 8)
    private_path(path).unlink()
    make_private(path, "second")
    kept = restore(copy, path, NOW)
    assert [entry.name for entry in kept] == [
        "masthead.replaced-20260301T123000Z.db",
        "masthead.private.replaced-20260301T123000Z.db",
    ]
    assert (articles(path), recipients(path)) == (5, ["first"])
    assert articles(kept[0]) == 8
    assert names(copy.parent) == {"copy.db", "copy.private.db"}, "the backup stays"
    with Store.open(path) as store:  # and goes on as an archive
        assert (
            store.save(tagged(url="https://harbour.example/9", title="The next headline"), best_match).outcome == "new"
        )


def test_a_log_that_a_killed_program_left_stays_with_its_file(path: Path, copy: Path) -> None:
    back_up(path, copy)
    code = (
        "import os, sys; from pathlib import Path; from tests.test_db_backup import filled;"
        "from db.store import Store; p = Path(sys.argv[1]); s = Store.open(p); filled(p, 7); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[1], check=False)
    assert path.with_name("masthead.db-wal").stat().st_size
    (kept,) = restore(copy, path, NOW)
    assert not path.with_name("masthead.db-wal").exists()
    assert (articles(kept), articles(path)) == (7, 5)


def test_a_missing_or_damaged_archive_is_replaced(path: Path, copy: Path) -> None:
    back_up(path, copy)
    path.unlink()
    assert restore(copy, path, NOW) == ()
    path.write_bytes(b"mud" * 5_000)
    (kept,) = restore(copy, path, NOW)
    assert kept.read_bytes() == b"mud" * 5_000
    assert articles(path) == 5


def test_a_backup_that_is_none_changes_nothing(path: Path, copy: Path) -> None:
    before = path.read_bytes()
    cases = {"store_missing": b"", "store_corrupt": b"mud" * 5_000}
    for code, body in cases.items():
        copy.write_bytes(body)
        with pytest.raises(StoreError) as caught:
            restore(copy, path, NOW)
        assert caught.value.code == code
    copy.unlink()
    back_up(path, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('masthead', '9999_future', 'x')"
        )
    with pytest.raises(StoreError) as caught:
        restore(copy, path, NOW)
    assert caught.value.code == "store_newer"
    body = bytearray((good := copy).read_bytes())
    body[len(body) // 2 :] = b"\xff" * (len(body) - len(body) // 2)
    good.write_bytes(body)
    with pytest.raises(StoreError):
        restore(copy, path, NOW)
    assert path.read_bytes() == before
    assert names(path.parent) <= {"masthead.db", "masthead.db-wal", "masthead.db-shm"}


@pytest.fixture
def reader(path: Path) -> Iterator[subprocess.Popen[str]]:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True);"
        "c.execute('select count(*) from articles').fetchone(); print('open', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "open\n"
    yield child
    child.stdin.close()
    child.wait()
    child.stdout.close()


def test_an_open_archive_is_not_replaced(path: Path, copy: Path, reader: subprocess.Popen[str]) -> None:
    back_up(path, copy)
    inode = path.stat().st_ino
    with pytest.raises(StoreError) as caught:
        restore(copy, path, NOW)
    assert caught.value.code == "store_locked"
    assert path.stat().st_ino == inode
    assert not any(".restoring" in name for name in names(path.parent))
    assert reader.stdin is not None
    reader.stdin.close()
    reader.wait()
    assert len(restore(copy, path, NOW)) == 1


# ------------------------------------------------------------------ older versions
@pytest.mark.parametrize("stop", sorted(connect._known())[1:])
def test_an_older_archive_is_kept_before_it_is_brought_up_to_date(tmp_path: Path, stop: str) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        migrations.apply(Database(connection, execute_plugins=False), stop_before=stop)
        connection.execute("insert into hosts (host, retry_after_at) values ('a.example', '2026-03-01T00:00:00+00:00')")
        connection.commit()
    with Store.open(path) as store:
        assert store.retry_after("a.example") is not None
        store.sync_sources([source()])
        store.save(tagged(title="Item one of the new day"), best_match)
        assert violations(store.connection) == {}
    kept = tmp_path / f"old.before-{stop}.db"
    with closing(sqlite3.connect(kept)) as connection:
        applied = [name for (name,) in connection.execute("select name from _sqlite_migrations")]
        assert stop not in applied
        assert connection.execute("select host from hosts").fetchall() == [("a.example",)]
    restore(kept, path, NOW)
    with Store.open(path) as store:
        assert totals(store.connection)["articles"] == 0


def test_of_dated_backups_the_newest_stay(tmp_path: Path) -> None:
    for name in ("m-2026-06-01", "m-2026-06-02", "m-2026-06-03", "m-2026-06-01.private", "m-first", "n-2026-05-01"):
        (tmp_path / f"{name}.db").write_bytes(b"x")
    gone = thin_backups(tmp_path / "m-2026-06-03.db", 2)
    assert {path.name for path in gone} == {"m-2026-06-01.db", "m-2026-06-01.private.db"}
    assert thin_backups(tmp_path / "m-first.db", 1) == ()
    left = {"m-2026-06-02.db", "m-2026-06-03.db", "m-first.db", "n-2026-05-01.db"}
    assert {path.name for path in tmp_path.iterdir()} == left
