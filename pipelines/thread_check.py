"""How well threading carries over to weeks it was not fitted on: each block of a labelled stream, told without it.

    python -m pipelines.thread_check STREAM.jsonl [--pairs PAIRS.jsonl] [--join -1.2 ...]

A block is a stretch without a week's pause, so no story of one reaches into another. The rule is fitted on the other
blocks, the block is threaded, and the figures are those of the evaluation script over all blocks together. Run by hand;
needs the extra `train`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

from pipelines.thread_training import FOLLOW_BELOW, JOIN, Item, fit, items_of, pairs, read_rows, threaded
from pipelines.threads import Rule, rule_of

PAUSE = timedelta(days=7)
Stories = Mapping[str, str]  # article → story
Judged = Sequence[tuple[str, str, bool]]  # two articles, and whether a reader takes them for one story


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream", type=Path)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--join", type=float, nargs="+", default=[JOIN], help="log-odds from which an article joins")
    options = parser.parse_args(arguments)
    judged = [(row["a"], row["b"], bool(row["same"])) for row in read_rows(options.pairs)] if options.pairs else []
    items = items_of(read_rows(options.stream))
    blocks = blocks_of(items)
    rules = rules_without(blocks)
    print(f"{len(items)} articles, {len(blocks)} blocks from {', '.join(f'{b[0].member.at:%Y-%m-%d}' for b in blocks)}")
    for join in options.join:
        said: dict[str, str] = {}
        for block, rule in zip(blocks, rules, strict=True):
            said |= threaded(block, replace(rule, join=join, follow=join - FOLLOW_BELOW))
        told = (f"{name} {value:.3f}" for name, value in figures(items, said, judged).items())
        print(f"join {join:5.2f}", *told, sep="  ", flush=True)


def blocks_of(items: Sequence[Item]) -> list[list[Item]]:
    """The stream, in order of date, cut at its pauses."""
    blocks: list[list[Item]] = []
    for item in items:
        if not blocks or item.member.at - blocks[-1][-1].member.at >= PAUSE:
            blocks.append([])
        blocks[-1].append(item)
    return blocks


def rules_without(blocks: Sequence[Sequence[Item]]) -> list[Rule]:
    """For each block the rule that all the others teach."""
    learned = [pairs(block) for block in blocks]
    return [
        rule_of(fit([pair for other, found in enumerate(learned) if other != place for pair in found]))
        for place in range(len(blocks))
    ]


def figures(items: Sequence[Item], said: Stories, judged: Judged) -> dict[str, float]:
    """BCubed F1 of all, en and zh, F1 of pairs in two languages, accuracy on the judged pairs."""
    gold = {item.member.article_id: item.story for item in items}
    language = {item.member.article_id: item.member.signature.language for item in items}
    found = {"all": bcubed(gold, said)}
    for name in ("en", "zh"):
        found[name] = bcubed({one: story for one, story in gold.items() if language[one] == name}, said)
    found["cross"] = crossing(gold, said, language)
    if judged:
        found["hard"] = sum((said[a] == said[b]) == same for a, b, same in judged) / len(judged)
    return found


def bcubed(gold: Stories, said: Stories) -> float:
    """F1 of the mean precision and the mean recall of each article's story (Bagga and Baldwin, 1998)."""
    both = Counter((gold[one], said[one]) for one in gold)
    told, meant = Counter(said[one] for one in gold), Counter(gold.values())
    right = [(both[gold[one], said[one]], told[said[one]], meant[gold[one]]) for one in gold]
    return (
        _f1(sum(b / t for b, t, _ in right) / len(gold), sum(b / m for b, _, m in right) / len(gold)) if gold else 0.0
    )


def crossing(gold: Stories, said: Stories, language: Stories) -> float:
    """F1 of the pairs of articles in two languages that are told as one story."""
    foreign = [(a, b) for a, b in combinations(gold, 2) if language[a] != language[b]]
    told = {(a, b) for a, b in foreign if said[a] == said[b]}
    meant = {(a, b) for a, b in foreign if gold[a] == gold[b]}
    hit = len(told & meant)
    return _f1(hit / len(told), hit / len(meant)) if told and meant else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


if __name__ == "__main__":
    main()
