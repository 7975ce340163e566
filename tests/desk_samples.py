"""A small archive for the desk's tests, made with plain SQL on the real schema. All sentences are our own."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bs4 import BeautifulSoup
from sqlite_utils import Database

from db.desk.app import Desk
from db.desk.serve import build
from db.migrations import migrations
from db.text import set_apart, title_key

Ask = Callable[..., httpx.Response]
NOW = datetime(2024, 8, 9, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
ZONE = "Asia/Shanghai"

SOURCES: list[dict[str, object]] = [
    {
        "id": "tiktok-newsroom", "name": "TikTok Newsroom", "kind": "official", "language": "en", "access": "feed",
        "url": "https://newsroom.tiktok.example/feed", "speaks_for": ["tiktok"], "platforms": ["tiktok"], "state": "ok",
    },
    {
        "id": "amz-press", "name": "Amazon press center", "kind": "official", "language": "en", "access": "feed",
        "url": "https://press.amazon.example/rss", "speaks_for": ["amazon"], "platforms": ["amazon"], "state": "quiet",
    },
    {
        "id": "harbour-wire", "name": "Harbour Wire", "kind": "wire", "language": "en", "access": "sitemap",
        "url": "https://harbourwire.example/news.xml", "state": "ok",
    },
    {
        "id": "kuajing-ribao", "name": "跨境日报", "kind": "trade", "language": "zh", "access": "listing",
        "url": "https://kuajing.example/list", "state": "drift", "code": "too_few_items", "keep_text": "lead",
        "detail": "3 entries, 10 promised",
    },
    {
        "id": "seller-talk", "name": "老王说跨境", "kind": "self_media", "language": "zh", "access": "api",
        "url": "https://talk.example/api", "state": "refused", "code": "challenge_page",
    },
    {
        "id": "cpsc", "name": "CPSC recalls", "kind": "regulator", "language": "en", "access": "api",
        "url": "https://recalls.example/json", "speaks_for": ["cpsc"], "state": "broken", "code": "timeout",
        "detail": "no answer within 30 s",
    },
    {
        "id": "ads-rules", "name": "Amazon Ads policy page", "kind": "official", "language": "en", "access": "page",
        "url": "https://ads.amazon.example/policies", "speaks_for": ["amazon"], "state": "never",
    },
]  # fmt: skip

DEAL = "TikTok and Amazon said shoppers in the US can now buy Amazon products from ads without leaving the app."
ARTICLES: list[dict[str, object]] = [
    {
        "source": "tiktok-newsroom", "hours": 20, "title": "TikTok and Amazon make shopping from ads simpler",
        "text": f"A shorter way to the basket.\n{DEAL}\nPeople link their accounts once.", "relevance": 2,
        "platforms": ["tiktok", "amazon"],
        "events": [
            ("commercial/partnership", "official", "done", "text", "can now buy Amazon products from ads", DEAL),
            ("commercial/advertising", "official", "done", "title", "shopping from ads", ""),
        ],
    },
    {
        "source": "harbour-wire", "hours": 18, "title": "Amazon lets TikTok users check out inside the app",
        "text": f"Two rivals join hands.\n{DEAL}", "relevance": 2, "platforms": ["amazon", "tiktok"], "copy_of": 1,
        "events": [("commercial/partnership", "reported", "done", "text", "can now buy Amazon products", DEAL)],
    },
    {
        "source": "kuajing-ribao", "hours": 12, "title": "TikTok 与亚马逊打通账户，用户可在应用内下单",
        "text": "据双方公告，美国用户可在 TikTok 内直接购买亚马逊商品。\n公告未提及第三方卖家投放。", "relevance": 2,
        "platforms": ["tiktok", "amazon"], "language": "zh",
        "events": [(
            "commercial/partnership", "official", "done", "text", "可在 TikTok 内直接购买亚马逊商品",
            "据双方公告，美国用户可在 TikTok 内直接购买亚马逊商品。",
        )],
    },
    {
        "source": "seller-talk", "hours": 9, "title": "重磅！卖家现在就能去 TikTok 投广告卖亚马逊的货？",
        "text": "听说马上开放，大家赶紧准备。", "relevance": 1,
        "platforms": ["tiktok", "amazon"], "language": "zh", "flags": ["lookalike"],
        "events": [("commercial/advertising", "anonymous", "possible", "title", "投广告", "")],
    },
    {
        "source": "amz-press", "hours": 60, "title": "Amazon changes its returns processing fee for apparel",
        "text": "Amazon will lower the returns processing fee for apparel from 15 January 2025.", "relevance": 2,
        "platforms": ["amazon"],
        "events": [(
            "platform/fees", "official", "planned", "text", "lower the returns processing fee",
            "Amazon will lower the returns processing fee for apparel from 15 January 2025.",
        )],
    },
    {
        "source": "harbour-wire", "hours": 30, "title": "Brussels opens a formal inquiry into Temu",
        "text": "The Commission opened a formal inquiry into Temu over unsafe goods.", "relevance": 2,
        "platforms": ["temu"],
        "events": [(
            "state/regulation", "official", "done", "text", "opened a formal inquiry",
            "The Commission opened a formal inquiry into Temu over unsafe goods.",
        )],
    },
    {
        "source": "kuajing-ribao", "hours": 26, "title": "SHEIN 否认推迟在伦敦上市", "relevance": 2, "language": "zh",
        "text": "SHEIN 发言人否认推迟在伦敦上市的说法。", "platforms": ["shein"], "polarity": "denied",
        "events": [("commercial/capital", "reported", "planned", "title", "否认", "SHEIN 否认推迟在伦敦上市")],
    },
    {
        "source": "harbour-wire", "hours": 5, "title": "Ten kitchen gadgets on sale this weekend", "relevance": 0,
        "text": "Our favourite pans are cheaper.", "platforms": ["amazon"], "events": [], "flags": ["future_date"],
    },
]  # fmt: skip


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def make_archive(path: Path, *, articles: int | None = None) -> Path:
    """An archive with the samples; with `articles` so many rows, the samples repeated under other titles."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = wal")
        migrations.apply(Database(conn))
        for source in SOURCES:
            add_source(conn, source)
        for number in range(len(ARTICLES) if articles is None else articles):
            sample = dict(ARTICLES[number % len(ARTICLES)])
            if number >= len(ARTICLES):
                sample.update(title=f"{sample['title']} ({number})", hours=number, copy_of=None)
            add_article(conn, number + 1, sample)
        if articles is None:
            _add_runs(conn)
            conn.execute(
                "insert into revisions (article_id, number, seen_at, title, text, content_hash)"
                " values (5, 1, ?, 'Amazon changes a fee', 'Old text.', 'x')",
                [iso(NOW)],
            )
        conn.executemany(
            "insert into entities (id, name_en, name_zh, kind, parent, aliases) values (?, ?, ?, ?, ?, ?)",
            [
                ("amazon", "Amazon", "亚马逊", "platform", "", '["Amazon", "亚马逊"]'),
                ("tiktok", "TikTok", "TikTok", "platform", "bytedance", '["TikTok", "Tik Tok"]'),
            ],
        )
        conn.commit()
    return path


