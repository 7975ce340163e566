"""Who may do what on the desk, and the tokens with which programs read feeds and calendar.

Of a token the archive keeps the hash; the token itself is shown once.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from typing import Any

from datasette.utils.asgi import Forbidden, Response

from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.ask import allow, page, read
from db.desk.forms import form_of
from db.desk.sql import first, rows
from db.rows import stamp
from db.text import clean_line

LOCAL = "local"  # who writes on a desk without login
_TOKEN_BYTES = 24
_MAX_TOKENS = 50

_ACTIVE = "select id from feed_tokens where hash = :hash and revoked_at is null"
_TOKENS = "select id, label, by, at, revoked_at, revoked_by from feed_tokens order by id desc limit 100"
_COUNT = "select count(*) from feed_tokens where revoked_at is null"
_ADD = "insert into feed_tokens (hash, label, by, at) values (:hash, :label, :by, :at)"
_REVOKE = """
    update feed_tokens set revoked_at = :at, revoked_by = :by where id = :id and revoked_at is null
"""


def may_write(desk: Desk, request: Any) -> bool:
    """Everybody at a desk that only this machine reaches; behind a login the editors."""
    if not desk.protected:
        return True
    return bool(request and request.actor and request.actor.get("role") == "editor")


def who(desk: Desk, request: Any) -> str:
    """The name under which something is written."""
    return str(request.actor["id"]) if desk.protected else LOCAL


def editors_only(desk: Desk, request: Any) -> None:
    if not may_write(desk, request):
        raise Forbidden("editors only")


async def allow_program(desk: Desk, request: Any) -> None:
    """Lets in who is logged in, or whoever carries a token in the address that was not revoked."""
    token = request.args.get("token") or ""
    if desk.protected and token:
        key = {"hash": hash_of(token)}
        if await read(desk, lambda conn: first(conn, _ACTIVE, key)) is not None:
            return
    await allow(desk, request)


async def tokens(datasette: Desk, request: Any) -> Response:
    """The page of feed addresses: how to read a view elsewhere, and the tokens in force."""
    await allow(datasette, request)
    made, problem = "", False
    if request.method == "POST":
        editors_only(datasette, request)
        form = await form_of(request)
        by, at = who(datasette, request), stamp(datasette.desk.clock())
        if form.get("revoke"):
            number = form.number("revoke")
            await _write(datasette, _REVOKE, {"id": number, "by": by, "at": at})
        else:
            made = secrets.token_urlsafe(_TOKEN_BYTES)
            label = clean_line(form.get("label"), 60)
            if not await _add(datasette, {"hash": hash_of(made), "label": label, "by": by, "at": at}):
                made, problem = "", True
    found = await read(datasette, lambda conn: rows(conn, _TOKENS))
    return await page(datasette, request, "feeds.html", {"tokens": found, "made": made, "problem": problem})


def hash_of(token: str) -> str:
    """A token is long and random: one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _add(desk: Desk, row: dict[str, Any]) -> bool:
    def add(connection: sqlite3.Connection) -> bool:
        if connection.execute(_COUNT).fetchone()[0] >= _MAX_TOKENS:
            return False
        with connection:
            connection.execute(_ADD, row)
        return True

    return bool(await desk.get_database(NAME).execute_write_fn(add))


async def _write(desk: Desk, sql: str, row: dict[str, Any]) -> None:
    def write(connection: sqlite3.Connection) -> None:
        with connection:
            connection.execute(sql, row)

    await desk.get_database(NAME).execute_write_fn(write)
