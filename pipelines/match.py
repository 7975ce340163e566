"""One pass over a page: which entities it names, which cues complete, which audiences and regions stand where.

The longest name wins; a cue inside a longer cue, an authority's name or a known look-alike does not count; Latin
terms must stand as words (Han neighbours are fine), Chinese ones of up to two characters must not be cut out of a
longer word.
Pure; time grows with the text alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from pipelines.lexicon import Lexicon, Rule, Term
from pipelines.patterns import gap_allows
from pipelines.segment import words
from pipelines.sentences import Page
from pipelines.tables import Near

_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]{1,200}")  # the folded text has no others
_MONEY = re.compile(r"[$€£¥]\s?\d|\d\s?(?:million|billion|bn|m|万|亿|美元|欧元|英镑|元|usd|eur)")


@dataclass(frozen=True, slots=True)
class Named:
    """An entity's name at its place in the page."""

    entity: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cue:
    """A completed rule: the stretch from its first to its last part, in one sentence."""

    rule: Rule
    start: int
    end: int
    sentence: int


@dataclass(slots=True)
class Matches:
    named: list[Named] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    audiences: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # by sentence
    regions: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def match(lexicon: Lexicon, page: Page, day: str | None = None) -> Matches:
    """Everything the lexicon knows in `page`; `day` (ISO) decides names that belong to an office for a time."""
    spans = _spans(lexicon, page)
    said = {term.text for _, _, term in spans if term.needed}
    found = Matches()
    boundaries = _Boundaries(page.folded)
    assembly = _Assembly(lexicon, page, found)
    entity_cover, cue_cover, axis_cover = _Cover(), _Cover(), _Cover()
    for start, end, term in spans:
        if term.wants_words and not boundaries.allow(start, end):
            continue
        tables = [i for i in term.entities if _counts(lexicon, i, said, day)] if term.entities else ()
        hidden_name = entity_cover.hides(start, end)
        if tables and not hidden_name:
            found.named += [
                Named(entity, start, end) for entity in dict.fromkeys(lexicon.entities[i].id for i in tables)
            ]
        if tables or term.hides_entities:
            entity_cover.add(start, end)
        if term.uses:
            assembly.reach(start)
            if uses := [use for use in term.uses if not use[3] or use[0] in assembly.open]:
                covered = cue_cover.hides(start, end)
                hidden = {"entity": hidden_name, "axis": axis_cover.hides(start, end),
                          "event": covered, "relevance": covered, "block": False}  # fmt: skip
                for number, part, kind, _ in uses:
                    if not hidden[kind]:
                        assembly.add(number, part, start, end)
        if term.hides_cues:
            cue_cover.add(start, end)
        if term.hides_axes:
            axis_cover.add(start, end)
        if term.regions and not hidden_name:
            found.regions[page.sentence_at(start)].update(term.regions)
        if term.audiences:
            found.audiences[page.sentence_at(start)].update(term.audiences)
    found.named = sorted(set(found.named), key=lambda name: (name.start, name.end, name.entity))
    _drop_blocked(found)
    _keep_near(lexicon, found, page)
    return found


def _spans(lexicon: Lexicon, page: Page) -> list[tuple[int, int, Term]]:
    """Whole words only, in the spelling asked for; first and longest first."""
    text, raw, terms = page.folded, page.raw, lexicon.terms
    last = len(text)
    spans = []
    for final, (length, index) in lexicon.automaton.iter(text):
        start, end = final + 1 - length, final + 1
        # a letter on both sides of an edge: cut out of a longer Latin word
        if start and (ch := text[start - 1]) < "\u2e80" and ch.isalnum() and text[start] < "\u2e80":
            continue
        if end < last and (ch := text[end]) < "\u2e80" and ch.isalnum() and text[final] < "\u2e80":
            continue
        term = terms[index]
        if not term.any_case and raw[start:end] not in term.exact:
            continue
        spans.append((start, end, term))
    spans.sort(key=lambda span: (span[0], -span[1]))
    return spans


def _counts(lexicon: Lexicon, index: int, said: set[str], day: str | None) -> bool:
    table, needs = lexicon.entities[index], lexicon.needs[index]
    if needs and needs.isdisjoint(said):
        return False
    return day is None or ((not table.since or table.since <= day) and (not table.until or day < table.until))


