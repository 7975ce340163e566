"""What people decide about stories: merge, split, move, status; each with its author and reason, each can be undone.

A rule never changes what was decided here. Everything happens in one transaction of the caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from db.errors import UsageError
from db.rows import as_json, insert, stamp, update
from db.stories import signals
from db.stories.membership import Seat, close, reseat, seat_of, settle_or_close, start
from db.stories.rules import RULE, Occasion
from db.types import Status

_WHY = as_json([{"kind": "person", "with": "", "weight": 1.0}])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision as it is logged; `before` is what undo puts back."""

    id: int
    kind: str
    story_id: str
    other_story_id: str | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who decides, and why."""

    name: str
    reason: str = ""


def merge(connection: sqlite3.Connection, away: str, into: str, by: Author, occasion: Occasion) -> Decision:
    """All articles of `away` go into `into`; the address of `away` redirects. Raises UsageError."""
    _living(connection, away)
    _living(connection, into)
    if away == into:
        raise UsageError("a story can not be merged with itself; name two", about=away)
    seats = _seats(connection, away)
    held = _status_of(connection, away)
    signals.inherit(connection, into, away)
    reseat(connection, _by_person(seats, into, by))
    followers = [one for (one,) in connection.execute("select id from stories where follows = ?", (away,))]
    close(connection, away, into, occasion)
    settle_or_close(connection, into, occasion)
    before = {"seats": [asdict(seat) for seat in seats], "status": held, "followers": followers}
    return _log(connection, "merge", away, into, by, occasion, before)


def split(
    connection: sqlite3.Connection, story_id: str, article_ids: Sequence[int], by: Author, occasion: Occasion
) -> Decision:
    """Some articles of a story become a new one. Raises UsageError."""
    _living(connection, story_id)
    seats = [_seated(connection, article_id) for article_id in dict.fromkeys(article_ids)]
    for seat in seats:
        if seat.story_id != story_id:
            raise UsageError(f"article {seat.article_id} is not in this story but in {seat.story_id}", about=story_id)
    stay = [seat for seat in _seats(connection, story_id) if seat not in seats]
    if not stay:
        raise UsageError("these are all its articles; at least one must stay", about=story_id)
    new = start(connection, seats[0].article_id, occasion.now)
    reseat(connection, _by_person(seats, new, by))
    # What stays was looked at as well: no rule moves it after the others.
    ruled = [seat.article_id for seat in stay if seat.decided_by == RULE]
    _decided(connection, ruled, by.name)
    for one in (new, story_id):
        settle_or_close(connection, one, replace(occasion, baseline=True))  # who was to know knows it already
    before = {"seats": [asdict(seat) for seat in seats], "stay": ruled}
    return _log(connection, "split", story_id, new, by, occasion, before)


def move(connection: sqlite3.Connection, article_id: int, story_id: str, by: Author, occasion: Occasion) -> Decision:
    """One article goes to another story; the one it leaves redirects there if nothing stays. Raises UsageError."""
    _living(connection, story_id)
    seat = _seated(connection, article_id)
    if seat.story_id == story_id:
        raise UsageError(f"article {article_id} is in this story already", about=story_id)
    held = _status_of(connection, seat.story_id)
    reseat(connection, _by_person([seat], story_id, by))
    settle_or_close(connection, seat.story_id, occasion, into=story_id)
    settle_or_close(connection, story_id, occasion)
    before = {"seats": [asdict(seat)], "status": held}
    return _log(connection, "move", seat.story_id, story_id, by, occasion, before, article_id)


def set_status(
    connection: sqlite3.Connection, story_id: str, status: Status, by: Author, occasion: Occasion
) -> Decision:
    """A person's word on a story's status, which holds until it is undone. Raises UsageError."""
    _living(connection, story_id)
    before = _status_of(connection, story_id)
    at = stamp(occasion.now)
    update(connection, "stories", story_id, {"status": status, "status_at": at, "status_by": by.name})
    values = {"story_id": story_id, "status": status, "at": at, "decided_by": by.name, "reason": by.reason}
    move_id = insert(connection, "status_moves", {**values, "recorded_at": at})
    signals.by_person(connection, story_id, status, occasion.now)
    settle_or_close(connection, story_id, occasion)
    return _log(connection, "status", story_id, None, by, occasion, {"status": before, "move": move_id})


def undo(connection: sqlite3.Connection, decision_id: int, by: Author, occasion: Occasion) -> Decision:
    """Put back what a decision changed. Raises UsageError: unknown, undone already, or a later one rests on it."""
    row = connection.execute(_DECISION, (decision_id,)).fetchone()
    if row is None:
        raise UsageError(f"there is no decision {decision_id}; `masthead story log` lists them")
    kind, story_id, other, decided_by, text, undone_at = row
    occasion = replace(occasion, baseline=True)  # what was so before is no news
    if undone_at:
        raise UsageError(f"decision {decision_id} was undone at {undone_at}")
    later = connection.execute(_LATER, {"id": decision_id, "story": story_id, "other": other or story_id}).fetchone()
    if later:
        raise UsageError(f"decision {later[0]} ({later[1]}) came after it and rests on it; undo that one first")
    before: dict[str, Any] = json.loads(text)
    if kind == "status":
        connection.execute("delete from status_moves where id = ?", (before["move"],))
        update(connection, "stories", story_id, before["status"])
        settle_or_close(connection, story_id, occasion)
    else:
        _put_back(connection, story_id, other, before, occasion)
    values = {"undone_at": stamp(occasion.now), "undone_by": by.name}
    update(connection, "story_decisions", decision_id, values)
    return Decision(id=decision_id, kind=kind, story_id=story_id, other_story_id=other, decided_by=decided_by)


_DECISION = "select kind, story_id, other_story_id, decided_by, before, undone_at from story_decisions where id = ?"
_LATER = """
    select id, kind from story_decisions
    where id > :id and undone_at is null
      and decided_by != 'rule' and (story_id in (:story, :other) or other_story_id in (:story, :other))
    order by id desc limit 1
