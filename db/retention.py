"""What the archive drops with time, so that years of crawling do not fill a disk. Articles and their tags always stay.

What an open story or an unsent alert quotes must outlive its age: those articles are named by the caller in `spare`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.rows import as_json, stamp
from db.store import Store

_STEP = 5_000  # rows in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long and how many. Of an article the first wording stays, and so many of the newest."""

    fetch_days: int = 90
    run_days: int = 400
    revisions: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Rows that went."""

    fetches: int
    runs: int
    revisions: int


def prune(store: Store, now: datetime, *, keep: Keep = Keep(), spare: Collection[int] = ()) -> Pruned:
    """Delete what is past its time, in short transactions; `spare`: articles whose revisions all stay.

    The newest run stays however old. Raises StoreError; what was deleted before stays deleted.
    """

    def before(days: int) -> str:
        return stamp(now - timedelta(days=days))

    pruned = Pruned(
        fetches=_delete(store, _FETCHES, (before(keep.fetch_days), _STEP)),
        runs=_delete(store, _RUNS, (before(keep.run_days), _STEP)),
        revisions=_delete(store, _REVISIONS, (keep.revisions, as_json(sorted(spare)), _STEP)),
    )
    _delete(store, _ROBOTS, (before(keep.fetch_days), _STEP))
    _delete(store, _HOSTS, (stamp(now), _STEP))
    with store.reading() as connection:
        connection.execute("pragma wal_checkpoint(passive)")  # while nobody is waiting for a page
    return pruned


def _delete(store: Store, statement: str, values: tuple[object, ...]) -> int:
    deleted = 0
    while True:
        with store.writing() as connection:
            step = connection.execute(statement, values).rowcount
        deleted += step
        if step < _STEP:
            return deleted


_FETCHES = """
    delete from fetches where id in (
        select fetches.id from runs join fetches on run_id = runs.id where started_at < ? limit ?)
"""
_RUNS = """
    delete from runs where id in (
        select id from runs where started_at < ? and id != (select max(id) from runs) limit ?)
"""
_REVISIONS = """
    delete from revisions where id in (
        select revisions.id from revisions join (
            select article_id, max(number) as newest from revisions group by article_id having count(*) > ?1 + 1
        ) long using (article_id)
        where number > 1 and number <= newest - ?1 and article_id not in (select value from json_each(?2))
        limit ?3)
"""
_ROBOTS = "delete from robots where origin in (select origin from robots where fetched_at < ? limit ?)"
_HOSTS = "delete from hosts where host in (select host from hosts where retry_after_at < ? limit ?)"
