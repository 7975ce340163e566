"""People in the archive, so that pages name them where their channels speak."""

from __future__ import annotations

from collections.abc import Iterable

from db.rows import as_json
from db.store import Store
from db.types import Person

_ADD = """
    insert or replace into people (id, name, role, why, languages, platforms, linkedin, enabled)
    values (?, ?, ?, ?, ?, ?, ?, ?)
"""


def sync_people(store: Store, people: Iterable[Person]) -> None:
    """Replace the table of people; whose channels the archive holds stays named. Raises StoreError."""
    rows = [
        (one.id, one.name, one.role, one.why, as_json(list(one.languages)), as_json(list(one.platforms)),
         one.linkedin, one.enabled)
        for one in people
    ]  # fmt: skip
    with store.writing() as connection:
        connection.execute("delete from people where id not in (select person from sources)")
        connection.executemany(_ADD, rows)
