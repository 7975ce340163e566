"""What `alerts preview` shows is what the service sends: byte for byte, but for dates and ids."""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.connect import open_as_it_is
from db.ledger import Holder
from scheduler.config import Config, load_config
from scheduler.preview import preview
from scheduler.service import Service
from tests.alerts_world import Inbox, World, mail_server, quick_folder, world

__all__ = ["quick_folder"]  # a fixture of another module

START = datetime(2026, 6, 6, 22, tzinfo=UTC)  # Sunday morning in Shanghai
DAYS = 3
SETTINGS = """\
[catalogue]
builtin = false
[schedule]
rhythm_minutes = 0
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Masthead 台 <desk@desk.example>"
"""
RULES = """\
[[recipients]]
name = "ops"
address = "ops@desk.example"
quiet = "22:00-07:00"
weekly = true
[[recipients]]
name = "lee"
address = "lee@desk.example"
language = "en"
zone = "America/New_York"
instant_per_day = 2
empty_day = "skip"
[[rules]]
name = "settled"
to = ["ops", "lee"]
level = "instant"
status = ["official", "denied"]
[[rules]]
name = "temu"
to = ["ops"]
level = "weekly"
platform = ["temu"]
[[rules]]
name = "rest"
to = ["lee"]
without = ["secret"]
"""


@pytest.fixture
def config(quick_folder: Path) -> Config:
    (quick_folder / "rules.toml").write_text(RULES, encoding="utf-8")
    return _at_port(quick_folder, 25)


def _at_port(folder: Path, port: int) -> Config:
    (folder / "masthead.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    return load_config(folder / "masthead.toml")


def _fill(made: World) -> None:
    """News at whole five minutes, and an empty day."""
    rng = random.Random(3)
    for number in range(30):
        day = rng.choice((0, 2))
        at = START + timedelta(days=day, minutes=5 * rng.randrange(288))
        status = rng.choice(("reported", "rumor", "official", "denied"))
        story = made.story(
            at, status, title=f"第{number}条 “Rule” <b>{number}</b> & more", importance=number / 30,
            platforms=rng.choice((["amazon"], ["temu", "tiktok"], [])),
        )  # fmt: skip
        if status == "rumor":
            made.signal(story, "status:official", at + timedelta(hours=5))


def _live(config: Config) -> None:
    """The service by the clock, looking every five minutes."""
    now = START

    async def nothing(words: object) -> int:
        return 0

    service = Service(
        config=config, clock=lambda: now, runner=nothing, who=Holder(1, "desk", START, START), started_at=START
    )
    for step in range(DAYS * 288 + 1):
        now = START + timedelta(minutes=5 * step)
        if step % 144 == 0:
            asyncio.run(service.step())
        service.tell()


def _without_date_and_id(mail: bytes) -> bytes:
    kept = re.sub(rb"(?m)^(Date|Message-ID|References|In-Reply-To): .*\r\n", b"", mail)
    return re.sub(rb"={10,}\d+==", b"boundary", kept)


@pytest.mark.slow
def test_what_is_sent_is_what_preview_shows_byte_for_byte(config: Config) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, world(config.db) as made:
        config = _at_port(config.folder, port)
        _fill(made)
        _live(config)
        shown = config.folder / "shown"
        with closing(open_as_it_is(config.db)) as archive:
            found = preview(config, archive, since=START, now=START + timedelta(days=DAYS), out=shown)
    sent = sorted(map(_without_date_and_id, inbox.raw))
    previewed = sorted(_without_date_and_id(file.read_bytes()) for file in shown.glob("*.eml"))
    assert sent == previewed
    kinds = {kind for _, _, kind, _ in found.mails}
    assert kinds == {"instant", "daily", "weekly"}
    assert len(sent) == len(set(sent)) > 10
