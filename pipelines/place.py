"""Where in a lexicon's file something is written: builds and checks tables; a refusal names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from db.errors import DataFileError
from db.tomlfile import TomlFile, build, suggestion
from pipelines.patterns import Pattern, PatternError, compile_pattern

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """The n-th table of its name in a file: knows the line to name in a refusal."""

    file: TomlFile
    table: str
    index: int
    own: bool

    def build(self, cls: type[T], block: Any) -> T:
        if not isinstance(block, dict):
            raise self.refuse(f"is written with double brackets: [[{self.table}]]", "", "")
        try:
            return build(self.file, cls, block)
        except DataFileError as error:
            raise self.refuse(error.message, error.key, "") from error

    def known(self, key: str, value: str, choices: Iterable[str]) -> None:
        if value not in choices:
            raise self.refuse(f"unknown {key} {value!r}{suggestion(value, choices)}", key, value)

    def pattern(self, source: str, key: str) -> Pattern:
        try:
            return compile_pattern(source)
        except PatternError as error:
            raise self.refuse(str(error), key, source) from error

    def refuse(self, message: str, key: str, value: str) -> DataFileError:
        lines = self.file.text.splitlines()
        headers = [n for n, line in enumerate(lines, 1) if line.strip().startswith(f"[[{self.table}]]")]
        number = headers[self.index] if self.index < len(headers) else 1
        for wanted in (
            rf"\s*[\"']?{re.escape(key)}[\"']?\s*=" if key else "",
            re.escape(f'"{value}"') if value else "",
        ):
            if wanted:
                later = (n for n, line in enumerate(lines[number - 1 :], number) if re.search(wanted, line))
                number = next(later, number)
        return DataFileError(message, file=str(self.file.path), line=number, key=key)
