"""Rows as CSV by RFC 4180, also in a form that spreadsheet programs open rightly and can not be made to calculate."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TextIO

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_csv(rows: Iterable[Mapping[str, Any]], out: TextIO, *, guarded: bool) -> None:
    """Lists and objects as JSON. `guarded` adds a BOM and puts ' before what would be a formula."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    if guarded:
        out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(first)
    for row in chain([first], iterator):
        writer.writerow(_cells(row, guarded))


def _cells(row: Mapping[str, Any], guarded: bool) -> Iterator[str]:
    for value in row.values():
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        # A number may begin with a minus; a text that does is what a spreadsheet would calculate.
        yield f"'{text}" if guarded and isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text
