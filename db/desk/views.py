"""A view of the stories: which facets are chosen and in what order, read from an address and written as one.

Every view is a link. Values of one facet combine with "or", facets with "and"; a value nobody knows finds nothing and
is told to the reader. Pure but for the names that the team's own lexicon added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from db.desk.reader import reader
from db.desk.words import VALUES
from db.vocabulary import ENTITIES, EVENT_TYPES, LANGUAGES, SOURCE_KINDS

PAGE = 40
_MAX_PAGE = 250
_MAX_VALUES = 20  # of one facet


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the list: its parameter, its column, and whether the column is a JSON array."""

    name: str
    column: str
    many: bool = False


FACETS = (
    Facet("status", "status"),
    Facet("platform", "platforms", many=True),
    Facet("type", "event_types", many=True),
    Facet("impact", "impact"),
    Facet("kind", "source_kinds", many=True),
    Facet("language", "languages", many=True),
)
NAMES = (*(facet.name for facet in FACETS), "day", "triage")
#: Orders of the list by their name in an address; all are answered by one index (see db.migrations, 0007).
SORTS: Mapping[str, str] = {
    "newest": "last_at desc",
    "impact": "impact desc, last_at desc",
    "importance": "importance desc, last_at desc",
    "articles": "articles desc, last_at desc",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`chosen` are known values by facet; `unknown` are (facet, value) pairs that exist nowhere."""

    chosen: Mapping[str, tuple[str, ...]]
    unknown: tuple[tuple[str, str], ...] = ()
    sort: str = "newest"
    page: int = 1

    def with_value(self, name: str, value: str) -> View:
        """The first page with this value chosen too, or without it if it was."""
        old = self.chosen.get(name, ())
        new = tuple(one for one in old if one != value) if value in old else (*old, value)
        chosen = {**{key: kept for key, kept in self.chosen.items() if key != name}, **({name: new} if new else {})}
        return replace(self, chosen=chosen, page=1)

    def without_unknown(self) -> View:
        return replace(self, unknown=(), page=1)

    def sorted_by(self, sort: str) -> View:
        return replace(self, sort=sort, page=1)

    def at_page(self, number: int) -> View:
        return replace(self, page=number)

    def query(self) -> str:
        """The parameters that lead back here, in a fixed order."""
        pairs = [(name, value) for name in NAMES for value in self.chosen.get(name, ())]
        pairs += self.unknown
        pairs += [("sort", self.sort)] if self.sort != "newest" else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return urlencode(pairs)

    def address(self, path: str = "/stories") -> str:
        query = self.query()
        return f"{path}?{query}" if query else path

    @property
    def impossible(self) -> bool:
        """Some facet was given only values that exist nowhere."""
        return any(name not in self.chosen for name, _ in self.unknown)


def read_view(pairs: Iterable[tuple[str, str]]) -> View:
    """The view an address asks for; parameters that are not ours are passed over."""
    chosen: dict[str, tuple[str, ...]] = {}
    unknown: list[tuple[str, str]] = []
    sort, page = "newest", 1
    for name, value in pairs:
        if name == "sort":
            sort = value if value in SORTS else sort
        elif name == "page":
            page = min(int(value), _MAX_PAGE) if value.isascii() and value.isdecimal() and len(value) < 9 else 1
        elif name in NAMES and value and value not in chosen.get(name, ()):
            if not is_known(name, value):
                unknown.append((name, value[:80]))
            elif len(chosen.get(name, ())) < _MAX_VALUES:
                chosen[name] = (*chosen.get(name, ()), value)
    return View(chosen=chosen, unknown=tuple(dict.fromkeys(unknown))[:_MAX_VALUES], sort=sort, page=max(page, 1))


def is_known(name: str, value: str) -> bool:
    if name == "day":
        return len(value) == 10 and _is_day(value)
    known: Mapping[str, Iterable[str]] = {
        "status": VALUES["status"],
        "platform": {*ENTITIES, *reader().names},
        "type": EVENT_TYPES,
        "impact": VALUES["impact"],
        "kind": SOURCE_KINDS,
        "language": LANGUAGES,
        "triage": VALUES["triage"],
    }
    return value in known[name]


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
