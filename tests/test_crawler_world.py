"""Sources over weeks: what moves, lies or falls quiet, crawled with a clock that is ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crawler.health import recovered
from db.types import Source
from tests.hostile.child import Remembered, crawl
from tests.hostile.servers import Call, Server, feed, says, serving, to

HERE = "127.0.0.2"
BLOCKED = Path(__file__).parent / "documents" / "blocked"
SEEN = ("ok", "quiet")


def source(name: str, url: str, **fields: Any) -> Source:
    fields = {"kind": "trade", "access": "feed", "allow_addresses": ("127.0.0.0/29",), **fields}
    return Source(id=name, name=name, language="en", url=url, **fields)


# ------------------------------------------------------------------ F04: a source that moved
def test_a_moved_source_waits_for_a_person() -> None:
    new = Server("127.0.0.3", {"/feed": says(feed("https://e.example/1"))})
    old = Server(HERE, {"/feed": to(f"{new.base}/feed", 308)})
    one, accepted = source("one", f"{old.base}/feed"), source("one", f"{new.base}/feed")
    with serving(old, new):
        first = crawl([one])
        second = crawl([one], memory=first.memory, later=timedelta(days=1))
        asked_unreviewed = len(new.calls)
        third = crawl([accepted], memory=second.memory, later=timedelta(days=2))
    assert asked_unreviewed == 0
    for result in (first, second):
        assert (result.code("one"), result.runs["one"].state) == ("moved", "broken")
        assert result.memory.sources["one"].moved_to == f"{new.base}/feed"
    assert (third.code("one"), third.runs["one"].new, recovered(third.runs["one"])) == ("", 1, True)
    assert third.memory.sources["one"].moved_to == ""


# ------------------------------------------------------------------ F16: validators that lie
@pytest.mark.slow
def test_a_server_that_lies_about_changes_hides_them_for_a_week_at_most() -> None:
    """Three liars: one ETag for everything, a Last-Modified of long ago, and a 304 to whoever asks conditionally."""
    day = [0]

    def content() -> str:
        return feed(*(f"https://e.example/{number}" for number in range(day[0] + 1)))

    def same_etag(call: Call) -> None:
        if call.headers.get("if-none-match") == 'W/"1"':
            call.answer("", 304)
        else:
            call.answer(content(), 200, {"ETag": 'W/"1"'})

    def long_ago(call: Call) -> None:
        if "if-modified-since" in call.headers:
            call.answer("", 304)
        else:
            call.answer(content(), 200, {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"})

    def changing_etag(call: Call) -> None:
        conditional = "if-none-match" in call.headers
        call.answer("" if conditional else content(), 304 if conditional else 200, {"ETag": f'"{day[0]}"'})

    server = Server(HERE, {"/etag": same_etag, "/date": long_ago, "/changing": changing_etag})
    sources = [source(path[1:], f"{server.base}{path}") for path in server.paths]
    memory, seen = Remembered(), {one.id: [0] for one in sources}
    with serving(server):
        for day[0] in range(16):
            result = crawl(sources, memory=memory, later=timedelta(days=day[0], minutes=day[0]))
            memory = result.memory
            for one in sources:
                seen[one.id].append(seen[one.id][-1] + result.runs[one.id].new)
    for name, counts in seen.items():
        behind = [day + 1 - count for day, count in enumerate(counts[1:])]
        assert max(behind) <= 7, (name, behind)
        assert behind.count(0) >= 3, (name, behind)


# ------------------------------------------------------------------ F14, F23: a month
KINDS: dict[str, tuple[Callable[[Call], None], tuple[str, ...]]] = {
    f"{path.parent.name}-{path.stem}": (says(path.read_bytes()), (path.parent.name, "not_a_feed"))
    for folder in sorted(BLOCKED.iterdir())
    for path in sorted(folder.glob("*.html"))[:2]
} | {
    "retired": (says("<!doctype html><html><body><p>Our feed has been retired. Thank you.</p></body></html>"),
                ("not_a_feed",)),
    "no-items": (says('<?xml version="1.0"?><rss version="2.0"><channel><title>t</title></channel></rss>'),
                 ("too_few_items",)),
    "no-bytes": (says(b""), ("empty_body",)),
}  # fmt: skip


class Publisher:
    """A newsroom with a rhythm of its own, silent on weekends, that answers conditional questions as it should."""

    def __init__(self, seed: int, mean_hours: float, validators: bool) -> None:
        random, at = Random(seed), START - timedelta(days=40)
        self.validators, self.dates, self.trouble = validators, list[datetime](), dict[int, Callable[[Call], None]]()
        while at < START + timedelta(days=32):
            at += timedelta(hours=mean_hours * random.uniform(0.3, 1.7))
            while at.weekday() >= 5:
                at += timedelta(days=1)
            self.dates.append(at)

    def __call__(self, call: Call) -> None:
        today = clock["days"]
        if today in self.trouble:
            self.trouble[today](call)
            return
        body = self.feed(START + timedelta(days=today))
        etag = f'"{sha256(body.encode()).hexdigest()[:12]}"' if self.validators else ""
        if etag and call.headers.get("if-none-match") == etag:
            call.answer("", 304, {"ETag": etag})
        else:
            call.answer(body, 200, {"ETag": etag} if etag else {})

    def feed(self, now: datetime) -> str:
        items = "".join(
            f"<item><title>Report {number}</title><link>https://e.example/{id(self)}/{number}</link>"
            f"<description>{'More of it. ' * Random(number).randrange(40)}</description>"
            f"<pubDate>{format_datetime(at)}</pubDate></item>"
            for number, at in enumerate(self.dates)
            if at <= now
        )
        last = items[-20 * 400 :]
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{last[last.index("<item>") :]}</channel></rss>'


START = datetime.now(UTC)
clock = {"days": 0}


@pytest.mark.slow
def test_a_month_of_quiet_sources_and_fifteen_kinds_of_no_content() -> None:
    assert len(KINDS) == 15
    quiet = {f"quiet-{n}": Publisher(n, hours, n % 2 == 0) for n, hours in enumerate((3, 10, 24, 30, 48, 60, 90, 110))}
    troubled = {name: Publisher(100 + n, 24 + n, n % 2 == 0) for n, name in enumerate(KINDS)}
    for number, (name, (script, _)) in enumerate(KINDS.items()):
        troubled[name].trouble = {5 + number: script, 6 + number: script}
    server = Server(HERE, {f"/{name}": publisher for name, publisher in (quiet | troubled).items()})
    sources = [source(name, f"{server.base}/{name}") for name in quiet | troubled]
    memory, told_apart, alarms, recoveries = Remembered(), set[str](), list[tuple[str, int, str]](), set[str]()
    with serving(server):
        for day in range(30):
            clock["days"] = day
            result = crawl(sources, memory=memory, later=timedelta(days=day))
            memory = result.memory
            for name, run in result.runs.items():
                if name in troubled and day in troubled[name].trouble:
                    assert run.state not in SEEN, (name, day, run)
                    assert run.code in KINDS[name][1], (name, run)
                    told_apart.add(name)
                elif run.state not in SEEN:
                    alarms.append((name, day, run.state))
                elif recovered(run):
                    recoveries.add(name)
    assert alarms == []
    assert told_apart == recoveries == set(KINDS)
    for name, publisher in (quiet | troubled).items():  # and nothing was missed on the way
        known = sum(1 for _, source_id in memory.addresses if source_id == name)
        young = [at for at in publisher.dates if START - timedelta(days=3) < at <= START + timedelta(days=29)]
        assert known >= len(young), name
