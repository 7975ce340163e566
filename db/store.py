"""The memory: sources and what is remembered of them, runs, requests, addresses, articles. The one writer's door.

One instance is one connection of one thread. Every write is one BEGIN IMMEDIATE transaction; every error of the
file is a StoreError. Reading for people is in db.search and db.reads, through `reading()`.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from db import fulltext, retagging, source_rows
from db.connect import open_connection
from db.errors import StoreError
from db.origins import PickOrigin
from db.retagging import Retagged
from db.rows import as_json, moment, moment_or_none, stamp, update
from db.saving import save_article
from db.store_errors import store_errors
from db.stories.rules import StoryRules
from db.transaction import transaction
from db.types import FetchRecord, RuleRow, Saved, Shape, Source, SourceMemory, SourceRun, TaggedArticle

_REFRESHED_AT_OPENING = 2_000  # articles of a stale search index: two seconds
_CHUNK = 500  # addresses asked for in one statement
# `guid_trust` is learned while saving; what a crawl remembers from before must not undo it.
_REMEMBERED = tuple(field.name for field in fields(SourceMemory) if field.name not in ("source_id", "guid_trust"))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address: its article, the fingerprint of the entry that led there, failed readings."""

    article_id: int
    fingerprint: str
    tries: int


class Store:
    """An open archive. Use it as a context manager, in the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, zone: ZoneInfo) -> None:
        self.path, self.connection, self._zone = path, connection, zone
        self._inode = _inode(path)

    @classmethod
    def open(cls, path: Path, *, zone: str = "Asia/Shanghai", create: bool = True) -> Self:
        """Open or create an archive; `zone` (IANA) decides to which day an article belongs.

        Raises StoreError: store_missing, store_readonly, store_corrupt, store_newer, store_locked, store_full.
        A file that can only be read opens; the first write then raises store_readonly.
        """
        store = cls(path, open_connection(path, create=create), ZoneInfo(zone))
        try:
            with suppress(StoreError):  # where nothing can be written, the old index still finds nearly everything
                store.refresh_search(_REFRESHED_AT_OPENING)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for db.search and db.reads, with the file's errors as StoreError."""
        with store_errors(self.path):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, for the modules of db: all of the block is stored, or nothing. Raises StoreError."""
        if _inode(self.path) != self._inode:
            message = "the file was replaced or removed while in use; what was found since is not stored. Run again"
            raise StoreError("store_replaced", message, about=str(self.path))
        with store_errors(self.path), transaction(self.connection):
            yield self.connection

    def refresh_search(self, at_most: int | None = None) -> bool:
        """Fold the search index anew where another version made it (a new OpenCC); whether it is complete.

        Done in short transactions and taken up again where it ended; meanwhile search finds what is done. About 1 ms
        an article. Raises StoreError.
        """
        done = 0
        with self.reading() as connection:
            stale = fulltext.is_stale(connection)
        while stale and (at_most is None or done < at_most):
            with self.writing() as connection:
                done += fulltext.step(connection)
                stale = fulltext.is_stale(connection)
        return not stale

    # -------------------------------------------------------------- sources
    def sync_sources(self, sources: Iterable[Source]) -> None:
        """Bring the table up to the whole catalogue: what is not in it is switched off; what is remembered stays.

        A source with a new address starts without the old one's ETag.
        """
        with self.writing() as connection:
            connection.execute("update sources set enabled = 0")
            source_rows.put(connection, sources)

    def memory(self, source_id: str) -> SourceMemory:
        """What is remembered of a source; of an unknown one, nothing."""
        with self.reading() as connection:
            names = (*_REMEMBERED, "guid_trust")
            row = connection.execute(
                f"select {', '.join(names)} from sources where id = ?",  # noqa: S608 (names of our own fields)
                (source_id,),
            ).fetchone()
        if row is None:
            return SourceMemory(source_id=source_id)
        values: dict[str, Any] = dict(zip(names, row, strict=True))
        times = {name: moment_or_none(value) for name, value in values.items() if _is_time(name)}
        return SourceMemory(source_id=source_id, **{**values, **times})

    def remember(self, memory: SourceMemory) -> None:
        with self.writing() as connection:
            _remember(connection, memory)

    def sync_entities(self, rows: Iterable[tuple[str, str, str, str, str, Sequence[str]]]) -> None:
        """Replace the table of entities: (id, name_en, name_zh, kind, parent, names that mean the same)."""
        values = [(*row[:5], as_json(list(row[5]))) for row in rows]
        with self.writing() as connection:
            connection.execute("delete from entities")
            connection.executemany(
                "insert into entities (id, name_en, name_zh, kind, parent, aliases) values (?, ?, ?, ?, ?, ?)", values
            )

    def rules_version(self) -> str:
        """Which lexicon the table of rules was made from; "" for none."""
        with self.reading() as connection:
            row = connection.execute("select lexicon from rules limit 1").fetchone()
        return str(row[0]) if row else ""

    def sync_rules(self, rows: Iterable[RuleRow], lexicon: str) -> None:
        """Replace the table of rules by those of a lexicon."""
        with self.writing() as connection:
            connection.execute("delete from rules")
            connection.executemany(_ADD_RULE, [{**asdict(row), "kind": "event", "lexicon": lexicon} for row in rows])

    # -------------------------------------------------------------- courtesy that outlives a run
    def robots(self, origin: str) -> tuple[datetime, int, str, bytes] | None:
        """(fetched at, HTTP status, code, body) of the robots.txt of `scheme://host:port`, or None."""
        with self.reading() as connection:
            row = connection.execute(
                "select fetched_at, status, code, body from robots where origin = ?", (origin,)
            ).fetchone()
        return (moment(row[0]), *row[1:]) if row else None

    def keep_robots(self, origin: str, at: datetime, status: int, code: str, body: bytes) -> None:
        with self.writing() as connection:
            connection.execute(
                "insert or replace into robots (origin, fetched_at, status, code, body) values (?, ?, ?, ?, ?)",
                (origin, stamp(at), status, code, body),
            )

    def retry_after(self, host: str) -> datetime | None:
        """Until when a host asked to be left alone."""
        with self.reading() as connection:
            row = connection.execute("select retry_after_at from hosts where host = ?", (host,)).fetchone()
        return moment(row[0]) if row else None

    def keep_retry_after(self, host: str, until: datetime) -> None:
        with self.writing() as connection:
            connection.execute(
                "insert or replace into hosts (host, retry_after_at) values (?, ?)", (host, stamp(until))
            )

    # -------------------------------------------------------------- runs
    def start_run(self, now: datetime) -> int:
        """A new run. The caller holds the lock of the archive, so what still counts as running has crashed."""
        with self.writing() as connection:
            connection.execute(
                "update runs set outcome = 'crashed', ended_at = ? where outcome = 'running'", (stamp(now),)
            )
            cursor = connection.execute(
                "insert into runs (started_at, pid, host) values (?, ?, ?)",
                (stamp(now), os.getpid(), socket.gethostname()),
            )
            return int(cursor.lastrowid or 0)

    def end_run(self, run_id: int, outcome: str, now: datetime) -> None:
        """`outcome`: good, partial, failed, interrupted or crashed."""
        with self.writing() as connection:
            connection.execute("update runs set outcome = ?, ended_at = ? where id = ?", (outcome, stamp(now), run_id))

    def record_source(
        self, run_id: int, run: SourceRun, memory: SourceMemory, fetches: Sequence[FetchRecord], now: datetime
    ) -> None:
        """The end of one source in one run: its report, its requests, what is remembered. Repeatable."""
        report = {"run_id": run_id, "at": stamp(now), **asdict(run)}
        names, marks = ", ".join(report), ", ".join("?" * len(report))
        with self.writing() as connection:
            connection.execute(
                f"insert or replace into run_sources ({names}) values ({marks})",  # noqa: S608 (names of our own fields)
                tuple(report.values()),
            )
            connection.executemany(_ADD_FETCH, [{**asdict(f), "run_id": run_id, "at": stamp(f.at)} for f in fetches])
            connection.execute(_SUM_RUN, {"run": run_id})
            _remember(connection, memory)

    # -------------------------------------------------------------- articles
    def known(self, addresses: Sequence[str], source_id: str = "") -> dict[str, Known]:
        """What is known of these canonical addresses; with `source_id`, to this source alone.

        Several sources may show one page with different teasers, so that each has a fingerprint of its own.
        """
        found: dict[str, Known] = {}
        with self.reading() as connection:
            for first in range(0, len(addresses), _CHUNK):
                chunk = addresses[first : first + _CHUNK]
                marks = ", ".join("?" * len(chunk))
                rows = connection.execute(_KNOWN.format(marks=marks), (*chunk, source_id, source_id))
                found.update((url, Known(*values)) for url, *values in rows)
        return found

    def shapes(self, source_id: str) -> list[Shape]:
        """Of the articles of a source that came last, the last first."""
        with self.reading() as connection:
            return [
                Shape(letters, bool(dated), bool(titled))
                for letters, dated, titled in connection.execute(_SHAPES, (source_id,))
            ]

    def save(self, tagged: TaggedArticle, pick_origin: PickOrigin, rules: StoryRules | None = None) -> Saved:
        """Store an article, its story and everything derived from it in one transaction; see db.saving.

        `pick_origin` gets the sketch and the stored articles that may be copies; without `rules` the article is part
        of no story yet. Raises StoreError.
        """
        with self.writing() as connection:
            return save_article(connection, tagged, pick_origin, self._zone, rules)

    def retag(self, done: Sequence[Retagged]) -> None:
        """New tags for stored articles, in one transaction; see db.retagging. Raises StoreError."""
        with self.writing() as connection:
            retagging.write(connection, done)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_time(name: str) -> bool:
    return name == "since" or name.endswith("_at")


def _remember(connection: sqlite3.Connection, memory: SourceMemory) -> None:
    values = {name: getattr(memory, name) for name in _REMEMBERED}
    update(
        connection,
        "sources",
        memory.source_id,
        {name: stamp(value) if isinstance(value, datetime) else value for name, value in values.items()},
    )


_ADD_RULE = """
    insert or replace into rules (id, kind, target, weight, pattern, file, right, wrong, lexicon)
    values (:id, :kind, :target, :weight, :pattern, :file, :right, :wrong, :lexicon)
"""
_ADD_FETCH = """
    insert into fetches (run_id, source_id, url, at, purpose, status, code, detail, size_bytes, seconds)
    values (:run_id, :source_id, :url, :at, :purpose, :status, :code, :detail, :size_bytes, :seconds)
"""
_SUM_RUN = """
    update runs set (asked, seen, new, changed, same, requests) = (
        select count(*), coalesce(sum(state in ('ok', 'quiet', 'silent')), 0), coalesce(sum(new), 0),
               coalesce(sum(changed), 0), coalesce(sum(same), 0), coalesce(sum(requests), 0)
        from run_sources where run_id = :run)
    where id = :run
"""
_SHAPES = """
    select length(text), published_at is not null, title != '' from articles
    where id in (select id from articles where source_id = ? order by id desc limit 30) order by id desc
"""
_KNOWN = """
    select url, article_id, fingerprint, tries from addresses where url in ({marks}) and (? = '' or source_id = ?)
"""
