"""Sentences and clauses of a page with the cues that stand in them: the material from which statements are cut.

Says how a sentence is meant as a whole (asked, rejected, told by others, guessed); what it claims is read elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from pipelines.cues import Hit, Kind
from pipelines.sentences import Page

LONGEST = 1_000  # characters read of a sentence: what goes on without a full stop is a list or a prank
_BREAK = re.compile(
    r"(?<!\d),|,(?!\d{3})|[;:—()]| - | -- |\bbut\b|\bwhile\b|\bwhereas\b|\balthough\b|\bthough\b|\bhowever\b|\byet\b"
    r"|但|而(?!且)|却|不过|然而"
)
_POINTS_BACK = re.compile(
    r"\s*[\"'“”]?(?:this|that|these|those|such|it|they|neither|none|no,|the (?:announcement|statement|text|company"
    r"|official|release|notice|platform|post)|in fact|in reality|actually|but|yet|however|not so|wrong|false"
    r"|这|此|该|其实|事实|但|然而|实际|不过|官方|公告|原文|声明|并非|以上|上述)"
)
_FORMER = re.compile(
    r"^\s*[\"'“]?(?:that|this|these claims|those|it|neither|none of (?:this|that|it)|no[,:]"
    r"|not so|wrong|false|nonsense)\b"
    r"|\b(?:that|so|this|of the kind|of the sort|such a thing|no such thing|either of these)[.!]"
    r"|^\s*(?:这|此|该说法|上述|以上|并非如此|事实并非|其实不|错)|(?:这么说|这样说|这一点|此事|这两点|这种说法|这个说法)[^。]{0,4}。?\s*$"
)
_QUOTED = re.compile(r"[\"“「『]([^\"“”「」『』\n]{6,400})[\"”」』]")


@dataclass(slots=True)
class Told:
    """One sentence: its place, its cues, and whether it may be taken at its word."""

    start: int
    end: int
    hits: list[Hit] = field(default_factory=list)
    silent: bool = False  # asked, rejected or noted to be missing: claims nothing

    def of(self, kind: Kind, *ids: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.kind == kind and (not ids or hit.id in ids)]

    def frames(self, *ids: str) -> list[Hit]:
        return self.of("frame", *ids)


@dataclass(frozen=True, slots=True)
class Clause:
    start: int
    end: int

    def holds(self, hit: Hit) -> bool:
        return self.start <= hit.start < self.end


class Material:
    """A page, cut up. `sentences` are in order; sentences without words are kept, so that indexes agree."""

    def __init__(self, page: Page, hits: Sequence[Hit]) -> None:
        self.page = page
        self._clauses: dict[int, list[Clause]] = {}
        by_sentence: dict[int, list[Hit]] = defaultdict(list)
        for hit in hits:
            if hit.end - page.sentences[hit.sentence].start <= LONGEST:
                by_sentence[hit.sentence].append(hit)
        self.sentences = [
            Told(sentence.start, min(sentence.end, sentence.start + LONGEST), by_sentence.get(number, []))
            for number, sentence in enumerate(page.sentences)
        ]
        self._silence()

    def _silence(self) -> None:
        """Mark questions, rejections and what they reject: the sentence itself, and the telling before it."""
        turned = [self._is_rejection(told) for told in self.sentences]
        sceptical = any(turned)
        for number, told in enumerate(self.sentences):
            asked = self._is_question(told) and not self._answered(number)
            told.silent = asked or turned[number] or (sceptical and bool(told.frames("told")))
        for number in range(1, len(self.sentences)):
            before = self.sentences[number - 1]
            if turned[number] and self._rejects_the_former(number) and before.start >= self.page.text_at:
                before.silent = True
            elif turned[number] and self._points_back(number) and before.start >= self.page.text_at:
                quoted = _QUOTED.search(self.page.folded, before.start, before.end)
                before.silent |= bool(quoted or before.frames("told", "hearsay", "rejected"))

    def _rejects_the_former(self, number: int) -> bool:
        told = self.sentences[number]
        return _FORMER.search(self.page.folded, told.start, told.end) is not None

    def _points_back(self, number: int) -> bool:
        told = self.sentences[number]
        return _POINTS_BACK.match(self.page.folded, told.start, told.end) is not None

    def _is_question(self, told: Told) -> bool:
        text = self.page.folded[told.start : told.end].rstrip("\"'”’」』) \n")
        return text.endswith(("?", "？")) or bool(told.frames("asked"))

    def _answered(self, number: int) -> bool:
        following = next((t for t in self.sentences[number + 1 :] if t.end - t.start > 2), None)
        return following is not None and any(h.start - following.start < 4 for h in following.frames("yes"))

    def _is_rejection(self, told: Told) -> bool:
        return bool(told.frames("silent", "rejected"))

    def clauses(self, told: Told) -> list[Clause]:
        """The clauses of a sentence; they cover it without holes."""
        if told.start not in self._clauses:
            self._clauses[told.start] = self._cut(told)
        return self._clauses[told.start]

    def _cut(self, told: Told) -> list[Clause]:
        breaks = [found.start() for found in _BREAK.finditer(self.page.folded, told.start, told.end)]
        edges = [told.start, *breaks, told.end]
        return [Clause(a, b) for a, b in pairwise(edges) if b > a]

    def clause_of(self, told: Told, place: int) -> Clause:
        return next(clause for clause in self.clauses(told) if clause.start <= place < clause.end)

    @cached_property
    def quotes(self) -> list[tuple[int, int]]:
        """Places of the words in quotation marks."""
        return [found.span(1) for found in _QUOTED.finditer(self.page.folded)]

    def lead(self) -> Iterator[Told]:
        """The title and the first three sentences of the text that hold words."""
        left = 3
        for told in self.sentences:
            in_title = told.start < self.page.text_at
            if in_title or (left and self.page.folded[told.start : told.end].strip()):
                left -= not in_title
                yield told
