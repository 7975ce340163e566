"""Copies of the archive: made while it is written, checked before they count, and put back without losing anything.

A copy is of one moment and one file, complete in itself. Nothing is overwritten without being told to; what a restore
replaces is kept beside it.
"""

from __future__ import annotations

import fcntl
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from db.connect import open_as_it_is
from db.copying import copy_database
from db.errors import StoreError, UsageError

Progress = Callable[[int, int], None]  # pages copied, pages in all
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# SQLite's locks on Unix (sqlite.org/fileformat2.html, os_unix.c): whoever has the file open in WAL mode holds one here.
_LOCKS_START, _LOCKS_BYTES = 0x4000_0000, 512


def private_path(db: Path) -> Path:
    """Where the private file of an archive (or of its copy) lies: recipients, deliveries; never served."""
    return db.with_name(f"{db.stem}.private.db")


def back_up(db: Path, target: Path, *, force: bool = False, progress: Progress | None = None) -> tuple[Path, ...]:
    """Copy the archive, and its private file if there is one, while others write; the paths written.

    Raises UsageError if a target is there and not `force`; StoreError, and then nothing was written.
    """
    pairs = [(db, target)]
    if private_path(db).exists():
        pairs.append((private_path(db), private_path(target)))
    for _, copy in pairs:
        _refuse_target(copy, db, force=force)
    for original, copy in pairs:
        with closing(open_as_it_is(original, ours=original == db)) as source:
            copy_database(source, copy, about=original, progress=progress)
    return tuple(copy for _, copy in pairs)


def thin_backups(newest: Path, keep: int) -> tuple[Path, ...]:
    """Delete all but the last `keep` backups whose names are that of `newest` with another date; the paths deleted.

    A name without a date (2026-08-08) is the only one of its kind. Private files go with theirs. Raises StoreError.
    """
    dated = _DATE.search(newest.name)
    if dated is None:
        return ()
    before, after = newest.name[: dated.start()], newest.name[dated.end() :]
    alike = sorted(
        path
        for path in newest.parent.iterdir()
        if path.name.startswith(before)
        and path.name.endswith(after)
        and _DATE.fullmatch(path.name[len(before) : len(path.name) - len(after)])
    )
    gone = [file for path in alike[:-keep] for file in (path, private_path(path)) if file.exists()]
    for file in gone:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            message = f"the old backup can not be deleted: {error.strerror}; check the rights of its folder"
            raise StoreError("store_readonly", message, about=str(file)) from error
    return tuple(gone)


def restore(backup: Path, db: Path, now: datetime, *, progress: Progress | None = None) -> tuple[Path, ...]:
    """Put a checked copy of `backup` in the archive's place; returns the files that were there, under their new names.

    The caller holds the lock of the crawl. Raises UsageError (it is the archive itself) or StoreError, and
    then nothing changed: store_locked (the desk or another program has it open), store_corrupt, store_newer and so on.
    """
    if not backup.is_file():
        raise StoreError(
            "store_missing", "there is no such file; name one that `masthead backup` wrote", about=str(backup)
        )
    if db.exists() and backup.samefile(db):
        raise UsageError("this is the archive itself; name a backup", about=str(backup))
    pairs = [(backup, db)]
    if private_path(backup).exists():
        pairs.append((private_path(backup), private_path(db)))
    ready = [(target.with_name(f".{target.name}.restoring"), target) for _, target in pairs]
    try:
        for (original, _), (copy, target) in zip(pairs, ready, strict=True):
            with closing(open_as_it_is(original, ours=target == db)) as source:
                copy_database(source, copy, about=original, progress=progress)
        return _exchange(ready, now)
    finally:
        for copy, _ in ready:
            copy.unlink(missing_ok=True)


def _refuse_target(target: Path, db: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist; create it", about=str(target))
    if target.is_dir():
        raise UsageError("this is a folder; name a file", about=str(target))
    if not target.exists():
        return
    if any(own.exists() and target.samefile(own) for own in (db, private_path(db))):
        raise UsageError("this is the archive itself; choose another file", about=str(target))
    if not force:
        raise UsageError(
            "is there already and was left as it is; choose another name, or add --force", about=str(target)
        )


def _exchange(ready: list[tuple[Path, Path]], now: datetime) -> tuple[Path, ...]:
    """Move what is there aside and the copies into place, all while nobody can open it."""
    aside = f"replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    kept = []
    targets = [target for _, target in ready]
    for target in targets:
        _empty_log(target)
    with _nobody_else(targets):
        for copy, target in ready:
            if target.exists():
                old = target.with_name(f"{target.stem}.{aside}{target.suffix}")
                for end in ("", "-wal"):  # the log, if it could not be emptied, stays with its file
                    with suppress(FileNotFoundError):
                        target.with_name(target.name + end).rename(old.with_name(old.name + end))
                kept.append(old)
            target.with_name(target.name + "-shm").unlink(missing_ok=True)
            copy.rename(target)
    return tuple(kept)


def _empty_log(db: Path) -> None:
    """Bring the write-ahead log into the file, so that it is whole alone; a damaged one stays as it is."""
    if db.exists():
        with suppress(sqlite3.Error), closing(sqlite3.connect(db, timeout=1.0)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")


@contextmanager
def _nobody_else(paths: list[Path]) -> Iterator[None]:
    """Keep every SQLite connection out of these files. Raises StoreError if one is in, or if they are not ours."""
    handles = []
    try:
        for path in paths:
            try:
                handle = path.open("r+b")
            except FileNotFoundError:
                continue
            except OSError as error:
                message = f"the file can not be replaced: {error.strerror}; check its owner and rights"
                raise StoreError("store_readonly", message, about=str(path)) from error
            handles.append(handle)
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS_BYTES, _LOCKS_START)
            except OSError as error:
                message = "the desk or another program has the archive open; end it, then restore. Nothing was changed"
                raise StoreError("store_locked", message, about=str(path)) from error
        yield
    finally:
        for handle in handles:
            handle.close()
