"""What registers say of a document beside its text: number, type, days, agencies. One row for an article, or none."""

from __future__ import annotations

import sqlite3

from db.rows import as_json
from db.types import Record

#: Whose own words an article `a` of a source `s` are: those of the agencies that its record names, else the source's.
SPEAKS_FOR = """
    coalesce((select r.speaks_for from records r where r.article_id = a.id and r.speaks_for != '[]'), s.speaks_for)
"""


def write(connection: sqlite3.Connection, article_id: int, record: Record | None) -> None:
    """Put the record of an article in the place of an earlier one."""
    if record is None:
        connection.execute("delete from records where article_id = ?", (article_id,))
        return
    connection.execute(
        "insert or replace into records (article_id, number, type, effective, comments_close, agencies, docket,"
        " speaks_for) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article_id, record.number, record.type, record.effective, record.comments_close,
            as_json(list(record.agencies)), record.docket, as_json(list(record.speaks_for)),
        ),
    )  # fmt: skip
