"""What the archive drops with time, so that years of crawling do not fill a disk. Articles and their tags always stay.

What an open story or an alert of these days may still quote outlives its age.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.rows import stamp
from db.store import Store

_STEP = 5_000  # rows in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long and how many. Of an article the first wording stays, and so many of the newest."""

    fetch_days: int = 90
    run_days: int = 400
    revisions: int = 50
    story_days: int = 90  # an open story, or one that was told of, keeps every wording so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Rows that went."""

    fetches: int
    runs: int
    revisions: int


def prune(store: Store, now: datetime, *, keep: Keep = Keep()) -> Pruned:
    """Delete what is past its time, in short transactions; all wordings of what is in a story of these days stay.

    The newest run stays however old. Raises StoreError; what was deleted before stays deleted.
    """

    def before(days: int) -> str:
        return stamp(now - timedelta(days=days))

    pruned = Pruned(
        fetches=_delete(store, _FETCHES, (before(keep.fetch_days), _STEP)),
        runs=_delete(store, _RUNS, (before(keep.run_days), _STEP)),
        revisions=_delete(store, _REVISIONS, (keep.revisions, before(keep.story_days), _STEP)),
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
        where number > 1 and number <= newest - ?1 and article_id not in (
            select article_id from story_articles join stories s on s.id = story_id
            where s.last_at >= ?2 or exists (select 1 from signals g where g.story_id = s.id and g.at >= ?2))
        limit ?3)
"""
_ROBOTS = "delete from robots where origin in (select origin from robots where fetched_at < ? limit ?)"
_HOSTS = "delete from hosts where host in (select host from hosts where retry_after_at < ? limit ?)"
