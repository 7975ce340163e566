"""Work per article of threading as the archive grows: python -m tests.bench.threading [--sizes 10000,100000,1000000]

Fills the index with made-up signatures (terms as common and as rare as words are), all within one window, which is the
worst case; then threads the same probes at every size. Prints candidates, comparisons and CPU per article, as ratios to
the smallest size.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from db.types import Signature, StoryMember
from pipelines.thread_index import ThreadIndex
from pipelines.threads import MAX_KEYS, choose_story

START = datetime(2024, 8, 1, tzinfo=UTC)
TERMS = 60_000
SIGNATURES = 4_000  # distinct ones; an archive of a million articles repeats their terms, not their texts
ARTICLES_PER_STORY = 4
PROBES = 300
FILLED_DAYS = 10


def signatures(dice: random.Random) -> Iterator[Signature]:
    """Terms by Zipf's law, a few entities and events, as many as a news item has."""
    while True:
        ranks = {int(TERMS ** dice.random()) for _ in range(40)}
        words = {f"en:w{rank}": dice.choice((1.0, 0.5, 0.5, 0.15)) for rank in ranks}
        words |= {f"act/a{dice.randrange(120)}": 1.0, f"=e{int(60 ** dice.random())}": 1.0, "place/US": 0.5}
        keys = sorted(words, key=lambda term: int(term[4:]) if term[:4] == "en:w" else 0, reverse=True)[: MAX_KEYS - 2]
        yield Signature(
            keys=(*keys, "=e1&state/ban"), language="en", entities=("e1",), events=("state/ban",), words=words
        )


def fill(index: ThreadIndex, pool: list[Signature], first: int, last: int) -> None:
    for number in range(first, last):
        at = START + timedelta(days=FILLED_DAYS * number / last)
        member = StoryMember(article_id=str(number), at=at, signature=pool[number % len(pool)])
        index.enter(f"st-{number // ARTICLES_PER_STORY}", member)


def measure(index: ThreadIndex, probes: list[StoryMember]) -> tuple[float, float, float]:
    """Candidates, compared members and CPU milliseconds per article."""
    gc.collect()
    gc.freeze()  # a walk through a million stored articles is the collector's work, not threading's
    found = compared = 0
    started = time.process_time()
    for probe in probes:
        candidates = index.candidates(probe)
        choose_story(probe, candidates)
        found += len(candidates)
        compared += sum(len(candidate.members) for candidate in candidates)
    milliseconds = (time.process_time() - started) * 1000
    return found / len(probes), compared / len(probes), milliseconds / len(probes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    options = parser.parse_args()
    dice = random.Random(7)
    made = signatures(dice)
    pool = list(islice(made, SIGNATURES))
    at = START + timedelta(days=FILLED_DAYS, hours=1)
    probes = [StoryMember(article_id=f"p{n}", at=at, signature=one) for n, one in enumerate(islice(made, PROBES))]
    index, stored, base = ThreadIndex(), 0, 0.0
    print(f"{'stored':>9s} {'candidates':>11s} {'compared':>9s} {'CPU ms':>8s} {'ratio':>6s}")
    for size in map(int, options.sizes.split(",")):
        fill(index, pool, stored, size)
        stored = size
        found, compared, milliseconds = measure(index, probes)
        base = base or milliseconds
        print(f"{size:9d} {found:11.1f} {compared:9.1f} {milliseconds:8.2f} {milliseconds / base:6.2f}", flush=True)


if __name__ == "__main__":
    main()
