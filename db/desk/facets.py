"""The facets of the articles: values, labels in a JSON array, days with the newest first; quick on a large archive.

Datasette's own read whole rows, texts included, and its array facet compares them. Ours are counted from bits where
the filters in force are facets themselves (db.desk.tallies), else by one index, as long as they are on its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.utils import escape_sqlite, path_with_added_args, path_with_removed_args

from db.desk.app import Desk
from db.desk.ask import tally_of
from db.desk.filters import HAS, LABELS
from db.desk.tallies import ARTICLES

INDEX = "articles_facets"
#: The columns of the index; `id` is in every one.
INDEXED = frozenset({"id", "day", "source_kind", "language", "relevance", "source_id", "platforms", "event_types"})

_VALUES = """
    select {column} as value, count(*) as count from ({sql}) group by 1 order by 2 desc, 1 limit {limit}
"""
_LABELS = """
    select label.value as value, sum(n) as count
    from (select {column} as labels, count(*) as n from ({sql}) group by 1),
        json_each(iif(json_valid(labels), labels, '[]')) label
    group by 1 order by 2 desc, 1 limit {limit}
"""
_DAYS = "select {column} as value, count(*) as count from ({sql}) group by 1 order by 1 desc limit {limit}"


class _Counted(Facet):  # type: ignore[misc]  # datasette carries no types
    """A facet of one column; `statement` gives (value, count), `lookup` is the filter a value stands for."""

    statement = _VALUES
    lookup = ""

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        counted, too_slow = [], []
        for config in self.get_configs():
            column = config["config"]["simple"]
            try:
                counted.append(await self._count(column))
            except QueryInterrupted:
                too_slow.append(column)
        return counted, too_slow

    async def _count(self, column: str) -> dict[str, Any]:
        size = self.get_facet_size()
        pairs = self._tallied()
        if pairs is not None:
            tally = await tally_of(self.ds, ARTICLES)
            newest = size + 1 if self.statement is _DAYS else None
            return self._facet(column, tally.among(column, pairs, newest), size)
        sql = self.statement.format(column=escape_sqlite(column), sql=self._indexed(), limit=size + 1)
        limit_ms = self.ds.setting("facet_time_limit_ms")
        rows = (await self.ds.execute(self.database, sql, self.params, custom_time_limit=limit_ms)).rows
        return self._facet(column, [(row["value"], row["count"]) for row in rows], size)

    def _tallied(self) -> list[tuple[str, str]] | None:
        """The filters in force as (facet, value), if there are no others."""
        if not isinstance(self.ds, Desk) or self.table != "articles":
            return None
        asked = [pair for pair in self.get_querystring_pairs() if pair[0] == "_search" or not pair[0].startswith("_")]
        pairs = [(name.removesuffix(HAS) if name.endswith(HAS) else name, value) for name, value in asked]
        whole = all(
            name in ARTICLES and (pair[0].endswith(HAS) == (name in LABELS))
            for (name, _), pair in zip(pairs, asked, strict=True)
        )
        return pairs if whole else None

    def _facet(self, column: str, counted: Sequence[tuple[Any, int]], size: int) -> dict[str, Any]:
        return {
            "name": column,
            "type": self.type,
            "hideable": False,
            "toggle_url": "",
            "truncated": len(counted) > size,
            "results": [self._result(column, value, count) for value, count in counted[:size]],
        }

    def _indexed(self) -> str:
        """The list's statement, told to read the index alone where that is possible; without filters SQLite sees it."""
        names = {name for name, _ in self.get_querystring_pairs()}
        filtered = {name.partition("__")[0] for name in names if name == "_search" or not name.startswith("_")}
        table = f" from {self.table} "
        covered = filtered and filtered <= INDEXED  # a search looks through few articles by their ids
        return self.sql.replace(table, f"{table}indexed by {INDEX} ", 1) if covered else str(self.sql)

    def _result(self, column: str, value: Any, count: int) -> dict[str, Any]:
        parameter = column + self.lookup
        selected = (parameter, str(value)) in self.get_querystring_pairs()
        toggle = path_with_removed_args if selected else path_with_added_args
        return {
            "value": value,
            "label": value,
            "count": count,
            "selected": selected,
            "toggle_url": self.ds.urls.path(toggle(self.request, {parameter: str(value)})),
        }


class ValueFacet(_Counted):
    type = "values"


class LabelFacet(_Counted):
    type = "labels"
    statement = _LABELS
    lookup = "__has"


class DayFacet(_Counted):
    type = "days"
    statement = _DAYS
