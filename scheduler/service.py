"""The daily service: what is due is worked once, in child processes, and written into the ledger.

Crawls (`step`) and alerts (`tell`) go side by side, by an injected clock, so that a month can be lived through in a
minute; scheduler.run_cmd drives them. Nothing is crawled here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import click

from db import ledger
from db.connect import open_as_it_is
from db.errors import AlreadyRunning, DataFileError
from db.ledger import Done, Holder
from db.private import Private
from scheduler.alerts import Office, write_alerts, write_note
from scheduler.channels import Channel
from scheduler.channels.build import build_channels
from scheduler.config import Config, load_config
from scheduler.mails.words import say
from scheduler.rules import Rules, load_rules
from scheduler.sending import send_due
from scheduler.slots import Slot, plan, slots, spread

GOOD_RUN: Final = timedelta(hours=26)
_PING_SECONDS: Final = 10
_LATE: Final = timedelta(minutes=2)  # the width over which installations spread their daily crawl
# 5: somebody crawls by hand; the slot is tried again.
_OUTCOMES: Final[dict[int, Done]] = {0: "done", 6: "partial", 5: "interrupted", 11: "interrupted"}

Clock = Callable[[], datetime]
#: Runs `masthead` with these words and returns its exit code; the service's hands.
Runner = Callable[[Sequence[str]], Awaitable[int]]


@dataclass(slots=True)
class Service:
    """One service on one archive. `config_file` and `db` are handed on to every command that it starts."""

    config: Config
    clock: Clock
    runner: Runner
    who: Holder
    started_at: datetime
    db: Path | None = None
    rules: Rules = field(default_factory=Rules)
    channels: dict[str, Channel] = field(default_factory=dict)
    told_at: datetime | None = None  # up to when signals became notices; None: look a week back
    refused: dict[str, str] = field(default_factory=dict)  # file → why its last version is not in force

    async def step(self) -> None:
        """The crawls that are due now, one after the other."""
        self._reload()
        await self._crawl()
        await self._between()

    async def tell(self) -> None:
        """Write and send alerts, in a thread: a server that hangs stops neither heartbeat nor crawls."""
        if self.config.db.exists():
            await asyncio.to_thread(self._tell)

    def beat(self) -> None:
        """Renew the lease: also while a long crawl runs."""
        with Private.open(self.config.db) as private, private.writing() as connection:
            ledger.take(connection, self._now(self.clock()))

    def end(self) -> None:
        """Give the lease back."""
        with Private.open(self.config.db) as private, private.writing() as connection:
            ledger.give_back(connection, self.who)

    def take_over(self) -> None:
        """Take the lease and write down what a dead service left open. AlreadyRunning while another one lives."""
        now = self.clock()
        with Private.open(self.config.db) as private, private.writing() as connection:
            other = ledger.take(connection, self._now(now))
            if other is None:
                ledger.note_crashed(connection, self._now(now))
                ledger.forget_old(connection, now)
        if other is not None:
            since = f"{other.since:%Y-%m-%d %H:%M} UTC"
            message = f"a service runs on {other.host}, pid {other.pid}, since {since}"
            raise AlreadyRunning(message, about=str(self.config.db))

    # -------------------------------------------------------------- jobs
    async def _crawl(self) -> None:
        """The daily full pass of the newest local day that nobody crawled, and what follows from it."""
        slot = self._due("crawl", self.config.schedule.crawl, self.config.schedule.days)
        if slot is None:
            return
        if await self._work("crawl", slot, ("crawl", "--all", "--quiet")) in ("done", "partial"):
            await asyncio.to_thread(ping, self.config.schedule.ping)
            await self._work("retag", slot, ("retag", "--quiet"))
            if self.config.schedule.backup:
                await self._work("backup", slot, ("backup", str(self._backup_file(slot.day))))

    async def _between(self) -> None:
        """The sources that are due by their own rhythm, every so many minutes."""
        minutes = self.config.schedule.rhythm_minutes
        now = self.clock()
        if not minutes or now - self.started_at < timedelta(minutes=1):
            return
        number = int(now.timestamp() // (minutes * 60))
        slot = Slot(datetime.fromtimestamp(number * minutes * 60, UTC), now.date())
        await self._work("rhythm", slot, ("crawl", "--quiet"), name=f"{slot.at:%Y-%m-%dT%H:%MZ}")

    def _tell(self) -> None:
        try:
            rules = load_rules(self.config.rules_file, zone=self.config.team.zone, language=self.config.team.language)
            self.rules = rules
            self.channels = build_channels(self.config, rules)
            self.refused.pop("rules", None)
        except DataFileError as error:
            self._refuse("rules", error)
        if not self.rules.recipients:
            return
        now = self.clock()
        with closing(open_as_it_is(self.config.db)) as archive, Private.open(self.config.db) as private:
            office = Office(archive=archive, private=private, config=self.config, rules=self.rules)
            write_alerts(office, now, self.told_at)
            self._watch(office, now)
            self.told_at = now
            send_due(private, self.channels, self.clock)

    def _watch(self, office: Office, now: datetime) -> None:
        """The dead man's switch: no good crawl in 26 hours is told once a day to those who look after the service."""
        with office.private.reading() as connection:
            good = ledger.last_good(connection, "crawl")
        if now - max(good or self.started_at, self.started_at - GOOD_RUN) <= GOOD_RUN:
            return
        readers = [one for one in self.rules.recipients if one.service] or list(self.rules.recipients[:1])
        since = f"{good:%Y-%m-%d %H:%M} UTC" if good else "?"
        for reader in readers:
            day = now.astimezone(ZoneInfo(reader.zone)).date().isoformat()
            text = say(reader.language, "service.no_run", since=since)
            write_note(office, reader, "service", f"no-run-{day}", "service.subject", text, now)

    def _due(self, job: str, clock: str, days: Sequence[str]) -> Slot | None:
        """The slot to work now; what is too old is written down as missed."""
        now, zone = self.clock(), ZoneInfo(self.config.team.zone)
        with Private.open(self.config.db) as private:
            with private.reading() as connection:
                first = ledger.first_seen(connection, job) or self.started_at - timedelta(days=1)
                done = {date.fromisoformat(day) for day in ledger.slots_done(connection, job)}
            due = slots(time.fromisoformat(clock), zone, days, first - timedelta(seconds=1), now - self._spread(job))
            found = plan(list(due), done, now)
            if found.missed:
                with private.writing() as connection:
                    for slot in found.missed:
                        ledger.note_missed(connection, job, slot.day.isoformat(), slot.at, now)
        return found.work

    async def _work(self, job: str, slot: Slot, words: Sequence[str], name: str = "") -> Done | None:
        """Claim a slot and run a command for it, and write its end whatever happens; None: it was claimed before."""
        key = name or slot.day.isoformat()
        with Private.open(self.config.db) as private:
            with private.writing() as connection:
                if not ledger.begin(connection, job, key, slot.at, self._now(self.clock())):
                    return None
            state: Done = "interrupted"
            code = 11
            try:
                code = await self.runner((*words, *self._words()))
                state = _OUTCOMES.get(code, "failed")
            finally:
                with private.writing() as connection:
                    detail = "" if code == 0 else f"exit code {code}"
                    ledger.end(connection, job, key, state, self.clock(), detail)
        return state

    # -------------------------------------------------------------- around
    def _reload(self) -> None:
        """Settings as they are now; a file that is refused is told once, and the last good version stays in force."""
        if self.config.file is None:
            return
        try:
            fresh = load_config(self.config.file)
            self.config = fresh.with_db(self.db) if self.db else fresh
            self.refused.pop("config", None)
        except DataFileError as error:
            self._refuse("config", error)

    def _refuse(self, what: str, error: DataFileError) -> None:
        if self.refused.get(what) != str(error):
            self.refused[what] = str(error)
            click.echo(f"masthead: {error}; the last good version stays in force", err=True)

    def _words(self) -> list[str]:
        config = ["--config", str(self.config.file)] if self.config.file else []
        return [*config, "--db", str(self.config.db)]

    def _backup_file(self, day: date) -> Path:
        folder = self.config.folder / self.config.schedule.backup
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self.config.db.stem}-{day.isoformat()}.db"

    def _now(self, now: datetime) -> Holder:
        return Holder(self.who.pid, self.who.host, self.who.since, now)

    def _spread(self, job: str) -> timedelta:
        return spread(f"{self.who.host}/{self.config.db.name}/{job}", int(_LATE.total_seconds()))


def ping(address: str) -> None:
    """Tell a dead man's switch elsewhere that a crawl went well; that it can not be told stops nothing."""
    if address:
        try:
            with urlopen(address, timeout=_PING_SECONDS):  # noqa: S310 (the configuration allows http and https only)
                pass
        except (OSError, HTTPException) as error:
            click.echo(f"masthead: the ping address could not be told: {error}", err=True)
