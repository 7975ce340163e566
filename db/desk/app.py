"""The Datasette that is the desk: one archive, its settings, and nothing that a stranger could use against it."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from datasette.app import Datasette
from datasette.database import QueryInterrupted

from db.clipping import ClipTools
from db.desk import tables
from db.desk.accounts import ROLES, Account
from db.desk.archive import NAME, Archive, inspect
from db.desk.memory import Memory
from db.desk.queries import QUERIES
from db.desk.reader import Language
from db.vocabulary import ENTITIES, Name

ROOM = Path(__file__).parent
_THREADS = 4

SETTINGS: dict[str, Any] = {
    "default_allow_sql": False,  # one anonymous statement can take all memory; there are canned queries
    "allow_download": False,
    "allow_facet": False,  # facets of our choice have an index, a reader's choice has not
    "suggest_facets": False,  # counts every column of every table at each view
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 300,
    "num_sql_threads": _THREADS,  # more than the slow questions one reader can ask at a time
    "max_returned_rows": 500,
    "default_page_size": 50,
    "default_facet_size": 12,
    "max_csv_mb": 50,
    "default_cache_ttl": 0,  # the page is asked for again; a crawl may have ended since
    "truncate_cells_html": 300,
    "cache_size_kb": 8000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """`hosts` are the names a browser may call the desk by; `clock` gives aware UTC; without `clips` none are taken."""

    db_path: Path
    zone: ZoneInfo
    language: Language
    accounts: Mapping[str, Account]
    metrics: bool
    hosts: frozenset[str]
    clock: Callable[[], datetime]
    clips: ClipTools | None


class Desk(Datasette):  # type: ignore[misc]  # datasette carries no types
    """Datasette with one database named `masthead`, whatever the file is called."""

    def __init__(self, settings: DeskSettings) -> None:
        self.desk = settings
        self._seen: tuple[int, ...] = ()
        self.memory = Memory(settings.db_path)
        self.executor: ThreadPoolExecutor
        super().__init__(
            [],
            settings=SETTINGS,
            metadata=_metadata(protected=bool(settings.accounts)),
            template_dir=str(ROOM / "templates"),
            static_mounts=[("-/desk", str(ROOM / "static"))],
            secret=_cookie_secret(settings.accounts),
        )
        self.remove_database("_memory")  # Datasette adds it where no file is named
        self.add_database(Archive(self, path=str(settings.db_path)), name=NAME)

    def plugin_config(
        self, plugin_name: str, database: str | None = None, table: str | None = None, fallback: bool = True
    ) -> Any:
        """The passwords' hashes reach their plugin here and never stand in the metadata, which pages may show."""
        if plugin_name == "datasette-auth-passwords" and self.protected:
            accounts = self.desk.accounts.values()
            return {
                **{f"{account.name}_password_hash": account.password_hash for account in accounts},
                "actors": {account.name: {"id": account.name, "role": account.role} for account in accounts},
            }
        return super().plugin_config(plugin_name, database=database, table=table, fallback=fallback)

    @property
    def protected(self) -> bool:
        """Open to those who log in alone."""
        return bool(self.desk.accounts)

    async def trouble(self) -> str:
        """The store_* code of what keeps the archive from being read, "" if nothing; looks again when it changed."""
        state = _stamp(self.desk.db_path)
        if state and state == self._seen:
            return ""
        code = await asyncio.to_thread(inspect, self.desk.db_path)
        if not code:
            if self._seen and self._seen[:2] != state[:2]:
                self._reopen()
            self._seen = state
        return code

    async def own_names(self) -> Mapping[str, Name]:
        """Display names of the companies that the team's own lexicon added, as of the last crawl or retag."""
        try:
            found = await self.get_database(NAME).execute("select id, name_en, name_zh from entities")
        except (sqlite3.Error, QueryInterrupted):  # the page itself will say what is wrong; a name is not worth it
            return {}
        return {row[0]: Name(row[1], row[2]) for row in found.rows if row[0] not in ENTITIES}

    def _reopen(self) -> None:
        """Another file lies at the path (a backup was restored): leave the threads that hold the old one."""
        self.get_database(NAME).forget_writer()
        self.memory.forget()
        self.executor.shutdown(wait=False)
        self.executor = ThreadPoolExecutor(max_workers=_THREADS)


@cache
def static_version() -> str:
    """A short hash over the static files, so that browsers may keep each version for ever."""
    files = sorted((ROOM / "static").iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


def _stamp(path: Path) -> tuple[int, ...]:
    """Which file it is and when it last changed; () if it can not be seen."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size


def _cookie_secret(accounts: Mapping[str, Account]) -> str | None:
    """Follows from the passwords' (salted, secret) hashes: logins outlive a restart and end with a change of them."""
    if not accounts:
        return None
    known = sorted(f"{account.name} {account.role} {account.password_hash}" for account in accounts.values())
    return hashlib.sha256("\n".join(["desk cookies", *known]).encode()).hexdigest()


def _metadata(*, protected: bool) -> dict[str, Any]:
    database: dict[str, Any] = {
        "tables": tables.metadata(),
        "queries": {
            name: {"sql": query.sql, "params": list(query.parameters), "title": query.title.en, "hide_sql": True}
            for name, query in QUERIES.items()
        },
    }
    if not protected:
        return {"title": "Masthead", "databases": {NAME: database}}
    database["allow_sql"] = {"role": "editor"}
    return {"title": "Masthead", "databases": {NAME: database}, "allow": {"role": list(ROLES)}}
