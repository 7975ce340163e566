"""A source whose template changes under the real command: told with a code and a sentence, until it is mended."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.servers import Call, Server, serving
from tests.masthead_cli import masthead

pytestmark = pytest.mark.slow
HERE = "127.0.0.2"
TEXT = "".join(
    f"The port tells carriers about berth number {n} and what it will cost from March on. " for n in range(9)
)


class Newsroom:
    """A feed that grows by some items at each change; `bare`: what its newest items lack."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.pages: dict[str, str] = {}
        self._numbers = itertools.count()

    def publish(self, count: int, *, bare: str = "") -> None:
        for number in itertools.islice(self._numbers, count):
            at = format_datetime(datetime.now(UTC) - timedelta(days=2) + timedelta(minutes=number))
            title = f"<title>Berth {number} opens</title>"
            date = "" if bare == "date" else f"<pubDate>{at}</pubDate>"
            self.items.insert(0, f"<item>{title}<link>http://{HERE}:PORT/{number}</link>{date}</item>")
            article = f"<article><p>{TEXT}</p><p>Notice {number * 7919}.</p></article>"
            inside = "<div id=app></div><script src=/app.js></script>" if bare == "text" else article
            self.pages[f"/{number}"] = f"<!doctype html><html><head>{title}</head><body>{inside}</body></html>"

    def __call__(self, call: Call) -> None:
        items = "".join(self.items[:40]).replace("PORT", call.headers["host"].rpartition(":")[2])
        call.answer(f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>')

    def page(self, call: Call) -> None:
        call.answer(
            self.pages.get(call.path, ""), 200 if call.path in self.pages else 404, {"Content-Type": "text/html"}
        )


@contextmanager
def watched(folder: Path, server: Server) -> Iterator[None]:
    (folder / "sources").mkdir()
    (folder / "sources" / "port.toml").write_text(
        f'id = "port"\nname = "Port"\nkind = "trade"\nlanguage = "en"\naccess = "feed"\n'
        f'url = "{server.base}/feed"\nkeep_text = "full"\nallow_addresses = ["127.0.0.0/8"]\n',
        encoding="utf-8",
    )
    (folder / "masthead.toml").write_text(
        '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
    )
    with serving(server):
        yield


def crawl(folder: Path) -> dict[str, Any]:
    done = masthead("crawl", "port", "--json", cwd=folder)
    (run,) = json.loads(done.stdout)["sources"]
    assert (done.returncode == 6) == (run["state"] == "drift"), done.stderr
    return dict(run)


@pytest.mark.parametrize(("bare", "code"), [("text", "thin_text"), ("date", "no_dates")])
def test_a_feed_whose_articles_lose_something(tmp_path: Path, bare: str, code: str) -> None:
    room = Newsroom()
    with watched(tmp_path, Server(HERE, {"/feed": room, "*": room.page})):
        room.publish(20)
        assert crawl(tmp_path)["state"] == "ok"
        room.publish(3, bare=bare)
        told = crawl(tmp_path)
        assert (told["state"], told["code"], told["new"]) == ("drift", code, 3), told
        assert "the last 3 articles have" in told["detail"]
        assert crawl(tmp_path)["state"] == "drift", "nothing new mends nothing"
        assert f"drift ({code})" in masthead("sources", "list", cwd=tmp_path).stdout
        assert code in masthead("status", cwd=tmp_path).stdout
        room.publish(1)
        assert (mended := crawl(tmp_path))["state"] == "ok", mended
