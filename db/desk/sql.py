"""Two words for asking a connection whose rows are sqlite3.Row, as Datasette's connections give them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any


def rows(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    return connection.execute(sql, parameters or {}).fetchall()


def first(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
    return connection.execute(sql, parameters or {}).fetchone()
