"""The list of stories: rows, counts and facets of a view. Reads only; how a row looks is in templates.

Facets are counted from the distinct combinations of facet values, which are few, not from the stories, which are many.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.desk.sql import first, rows
from db.desk.views import FACETS, PAGE, SORTS, View

#: What a card of a story shows.
CARD = """
    s.id, s.line_en, s.line_zh, s.main_event, s.event_types, s.platforms, s.regions, s.languages, s.status,
    s.status_at, s.impact, s.importance, s.credibility, s.articles, s.origins, s.families, s.first_at, s.last_at, s.day,
    s.updated_at, a.id as article_id, a.title, a.language, a.source_id, a.source_kind, a.lead, a.url,
    src.name as source_name
"""
CARD_FROM = """
    stories s left join articles a on a.id = s.lead_article_id left join sources src on src.id = a.source_id
"""
_COMBINATIONS = """
    select status, impact, platforms, event_types, source_kinds, languages, count(*)
    from stories indexed by stories_facets where merged_into is null
    group by status, impact, platforms, event_types, source_kinds, languages
"""
#: Order of the columns above, by facet.
_AT = {"status": 0, "impact": 1, "platform": 2, "type": 3, "kind": 4, "language": 5}
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
_DAYS = 14


@dataclass(frozen=True, slots=True)
class Combination:
    """Facet values that some stories share: as they are stored, as sets, and how many stories."""

    stored: tuple[str, ...]
    values: tuple[frozenset[str], ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryList:
    """One page of a view. `facets`: by name, (value, count) pairs; `more` tells of a next page.

    `marks`: what people said of a story, by its id: kind and value.
    """

    stories: Sequence[Any]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]
    more: bool
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Combinations:
    """The distinct combinations with their counts, read again when the archive has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[object, ...] = ()
        self._found: list[Combination] = []

    def get(self, connection: sqlite3.Connection) -> list[Combination]:
        state = _state(self._path)
        if state != self._seen:
            found = [([str(value) for value in row[:6]], int(row[6])) for row in connection.execute(_COMBINATIONS)]
            self._found = [Combination(tuple(row), tuple(map(_values, row)), count) for row, count in found]
            self._seen = state
        return self._found


def list_stories(connection: sqlite3.Connection, view: View, combinations: Combinations, size: int = PAGE) -> StoryList:
    """The page of `view` with its facets; nothing is found for a view with values that exist nowhere."""
    known = combinations.get(connection)
    facets: dict[str, Sequence[tuple[str, int]]] = {facet.name: _counts(known, view, facet.name) for facet in FACETS}
    if view.impossible:
        return StoryList(stories=[], total=0, facets=facets, more=False)
    where, parameters = where_of(view, known)
    facets["day"] = [
        (str(day), int(count))
        for day, count in connection.execute(
            f"select s.day, count(*) from stories s indexed by stories_newest where {where}"  # noqa: S608 (ours)
            f" group by s.day order by s.day desc limit {_DAYS}",
            parameters,
        )
    ]
    facets["triage"] = _triage_counts(connection)
    total = _total(connection, view, known, where, parameters)
    found = rows(
        connection,
        f"""
        select {CARD} from (
            select s.rowid as at from stories s indexed by stories_newest where {where}
            order by {SORTS[view.sort]} limit {size + 1} offset {(view.page - 1) * size}
        ) hit join {CARD_FROM.replace("stories s", "stories s on s.rowid = hit.at", 1)}
        order by {_qualified(SORTS[view.sort])}
        """,  # noqa: S608 (fixed words and numbers of ours; values are bound)
        parameters,
    )
    marks = marks_of(connection, [str(row["id"]) for row in found[:PAGE]])
    return StoryList(stories=found[:size], total=total, facets=facets, more=len(found) > size, marks=marks)


def marks_of(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """What people said of these stories and did not take back."""
    marks: dict[str, dict[str, str]] = {}
    for story_id, kind, value in connection.execute(_MARKS, {"ids": json.dumps(ids)}):
        marks.setdefault(story_id, {})[kind] = value
    return marks


def where_of(view: View, known: Sequence[Combination]) -> tuple[str, dict[str, str]]:
    """A condition on `stories s` for the chosen values, and its parameters."""
    clauses, parameters = ["s.merged_into is null"], {}
    for facet in FACETS:
        chosen = view.chosen.get(facet.name, ())
        if not chosen:
            continue
        parameters[facet.name] = json.dumps(_stored(known, facet.name, set(chosen)) if facet.many else list(chosen))
        column = f"s.{facet.column}" if facet.name != "impact" else "cast(s.impact as text)"
        clauses.append(f"{column} in (select value from json_each(:{facet.name}))")  # noqa: S608 (ours)
    if view.chosen.get("day"):
        parameters["day"] = json.dumps(view.chosen["day"])
        clauses.append("s.day in (select value from json_each(:day))")
    if view.chosen.get("triage"):
        clauses.append("(" + " or ".join(_TRIAGE[state] for state in view.chosen["triage"]) + ")")
    return " and ".join(clauses), parameters


def _stored(known: Sequence[Combination], name: str, chosen: set[str]) -> list[str]:
    """The arrays, as they are stored, that hold one of the values."""
    return sorted({one.stored[_AT[name]] for one in known if one.values[_AT[name]] & chosen})


def _counts(known: Sequence[Combination], view: View, name: str) -> list[tuple[str, int]]:
    """How many stories each value of a facet would give, under the other facets' choice."""
    others = [(_AT[other], set(chosen)) for other, chosen in view.chosen.items() if other in _AT and other != name]
    counts: Counter[str] = Counter()
    for one in known:
        if all(one.values[at] & chosen for at, chosen in others):
            for value in one.values[_AT[name]]:
                counts[value] += one.count
    for value in view.chosen.get(name, ()):
        counts[value] += 0
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _total(
    connection: sqlite3.Connection, view: View, known: Sequence[Combination], where: str, parameters: Mapping[str, str]
) -> int:
    if view.chosen.keys() & {"day", "triage"}:
        sql = f"select count(*) from stories s indexed by stories_newest where {where}"  # noqa: S608 (ours)
        return int(first(connection, sql, parameters)[0])
    chosen = [(_AT[name], set(values)) for name, values in view.chosen.items()]
    return sum(one.count for one in known if all(one.values[at] & wanted for at, wanted in chosen))


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


def _values(stored: str) -> frozenset[str]:
    """The members of a stored array; a plain value is its own only member."""
    if not stored.startswith("["):
        return frozenset({stored})
    try:
        return frozenset(str(value) for value in json.loads(stored))
    except (ValueError, RecursionError):
        return frozenset()


def _qualified(order: str) -> str:
    return ", ".join(f"s.{part}" for part in order.split(", "))


def _state(path: Path) -> tuple[object, ...]:
    """Changes with every commit: of the file or of the log beside it."""
    found: list[object] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
            found += [stat.st_ino, stat.st_mtime_ns, stat.st_size]
        except OSError:
            found.append(None)
    return tuple(found)
