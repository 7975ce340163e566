"""Lock files: who may crawl, who is the service. The system frees them when their holder dies. Decides nothing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from db.errors import AlreadyRunning, StoreError


@contextlib.contextmanager
def only_one(db: Path) -> Iterator[IO[str]]:
    """Hold the lock of those who write an archive at length; AlreadyRunning tells who has it. A child inherits it."""
    with _holding(db, ".lock", "another crawl or retag") as handle:
        yield handle


@contextlib.contextmanager
def only_service(db: Path) -> Iterator[IO[str]]:
    """Hold the lock of the daily service of an archive; AlreadyRunning tells who has it."""
    with _holding(db, ".service.lock", "another service") as handle:
        yield handle


@contextlib.contextmanager
def _holding(db: Path, ending: str, other: str) -> Iterator[IO[str]]:
    path = db.with_name(db.name + ending)
    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            "store_readonly", f"the lock file can not be written: {error.strerror}", about=str(path)
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise AlreadyRunning(f"{other} is running ({handle.read().strip()})", about=str(db)) from error
        with contextlib.suppress(OSError):  # who holds it is good to know; on a full disk the lock alone must do
            handle.truncate(0)
            handle.write(f"pid {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
            handle.flush()
        yield handle
