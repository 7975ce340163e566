"""Tags into rows and back: mentions, events, evidence, and the columns of an article that follow from them.

The caller holds the transaction. Whether an article deserves other tags is decided elsewhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from db.rows import as_json, insert
from db.types import Amount, DatedFact, Event, Evidence, Mention, Tags
from db.vocabulary import ENTITIES


def columns(connection: sqlite3.Connection, tags: Tags) -> dict[str, object]:
    """What an article's own row says of its tags."""
    types = [event.type for event in told(tags)]
    named = sorted(tags.mentions, key=lambda mention: not mention.about)
    platforms = [entity for entity in dict.fromkeys(m.entity for m in named) if _is_platform(connection, entity)]
    return {
        "relevance": tags.relevance,
        "lexicon": tags.lexicon,
        "platforms": as_json(platforms),
        "event_types": as_json(list(dict.fromkeys(types))),
        "main_event": types[0] if types else "",
    }


def write(connection: sqlite3.Connection, article_id: int, tags: Tags) -> list[str]:
    """Mentions, events and evidence of an article that has none; returns the quotes, for the search index."""
    connection.executemany(
        'insert or ignore into mentions (article_id, entity, field, start, "end", surface, about)'
        " values (?, ?, ?, ?, ?, ?, ?)",
        [(article_id, m.entity, m.field, m.start, m.end, m.surface, m.about) for m in tags.mentions],
    )
    quotes: list[str] = []
    for position, event in enumerate(told(tags)):
        event_id = insert(connection, "events", {"article_id": article_id, "position": position, **_event(event)})
        for evidence in event.evidence:
            insert(connection, "evidence", {"event_id": event_id, **asdict(evidence)})
            quotes.append(evidence.quote)
    return quotes


def erase(connection: sqlite3.Connection, article_id: int) -> None:
    """Mentions and events; evidence goes with its event."""
    for table in ("mentions", "events"):
        connection.execute(f"delete from {table} where article_id = ?", (article_id,))  # noqa: S608 (two constants)


def told(tags: Tags) -> Iterable[Event]:
    """No evidence, no event."""
    return [event for event in tags.events if event.evidence]


def load(connection: sqlite3.Connection, article_ids: Sequence[int]) -> dict[int, Tags]:
    """The stored tags of articles, mentions in the order of their places."""
    marks = ", ".join("?" * len(article_ids))
    mentions: dict[int, list[Mention]] = defaultdict(list)
    for article_id, entity, field, start, end, surface, about in connection.execute(
        f'select article_id, entity, field, start, "end", surface, about from mentions where article_id in ({marks})'  # noqa: S608
        " order by article_id, field = 'text', start, \"end\", entity",
        article_ids,
    ):
        mention = Mention(entity=entity, field=field, start=start, end=end, surface=surface, about=bool(about))
        mentions[article_id].append(mention)
    evidence = _load_evidence(connection, marks, article_ids)
    events: dict[int, list[Event]] = defaultdict(list)
    cursor = connection.execute(
        f"select * from events where article_id in ({marks}) order by article_id, position",  # noqa: S608
        article_ids,
    )
    names = [column[0] for column in cursor.description]
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        events[row["article_id"]].append(_load_event(row, evidence[row["id"]]))
    rows = connection.execute(
        f"select id, language, relevance, lexicon from articles where id in ({marks})",  # noqa: S608
        article_ids,
    )
    return {
        article_id: Tags(
            language=language, relevance=relevance, mentions=tuple(mentions[article_id]),
            events=tuple(events[article_id]), lexicon=lexicon,
        )
        for article_id, language, relevance, lexicon in rows
    }  # fmt: skip


def _load_evidence(connection: sqlite3.Connection, marks: str, article_ids: Sequence[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    for event_id, field, start, end, rule, quote, quote_start in connection.execute(
        'select event_id, field, start, "end", rule, quote, quote_start from evidence'  # noqa: S608
        f" where event_id in (select id from events where article_id in ({marks})) order by evidence.id",
        article_ids,
    ):
        found[event_id].append(
            Evidence(field=field, start=start, end=end, rule=rule, quote=quote, quote_start=quote_start)
        )
    return found


def _load_event(row: dict[str, Any], evidence: Sequence[Evidence]) -> Event:
    return Event(
        type=row["type"],
        score=row["score"],
        evidence=tuple(evidence),
        attribution=row["attribution"],
        polarity=row["polarity"],
        modality=row["modality"],
        parties={role: tuple(ids) for role, ids in json.loads(row["parties"]).items()},
        audience=tuple(json.loads(row["audience"])),
        regions=tuple(json.loads(row["regions"])),
        effective_date=row["effective_date"],
        amounts=tuple(Amount(**amount) for amount in json.loads(row["amounts"])),
        dates=tuple(DatedFact(**fact) for fact in json.loads(row["dates"])),
    )


def _event(event: Event) -> dict[str, object]:
    return {
        "type": event.type,
        "score": event.score,
        "attribution": event.attribution,
        "polarity": event.polarity,
        "modality": event.modality,
        "parties": as_json({role: list(ids) for role, ids in event.parties.items()}),
        "audience": as_json(list(event.audience)),
        "regions": as_json(list(event.regions)),
        "effective_date": event.effective_date,
        "amounts": as_json([asdict(amount) for amount in event.amounts]),
        "dates": as_json([asdict(fact) for fact in event.dates]),
    }


def _is_platform(connection: sqlite3.Connection, entity: str) -> bool:
    if entity in ENTITIES:
        return ENTITIES[entity].kind == "platform"
    row = connection.execute("select kind from entities where id = ?", (entity,)).fetchone()  # one of the team's own
    return bool(row == ("platform",))
