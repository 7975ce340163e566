"""Fits the weights of `pipelines.threads` on labelled streams.

    python -m pipelines.thread_training STREAM.jsonl...

A line of a stream has id, date, title, text and story. Run by hand; needs the extra `train` (scikit-learn, LightGBM).
Nothing of the texts is kept. The same streams give the same file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from db.types import Sketch, StoryMember
from pipelines.block_training.pack import packed
from pipelines.copies import make_sketch
from pipelines.language import main_language
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.likeness import FEATURES, View, likeness, weights_among
from pipelines.tag import tag
from pipelines.terms import load_rarity
from pipelines.thread_index import ThreadIndex
from pipelines.threads import FILE, Rule, sign

STRENGTH = 0.05  # inverse of the penalty on standardised weights
ROUNDS = 120
TREES = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 15, "lambda_l2": 5,
    "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1,
    # the same file on every machine
    "seed": 7, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
JOIN = -1.5  # log-odds: below one half, for a story split in two is harder to mend than an article to move
FOLLOW_BELOW = 1.5  # so much less likely than a join, and it may be the next act of the same affair


@dataclass(frozen=True, slots=True)
class Item:
    member: StoryMember
    sketch: Sketch
    story: str


@dataclass(frozen=True, slots=True)
class Pair:
    features: tuple[float, ...]
    same: bool
    weight: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    learned = [pair for path in options.streams for pair in pairs(items_of(read_rows(path)))]
    options.out.write_text(json.dumps(fit(learned), separators=(",", ":")) + "\n", encoding="utf-8")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, each a mapping."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def items_of(rows: Iterable[Mapping[str, Any]]) -> list[Item]:
    """The labelled articles as a stream, in order of date."""
    lexicon = load_lexicon()
    items = [_item(row, lexicon) for row in rows]
    return sorted(items, key=lambda item: (item.member.at, item.member.article_id))


def _item(row: Mapping[str, Any], lexicon: Lexicon) -> Item:
    title, text, day = row["title"], row["text"], row["date"]
    language = main_language(f"{title}\n{text[:500]}", row.get("lang", ""))
    tags = tag(title, text, lexicon, date=day, language=language)
    signature = sign(title, text, tags, date=day, language=language)
    at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    member = StoryMember(article_id=row["id"], at=at, signature=signature)
    return Item(member, make_sketch(title, text), row["story"])


def pairs(items: Iterable[Item]) -> list[Pair]:
    """Every comparison that threading would make, had it decided rightly so far."""
    index, rarity, found = ThreadIndex(), load_rarity(), []
    story_of: dict[str, str] = {}
    for item in items:
        candidates = index.candidates(item.member)
        weigh = weights_among(candidates, rarity)
        new = View(item.member, weigh)
        for candidate in candidates:
            same = story_of[candidate.members[0].article_id] == item.story
            for member in candidate.members:
                days = abs(item.member.at - member.at) / timedelta(days=1)
                features = likeness(new, View(member, weigh), days)
                found.append(Pair(features, same, 1 / len(candidate.members)))
        story_of[item.member.article_id] = item.story
        index.enter(item.story, item.member)
    return found


def fit(learned: Sequence[Pair], join: float = JOIN) -> dict[str, Any]:
    """The content of the model's file."""
    # the extra `train`, which is not there where types are checked
    import lightgbm
    import numpy
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows = numpy.array([pair.features for pair in learned])
    same, counts = [pair.same for pair in learned], [pair.weight for pair in learned]
    scaler = StandardScaler().fit(rows)
    line = LogisticRegression(C=STRENGTH, max_iter=3_000).fit(scaler.transform(rows), same, sample_weight=counts)
    weights = line.coef_[0] / scaler.scale_
    trees = lightgbm.train(
        {**TREES, "monotone_constraints": [_direction(name) for name in FEATURES]},
        lightgbm.Dataset(rows, same, weight=counts),
        num_boost_round=ROUNDS,
    )
    return {
        "join": join,
        "follow": join - FOLLOW_BELOW,
        "bias": round(float(line.intercept_[0] - (weights * scaler.mean_).sum()), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "forest": packed(trees.dump_model(), FEATURES),
    }


def _direction(name: str) -> int:
    """What more of a feature may do to the likelihood: nothing but raise it, or nothing but lower it."""
    if name == "foreign":
        return 0
    return -1 if "clash" in name or name in ("event_missing", "weeks_apart") else 1


def threaded(items: Iterable[Item], rule: Rule) -> dict[str, str]:
    """Each article's story as the rule decides it, one after the other."""
    index = ThreadIndex(rule)
    return {item.member.article_id: index.add(item.member, item.sketch)[0] for item in items}


if __name__ == "__main__":
    main()