class _Cover:
    """The stretches seen so far (they come by start, longest first): is one strictly larger around this one?"""

    def __init__(self) -> None:
        self.start, self.end = -1, -1

    def add(self, start: int, end: int) -> None:
        if end > self.end:
            self.start, self.end = start, end

    def hides(self, start: int, end: int) -> bool:
        return end <= self.end and (start, end) != (self.start, self.end)


class _Boundaries:
    """Asks jieba about the run of Chinese around a short term, once for each run."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [run.start() for run in _HAN_RUN.finditer(text)]
        self.known: dict[int, frozenset[int]] = {}

    def allow(self, start: int, end: int) -> bool:
        if end - start == 1 and start and self.text[start - 1].isdecimal():
            return True  # a unit after a number: jieba would rather see 亿美元
        index = bisect_right(self.starts, start) - 1
        first = self.starts[index]
        if index not in self.known:
            run = _HAN_RUN.match(self.text, first)
            assert run is not None
            self.known[index] = words().boundaries(run[0])
        return start - first in self.known[index] and end - first in self.known[index]


class _Assembly:
    """Puts parts of patterns together as they come, sentence by sentence."""

    def __init__(self, lexicon: Lexicon, page: Page, found: Matches) -> None:
        self.rules, self.page, self.found = lexicon.rules, page, found
        self.sentence, self.end, self.done = -1, 0, set[int]()
        self.open: dict[int, list[tuple[int, int] | None]] = {}
        self.firsts: dict[int, tuple[int, int]] = {}

    def reach(self, start: int) -> None:
        """Go on to the sentence of `start`; parts come in order of their place."""
        if start >= self.end:
            self.sentence = self.page.sentence_at(start)
            self.end = self.page.sentences[self.sentence].end
            self.done, self.open, self.firsts = set(), {}, {}

    def add(self, number: int, part: int, start: int, end: int) -> None:
        if number in self.done:
            return
        rule = self.rules[number]
        if len(rule.steps) == 1:
            self._complete(number, start, end)
            return
        places = self.open.setdefault(number, [None] * len(rule.steps))
        if rule.steps[part][1] == 0:
            places[part] = (start, end)
            if part == 0:
                self.firsts[number] = (start, end)
        else:
            before = places[part - 1]
            if before is None or before[1] > start or not gap_allows(self.page.folded[before[1] : start]):
                return
            places[part] = (before[0], end)
        full = [span for p in rule.lasts if (span := places[p]) is not None]
        if len(full) == len(rule.lasts):
            self._complete(number, min(s for s, _ in full), max(e for _, e in full))

    def _complete(self, number: int, start: int, end: int) -> None:
        self.done.add(number)
        rule = self.rules[number]
        if rule.kind == "entity":
            self.found.named.append(Named(rule.target, *self.firsts[number]))
        else:
            self.found.cues.append(Cue(rule, start, end, self.sentence))


def _drop_blocked(found: Matches) -> None:
    """A completed block takes its type's cues that begin within it."""
    blocked = defaultdict[tuple[str, int], list[Cue]](list)
    for cue in found.cues:
        if cue.rule.kind == "block":
            blocked[cue.rule.target, cue.sentence].append(cue)
    found.cues = [
        cue
        for cue in found.cues
        if cue.rule.kind != "block"
        and not any(b.start <= cue.start < b.end for b in blocked.get((cue.rule.target, cue.sentence), ()))
    ]


def _keep_near(lexicon: Lexicon, found: Matches, page: Page) -> None:
    """Drop the cues whose sentence does not name what they ask for."""
    if not any(cue.rule.near for cue in found.cues):
        return
    kinds: dict[int, set[Near]] = defaultdict(set)
    companies: dict[int, set[str]] = defaultdict(set)
    for name in found.named:
        sentence, entity = page.sentence_at(name.start), lexicon.known[name.entity]
        kinds[sentence].add("authority" if entity.kind == "authority" else "company")
        if entity.kind != "authority":
            companies[sentence].add(entity.parent or name.entity)
    for sentence, owners in companies.items():
        if len(owners) > 1:
            kinds[sentence].add("companies")
    for sentence in found.regions:
        kinds[sentence].add("region")

    def has(cue: Cue, near: Near) -> bool:
        if near == "money":
            place = page.sentences[cue.sentence]
            return _MONEY.search(page.folded, place.start, place.end) is not None
        return near in kinds[cue.sentence]

    found.cues = [cue for cue in found.cues if not cue.rule.near or any(has(cue, near) for near in cue.rule.near)]
