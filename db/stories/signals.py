"""What recipients may have to learn of a story, once per trigger, written with the story. Who learns it is decided
elsewhere; nothing here knows a recipient.

Triggers: ``status:<status>``; ``official:<article>`` for a further official text of its own origin; ``figure:<hash>``
and ``date:<hash>`` when an official text was changed and now says other figures or dates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from db.rows import stamp
from db.stories.rules import Occasion
from db.types import Assessment, Statement

BASELINE_AGE = timedelta(hours=48)  # what a source's first crawl finds older than this is no news
_CHANGING = {"amount": "figure", "date": "date"}  # slots of a statement whose change is material


def is_first_crawl(connection: sqlite3.Connection, source_id: str) -> bool:
    """Whether the source has never been read well before."""
    row = connection.execute("select last_good_at is null from sources where id = ?", (source_id,)).fetchone()
    return bool(row and row[0])


def of_assessment(
    connection: sqlite3.Connection, story_id: str, found: Assessment, occasion: Occasion, *, moved: bool
) -> None:
    """The story's status (unless a person holds it: not `moved`), and each official text after the first."""
    last, now, baseline = found.moves[-1].article_id if found.moves else "", occasion.now, occasion.baseline
    if moved:
        _add(connection, story_id, f"status:{found.status}", found.status, now, last, baseline)
    for article_id in _further_officials(found):
        _add(connection, story_id, f"official:{article_id}", found.status, now, article_id, baseline)


def of_change(
    connection: sqlite3.Connection,
    story_id: str,
    article_id: int,
    before: Sequence[Statement],
    after: Sequence[Statement],
    now: datetime,
) -> None:
    """An official text was edited: a trigger each for figures and dates, where it says other ones than before."""
    (status,) = connection.execute("select status from stories where id = ?", (story_id,)).fetchone()
    for slot, name in _CHANGING.items():
        values = _values(after, slot)
        if values and values != _values(before, slot):
            digest = sha256("\n".join(sorted(values)).encode("utf-8", "replace")).hexdigest()[:16]
            _add(connection, story_id, f"{name}:{digest}", status, now, str(article_id), False)


def by_person(connection: sqlite3.Connection, story_id: str, status: str, now: datetime) -> None:
    _add(connection, story_id, f"status:{status}", status, now, "", False)


def inherit(connection: sqlite3.Connection, story_id: str, merged_id: str) -> None:
    """What was told of a story that is merged into this one need not be told again."""
    connection.execute(
        "insert or ignore into signals (story_id, trigger, status, at, article_id, baseline)"
        " select ?, trigger, status, at, article_id, 1 from signals where story_id = ?",
        (story_id, merged_id),
    )


def _further_officials(found: Assessment) -> list[str]:
    """The first official text of each origin but the first: that one comes with the status."""
    officials = set(found.officials)
    firsts = [next((one for one in origin if one in officials), "") for origin in found.origins]
    known = [one for one in found.officials if one in firsts]
    return known[1:]


def _values(statements: Iterable[Statement], slot: str) -> set[str]:
    return {one.value for one in statements if one.slot == slot and one.asserted and one.value}


def _add(
    connection: sqlite3.Connection,
    story_id: str,
    trigger: str,
    status: str,
    now: datetime,
    article_id: str,
    baseline: bool,
) -> None:
    connection.execute(
        "insert or ignore into signals (story_id, trigger, status, at, article_id, baseline) values (?, ?, ?, ?, ?, ?)",
        (story_id, trigger, status, stamp(now), int(article_id) if article_id else None, baseline),
    )
