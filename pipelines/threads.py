"""Which story an article belongs to: `sign` says what there is to compare, `choose_story` decides.

Pure: no clock, no network, no database. The work of a decision is bounded by the candidates it is given; near-copies
are found elsewhere and join before this is asked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import islice
from operator import mul
from pathlib import Path
from typing import Any, Literal

from db.errors import DataFileError
from db.types import Signature, StoryCandidate, StoryMatch, StoryMember, Tags, Why
from pipelines.forest import Forest, read
from pipelines.likeness import FEATURES, View, Weigh, acted, conflict, likeness, weights_among
from pipelines.terms import BODY, LEAD, MODE, TITLE, figures_with_units, kind_of, load_rarity, raw_terms

WINDOW_DAYS = 14
MAX_TERMS = 90
MAX_KEYS = 24
MAX_MEMBERS, EARLIEST = 6, 2
DRIFT = 1.5  # log-odds by which an article may be less like the beginning of its story than a join needs
FILE = Path(__file__).with_name("threads.json")
_DAY = timedelta(days=1)
_LEAST = 1e-6  # share below which the trees are not believed
_WHY_KINDS: Mapping[str, str] = {"=": "entities", "#": "figure"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How likely two articles tell one story: the mean of a linear model and of a few small trees, as log-odds.

    The line carries further than what was seen, the trees know what goes together. An article joins a story from `join`
    on and follows one from `follow` on.
    """

    weights: tuple[float, ...]
    bias: float
    forest: Forest
    join: float
    follow: float

    def logits(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """One number for each row of FEATURES."""
        shares = self.forest.scores(list(zip(*rows, strict=True)))
        return [
            (self.bias + sum(map(mul, self.weights, row)) + math.log(max(share, _LEAST) / max(1 - share, _LEAST))) / 2
            for row, share in zip(rows, shares, strict=True)
        ]


@cache
def load_rule(file: Path = FILE) -> Rule:
    """The shipped model, made by `pipelines.thread_training`. DataFileError when it can not be read."""
    try:
        return rule_of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(f"is not a model of threading: {error}", file=str(file)) from error


def rule_of(data: Mapping[str, Any]) -> Rule:
    """A model as its file holds it. ValueError, KeyError or TypeError when it is none."""
    weights = tuple(float(data["weights"][name]) for name in FEATURES)
    forest = read(data["forest"])
    if forest.features != FEATURES:
        raise ValueError("the trees know other features")
    return Rule(weights, float(data["bias"]), forest, float(data["join"]), float(data["follow"]))


def sign(title: str, text: str, tags: Tags, *, date: str | None, language: str) -> Signature:
    """What threading compares of one article. `date`: ISO day of publication, or None; `language`: "" for the tags'."""
    rarity = load_rarity()
    raw = raw_terms(title, text, tags)
    if not title.strip():  # a post without a title: its beginning is one
        raw = {term: TITLE if place == LEAD else place for term, place in raw.items()}
    heaviest = sorted(raw, key=lambda term: (-raw[term] * rarity.weight(term), term))[:MAX_TERMS]
    words = {term: raw[term] for term in heaviest} | {MODE + mode: LEAD for mode in _modes(tags)}
    entities = sorted({m.entity for m in tags.mentions}, key=lambda e: (-raw.get("=" + e, 0.0), e))
    signature = Signature(
        keys=(),
        language=language or tags.language,
        entities=tuple(entities),
        events=tuple(event.type for event in tags.events),
        figures=tuple(sorted(figures_with_units(title, text))),
        dates=tuple(sorted({fact.date for event in tags.events for fact in event.dates} - {date})),
        regions=tuple(sorted({region for event in tags.events for region in event.regions})),
        words=words,
    )
    return _with_keys(signature)


def _modes(tags: Tags) -> list[str]:
    return [mode for event in tags.events[:1] for mode in (event.modality,)]


def _with_keys(signature: Signature) -> Signature:
    rarity = load_rarity()
    own = [t for t, place in signature.words.items() if place > BODY and t[0] != MODE]
    pairs = [f"{e}&{event}" for e in ("=" + entity for entity in signature.entities[:3]) for event in signature.events]
    ranked = sorted(own, key=lambda t: (-rarity.weight(t) * signature.words[t], t))
    foreign = [t for t in ranked if kind_of(t) == "shared"][: MAX_KEYS // 2]
    rest = [t for t in ranked if t not in foreign]
    keys = dict.fromkeys([*foreign, *acted(signature)[:8], *pairs[:4], *rest])
    return replace(signature, keys=tuple(keys)[:MAX_KEYS])


def choose_story(item: StoryMember, candidates: Sequence[StoryCandidate], rule: Rule | None = None) -> StoryMatch:
    """The candidate that `item` joins, or none and perhaps the one it follows. Ties go to the smaller story id.

    `rule`: other weights than the shipped ones, for who fits them.
    """
    rule = rule or load_rule()
    near = [c for c in candidates if abs(_gap(item, c)) <= timedelta(days=WINDOW_DAYS)]
    weigh = weights_among(near, load_rarity())
    new = View(item, weigh)
    scored = _scored(rule, new, [candidate for candidate in near if candidate.members], weigh)
    best = min(scored, key=lambda one: (-one.score, one.story_id), default=None)
    if best is None or best.score < rule.follow:
        return StoryMatch(story_id=None)
    if best.score >= rule.join:
        return StoryMatch(story_id=best.story_id, score=round(best.score, 3), why=_why(new, best.nearest))
    return StoryMatch(story_id=None, score=round(best.score, 3), follows=best.story_id, why=best.against)


@dataclass(frozen=True, slots=True)
class _Scored:
    story_id: str
    score: float
    nearest: View
    against: tuple[Why, ...] = ()  # what forbids a join that the score would allow

    @classmethod
    def of(cls, rule: Rule, new: View, story_id: str, views: Sequence[View], logits: Sequence[float]) -> _Scored:
        """Half the best likeness, half the mean one; no join where the beginning is unlike or the titles conflict."""
        score = (max(logits) + sum(logits) / len(logits)) / 2
        scored = cls(story_id, score, views[logits.index(max(logits))])
        if scored.score < rule.join:
            return scored
        beginning = max(logits[:EARLIEST])
        if beginning < rule.join - DRIFT:  # like the newest alone: the chain has left its beginning
            return scored._apart(rule, "drift", views[logits.index(beginning)], beginning)
        others = [place for place, old in enumerate(views) if conflict(new, old)]
        if 2 * len(others) >= len(views):
            return scored._apart(rule, "conflict", views[others[0]], logits[others[0]])
        return scored

    def _apart(self, rule: Rule, kind: Literal["drift", "conflict"], old: View, logit: float) -> _Scored:
        """No join, however alike, but perhaps a follow-up."""
        why = Why(kind=kind, with_article=old.member.article_id, weight=round(1 / (1 + math.exp(-logit)), 3))
        return replace(self, score=(rule.join + rule.follow) / 2, against=(why,))


def _scored(rule: Rule, new: View, candidates: Sequence[StoryCandidate], weigh: Weigh) -> list[_Scored]:
    """All pairs in one question to the model: it costs little more for a hundred than for one."""
    views = [[View(member, weigh) for member in _some(candidate.members)] for candidate in candidates]
    compared = [likeness(new, old, abs(new.member.at - old.member.at) / _DAY) for story in views for old in story]
    logits = iter(rule.logits(compared))
    return [
        _Scored.of(rule, new, candidate.story_id, story, list(islice(logits, len(story))))
        for candidate, story in zip(candidates, views, strict=True)
    ]


def _gap(item: StoryMember, candidate: StoryCandidate) -> timedelta:
    if item.at > candidate.last_at:
        return item.at - candidate.last_at
    return candidate.first_at - item.at if item.at < candidate.first_at else timedelta()


def _some(members: Sequence[StoryMember]) -> Sequence[StoryMember]:
    return members if len(members) <= MAX_MEMBERS else [*members[:EARLIEST], *members[EARLIEST - MAX_MEMBERS :]]


def _why(new: View, old: View) -> tuple[Why, ...]:
    """What the two share, as parts of the whole weight of the new one's terms, heaviest kind first."""
    parts: dict[str, float] = {}
    ours = new.shared | new.words
    for term in ours.keys() & (old.shared | old.words).keys():
        kind = _WHY_KINDS.get(term[0], "words")
        if term.startswith(("act/", "phase/")):
            kind = "event"
        elif term.startswith(("person/", "body/", "place/")):
            kind = "entities"
        parts[kind] = parts.get(kind, 0.0) + ours[term]
    whole = sum(ours.values()) or 1.0
    made = [
        Why(kind=kind, with_article=old.member.article_id, weight=round(weight / whole, 3))  # type: ignore[arg-type]
        for kind, weight in parts.items()
    ]
    return tuple(sorted(made, key=lambda why: (-why.weight, why.kind)))
