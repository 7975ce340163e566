"""Labelled items: the sets that come with Masthead, and gold files in the same form. Reads and checks, scores not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from db.errors import DataFileError
from db.text import is_han
from db.tomlfile import TomlFile, build, read_toml, suggestion
from db.vocabulary import ENTITIES, EVENT_TYPES

FOLDER = Path(__file__).with_name("quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One item with what careful readers say of it. The axes are those of the first event, "" without one."""

    id: str
    title: str
    relevance: int
    lang: str = ""
    text: str = ""
    date: str = ""
    kind: str = ""  # of its source
    speaks_for: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    attribution: str = ""
    polarity: str = "asserted"
    modality: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """A sentence that denies an event of `type`, or (not `denied`) only looks as if."""

    type: str
    text: str
    denied: bool

    @property
    def lang(self) -> str:
        return "zh" if any(map(is_han, self.text)) else "en"


def sentences(
    path: Path = FOLDER / "sentences.toml", known_texts: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Labelled, ...]:
    """Our own labelled sentences, or the items of another file of labels; `known_texts`: by id what it leaves out.

    DataFileError for an unknown key, id or type.
    """
    texts = known_texts or {}
    file = read_toml(path)
    items = tuple(
        build(file, Labelled, {"lang": row["id"][:2], **texts.get(row["id"], {}), **row}) for row in file.data["item"]
    )
    for item in items:
        known(file, item.entities, ENTITIES)
        known(file, item.events, EVENT_TYPES)
    return items


def denials(path: Path = FOLDER / "denials.toml") -> tuple[Denial, ...]:
    """Our own denials and what only looks like one."""
    return tuple(
        Denial(case["type"], text, kind == "denied")
        for case in read_toml(path).data["case"]
        for kind in ("denied", "asserted")
        for text in case.get(kind, ())
    )


def gold(path: Path) -> tuple[Labelled, ...]:
    """A file of labelled real news, one JSON object a line; keys that are not ours are left out."""
    ours = {field.name for field in fields(Labelled)}
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        return tuple(Labelled(**_flat({k: v for k, v in row.items() if k in ours}, row)) for row in rows)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataFileError(f"is no file of labelled items: {error}", file=str(path)) from error


def known(file: TomlFile, ids: Sequence[str], choices: Iterable[str]) -> None:
    """DataFileError for an id that is none of the taxonomy."""
    words = set(choices)
    for one in ids:
        if one not in words:
            raise file.refuse(f"unknown id {one!r}{suggestion(one, words)}", "item")


def _flat(values: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    source = row.get("source") or {}
    values |= {"kind": source.get("kind", ""), "speaks_for": tuple(source.get("speaks_for", ()))}
    values = {name: "" if value is None else value for name, value in values.items()}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
