"""Counts how many texts hold each term and writes pipelines/rarity.json: python -m pipelines.term_counts NEWS.jsonl.gz

A line of NEWS has title and text. Nothing of the texts is kept but single terms and their counts. The two languages
weigh the same in what they share, however many texts of each there are.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipelines.language import main_language
from pipelines.lexicon import load_lexicon
from pipelines.tag import tag
from pipelines.terms import FILE, kind_of, raw_terms

_LEAST = {"en": 5, "zh": 2, "shared": 1}  # texts a kept term stands in


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    options.out.write_text(
        json.dumps(counts(options.news), ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n",
        encoding="utf-8",
    )


def counts(news: Path) -> dict[str, dict[str, int]]:
    lexicon = load_lexicon()
    held: dict[str, Counter[str]] = {"en": Counter(), "zh": Counter()}
    texts: Counter[str] = Counter()
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            language = "zh" if main_language(row["title"] + row["text"][:500]) == "zh" else "en"
            texts[language] += 1
            held[language].update(list(raw_terms(row["title"], row["text"], tag(row["title"], row["text"], lexicon))))
    return _balanced(texts, held)


def _balanced(texts: Counter[str], held: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    holds: dict[str, int] = {}
    for term in {*held["en"], *held["zh"]}:
        kind = kind_of(term)
        if kind == "shared":
            count = round(sum(texts["en"] * held[one][term] / texts[one] for one in held) / 2)
        else:
            count = held[kind][term]
        if count >= _LEAST[kind] and not term.startswith("#"):
            holds[term] = count
    return {"total": {"en": texts["en"], "zh": texts["zh"], "shared": texts["en"]}, "holds": holds}


if __name__ == "__main__":
    main()
