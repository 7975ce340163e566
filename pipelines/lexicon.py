"""The lexicon: what names an entity, signals an event, or colours a statement. It is data; this module reads it.

Any `*.toml` may hold any of the tables below; several tables may share an id, and then add up. A team's own files come
after the shipped ones. A file that is not understood in full is refused with file, line and key. Nothing here looks at
an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import ahocorasick

from db.errors import DataFileError
from db.text import is_han
from db.tomlfile import TomlFile, suggestion
from db.vocabulary import AUDIENCES, ENTITIES, EVENT_TYPES, Entity
from pipelines.layers import SHIPPED, Layers, read_layers
from pipelines.learned import Learned, load_learned
from pipelines.patterns import Pattern
from pipelines.place import Place
from pipelines.tables import (
    AXES,
    SIDES,
    TABLES,
    AxisTable,
    EntityTable,
    EventTable,
    Near,
    OffTable,
    RelevanceTable,
    WordsTable,
)

STRONG, WEAK = 1.0, 0.4
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


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
    file: str = ""  # where it is written
    steps: tuple[tuple[int, int], ...] = ()  # (group, place in group) of each part, in order
    lasts: tuple[int, ...] = ()  # the parts that end a group


@dataclass(slots=True)
class Term:
    """One plain term and all it is used for. `exact`: spellings that count, empty for any case.

    Not sets and lists: most of thirty thousand terms have none of these, and empty ones would be 10 MB per process.
    """

    text: str
    exact: frozenset[str] = frozenset()
    any_case: bool = False
    entities: tuple[int, ...] = ()  # indexes of entity tables
    parts: tuple[tuple[int, int], ...] = ()  # (rule, part)
    uses: tuple[tuple[int, int, str, bool], ...] = ()  # the same with the rule's kind, and whether it goes on a gap
    needed: bool = False
    hides_entities: bool = False
    hides_cues: bool = False  # block, authority's name or whole cue: shorter cues inside it do not count
    hides_axes: bool = False
    audiences: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

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
    known: Mapping[str, Entity]  # every entity by id, those of own files included
    files: Mapping[Path, str]  # what it was made of
    own: tuple[Path, ...]  # those of them that are the team's
    idle: tuple[str, ...] = ()  # rules that were to be switched off and are not there
    learned: Learned | None = None


def load_lexicon(folder: Path | None = None, own: Sequence[Path] = ()) -> Lexicon:
    """Read every ``*.toml`` of `folder` (default: the shipped one) with its weights, then those of the folders `own`.

    DataFileError names file, line and key.
    """
    folder = folder or SHIPPED
    layers = read_layers(folder, own)
    making = _Making(layers)
    for file in layers.shipped:
        making.read(file, own=False)
    for file in layers.own:
        making.read(file, own=True)
    if not making.terms:
        raise DataFileError("there is not one word in the files of this folder", file=str(layers.shipped[0].path))
    return making.finish(load_learned(folder))


class _Making:
    """Collects terms and rules while the files are read."""

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.entities: list[EntityTable] = []
        self.rules: list[Rule] = []
        self.terms: dict[str, Term] = {}
        self.needs: list[frozenset[str]] = []
        self.examples: list[tuple[str, str, bool]] = []
        self.seen: dict[tuple[str, str, str], tuple[int, bool]] = {}  # number of the rule, and whether it is an own one
        self.silenced: set[str] = set()
        self.defaults: dict[str, dict[str, Any]] = {}

    def read(self, file: TomlFile, *, own: bool) -> None:
        for name, blocks in file.data.items():
            if name not in TABLES:
                raise file.refuse(f"unknown table{suggestion(name, TABLES)}", name)
            if not isinstance(blocks, list):
                raise file.refuse(f"is written with double brackets: [[{name}]]", name)
            for index, block in enumerate(blocks):
                if own or self.layers.stays(name, block):
                    at = Place(file, name, index, own)
                    getattr(self, f"_{name}")(at.build(TABLES[name], block), at)

    def _entity(self, table: EntityTable, at: Place) -> None:
        self._declared(table, at)
        index = len(self.entities)
        self.entities += (table,)
        single = [alias for alias in table.aliases if at.pattern(alias, "aliases").is_single]
        for term in self._plain(single, at, "aliases"):
            term.any_case = True
            term.entities += (index,)
            term.hides_cues |= self.layers.known[table.id].kind == "authority"
        for alias in (alias for alias in table.aliases if alias not in single):
            self._rule("entity", table.id, alias, WEAK, at, "aliases")
        for term, spelling in self._exact(table.exact, at):
            term.exact |= {spelling}
            term.entities += (index,)
        for term in self._plain(table.vetoes, at, "vetoes"):
            term.any_case = term.hides_entities = True
        needed = list(self._plain(table.needs, at, "needs"))
        for term in needed:
            term.any_case = term.needed = True
        self.needs.append(frozenset(term.text for term in needed))

    def _declared(self, table: EntityTable, at: Place) -> None:
        """A new entity brings its names; one that is known has them."""
        if table.kind is None:
            if table.id not in self.layers.known:
                hint = "to add it, give it kind and en (and zh)"
                raise at.refuse(
                    f"unknown id {table.id!r}{suggestion(table.id, self.layers.known)}; {hint}", "id", table.id
                )
            return
        if table.id in ENTITIES:
            raise at.refuse(f"{table.id!r} is known already; leave out kind, en, zh and parent", "kind", "")
        if not _ID.fullmatch(table.id):
            raise at.refuse(f"{table.id!r} is no id: small letters, digits and _, a letter first", "id", table.id)
        if not table.en:
            raise at.refuse("a new entity needs its English name: en", "id", table.id)
        if table.parent:
            at.known("parent", table.parent, self.layers.known)

    def _off(self, table: OffTable, at: Place) -> None:
        if not at.own:
            raise at.refuse("only own files switch shipped rules off", "", "")

    def _event(self, table: EventTable, at: Place) -> None:
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

    def _axis(self, table: AxisTable, at: Place) -> None:
        at.known("axis", table.axis, AXES)
        at.known("value", table.value, AXES[table.axis])
        for name in table.types:
            at.known("types", name, EVENT_TYPES)
        for cue in table.cues:
            self._rule("axis", f"{table.axis}={table.value}", cue, WEAK, at, "cues", types=table.types)

    def _relevance(self, table: RelevanceTable, at: Place) -> None:
        at.known("side", table.side, SIDES)
        for cues, key, weight in ((table.strong, "strong", STRONG), (table.weak, "weak", WEAK)):
            for cue in cues:
                self._rule("relevance", table.side, cue, weight, at, key)

    def _audience(self, table: WordsTable, at: Place) -> None:
        at.known("id", table.id, AUDIENCES)
        for term in self._words(table, at):
            term.audiences += (table.id,)

    def _region(self, table: WordsTable, at: Place) -> None:
        for term in self._words(table, at):
            term.regions += (table.id,)

    def _words(self, table: WordsTable, at: Place) -> Iterator[Term]:
        for term in self._plain(table.words, at, "words"):
            term.any_case = True
            yield term
        for term, spelling in self._exact(table.exact, at):
            term.exact |= {spelling}
            yield term

    def _rule(
        self,
        kind: Literal["entity", "block", "event", "axis", "relevance"],
        target: str,
        cue: str,
        weight: float,
        at: Place,
        key: str,
        *,
        near: tuple[Near, ...] = (),
        types: tuple[str, ...] = (),
    ) -> None:
        pattern = at.pattern(cue, key)
        # a name that stays when cues are added before it
        name = f"{target.rpartition('/')[2]}-{blake2b(f'{kind} {cue}'.encode(), digest_size=3).hexdigest()}"
        if name in self.layers.off and not at.own:
            self.silenced.add(name)
            return
        if weight == STRONG and len(cue) == 1:
            raise at.refuse(f"{cue!r}: one character is too little for a strong cue; make it weak", key, cue)
        steps = tuple((g, p) for g, group in enumerate(pattern.groups) for p in range(len(group)))
        lasts = tuple(n for n, (g, p) in enumerate(steps) if p + 1 == len(pattern.groups[g]))
        number = len(self.rules)
        rule = Rule(name, kind, target, weight, pattern, near, types, str(at.file.path), steps, lasts)
        known = self.seen.get((kind, target, cue))
        if known is not None:
            if known[1] == at.own:
                raise at.refuse(f"{cue!r} stands there twice", key, cue)
            self.rules[known[0]] = rule  # the team's weight and conditions hold; the parts are the same
            return
        self.seen[kind, target, cue] = (number, at.own)
        self.rules.append(rule)
        for part, (g, p) in enumerate(steps):
            for text in pattern.groups[g][p]:
                term = self._term(text)
                term.any_case = True
                term.parts += ((number, part),)
                term.hides_cues |= kind == "event" and pattern.is_single
                term.hides_axes |= target == "polarity=shield"

    def _plain(self, words: Iterable[str], at: Place, key: str) -> Iterator[Term]:
        for word in words:
            pattern = at.pattern(word, key)
            if not pattern.is_single:
                raise at.refuse(f"{word!r}: gaps and & belong to cues", key, word)
            for text in pattern.groups[0][0]:
                yield self._term(text)

    def _exact(self, words: Iterable[str], at: Place) -> Iterator[tuple[Term, str]]:
        for word in words:
            yield self._term(at.pattern(word, "exact").groups[0][0][0]), word

    def _term(self, text: str) -> Term:
        return self.terms.setdefault(text, Term(text))

    def finish(self, learned: Learned | None) -> Lexicon:
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
            version=self.layers.version,
            entities=tuple(self.entities),
            rules=tuple(self.rules),
            terms=terms,
            needs=tuple(self.needs),
            automaton=automaton,
            examples=tuple(self.examples),
            defaults=self.defaults,
            known=self.layers.known,
            files={file.path: file.text for file in self.layers.files},
            own=tuple(file.path for file in self.layers.own),
            idle=tuple(sorted(self.layers.off - self.silenced)),
            learned=learned,
        )
