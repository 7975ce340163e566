"""The addresses of a view for programs: feeds, CSV. Each parses, asks, writes."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from db.desk.access import allow_program
from db.desk.app import Desk
from db.desk.ask import FRESH, list_of
from db.desk.feeds import ENTRIES, ROWS, as_csv, atom, json_feed
from db.desk.story_pages import origin, pairs_of
from db.desk.views import View, read_view
from db.desk.words import say
from db.rows import stamp


async def stories_atom(datasette: Desk, request: Any) -> Response:
    view, found = await _found(datasette, request, ENTRIES)
    text = atom(found, origin(request), view.address(), _title(view), stamp(datasette.desk.clock()))
    return Response(text, content_type="application/atom+xml; charset=utf-8", headers=FRESH)


async def stories_json(datasette: Desk, request: Any) -> Response:
    view, found = await _found(datasette, request, ENTRIES)
    text = json_feed(found, origin(request), view.address(), _title(view), view.address("/feeds/stories.json"))
    return Response(text, content_type="application/feed+json; charset=utf-8", headers=FRESH)


async def stories_csv(datasette: Desk, request: Any) -> Response:
    _, found = await _found(datasette, request, ROWS)
    text = as_csv(found, origin(request), guarded=request.args.get("for") == "spreadsheet")
    headers = {**FRESH, "Content-Disposition": 'attachment; filename="stories.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def csv_guarded(view: View) -> str:
    """The address of the CSV that a spreadsheet opens safely."""
    address = view.at_page(1).address("/feeds/stories.csv")
    return f"{address}{'&' if '?' in address else '?'}for=spreadsheet"


async def _found(desk: Desk, request: Any, size: int) -> tuple[View, Any]:
    await allow_program(desk, request)
    view = read_view(pairs_of(request)).at_page(1)
    found = await list_of(desk, view, size)
    return view, found.stories


def _title(view: View) -> str:
    query = view.query()
    return f"{say('product')} · {say('stories')}" + (f" · {query}" if query else "")
