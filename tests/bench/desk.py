"""How quick the desk's pages are on a large archive: `python -m tests.bench.desk [--articles 100000] [--keep FILE]`.

Prints the processor time a page takes (what the clock shows depends on the neighbours), its size, and the archive's.
The articles are noise in two languages; what counts is how many there are and how they are spread.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from db.migrations import migrations
from db.text import set_apart, title_key
from db.vocabulary import EVENT_TYPES
from tests.desk_samples import NOW, SOURCES, add_source, insert, iso, open_desk

_WORDS = {
    "en": ["seller", "fee", "platform", "policy", "tariff", "shop", "ads", "court", "warehouse", "amazon", "tiktok"],
    "zh": ["卖家", "平台", "费用", "规则", "广告", "关税", "物流", "店铺", "公告", "法院", "市场", "海关", "亚马逊"],
}
_PLATFORMS = ("amazon", "tiktok", "temu", "shein", "walmart", "shopee", "ebay", "aliexpress")
_KINDS = ("official", "regulator", "wire", "mainstream", "trade", "kol", "self_media")
_STATUSES = ("rumor", "reported", "corroborated", "official", "denied", "expired")
_SOURCES, _OPEN, _JOINS = 60, 40, 0.6
PAGES = (
    "/", "/stories", "/stories?platform=tiktok", "/stories?status=official&impact=4&type=state/ban&kind=kol",
    "/stories?sort=importance&platform=temu", "/stories?triage=unread", "/stories?page=100", "/stories/st-0000500",
    "/deadlines", "/deadlines.ics", "/policy", "/sources", "/scoreboard", "/quality", "/search?q=amazon",
    "/search?q=tariff+court", "/search?q=亚马逊+关税", "/search?q=amazon&platform=temu&kind=kol", "/feeds/stories.atom",
    "/masthead/articles", "/masthead/articles?platforms__has=tiktok", "/masthead/articles?_search=amazon",
)  # fmt: skip


class Maker:
    """Writes one archive; every draw comes from one seed."""

    def __init__(self, conn: sqlite3.Connection, articles: int) -> None:
        self.conn, self.articles, self.chance = conn, articles, random.Random(7)
        self.stories: list[dict[str, object]] = []
        self.made = 0

    def make(self) -> None:
        for number in range(_SOURCES):
            source = {**SOURCES[number % len(SOURCES)], "id": f"s{number}", "kind": _KINDS[number % len(_KINDS)]}
            add_source(self.conn, source)
        names = '["Amazon", "亚马逊", "AMZN"]'
        row = {"id": "amazon", "name_en": "Amazon", "name_zh": "亚马逊", "kind": "platform", "aliases": names}
        insert(self.conn, "entities", row)
        for number in range(1, self.articles + 1):
            self.article(number)

    def article(self, number: int) -> None:
        at = NOW - timedelta(days=365) * ((self.articles - number) / self.articles)
        language = "zh" if number % 3 == 0 else "en"
        blank, source = " " if language == "en" else "", self.chance.randrange(_SOURCES)
        title = blank.join(self.chance.choices(_WORDS[language], k=8))
        text = blank.join(self.chance.choices(_WORDS[language], k=120)) + f" {number}."
        types = self.chance.sample(list(EVENT_TYPES), self.chance.choice([1, 1, 2]))
        labels = {
            "platforms": json.dumps(sorted(self.chance.sample(_PLATFORMS, self.chance.choice([1, 1, 2])))),
            "event_types": json.dumps(types), "main_event": types[0], "day": f"{at + timedelta(hours=8):%Y-%m-%d}",
        }  # fmt: skip
        insert(self.conn, "origins", {"id": number})
        row = {
            "id": number, "source_id": f"s{source}", "source_kind": _KINDS[source % len(_KINDS)], "title": title,
            "url": f"https://x.example/{number}", "title_key": title_key(title), "lead": text[:300], "text": text,
            "language": language, "published_at": iso(at), "seen_at": iso(at), "updated_at": iso(at),
            "sort_at": iso(at), "quality": "ok", "content_hash": "h", "origin_id": number,
            "relevance": self.chance.choice([0, 1, 2, 2]), "sketch": b"", "sketch_size": 1, "sketch_exact": "e",
            "sketch_bands": b"", **labels,
        }  # fmt: skip
        insert(self.conn, "articles", row)
        insert(self.conn, "search", {"rowid": number, "title": set_apart(title), "text": set_apart(text)})
        self.story(number, at, {"source_kinds": row["source_kind"], "languages": language}, labels)

    def story(self, number: int, at: datetime, voice: dict[str, object], labels: dict[str, object]) -> None:
        if self.stories and self.chance.random() < _JOINS:
            story = self.chance.choice(self.stories)
            changes = "last_at = ?, articles = articles + 1, origins = origins + 1"
            self.conn.execute(f"update stories set {changes} where id = ?", (iso(at), story["id"]))
        else:
            self.made += 1
            story = {"id": f"st-{self.made:07d}", "status": self.chance.choice(_STATUSES)}
            row = {
                **story, **labels, **{name: json.dumps([value]) for name, value in voice.items()}, "first_at": iso(at),
                "last_at": iso(at), "status_at": iso(at), "updated_at": iso(at), "line_en": f"A happening {self.made}",
                "line_zh": f"某事 {self.made}", "lead_article_id": number, "articles": 1, "origins": 1, "families": 1,
                "impact": self.chance.randrange(5), "importance": self.chance.random(), "credibility": 0.5,
            }  # fmt: skip
            insert(self.conn, "stories", row)
            self.stories = [*self.stories, story][-_OPEN:]
        seat = {"article_id": number, "story_id": story["id"], "at": iso(at), "origin_article_id": number}
        insert(self.conn, "story_articles", seat)
        place = {
            "story_id": story["id"],
            "article_id": number,
            "quote": "A sentence.",
            "field": "text",
            "start": 0,
            "end": 4,
        }
        if self.chance.random() < 0.3:
            move = {"status": story["status"], "at": iso(at), "recorded_at": iso(at), "quote": "A sentence."}
            insert(self.conn, "status_moves", {"story_id": story["id"], "article_id": number, **move})
        if self.chance.random() < 0.05:
            insert(self.conn, "claims", {**place, "slot": "audience", "verdict": "broader", "at": iso(at)})
            day = f"{at + timedelta(days=self.chance.randrange(200)):%Y-%m-%d}"
            insert(self.conn, "deadlines", {**place, "date": day, "role": "deadline"})


def make(path: Path, articles: int) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = wal")
        conn.execute("pragma synchronous = off")
        migrations.apply(Database(conn))
        maker = Maker(conn, articles)
        maker.make()
        conn.commit()
        print(f"{articles} articles, {maker.made} stories, {path.stat().st_size // 2**20} MiB")


async def measure(path: Path, rounds: int) -> None:
    desk = open_desk(path)
    print(f"{'page':66s} {'first':>8s} {'median':>8s} {'p95':>8s}  ms of processor, kB")
    for page in PAGES:
        took = []
        for _ in range(rounds + 1):
            begun = time.process_time()
            answer = await desk.client.get(page)
            took.append(1000 * (time.process_time() - begun))
        first, rest = took[0], sorted(took[1:])
        p95 = rest[min(len(rest) - 1, round(0.95 * len(rest)))]
        told = f"{first:8.1f} {statistics.median(rest):8.1f} {p95:8.1f}  {len(answer.content) // 1024}"
        print(f"{page:66s} {told}{'' if answer.status_code == 200 else f'  {answer.status_code}'}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--keep", type=Path, help="use this archive, or make it here")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "bench.db"
        if not path.exists():
            make(path, asked.articles)
        asyncio.run(measure(path, asked.rounds))


if __name__ == "__main__":
    main()
