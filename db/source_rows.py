"""Records of the catalogue as rows of the table of sources; what is remembered of a source is not touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db.rows import as_json
from db.types import Source
from db.urls import redact


def put(connection: sqlite3.Connection, sources: Iterable[Source]) -> None:
    """Insert or renew; the caller holds the transaction. One with a new address starts without the old one's ETag."""
    connection.executemany(_PUT, [_row(source) for source in sources])


def _row(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "language": source.language,
        "access": source.access,
        "url": redact(source.url),  # the table is served and exported; a key in an address is nobody else's
        "family": source.family or source.id,
        "person": source.person,
        "zone": source.zone,
        "keep_text": source.keep_text,
        "speaks_for": as_json(list(source.speaks_for)),
        "hosts": as_json(list(source.hosts)),
        "platforms": as_json(list(source.platforms)),
        "enabled": source.enabled,
        "gap_hours": source.expect.gap_hours,
        "why": source.why,
    }


_CATALOGUE = (
    "id", "name", "kind", "language", "access", "url", "family", "person", "zone", "keep_text", "speaks_for", "hosts",
    "platforms", "enabled", "gap_hours", "why",
)  # fmt: skip
_OF_THE_ADDRESS = ("etag", "last_modified", "body_hash", "moved_to")
_PUT = f"""
    insert into sources ({", ".join(_CATALOGUE)}) values ({", ".join(f":{name}" for name in _CATALOGUE)})
    on conflict (id) do update set
    {", ".join(f"{name} = case when url = excluded.url then {name} else '' end" for name in _OF_THE_ADDRESS)},
    {", ".join(f"{name} = excluded.{name}" for name in _CATALOGUE[1:])}
"""  # noqa: S608 (constants)
