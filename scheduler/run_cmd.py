"""`masthead run`: the daily service with the desk. Starts, drives and ends scheduler.service; decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import click
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from db.errors import AlreadyRunning, StoreError
from db.ledger import Holder
from scheduler.channels.build import build_channels
from scheduler.config import Config
from scheduler.locks import only_service
from scheduler.options import with_config
from scheduler.rules import load_rules
from scheduler.service import Service, aside

_STEP_SECONDS, _BEAT_SECONDS = 20, 30
_STOP_SECONDS: Final = 15  # of the twenty that a stop may take; the desk and the ledger get the rest
_DESK_AGAIN_SECONDS: Final = 10


@click.command("run")
@click.option("--no-serve", is_flag=True, help="Without the desk.")
@with_config
def run_command(config: Config, no_serve: bool) -> int:
    """The daily service: crawls, tags, alerts, backup and the desk, until it is stopped.

    \b
    Examples:
      masthead run                 with masthead.toml in this folder
      masthead run --no-serve      without the desk

    \b
    Exit codes: 5 a service is running already, 11 stopped (what was finished is kept).
    """
    rules = load_rules(config.rules_file, zone=config.team.zone, language=config.team.language)
    build_channels(config, rules)  # a missing password is refused now, not at night
    with only_service(config.db):
        return asyncio.run(_Driver(config, no_serve).run())


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A full disk or a locked file is said, and tried again at the next step."""
    try:
        yield
    except StoreError as error:
        click.echo(f"masthead: {error}", err=True)


class _Driver:
    """The running service: its children, its timer, its end."""

    def __init__(self, config: Config, no_serve: bool) -> None:
        now = datetime.now(UTC)
        who = Holder(os.getpid(), socket.gethostname(), now, now)
        self.service = Service(
            config=config, clock=lambda: datetime.now(UTC), runner=self._masthead, who=who, started_at=now, db=config.db
        )
        self.serves = not no_serve
        self.children: set[asyncio.subprocess.Process] = set()
        self.telling: asyncio.Future[None] | None = None
        self.stopping = asyncio.Event()
        self.code = 11

    async def run(self) -> int:
        """Until SIGTERM or Ctrl-C (11), or until another service has taken over (5)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        self.service.take_over()
        timer = self._timer()
        desk = asyncio.create_task(self._desk()) if self.serves else None
        click.echo(f"masthead: running on {self.service.config.db}; Ctrl-C ends it", err=True)
        await self.stopping.wait()
        click.echo("masthead: stopping; what is finished is kept", err=True)
        self.service.stopping = True
        timer.pause()
        await self._end_work()
        if desk:
            desk.cancel()
        timer.shutdown(wait=False)
        with _told():
            self.service.end()
        return self.code

    def _timer(self) -> AsyncIOScheduler:
        """Steps, alerts and heartbeat side by side; nothing is stored, the ledger knows what is due."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a step that outlasts its interval is no news
        timer = AsyncIOScheduler(timezone=UTC)
        # One late step does the work of all that were missed.
        keep = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for work, seconds in ((self._step, _STEP_SECONDS), (self._tell, _STEP_SECONDS), (self._beat, _BEAT_SECONDS)):
            timer.add_job(work, IntervalTrigger(seconds=seconds), next_run_time=datetime.now(UTC), **keep)
        timer.start()
        return timer

    async def _step(self) -> None:
        with _told():
            await self.service.step()

    async def _tell(self) -> None:
        with _told():
            self.telling = asyncio.ensure_future(aside(self.service.tell))
            await self.telling

    async def _beat(self) -> None:
        with _told():
            if other := self.service.beat():
                since = f"{other.since:%Y-%m-%d %H:%M} UTC"
                click.echo(f"masthead: a service on {other.host}, pid {other.pid}, took over at {since}", err=True)
                self.code = AlreadyRunning.exit_code
                self.stopping.set()

    async def _masthead(self, words: Sequence[str]) -> int:
        if self.stopping.is_set():
            return 11
        return await self._child(words)

    async def _child(self, words: Sequence[str]) -> int:
        """One `masthead` command in a process of its own; its input closes when we die. Below zero: killed."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scheduler", *words, stdin=asyncio.subprocess.PIPE, stdout=sys.stderr.fileno(),
            start_new_session=True,
        )  # fmt: skip
        self.children.add(child)
        try:
            return await child.wait()
        finally:
            self.children.discard(child)

    async def _desk(self) -> None:
        """Keep the desk open: a desk that dies is opened again."""
        config = self.service.config
        file = ["--config", str(config.file)] if config.file else []
        while not self.stopping.is_set():
            code = await self._child(("serve", "--with-parent", *file, "--db", str(config.db)))
            if self.stopping.is_set():
                return
            click.echo(f"masthead: the desk ended (exit code {code}); opened again in a moment", err=True)
            await asyncio.sleep(_DESK_AGAIN_SECONDS)

    async def _end_work(self) -> None:
        """Ask every child to finish, and the mail under way; after fifteen seconds they are ended."""
        for child in list(self.children):
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        waiting = [asyncio.ensure_future(child.wait()) for child in list(self.children)]
        if self.telling:
            waiting.append(self.telling)  # type: ignore[arg-type]  # what comes of it is not asked
        if waiting:
            await asyncio.wait(waiting, timeout=_STOP_SECONDS)
        for child in list(self.children):
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await asyncio.sleep(0.2)  # the waiting jobs write their end into the ledger
