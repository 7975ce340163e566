"""What stories need without a new article: to expire, to be assessed by newer rules, to lose what was forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.rows import as_json, stamp
from db.store import Store
from db.stories import threading
from db.stories.membership import recount, remove
from db.stories.rules import Occasion, StoryRules
from db.stories.settling import settle

_AT_ONCE = 25  # stories assessed in one transaction, so that a crawl beside it does not wait long
_OF_OLDER_RULES = 1_000  # brought up to date in one go; the rest next time

_EXPIRED = """
    select id from stories where status in ('rumor', 'reported') and status_by = 'rule' and last_at < ?
    and merged_into is null order by last_at
"""
_WAITING = "select id from stories where rules = '' and merged_into is null"
_OLDER = "select id from stories where rules not in ('', ?) and merged_into is null order by last_at desc limit ?"


@dataclass(frozen=True, slots=True)
class Tended:
    """Stories that were assessed anew, and how many of them expired."""

    assessed: int
    expired: int


def thread_waiting(store: Store, rules: StoryRules, now: datetime, zone: ZoneInfo) -> None:
    """Into stories with what sources' first crawls brought, in order of time and short transactions."""
    left = 1
    while left:
        with store.writing() as connection:
            left = threading.thread_waiting(connection, Occasion(rules, now, zone))


def tend(store: Store, rules: StoryRules, now: datetime, zone: ZoneInfo) -> Tended:
    """Assess what waits for it: rumors and reports past their time, stories that lost articles or are of older rules.

    In short transactions. Raises StoreError.
    """
    with store.reading() as connection:
        before = stamp(now - timedelta(days=rules.expires_days))
        old = connection.execute(_EXPIRED, (before,)).fetchall()
        waiting = connection.execute(_WAITING).fetchall()
        older = connection.execute(_OLDER, (rules.version, _OF_OLDER_RULES)).fetchall()
    by_time = list(dict.fromkeys(one for (one,) in (*old, *waiting)))
    by_rules = [one for (one,) in older if one not in set(by_time)]
    expired = 0
    for ids, is_old_news in ((by_time, False), (by_rules, True)):  # a new version of the program is no news
        for start in range(0, len(ids), _AT_ONCE):
            occasion = Occasion(rules, now, zone, baseline=is_old_news)
            with store.writing() as connection:
                expired += _assess(connection, ids[start : start + _AT_ONCE], occasion)
    return Tended(assessed=len(by_time) + len(by_rules), expired=expired)


def _assess(connection: sqlite3.Connection, ids: Sequence[str], occasion: Occasion) -> int:
    """How many expired. One that lost its articles meanwhile is left alone."""
    query = "select id, status from stories where id in (select value from json_each(?)) and articles > 0"
    before = connection.execute(query, (as_json(list(ids)),)).fetchall()
    after = {story_id: settle(connection, story_id, occasion).status for story_id, _ in before}
    return sum(after[story_id] == "expired" != status for story_id, status in before)


def take_leave(connection: sqlite3.Connection, article_ids: str) -> list[str]:
    """Before articles (a JSON list of ids) are deleted: what stories quote of them goes; returns their stories."""
    stories = connection.execute(
        "select distinct story_id from story_articles where article_id in (select value from json_each(?))",
        (article_ids,),
    ).fetchall()
    for table, column in (("status_moves", "article_id"), ("claims", "official_article_id"), ("triage", "article_id")):
        connection.execute(
            f"delete from {table} where {column} in (select value from json_each(?))",  # noqa: S608 (constants)
            (article_ids,),
        )
    return [story_id for (story_id,) in stories]


def after_leave(connection: sqlite3.Connection, stories: Sequence[str]) -> None:
    """After articles were deleted: a story with none left goes, the others are counted and wait to be assessed."""
    for story_id in stories:
        if connection.execute("select 1 from story_articles where story_id = ? limit 1", (story_id,)).fetchone():
            recount(connection, story_id)
        else:
            remove(connection, story_id)
