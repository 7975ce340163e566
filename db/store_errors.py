"""SQLite's errors get our names: which store_* code a failure is, and what a person can do about it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import StoreError

BUSY_SECONDS = 30.0
HEADROOM_BYTES = 8 * 1024 * 1024  # free space below which SQLite can not be expected to finish its own files
_CODES = {
    sqlite3.SQLITE_FULL: "store_full",
    sqlite3.SQLITE_BUSY: "store_locked",
    sqlite3.SQLITE_LOCKED: "store_locked",
    sqlite3.SQLITE_READONLY: "store_readonly",
    sqlite3.SQLITE_PERM: "store_readonly",
    sqlite3.SQLITE_AUTH: "store_readonly",
    sqlite3.SQLITE_CANTOPEN: "store_readonly",
    sqlite3.SQLITE_CORRUPT: "store_corrupt",
    sqlite3.SQLITE_NOTADB: "store_corrupt",
    sqlite3.SQLITE_IOERR: "store_unreadable",
    sqlite3.SQLITE_PROTOCOL: "store_unreadable",  # locks that do not hold: a network share
}


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file into StoreError; errors of a statement are bugs and pass through."""
    try:
        yield
    except sqlite3.Error as error:
        code = _CODES.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
        if code is None:
            raise
        raise StoreError(code, store_message(code, path, error), about=str(path)) from error
    except UnicodeDecodeError as error:  # SQLite quotes the damaged bytes of a schema, and Python can not read them
        raise StoreError("store_corrupt", store_message("store_corrupt", path, error), about=str(path)) from error


def store_message(code: str, path: Path, error: Exception) -> str:
    """One sentence: what happened, and the next step."""
    match code:
        case "store_full":
            wal = path.with_name(path.name + "-wal")
            needed = HEADROOM_BYTES + (wal.stat().st_size if wal.exists() else 0)
            free = shutil.disk_usage(path.parent).free
            return (
                f"the disk or the database is full: about {needed:,} bytes are needed, {free:,} are free in "
                f"{path.parent}; what was stored before is kept. Free space and run the command again"
            )
        case "store_locked":
            return f"another program held the database for {BUSY_SECONDS:.0f} seconds; wait for it to end, or stop it"
        case "store_readonly":
            return f"the database can not be written ({error}); check owner and rights of the file and of {path.parent}"
        case "store_corrupt":
            return f"the file is damaged ({error}) and was left as it is; restore the newest backup into a new file"
        case _:
            return f"the disk failed to read or write the file ({error}); check the disk or the network share"
