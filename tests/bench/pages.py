"""The real pages of ../shared/pages as publishers on loopback: a feed, a sitemap and a list page each, ETags, robots.

Usage: python -m tests.bench.pages COUNT, which serves COUNT articles and prints one JSON line
{"sites": {id: address}, "articles": {url path: gold id}}; ends with its input. Pages beyond the real ones are
variants with other words, so that they are no near-copies.
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
import sys
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scheduler.demo.replay import ReplayServer, Request, Response, Site

PAGES = Path(__file__).parents[3] / "shared" / "pages"
FOLDERS = ("articles", "publishers", "zh")
PUBLISHERS = 24  # few enough that their feeds and robots.txt stay a small part of the requests
_WORD = re.compile(rb"(?<=[\s>])[a-z]{4,}(?=[\s.,<])")
_TEXT = re.compile(rb"<(?:p|li|h2)[ >].*?</(?:p|li|h2)>", re.S)


def read_index(folder: str) -> list[dict[str, Any]]:
    """The gold rows of one folder, with `path` of the page file."""
    rows = []
    for line in (PAGES / folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.append({**row, "folder": folder, "path": PAGES / folder / row["file"]})
    return rows


def variant(page: bytes, number: int) -> bytes:
    """The page with most words of its paragraphs exchanged by a fixed shuffle that differs per `number`."""
    words = sorted(set(_WORD.findall(page)))
    if number == 0 or len(words) < 2:
        return page
    shuffled = list(words)
    random.Random(number).shuffle(shuffled)
    swap = dict(zip(words, shuffled, strict=True))
    return _TEXT.sub(lambda part: _WORD.sub(lambda word: swap[word[0]], part[0]), page)


def sites_of(rows: list[dict[str, Any]], count: int) -> tuple[list[Site], dict[str, str]]:
    """Publishers with `count` articles between them, and which gold item lies behind each path."""
    by_host: dict[str, list[tuple[str, dict[str, Any], int]]] = defaultdict(list)
    gold: dict[str, str] = {}
    for number in range(count):
        row, turn = rows[number % len(rows)], number // len(rows)
        path = f"/{row['folder']}/{zlib.crc32(row['id'].encode()):08x}-{turn}.html"
        host = urlsplit(row["url"]).hostname or ""
        by_host[f"s{zlib.crc32(host.encode()) % PUBLISHERS:02d}"].append((path, row, turn))
        if turn == 0:
            gold[path] = row["id"]
    return [_site(site_id, items) for site_id, items in sorted(by_host.items())], gold


def _site(site_id: str, items: list[tuple[str, dict[str, Any], int]]) -> Site:
    routes: dict[str, Any] = {}
    rss, urls, links = [], [], []
    for path, row, turn in items:
        title = html.escape(f"{row.get('title') or row['id'][:12]}" + (f" ({turn})" if turn else ""))
        address = f"{{{{base:{site_id}}}}}{path}"
        rss.append(f"<item><title>{title}</title><link>{address}</link><guid>{address}</guid></item>")
        urls.append(f"<url><loc>{address}</loc></url>")
        links.append(f'<li><a href="{path}">{title}</a></li>')

        def page(_request: Request, row: dict[str, Any] = row, turn: int = turn) -> Response:
            return Response(variant(gzip.decompress(row["path"].read_bytes()), turn), content_type="text/html")

        routes[path] = page
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{site_id}</title>{"".join(rss)}</channel></rss>'
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(urls)}</urlset>'
    routes["/feed.xml"] = Response(feed.encode(), content_type="application/rss+xml")
    routes["/sitemap.xml"] = Response(sitemap.encode(), content_type="application/xml")
    routes["/news"] = Response(f"<!doctype html><title>News</title><ul>{''.join(links)}</ul>".encode())
    return Site(site_id, routes)


def main() -> None:
    rows = [row for folder in FOLDERS for row in read_index(folder)]
    count = int(sys.argv[1]) or len(rows)
    sites, gold = sites_of(rows, count)
    with ReplayServer(sites) as server:
        print(json.dumps({"sites": {s.id: s.base for s in server.sites.values()}, "articles": gold}), flush=True)
        sys.stdin.read()
        print(json.dumps({"requests": len(server.log)}), flush=True)


if __name__ == "__main__":
    main()
