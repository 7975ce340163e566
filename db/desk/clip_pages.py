"""The desk's form for clips: a bookmarklet opens it filled in, a click keeps one post, the answer tells its story.

Asking for the form keeps nothing, whoever opened it; keeping needs the form's token. No address is ever fetched.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Response

from db.clipping import (
    NOTE_CHARACTERS,
    QUOTE_CHARACTERS,
    TITLE_CHARACTERS,
    Clip,
    clip_of,
    keep,
    landed,
    name_of,
    raw_of,
    speaker_of,
)
from db.desk.access import editors_only, who
from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.ask import FRESH, allow, page, read
from db.desk.forms import form_of
from db.desk.reader import reader
from db.desk.sql import rows
from db.desk.story_pages import origin
from db.errors import ClipError, MastheadError, ParseError
from db.linkclean import clean_link, without_tokens
from db.store import Store

_FIELDS = ("url", "title", "quote", "note", "person")
_LIMITS = {"url": 2_000, "title": TITLE_CHARACTERS, "quote": QUOTE_CHARACTERS, "note": NOTE_CHARACTERS, "person": 64}
_PEOPLE = "select id, name from people where enabled order by name"
# Cut so that even in Chinese the whole address stays within what the gate lets in.
_BOOKMARKLET = (
    "javascript:(()=>{{const q=String(getSelection()).slice(0,{quote});"
    "const p=new URLSearchParams({{url:location.href.slice(0,1500),title:document.title.slice(0,180),quote:q}});"
    "open({desk}+'?'+p,"
    "'_blank','popup,noopener,width=560,height=720')}})()"
)


async def clip(datasette: Desk, request: Any) -> Response:
    """The form, or what it sends."""
    await allow(datasette, request)
    editors_only(datasette, request)
    if datasette.desk.clips is None:
        raise NotFound("this desk takes no clips")
    if request.method == "POST":
        return await _take(datasette, request)
    asked = {name: (request.args.get(name) or "")[: _LIMITS[name]] for name in _FIELDS}
    asyncio.ensure_future(datasette.desk.clips.warm()).add_done_callback(_tell_nobody)
    return await _form(datasette, request, asked)


async def kept(datasette: Desk, request: Any) -> Response:
    """Where a clip landed."""
    await allow(datasette, request)
    number = int(request.url_vars["id"])
    found = await read(datasette, lambda conn: landed(conn, number))
    if found is None:
        raise NotFound("no such clip")
    return await page(datasette, request, "clip_kept.html", {"it": found, "new": request.args.get("known") != "1"})


async def _take(desk: Desk, request: Any) -> Response:
    form = await form_of(request)
    asked = {name: form.get(name) for name in _FIELDS}
    program = request.headers.get("accept") == "application/json"
    try:
        clip = clip_of(**asked, by=who(desk, request), at=desk.desk.clock())
        article_id, new = await _keep(desk, clip)
    except (ClipError, ParseError) as error:
        if program:
            return Response.json({"ok": False, "code": error.code, "error": error.message}, status=400, headers=FRESH)
        return await _form(desk, request, asked, error)
    if program:
        place = await read(desk, lambda conn: landed(conn, article_id))
        return Response.json({"ok": True, "new": new, **(place or {})}, headers=FRESH)
    target = f"/clip/{article_id}" + ("" if new else "?known=1")
    return Response("", status=303, headers={"Location": target, **FRESH})


async def _keep(desk: Desk, clip: Clip) -> tuple[int, bool]:
    """Read and tagged by what we were handed, stored in Datasette's one writing thread."""
    tools, own = desk.desk.clips, desk.desk
    assert tools is not None
    name = await read(desk, lambda conn: name_of(conn, clip.person))
    tagged = await tools.process(raw_of(clip, name))

    def write(_: sqlite3.Connection) -> tuple[int, bool]:
        with Store.open(own.db_path, zone=own.zone.key, create=False) as store:  # theirs may write answers alone
            return keep(store, clip, tagged, tools.pick_origin, tools.rules, own.zone)

    kept: tuple[int, bool] = await desk.get_database(NAME).execute_write_fn(write)
    return kept


async def _form(desk: Desk, request: Any, asked: Mapping[str, str], error: MastheadError | None = None) -> Response:
    people = await read(desk, lambda conn: rows(conn, _PEOPLE))
    url = clean_link(asked["url"]) or ""
    speaker = asked["person"] or await read(desk, lambda conn: speaker_of(conn, url))
    asked = {name: without_tokens(value) for name, value in asked.items()} | {"url": url}
    desk_url = json.dumps(f"{origin(request)}/clip").replace('"', "'")
    other = "en" if reader().language == "zh" else "zh"
    context = {
        "asked": {**asked, "person": speaker},
        "switch": f"/clip?{urlencode({**asked, 'lang': other})}",  # not as it was asked for: that may hold tokens
        "people": people,
        "limits": _LIMITS,
        "problem": error,
        "bookmarklet": _BOOKMARKLET.format(quote=QUOTE_CHARACTERS, desk=desk_url),
    }
    answer = await page(desk, request, "clip.html", context)
    answer.status = 200 if error is None else 400
    return answer


def _tell_nobody(task: asyncio.Future[None]) -> None:
    """What goes wrong while warming is told when the clip itself is read."""
    if not task.cancelled():
        task.exception()
