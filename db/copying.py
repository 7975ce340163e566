"""One SQLite database into one new file: in steps, of one moment, checked, and never half a file under its name."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.errors import StoreError
from db.store_errors import store_errors

_STEP_PAGES = 2_000  # 8 MB: short enough to show progress and to be interrupted


def copy_database(
    source: sqlite3.Connection, target: Path, *, about: Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write what `source` holds now to `target`, replacing it at the end; writers of the source are not kept waiting.

    `about` is the file of the source; `progress` is told pages done and pages in all. Raises StoreError: store_corrupt
    if the copy does not pass SQLite's check, store_full, store_readonly; `target` is then as it was.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with store_errors(part):
            _start(part, about)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                _fill(source, copy, progress)
                copy.execute("pragma journal_mode = delete")  # one file, readable also where nothing can be written
                (verdict,) = copy.execute("pragma quick_check(1)").fetchone()
        if verdict != "ok":
            message = f"the file is damaged ({verdict}), so no copy was made of it; use an earlier backup"
            raise StoreError("store_corrupt", message, about=str(about))
        _settle(part, target)
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + end).unlink(missing_ok=True)


def _start(part: Path, about: Path) -> None:
    """An empty file with the rights of the original: what others may not read, they may not read as a copy."""
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copymode(about, part)
        part.chmod(part.stat().st_mode | 0o600)
    except OSError as error:
        message = f"nothing can be written to {part.parent}: {error.strerror}"
        raise StoreError("store_readonly", message, about=str(part)) from error


def _fill(source: sqlite3.Connection, copy: sqlite3.Connection, progress: Callable[[int, int], None] | None) -> None:
    ours = not source.in_transaction
    if ours:  # one snapshot: without it every write of another process begins the copy anew
        source.execute("begin")
        source.execute("select count(*) from sqlite_schema").fetchone()
    try:
        source.backup(
            copy, pages=_STEP_PAGES, progress=lambda _, left, total: progress(total - left, total) if progress else None
        )
    finally:
        if ours:
            source.execute("rollback")


def _settle(part: Path, target: Path) -> None:
    """The name counts only once the bytes are on the disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
