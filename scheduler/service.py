"""The daily service: what is due is worked once, in child processes, and written into the ledger.

The jobs of scheduler.jobs (`step`) and the alerts (`tell`) go side by side, by an injected clock, so that a month can
be lived through in a minute; scheduler.run_cmd drives them. Nothing is crawled here.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Final, TypeVar
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import click

from db import ledger, news, outbox, reads
from db.connect import open_as_it_is
from db.errors import AlreadyRunning, DataFileError
from db.ledger import Done, Holder
from db.private import Private
from scheduler.alerts import Office, write_alerts, write_note
from scheduler.channels import Channel
from scheduler.channels.build import build_channels
from scheduler.config import Config, load_config
from scheduler.jobs import JOBS, After, Every, Job, daily_slots, every_slot, key, overdue
from scheduler.mails.words import say
from scheduler.rules import Rules, load_rules
from scheduler.sending import send_due
from scheduler.slots import AHEAD, CATCH_UP, EARLIEST, Slot, plan, spread

_PING_SECONDS: Final = 10
_LATE: Final = timedelta(minutes=2)  # the width over which installations spread their daily crawl
_SETTLED: Final = timedelta(hours=2)  # a service that was just started may first make up for what was missed
_ELSEWHERE: Final = timedelta(minutes=5)  # between two looks whether a crawl by hand has ended
_OUTCOMES: Final[dict[int, Done]] = {0: "done", 6: "partial", 5: "interrupted", 11: "interrupted"}
_DETAILS: Final = {
    ("partial", 6): "some failed",
    ("failed", 6): "no source could be seen",
    ("interrupted", 5): "another crawl was running; tried again",
    ("interrupted", 11): "stopped; tried again",
}

T = TypeVar("T")
Clock = Callable[[], datetime]
#: Runs `masthead` with these words and returns its exit code, below zero if it was killed; the service's hands.
Runner = Callable[[Sequence[str]], Awaitable[int]]


@dataclass(slots=True)
class Service:
    """One service on one archive. The configuration's file and `db` are handed on to every command."""

    config: Config
    clock: Clock
    runner: Runner
    who: Holder
    started_at: datetime
    db: Path | None = None
    rules: Rules = field(default_factory=Rules)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    looked: tuple[Rules, date] | None = None  # by which rules, on which day, signals became notices last
    looked_up_to: int = 0  # the last signal of that look
    said: dict[str, str] = field(default_factory=dict)  # what about → the last that was said of it, so that it is once
    elsewhere: dict[str, datetime] = field(default_factory=dict)  # job → when somebody else was seen to do it
    killed: set[tuple[str, str]] = field(default_factory=set)  # slots whose work was killed once
    stopping: bool = False

    async def step(self) -> None:
        """The jobs that are due now, one after the other."""
        self._reload()
        if self.clock() < EARLIEST:
            self._say("clock", f"the machine says it is {self.clock():%Y-%m-%d}; nothing is done until that is right")
            return
        for job in JOBS:
            if self.stopping or not job.wanted(self.config) or self._waits(job):
                continue
            if (slot := self._due(job)) is not None:
                state = await self._work(job, slot)
                if job.name == "crawl" and state in ("done", "partial"):
                    await aside(lambda: ping(self.config.schedule.ping))

    def tell(self) -> None:
        """Write what recipients should learn, and send it. May wait for a mail server for minutes."""
        if not self.config.db.exists():
            return
        try:
            rules = load_rules(self.config.rules_file, zone=self.config.team.zone, language=self.config.team.language)
            self.channels = build_channels(self.config, rules)
            self.rules = rules
            self._say("rules", "")
        except DataFileError as error:
            self._say("rules", f"{error}; the last good version stays in force")
        if not self.rules.recipients:
            return
        now = self.clock()
        with closing(open_as_it_is(self.config.db)) as archive, Private.open(self.config.db) as private:
            office = Office(archive=archive, private=private, config=self.config, rules=self.rules)
            self._write(office, now)
            self._watch(office, now)
            send_due(private, self.channels, self.clock, lambda: self.stopping)
            with private.reading() as connection:
                closed = outbox.closed_channels(connection)
        stopped = "; ".join(f"the channel {name} is stopped: {reason}" for name, reason in closed.items())
        self._say("channels", f"{stopped}. Mend it, then: masthead alerts retry" if stopped else "")

    # -------------------------------------------------------------- the lease
    def beat(self) -> Holder | None:
        """Renew the lease, also while a long crawl runs; returns who took it over while this machine slept."""
        with Private.open(self.config.db) as private, private.writing() as connection:
            return ledger.take(connection, self._now(self.clock()))

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
        if other is not None:
            since = f"{other.since:%Y-%m-%d %H:%M} UTC"
            message = f"a service runs on {other.host}, pid {other.pid}, since {since}"
            raise AlreadyRunning(message, about=str(self.config.db))

    # -------------------------------------------------------------- jobs
    def _waits(self, job: Job) -> bool:
        """Somebody crawls by hand: another look in five minutes."""
        seen = self.elsewhere.get(job.name)
        return seen is not None and timedelta(0) <= self.clock() - seen < _ELSEWHERE

    def _due(self, job: Job) -> Slot | None:
        """The slot to work now. What is too old is written down as missed."""
        now = self.clock()
        if isinstance(job.when, Every):
            return every_slot(self.config, job.when, now)
        with Private.open(self.config.db) as private:
            with private.reading() as connection:
                done = ledger.slots_done(connection, job.name)
                if isinstance(job.when, After):
                    before = ledger.newest_good(connection, job.when.job, now + AHEAD)
                    fresh = before is not None and before[0] not in done and now - before[1] <= CATCH_UP
                    return Slot(before[1], date.fromisoformat(before[0])) if before and fresh else None
                first = ledger.first_seen(connection, job.name) or self.started_at - timedelta(days=1)
            due = daily_slots(self.config, job.when, first - timedelta(seconds=1), now - self._spread(job.name))
            found = plan(due, {date.fromisoformat(day) for day in done}, now)
            if found.missed:
                with private.writing() as connection:
                    for slot in found.missed:
                        ledger.note_missed(connection, job.name, key(job, slot), slot.at, now)
        return found.work

    async def _work(self, job: Job, slot: Slot) -> Done | None:
        """Claim a slot and run its command, and write its end whatever happens; None: it was claimed before."""
        name = key(job, slot)
        with Private.open(self.config.db) as private:
            with private.writing() as connection:
                if not ledger.begin(connection, job.name, name, slot.at, self._now(self.clock())):
                    return None
            state: Done = "interrupted"  # also where the waiting itself is ended
            code = 11
            try:
                code = await self.runner((*job.words(self.config, slot), *self._words()))
                state = self._ended(job, name, code)
            finally:
                with private.writing() as connection:
                    detail = _DETAILS.get((state, code), "" if code == 0 else f"exit code {code}")
                    ledger.end(connection, job.name, name, state, self.clock(), detail)
        return state

    def _ended(self, job: Job, name: str, code: int) -> Done:
        """What an exit code means. A crawl that saw no source has failed; what was killed is tried once more."""
        if code < 0:
            if self.stopping:
                return "interrupted"
            again = (job.name, name) not in self.killed
            self.killed.add((job.name, name))
            return "crashed" if again else "failed"
        if code == AlreadyRunning.exit_code:
            self.elsewhere[job.name] = self.clock()
        if code == 6 and job.name in ("crawl", "rhythm"):
            with closing(open_as_it_is(self.config.db)) as archive:
                run = reads.last_run(archive)
            return "failed" if run and run["outcome"] == "failed" else "partial"
        return _OUTCOMES.get(code, "failed")

    # -------------------------------------------------------------- alerts
    def _write(self, office: Office, now: datetime) -> None:
        """Notices of the signals since the last look; a full look at the start, each day and by other rules."""
        look = (office.rules, now.date())
        up_to = news.looked_up_to(office.archive, now)
        if look != self.looked:
            with office.private.writing() as connection:
                ledger.forget_old(connection, now)
                outbox.forget_old(connection, now)
        write_alerts(office, now, newer_than=self.looked_up_to if look == self.looked else 0)
        self.looked, self.looked_up_to = look, up_to

    def _watch(self, office: Office, now: datetime) -> None:
        """The dead man's switch: what did not go well for 26 hours is told to those who look after the service."""
        if now - self.started_at < _SETTLED:
            return
        bad = {job.name: (job, good) for job in JOBS if (good := self._not_well(office, job, now)) is not None}
        told = [one for one in bad.values() if not (isinstance(one[0].when, After) and one[0].when.job in bad)]
        if not told:
            return
        for reader in [one for one in self.rules.recipients if one.service] or self.rules.recipients[:1]:
            zone = ZoneInfo(reader.zone)
            what = " ".join(_not_well_since(reader.language, job, good.astimezone(zone)) for job, good in told)
            subject = say(reader.language, "service.subject", what=what)
            text = f"{what}\n{say(reader.language, 'service.look')}"
            write_note(office, reader, "service", f"overdue-{now.astimezone(zone).date()}", subject, text, now)

    def _not_well(self, office: Office, job: Job, now: datetime) -> datetime | None:
        """Since when a daily job has not gone well, if that is too long; a crawl by hand or between counts."""
        if not job.wanted(self.config):
            return None
        with office.private.reading() as connection:
            good = ledger.last_good(connection, job.name) or ledger.first_seen(connection, job.name)
        if job.name == "crawl":
            good = max(filter(None, (good, reads.last_good_run(office.archive))), default=None)
        return good if good and overdue(self.config, job, good, now) else None

    # -------------------------------------------------------------- around
    def _reload(self) -> None:
        """Settings as they are now; a file that is refused is told once, and the last good version stays in force."""
        if self.config.file is None:
            return
        try:
            fresh = load_config(self.config.file)
            self.config = fresh.with_db(self.db) if self.db else fresh
            self._say("config", "")
        except DataFileError as error:
            self._say("config", f"{error}; the last good version stays in force")
        if self.config.schedule.backup:
            (self.config.folder / self.config.schedule.backup).mkdir(parents=True, exist_ok=True)

    def _say(self, about: str, words: str) -> None:
        """Say something once, until something else is to be said about the same."""
        if words and self.said.get(about) != words:
            click.echo(f"masthead: {words}", err=True)
        self.said[about] = words

    def _words(self) -> list[str]:
        config = ["--config", str(self.config.file)] if self.config.file else []
        return [*config, "--db", str(self.config.db)]

    def _now(self, now: datetime) -> Holder:
        return Holder(self.who.pid, self.who.host, self.who.since, now)

    def _spread(self, job: str) -> timedelta:
        return spread(f"{self.who.host}/{self.config.db.name}/{job}", int(_LATE.total_seconds()))


def _not_well_since(language: str, job: Job, good: datetime) -> str:
    return say(language, "service.overdue", job=say(language, f"job.{job.name}"), since=f"{good:%Y-%m-%d %H:%M}")


def ping(address: str) -> None:
    """Tell a dead man's switch elsewhere that a crawl went well; that it can not be told stops nothing."""
    if address:
        try:
            with urlopen(address, timeout=_PING_SECONDS):  # noqa: S310 (the configuration allows http and https only)
                pass
        except (OSError, HTTPException) as error:
            click.echo(f"masthead: the ping address could not be told: {error}", err=True)


async def aside(work: Callable[[], T]) -> T:
    """Do it in a thread that nobody waits for at the end of the program: a mail server may think for ten minutes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not done.cancelled():
            done.set_exception(error) if error else done.set_result(result)  # type: ignore[arg-type]  # its own result

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (handed to whoever waits)
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=run, daemon=True).start()
    return await done
