"""After anything about a story has changed: assess it anew and write what follows, in the caller's transaction.

Rows that say the same stay as they are, with their times. What a person decided about the status stays in force.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from db.rows import as_json, insert, stamp, update
from db.stories import signals
from db.stories.items import items_of
from db.stories.rules import RULE, Occasion
from db.stories.summary import summarise
from db.types import Assessment, Claim, Deadline, StatusMove, StoryItem

_CLAIMS, _DEADLINES = 300, 60  # of one story
_AMONG = " where article_id in (select value from json_each(?))"

Values = Mapping[str, object]


def settle(connection: sqlite3.Connection, story_id: str, occasion: Occasion) -> Assessment:
    """Assess a story that has articles."""
    items = items_of(connection, story_id)
    rules, now, zone = occasion.rules, occasion.now, occasion.zone
    found = rules.assess(items, now)
    new_origins = _write_origins(connection, items, found)
    was, status_by, origins = connection.execute(
        "select status, status_by, origins from stories where id = ?", (story_id,)
    ).fetchone()
    status = found.status if status_by == RULE else was
    platforms = _platforms(connection, [item.id for item in items])
    values = {
        "origins": origins + new_origins,
        **asdict(summarise(items, found.officials, platforms, status, zone)),
        **_judged(items, found),
        "rules": rules.version,
        "updated_at": stamp(now),
    }
    if status_by == RULE:
        values |= {"status": status, "status_at": stamp(found.moves[-1].at if found.moves else items[-1].at)}
    update(connection, "stories", story_id, values)
    looked_at = as_json([int(item.id) for item in items])
    sources = {item.id: item.voice.id for item in items}
    moves = [_move(move, sources) for move in found.moves]
    _sync(connection, _MOVES, story_id, looked_at, moves, {"recorded_at": stamp(now)})
    claims = [_claim(claim) for claim in found.claims[:_CLAIMS]]
    _sync(connection, _CLAIM_ROWS, story_id, looked_at, claims, {"at": stamp(now)})
    deadlines = [_deadline(deadline) for deadline in found.deadlines[:_DEADLINES]]
    _sync(connection, _DEADLINE_ROWS, story_id, looked_at, deadlines, {})
    signals.of_assessment(connection, story_id, found, occasion, moved=status_by == RULE)
    return found


def _write_origins(connection: sqlite3.Connection, items: Sequence[StoryItem], found: Assessment) -> int:
    """Each article's origin by its first article, in order of time; how many origins there are more than before."""
    order = {item.id: place for place, item in enumerate(items)}
    firsts = {int(one): int(min(origin, key=order.__getitem__)) for origin in found.origins for one in origin}
    ids = as_json(list(firsts))
    query = (
        "select article_id, origin_article_id from story_articles where article_id in (select value from json_each(?))"
    )
    stored = dict(connection.execute(query, (ids,)))
    changed = [(first, one) for one, first in firsts.items() if stored[one] != first]
    connection.executemany("update story_articles set origin_article_id = ? where article_id = ?", changed)
    return sum((first == one) - (stored[one] == one) for first, one in changed)


def _platforms(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    query = "select distinct platforms from articles where id in (select value from json_each(?))"
    rows = connection.execute(query, (as_json([int(one) for one in ids]),))
    return {entity for (entities,) in rows for entity in json.loads(entities)}


def _judged(items: Sequence[StoryItem], found: Assessment) -> dict[str, object]:
    families = {item.id: item.voice.family or item.voice.id for item in items}
    return {
        "lead_article_id": int(items[0].id),
        "families": len({families[origin[0]] for origin in found.origins if origin}),
        "impact": found.impact,
        "impact_reasons": as_json(list(found.impact_reasons)),
        "importance": found.importance,
        "importance_parts": as_json(dict(found.importance_parts)),
        "credibility": found.credibility,
        "credibility_parts": as_json(dict(found.credibility_parts)),
    }


# ------------------------------------------------------------------ rows that follow from an assessment
_MOVES = ("status_moves", ("status", "article_id", "at"), "decided_by = 'rule'")
_CLAIM_ROWS = ("claims", ("article_id", "verdict", "action", "slot", "value", "start", "official_article_id"), "1")
_DEADLINE_ROWS = ("deadlines", ("date", "role", "article_id", "start"), "1")


def _sync(
    connection: sqlite3.Connection,
    kind: tuple[str, tuple[str, ...], str],
    story_id: str,
    looked_at: str,
    wanted: Iterable[Values],
    new: Values,
) -> None:
    """Make the rows of a story the wanted ones; equal rows stay, as do those of articles not looked at this time."""
    table, keys, mine = kind
    query = f"""
        select id, {", ".join(keys)} from {table} where story_id = ? and {mine}
        and (article_id is null or article_id in (select value from json_each(?))
             or article_id not in (select article_id from story_articles where story_id = ?1))
    """  # noqa: S608 (names of our own)
    stored = {row[1:]: row[0] for row in connection.execute(query, (story_id, looked_at))}
    rows = {tuple(row[key] for key in keys): row for row in wanted}
    connection.executemany(
        f"delete from {table} where id = ?",  # noqa: S608 (a name of our own)
        [(row_id,) for key, row_id in stored.items() if key not in rows],
    )
    for key, row in rows.items():
        if key not in stored:
            insert(connection, table, {"story_id": story_id, **row, **new})


def _move(move: StatusMove, sources: Mapping[str, str]) -> Values:
    return {
        "status": move.status,
        "article_id": int(move.article_id) if move.article_id else None,
        "at": stamp(move.at),
        "source_id": sources.get(move.article_id, ""),
        "quote": move.quote,
        "reason": move.reason,
    }


def _claim(claim: Claim) -> Values:
    said, official = claim.statement, claim.official
    return {
        "article_id": int(claim.article_id),
        "verdict": claim.verdict,
        "action": said.action,
        "slot": said.slot,
        "value": said.value,
        "field": said.field,
        "start": said.start,
        "end": said.end,
        "quote": said.quote,
        "official_article_id": int(claim.official_article_id) if claim.official_article_id else None,
        "official_value": official.value if official else "",
        "official_field": official.field if official else "",
        "official_start": official.start if official else 0,
        "official_end": official.end if official else 0,
        "official_quote": official.quote if official else "",
    }


def _deadline(deadline: Deadline) -> Values:
    return {**asdict(deadline), "article_id": int(deadline.article_id)}
