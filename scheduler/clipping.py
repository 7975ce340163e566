"""Clips on their way through reading and tagging: for the desk in a worker of its own, for a command in this process.

The archive's part is in db.clipping.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from crawler.people import load_people
from db.clipping import Clip, ClipTools, keep, landed, name_of, raw_of, speaker_of
from db.errors import ParseError
from db.people import sync_people
from db.store import Store
from db.types import RawArticle, TaggedArticle
from pipelines.copies import best_match
from pipelines.lexicon import load_lexicon
from pipelines.process import process
from scheduler.config import Config
from scheduler.own_lexicon import copies
from scheduler.story_rules import story_rules
from scheduler.workers import Workers

IDLE_SECONDS = 600.0  # after which nobody is clipping any more, and the memory goes back


def take(config: Config, clip: Clip) -> tuple[dict[str, Any] | None, bool]:
    """Read, tag and keep a clip in this process, its main thread; where it landed, and whether it is new.

    A post at LinkedIn whose speaker is known by the profile in their record is theirs without being told.

    Where it landed is None when its author asked to be forgotten. Raises ClipError, DataFileError, StoreError.
    """
    with Store.open(config.db, zone=config.team.zone) as store:
        sync_people(store, load_people(config.people_folders, builtin=config.catalogue_builtin).values())
        with store.reading() as connection:
            clip = replace(clip, person=clip.person or speaker_of(connection, clip.url))
            raw = raw_of(clip, name_of(connection, clip.person))
        tagged = process(raw, load_lexicon(own=copies(config)))
        article_id, new = keep(
            store, clip, tagged, best_match, story_rules(config.team.platforms), ZoneInfo(config.team.zone)
        )
        with store.reading() as connection:
            return landed(connection, article_id), new


class ClipReader:
    """Reads and tags clips for as long as the desk is open; the worker starts when a form opens and ends when idle."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._workers: Workers | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()

    def tools(self) -> ClipTools:
        """What the desk is handed."""
        return ClipTools(
            process=self.process, warm=self.warm, pick_origin=best_match, rules=story_rules(self._config.team.platforms)
        )

    async def process(self, raw: RawArticle) -> TaggedArticle:
        """Raises ParseError as the crawl's workers do."""
        return await (await self._awake()).process(raw)

    async def warm(self) -> None:
        """Start the worker and let it load its words, so that the click need not wait for that."""
        with suppress(ParseError):  # the click itself will tell
            await (await self._awake()).entity_rows()

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._rest is not None:
            self._rest.cancel()
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    async def _awake(self) -> Workers:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.close)
        async with self._starting:
            if self._workers is None:
                workers = Workers(1, own=copies(self._config))
                await asyncio.to_thread(workers.start)
                self._workers = workers
        return self._workers
