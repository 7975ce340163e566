"""What a case is: one hostile source beside good ones, or a story that needs several crawls or a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.hostile.servers import Script, Server, says

HERE = "127.0.0.2"  # where hostile servers and controls live; a source file allows it
XML = "application/xml"


@dataclass
class Site:
    """The place of one scenario: its server, what its source file says beyond the usual, and the canary of the world.

    Nothing may ever connect to `canary`; `secret` stands in a file at `secret_file` and must never be stored.
    """

    server: Server
    canary: Server
    secret: str
    secret_file: str
    keys: dict[str, object] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.server.base

    def page(self, path: str, script: Script | str | bytes, **headers: str) -> None:
        self.server.paths[path] = script if callable(script) else says(script, **headers)

    def feed(self, script: Script | str | bytes, **headers: str) -> None:
        self.page("/feed", script, **headers)

    def reads(self, access: str, **keys: object) -> None:
        """Another way of access than a feed."""
        self.keys |= {"access": access, **keys}


@dataclass(frozen=True, slots=True)
class Stored:
    """What the archive holds of one source after the crawl."""

    articles: Sequence[Mapping[str, Any]]
    entities: Mapping[str, set[str]]  # title → ids of mentioned entities
    run: Mapping[str, Any]  # its report

    def all_text(self) -> str:
        return "\n".join(str(value) for article in self.articles for value in article.values())


Check = Callable[[Stored], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One hostile source, and what must come of it. `rows`: articles stored; `check` raises AssertionError.

    `long`: takes longer than ten seconds by nature. `tls`: a name in `world.certificates`.
    """

    name: str
    build: Callable[[Site], object]
    code: str = ""
    state: str = "ok"
    rows: int | None = None
    check: Check | None = None
    long: bool = False
    tls: str = ""
    address: str = HERE

    @property
    def source_id(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Something that one crawl can not show; `tests` are the pytest nodes that do."""

    name: str
    tests: Sequence[str]


def item(title: str, link: str, *, text: str = "", guid: str = "", date: str | None = None) -> str:
    """An RSS item as written, nothing escaped."""
    date = format_datetime(datetime.now(UTC) - timedelta(hours=2)) if date is None else date
    return (
        f"<item><title>{title}</title><link>{link}</link>{f'<guid>{guid}</guid>' if guid else ''}"
        f"<description>{text or title}</description>{f'<pubDate>{date}</pubDate>' if date else ''}</item>"
    )


def rss(*items: str, head: str = '<?xml version="1.0"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'
