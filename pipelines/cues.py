"""Cues of claims: words for acts, frames, groups, outlets and places, read from `pipelines/claims` and found in a page.

The files are data in the pattern language of the lexicon; a bad one is refused with file, line and key. Every place
where a cue stands is found, not only the first. Decides nothing about what a sentence claims.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import ahocorasick

from db.errors import DataFileError
from db.tomlfile import TomlFile, build, read_toml, suggestion
from db.vocabulary import ENTITIES, EVENT_TYPES
from pipelines.patterns import Pattern, PatternError, compile_pattern, even, gap_allows
from pipelines.sentences import Page

Kind = Literal["action", "frame", "group", "outlet", "party", "place"]
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_REGIONS = "lexicon/places.toml"  # the countries are listed once, for tagging


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTable:
    """One act of the trade. `within`: wider acts that it says too; `like`: acts that announcements tell in its place;
    `against`: acts that can not be so beside it;
    `general`: too wide to be news of its own; `grave`: no announcement would leave it out."""

    id: str
    types: tuple[str, ...]
    cues: tuple[str, ...]
    within: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    general: bool = False
    grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTable:
    """How a sentence is meant. `over`: frames that do not count inside this one ("not only" holds no "not")."""

    id: str
    cues: tuple[str, ...]
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTable:
    """`words` in any case, `exact` as written; `kind` tells carriers from payment houses."""

    id: str
    words: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    kind: str = ""


_TABLES: dict[str, type[Any]] = {
    "action": ActionTable, "frame": FrameTable, "group": NameTable, "outlet": NameTable, "party": NameTable,
    "place": NameTable,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue at its place in the page, half-open, inside one sentence."""

    kind: Kind
    id: str
    start: int
    end: int
    sentence: int
    solid: bool = True  # one stretch of words, not parts with a gap


@dataclass(slots=True)
class _Rule:
    kind: Kind
    id: str
    pattern: Pattern
    exact: str = ""


@dataclass(frozen=True, slots=True)
class CueBook:
    """Loaded and ready. The automaton's values are (length, [(rule, part)]); parts of a rule follow each other."""

    version: str
    actions: Mapping[str, ActionTable]
    parties: Mapping[str, str]  # id → kind
    over: Mapping[str, frozenset[str]]  # of each frame
    outlets: frozenset[str]
    rules: tuple[_Rule, ...]
    automaton: Any

    def find(self, page: Page) -> list[Hit]:
        """Every cue of `page` by place; a shorter one inside a longer one of its kind does not count."""
        whole: list[Hit] = []
        parts: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for start, end, uses in self._terms(page):
            sentence = page.sentence_at(start)
            if end > page.sentences[sentence].end:
                continue
            for number, part in uses:
                rule = self.rules[number]
                if rule.exact and page.raw[start:end] != rule.exact:
                    continue
                if len(rule.pattern.groups[0]) == 1:
                    whole.append(Hit(rule.kind, rule.id, start, end, sentence))
                else:
                    parts[sentence, number][part].append((start, end))
        for (sentence, number), places in parts.items():
            rule = self.rules[number]
            whole += [
                Hit(rule.kind, rule.id, start, end, sentence, solid=False)
                for start, end in _chains(page.folded, places, len(rule.pattern.groups[0]))
            ]
        return _longest(whole, self.over)

    def _terms(self, page: Page) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        text, last = page.folded, len(page.folded)
        for final, (length, uses) in self.automaton.iter(text):
            start, end = final + 1 - length, final + 1
            if start and (ch := text[start - 1]) < "\u2e80" and ch.isalnum() and text[start] < "\u2e80":
                continue
            if end < last and (ch := text[end]) < "\u2e80" and ch.isalnum() and text[final] < "\u2e80":
                continue
            yield start, end, uses


def _chains(text: str, places: Mapping[int, list[tuple[int, int]]], length: int) -> Iterator[tuple[int, int]]:
    """Stretches in which all parts of an ordered pattern follow each other, each as short as it can be."""
    following = {part: sorted(places.get(part, ())) for part in range(1, length)}
    for start, end in sorted(places.get(0, ())):
        for part in range(1, length):
            options = following[part]
            index = bisect_left(options, (end, 0))
            if index == len(options) or not _near(text[end : options[index][0]]):
                break
            end = options[index][1]
        else:
            yield start, end


def _near(between: str) -> bool:
    """Close enough, and in Chinese within one clause (commas part clauses there, in English also items of a list)."""
    return gap_allows(between) and not (_COMMA.search(between) and any(ch > "\u2e80" for ch in between))


