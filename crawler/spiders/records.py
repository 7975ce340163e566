"""What a source says of its documents beside their text: where an API has a field for it, or where a declared pattern
finds it in title, summary or link. Only days are read; names and numbers stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crawler.spiders.strict_json import at_path
from db.dates import parse_date
from db.text import clean_line
from db.types import Record, Source

#: Keys of [api] fields and of [record].
RECORD_KEYS = ("document_number", "type", "effective", "comments_close", "agencies", "docket")
_MOST = 20  # agencies, dockets
_SEARCHED = 2_000  # characters

Values = Mapping[str, Sequence[str]]


def values_of(row: object, fields: Mapping[str, str]) -> Values:
    """What an item of an API holds under the declared paths; a path through a list means each of its items."""
    return {key: tuple(_texts(row, fields[key]))[:_MOST] for key in RECORD_KEYS if key in fields}


def record_of(given: Values, words: str, source: Source, now: datetime) -> Record | None:
    """The record of one item, or None where the source tells nothing of it. `words`: title, summary and link."""
    found = {**_matched(source.record, words[:_SEARCHED]), **{key: texts for key, texts in given.items() if texts}}
    first = {key: clean_line(texts[0], 200) if texts else "" for key, texts in found.items()}
    record = Record(
        number=first.get("document_number", ""),
        type=first.get("type", ""),
        effective=_day(first.get("effective", ""), source, now),
        comments_close=_day(first.get("comments_close", ""), source, now),
        agencies=tuple(dict.fromkeys(clean_line(name, 200) for name in found.get("agencies", ()) if name.strip())),
        docket=", ".join(clean_line(one, 80) for one in found.get("docket", ()))[:300],
    )
    return record if record != Record() else None


def _matched(patterns: Mapping[str, str], words: str) -> dict[str, Sequence[str]]:
    """A pattern with a group is looked for; what has none is the value itself."""
    found: dict[str, Sequence[str]] = {}
    for key, pattern in patterns.items():
        if "(" not in pattern:
            found[key] = (pattern,)
        elif match := re.search(pattern, words):
            found[key] = (match[1] or "",)
    return found


def _day(text: str, source: Source, now: datetime) -> str:
    """An ISO day, which may well lie ahead; other writings as dates of publication are read."""
    with suppress(ValueError):
        return date.fromisoformat(text[:10]).isoformat()
    at = parse_date(text, source.zone, now).at if text else None
    return at.astimezone(ZoneInfo(source.zone)).date().isoformat() if at else ""


def _texts(value: object, path: str) -> list[str]:
    step, _, rest = path.partition(".")
    if isinstance(value, list) and not step.isdecimal():
        return [text for one in value for text in _texts(one, path)]
    if path:
        return _texts(at_path(value, step), rest)
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return [value] if isinstance(value, str) else []
