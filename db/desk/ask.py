"""Asking the archive: a page's questions as one function of a connection, in a thread, within the time limit.

No SQL of its own, no page of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import thread_time
from typing import Any, TypeVar

from datasette.database import QueryInterrupted
from datasette.utils.asgi import Response

from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.story_list import StoryList, list_stories
from db.desk.tallies import STORIES, Tally, tally
from db.desk.views import PAGE, View

FRESH = {"Cache-Control": "no-cache"}
_TALLY_LIMIT_MS = 30_000
_STEPS = 1_000  # of SQLite's machine between two looks at the clock
_T = TypeVar("_T")


async def read(desk: Desk, question: Callable[[sqlite3.Connection], _T], *, limit_ms: int | None = None) -> _T:
    """What `question` finds. Raises QueryInterrupted when a statement takes longer than the desk allows."""

    def bounded(connection: sqlite3.Connection) -> _T:
        with _limited(connection, (limit_ms or desk.sql_time_limit_ms) / 1000):
            try:
                return question(connection)
            except sqlite3.OperationalError as error:
                if error.args == ("interrupted",):
                    raise QueryInterrupted(error, "", {}) from error
                raise

    found: _T = await desk.get_database(NAME).execute_fn(bounded)
    return found


@contextmanager
def _limited(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Counted in this thread's work: a loud machine, such as one that crawls, makes no page of ours a refusal."""
    ends = thread_time() + seconds
    connection.set_progress_handler(lambda: thread_time() > ends, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


async def recall(
    desk: Desk, key: str, question: Callable[[sqlite3.Connection], _T], *, limit_ms: int | None = None
) -> _T:
    """What `question` finds, or found while that still holds: for answers that are dear and the same for everybody."""

    def priced(connection: sqlite3.Connection) -> tuple[_T, float]:
        begun = thread_time()  # of this thread: a loud neighbour does not make an answer dear
        return question(connection), thread_time() - begun

    found: _T = await desk.memory.get(key, lambda: read(desk, priced, limit_ms=limit_ms))
    return found


async def tally_of(desk: Desk, names: tuple[str, ...]) -> Tally:
    """The tally of STORIES or ARTICLES; reading it may take longer than a page may."""
    key = "tally " + " ".join(names)
    return await recall(desk, key, lambda connection: tally(connection, names), limit_ms=_TALLY_LIMIT_MS)


async def list_of(desk: Desk, view: View, size: int = PAGE) -> StoryList:
    """A page of stories."""
    counted = await tally_of(desk, STORIES)
    return await read(desk, lambda connection: list_stories(connection, view, counted, size))


async def page(desk: Desk, request: Any, template: str, context: Mapping[str, Any]) -> Response:
    """An own page, for those who may see the desk."""
    html = await desk.render_template(template, dict(context), request=request, view_name=template.partition(".")[0])
    return Response.html(html, headers=FRESH)


async def allow(desk: Desk, request: Any) -> None:
    """Raises Forbidden for strangers, who are then led to the login."""
    await desk.ensure_permissions(request.actor, ["view-instance"])
