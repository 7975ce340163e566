"""The yardstick: what one writes in an afternoon with Scrapy, feedparser, trafilatura, jieba and SQLite.

Usage: python -m tests.bench.plain DB FEED_URL... Crawls the feeds' articles, extracts, counts keywords, stores.
Deliberately plain, with the libraries' usual calls; it is measured, never used.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import feedparser
import jieba
import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response

KEYWORDS = {
    "partnership": ("partner", "partnership", "deal", "agreement", "合作", "联手", "签约"),
    "policy": ("policy", "rule", "tariff", "ban", "fine", "fee", "政策", "规则", "关税", "禁令", "罚款", "佣金"),
}
PLATFORMS = ("amazon", "tiktok", "temu", "shein", "亚马逊", "抖音", "希音")


class Plain(scrapy.Spider):
    name = "plain"
    feeds: tuple[str, ...] = ()
    db: str = ""

    async def start(self) -> AsyncIterator[Any]:
        self.store = sqlite3.connect(self.db)
        self.store.execute(
            "create table articles (url text primary key, title text, author text, date text, text text, tags text)"
        )
        for url in self.feeds:
            yield Request(url, self.parse_feed)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        for entry in feedparser.parse(response.body).entries:
            yield Request(entry.link, self.parse_article)

    def parse_article(self, response: Response) -> None:
        found = trafilatura.extract(
            response.body, url=response.url, output_format="json", with_metadata=True, include_comments=False
        )
        page = json.loads(found) if found else {}
        text = page.get("text") or ""
        words = Counter(word.lower() for word in jieba.lcut(f"{page.get('title') or ''}\n{text}"))
        tags = [name for name, cues in KEYWORDS.items() if any(words[cue] for cue in cues)]
        tags += [name for name in PLATFORMS if words[name]]
        row = (response.url, page.get("title"), page.get("author"), page.get("date"), text, json.dumps(tags))
        self.store.execute("insert or ignore into articles values (?, ?, ?, ?, ?, ?)", row)
        self.store.commit()


def main() -> None:
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": 32,
        }
    )
    process.crawl(Plain, db=sys.argv[1], feeds=tuple(sys.argv[2:]))
    process.start()


if __name__ == "__main__":
    main()
