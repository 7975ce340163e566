"""Speed of our extraction (title, text, authors, dates) against trafilatura's, on the same pages in one process.

Usage: python -m tests.bench.extraction [FOLDER ...] [--rounds 3]; without a folder the ones of ../shared/pages.
All get the bytes of a page; the best of the rounds counts, and they take turns page by page. For the texts' F1 there is
`make bench`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import trafilatura

from pipelines.extract import extract
from tests.bench.pages import FOLDERS, PAGES

Reader = Callable[[bytes, str], object]


def ours(page: bytes, url: str) -> object:
    return extract(page, url)


def theirs(page: bytes, url: str) -> object:
    return trafilatura.bare_extraction(page, url=url, with_metadata=True)


def body_alone(page: bytes, url: str) -> object:
    return trafilatura.extract(page)


READERS: tuple[tuple[str, Reader], ...] = (
    ("masthead extract", ours),
    ("trafilatura.extract (text)", body_alone),
    ("trafilatura (with metadata)", theirs),
)


def pages_of(folder: Path) -> list[tuple[bytes, str]]:
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(gzip.decompress((folder / row["file"]).read_bytes()), row["url"]) for row in rows]


def measure(pages: Sequence[tuple[bytes, str]], rounds: int) -> dict[str, float]:
    """CPU seconds of each reader over all pages; they take turns on every page, so that a busy machine is fair."""
    best = {name: [float("inf")] * len(pages) for name, _ in READERS}
    for _ in range(rounds):
        for number, (page, url) in enumerate(pages):
            for name, read in READERS:
                started = time.process_time()
                read(page, url)
                best[name][number] = min(best[name][number], time.process_time() - started)
    return {name: sum(seconds) for name, seconds in best.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[PAGES / name for name in FOLDERS])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for folder in arguments.folders:
        pages = pages_of(folder)
        seconds = measure(pages, arguments.rounds)
        base = seconds[READERS[1][0]]
        kilobytes = sum(len(page) for page, _ in pages) / len(pages) / 1000
        print(f"{folder.name}: {len(pages)} pages, {kilobytes:.0f} kB each")
        for name, taken in seconds.items():
            each = taken / len(pages)
            print(f"  {name:28s} {1000 * each:7.1f} ms {1 / each:7.1f} pages/s {base / taken:6.2f} x")


if __name__ == "__main__":
    main()
