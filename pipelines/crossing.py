"""How tags do on gold that the weights were not fitted on: the gold in parts, each tagged by weights of the others.

Needs the extra `train` (scikit-learn). The rules are the same throughout: this shows what the weights learned by heart,
not what the rules' writers read.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from db.types import Tags
from pipelines.learned import FILE, Learned, load_learned
from pipelines.lexicon import Lexicon
from pipelines.quality_sets import Labelled
from pipelines.tag import tag
from pipelines.training import _item, _labelled, _rows, fit

FOLDS = 5
LABELS = Path(__file__).with_name("training-labels.tsv")


def can_cross() -> bool:
    """Whether what fits weights is installed."""
    return importlib.util.find_spec("sklearn") is not None


def crossed(lexicon: Lexicon, items: Sequence[Labelled], gold: Path, texts: Sequence[Path]) -> dict[str, Tags]:
    """Tags of the gold's items by id, each from weights that were fitted without it.

    `texts`: files of further items, of which `training-labels.tsv` labels some.
    """
    known = [_item(lexicon, row) for row in _rows(gold)]
    extra = [_item(lexicon, row) for row in _labelled(texts, LABELS)]
    answers: dict[str, Tags] = {}
    for part in range(FOLDS):
        learned = _learned(fit([item for item in known if fold_of(item.row["id"]) != part], extra))
        fitted = replace(lexicon, learned=learned)
        answers |= {
            item.id: tag(item.title, item.text, fitted, date=item.date or None)
            for item in items
            if fold_of(item.id) == part
        }
    return answers


def _learned(made: dict[str, Any]) -> Learned | None:
    """Through the file's form, so that what is measured is what would be shipped."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        return load_learned(Path(folder))


def fold_of(name: str) -> int:
    """In which part an item lies: by its id, so that other items change nothing."""
    return blake2b(name.encode(), digest_size=4).digest()[0] % FOLDS
