"""The archive as Datasette opens it: one file, live, within limits. Never another file; written in two tables alone.

The limits hold for whatever SQL reaches a connection; that strangers can bring none of their own is a setting.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from time import thread_time
from typing import Any

import sqlite_utils
from datasette.database import Database

from db.desk.queries import QUERIES
from db.migrations import migrations

NAME = "masthead"
WAIT_SECONDS = 5.0  # of an answer, while a crawl writes

_LIMITS = {
    # The longest legitimate row is a revision of 200,000 characters with its difference, below 2 MB. One value of
    # zeroblob() or printf() would otherwise take a gigabyte, and group_concat() without end all of the memory.
    sqlite3.SQLITE_LIMIT_LENGTH: 4_000_000,
    # A pattern of a thousand % is compared in one step that no time limit interrupts.
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    # ATTACH would open another file.
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_FOREIGN_LENGTH = 100_000  # of a value in an editor's own SQL; 500 rows of the usual limit would be 2 GB
_foreign: ContextVar[bool] = ContextVar("masthead_foreign_sql", default=False)
_spent: ContextVar[list[float] | None] = ContextVar("masthead_spent_seconds", default=None)
#: What the desk writes: answers of people, and tokens of feeds. Everything else is the crawl's.
_WRITTEN = ("triage", "feed_tokens")
_ONE = r'"(?:day|source_kind|language|relevance|source_id)" = :\w+'
_COUNT = re.compile(rf"select count\(\*\) from articles\s+where {_ONE}(?: and {_ONE})+\s*")  # noqa: S608 (matched, not run)
#: What Datasette counts for its lists and facets, too dear to be counted anew for every reader.
_COUNTING = re.compile(r"\s*select (?:count\(\*\) from|.{1,200} as count from \()", re.DOTALL)
_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN: "store_missing",
    sqlite3.SQLITE_NOTADB: "store_corrupt",
    sqlite3.SQLITE_CORRUPT: "store_corrupt",
    sqlite3.SQLITE_IOERR: "store_corrupt",
    sqlite3.SQLITE_BUSY: "store_locked",
    sqlite3.SQLITE_LOCKED: "store_locked",
    sqlite3.SQLITE_FULL: "store_full",
    # A WAL database whose folder forbids the -shm file beside it.
    sqlite3.SQLITE_READONLY: "store_readonly",
    sqlite3.SQLITE_PERM: "store_readonly",
    sqlite3.SQLITE_AUTH: "store_readonly",
}


class Archive(Database):  # type: ignore[misc]  # datasette carries no types
    """A `Database` that quotes its path (Datasette takes ``a#b.db`` for a fragment) and writes two tables alone."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        return _open_to_write(Path(self.path)) if write else _open(Path(self.path))

    async def execute_write_fn(self, fn: Callable[[sqlite3.Connection], Any], block: bool = True) -> Any:
        """In Datasette's one writing thread; a thread whose connection could not be opened is given up.

        Whoever writes sees it on the next page: kept answers go.
        """
        try:
            written = await super().execute_write_fn(fn, block)
        except sqlite3.OperationalError:
            self.forget_writer()
            raise
        self.ds.memory.forget()
        return written

    def forget_writer(self) -> None:
        """The next write opens the file anew."""
        self._write_thread = self._write_queue = None

    async def execute(self, sql: str, params: Any = None, truncate: bool = False, **options: Any) -> Any:
        """Datasette asks with `truncate` for what a reader asked; SQL of a reader's own gets less room a value."""
        if _COUNT.fullmatch(sql):  # of a list whose filters stand in one index: rows with texts need not be read
            sql = sql.replace(" where ", " indexed by articles_facets where ", 1)
        foreign = truncate and sql not in {query.sql for query in QUERIES.values()}
        token = _foreign.set(foreign)
        try:
            if foreign or not _COUNTING.match(sql):
                return await super().execute(sql, params, truncate=truncate, **options)
            return await self.ds.memory.get(
                f"{sql} {params}", lambda: self._priced(super(Archive, self).execute(sql, params, **options))
            )
        finally:
            _foreign.reset(token)

    @staticmethod
    async def _priced(answer: Awaitable[Any]) -> tuple[Any, float]:
        spent: list[float] = []
        _spent.set(spent)
        return await answer, sum(spent)

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        spent = _spent.get()
        if spent is not None:

            def timed(connection: sqlite3.Connection) -> Any:
                begun = thread_time()
                try:
                    return fn(connection)
                finally:
                    spent.append(thread_time() - begun)

            return await super().execute_fn(timed)
        if not _foreign.get():
            return await super().execute_fn(fn)

        def narrowly(connection: sqlite3.Connection) -> Any:
            usual = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _FOREIGN_LENGTH)
            try:
                return fn(connection)
            finally:
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, usual)

        return await super().execute_fn(narrowly)

    def restrict(self, conn: sqlite3.Connection) -> None:
        for limit, value in _LIMITS.items():
            conn.setlimit(limit, value)


def trouble_of(error: sqlite3.Error) -> str:
    """The store_* code of an error that says the file can not be read; "" for an error of the statement alone."""
    code = getattr(error, "sqlite_errorcode", None)  # None where Python itself raised it
    return _UNUSABLE.get(code & 0xFF, "") if code is not None else ""


def inspect(path: Path) -> str:
    """ "" for an archive that this version can show, else the store_* code of what is wrong with the file."""
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return "store_missing"
        with closing(_open(path)) as conn:
            applied = {
                name
                for (name,) in conn.execute(
                    "select name from _sqlite_migrations where migration_set = ?", (migrations.name,)
                )
            }
    except OSError:
        return "store_readonly"
    except sqlite3.Error as error:
        return trouble_of(error) or "store_corrupt"
    if not applied:
        return "store_corrupt"
    known = _known_migrations()
    return "store_newer" if applied - known else "store_older" if known - applied else ""


@cache
def _known_migrations() -> frozenset[str]:
    empty = sqlite_utils.Database(memory=True)
    try:
        return frozenset(migration.name for migration in migrations.pending(empty))
    finally:
        empty.close()


def _open_to_write(path: Path) -> sqlite3.Connection:
    """For people's answers: waits for the crawl's transactions, may write theirs alone. Raises sqlite3.Error."""
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False, timeout=WAIT_SECONDS
    )
    try:
        conn.execute("pragma trusted_schema = 0")
        conn.set_authorizer(_authorize)
    except sqlite3.Error:
        conn.close()
        raise
    return conn


def _authorize(action: int, table: str | None, column: str | None, database: str | None, trigger: str | None) -> int:
    harmless = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION}
    writes = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}
    own = action == sqlite3.SQLITE_PRAGMA and table == "cache_size"  # Datasette sets it on every connection
    fine = own or action in harmless or (action in writes and table in _WRITTEN)
    return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY


def _open(path: Path) -> sqlite3.Connection:
    """A read-only connection that sees what the crawl commits. Raises sqlite3.Error."""
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=5)
    try:
        conn.execute("pragma query_only = 1")
        conn.execute("pragma trusted_schema = 0")
    except sqlite3.Error:
        conn.close()
        raise
    return conn
