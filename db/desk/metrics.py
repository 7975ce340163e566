"""Figures for a monitoring program, as Prometheus reads them. Off unless the configuration asks for it."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from datasette.utils.asgi import NotFound, Response

from db.desk.access import allow_program
from db.desk.app import Desk
from db.desk.ask import FRESH, read
from db.desk.sql import first, rows
from db.rows import moment

_STATES = "select state, count(*) as n from sources where enabled group by state"
_STORIES = "select status, count(*) as n from stories where merged_into is null group by status"
_RUN = "select outcome, ended_at, new, requests from runs where ended_at is not null order by id desc limit 1"
_ARTICLES = "select max(id) from articles"


async def metrics(datasette: Desk, request: Any) -> Response:
    if not datasette.desk.metrics:
        raise NotFound("switched off")
    await allow_program(datasette, request)
    code = await datasette.trouble()
    lines = [] if code else await read(datasette, lambda conn: figures(conn, datasette.desk.clock()))
    text = "\n".join([_line("archive_readable", 0 if code else 1), *lines]) + "\n"
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8", headers=FRESH)


def figures(connection: sqlite3.Connection, now: datetime) -> list[str]:
    """One line per figure: name, labels, value."""
    made = [_line("newest_article_id", first(connection, _ARTICLES)[0] or 0)]
    made += [_line("sources", row["n"], state=row["state"]) for row in rows(connection, _STATES)]
    made += [_line("stories", row["n"], status=row["status"]) for row in rows(connection, _STORIES)]
    run = first(connection, _RUN)
    if run is not None:
        made += [
            _line("last_crawl_age_seconds", round((now - moment(run["ended_at"])).total_seconds())),
            _line("last_crawl_new_articles", run["new"]),
            _line("last_crawl_good", int(run["outcome"] == "good")),
        ]
    return made


def _line(name: str, value: int, **labels: str) -> str:
    told = ",".join(f'{key}="{"".join(c for c in text if c.isalnum() or c in "_-")}"' for key, text in labels.items())
    return f"masthead_{name}{'{' + told + '}' if told else ''} {value}"
