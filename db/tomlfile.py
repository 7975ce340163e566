"""Read the TOML files that people edit, strictly: every refusal names file, line, key and what is allowed.

Used by the catalogue, the lexicon and the configuration; decides nothing about their content.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from db.errors import DataFileError

T = TypeVar("T")

_NAMES: dict[type, str] = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file that still knows its lines."""

    path: Path
    text: str
    data: Mapping[str, Any]

    def line(self, key: str, table: str = "") -> int | None:
        """The line (from 1) on which `key` is set, in `table` if one is named; the table's own line if it is not."""
        lines = self.text.split("\n")

        def find(pattern: str, first: int = 0) -> int | None:
            setting = re.compile(pattern)
            return next((i for i, line in enumerate(lines[first:], first + 1) if setting.match(line)), None)

        name = rf"\s*[\"']?{re.escape(key)}[\"']?\s*="
        if not table:
            return find(name) or find(rf"[^#]*[{{,]{name}") or find(rf"\s*\[\[?\s*{re.escape(key)}\s*[].]")
        header = find(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?")
        if header is not None:
            return (key and find(name, header)) or header
        outer, _, last = table.rpartition(".")  # written inline, or with dotted keys
        return (
            (key and find(rf"\s*{re.escape(table)}\.{re.escape(key)}\s*="))
            or self.line(last, outer)
            or find(rf"\s*{re.escape(table)}\.")
        )

    def refuse(self, message: str, key: str = "", table: str = "") -> DataFileError:
        """The error to raise for `key` (inside `table`)."""
        name = f"{table}.{key}" if table and key else table or key
        return DataFileError(message, file=str(self.path), line=self.line(key, table) if name else None, key=name)


def read_toml(path: Path) -> TomlFile:
    """Read `path`; DataFileError when it is missing, not UTF-8 or not TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataFileError(f"can not be read: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise DataFileError("is not UTF-8 text; save it as UTF-8", file=str(path)) from error
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except RecursionError as error:
        raise DataFileError("is nested too deeply to be read", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise DataFileError(
            f"is not valid TOML: {error}", file=str(path), line=int(found[1]) if found else None
        ) from error


def suggestion(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """`; did you mean "x"?`, or else the list of what is allowed, or `; <otherwise>` where that would be too long."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; {otherwise}" if otherwise else f"; allowed: {', '.join(choices)}"


def build(file: TomlFile, cls: type[T], values: Mapping[str, Any], table: str = "") -> T:
    """A frozen dataclass from a TOML table: unknown keys and wrong types are refused, defaults fill the rest."""
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]  # T is a dataclass; typing has no bound for that
    for key in values:
        if key not in known:
            raise file.refuse(f"unknown key{suggestion(key, known)}", key, table)
    made: dict[str, Any] = {}
    for name, spec in known.items():
        if name in values:
            made[name] = convert(file, hints[name], values[name], name, table)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise (
                file.refuse(f"the key {name} is missing", "", table)
                if table
                else file.refuse(f"the key {name} is missing")
            )
    return cls(**made)


def convert(file: TomlFile, kind: Any, value: Any, key: str, table: str = "") -> Any:
    """`value` as the annotated type `kind`; tuples from arrays, nested dataclasses from tables."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return convert(file, next(a for a in get_args(kind) if a is not NoneType), value, key, table)
    if origin is tuple:
        if not isinstance(value, list):
            raise file.refuse('wants an array, such as ["a", "b"]', key, table)
        return tuple(convert(file, get_args(kind)[0], item, key, table) for item in value)
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, Mapping):
            raise file.refuse('wants a table, such as { key = "value" }', key, table)
        return build(file, kind, value, f"{table}.{key}" if table else key)
    if origin is not None and get_args(kind) and isinstance(get_args(kind)[0], str):  # Literal
        if value not in get_args(kind):
            raise file.refuse(f"unknown value {value!r}{suggestion(str(value), get_args(kind))}", key, table)
        return value
    wanted = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise file.refuse(f"wants {_NAMES[kind]}, not {value!r}", key, table)
    return float(value) if kind is float else value
