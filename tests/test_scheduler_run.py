"""`masthead run` as a process: one of several, stopped, killed, with a mail server that never answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import outbox
from db.outbox import Message
from db.private import Private
from tests.alerts_world import Inbox, mail_server, world

pytestmark = pytest.mark.slow

SETTINGS = """\
[catalogue]
builtin = false
[schedule]
rhythm_minutes = 0
[desk]
port = {desk}
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Masthead <desk@desk.example>"
"""
RULES = """\
[[recipients]]
name = "ops"
address = "ops@desk.example"
daily = false
[[rules]]
name = "all"
to = ["ops"]
level = "instant"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings(tmp_path)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


def settings(folder: Path, port: int = 25, desk: int = 8001) -> None:
    (folder / "masthead.toml").write_text(SETTINGS.format(port=port, desk=desk), encoding="utf-8")


@contextmanager
def service(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A running service; killed at the end if it still lives."""
    command = [sys.executable, "-m", "scheduler", "run", "--config", str(folder / "masthead.toml"), *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def asked(folder: Path, query: str) -> list[tuple]:
    """Rows of the private file; none while it is not there or being made."""
    private = folder / "masthead.private.db"
    if not private.exists():
        return []
    with closing(sqlite3.connect(private)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


CRAWLED = "select slot, state from jobs where job = 'crawl' and ended_at is not null"
HOLDER = "select pid from lease"


def test_of_four_at_once_one_works_and_the_others_say_who(folder: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(service(folder, "--no-serve")) for _ in range(4)]
        until(lambda: sum(process.poll() == 5 for process in processes) == 3)
        (first,) = (process for process in processes if process.poll() is None)
        until(lambda: asked(folder, CRAWLED))
        for process in processes:
            if process is not first:
                assert process.stderr is not None
                assert f"pid {first.pid}" in process.stderr.read()
        assert stop(first) == 11
    assert [state for _, state in asked(folder, CRAWLED)] == ["done"]
    assert asked(folder, HOLDER) == []


def test_after_a_kill_the_next_one_goes_on_and_works_no_day_twice(folder: Path) -> None:
    with service(folder, "--no-serve") as first:
        until(lambda: asked(folder, CRAWLED))
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    with service(folder, "--no-serve") as again:
        until(lambda: asked(folder, HOLDER) == [(again.pid,)])
        assert stop(again) == 11
    assert len(asked(folder, CRAWLED)) == 1


def test_a_mail_server_that_never_answers_does_not_hold_up_the_end(folder: Path) -> None:
    with world(folder / "masthead.db"), Private.open(folder / "masthead.db") as private, private.writing() as write:
        message = Message(
            recipient="ops", channel="mail", address="ops@desk.example", kind="instant", slot="1",
            message_id="<1@desk.example>", subject="One", message=b"Subject: One\r\n\r\nText\r\n",
        )  # fmt: skip
        outbox.add_delivery(write, message, (), datetime.now(UTC))
    inbox = Inbox({"DATA": "hang"})
    with mail_server(inbox) as port:
        settings(folder, port)
        with service(folder, "--no-serve") as process:
            until(lambda: inbox.asked["DATA"])
            assert stop(process) == 11
    healthy = Inbox()
    with mail_server(healthy) as port:
        settings(folder, port)
        with service(folder, "--no-serve") as process:
            until(lambda: asked(folder, "select 1 from deliveries where state = 'unknown'"))
            assert stop(process) == 11
    assert healthy.taken == []


def test_the_desk_of_a_service_tells_its_heartbeat(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        desk = free.getsockname()[1]
    settings(folder, desk=desk)

    def health() -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{desk}/-/healthz") as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    with service(folder) as process:
        until(lambda: health().get("service"))
        found = health()["service"]
        assert isinstance(found, dict)
        assert found["heartbeat_age_seconds"] < 120
        assert stop(process) == 11
