"""JSON answers of public interfaces, read along the dotted paths that the source declares. No paging, no keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from crawler.found import Answer, Found
from crawler.spiders.entries import Item, finish, settled
from crawler.spiders.records import values_of
from crawler.spiders.strict_json import as_text, at_path, read_json
from db.errors import ParseError
from db.types import Source

_SLOT = re.compile(r"\{([^{}]+)\}")


def discover(answer: Answer, source: Source, now: datetime) -> Found:
    """One entry for each object in the list at `source.api.items`; `fields` name its parts, `url` may be a template.

    Raises ParseError: empty_body, not_json, too_deep, too_few_items, or a code of `blocked`.
    """
    hints = source.api
    if hints is None:
        raise ParseError("source_bug", "the source has no [api] section", about=source.id)
    value, flags = read_json(answer)
    rows = at_path(value, hints.items)
    items = (_item(row, hints.fields) for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))
    entries = settled(items, answer.url, source, now)
    return finish(entries, answer, source, dated="published" in hints.fields, flags=flags)


def _item(row: object, fields: Mapping[str, str]) -> Item:
    def value(name: str) -> str:
        return as_text(at_path(row, fields[name])) if name in fields else ""

    author = value("author")
    return Item(
        link=_filled(fields["url"], row) if "{" in fields.get("url", "") else value("url"),
        guid=value("id"),
        title=value("title"),
        summary=value("summary"),
        content=value("content"),
        authors=(author,) if author else (),
        published=value("published"),
        updated=value("updated"),
        record=values_of(row, fields),
    )


def _filled(template: str, row: object) -> str:
    """The address with every `{path}` replaced; "" if one of them is missing, for half an address names nothing."""
    values = {path: as_text(at_path(row, path)) for path in _SLOT.findall(template)}
    if not all(values.values()):
        return ""
    return _SLOT.sub(lambda slot: quote(values[slot[1]], safe=""), template)
