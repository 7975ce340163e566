"""What can be wrong with an archive, looked at from outside: rights, room, schema, pages, indexes. Changes nothing.

Every finding is a sentence and a next step; reading every page of a large archive takes minutes, so that is for
`masthead doctor`, not for opening.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db import fulltext
from db.connect import missing_migrations, open_as_it_is
from db.errors import CODES, StoreError
from db.store_errors import HEADROOM_BYTES, store_errors

Level = Literal["ok", "warning", "problem"]

_LOG_BYTES = 256 * 1024 * 1024  # a write-ahead log this long means that somebody reads without end
_SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "vboxsf"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. A `problem` keeps Masthead from its work, a `warning` may one day."""

    name: str
    level: Level
    found: str
    todo: str = ""


def check_archive(path: Path) -> list[Finding]:
    """Everything about one archive; never raises for what is wrong with the file."""
    findings = [*_around(path)]
    if not path.exists():
        return [*findings, Finding("archive", "ok", f"{path} is not there yet", "run `masthead crawl`")]
    try:
        with store_errors(path), closing(open_as_it_is(path)) as connection:
            findings += _inside(connection, path)
    except StoreError as error:
        findings.append(Finding("archive", "problem", f"{error.message} [{error.code}]", CODES[error.code].do_en))
    return findings


def _around(path: Path) -> Iterator[Finding]:
    """Folder, rights, room, kind of disk."""
    folder = path.parent
    if not folder.is_dir():
        yield Finding("folder", "problem", f"{folder} does not exist", "create it, or name another with --db")
        return
    fixed = [str(place) for place in (folder, path) if place.exists() and not os.access(place, os.W_OK)]
    if fixed:
        owner = _owner(path if path.exists() else folder)
        todo = f"it belongs to {owner}; run Masthead as that user, or give it the right to write"
        yield Finding("rights", "problem", f"not writable: {', '.join(fixed)}", todo)
    else:
        yield Finding("rights", "ok", "folder and file can be written")
    size_bytes = sum(file.stat().st_size for file in (path, _log(path)) if file.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free:,} bytes free, the archive has {size_bytes:,}"
    if free < HEADROOM_BYTES:
        yield Finding("disk", "problem", found, "free space; nothing can be stored")
    elif free < size_bytes + HEADROOM_BYTES:
        yield Finding("disk", "warning", found, "free space; a backup does not fit on this disk")
    else:
        yield Finding("disk", "ok", found)
    if (share := _file_system(folder)) in _SHARES:
        todo = "move it to a local disk; locks and write-ahead logging do not hold on network shares"
        yield Finding("disk", "warning", f"the archive lies on a network share ({share})", todo)


def _inside(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    verdicts = [line for (line,) in connection.execute("pragma quick_check(5)")]
    if verdicts != ["ok"]:
        todo = "make no backup over an older one; restore the newest with `masthead restore FILE`"
        yield Finding("pages", "problem", "; ".join(verdicts)[:300], todo)
        return  # what else is asked of damaged pages is no answer
    yield Finding("pages", "ok", "every page is sound")
    if missing := missing_migrations(connection):
        todo = "nothing; the next crawl brings it up to date and keeps a copy"
        yield Finding("schema", "warning", f"of an older version (lacks {', '.join(missing)})", todo)
        return
    yield Finding("schema", "ok", "up to date")
    dangling = connection.execute("select count(*) from pragma_foreign_key_check").fetchone()[0]
    yield _counted("references", dangling, "rows refer to what is not there", "every reference holds")
    if stale := fulltext.is_stale(connection):
        todo = "nothing; the next crawl completes it"
        yield Finding("search index", "warning", "is being made anew for a new version of OpenCC or Unicode", todo)
    for name, question, bad, good in _AGREE[stale:]:
        (difference,) = connection.execute(question).fetchone()
        yield _counted(name, difference, bad, good)
    log_bytes = _log(path).stat().st_size if _log(path).exists() else 0
    if log_bytes > _LOG_BYTES:
        todo = "end programs that keep the archive open for reading (a desk, a shell); it is emptied then"
        yield Finding("log", "warning", f"the write-ahead log has grown to {log_bytes:,} bytes", todo)


# The index comes first. Counts that follow from each other; comparing every row takes an hour on a million articles.
_AGREE = (
    (
        "search index",
        "select abs((select count(*) from articles) - (select count(*) from search_docsize))",
        "articles are missing from the index or too many in it",
        "has every article",
    ),
    (
        "origins",
        "select abs((select count(*) from articles) - (select coalesce(sum(articles), 0) from origins))",
        "articles are counted wrongly",
        "count every article once",
    ),
    (
        "stories",
        "select abs((select count(*) from story_articles) - (select coalesce(sum(articles), 0) from stories))"
        " + abs((select count(*) from (select distinct story_id, origin_article_id from story_articles))"
        " - (select coalesce(sum(origins), 0) from stories))",
        "articles or origins of stories are counted wrongly",
        "count every article and origin once",
    ),
)


def _counted(name: str, wrong: int, bad: str, good: str) -> Finding:
    if not wrong:
        return Finding(name, "ok", good)
    return Finding(name, "problem", f"{wrong:,} {bad}", "restore the newest backup, and report this with the log")


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:  # a user of another machine
        return f"user {path.stat().st_uid}"


def _file_system(folder: Path) -> str:
    """The type of the file system a folder lies on; "" where the system does not tell (it is Linux that does)."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place, best = folder.resolve(), ("", "")
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if place.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]