"""


def _put_back(
    connection: sqlite3.Connection, story_id: str, other: str, before: dict[str, Any], occasion: Occasion
) -> None:
    """The articles return to `story_id`, which lives again if it was merged away; `other` redirects if none stay."""
    connection.execute("update stories set merged_into = null where id = ?", (story_id,))
    if "status" in before:
        update(connection, "stories", story_id, before["status"])
    for follower in before.get("followers", ()):
        update(connection, "stories", follower, {"follows": story_id})
    seats = [Seat(**values) for values in before["seats"]]
    reseat(connection, [seat for seat in seats if _story_of(connection, seat.article_id) == other])
    _decided(connection, before.get("stay", ()), RULE)
    settle_or_close(connection, story_id, occasion, into=other)
    settle_or_close(connection, other, occasion, into=story_id)


def _by_person(seats: Sequence[Seat], story_id: str, by: Author) -> list[Seat]:
    return [replace(seat, story_id=story_id, decided_by=by.name, why=_WHY, score=1.0) for seat in seats]


def _decided(connection: sqlite3.Connection, article_ids: Sequence[int], by: str) -> None:
    connection.execute(
        "update story_articles set decided_by = ? where article_id in (select value from json_each(?))",
        (by, as_json(list(article_ids))),
    )


def _story_of(connection: sqlite3.Connection, article_id: int) -> str:
    """ "" for an article that was forgotten since."""
    seat = seat_of(connection, article_id)
    return seat.story_id if seat else ""


def _log(
    connection: sqlite3.Connection,
    kind: str,
    story_id: str,
    other: str | None,
    by: Author,
    occasion: Occasion,
    before: dict[str, Any],
    article_id: int | None = None,
) -> Decision:
    values = {
        "at": stamp(occasion.now), "kind": kind, "story_id": story_id, "other_story_id": other,
        "article_id": article_id, "decided_by": by.name, "reason": by.reason, "before": as_json(before),
    }  # fmt: skip
    decision_id = insert(connection, "story_decisions", values)
    return Decision(id=decision_id, kind=kind, story_id=story_id, other_story_id=other, decided_by=by.name)


def _living(connection: sqlite3.Connection, story_id: str) -> None:
    row = connection.execute("select merged_into from stories where id = ?", (story_id,)).fetchone()
    if row is None:
        raise UsageError(f"there is no story {story_id!r}; `masthead search` and `masthead export stories` show ids")
    if row[0]:
        raise UsageError(f"this story was merged into {row[0]}; use that id", about=story_id)


def _seated(connection: sqlite3.Connection, article_id: int) -> Seat:
    seat = seat_of(connection, article_id)
    if seat is None:
        raise UsageError(f"article {article_id} is part of no story; `masthead story show STORY` lists the articles")
    return seat


def _seats(connection: sqlite3.Connection, story_id: str) -> list[Seat]:
    rows = connection.execute(
        "select article_id, story_id, score, why, decided_by from story_articles where story_id = ? order by at",
        (story_id,),
    )
    return [Seat(*row) for row in rows]


def _status_of(connection: sqlite3.Connection, story_id: str) -> dict[str, str]:
    names = ("status", "status_at", "status_by")
    row = connection.execute("select status, status_at, status_by from stories where id = ?", (story_id,)).fetchone()
    return dict(zip(names, row, strict=True))
