"""What the largest documents that are let in take of memory while they are read, whatever they are made of.

Each stage reads its worst documents in a process of its own, whose peak is compared with what it held before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.crawl import _MALLOC

pytestmark = pytest.mark.slow
SIZE = 15 * 1024 * 1024
_PEAK = """
import re, sys
from pathlib import Path
SIZE = int(sys.argv[1])
def memory(name):
    return int(re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
def full(piece, head="", tail=""):
    return (head + piece * ((SIZE - len(head) - len(tail)) // len(piece.encode())) + tail).encode()
def grown(name, document, read):
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    read(document)
    print(name, len(document) >> 20, memory("VmHWM") - before, sep=":")
"""
_DOCUMENTS = """
from tests.spider_samples import refusal
RSS = "<?xml version='1.0'?><rss version='2.0'><channel>", "</channel></rss>"
ITEM = "<item><title>A</title><link>https://news.example/1</link><description>{}</description></item>"
LIST = {"items": "data", "fields": {"title": "t", "url": "u"}}
DOCUMENTS = {
    "entries": ("feed", lambda: full(ITEM.format("t"), *RSS)),
    "empty entries": ("feed", lambda: full("<item></item>", *RSS)),
    "wide characters": ("feed", lambda: full(ITEM.format("storage fees 😀" * 50), *RSS)),
    "long texts": ("feed", lambda: full(ITEM.format("word " * 6000), *RSS)),
    "one entry": ("feed", lambda: full("<a>b</a>    ", RSS[0] + "<item>", "</item>" + RSS[1])),
    "one tag": ("feed", lambda: full("<a " + "b='1' " * 100_000)),
    "addresses": ("sitemap", lambda: full("<url><loc>https://news.example/1</loc></url>", "<urlset>", "</urlset>")),
    "lines": ("sitemap", lambda: full("https://news.example/1\\n")),
    "lists": ("api", lambda: full("[],", '{"data":[', "[]]}")),
    "names": ("api", lambda: full('"a":{},', '{"data":{', '"b":1}}')),
    "list page": ("listing", lambda: full("<p a=1 b=2 c=3>x")),
    "text page": ("listing", lambda: full("word ", "<p>")),
}
refusal("feed", RSS[0] + ITEM + RSS[1])
for name, (access, body) in DOCUMENTS.items():
    grown(name, body(), lambda document: refusal(access, document))
"""
_PAGES = """
from pipelines.extract import extract
def page(piece): return full(piece, "<!doctype html><title>Fees</title><body><article>", "</article>")
PAGES = {
    "paragraphs": "<p>", "links": "<a>x", "lines": "x<br>", "cells": "<tr><td>1<td>2", "attributes": "<p a=1 b=2 c=3>",
    "words": "word ", "Chinese": "亚马逊卖家物流费用", "wide characters": "storage fees 😀 ",
    "text": "<p>Amazon tells its sellers that fees will rise in March.</p>",
}
extract(PAGES["text"] * 9, "https://news.example/1")
for name, piece in PAGES.items():
    grown(name, page(piece), lambda document: extract(document, "https://news.example/1"))
"""


@pytest.mark.parametrize(("script", "limit_mib"), [(_DOCUMENTS, 70), (_PAGES, 70)], ids=["documents", "pages"])
def test_a_document_as_large_as_may_be_takes_little_memory(script: str, limit_mib: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PEAK + script, str(SIZE)],
        cwd=Path(__file__).parents[1], env={**os.environ, **_MALLOC}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line.split(":") for line in done.stdout.splitlines()]
    assert len(rows) >= 9
    assert all(int(size_mib) >= 14 for _, size_mib, _ in rows)
    assert all(int(grown_mib) < limit_mib for _, _, grown_mib in rows), rows
