"""Reads the mailbox within a crawl: opens it, hands its items to the writer, remembers how far it got.

Stored first, remembered after: what a kill leaves between the two is read again, and storing an item again changes
nothing. The crawl's child calls it; nothing is scheduled here.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from crawler import choose, health
from crawler.mailin.box import Box, FolderBox, Server, open_server
from crawler.mailin.reading import Mail, Terms, read_box
from db import mailbox
from db.clipping import Clip, clip_of
from db.errors import DataFileError, FetchError
from db.mailbox import Place, Seen
from db.private import Private
from db.store import Store
from db.types import Entry, Outcome, RawArticle, Source, SourceMemory, SourceRun
from db.urls import canonical_url
from scheduler.config import Config
from scheduler.secret import password_of

PASSWORD: Final = "MASTHEAD_IMAP_PASSWORD"  # noqa: S105 (the name of a variable)
_BY: Final = "mail"  # who clips stays in the mailbox
_EACH_TIME: Final = ("mail_forged", "mail_too_large", "mail_unread", "mail_unmatched")  # worth a line in the report

Save = Callable[[RawArticle], Awaitable[Outcome | None]]
KeepClip = Callable[[Clip], Awaitable[None]]


@dataclass(slots=True)
class _Count:
    """What a reading brought one source."""

    entries: list[Entry] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)  # new, changed, same, failed
    notes: Counter[str] = field(default_factory=Counter)


def terms_of(config: Config, sources: Sequence[Source]) -> Terms:
    """Whose mails are taken, by the configuration."""
    box = config.mailbox
    return Terms(
        sources=tuple(sources), senders=box.senders, clips_from=box.clips_from, authserv_id=box.authserv_id,
        verify=box.verify,
    )  # fmt: skip


def box_id(config: Config) -> str:
    """The mailbox under a name that names nobody; whatever its folder is called."""
    box = config.mailbox
    said = f"files {box.files}" if box.files else f"{box.user.lower()}@{box.host.lower()}:{box.port}"
    return sha256(said.encode()).hexdigest()[:16]


@contextlib.contextmanager
def open_box(config: Config) -> Iterator[Box]:
    """The mailbox of the configuration. Raises FetchError; DataFileError where there is no password."""
    box = config.mailbox
    if not box.is_set:
        raise FetchError("mailbox_missing", "[mailbox] has no host", about="[mailbox]")
    if box.files:
        yield FolderBox.open(config.folder / box.files)
        return
    file = str(config.file or "masthead.toml")
    password = password_of(PASSWORD, box.user, file=file, key="mailbox.user")
    server = Server(
        host=box.host, port=box.port, security=box.security, user=box.user, password=password, folder=box.folder,
        ca_file=config.ca_file,
    )  # fmt: skip
    with open_server(server) as opened:
        yield opened


class MailReading:
    """One reading for all mailbox sources together: they share the box and how far it was read."""

    def __init__(self, config: Config, sources: Sequence[Source], store: Store, save: Save, clip: KeepClip) -> None:
        self._config, self._store, self._save, self._clip = config, store, save, clip
        self._terms = terms_of(config, sources)
        self._counts = {source.id: _Count() for source in sources}
        self.refused: Counter[str] = Counter()  # mails by code, strangers and old ones left out
        self._started = time.monotonic()

    async def run(self, stopping: Callable[[], bool]) -> list[tuple[SourceRun, SourceMemory]]:
        """Read what is new; the report and the memory of every source. Raises StoreError alone."""
        code, detail = "", ""
        try:
            with open_box(self._config) as box, Private.open(self._config.db) as private:
                await self._read(box, private, stopping)
        except FetchError as error:
            code, detail = error.code, error.message
        except DataFileError as error:
            code, detail = "mailbox_login", error.message
        return [self._report(source, code, detail) for source in self._terms.sources]

    async def _read(self, box: Box, private: Private, stopping: Callable[[], bool]) -> None:
        name, folder = box_id(self._config), self._config.mailbox.folder
        now, wants = datetime.now(UTC), self._terms.fingerprint
        with private.reading() as connection:
            last = mailbox.place(connection, name, folder)
        after = last.uid if last and (last.validity, last.wants) == (box.validity, wants) else 0

        def taken(digests: Sequence[str]) -> Collection[str]:
            with private.reading() as connection:
                return mailbox.taken(connection, name, digests)

        for uid, mails in read_box(box, self._terms, after, taken, now):
            for mail in mails:
                await self._take(mail, now)
            seen = [Seen(mail.digest, mail.code, len(mail.items)) for mail in mails if not mail.known]
            with private.writing() as connection:
                mailbox.keep(connection, name, folder, Place(box.validity, uid, wants), seen, now)
            if stopping():
                return

    async def _take(self, mail: Mail, now: datetime) -> None:
        if mail.code in _EACH_TIME:
            self.refused[mail.code] += 1
            for source_id in mail.source_ids:
                self._counts[source_id].notes[mail.code] += 1
        if mail.clip is not None:
            one = mail.clip
            await self._clip(
                clip_of(one.url, title=one.title, quote=one.quote, note=one.note, person="", by=_BY, at=now)
            )
        for source, entry in mail.items:
            count = self._counts[source.id]
            count.entries.append(entry)
            if (entry.published_at or now) < now - timedelta(days=source.expect.max_age_days):
                count.notes["too_old"] += 1
                continue
            outcome = await self._one(source, entry, mail.whole, now)
            count.outcomes[outcome or "failed"] += 1

    async def _one(self, source: Source, entry: Entry, whole: bool, now: datetime) -> Outcome | None:
        """A digest shows a page in other words each time, so that only a letter of its own can change it."""
        mark = choose.fingerprint(entry)
        key = canonical_url(entry.url) if entry.url else None
        known = self._store.known([key], source.id).get(key) if key else None
        if known is not None and (known.fingerprint == mark or not whole):
            return "same"
        return await self._save(RawArticle(source=source, entry=entry, seen_at=now, url=entry.url, fingerprint=mark))

    def _report(self, source: Source, code: str, detail: str) -> tuple[SourceRun, SourceMemory]:
        now, count, before = datetime.now(UTC), self._counts[source.id], self._store.memory(source.id)
        detail = detail or choose.notes_line(sorted(count.notes.items()))
        sighting = health.Sighting(
            code=code, detail=detail, entries=len(count.entries), new=count.outcomes["new"],
            newest_at=health.newest(count.entries, now), gap_seconds=health.median_gap(count.entries, now),
        )  # fmt: skip
        memory = health.judge(before, sighting, source, now)
        run = SourceRun(
            source_id=source.id, state=memory.state, was=before.state, code=code, detail=detail,
            new=count.outcomes["new"], changed=count.outcomes["changed"], same=count.outcomes["same"],
            failed=count.outcomes["failed"], entries=len(count.entries),
            seconds=round(time.monotonic() - self._started, 3),
        )  # fmt: skip
        return run, replace(memory, etag="", last_modified="", body_hash="")
