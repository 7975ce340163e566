"""What people say of stories and articles: read, important, noise, wrong tag or story, over-claim, owner, note.

Rows are only ever added; undoing marks a row and keeps it. One write transaction per answer, in Datasette's writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Response

from db.desk.access import editors_only, who
from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.ask import FRESH
from db.desk.forms import BadForm, form_of
from db.desk.words import VALUES
from db.rows import stamp
from db.text import clean_line

MAX_STORIES = 200  # of one answer
_NAME_CHARACTERS, _NOTE_CHARACTERS = 60, 1000
#: Said once or not at all; saying it again adds nothing.
_ONCE = ("read", "important", "noise", "wrong_tag", "wrong_story")
#: The newest answer takes the place of older ones.
_REPLACING = ("owner", "hand_over", "overclaim")

_KNOWN_STORY = "select 1 from stories where id = ?"
_KNOWN_ARTICLE = "select 1 from story_articles where article_id = ? and story_id = ?"
_SAID = """
    select id from triage where story_id = :story and article_id is :article and kind = :kind and undone_at is null
"""
_REPLACE = """
    update triage set undone_at = :at, undone_by = :by
    where story_id = :story and article_id is :article and note = :note and undone_at is null
        and (kind = :kind or kind in ('owner', 'hand_over') and :kind in ('owner', 'hand_over'))
"""
_ADD = """
    insert into triage (story_id, article_id, kind, value, note, by, at)
    values (:story, :article, :kind, :value, :note, :by, :at)
"""
_UNDO = "update triage set undone_at = :at, undone_by = :by where id = :id and undone_at is null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing a person says; `article` narrows it to one article of the story."""

    story: str
    kind: str
    by: str
    at: str
    article: int | None = None
    value: str = ""
    note: str = ""


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
            value=value if kind in _REPLACING else "", note=note if kind in ("note", "overclaim") else "",
        )
        for story in stories
    ]  # fmt: skip
    ids = await datasette.get_database(NAME).execute_write_fn(lambda conn: keep(conn, answers))
    return _reply(request, form.local_path("back", "/stories"), ids)


async def undo(datasette: Desk, request: Any) -> Response:
    """The address that takes answers back."""
    editors_only(datasette, request)
    form = await form_of(request)
    ids = [int(number) for number in form.all("id") if number.isascii() and number.isdecimal() and len(number) < 16]
    by, at = who(datasette, request), stamp(datasette.desk.clock())

    def take_back(connection: sqlite3.Connection) -> None:
        with connection:
            connection.executemany(_UNDO, [{"id": number, "by": by, "at": at} for number in ids[:MAX_STORIES]])

    await datasette.get_database(NAME).execute_write_fn(take_back)
    return _reply(request, form.local_path("back", "/stories"), [])


def keep(connection: sqlite3.Connection, answers: Sequence[Answer]) -> list[int]:
    """Write answers; returns the ids of the rows made. What is unknown or was said before makes none."""
    made = []
    with connection:
        for one in answers:
            row = {
                "story": one.story, "article": one.article, "kind": one.kind, "value": one.value, "note": one.note,
                "by": one.by, "at": one.at,
            }  # fmt: skip
            if connection.execute(_KNOWN_STORY, (one.story,)).fetchone() is None:
                continue
            if one.article and connection.execute(_KNOWN_ARTICLE, (one.article, one.story)).fetchone() is None:
                continue
            if one.kind in _ONCE and connection.execute(_SAID, row).fetchone() is not None:
                continue
            if one.kind in _REPLACING:
                connection.execute(_REPLACE, row)
            made.append(int(connection.execute(_ADD, row).lastrowid or 0))
    return made


def _check(kind: str, value: str, note: str, article: int | None) -> None:
    if kind not in VALUES["triage_kind"]:
        raise BadForm("unknown kind of answer")
    if kind in ("wrong_story", "overclaim") and article is None:
        raise BadForm("this is said of one article")
    if kind == "overclaim" and value not in VALUES["overclaim"]:
        raise BadForm("unknown answer")
    if (kind in ("owner", "hand_over") and not value) or (kind == "note" and not note):
        raise BadForm("an empty answer")


def _reply(request: Any, back: str, ids: Sequence[int]) -> Response:
    if request.headers.get("accept") == "application/json":
        return Response.json({"ok": True, "ids": list(ids)}, headers=FRESH)
    base, hash_, anchor = back.partition("#")
    path, _, query = base.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("said="))
    said = "said=" + "-".join(map(str, ids)) if ids else ""
    target = path + ("?" if kept or said else "") + "&".join(part for part in (kept, said) if part) + hash_ + anchor
    return Response("", status=303, headers={"Location": target, **FRESH})
