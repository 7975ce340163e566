"""Trains the model of blocks and writes pipelines/blocks.json: python -m pipelines.block_training.fit PAGES [--folds 5]

PAGES holds index.jsonl ({id, file, url, text} a line) and the pages as .html.gz. Needs the extra `train`. The same
pages and the same LightGBM give the same file, byte for byte. With --folds it only measures, on pages of hosts unseen.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lightgbm
import numpy

from db.charset import decode
from db.urls import host_of
from pipelines.block_training.labels import covers, tokens
from pipelines.block_training.pack import packed
from pipelines.blocks import cut
from pipelines.choose import choose, written
from pipelines.features import NAMES, Line, columns_of, lines_of
from pipelines.forest import MODEL, Forest, read
from pipelines.hidden import drop_hidden
from pipelines.markup import parse
from pipelines.metadata import descriptions_of, read_head, title_of

_ROUNDS: Final = 200
_PARAMETERS: Final = {
    "objective": "binary", "learning_rate": 0.07, "num_leaves": 16, "min_data_in_leaf": 40, "lambda_l2": 5,
    "feature_fraction": 0.3, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 127,
    # the same file on every machine
    "seed": 7, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip
_HEAVIEST_TOKENS: Final = 150
_SHORTEST_TEXT_TOKENS: Final = 100


@dataclass(frozen=True, slots=True)
class Example:
    """One page to learn from. `right` and `weights` belong to the judged lines; a page weighs the same as any other."""

    host: str
    lines: list[Line]
    columns: list[tuple[float, ...]]
    right: list[bool]
    weights: list[float]
    text: str
    title: str
    told: tuple[str, ...]


def examples(folder: Path) -> Iterator[Example]:
    for row in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        found = json.loads(row)
        raw = gzip.decompress((folder / found["file"]).read_bytes())
        tree = parse(decode(raw).text)
        if tree is None:
            continue
        head = read_head(tree)
        title, _ = title_of(head, found["url"])
        drop_hidden(tree)
        page = cut(tree)
        lines = lines_of(page)
        said = [tokens(line.block.text) for line in lines]
        cover = covers(said, tokens(found["text"]))
        whole = sum(len(words) for words, share in zip(said, cover, strict=True) if share >= 0.5)
        yield Example(
            host=host_of(found["url"]),
            lines=lines,
            columns=columns_of(page, lines, title),
            right=[share >= 0.5 for share, line in zip(cover, lines, strict=True) if line.judged],
            weights=[
                (min(len(words), _HEAVIEST_TOKENS) + 1) / max(_SHORTEST_TEXT_TOKENS, whole)
                for words, line in zip(said, lines, strict=True)
                if line.judged
            ],
            text=found["text"],
            title=title,
            told=descriptions_of(head),
        )


def train(pages: Sequence[Example]) -> dict[str, Any]:
    """The content of a model file."""
    rows = numpy.array([row for page in pages for row in zip(*page.columns, strict=True)], dtype=float)
    right = numpy.array([label for page in pages for label in page.right], dtype=int)
    weights = numpy.array([weight for page in pages for weight in page.weights])
    data = lightgbm.Dataset(rows, right, weight=weights / weights.mean(), params={"max_bin": _PARAMETERS["max_bin"]})
    return packed(lightgbm.train(_PARAMETERS, data, _ROUNDS).dump_model(), NAMES)


def measure(pages: Sequence[Example], folds: int) -> float:
    """F1 of four-token runs over pages whose hosts the model has not seen."""
    precision, recall = [], []
    for fold in range(folds):
        unseen = [page for page in pages if zlib.crc32(page.host.encode()) % folds == fold]
        forest = read(train([page for page in pages if zlib.crc32(page.host.encode()) % folds != fold]))
        for page in unseen:
            wanted, got = _runs(page.text), _runs(answer(forest, page))
            both = (wanted & got).total()
            if got:
                precision.append(both / got.total())
            recall.append(both / wanted.total())
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return 2 * p * r / (p + r)


def answer(forest: Forest, page: Example) -> str:
    judged = iter(forest.scores(page.columns))
    scores = [next(judged) if line.judged else 0.0 for line in page.lines]
    return written([page.lines[place] for place in choose(page.lines, scores, page.title, page.told).kept])


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)) if words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / MODEL)
    arguments = parser.parse_args()
    pages = list(examples(arguments.pages))
    if arguments.folds:
        print(f"{len(pages)} pages, {arguments.folds} folds: F1 {measure(pages, arguments.folds):.4f}")
        return
    arguments.out.write_text(json.dumps(train(pages), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{arguments.out}: {len(pages)} pages, {arguments.out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
