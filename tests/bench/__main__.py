"""`make bench`: the whole crawl of real pages over loopback, against the plain script, as ratios within one run.

Prints a table: articles/s, CPU per article, peak memory, requests per article, text F1; then the same crawl at growing
sizes. Options: --sizes 500,2000,8000 (or --sizes "" to skip), --keep FOLDER.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.bench.pages import FOLDERS, PAGES, read_index

SCORER = PAGES.parent / "eval" / "score.py"
ACCESS = (("feed", "/feed.xml"), ("sitemap", "/sitemap.xml"), ("listing", "/news"))


@dataclass
class Figures:
    name: str
    articles: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    requests: int

    def row(self) -> str:
        n = max(1, self.articles)
        speed, cpu = self.articles / self.seconds, 1000 * self.cpu_seconds / n
        figures = f"{speed:8.1f}/s {cpu:8.1f} ms {self.peak_mib:8.0f} MiB {self.requests / n:6.2f}"
        return f"{self.name:22s} {self.articles:6d} {figures}"


@contextlib.contextmanager
def served(count: int) -> Iterator[dict[str, Any]]:
    """The publishers in a process of their own; `requests` is filled in at the end."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pages", str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    world = json.loads(server.stdout.readline())
    try:
        yield world
    finally:
        server.stdin.close()
        world.update(json.loads(server.stdout.readline() or '{"requests": 0}'))
        server.wait()


def measured(command: list[str], cwd: Path | None = None) -> tuple[float, float, float]:
    """Run a command; wall seconds, CPU seconds and peak memory (MiB, shared pages split) of its process tree."""
    started = time.monotonic()
    process = psutil.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    cpu: dict[int, float] = {}
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.1):
            total = 0.0
            with contextlib.suppress(psutil.Error):
                for one in [process, *process.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error, OSError):
                        times = one.cpu_times()
                        cpu[one.pid] = times.user + times.system
                        total += _pss_mib(one.pid)
            peak = max(peak, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.monotonic() - started
    ended.set()
    watcher.join()
    if code not in (0, 6):
        sys.exit(f"{command[:4]} ended with {code}")
    return seconds, sum(cpu.values()), peak


def _pss_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def run_plain(world: dict[str, Any], folder: Path) -> tuple[Figures, dict[str, str]]:
    db = folder / "plain.db"
    feeds = [base + "/feed.xml" for base in world["sites"].values()]
    seconds, cpu, peak = measured([sys.executable, "-m", "tests.bench.plain", str(db), *feeds])
    with contextlib.closing(sqlite3.connect(db)) as store:
        texts = {urlsplit(url).path: text for url, text in store.execute("select url, text from articles")}
    return Figures("plain script", len(texts), seconds, cpu, peak, 0), texts


def run_masthead(world: dict[str, Any], folder: Path, name: str = "masthead") -> tuple[Figures, dict[str, str]]:
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for number, (site, base) in enumerate(world["sites"].items()):
        access, path = ACCESS[number % 3]
        more = '\nlisting = { item = "li", link = "a", title = "a" }' if access == "listing" else ""
        (sources / f"{site}.toml").write_text(
            f'id = "{site}"\nname = "{site}"\nkind = "trade"\nlanguage = "en"\naccess = "{access}"\n'
            f'url = "{base}{path}"\n'
            f'keep_text = "full"\nallow_addresses = ["127.0.0.0/8"]\nmax_items = 10000\n'
            f"expect = {{ max_age_days = 36500 }}{more}\n",
            encoding="utf-8",
        )
    (folder / "masthead.toml").write_text(
        '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
    )
    seconds, cpu, peak = measured(
        [sys.executable, "-m", "scheduler", "crawl", "--all", "--quiet", "--config", str(folder / "masthead.toml")]
    )
    with contextlib.closing(sqlite3.connect(folder / "masthead.db")) as store:
        # One article may have been met under two addresses: both pages were read, and both have its text.
        rows = store.execute("select a.url, text from addresses a join articles on articles.id = article_id")
        texts = {urlsplit(url).path: text for url, text in rows if ".html" in url and "127.0.0." in url}
    return Figures(name, len(texts), seconds, cpu, peak, 0), texts


def score(texts: dict[str, str], gold: dict[str, str], folder: Path) -> dict[str, float]:
    """Text F1 per folder of pages, by the scorer; a page that was not stored counts as an empty text."""
    by_id = {gold_id: texts.get(path, "") for path, gold_id in gold.items()}
    found = {}
    for name in FOLDERS:
        predictions = folder / f"predictions-{name}.jsonl"
        rows = [{"id": row["id"], "text": by_id.get(row["id"], "")} for row in read_index(name)]
        predictions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        command = [
            sys.executable,
            str(SCORER),
            "extract",
            str(PAGES / name),
            "--predictions",
            str(predictions),
            "--json",
        ]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        found[name] = figures["text.all"]["f1"]
    return found


def compare(folder: Path) -> None:
    """Both programs on the same pages, in one run."""
    rows = []
    for name, run in (("plain", run_plain), ("masthead", run_masthead)):
        place = folder / name
        place.mkdir(parents=True)
        with served(0) as world:
            figures, texts = run(world, place)
        figures.requests = world["requests"]
        rows.append((figures, score(texts, world["articles"], place)))
    print(f"{'':22s} {'pages':>6s} {'speed':>10s} {'CPU/page':>11s} {'peak':>12s} {'req/page':>7s}  text F1")
    for figures, f1 in rows:
        print(figures.row(), " ".join(f"{name} {value:.3f}" for name, value in f1.items()))
    plain, ours = rows[0][0], rows[1][0]
    speed = (ours.articles / ours.seconds) / (plain.articles / plain.seconds)
    cpu = (plain.cpu_seconds / plain.articles) / (ours.cpu_seconds / ours.articles)
    memory = ours.peak_mib / plain.peak_mib
    print(f"\nmasthead : plain   speed {speed:.2f} x, CPU {cpu:.2f} x less, memory {memory:.2f} x\n")


def grow(folder: Path, sizes: list[int]) -> None:
    """The same crawl at growing sizes: CPU per article should stay flat."""
    for size in sizes:
        place = folder / f"size-{size}"
        with served(size) as world:
            figures, _ = run_masthead(world, place, f"masthead at {size}")
        figures.requests = world["requests"]
        print(figures.row(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="500,2000,8000")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    if not PAGES.is_dir():
        sys.exit("bench: ../shared/pages is not there; the benchmark measures on its real pages and has no others")
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="masthead-bench-"))
    try:
        compare(folder / "compare")
        grow(folder / "grow", [int(size) for size in arguments.sizes.split(",") if size])
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
