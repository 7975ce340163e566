"""Fits the weights of `pipelines.learned` on labelled news.

    python -m pipelines.training --gold dev.jsonl --texts unlabelled.jsonl.gz stories-dev.jsonl

Run by hand; needs the extra `train` (scikit-learn). Gold has texts and all labels; `--labels` has id, relevance, event
types and attribution for items of `texts`; `--sentences` are our own, with labels. Nothing of the texts is kept but
single words, pairs of words and their weights.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.learned import FILE
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.scopes import axes_of
from pipelines.tag import look
from pipelines.traits import Features, axis_features, features_of

RARE = 3  # items in which a feature must stand
STRENGTH = {"event": 0.5, "relevance": 0.5, "axis": 1.0}  # inverse of the penalty on weights
HERE = Path(__file__).parent
SMALLEST = 0.03  # weights below this are dropped
AXES = {"attribution": ("official", "reported", "anonymous"), "modality": ("done", "planned", "possible")}


@dataclass(frozen=True, slots=True)
class Item:
    row: dict[str, Any]
    features: Features
    axes: Features | None  # of the main event, where the rules found it


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--labels", type=Path, default=HERE / "training-labels.tsv")
    parser.add_argument("--sentences", type=Path, default=HERE / "training-sentences.tsv")
    parser.add_argument("--out", type=Path, default=HERE / "lexicon" / FILE)
    options = parser.parse_args(arguments)
    lexicon = load_lexicon()
    gold = [_item(lexicon, row) for row in _rows(options.gold)]
    extra = [_item(lexicon, row) for row in (*_labelled(options.texts, options.labels), *_sentences(options.sentences))]
    made = json.dumps(fit(gold, extra), ensure_ascii=False, separators=(",", ":"))
    options.out.write_text(made, encoding="utf-8")


def _rows(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def _labelled(texts: Iterable[Path], labels: Path) -> list[dict[str, Any]]:
    said = {}
    for name, relevance, events, attribution in _lines(labels):
        said[name] = {
            "relevance": int(relevance) if relevance else None,
            "events": events.split(",") if events else [],
            "attribution": attribution,
        }
    return [{**row, **said[row["id"]]} for path in texts for row in _rows(path) if row["id"] in said]


def _sentences(path: Path) -> list[dict[str, Any]]:
    return [
        {
            "title": text,
            "text": "",
            "date": None,
            "relevance": int(relevance),
            "events": events.split(",") if events else [],
            "attribution": attribution,
            "modality": modality,
        }
        for relevance, events, attribution, modality, text in _lines(path)
    ]


def _lines(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _item(lexicon: Lexicon, row: dict[str, Any]) -> Item:
    seen = look(row["title"], row["text"], lexicon, row["date"])
    features = features_of(seen.page, seen.found, seen.scores, seen.sides, seen.about)
    event = row["events"][0] if row["events"] else ""
    if event not in seen.cues:
        return Item(row, features, None)
    heard = [cue for cue in seen.found.cues if cue.rule.kind == "axis"]
    attribution, _, modality = axes_of(lexicon, seen.page, event, seen.cues[event], heard)
    return Item(row, features, axis_features(features, event, attribution, modality))


def fit(gold: Sequence[Item], extra: Sequence[Item]) -> dict[str, Any]:
    """The file of weights: slots, bias, and of each feature its slots and weights in hundredths."""
    items = [*gold, *extra]
    slots: list[str] = []
    bias: list[int] = []
    weights: dict[str, list[int]] = {}

    def keep(names: Sequence[str], model: Any, columns: Sequence[str]) -> None:
        for name, intercept, row in zip(names, model.intercept_, model.coef_, strict=True):
            slots.append(name)
            bias.append(round(100 * intercept))
            for column, weight in zip(columns, row, strict=True):
                if abs(weight) >= SMALLEST:
                    weights.setdefault(column, []).extend((len(slots) - 1, round(100 * weight)))

    for event in sorted({event for item in gold for event in item.row["events"]}):
        keep([f"event={event}"], *_fit([i.features for i in items], [event in i.row["events"] for i in items], "event"))
    judged = [item for item in items if item.row["relevance"] is not None]
    model, columns = _fit([item.features for item in judged], [item.row["relevance"] for item in judged], "relevance")
    keep([f"relevance={answer}" for answer in model.classes_], model, columns)
    for axis in AXES:
        told = [item for item in items if item.axes is not None and item.row.get(axis)]
        model, columns = _fit([item.axes or {} for item in told], [item.row[axis] for item in told], "axis")
        keep([f"{axis}={answer}" for answer in model.classes_], model, columns)
    return {"slots": slots, "bias": bias, "weights": weights}


def _fit(features: Sequence[Features], answers: Sequence[Any], kind: str) -> tuple[Any, list[str]]:
    # the extra `train`, which is not there where types are checked
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    often = Counter(name for one in features for name in one)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([{n: v for n, v in one.items() if often[n] >= RARE} for one in features])
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")  # as the solver asks
    solver = "liblinear" if kind == "event" else "lbfgs"
    model = LogisticRegression(C=STRENGTH[kind], max_iter=1_000, solver=solver, intercept_scaling=10.0)
    model.fit(matrix, answers)
    return model, list(vectors.get_feature_names_out())


if __name__ == "__main__":
    main()
