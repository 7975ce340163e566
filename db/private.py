"""The private file beside an archive: jobs done, what recipients are told, deliveries. Never served, owner's eyes only.

Its writes are synchronous: what was sent to a person must not be forgotten in a power cut.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlite_utils import Database, Migrations

from db.backup import private_path
from db.errors import StoreError
from db.ledger import Holder, holder
from db.migrations import run_script
from db.store_errors import BUSY_SECONDS, store_errors
from db.transaction import transaction

migrations = Migrations("masthead_private")

_PRAGMAS: Final = ("foreign_keys = on", "synchronous = full", "journal_mode = wal", "trusted_schema = off")


@migrations(name="0001_deliveries")
def _deliveries(db: Database) -> None:
    run_script(db, _DELIVERIES)


_DELIVERIES = """
-- which work was done for which slot; the key makes it once, even if two services run
create table jobs (
    job text not null, slot text not null,  -- the slot is a local date, or an instant for work without one
    state text not null,                    -- running | done | partial | failed | missed | crashed | interrupted
    due_at text, started_at text, ended_at text, pid integer not null default 0, host text not null default '',
    detail text not null default '',
    primary key (job, slot)
) strict, without rowid;

-- who is the service: a row with a heartbeat, so that a second one can tell who runs and since when
create table lease (
    one integer primary key check (one = 1), pid integer not null, host text not null,
    since text not null, beat_at text not null
) strict;

-- one mail (or chat message) to one recipient and what became of it
create table deliveries (
    id integer primary key, recipient text not null, channel text not null, address text not null,
    kind text not null,                     -- instant | daily | weekly | service | test
    slot text not null,                     -- of an edition its local date; else what it is about
    message_id text not null unique, subject text not null, message blob not null,
    from_at text, until_at text,            -- the window of an edition; windows of one recipient tile time
    created_at text not null, state text not null default 'pending',
    attempts integer not null default 0, next_at text not null, ended_at text,
    code text not null default '', detail text not null default '',
    unique (recipient, channel, kind, slot)
) strict;
create index deliveries_open on deliveries(next_at) where state in ('pending', 'retry');
create index deliveries_recipient on deliveries(recipient, kind, created_at);

create table attempts (
    id integer primary key, delivery_id integer not null references deliveries(id) on delete cascade,
    started_at text not null, ended_at text, state text not null default 'sending',
    code text not null default '', detail text not null default '', pid integer not null
) strict;
create index attempts_delivery on attempts(delivery_id);

-- what one recipient should learn; story x recipient x trigger is said once
create table notices (
    id integer primary key, recipient text not null, story_id text not null, trigger text not null,
    status text not null, at text not null, rule text not null, level text not null,  -- instant | daily | weekly
    state text not null default 'waiting',  -- waiting | told | suppressed
    reason text not null default '', urgent integer not null default 0, importance real not null default 0,
    delivery_id integer references deliveries(id), created_at text not null, told_at text,
    unique (recipient, story_id, trigger)
) strict;
create index notices_waiting on notices(recipient, level, state, at);
create index notices_delivery on notices(delivery_id);
create index notices_story on notices(story_id, recipient);

-- a channel that was stopped (a refused password) until somebody mends it
create table channels (
    name text primary key, state text not null default 'open', reason text not null default '', since text not null
) strict, without rowid;
"""


@migrations(name="0002_mailbox")
def _mailbox(db: Database) -> None:
    run_script(db, _MAILBOX)


_MAILBOX = """
-- how far each folder of a mailbox was read; box is a hash of server and user
create table mailboxes (
    box text not null, folder text not null, validity integer not null, uid integer not null,
    wants text not null, read_at text not null,
    primary key (box, folder)
) strict, without rowid;

-- what became of each mail, known by a hash of its headers; code '' = its items are stored
create table mails (
    box text not null, digest text not null, code text not null default '', items integer not null default 0,
    at text not null,
    primary key (box, digest)
) strict, without rowid;
"""


class Private:
    """An open private file. Use it as a context manager, in the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection

    @classmethod
    def open(cls, archive: Path) -> Self:
        """Open or create the private file of an archive, readable by its owner alone. Raises StoreError (store_*)."""
        path = private_path(archive)
        with store_errors(path):
            os.close(_made(path))
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                for pragma in _PRAGMAS:
                    connection.execute(f"pragma {pragma}")
                _migrate(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

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
        with store_errors(self.path):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block is stored, or nothing. Raises StoreError."""
        with store_errors(self.path), transaction(self.connection):
            yield self.connection


def service_of(archive: Path) -> Holder | None:
    """The service on an archive by its last heartbeat, None if there is none. Writes and creates nothing."""
    path = private_path(archive)
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection:
            return holder(connection)
    except sqlite3.Error:  # being made, or damaged: `masthead doctor` says which; nothing is known of a service
        return None


def _made(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"the private file can not be written: {error.strerror}; check owner and rights of it and its folder"
        raise StoreError("store_readonly", message, about=str(path)) from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
    database = Database(connection, execute_plugins=False)
    applied = {made.name for made in migrations.applied(database)} if migrations.migrations_table in tables else set()
    if tables and not applied:
        message = "this is a database of another program; it was left as it is. Move it away"
        raise StoreError("store_corrupt", message, about=str(path))
    with Database(memory=True, execute_plugins=False) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    if unknown := applied - known:
        message = f"the file was written by a newer Masthead ({', '.join(sorted(unknown))}); upgrade Masthead"
        raise StoreError("store_newer", message, about=str(path))
    if applied != known:
        with transaction(connection):  # whoever comes second finds nothing left to do
            migrations.apply(database)
