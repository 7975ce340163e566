"""Opening the archive: what is checked before it is trusted.

A file that is not ours is never changed, a damaged one never replaced. Reading goes on where writing can not.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from db.copying import copy_database
from db.errors import StoreError
from db.migrations import migrations
from db.store_errors import BUSY_SECONDS, store_errors, store_message
from db.transaction import transaction

_MAGIC = b"SQLite format 3\x00"
_CHECKED_BYTES = 16 * 1024 * 1024  # up to this size every page is checked at the start (about 50 ms)
_NO_ROOM_BESIDE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
_PRAGMAS = """
    pragma foreign_keys = on;
    pragma synchronous = normal;
    pragma cache_size = -8192;
    pragma wal_autocheckpoint = 4000;
    pragma journal_size_limit = 67108864;
    pragma trusted_schema = off
"""


def open_connection(path: Path, *, create: bool) -> sqlite3.Connection:
    """A checked connection in autocommit mode, its schema up to date. Raises StoreError with a store_* code."""
    _look_at(path, create=create)
    with store_errors(path):
        connection = _connect(path)
        try:
            _check_owner(connection, path)
            _check_pages(connection, path)
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_as_it_is(path: Path, *, ours: bool = True) -> sqlite3.Connection:
    """A connection to read from, without the check of pages and without migration; `ours`: it must be an archive.

    Raises StoreError: store_missing, store_readonly, store_corrupt, store_newer, store_locked.
    """
    _look_at(path, create=False)
    with store_errors(path):
        connection = _connect(path)
        try:
            if ours:
                _check_owner(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def missing_migrations(connection: sqlite3.Connection) -> list[str]:
    """What an archive of an older version lacks, in order."""
    return sorted(_known() - _applied(connection))


def _look_at(path: Path, *, create: bool) -> None:
    """What can be told without SQLite, which calls most of this "unable to open"."""
    if not path.parent.is_dir():
        raise StoreError("store_missing", f"the folder {path.parent} does not exist; create it", about=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        head = b""
    except IsADirectoryError as error:
        raise StoreError("store_corrupt", "this is a folder, not a database file", about=str(path)) from error
    except OSError as error:
        raise StoreError("store_readonly", f"the file can not be read: {error.strerror}", about=str(path)) from error
    if not head and not create:
        message = "there is no database yet; run `masthead crawl` or `masthead demo` first"
        raise StoreError("store_missing", message, about=str(path))
    if head and head != _MAGIC:
        raise StoreError("store_corrupt", "this is not an SQLite database; it was left as it is", about=str(path))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _settle(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # "unsupported file format": these statements are sound
            raise StoreError("store_corrupt", store_message("store_corrupt", path, error), about=str(path)) from error
        wal = path.with_name(path.name + "-wal")
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM_BESIDE or (wal.exists() and wal.stat().st_size):
            raise
        # A read-only or full folder: no room for SQLite's shared-memory file, but without a log nothing is missed.
        uri = path.absolute().as_uri() + "?immutable=1"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        _settle(connection)
    return connection


def _settle(connection: sqlite3.Connection) -> None:
    for pragma in _PRAGMAS.split(";"):
        connection.execute(pragma)
    connection.execute("select count(*) from sqlite_schema").fetchone()


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    names = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
    if not names:
        return
    applied = _applied(connection) if migrations.migrations_table in names else set()
    if not applied:
        message = "this is a database of another program; it was left as it is. Choose another file"
        raise StoreError("store_corrupt", message, about=str(path))
    unknown = applied - _known()
    if unknown:
        message = f"the database was written by a newer Masthead ({', '.join(sorted(unknown))}); upgrade Masthead"
        raise StoreError("store_newer", message, about=str(path))


def _check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Every page of a small file; of a large one the schema, so that opening a million articles stays quick."""
    whole = path.stat().st_size <= _CHECKED_BYTES
    verdict = connection.execute("pragma quick_check(1)" if whole else "pragma quick_check(sqlite_schema)").fetchone()
    if verdict != ("ok",):
        message = f"the file is damaged ({verdict[0]}) and was left as it is; restore the newest backup into a new file"
        raise StoreError("store_corrupt", message, about=str(path))


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _applied(connection) != _known():
        _use_wal(connection)
        with transaction(connection):  # whoever comes second finds nothing left to do
            _keep_older(connection, path)
            migrations.apply(Database(connection, execute_plugins=False))
    elif connection.execute("pragma journal_mode").fetchone() != ("wal",):
        with suppress(sqlite3.OperationalError):  # a copy made by VACUUM INTO; where it can not be written, no matter
            _use_wal(connection)


def _keep_older(connection: sqlite3.Connection, path: Path) -> None:
    """An archive of an older version is copied beside itself before it is brought up to date."""
    missing = missing_migrations(connection)
    if 0 < len(missing) < len(_known()):
        with closing(_connect(path)) as reader:  # what holds the write lock can not be copied from
            copy_database(reader, path.with_name(f"{path.stem}.before-{missing[0]}{path.suffix}"), about=path)


def _use_wal(connection: sqlite3.Connection) -> None:
    """The change to write-ahead logging does not wait for other processes by itself."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _applied(connection: sqlite3.Connection) -> set[str]:
    return {migration.name for migration in migrations.applied(Database(connection, execute_plugins=False))}


@cache
def _known() -> frozenset[str]:
    with Database(memory=True, execute_plugins=False) as empty:
        return frozenset(migration.name for migration in migrations.pending(empty))
