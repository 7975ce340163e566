"""What is dear is asked for when the desk starts, so that its first reader need not wait for it. Nothing is shown."""

from __future__ import annotations

import logging
import sqlite3

from datasette.database import QueryInterrupted

from db.desk.app import Desk
from db.desk.ask import tally_of
from db.desk.score_pages import DAYS, card_of, lines_of
from db.desk.story_pages import edition_of
from db.desk.tallies import ARTICLES, STORIES

_log = logging.getLogger("masthead.desk")


async def warm(desk: Desk) -> None:
    """Makes the kept answers one after the other; of an archive that can not be read its pages will tell."""
    if await desk.trouble():
        return
    try:
        await edition_of(desk, None)
        await tally_of(desk, STORIES)
        await tally_of(desk, ARTICLES)
        await lines_of(desk, DAYS[0])
        await card_of(desk)
    except (sqlite3.Error, QueryInterrupted) as error:
        _log.info("not warmed: %s", error)
