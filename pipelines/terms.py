"""What a text is about as weighted terms: words of its language, and what English and Chinese have in common.

Terms are ``en:word`` (stems of words in Latin letters, whatever the language), ``zh:词``, concepts of the glossary such
as ``act/sue``, entities ``=amazon`` and figures ``#9e+03``. A term's weight is its place (title over lead over body)
times how rare it is in such news. Pure; what was quoted from earlier posts counts nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from db.errors import DataFileError
from db.types import Tags
from pipelines.figures import Figure, figures
from pipelines.glossary import load_glossary
from pipelines.patterns import even
from pipelines.segment import words
from pipelines.sentences import BODY_WEIGHT, LEAD_WEIGHT, TITLE_WEIGHT, Page, own_text

FILE = Path(__file__).with_name("rarity.json")
_PAIR_SHARE = 0.01  # of texts with a given pair of terms; nobody counted them
_CALENDAR = re.compile(r"\s?(?:[日号月年时点分:/]|am\b|pm\b|,? 20\d\d)")
READ = 2_000  # characters; what stands below is background
TITLE, LEAD, BODY = 1.0, 0.5, 0.15  # what a term counts by its best place
MODE = "~"  # begins the terms that say how sure or far an event is
_PLACE = {TITLE_WEIGHT: TITLE, LEAD_WEIGHT: LEAD, BODY_WEIGHT: BODY}
_LATIN_WORD = re.compile(r"[a-z][a-z0-9]+(?:[-.&][a-z0-9]+)*")
_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]+")


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many of `total` texts hold a term, for each of the three kinds en, zh and shared."""

    total: Mapping[str, int]
    holds: Mapping[str, int]

    def share(self, term: str) -> float:
        """Of texts, 0..1; a term nobody has seen is nearly as rare as one seen once."""
        if "&" in term:
            return _PAIR_SHARE
        return (self.holds.get(term, 0) + 0.5) / (self.total.get(kind_of(term), 0) + 1)

    def weight(self, term: str) -> float:
        """Inverse document frequency, about 0.3 to 9."""
        return math.log(1 + 1 / self.share(term))


def kind_of(term: str) -> str:
    head = term[:3]
    return head[:2] if head in ("en:", "zh:") else "shared"


@cache
def load_rarity(file: Path = FILE) -> Rarity:
    """The shipped counts, made by `pipelines.term_counts`. DataFileError when they can not be read."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Rarity({str(k): int(v) for k, v in data["total"].items()}, data["holds"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(f"is not a file of term counts: {error}", file=str(file)) from error


def raw_terms(title: str, text: str, tags: Tags) -> dict[str, float]:
    """Terms with the weight of their best place, 0..1."""
    page = Page(title, text[:READ])
    best: dict[str, float] = {}
    for term, start in _terms(page, tags):
        place = _PLACE.get(page.sentences[page.sentence_at(start)].weight, 0.0)
        if place > best.get(term, 0.0):
            best[term] = place
    return best


def _terms(page: Page, tags: Tags) -> Iterator[tuple[str, int]]:
    folded = page.folded
    for mention in tags.mentions:
        start = mention.start + (page.text_at if mention.field == "text" else 0)
        if start < len(folded):
            yield "=" + mention.entity, start
    glossary = load_glossary()
    for found in glossary.find(folded):
        yield found.concept, found.start
        for phase in glossary.phases.get(found.concept, ()):
            yield phase, found.start
    for figure in _figures(folded):
        yield "#" + number(figure.value), figure.start
    yield from _words(folded)


def _figures(folded: str) -> Iterator[Figure]:
    """Figures that tell something: no days, hours or years, no small bare numbers."""
    for figure in figures(folded, bare=True):
        if figure.unit or (figure.value >= 10 and not _CALENDAR.match(folded, figure.end)):
            yield figure


def figures_with_units(title: str, text: str) -> frozenset[str]:
    """Figures with a unit, as ``value unit``: what two reports of one happening may not contradict each other in."""
    folded = even(f"{title}\n{own_text(title, text)[:READ]}")
    return frozenset(f"{number(figure.value)} {figure.unit}" for figure in figures(folded))


def number(value: float) -> str:
    """Three significant digits: 970.6 and 971 are the same report."""
    return f"{value:.3g}"


def _words(folded: str) -> Iterator[tuple[str, int]]:
    for word in _LATIN_WORD.finditer(folded):
        yield "en:" + stem(word[0]), word.start()
    for run in _HAN_RUN.finditer(folded):
        for word_han, start in _han_words(run[0]):
            yield "zh:" + word_han, run.start() + start


def _han_words(run: str) -> Iterator[tuple[str, int]]:
    """Words of at least two characters; neighbours that stand alone are taken in pairs: names jieba has never seen."""
    ends = sorted(words().boundaries(run))
    alone = False
    for start, end in pairwise(ends):
        if end - start > 1:
            yield run[start:end], start
        elif alone:
            yield run[start - 1 : end], start - 1
        alone = end - start == 1


def stem(word: str) -> str:
    """An English word without its regular endings; rough, the same for all forms of most words."""
    for ending, least in (("'s", 1), ("ing", 4), ("ied", 3), ("ies", 3), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word
