"""An archive with stories and signals for the tests of alerts, and a mail server on loopback that can misbehave."""

from __future__ import annotations

import asyncio
import email
import email.policy
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from db.rows import as_json, insert, stamp
from db.store import Store
from tests.test_db_store import source

START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a Monday


@dataclass
class World:
    """Writes what threading and assessing would have written."""

    store: Store
    stories: int = 0

    def story(self, at: datetime, status: str = "reported", *, title: str = "", **columns: Any) -> str:
        """A story with one article and its first signal; returns its id."""
        with self.store.writing() as connection:
            return self._story(connection, at, status, title, columns)

    def flood(self, count: int, at: datetime) -> None:
        """So many stories at once, in one transaction."""
        with self.store.writing() as connection:
            for _ in range(count):
                self._story(connection, at, "reported", "", {})

    def _story(self, connection: Any, at: datetime, status: str, title: str, columns: dict[str, Any]) -> str:
        self.stories += 1
        number, name = self.stories, f"st-{self.stories:06}"
        title = title or f"Harbour platform changes rule {number}"
        connection.execute("insert into origins default values")
        article = insert(
            connection, "articles",
            {
                "source_id": "harbour", "source_kind": "trade", "url": f"https://harbour.example/{number}",
                "canonical_url": f"https://harbour.example/{number}", "title": title, "title_key": str(number),
                "lead": columns.pop("lead", "The lead of it."), "language": "en", "seen_at": stamp(at),
                "updated_at": stamp(at), "sort_at": stamp(at), "day": at.date().isoformat(), "quality": "ok",
                "content_hash": str(number), "origin_id": 1, "sketch_exact": "", "sketch_size": 0, "sketch": b"",
                "sketch_bands": b"", "text": "text", "published_at": stamp(at),
            },
        )  # fmt: skip
        values = {
            "id": name, "first_at": stamp(at), "last_at": stamp(at), "day": at.date().isoformat(),
            "main_event": "platform/policy", "event_types": ["platform/policy"], "platforms": ["amazon"],
            "regions": ["US"], "audience": ["third_party_sellers"], "languages": ["en"], "source_kinds": ["trade"],
            "line_en": f"Amazon: rule {number} changed, US", "line_zh": f"亚马逊：规则 {number} 调整，美国",
            "lead_article_id": article, "articles": 1, "origins": 1, "families": 1, "status": status,
            "status_at": stamp(at), "impact": 2, "importance": 0.5, "updated_at": stamp(at), **columns,
        }  # fmt: skip
        ready = {key: as_json(value) if isinstance(value, list) else value for key, value in values.items()}
        names = ", ".join(ready)
        connection.execute(
            f"insert into stories ({names}) values ({', '.join('?' * len(ready))})", tuple(ready.values())
        )
        connection.execute(
            "insert into story_articles (article_id, story_id, at, origin_article_id) values (?, ?, ?, ?)",
            (article, name, stamp(at), article),
        )
        self._signal(connection, name, f"status:{status}", status, at, 0)
        return name

    def signal(self, story: str, trigger: str, at: datetime, *, baseline: int = 0) -> None:
        """A later signal of a story; a status:… trigger moves it."""
        with self.store.writing() as connection:
            kind, _, value = trigger.partition(":")
            if kind == "status":
                connection.execute(
                    "update stories set status = ?, status_at = ? where id = ?", (value, stamp(at), story)
                )
            (status,) = connection.execute("select status from stories where id = ?", (story,)).fetchone()
            self._signal(connection, story, trigger, status, at, baseline)

    def _signal(self, connection: Any, story: str, trigger: str, status: str, at: datetime, baseline: int) -> None:
        if trigger.startswith("status:"):
            connection.execute(
                "insert into status_moves (story_id, status, at, recorded_at) values (?, ?, ?, ?)",
                (story, status, stamp(at), stamp(at)),
            )
        connection.execute(
            "insert or ignore into signals (story_id, trigger, status, at, baseline) values (?, ?, ?, ?, ?)",
            (story, trigger, status, stamp(at), baseline),
        )


@contextmanager
def world(path: Path) -> Iterator[World]:
    with Store.open(path) as store:
        store.sync_sources([source()])
        yield World(store)


@dataclass
class Inbox:
    """What a mail server took, and how it behaves: a reply per step, or `hang`, `reset`, `reset-after-dot`."""

    replies: dict[str, str] = field(default_factory=dict)  # MAIL | RCPT | DATA → "450 later", "hang", "reset"
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def _reply(self, step: str, server: SMTP) -> str | None:
        with self.lock:
            self.asked[step] += 1
        reply = self.replies.get(step)
        if reply == "hang":
            await asyncio.sleep(60)
        if reply == "reset":
            server.transport.abort()
        return reply if reply and reply[0].isdigit() else None

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = await self._reply("MAIL", server)
        envelope.mail_from = address
        return reply or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = await self._reply("RCPT", server)
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.replies.get("DATA") == "reset-after-taking":
            self._take(envelope)
            server.transport.abort()
            return "250 OK"
        reply = await self._reply("DATA", server)
        if reply:
            return reply
        self._take(envelope)
        return "250 taken"

    def _take(self, envelope: Any) -> None:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.lock:
            self.taken.append(message)  # type: ignore[arg-type]  # the default policy makes EmailMessage
            self.raw.append(envelope.content)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))


@contextmanager
def mail_server(inbox: Inbox, port: int = 0, **options: Any) -> Iterator[int]:
    """A real SMTP server on 127.0.0.1; yields its port."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port or _free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of synchronous writes are not what is asked here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)
