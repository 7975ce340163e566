"""How quick the desk's pages are on a large archive, by the clock: `python -m tests.bench.desk [--sizes 10000,100000]`.

One run per size, in one process, while another process adds articles to the archive as a crawl does. Prints per page
the first answer, the median and the 95th percentile in ms by the clock, the median of processor time (which neighbours
change little), its kB, and at the second size how much that median grew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from db.desk.app import Desk
from tests.bench.desk_archive import LARGEST, make
from tests.desk_samples import open_desk

PAGES = (
    "/", "/?day=2024-06-01", "/stories", "/stories?platform=tiktok", "/stories?type=state/ban", "/stories?status=rumor",
    "/stories?impact=4", "/stories?language=zh", "/stories?kind=kol", "/stories?day=2024-08-08",
    "/stories?triage=unread", "/stories?triage=important",
    "/stories?status=official&impact=4&type=state/ban&kind=kol", "/stories?sort=importance&platform=temu",
    "/stories?page=100", "/stories/st-0000500", f"/stories/{LARGEST}", f"/stories/{LARGEST}?all=1", "/deadlines",
    "/deadlines.ics", "/policy", "/sources", "/sources/s1", "/scoreboard", "/scoreboard?days=3650", "/quality",
    "/search?q=amazon", "/search?q=tariff+court", "/search?q=亚马逊+关税", "/search?q=%22court+amazon%22",
    "/search?q=amazon&platform=temu&kind=kol", "/feeds/stories.atom", "/feeds/stories.json?platform=tiktok",
    "/feeds/stories.csv", "/masthead", "/masthead/articles", "/masthead/articles?platforms__has=tiktok",
    "/masthead/articles?source_kind=kol&language=zh", "/masthead/articles?_search=amazon", "/masthead/articles/500",
    "/masthead/stories", "/masthead/evidence", "/masthead/new", "/masthead/rules", "/-/healthz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds by the clock, and `cpu` of the processor."""

    first: float
    median: float
    p95: float
    cpu: float
    kilobytes: int
    status: int


@contextlib.contextmanager
def written(path: Path) -> Iterator[None]:
    """Somebody writes meanwhile."""
    writer = subprocess.Popen([sys.executable, "-m", "tests.bench.desk_archive", str(path)])
    try:
        yield
    finally:
        writer.terminate()
        writer.wait()


async def measure(path: Path, rounds: int) -> dict[str, Timing]:
    """Pages in turn, so that what one leaves in a cache is not what it finds there itself."""
    desk = open_desk(path)
    took: dict[str, list[float]] = {page: [] for page in PAGES}
    cost: dict[str, list[float]] = {page: [] for page in PAGES}
    last = {}
    for _ in range(rounds + 1):
        for page in PAGES:
            begun, used = time.perf_counter(), time.process_time()
            last[page] = await desk.client.get(page)
            took[page].append(1000 * (time.perf_counter() - begun))
            cost[page].append(1000 * (time.process_time() - used))
    close(desk)
    timings = {}
    for page, (first, *rest) in took.items():
        p95 = sorted(rest)[min(len(rest) - 1, round(0.95 * len(rest)))]
        answer = last[page]
        size = len(answer.content) // 1024
        cpu = statistics.median(cost[page][1:])
        timings[page] = Timing(first, statistics.median(rest), p95, cpu, size, answer.status_code)
    return timings


def close(desk: Desk) -> None:
    desk.executor.shutdown(wait=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000", help="articles of each archive")
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--keep", type=Path, help="a folder whose archives are used, or made there")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before: dict[str, Timing] = {}
        for size in (int(one) for one in asked.sizes.split(",")):
            path = (asked.keep or Path(folder)) / f"{size}.db"
            if not path.exists():
                make(path, size)
            with written(path):
                timings = asyncio.run(measure(path, asked.rounds))
            report(size, path, timings, before)
            before = timings


def report(size: int, path: Path, timings: dict[str, Timing], before: dict[str, Timing]) -> None:
    print(
        f"\n{f'{size} articles, {path.stat().st_size >> 20} MiB':58s} {'first':>7s} {'median':>7s} {'p95':>7s} ms    kB"
    )
    for page, one in timings.items():
        told = f"{page:58s} {one.first:7.0f} {one.median:7.1f} {one.p95:7.1f} {one.cpu:7.1f}    {one.kilobytes:5d}"
        grew = f"  x {one.cpu / max(before[page].cpu, 1.0):.1f}" if page in before else ""
        print(told + grew + ("" if one.status == 200 else f"  {one.status}"))
    worst = max(timings, key=lambda page: timings[page].p95)
    print(f"slowest by p95: {worst}, {timings[worst].p95:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
