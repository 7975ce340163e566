"""Reads strict TOML by a table of keys, and folders of it: the records of sources and of people. Knows no key.

Every problem is collected, with its file, line, key and what is allowed; what two keys mean together is not its matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from crawler.source_checks import Refused
from crawler.source_keys import Key
from db.errors import DataFileError
from db.tomlfile import TomlFile, suggestion
from db.types import Person, Source

R = TypeVar("R", Source, Person)


def read_keys(
    file: TomlFile, data: Mapping[str, Any], keys: Mapping[str, Key], problems: list[DataFileError], table: str = ""
) -> dict[str, Any]:
    """The checked values of one table by field; problems go to the list."""
    values: dict[str, Any] = {}
    problems += [file.refuse(f"unknown key{suggestion(name, keys)}", name, table) for name in data if name not in keys]
    for name, key in keys.items():
        if name not in data:
            if key.required:
                problems.append(_missing(file, name, key, table))
            continue
        try:
            value = key.check(data[name])
        except Refused as error:
            problems.append(file.refuse(str(error), name, table))
            continue
        if key.inside is not None and key.make is not None:
            before = len(problems)
            inside = read_keys(file, value, key.inside, problems, f"{table}.{name}" if table else name)
            if len(problems) > before:
                continue
            value = key.make(**inside)
        values[key.field or name] = value
    return values


def read_folders(
    folders: Sequence[Path], check: Callable[[Path], tuple[R | None, list[DataFileError]]]
) -> tuple[dict[str, R], list[DataFileError]]:
    """The good records by id, in order of id, and every problem of the others; a later folder replaces an id."""
    found: dict[str, R] = {}
    problems: list[DataFileError] = []
    for folder in folders:
        if not folder.is_dir():
            problems.append(DataFileError("the folder does not exist", file=str(folder)))
            continue
        for path in sorted(folder.glob("*.toml")):
            if path.name.startswith("."):  # an editor's or archiver's shadow file
                continue
            record, bad = check(path)
            problems += bad
            if record is not None:
                found[record.id] = record
    return dict(sorted(found.items())), problems


def _missing(file: TomlFile, name: str, key: Key, table: str) -> DataFileError:
    """A required key that is not there: reported at its table, or at the first line."""
    place = file.refuse("", table=table) if table else None
    line = place.line if place is not None else 1
    name = f"{table}.{name}" if table else name
    return DataFileError(f"is missing ({key.type}). {key.meaning}", file=str(file.path), line=line, key=name)