def _longest(hits: Iterable[Hit], over: Mapping[str, frozenset[str]]) -> list[Hit]:
    """Without names inside longer names, and frames inside longer ones of their own or of one that stands over them."""
    kept: list[Hit] = []
    for hit in sorted(set(hits), key=lambda h: (h.start, -h.end, h.kind, h.id)):
        around = (o for o in reversed(kept[-24:]) if o.kind == hit.kind and o.start <= hit.start and hit.end <= o.end)
        if hit.kind == "frame":
            hidden = any(o.id == hit.id or hit.id in over.get(o.id, ()) for o in around)
        elif hit.kind == "action":
            hidden = any(o.id == hit.id or (o.solid and o.end - o.start > hit.end - hit.start) for o in around)
        else:
            hidden = any((o.start, o.end) != (hit.start, hit.end) for o in around)
        if not hidden:
            kept.append(hit)
    return kept


@cache
def cue_book() -> CueBook:
    """The shipped one, read once in a process."""
    return load_cues(Path(__file__).with_name("claims"))


@cache
def act_book() -> CueBook:
    """The shipped one without its cues, for those who judge statements and find none: 15 MB less."""
    return load_cues(Path(__file__).with_name("claims"), cues=False)


def load_cues(folder: Path, *, cues: bool = True) -> CueBook:
    """Read every ``*.toml`` of `folder` and the countries of the lexicon. DataFileError names file, line and key."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DataFileError("there is no *.toml in this folder", file=str(folder))
    making = _Making(cues=cues)
    for path in paths:
        making.read(read_toml(path))
    making.regions(read_toml(Path(__file__).parent / _REGIONS))
    return making.finish()


@dataclass(slots=True)
class _Making:
    cues: bool = True
    actions: dict[str, ActionTable] = field(default_factory=dict)
    parties: dict[str, str] = field(default_factory=dict)
    over: dict[str, frozenset[str]] = field(default_factory=dict)
    outlets: set[str] = field(default_factory=set)
    rules: list[_Rule] = field(default_factory=list)
    digest: Any = field(default_factory=lambda: blake2b(digest_size=6))

    def read(self, file: TomlFile) -> None:
        self.digest.update(file.path.name.encode() + b"\0" + file.text.encode() + b"\0")
        for name, blocks in file.data.items():
            if name not in _TABLES:
                raise file.refuse(f"unknown table{suggestion(name, _TABLES)}", name)
            for block in blocks:
                table = build(file, _TABLES[name], block, name)
                if isinstance(table, ActionTable):
                    self._action(table, file)
                elif isinstance(table, FrameTable):
                    self.over[table.id] = frozenset(table.over)
                    self._add("frame", table.id, table.cues, file, "frame.cues")
                else:
                    self._name(name, table, file)

    def regions(self, file: TomlFile) -> None:
        self.digest.update(file.text.encode())
        for block in file.data.get("region", ()):
            self._name("place", build(file, NameTable, block, "region"), file)

    def _action(self, table: ActionTable, file: TomlFile) -> None:
        for name in table.types:
            if name not in EVENT_TYPES:
                raise file.refuse(f"unknown event type {name!r}{suggestion(name, EVENT_TYPES)}", "types", "action")
        self.actions[table.id] = table
        self._add("action", table.id, table.cues, file, "action.cues")

    def _name(self, kind: Any, table: NameTable, file: TomlFile) -> None:
        self._add(kind, table.id, table.words, file, f"{kind}.words")
        for spelling in table.exact if self.cues else ():
            self.rules.append(_Rule(kind, table.id, self._pattern(spelling, file, f"{kind}.exact"), spelling))
        if kind == "party":
            self.parties[table.id] = table.kind
        if kind == "outlet":
            self.outlets.add(table.id)

    def _add(self, kind: Kind, name: str, cues: Iterable[str], file: TomlFile, key: str) -> None:
        if self.cues:
            self.rules += [_Rule(kind, name, self._pattern(cue, file, key)) for cue in cues]

    def _pattern(self, cue: str, file: TomlFile, key: str) -> Pattern:
        try:
            pattern = compile_pattern(cue)
        except PatternError as error:
            raise file.refuse(str(error), *reversed(key.split("."))) from error
        if len(pattern.groups) > 1:
            raise file.refuse(f"{cue!r}: & has no place here, use a gap", *reversed(key.split(".")))
        return pattern

    def finish(self) -> CueBook:
        uses: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            for part, terms in enumerate(rule.pattern.groups[0]):
                for term in terms:
                    uses[even(term)].append((number, part))
        automaton = ahocorasick.Automaton()
        for term, where in uses.items():
            automaton.add_word(term, (len(term), where))
        automaton.make_automaton()
        kinds = self.parties | {name: entity.kind for name, entity in ENTITIES.items()}
        outlets = frozenset(self.outlets)
        return CueBook(self.digest.hexdigest(), self.actions, kinds, self.over, outlets, tuple(self.rules), automaton)