def add_source(conn: sqlite3.Connection, source: dict[str, object]) -> None:
    row = {
        "family": source["id"], "zone": "UTC", "keep_text": "full", "gap_hours": 48, "since": iso(NOW),
        "last_good_at": iso(NOW), "last_new_at": iso(NOW - timedelta(hours=9)), "entries": 20, **source,
    }  # fmt: skip
    insert(
        conn, "sources", {k: json.dumps(v, ensure_ascii=False) if isinstance(v, list) else v for k, v in row.items()}
    )


def add_article(conn: sqlite3.Connection, number: int, sample: dict[str, object]) -> None:
    at = NOW - timedelta(hours=int(str(sample["hours"])))
    title, text, events = str(sample["title"]), str(sample["text"]), sample["events"]
    assert isinstance(events, list)
    kind = next(source["kind"] for source in SOURCES if source["id"] == sample["source"])
    origin = sample.get("copy_of") or number
    types = list(dict.fromkeys(event[0] for event in events))
    insert(conn, "origins", {"id": number})
    insert(
        conn,
        "articles",
        {
            "id": number, "source_id": sample["source"], "source_kind": kind,
            "url": f"https://{sample['source']}.example/a/{number}", "canonical_url": f"https://x.example/{number}",
            "title": title, "title_key": title_key(title), "lead": text[:300], "text": text,
            "authors": '["A. Writer"]', "language": sample.get("language", "en"), "published_at": iso(at),
            "seen_at": iso(at), "updated_at": iso(at), "sort_at": iso(at),
            "day": f"{at + timedelta(hours=8):%Y-%m-%d}", "quality": "ok", "content_hash": f"h{number}",
            "origin_id": origin, "copy_kind": "similar" if sample.get("copy_of") else "",
            "relevance": sample["relevance"], "platforms": json.dumps(sample["platforms"]),
            "event_types": json.dumps(types), "main_event": types[0] if types else "",
            "flags": json.dumps(sample.get("flags", [])), "sketch": b"\x00\x01", "sketch_size": 2,
            "sketch_exact": f"e{number}", "sketch_bands": b"\x00",
        },
    )  # fmt: skip
    for position, event in enumerate(events):
        _add_event(conn, number, position, event, sample)
    platforms = sample["platforms"]
    assert isinstance(platforms, list)
    for entity in platforms:
        mention = {"entity": entity, "field": "title", "start": 0, "end": 1, "surface": "x", "about": 1}
        insert(conn, "mentions", {"article_id": number, **mention})
    terms = (number, set_apart(title), set_apart(text))
    conn.execute("insert into search (rowid, title, text) values (?, ?, ?)", terms)


