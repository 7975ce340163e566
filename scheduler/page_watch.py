"""Edits of watched pages become items: a worker reads what changed for readers, the one writer saves it.

Works off whatever waits, so that what a killed crawl left is told by the next one.
"""

from __future__ import annotations

import asyncio
import logging
from zoneinfo import ZoneInfo

from db import page_changes
from db.errors import ParseError
from db.store import Store
from db.stories.rules import StoryRules
from scheduler.workers import Workers


def tell_edits(store: Store, workers: Workers, rules: StoryRules, zone: ZoneInfo) -> int:
    """Every edit that waits, the oldest first; how many items were made. Blocking. Raises StoreError.

    An edit that no worker can read goes on waiting and is logged.
    """
    with store.reading() as connection:
        edits = page_changes.waiting(connection)
    made = 0
    for edit in edits:
        try:
            told = asyncio.run(workers.tell_edit(edit))
        except ParseError as error:
            logging.getLogger("masthead").warning("what changed on %s is not told yet: %s", edit.source_id, error)
            continue
        with store.writing() as connection:
            made += page_changes.keep(connection, told, rules, zone) is not None
    return made
