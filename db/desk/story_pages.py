"""The pages of stories: Today, the list, one story, deadlines, policy watch. Each parses, asks, renders."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response

from db.desk.access import allow_program
from db.desk.app import Desk
from db.desk.ask import FRESH, allow, list_of, page, read, recall
from db.desk.deadlines import as_calendar, coming, gone
from db.desk.policy import watch
from db.desk.story import find_story
from db.desk.story_cells import story_path
from db.desk.story_list import marks_of
from db.desk.today import Edition, edition
from db.desk.views import NAMES, SORTS, is_known, read_view

_SHOWN, _GONE = 120, 30  # dates of one page; the calendar has more


async def today(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    asked = request.args.get("day") or ""
    day = date.fromisoformat(asked) if is_known("day", asked) and asked > "1970-01-05" else None
    it = await edition_of(datasette, day)
    shown = [row["id"] for row in (*it.moves, *it.unconfirmed, *(one for _, found in it.platforms for one in found))]
    marks = await read(datasette, lambda conn: marks_of(conn, shown))
    return await page(datasette, request, "today.html", {"it": it, "asked": day, "marks": marks})


async def edition_of(desk: Desk, day: date | None) -> Edition:
    """The edition of a day, or the newest."""
    own = desk.desk
    key = f"edition {day or ''} {today_of(desk)}"
    return await recall(desk, key, lambda conn: edition(conn, own.clock(), own.zone, day))


async def stories(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    view = read_view(pairs_of(request))
    found = await list_of(datasette, view)
    return await page(
        datasette, request, "stories.html", {"view": view, "found": found, "names": NAMES, "sorts": tuple(SORTS)}
    )


async def story(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    story_id = tilde_decode(request.url_vars["id"])
    whole = request.args.get("all") == "1"
    found = await read(datasette, lambda conn: find_story(conn, story_id, whole=whole))
    if found is None:
        raise NotFound("no such story")
    if isinstance(found, str):
        return Response("", status=301, headers={"Location": story_path(found), **FRESH})
    return await page(datasette, request, "story.html", {"it": found})


async def deadline_list(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    today = today_of(datasette)
    found = await read(
        datasette, lambda conn: {"coming": coming(conn, today, _SHOWN), "gone": gone(conn, today, _GONE)}
    )
    return await page(datasette, request, "deadlines.html", found)


async def deadline_calendar(datasette: Desk, request: Any) -> Response:
    await allow_program(datasette, request)
    today = today_of(datasette)
    found = await read(datasette, lambda conn: [*gone(conn, today)[::-1], *coming(conn, today)])
    text = as_calendar(found, datasette.desk.clock(), origin(request))
    return Response(text, content_type="text/calendar; charset=utf-8", headers=FRESH)


async def policy(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    return await page(datasette, request, "policy.html", {"watch": await read(datasette, watch)})


def today_of(desk: Desk) -> date:
    return desk.desk.clock().astimezone(desk.desk.zone).date()


def origin(request: Any) -> str:
    """Where the reader reached us, for addresses that are read elsewhere; the gate has checked the host."""
    return f"{request.scheme}://{request.host}"


def pairs_of(request: Any) -> list[tuple[str, str]]:
    return parse_qsl(request.query_string, keep_blank_values=True)
