"""Work of one save with its story while the archive grows: SQLite's own steps, which no loud machine changes, and CPU.

`python -m tests.bench.stories 1000 10000 100000` prints a line per size. Real threading and assessing; texts are made
of topics of which few are busy and most are seen once, over the months that the archive covers.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from db.store import Store
from db.types import Event, Evidence, Mention, Sketch, TaggedArticle
from pipelines.copies import best_match
from pipelines.statements import statements
from pipelines.threads import sign
from scheduler.story_rules import story_rules
from tests.db_samples import NOW, article, source, tagged
from tests.story_samples import read_before

MEASURED = 200  # saves at each size
_PER_DAY = 300
_NAMES = {"amazon": "Amazon", "tiktok": "TikTok", "temu": "Temu", "shein": "SHEIN", "ftc": "FTC", "eu_commission": "EU"}
_TYPES = ("platform/fees", "platform/policy", "state/ban", "commercial/partnership", "legal/penalty")
_WORDS = [a + b for a in ("fee", "ware", "ship", "store", "tax", "ad") for b in ("rate", "house", "ment", "line", "er")]


@dataclass(frozen=True, slots=True)
class Work:
    """Of one save, at so many stored articles."""

    stored: int
    steps: float  # thousands of SQLite's virtual machine
    cpu_ms: float
    largest: int  # articles of the largest story


def articles(count: int, seed: int = 8) -> Iterator[TaggedArticle]:
    """News of invented topics in order of time; every seventh text is told in Chinese."""
    rng = random.Random(seed)
    for number in range(count):
        at = NOW + timedelta(days=number / _PER_DAY)
        topic = random.Random(int(rng.paretovariate(1.1)) + 40 * (number // 2_000))  # busy ones change every week
        first, second = topic.sample(sorted(_NAMES), 2)
        kind, figure = topic.choice(_TYPES), topic.randint(2, 90)
        words = " ".join(topic.choices(_WORDS, k=6))
        title = f"{_NAMES[first]} and {_NAMES[second]}: {words}"
        text = f"{_NAMES[first]} told {_NAMES[second]} of {words}, {figure} percent. " + " ".join(
            rng.choices(_WORDS, k=40)
        )
        sketch = Sketch(
            exact=str(number), values=b"", bands=(number,), size=0
        )  # no copies: they are measured elsewhere
        given = article(
            title, text, url=f"https://harbour.example/{number}", guid=str(number), published_at=at, seen_at=at,
            sketch=sketch, language="en" if number % 7 else "zh",
        )  # fmt: skip
        quote = text.split(". ")[0]
        evidence = (Evidence(field="text", start=0, end=len(quote), rule="r", quote=quote),)
        mentions = tuple(
            Mention(entity=one, field="text", start=text.index(_NAMES[one]), end=1, surface=_NAMES[one], about=True)
            for one in (first, second)
        )
        base = tagged(given)
        tags = replace(base.tags, mentions=mentions, events=(Event(type=kind, score=1.0, evidence=evidence),))
        day = at.date().isoformat()
        yield replace(
            base,
            tags=tags,
            signature=sign(title, text, tags, date=day, language=given.language),
            statements=statements(title, text, tags, date=day, language=given.language),
        )


def measure(path: Path, sizes: list[int], saves: int = MEASURED) -> Iterator[Work]:
    """The mean of so many saves after each number of stored articles; sizes grow."""
    rules = story_rules(("amazon", "tiktok"))
    with Store.open(path) as store:
        store.sync_sources([source()])
        read_before(store)
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        stored = 0
        made = articles(max(sizes) + saves)
        for size in sizes:
            while stored < size:
                store.save(next(made), best_match, rules)
                stored += 1
            ready = [next(made) for _ in range(saves)]
            store.connection.set_progress_handler(count, 1_000)
            steps, started = 0, time.thread_time()
            for one in ready:
                store.save(one, best_match, rules)
            cpu = time.thread_time() - started
            store.connection.set_progress_handler(None, 0)
            stored += saves
            (largest,) = store.connection.execute("select max(articles) from stories").fetchone()
            yield Work(size, steps / saves, 1000 * cpu / saves, largest)


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="masthead-bench-") as folder:
        for work in measure(Path(folder) / "m.db", sizes):
            figures = f"{work.steps:8.1f} k steps {work.cpu_ms:8.2f} ms CPU"
            print(f"{work.stored:9,} stored {figures} a save; largest story {work.largest}", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 10_000])
