"""The addresses that the forms of triage send to: what people say of stories and articles, and take back.

Answers go through Datasette's one writer; an article in the wrong story is moved by db.desk.corrections.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from datasette.utils.asgi import Response

from db.desk.access import editors_only, who
from db.desk.answers import REPLACING, Answer, keep, take_back
from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.ask import FRESH, read
from db.desk.corrections import bring_back, move_out
from db.desk.forms import BadForm, form_of
from db.desk.sql import rows
from db.desk.words import VALUES
from db.rows import stamp
from db.store import Store
from db.stories.rules import Occasion
from db.text import clean_line

MAX_STORIES = 200  # of one answer
_NAME_CHARACTERS, _NOTE_CHARACTERS, _ADDRESS_CHARACTERS = 60, 1000, 300
_CORRECTIONS = "select id from triage where id in (select value from json_each(:ids)) and kind = 'wrong_story'"


async def answer(datasette: Desk, request: Any) -> Response:
    """The address that the forms of triage send to."""
    editors_only(datasette, request)
    form = await form_of(request)
    kind, article = form.get("kind"), form.number("article")
    stories = form.all("story")[:MAX_STORIES]
    value, note = clean_line(form.get("value"), _NAME_CHARACTERS), clean_line(form.get("note"), _NOTE_CHARACTERS)
    _check(kind, value, note, article)
    by, at = who(datasette, request), stamp(datasette.desk.clock())
    answers = [
        Answer(
            story=story, kind=kind, by=by, at=at, article=article,
            value=value if kind in REPLACING else "", note=note if kind in ("note", "overclaim") else "",
        )
        for story in stories
    ]  # fmt: skip
    target, problem = clean_line(form.get("target"), _ADDRESS_CHARACTERS).strip(), ""
    if kind == "wrong_story" and answers and can_correct(datasette):
        ids, problem = await _corrected(datasette, lambda conn, occasion: move_out(conn, answers[0], target, occasion))
    else:
        ids = await _written(datasette, lambda conn: keep(conn, answers))
    return _reply(request, form.local_path("back", "/stories"), ids, problem)


async def undo(datasette: Desk, request: Any) -> Response:
    """The address that takes answers back."""
    editors_only(datasette, request)
    form = await form_of(request)
    given = (number for number in form.all("id") if number.isascii() and number.isdecimal() and len(number) < 16)
    ids = [int(number) for number in given][:MAX_STORIES]
    by, at, problem = who(datasette, request), stamp(datasette.desk.clock()), ""
    if can_correct(datasette):
        key = {"ids": json.dumps(ids)}
        moved = {row["id"] for row in await read(datasette, lambda conn: rows(conn, _CORRECTIONS, key))}
        ids = [number for number in ids if number not in moved]
        for number in moved:
            problem = await _corrected(datasette, partial(bring_back, number, by)) or problem
    await _written(datasette, lambda conn: take_back(conn, ids, by, at))
    return _reply(request, form.local_path("back", "/stories"), [], problem)


def can_correct(desk: Desk) -> bool:
    """Whether the desk was handed the rules by which stories are told anew."""
    return desk.desk.clips is not None


async def _written(desk: Desk, write: Callable[[sqlite3.Connection], Any]) -> Any:
    """In one transaction of Datasette's writer."""

    def whole(connection: sqlite3.Connection) -> Any:
        with connection:
            return write(connection)

    return await desk.get_database(NAME).execute_write_fn(whole)


async def _corrected(desk: Desk, change: Callable[[sqlite3.Connection, Occasion], Any]) -> Any:
    """In one transaction that may write all of the archive, and in the same thread. Raises StoreError."""
    own = desk.desk
    assert own.clips is not None
    occasion = Occasion(own.clips.rules, own.clock(), own.zone)

    def whole(_: sqlite3.Connection) -> Any:
        with Store.open(own.db_path, zone=own.zone.key, create=False) as store, store.writing() as connection:
            return change(connection, occasion)

    return await desk.get_database(NAME).execute_write_fn(whole)


def _check(kind: str, value: str, note: str, article: int | None) -> None:
    if kind not in VALUES["triage_kind"]:
        raise BadForm("unknown kind of answer")
    if kind in ("wrong_story", "overclaim") and article is None:
        raise BadForm("this is said of one article")
    if kind == "overclaim" and value not in VALUES["overclaim"]:
        raise BadForm("unknown answer")
    if (kind in ("owner", "hand_over") and not value) or (kind == "note" and not note):
        raise BadForm("an empty answer")


def _reply(request: Any, back: str, ids: Sequence[int], problem: str = "") -> Response:
    if request.headers.get("accept") == "application/json":
        return Response.json({"ok": not problem, "ids": list(ids)}, headers=FRESH)
    base, hash_, anchor = back.partition("#")
    path, _, query = base.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(("said=", "problem="))]
    kept += ["said=" + "-".join(map(str, ids))] if ids else []
    kept += [f"problem={problem}"] if problem else []
    target = path + ("?" if kept else "") + "&".join(kept) + hash_ + anchor
    return Response("", status=303, headers={"Location": target, **FRESH})
