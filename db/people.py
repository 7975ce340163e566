"""People in the archive, so that pages name them where their channels speak."""

from __future__ import annotations

from collections.abc import Iterable

from db.rows import as_json
from db.store import Store
from db.types import Person

_ADD = """
    insert into people (id, name, role, why, languages, platforms, linkedin, enabled)
    values (?, ?, ?, ?, ?, ?, ?, ?)
"""


def sync_people(store: Store, people: Iterable[Person]) -> None:
    """Replace the table of people. Raises StoreError."""
    rows = [
        (one.id, one.name, one.role, one.why, as_json(list(one.languages)), as_json(list(one.platforms)),
         one.linkedin, one.enabled)
        for one in people
    ]  # fmt: skip
    with store.writing() as connection:
        connection.execute("delete from people")
        connection.executemany(_ADD, rows)
