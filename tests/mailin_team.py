"""A team with a mailbox, for tests: read without the processes of a crawl, from a folder of files or from a server."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from db import mailbox
from db.clipping import Clip, keep, raw_of
from db.private import Private
from db.store import Store
from db.types import Outcome, RawArticle, SourceRun
from pipelines.copies import best_match
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process
from scheduler.config import Config, load_config
from scheduler.doctor_mailbox import check_mailbox
from scheduler.mailin import MailReading, box_id
from scheduler.own_sources import sources_in_force
from scheduler.story_rules import story_rules
from tests.letter_samples import HOST, mail, now

SENDERS = (
    "edm@haiyunzhoubao.example", "letters@quaynotes.example", "letters@sellwell.example", "noreply@dockside.ghost.io",
)  # fmt: skip
Save = Callable[[RawArticle], Awaitable[Outcome | None]]


@cache
def _lexicon() -> Lexicon:
    return load_lexicon()


def letter(number: int, *, sender: str = "letters@quaynotes.example", **more: object) -> bytes:
    """A mail of one short article of its own."""
    html = (
        f"<h1>Amazon raises fee number {number}</h1><p>Amazon raises fee {number} for sellers in May, it says.</p>"
        f"<p><a href='https://quaynotes.example/p/{number}'>View in browser</a></p>"
    )
    return mail(("Maren Oduya", sender), f"Amazon raises fee number {number}", html, number=number, **more)  # type: ignore[arg-type]


class Team:
    """A configuration with its folder of mails, read without the processes of a crawl."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.write(**settings)
        (folder / "mails").mkdir(exist_ok=True)

    def write(self, **settings: str) -> None:
        values = {"files": '"mails"', "authserv_id": f'"{HOST}"', "senders": str(list(SENDERS)).replace("'", '"')}
        text = "".join(f"{key} = {value}\n" for key, value in {**values, **settings}.items() if value)
        (self.folder / "masthead.toml").write_text(f"[mailbox]\n{text}", encoding="utf-8")

    @property
    def config(self) -> Config:
        return load_config(self.folder / "masthead.toml")

    def put(self, name: str, raw: bytes) -> None:
        (self.folder / "mails" / f"{name}.eml").write_bytes(raw)

    def read(self, save: Callable[[Save], Save] = lambda plain: plain) -> dict[str, SourceRun]:
        config = self.config
        sources = [s for s in sources_in_force(config, config.db).sources.values() if s.access == "mailbox"]
        with Store.open(config.db) as store:
            store.sync_sources(sources)

            async def plain(raw: RawArticle) -> Outcome | None:
                return store.save(process(raw, _lexicon()), best_match, story_rules(("amazon", "tiktok"))).outcome

            async def clip(clip: Clip) -> None:
                tagged = process(raw_of(clip, ""), _lexicon())
                keep(store, clip, tagged, best_match, story_rules(config.team.platforms), ZoneInfo(config.team.zone))

            run_id = store.start_run(now())
            runs = asyncio.run(MailReading(config, sources, store, save(plain), clip).run(lambda: False))
            for run, memory in runs:
                store.record_source(run_id, run, memory, (), now())
        return {run.source_id: run for run, _ in runs}

    def titles(self) -> list[str]:
        with closing(sqlite3.connect(self.config.db)) as archive:
            return [title for (title,) in archive.execute("select title from articles order by title")]

    def codes(self) -> dict[str, int]:
        with Private.open(self.config.db) as private, private.reading() as connection:
            return dict(mailbox.counts(connection, box_id(self.config)))


def findings(config: Config) -> dict[str, tuple[str, str]]:
    sources = [s for s in sources_in_force(config, config.db).sources.values() if s.access == "mailbox"]
    return {finding.name: (finding.level, finding.found + finding.todo) for finding in check_mailbox(config, sources)}
