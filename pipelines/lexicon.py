"""The lexicon: what names an entity, signals an event, or colours a statement. It is data; this module reads it.

Any `*.toml` in the folder may hold any of the six tables below; several tables may share an id. A file that is not
understood in full is refused with file, line and key. Nothing here looks at an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, TypeVar

import ahocorasick

from db.errors import DataFileError
from db.text import is_han
from db.tomlfile import TomlFile, build, read_toml, suggestion
from db.vocabulary import ENTITIES, EVENT_TYPES
from pipelines.learned import FILE, Learned, load_learned
from pipelines.patterns import Pattern, PatternError, compile_pattern
from pipelines.tables import (
    AUDIENCES,
    AXES,
    SIDES,
    TABLES,
    AxisTable,
    EntityTable,
    EventTable,
    Near,
    RelevanceTable,
    WordsTable,
)

T = TypeVar("T")

STRONG, WEAK = 1.0, 0.4


@dataclass(frozen=True, slots=True)
class Rule:
    """One cue: when its pattern stands in a sentence, `target` gains `weight`. `id` names it in evidence."""

    id: str
    kind: Literal["entity", "block", "event", "axis", "relevance"]
    target: str
    weight: float
    pattern: Pattern
    near: tuple[Near, ...] = ()
    types: tuple[str, ...] = ()
    steps: tuple[tuple[int, int], ...] = ()  # (group, place in group) of each part, in order
    lasts: tuple[int, ...] = ()  # the parts that end a group


@dataclass(slots=True)
class Term:
    """One plain term and all it is used for. `exact`: spellings that count, empty for any case."""

    text: str
    exact: set[str] = field(default_factory=set)
    any_case: bool = False
    entities: list[int] = field(default_factory=list)  # indexes of entity tables
    parts: list[tuple[int, int]] = field(default_factory=list)  # (rule, part)
    uses: tuple[tuple[int, int, str, bool], ...] = ()  # the same with the rule's kind, and whether it goes on a gap
    needed: bool = False
    hides_entities: bool = False
    hides_cues: bool = False  # block, authority's name or whole cue: shorter cues inside it do not count
    hides_axes: bool = False
    audiences: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)

    wants_words: bool = False  # one or two Chinese characters that must not be cut out of a longer word


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Loaded and ready: terms in an Aho-Corasick automaton whose values are (length, index of the term)."""

    version: str
    entities: tuple[EntityTable, ...]
    rules: tuple[Rule, ...]
    terms: tuple[Term, ...]
    needs: tuple[frozenset[str], ...]  # of each entity table, as plain terms
    automaton: Any
    examples: tuple[tuple[str, str, bool], ...]  # (event type, text, must match)
    defaults: Mapping[str, Mapping[str, Any]]  # of each event type: attribution, modality, commerce
    learned: Learned | None = None


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Read every ``*.toml`` of `folder` (default: the shipped one) and the weights beside them, if any.

    DataFileError names file, line and key.
    """
    folder = folder or Path(__file__).with_name("lexicon")
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DataFileError("there is no *.toml in this folder", file=str(folder))
    making = _Making()
    digest = blake2b(digest_size=6)
    for path in paths:
        file = read_toml(path)
        digest.update(path.name.encode() + b"\0" + file.text.encode() + b"\0")
        making.read(file)
    weights = folder / FILE
    if weights.exists():
        digest.update(weights.read_bytes())
    return making.finish(digest.hexdigest(), load_learned(folder))


class _Making:
    """Collects terms and rules while the files are read."""

    def __init__(self) -> None:
        self.entities: list[EntityTable] = []
        self.rules: list[Rule] = []
        self.terms: dict[str, Term] = {}
        self.needs: list[frozenset[str]] = []
        self.examples: list[tuple[str, str, bool]] = []
        self.seen: set[tuple[str, str, str]] = set()
        self.defaults: dict[str, dict[str, Any]] = {}

    def read(self, file: TomlFile) -> None:
        for name, blocks in file.data.items():
            if name not in TABLES:
                raise file.refuse(f"unknown table{suggestion(name, TABLES)}", name)
            if not isinstance(blocks, list):
                raise file.refuse(f"is written with double brackets: [[{name}]]", name)
            for index, block in enumerate(blocks):
                at = _Place(file, name, index)
                table = at.build(TABLES[name], block)
                getattr(self, f"_{name}")(table, at)

    def _entity(self, table: EntityTable, at: _Place) -> None:
        at.known("id", table.id, ENTITIES)
        index = len(self.entities)
        self.entities.append(table)
        single = [alias for alias in table.aliases if at.pattern(alias, "aliases").is_single]
        for term in self._plain(single, at, "aliases"):
            term.any_case = True
            term.entities.append(index)
            term.hides_cues |= ENTITIES[table.id].kind == "authority"
        for alias in (alias for alias in table.aliases if alias not in single):
            self._rule("entity", table.id, alias, WEAK, at, "aliases")
        for term, spelling in self._exact(table.exact, at):
            term.exact.add(spelling)
            term.entities.append(index)
        for term in self._plain(table.vetoes, at, "vetoes"):
            term.any_case = term.hides_entities = True
        needed = list(self._plain(table.needs, at, "needs"))
        for term in needed:
            term.any_case = term.needed = True
        self.needs.append(frozenset(term.text for term in needed))

    def _event(self, table: EventTable, at: _Place) -> None:
        at.known("id", table.id, EVENT_TYPES)
        for cues, key, weight in ((table.strong, "strong", STRONG), (table.weak, "weak", WEAK)):
            for cue in cues:
                self._rule("event", table.id, cue, weight, at, key, near=table.near)
        defaults = self.defaults.setdefault(table.id, {})
        for name in ("attribution", "modality", "commerce"):
            if getattr(table, name) is not None:
                defaults[name] = getattr(table, name)
        single = [block for block in table.blocks if at.pattern(block, "blocks").is_single]
        for term in self._plain(single, at, "blocks"):
            term.any_case = term.hides_cues = True
        for block in (block for block in table.blocks if block not in single):
            self._rule("block", table.id, block, WEAK, at, "blocks")
        self.examples += [(table.id, text, True) for text in table.yes]
        self.examples += [(table.id, text, False) for text in table.no]

    def _axis(self, table: AxisTable, at: _Place) -> None:
        at.known("axis", table.axis, AXES)
        at.known("value", table.value, AXES[table.axis])
        for name in table.types:
            at.known("types", name, EVENT_TYPES)
        for cue in table.cues:
            self._rule("axis", f"{table.axis}={table.value}", cue, WEAK, at, "cues", types=table.types)

    def _relevance(self, table: RelevanceTable, at: _Place) -> None:
        at.known("side", table.side, SIDES)
        for cues, key, weight in ((table.strong, "strong", STRONG), (table.weak, "weak", WEAK)):
            for cue in cues:
                self._rule("relevance", table.side, cue, weight, at, key)

    def _audience(self, table: WordsTable, at: _Place) -> None:
        at.known("id", table.id, AUDIENCES)
        for term in self._words(table, at):
            term.audiences.append(table.id)

    def _region(self, table: WordsTable, at: _Place) -> None:
        for term in self._words(table, at):
            term.regions.append(table.id)

    def _words(self, table: WordsTable, at: _Place) -> Iterator[Term]:
        for term in self._plain(table.words, at, "words"):
            term.any_case = True
            yield term
        for term, spelling in self._exact(table.exact, at):
            term.exact.add(spelling)
            yield term

    def _rule(
        self,
        kind: Literal["entity", "block", "event", "axis", "relevance"],
        target: str,
        cue: str,
        weight: float,
        at: _Place,
        key: str,
        *,
        near: tuple[Near, ...] = (),
        types: tuple[str, ...] = (),
    ) -> None:
        pattern = at.pattern(cue, key)
        if (kind, target, cue) in self.seen:
            raise at.refuse(f"{cue!r} stands there twice", key, cue)
        self.seen.add((kind, target, cue))
        # a name that stays when cues are added before it
        name = f"{target.rpartition('/')[2]}-{blake2b(f'{kind} {cue}'.encode(), digest_size=3).hexdigest()}"
        if weight == STRONG and len(cue) == 1:
            raise at.refuse(f"{cue!r}: one character is too little for a strong cue; make it weak", key, cue)
        steps = tuple((g, p) for g, group in enumerate(pattern.groups) for p in range(len(group)))
        lasts = tuple(n for n, (g, p) in enumerate(steps) if p + 1 == len(pattern.groups[g]))
        number = len(self.rules)
        self.rules.append(Rule(name, kind, target, weight, pattern, near, types, steps, lasts))
        for part, (g, p) in enumerate(steps):
            for text in pattern.groups[g][p]:
                term = self._term(text)
                term.any_case = True
                term.parts.append((number, part))
                term.hides_cues |= kind == "event" and pattern.is_single
                term.hides_axes |= target == "polarity=shield"

    def _plain(self, words: Iterable[str], at: _Place, key: str) -> Iterator[Term]:
        for word in words:
            pattern = at.pattern(word, key)
            if not pattern.is_single:
                raise at.refuse(f"{word!r}: gaps and & belong to cues", key, word)
            for text in pattern.groups[0][0]:
                yield self._term(text)

    def _exact(self, words: Iterable[str], at: _Place) -> Iterator[tuple[Term, str]]:
        for word in words:
            yield self._term(at.pattern(word, "exact").groups[0][0][0]), word

    def _term(self, text: str) -> Term:
        return self.terms.setdefault(text, Term(text))

    def finish(self, version: str, learned: Learned | None) -> Lexicon:
        automaton = ahocorasick.Automaton()
        terms = tuple(self.terms.values())
        for term in terms:
            # words that only weigh relevance or need two characters of grammar are safe enough without the cost
            kinds = {self.rules[rule].kind for rule, _ in term.parts}
            counted = term.entities or kinds & {"entity", "event", "block"} or len(term.text) == 1
            term.uses = tuple((n, p, self.rules[n].kind, self.rules[n].steps[p][1] > 0) for n, p in term.parts)
            term.wants_words = bool(counted) and len(term.text) <= 2 and all(map(is_han, term.text))
        for index, term in enumerate(terms):
            automaton.add_word(term.text, (len(term.text), index))
        automaton.make_automaton()
        return Lexicon(
            version=version,
            entities=tuple(self.entities),
            rules=tuple(self.rules),
            terms=terms,
            needs=tuple(self.needs),
            automaton=automaton,
            examples=tuple(self.examples),
            defaults=self.defaults,
            learned=learned,
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """The n-th table of its name in a file: knows the line to name in a refusal."""

    file: TomlFile
    table: str
    index: int

    def build(self, cls: type[T], block: Any) -> T:
        if not isinstance(block, dict):
            raise self.refuse(f"is written with double brackets: [[{self.table}]]", "", "")
        try:
            return build(self.file, cls, block)
        except DataFileError as error:
            raise self.refuse(error.message, error.key, "") from error

    def known(self, key: str, value: str, choices: Iterable[str]) -> None:
        if value not in choices:
            raise self.refuse(f"unknown {key} {value!r}{suggestion(value, choices)}", key, value)

    def pattern(self, source: str, key: str) -> Pattern:
        try:
            return compile_pattern(source)
        except PatternError as error:
            raise self.refuse(str(error), key, source) from error

    def refuse(self, message: str, key: str, value: str) -> DataFileError:
        lines = self.file.text.splitlines()
        headers = [n for n, line in enumerate(lines, 1) if line.strip().startswith(f"[[{self.table}]]")]
        number = headers[self.index] if self.index < len(headers) else 1
        for wanted in (
            rf"\s*[\"']?{re.escape(key)}[\"']?\s*=" if key else "",
            re.escape(f'"{value}"') if value else "",
        ):
            if wanted:
                later = (n for n, line in enumerate(lines[number - 1 :], number) if re.search(wanted, line))
                number = next(later, number)
        return DataFileError(message, file=str(self.file.path), line=number, key=key)
