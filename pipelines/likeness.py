"""How alike two articles are: a row of numbers for a pair, all between 0 and 1 or nearly so, and no decision.

The terms of a signature weigh more the rarer they are, in such news at large and among the stories at hand: in a week
in which everybody writes of one ban, "ban" tells nothing and "75 days" everything.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from db.types import Signature, StoryCandidate, StoryMember
from pipelines.terms import LEAD, MODE, TITLE, Rarity

Weigh = Callable[[str], float]

KINDS = ("person/", "body/", "act/", "phase/", "=", "place/", "thing/")
WHO_AND_WHERE = ("=", "person/", "place/")
FEATURES: tuple[str, ...] = (
    "foreign", "words", "shared", "shared_foreign", "latin", "acted", "title", "all", "heaviest", "second", "third",
    "words_told", "words_kept", "shared_told", "shared_kept",
    *(f"{name}_{kind.rstrip('/') if kind != '=' else 'entity'}" for kind in KINDS for name in ("clash", "same")),
    "figure", "figure_clash", "event", "event_clash", "event_missing", "mode_clash",
    "weeks_apart", "same_day", "next_day",
)  # fmt: skip
DECIDERS = frozenset({"body/house", "body/senate", "body/parliament", "body/supreme-court", "body/appeals-court"})
UNKNOWN = 0.35  # of what can not be compared, as between two languages: about the mean
_FAR_DAYS = 14
_HEAVY = 8.0  # weight of a term in a title that next to no other text holds
_ACTED_LIMIT = 60  # a title with more pairs of who and what is a list
_FEW_STORIES = 20  # so many at hand, and their counts weigh half


class Vector(dict[str, float]):
    """Terms with their weights, and the square of their length, which every comparison asks for."""

    @cached_property
    def square(self) -> float:
        return sum(weight * weight for weight in self.values())


@dataclass(frozen=True)
class View:
    """A signature as comparison needs it, with the weights of one occasion."""

    member: StoryMember
    weigh: Weigh

    @property
    def signature(self) -> Signature:
        return self.member.signature

    @cached_property
    def words(self) -> Vector:
        return Vector({t: w * self.weigh(t) for t, w in self.signature.words.items() if t[2:3] == ":"})

    @cached_property
    def latin(self) -> Vector:
        return Vector({t: w for t, w in self.words.items() if t[0] == "e"})

    @cached_property
    def shared(self) -> Vector:
        words = self.signature.words
        return Vector({t: w * self.weigh(t) for t, w in words.items() if t[2:3] != ":" and t[0] not in (MODE, "#")})

    @cached_property
    def all(self) -> Vector:
        return Vector(self.words | self.shared)

    @cached_property
    def title(self) -> Vector:
        return Vector({t: w for t, w in self.all.items() if self.signature.words[t] == TITLE})

    @cached_property
    def title_foreign(self) -> Vector:
        return Vector({t: w for t, w in self.shared.items() if self.signature.words[t] == TITLE})

    @cached_property
    def acted(self) -> Vector:
        return Vector({pair: self.weigh(pair) for pair in acted(self.signature)})

    @cached_property
    def titled(self) -> dict[str, frozenset[str]]:
        title = [term for term, place in self.signature.words.items() if place == TITLE]
        return {kind: frozenset(term for term in title if term.startswith(kind)) for kind in KINDS}

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(self.signature.figures)

    @cached_property
    def deciders(self) -> frozenset[str]:
        return self.titled["body/"] & DECIDERS

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(term for term in self.signature.words if term[0] == "#")

    @cached_property
    def modes(self) -> frozenset[str]:
        return frozenset(term for term in self.signature.words if term[0] == MODE)


def acted(signature: Signature) -> list[str]:
    """Who did what, as pairs of terms of the title: rare where both are common."""
    title = [term for term, place in signature.words.items() if place == TITLE]
    who = [term for term in title if term.startswith(("person/", "body/", "place/", "="))]
    what = [term for term in title if term.startswith(("act/", "phase/"))]
    return [f"{one}&{other}" for one in who for other in what] if len(who) * len(what) <= _ACTED_LIMIT else []


def weights_among(candidates: Sequence[StoryCandidate], rarity: Rarity) -> Weigh:
    """The weight of a term by its share of texts at large, or of these stories if that is larger."""
    held: Counter[str] = Counter()
    for candidate in candidates:
        held.update(set().union(*(_strong(member.signature) for member in candidate.members)))
    stories = len(candidates)
    trust = stories / (stories + _FEW_STORIES)
    known: dict[str, float] = {}

    def weigh(term: str) -> float:
        if term not in known:
            at_large = rarity.share(term)
            here = (held[term] + 0.25) / (stories + 5)
            known[term] = math.log(1 + 1 / ((1 - trust) * at_large + trust * max(here, at_large)))
        return known[term]

    return weigh


def _strong(signature: Signature) -> set[str]:
    return {term for term, place in signature.words.items() if place >= LEAD}.union(acted(signature))


def likeness(new: View, old: View, days: float) -> tuple[float, ...]:
    """One number for each of FEATURES; `days` lie between the two."""
    one, other = new.signature, old.signature
    foreign = one.language != other.language
    shared = _cosine(new.shared, old.shared)
    clashes: list[float] = []
    for kind in KINDS:
        ours, theirs = new.titled[kind], old.titled[kind]
        common = len(ours & theirs)
        clashes += [float(_clash(ours, theirs)), common / max(1, min(len(ours), len(theirs)))]
    ours_told, theirs_told = set(one.events), set(other.events)
    return (
        float(foreign),
        0.0 if foreign else _cosine(new.words, old.words),
        shared,
        shared if foreign else 0.0,
        _cosine(new.latin, old.latin) if foreign else 0.0,
        _cosine(new.acted, old.acted),
        _cosine(new.title_foreign, old.title_foreign) if foreign else _cosine(new.title, old.title),
        shared if foreign else _cosine(new.all, old.all),
        *_heaviest(new.all, old.all),
        UNKNOWN if foreign else _told(new.words, one, other),
        UNKNOWN if foreign else _told(old.words, other, one),
        _told(new.shared, one, other),
        _told(old.shared, other, one),
        *clashes,
        *_figures(new, old),
        float(bool(one.events and other.events and one.events[0] == other.events[0])),
        float(bool(ours_told and theirs_told and not ours_told & theirs_told)),
        float(bool(ours_told) != bool(theirs_told)),
        float(bool(new.modes and old.modes and not new.modes & old.modes)),
        min(days, _FAR_DAYS) / 7,
        float(days < 1),
        float(days < 2),
    )


def _heaviest(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[float, float, float]:
    """Weights of the three heaviest terms in common: one rare name says more than many common words together."""
    common = sorted((min(ours[term], theirs[term]) for term in ours.keys() & theirs.keys()), reverse=True)
    first, second, third = (*common[:3], 0.0, 0.0, 0.0)[:3]
    return first / _HEAVY, second / _HEAVY, third / _HEAVY


def conflict(new: View, old: View) -> bool:
    """Whether the titles can not tell one happening: of other chambers or courts, each of which decides for itself in
    the same words, or of other parties, people and places in two respects of the three."""
    if new.deciders and old.deciders and not new.deciders & old.deciders:
        return True
    return sum(_clash(new.titled[kind], old.titled[kind]) for kind in WHO_AND_WHERE) > 1


def _clash(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(ours and theirs and not ours & theirs)


def _figures(new: View, old: View) -> tuple[float, float]:
    """Whether they share a figure; whether figures of the same unit are all different."""
    units = {figure.partition(" ")[2] for figure in new.figures} & {f.partition(" ")[2] for f in old.figures}
    common = {figure.partition(" ")[2] for figure in new.figures & old.figures}
    numbers = new.numbers & old.numbers
    return float(bool(numbers)), float(bool(units - common) and not common and not numbers)


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    common = sum(weight * large[term] for term, weight in small.items() if term in large)
    return common / math.sqrt(one.square * other.square) if common else 0.0


def _told(weights: Mapping[str, float], one: Signature, other: Signature) -> float:
    """The share of the weight of `one`'s title that stands in `other` too."""
    title: Iterable[str] = [term for term in weights if one.words[term] == TITLE]
    whole = sum(weights[term] for term in title)
    if not whole:
        return UNKNOWN
    return sum(weights[term] * min(1.0, 1.5 * other.words.get(term, 0.0)) for term in title) / whole
