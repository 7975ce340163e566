"""A large archive for the bench of the desk, written straight into the tables, and a writer that keeps adding to it.

The articles are noise in two languages; what counts is how many there are, how long they are and how they are spread.
`python -m tests.bench.desk_archive FILE` is the writer: one article a transaction, as a crawl does, until it is ended.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.migrations import migrations
from db.text import set_apart, title_key
from db.vocabulary import EVENT_TYPES
from tests.desk_samples import NOW, SOURCES, add_source, insert, iso

_WORDS = {
    "en": ["seller", "fee", "platform", "policy", "tariff", "shop", "ads", "court", "warehouse", "amazon", "tiktok"],
    "zh": ["卖家", "平台", "费用", "规则", "广告", "关税", "物流", "店铺", "公告", "法院", "市场", "海关", "亚马逊"],
}
_PLATFORMS = ("amazon", "tiktok", "temu", "shein", "walmart", "shopee", "ebay", "aliexpress")
_KINDS = ("official", "regulator", "wire", "mainstream", "trade", "kol", "self_media")
_STATUSES = ("rumor", "reported", "corroborated", "official", "denied", "expired")
_SOURCES, _RUNS, _TEXTS, _TITLES = 60, 120, 400, 5_000
_OPEN, _JOINS = 40, 0.6  # stories that still grow, and the share of articles that join one
_BATCH = 5_000
_WRITE_SECONDS = 0.05
LARGEST, LARGEST_ARTICLES = "st-0000001", 500
Rows = dict[str, list[dict[str, Any]]]


class Maker:
    """Every draw comes from one seed; the articles lie evenly over the year before NOW."""

    def __init__(self, conn: sqlite3.Connection, articles: int, prefix: str = "st-") -> None:
        self.conn, self.articles, self.prefix, self.chance = conn, articles, prefix, random.Random(7)
        self.stories: dict[str, dict[str, Any]] = {}
        self.named = 0
        self.open: list[str] = []
        self.titles = {name: [self._words(name, 8) for _ in range(_TITLES)] for name in _WORDS}
        self.texts = {name: [_apart(self._words(name, 160)) for _ in range(_TEXTS)] for name in _WORDS}

    def make(self) -> None:
        for number in range(_SOURCES):
            source = {**SOURCES[number % len(SOURCES)], "id": f"s{number}", "kind": _KINDS[number % len(_KINDS)]}
            add_source(self.conn, source)
        names = '["Amazon", "亚马逊", "AMZN"]'
        row = {"id": "amazon", "name_en": "Amazon", "name_zh": "亚马逊", "kind": "platform", "aliases": names}
        insert(self.conn, "entities", row)
        self._write(self.runs())
        for first in range(1, self.articles + 1, _BATCH):
            self.add(range(first, min(first + _BATCH, self.articles + 1)))
        self._write({"stories": list(self.stories.values())})

    def add(self, numbers: Iterable[int]) -> None:
        made: Rows = {}
        for number in numbers:
            for table, row in self.rows_of(number):
                made.setdefault(table, []).append(row)
        self._write(made)

    def add_alone(self, number: int) -> None:
        """One article with a story of its own, as a crawl writes it."""
        self.stories, self.open = {}, []
        self.add([number])
        self._write({"stories": list(self.stories.values())})

    def runs(self) -> Rows:
        made: Rows = {"runs": [], "run_sources": []}
        for run in range(1, _RUNS + 1):
            at = iso(NOW - timedelta(hours=6 * (_RUNS - run)))
            made["runs"].append({"id": run, "started_at": at, "ended_at": at, "pid": 1, "host": "bench"})
            made["run_sources"] += [
                {"run_id": run, "source_id": f"s{number}", "state": self.chance.choice(["ok", "quiet", "broken"]),
                 "at": at, "new": 5}
                for number in range(_SOURCES)
            ]  # fmt: skip
        return made

    def rows_of(self, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """All rows of one article, as (table, row); its story is kept until the end."""
        at = iso(NOW - timedelta(days=365) * ((self.articles - number) / self.articles))
        language = "zh" if number % 3 == 0 else "en"
        source = self.chance.randrange(_SOURCES)
        kind = _KINDS[source % len(_KINDS)]
        title = self.chance.choice(self.titles[language])
        text, apart = self.chance.choice(self.texts[language])
        types = self.chance.sample(list(EVENT_TYPES), self.chance.choice([1, 1, 2]))
        platforms = sorted(self.chance.sample(_PLATFORMS, self.chance.choice([1, 1, 2])))
        labels = {
            "platforms": json.dumps(platforms), "event_types": json.dumps(types), "main_event": types[0],
            "day": f"{datetime.fromisoformat(at) + timedelta(hours=8):%Y-%m-%d}",
        }  # fmt: skip
        yield "origins", {"id": number}
        yield "articles", {
            "id": number, "source_id": f"s{source}", "source_kind": kind, "title": title, "title_key": title_key(title),
            "url": f"https://x.example/{number}", "lead": text[:300], "text": f"{text} {number}.", "language": language,
            "published_at": at, "seen_at": at, "updated_at": at, "sort_at": at, "quality": "ok", "content_hash": "h",
            "origin_id": number, "relevance": self.chance.choice([0, 1, 2, 2]), "sketch": bytes(512), "sketch_size": 64,
            "sketch_exact": "e", "sketch_bands": bytes(96), **labels,
        }  # fmt: skip
        yield "search", {"rowid": number, "title": set_apart(title), "text": f"{apart} {number}"}
        for place, entity in enumerate(platforms):
            yield "mentions", {
                "article_id": number, "entity": entity, "field": "title", "start": place, "end": place + 6,
                "surface": entity, "about": 1,
            }  # fmt: skip
        event = {"id": number, "article_id": number, "position": 0, "type": types[0], "score": 1.5}
        yield "events", {**event, "attribution": "reported", "polarity": "asserted", "modality": "done"}
        rule = f"r-{self.chance.randrange(300)}"
        yield "evidence", {"event_id": number, "field": "title", "start": 0, "end": 4, "rule": rule, "quote": title}
        yield from self.seat(number, at, {"source_kinds": kind, "languages": language}, labels)

    def seat(
        self, number: int, at: str, voice: dict[str, str], labels: dict[str, str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The article's place in a story, new or open, and what happened to it there."""
        story = self.story(number, at, voice, labels)
        name = story["id"]
        yield "story_articles", {"article_id": number, "story_id": name, "at": at, "origin_article_id": number}
        place = {"story_id": name, "article_id": number, "quote": "A sentence.", "field": "text", "start": 0, "end": 4}
        if self.chance.random() < 0.3:
            move = {"status": self.chance.choice(_STATUSES), "at": at, "recorded_at": at, "quote": "A sentence."}
            yield "status_moves", {"story_id": name, "article_id": number, **move}
        if self.chance.random() < 0.05:
            yield "claims", {**place, "slot": "audience", "verdict": "broader", "at": at}
            day = datetime.fromisoformat(at) + timedelta(days=self.chance.randrange(200))
            yield "deadlines", {**place, "date": f"{day:%Y-%m-%d}", "role": "deadline"}
        if self.chance.random() < 0.02:
            kind = self.chance.choice(["read", "important", "noise", "wrong_tag"])
            yield "triage", {"story_id": name, "article_id": None, "kind": kind, "by": "bench", "at": at}
        if number % 500 == 0:
            wording = {"number": 1, "seen_at": at, "title": "Before", "text": "Old.", "content_hash": "x"}
            yield "revisions", {"article_id": number, **wording, "diff": "-Old.\n+New."}

    def story(self, number: int, at: str, voice: dict[str, str], labels: dict[str, str]) -> dict[str, Any]:
        large = self.stories.get(LARGEST)
        if large and large["articles"] < LARGEST_ARTICLES and self.articles - number < 2 * LARGEST_ARTICLES:
            joined = LARGEST
        elif self.open and self.chance.random() < _JOINS:
            joined = self.chance.choice(self.open)
        else:
            joined = ""
        if joined:
            story = self.stories[joined]
            story.update(last_at=at, articles=story["articles"] + 1, origins=story["origins"] + 1)
            return story
        self.named += 1
        name = f"{self.prefix}{self.named:07d}"
        story = {
            "id": name, "status": self.chance.choice(_STATUSES), **labels,
            **{key: json.dumps([value]) for key, value in voice.items()}, "first_at": at, "last_at": at,
            "status_at": at, "updated_at": at, "line_en": f"A happening {name}", "line_zh": f"某事 {name}",
            "lead_article_id": number, "articles": 1, "origins": 1, "families": 1, "impact": self.chance.randrange(5),
            "importance": self.chance.random(), "credibility": 0.5,
        }  # fmt: skip
        self.stories[name] = story
        self.open = [*self.open, name][-_OPEN:]
        return story

    def _words(self, language: str, count: int) -> str:
        return (" " if language == "en" else "").join(self.chance.choices(_WORDS[language], k=count))

    def _write(self, made: Rows) -> None:
        for table, found in made.items():
            self.conn.executemany(_insertion(table, list(found[0])), [tuple(row.values()) for row in found])


def _apart(text: str) -> tuple[str, str]:
    return text, set_apart(text)


def _insertion(table: str, names: Sequence[str]) -> str:
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    return f"insert into {table} ({columns}) values ({marks})"


def make(path: Path, articles: int) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = wal")
        conn.execute("pragma synchronous = off")
        migrations.apply(Database(conn))
        with conn:
            Maker(conn, articles).make()


def write(path: Path) -> None:
    """Add articles until the process is ended, with pauses as between two fetched pages."""
    with closing(sqlite3.connect(path, timeout=30)) as conn:
        conn.execute("pragma synchronous = normal")
        number = conn.execute("select max(id) from articles").fetchone()[0]
        maker = Maker(conn, number, prefix=f"st-w{number}-")
        while True:
            number += 1
            maker.articles = number
            with conn:
                conn.execute("begin immediate")
                maker.add_alone(number)
            time.sleep(_WRITE_SECONDS)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