def _add_event(
    conn: sqlite3.Connection, number: int, position: int, told: tuple[str, ...], sample: dict[str, object]
) -> None:
    kind, attribution, modality, field, cue, quote = told
    title, text = str(sample["title"]), str(sample["text"])
    start = (title if field == "title" else text).index(cue)
    event = insert(
        conn,
        "events",
        {
            "article_id": number, "position": position, "type": kind, "score": 1.5, "attribution": attribution,
            "polarity": sample.get("polarity", "asserted"), "modality": modality, "regions": '["US"]',
            "parties": '{"between": ["tiktok", "amazon"]}' if kind == "commercial/partnership" else "{}",
        },
    )  # fmt: skip
    insert(
        conn,
        "evidence",
        {
            "event_id": event, "field": field, "start": start, "end": start + len(cue), "rule": f"r-{kind[:4]}",
            "quote": quote or title,
        },
    )  # fmt: skip


def _add_runs(conn: sqlite3.Connection) -> None:
    for run, outcome in ((1, "good"), (2, "partial")):
        at = iso(NOW - timedelta(hours=2 + 24 * (2 - run)))
        row = {"id": run, "started_at": at, "ended_at": at, "pid": 1, "host": "desk", "outcome": outcome}
        insert(conn, "runs", {**row, "asked": 7, "seen": 4, "new": 5, "changed": 1, "same": 30, "requests": 44})
        for source in SOURCES:
            insert(
                conn,
                "run_sources",
                {
                    "run_id": run, "source_id": source["id"], "state": source["state"], "code": source.get("code", ""),
                    "new": 2, "same": 18, "entries": 20, "requests": 5, "seconds": 1.25, "at": at,
                },
            )  # fmt: skip
    insert(
        conn,
        "fetches",
        {
            "run_id": 2, "source_id": "cpsc", "url": "https://recalls.example/json", "at": iso(NOW),
            "purpose": "source", "status": 0, "code": "timeout", "detail": "no answer", "size_bytes": 20_480,
            "seconds": 30.0,
        },
    )  # fmt: skip


def insert(conn: sqlite3.Connection, table: str, row: dict[str, object]) -> int:
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    cursor = conn.execute(f"insert into {table} ({names}) values ({marks})", tuple(row.values()))
    return int(cursor.lastrowid or 0)


def open_desk(path: Path, **changes: Any) -> Desk:
    return build(path, **{"zone": ZONE, "language": "en", "password_hash": None, "clock": lambda: NOW, **changes})


def asker(desk: Desk, method: str = "get") -> Ask:
    """A function that sends one request through the whole application, without a network."""

    def ask(path: str, **kwargs: Any) -> httpx.Response:
        return asyncio.run(desk.client.request(method, path, **kwargs))

    return ask


def soup(response: httpx.Response) -> BeautifulSoup:
    assert response.status_code == 200, response.text[:300]
    return BeautifulSoup(response.text, "html.parser")


def cells_of(page: BeautifulSoup, column: str) -> list[str]:
    return [cell.get_text(" ", strip=True) for cell in page.select(f"td.col-{column}")]
