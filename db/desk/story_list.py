"""The list of stories: rows, counts and facets of a view. Reads only; how a row looks is in templates."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.desk.sql import first, rows
from db.desk.tallies import STORIES, Tally
from db.desk.views import FACETS, NAMES, PAGE, SORTS, Facet, View

#: What a card of a story shows.
CARD = """
    s.id, s.line_en, s.line_zh, s.main_event, s.event_types, s.platforms, s.regions, s.audience, s.languages, s.status,
    s.status_at, s.impact, s.importance, s.credibility, s.articles, s.origins, s.families, s.first_at, s.last_at, s.day,
    s.updated_at, a.id as article_id, a.title, a.language, a.source_id, a.source_kind, a.lead, a.url,
    src.name as source_name
"""
CARD_FROM = """
    stories s left join articles a on a.id = s.lead_article_id left join sources src on src.id = a.source_id
"""
#: Triage states of stories: what a person has said and not taken back.
_TRIAGED = "select story_id from triage where story_id is not null and undone_at is null"
_TRIAGE = {
    "unread": f"s.id not in ({_TRIAGED} and kind in ('read', 'noise'))",
    "read": f"s.id in ({_TRIAGED} and kind = 'read')",
    "important": f"s.id in ({_TRIAGED} and kind = 'important')",
    "noise": f"s.id in ({_TRIAGED} and kind = 'noise')",
    "owned": f"s.id in ({_TRIAGED} and kind in ('owner', 'hand_over'))",
    "noted": f"s.id in ({_TRIAGED} and kind = 'note')",
}
_MARKS = """
    select story_id, kind, value from triage
    where story_id in (select value from json_each(:ids)) and undone_at is null order by id
"""
_INDEX = {"importance": "stories_importance"}
_DAYS = 14
COUNTED = 1_000  # stories of a choice by triage; the others' counts stand ready


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryList:
    """One page of a view. `facets`: by name, (value, count) pairs; `more` tells of a next page.

    `capped`: there are `total` stories at least.

    `marks`: what people said of a story, by its id: kind and value.
    """

    stories: Sequence[Any]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]
    more: bool
    capped: bool = False
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def list_stories(connection: sqlite3.Connection, view: View, tally: Tally, size: int = PAGE) -> StoryList:
    """The page of `view` with its facets; nothing is found for a view with values that exist nowhere."""
    facets: dict[str, Sequence[tuple[str, int]]] = {
        name: tally.counts(name, view.chosen) for name in NAMES if name in STORIES and name != "day"
    }
    facets["impact"] = sorted(facets["impact"], reverse=True)
    facets["day"] = tally.newest("day", view.chosen, _DAYS)
    facets["triage"] = _triage_counts(connection)
    if view.impossible:
        return StoryList(stories=[], total=0, facets=facets, more=False)
    where, parameters = where_of(view)
    found = rows(
        connection,
        f"""
        select {CARD} from (
            select s.rowid as at from stories s indexed by {_INDEX.get(view.sort, "stories_newest")} where {where}
            order by {SORTS[view.sort]} limit {size + 1} offset {(view.page - 1) * size}
        ) hit join {CARD_FROM.replace("stories s", "stories s on s.rowid = hit.at", 1)}
        order by {_qualified(SORTS[view.sort])}
        """,  # noqa: S608 (fixed words and numbers of ours; values are bound)
        parameters,
    )
    total, capped = tally.total(view.chosen), False
    if view.chosen.get("triage"):
        each = f"select 1 from stories s indexed by stories_newest where {where} limit {COUNTED}"  # noqa: S608 (ours)
        total = int(first(connection, f"select count(*) from ({each})", parameters)[0])  # noqa: S608
        capped = total == COUNTED
    marks = marks_of(connection, [str(row["id"]) for row in found[:PAGE]])
    return StoryList(
        stories=found[:size], total=total, capped=capped, facets=facets, more=len(found) > size, marks=marks
    )


def marks_of(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """What people said of these stories and did not take back."""
    marks: dict[str, dict[str, str]] = {}
    for story_id, kind, value in connection.execute(_MARKS, {"ids": json.dumps(ids)}):
        marks.setdefault(story_id, {})[kind] = value
    return marks


def where_of(view: View) -> tuple[str, dict[str, str]]:
    """A condition on `stories s` for the chosen values, and its parameters; the columns stand in one index."""
    clauses, parameters = ["s.merged_into is null"], {}
    for facet in (*FACETS, Facet("day", "day")):
        asked = []
        for number, value in enumerate(view.chosen.get(facet.name, ())):
            name = f"{facet.name}{number}"
            # An array holds ids in quotation marks; to look for one is quicker than to unpack it.
            parameters[name] = json.dumps(value) if facet.many else value
            column = f"s.{facet.column}"
            asked.append(f"instr({column}, :{name})" if facet.many else f"{column} = :{name}")
        if asked:
            clauses.append(f"({' or '.join(asked)})")
    if view.chosen.get("triage"):
        clauses.append("(" + " or ".join(_TRIAGE[state] for state in view.chosen["triage"]) + ")")
    return " and ".join(clauses), parameters


def _triage_counts(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    sql = (
        "select kind, count(distinct story_id) from triage where story_id is not null and undone_at is null group by 1"
    )
    found = dict(connection.execute(sql).fetchall())
    owned = "select count(distinct story_id) from triage where kind in ('owner', 'hand_over') and undone_at is null"
    counts = {
        "read": found.get("read", 0),
        "important": found.get("important", 0),
        "noise": found.get("noise", 0),
        "owned": first(connection, owned)[0],
        "noted": found.get("note", 0),
    }
    return [("unread", -1), *((name, count) for name, count in counts.items() if count)]


def _qualified(order: str) -> str:
    return ", ".join(f"s.{part}" for part in order.split(", "))
