"""The hooks through which Datasette becomes the desk. Thin: each calls a function of another module.

Every hook leaves other Datasettes of the process alone: what is not a `Desk` keeps Datasette's behaviour.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from datasette import hookimpl
from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.utils.asgi import Base400, Forbidden, Response
from datasette.views.base import DatasetteError

from db.desk import facets, filters, functions, pages, rendering, routes
from db.desk.app import Desk, static_version
from db.desk.archive import NAME, Archive, trouble_of
from db.desk.gate import HEALTH, LOGIN, REFUSED, App, Gate
from db.desk.helpers import HELPERS
from db.desk.tables import TABLES
from db.desk.warm import warm
from db.errors import MastheadError

_log = logging.getLogger("masthead.desk")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    if not isinstance(datasette, Desk) or database != NAME:
        return
    archive = datasette.get_database(NAME)
    assert isinstance(archive, Archive)
    archive.restrict(conn)
    functions.register(conn, datasette.desk.zone, datasette.desk.clock)


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    return partial(Gate, desk=datasette, on_start=warm) if isinstance(datasette, Desk) else lambda app: app


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(datasette: Any, action: str, resource: Any) -> bool | None:
    """Only the tables that have a title are shown. Never True: that would skip the question for a password."""
    if isinstance(datasette, Desk) and action == "view-table" and (resource[0] != NAME or resource[1] not in TABLES):
        return False
    return None


@hookimpl  # type: ignore[untyped-decorator]
def register_facet_classes() -> list[type[Facet]]:
    return [facets.ValueFacet, facets.LabelFacet, facets.DayFacet]


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # so that its word on the search box is the last
def filters_from_request(request: Any, table: str, datasette: Any) -> Any:
    return (
        partial(filters.of_articles, datasette, request)
        if isinstance(datasette, Desk) and table == "articles"
        else None
    )


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> list[tuple[str, Callable[..., Any]]]:
    if not isinstance(datasette, Desk):
        return []
    return [
        *routes.ROUTES,
        (f"^{HEALTH}$", pages.health),
        (f"^{REFUSED}$", pages.refused),
        (r"^/favicon\.ico$", pages.favicon),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    if isinstance(datasette, Desk):
        env.globals.update(HELPERS, desk=datasette.desk, static_version=static_version())


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Any, request: Any, view_name: str | None, table: str | None) -> Any:
    if not isinstance(datasette, Desk):
        return {}
    return partial(pages.more, datasette, request, view_name, table)


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    if not isinstance(datasette, Desk) or database != NAME:
        return None
    if table == "evidence" and column == "quote":
        return partial(pages.quote_cell, datasette, row)
    if isinstance(value, int | float) or value is None:
        return rendering.render(row, value, column, table)
    return rendering.Late(row, value, column, table)


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Any) -> Any:
    if not isinstance(datasette, Desk):
        return None
    if datasette.protected and not request.actor and not _for_program(request):
        return Response.redirect(LOGIN)
    return partial(pages.refusal, datasette, request, 403)


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Generator[None, Any, None]:
    """Replaces Datasette's handler, which prints the local variables of every frame, secrets among them."""
    outcome = yield
    if isinstance(datasette, Desk):
        outcome.force_result([partial(_explain, datasette, request, exception)])


async def _explain(desk: Desk, request: Any, exception: Exception) -> Response:
    status, code, key = judge(exception)
    if status >= 500:
        _log.error("%s %s: %s", request.method, request.path, code or "failed", exc_info=exception)
    return await pages.refusal(desk, request, status, code=code, key=key)


def judge(exception: BaseException) -> tuple[int, str, str]:
    """Status, code of db.errors ("" for none) and word for an exception that reached the edge of a page."""
    chain = [exception, *(link for link in (exception.__cause__, exception.__context__) if link is not None)]
    for link in chain:
        if isinstance(link, MastheadError):
            return 503, link.code, "503"
        if isinstance(link, sqlite3.Error) and trouble_of(link):
            return 503, trouble_of(link), "503"
        if isinstance(link, QueryInterrupted):
            return 400, "", "slow"
    if isinstance(exception, json.JSONDecodeError):  # Datasette reads some parameters as JSON; ours are guarded
        return 400, "", "400"
    if isinstance(exception, Forbidden):
        return 403, "", "403"
    if isinstance(exception, Base400 | DatasetteError):
        status = int(exception.status)
        return (status, "", str(status)) if status in (403, 404, 405) else (400, "", "400")
    return 500, "", "500"


def _for_program(request: Any) -> bool:
    return str(request.path).endswith((".json", ".csv", ".blob"))
