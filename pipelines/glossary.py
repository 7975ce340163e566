"""Words that mean the same in English and Chinese: the bridge between reports of one happening in two languages.

Reads pipelines/glossary.toml and finds its terms in folded text, the longest first. It knows no events and decides
nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import ahocorasick

from db.errors import DataFileError
from pipelines.patterns import even

Kind = Literal["person", "body", "place", "act", "thing"]
FILE = Path(__file__).with_name("glossary.toml")
_KINDS: tuple[str, ...] = get_args(Kind)
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Found:
    """A term at its place; half-open."""

    concept: str  # kind/id
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Glossary:
    """`automaton` leads from each form to its concepts; `concepts` maps kind/id to the forms as written.

    `phases` maps a concept to the stages of an affair that it tells of.
    """

    automaton: Any
    concepts: Mapping[str, tuple[str, ...]]
    phases: Mapping[str, tuple[str, ...]]

    def find(self, folded: str) -> list[Found]:
        """The terms of a text folded by `pipelines.patterns.even`; none inside a longer one of its kind or a veto."""
        found: list[Found] = []
        covered: dict[str, int] = {}  # kind to where its last term ended
        hidden = 0
        for start, end, concepts in sorted(self._spans(folded), key=lambda span: (span[0], -span[1])):
            if end <= hidden:
                continue
            if not concepts:
                hidden = end
                continue
            open_kinds = {kind for concept in concepts if end > covered.get(kind := concept.partition("/")[0], 0)}
            found += [Found(name, start, end) for name in concepts if name.partition("/")[0] in open_kinds]
            covered |= dict.fromkeys(open_kinds, end)
        return found

    def _spans(self, folded: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for last, (form, open_end, concepts) in self.automaton.iter(folded):
            start, end = last + 1 - len(form), last + 1
            if form[0] in _LATIN and start and folded[start - 1] in _LATIN:
                continue
            if form[-1] in _LATIN and not open_end and folded[end : end + 1] in _LATIN:
                continue
            while open_end and end < len(folded) and folded[end] in _LATIN:
                end += 1
            yield start, end, concepts


@cache
def load_glossary(file: Path = FILE) -> Glossary:
    """The shipped glossary, read once a process. DataFileError names the key that can not be read."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataFileError(f"can not be read: {error}", file=str(file)) from error
    concepts: dict[str, tuple[str, ...]] = {}
    forms: dict[tuple[str, bool], list[str]] = {}
    stages = tables.pop("phase", {})
    vetoes = tables.pop("veto", {}).get("words", [])
    for kind, entries in tables.items():
        if kind not in _KINDS or not isinstance(entries, dict):
            raise DataFileError(f"is not one of {', '.join(_KINDS)}", file=str(file), key=kind)
        for name, written in entries.items():
            if not isinstance(written, list) or not written or not all(isinstance(f, str) and f for f in written):
                raise DataFileError("must be a list of words", file=str(file), key=f"{kind}.{name}")
            concepts[f"{kind}/{name}"] = tuple(written)
            for form in written:
                folded = even(form)
                forms.setdefault((folded.rstrip("*"), folded.endswith("*")), []).append(f"{kind}/{name}")
    for form in vetoes:
        forms.setdefault((even(form), False), [])
    return Glossary(_automaton(forms), concepts, _phases(stages, concepts, file))


def _phases(stages: Any, concepts: Mapping[str, object], file: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, members in stages.items():
        for member in members:
            if member not in concepts:
                raise DataFileError(f"{member!r} is not a term of this file", file=str(file), key=f"phase.{name}")
            found.setdefault(member, []).append(f"phase/{name}")
    return {member: tuple(names) for member, names in found.items()}


def _automaton(forms: Mapping[tuple[str, bool], list[str]]) -> Any:
    automaton = ahocorasick.Automaton()
    for (form, open_end), names in forms.items():
        if open_end or (form, True) not in forms:
            both = [*names, *forms.get((form, False), [])] if open_end else names
            automaton.add_word(form, (form, open_end, tuple(dict.fromkeys(both))))
    automaton.make_automaton()
    return automaton
