"""The filters of the articles that Datasette has not, or has too slow: `platforms__has`, `event_types__has`, `_search`.

A label or word that is common is looked for while the list is read in its order; a rare one is looked up first. SQLite
keeps no statistics here, so it is told (a plus before a column keeps it from an index).
"""

from __future__ import annotations

import json
from typing import Any

from datasette.filters import FilterArguments

from db.desk.archive import NAME

LABELS = ("platforms", "event_types")
HAS = "__has"
_NEWEST = 1_000  # matches of a search that are looked through
_COMMON = 2_000  # rows from which on reading in order is quicker than looking up and sorting

# The few distinct arrays are found by leaps over the index instead of reading it all.
_HAVING = """
    with recursive kept(labels) as (
        select min({column}) from articles union all
        select (select min({column}) from articles where {column} > kept.labels) from kept where kept.labels is not null
    )
    select kept.labels from kept, json_each(iif(json_valid(kept.labels), kept.labels, '[]')) label
    where label.value = :{name}
"""
# Of a common word the newest articles are looked through: counting and sorting all of them takes half a second.
_FOUND = f"select rowid from search where search match masthead_match(:q) order by rowid desc limit {_NEWEST}"  # noqa: S608


async def of_articles(datasette: Any, request: Any) -> FilterArguments:
    """Where clauses for this request, with the context of the search box."""
    clauses: list[str] = []
    parameters: dict[str, str] = {}
    words = " ".join(request.args.getlist("_search")).strip()
    asked = [(label, value) for label in LABELS for value in request.args.getlist(label + HAS)]
    for number, (column, value) in enumerate(asked):
        name = f"has{number}"
        inner = _HAVING.format(column=column, name=name)
        parameters[name] = value
        sql = f"select count(*) from (select 1 from articles where {column} in ({inner}) limit {_COMMON})"  # noqa: S608
        common = (await datasette.get_database(NAME).execute(sql, {name: value})).rows[0][0] >= _COMMON
        clauses.append(f"{'+' if common else ''}{column} in ({inner})")
    found = (await datasette.get_database(NAME).execute(_FOUND, {"q": words})).rows if words else []
    if words:  # looked up once, as the list, its count and each facet would
        parameters["found"] = json.dumps([row[0] for row in found])
        clauses.append("id in (select value from json_each(:found))")
    context = {"supports_search": True, "search": words, "capped": len(found) >= _NEWEST}
    return FilterArguments(clauses, parameters, [], context)
