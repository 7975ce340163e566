"""What people may write in the lexicon's files: one frozen type for each kind of table, and the words allowed in them.

Field names are the keys of the files. Nothing is read or compiled here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from db.types import Attribution, Modality
from db.vocabulary import EntityKind

Near = Literal["authority", "company", "companies", "region", "money"]
#: Axis → value → what its cues stand for.
AXES: dict[str, tuple[str, ...]] = {
    "attribution": ("official", "reported", "anonymous"),
    "polarity": ("denied", "negated", "shield"),  # negated: a plain "not", which reaches to the end of its clause only
    "modality": ("planned", "possible", "done"),
}
SIDES = ("noise", "background", "commerce")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTable:
    """`aliases` in any case, `exact` as written; with `needs`, only where one of those words stands in the item too.

    An alias with a gap or & names the entity by its first part only, the rest is what must stand with it. `vetoes`
    are longer names that hide an alias (a rain forest). `since` and `until` bound the item's date (ISO days).
    `same`: the names that find each other in search; products and the members of a group are not among them.
    A new entity brings `kind`, `en`, and where it has them `zh` and the id of its `parent`. With `replaces`, an own
    table stands instead of the shipped ones of its id.
    """

    id: str
    kind: EntityKind | None = None
    en: str = ""
    zh: str = ""
    parent: str = ""
    replaces: bool = False
    same: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTable:
    """Cues of one event type. `near`: the sentence must name such a thing (`companies`: two that do not own each
    other). `blocks`: look-alikes of cues, which count
    for no type; with a gap or &, only this type's cues within that stretch fall.

    `yes` and `no` are examples that must and must not be read as this type; the tests run them. `attribution` and
    `modality` hold where no cue of an axis speaks; `commerce` says that such an event always concerns selling.
    With `replaces`, an own table stands instead of the shipped ones of its id.
    """

    id: str
    replaces: bool = False
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()
    blocks: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    attribution: Attribution | None = None
    modality: Modality | None = None
    commerce: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisTable:
    """Cues of one value of an axis; with `types`, only for events of those types."""

    axis: str
    value: str
    cues: tuple[str, ...]
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsTable:
    """An audience or a region and its words."""

    id: str
    words: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceTable:
    side: str
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OffTable:
    """Shipped rules that are switched off, by the ids that evidence names. In own files only."""

    rules: tuple[str, ...]


TABLES: dict[str, type[Any]] = {
    "entity": EntityTable, "event": EventTable, "axis": AxisTable,
    "audience": WordsTable, "region": WordsTable, "relevance": RelevanceTable, "off": OffTable,
}  # fmt: skip
