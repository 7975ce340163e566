"""Fits the weights of `pipelines.threads` on labelled streams: python -m pipelines.thread_training STREAM.jsonl...

A line of a stream has id, date, title, text and story. Run by hand; needs the extra `train` (scikit-learn). Nothing of
the texts is kept. The same streams give the same file.
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
from pipelines.copies import make_sketch
from pipelines.language import main_language
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.likeness import FEATURES, View, likeness, weights_among
from pipelines.tag import tag
from pipelines.terms import load_rarity
from pipelines.thread_index import ThreadIndex
from pipelines.threads import FILE, Rule, sign

STRENGTH = 0.05  # inverse of the penalty on standardised weights
JOIN = -0.75  # log-odds: below one half, for a wrong split costs as much as a wrong join and is less often seen
FOLLOW_BELOW = 2.0  # so much less likely than a join, and it may be a follow-up


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
    items = [item for path in options.streams for item in read(path)]
    items.sort(key=lambda item: (item.member.at, item.member.article_id))
    rule = fit(pairs(items))
    weights = {name: round(weight, 4) for name, weight in zip(FEATURES, rule.weights, strict=True)}
    made = {"weights": weights, "bias": round(rule.bias, 4), "join": rule.join, "follow": rule.follow}
    options.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> list[Item]:
    lexicon = load_lexicon()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [_item(row, lexicon) for row in rows]


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


def fit(learned: Sequence[Pair], join: float = JOIN) -> Rule:
    # the extra `train`, which is not there where types are checked
    import numpy
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows = numpy.array([pair.features for pair in learned])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=STRENGTH, max_iter=3_000).fit(
        scaler.transform(rows), [pair.same for pair in learned], sample_weight=[pair.weight for pair in learned]
    )
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    return Rule(tuple(float(weight) for weight in weights), bias, join, join - FOLLOW_BELOW)


def threaded(items: Iterable[Item], rule: Rule) -> dict[str, str]:
    """Each article's story as the rule decides it, one after the other."""
    index = ThreadIndex(rule)
    return {item.member.article_id: index.add(item.member, item.sketch)[0] for item in items}


if __name__ == "__main__":
    main()
