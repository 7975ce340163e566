"""A page read sentence by sentence: which act a place belongs to, whether it is denied, whether it is meant at all.

Every reader of a slot asks here. Reads no slot itself, and knows no other article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.types import Slot, Tags
from pipelines.clauses import Clause, Material, Told
from pipelines.cues import CueBook, Hit
from pipelines.days import named_days
from pipelines.periods import periods, span_of

_NO_REACH, _NO_REACH_HAN = 30, 6  # characters from a "no" to what it turns down
_OLD = timedelta(days=60)  # before publication: what ended then is no news
_ADVERBIAL = 18  # characters of a clause that only says when
_NOW = re.compile(r"\bnow\b|from today|现在|如今|目前|即日|今起")
_WHICH = re.compile(r"\b(?:that|which|who|whose)\b")
_NO_ENDS = re.compile(r"\b(?:and|who|that|which|will|but|then|or else|unless)\b|[就则将并而的]")


@dataclass(frozen=True, slots=True)
class Said:
    """A value at its place in the page, before it becomes a statement."""

    slot: Slot
    value: str
    start: int
    end: int
    action: str = ""
    asserted: bool = True
    hedged: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """A day or period at its place; `role` as in `pipelines.days`."""

    value: str
    role: str
    start: int
    end: int


class Reading:
    """One page while its sentences are read in order; an act named before stands for "it" in what follows."""

    def __init__(self, material: Material, book: CueBook, tags: Tags, day: date | None) -> None:
        self.material, self.book, self.day = material, book, day
        self.text = material.page.folded
        self.last_action = ""
        self._days = {told.start: self._find_days(told) for told in material.sentences}
        named = (dated for days in self._days.values() for dated in days)
        self.ahead = any(day is None or span_of(dated.value)[0] > day for dated in named)
        self.names = [
            (m.start + (material.page.text_at if m.field == "text" else 0), m.entity, m.end - m.start)
            for m in tags.mentions
        ]
        self._lead_until = next((told.end for told in material.sentences if self._is_lead(told)), 0)
        self._ours = {entity for start, entity, _ in self.names if start < self._lead_until}
        self._beside_of, self._beside = -1, list[tuple[int, int]]()

    def _is_lead(self, told: Told) -> bool:
        """The first sentence of the text that holds words."""
        return told.start >= self.material.page.text_at and bool(self.text[told.start : told.end].strip())

    def said(self, slot: Slot, value: str, told: Told, start: int, end: int, *, asserted: bool = True) -> Said:
        clause = self.material.clause_of(told, start)
        return Said(slot, value, start, end, self.action_at(told, start), asserted, self.is_hedged(told, clause))

    def is_general(self, act: Hit) -> bool:
        return self.book.actions[act.id].general

    def action_at(self, told: Told, place: int) -> str:
        """The specific act nearest to a place: in its clause, else in the sentence, else the one named before."""
        clause = self.material.clause_of(told, place)
        acts = [hit for hit in told.of("action") if not self.is_general(hit)]
        near = [hit for hit in acts if clause.holds(hit)] or acts
        if not near:
            return self.last_action
        return min(near, key=lambda hit: (abs(hit.start - place), hit.start)).id

    def is_denied(self, told: Told, clause: Clause, start: int, end: int = 0) -> bool:
        """Whether a "no" of the clause stands before a place, close, with nothing between that ends its reach."""
        for hit in told.frames("cannot", "denies", "drops"):
            if start <= hit.start and hit.end <= end:
                if hit.start > start and not self._is_of_a_part(start, hit, end):
                    return True  # "introduces no new fee"; a cue that begins with its "no" means it
            elif clause.holds(hit) and hit.start <= start:
                between = self.text[hit.end : start]
                limit = _NO_REACH_HAN if any(ch > "\u2e80" for ch in self.text[hit.start : start + 1]) else _NO_REACH
                if hit.end > start or (len(between) <= limit and not _NO_ENDS.search(between)):
                    return True
        return False

    def _is_of_a_part(self, start: int, no: Hit, end: int) -> bool:
        """Whether a "no" only says which are meant: "listings that do not meet the standards may be removed"."""
        return bool(_WHICH.search(self.text, start, no.start)) or "的" in self.text[no.end : end]

    def is_hedged(self, told: Told, clause: Clause) -> bool:
        """Whether a clause guesses, or tells what is beside the news."""
        if any(start <= clause.start < end for start, end in self._asides(told)):
            return True
        return any(clause.holds(hit) or hit.start < clause.start for hit in told.frames("guessed"))

    def _asides(self, told: Told) -> list[tuple[int, int]]:
        """Stretches of a sentence that tell what was before, what others do, or what is reckoned from outside."""
        if self._beside_of != told.start:
            self._beside_of, self._beside = told.start, list(self._find_asides(told))
        return self._beside

    def _find_asides(self, told: Told) -> Iterator[tuple[int, int]]:
        if told.frames("outside") or self._is_of_others(told):
            yield told.start, told.end
            return
        old = [dated.start for dated in self.days(told) if self._is_old(dated)]
        marks = sorted([*old, *(hit.start for hit in told.frames("before"))])
        until = told.start
        for mark in marks:
            if mark >= until:
                clause = self.material.clause_of(told, mark)
                until = self._turns(told, clause.end)
                yield clause.start, until

    def _turns(self, told: Told, place: int) -> int:
        """Where a sentence comes back to what is new, after `place`."""
        clauses = self.material.clauses(told)
        if place == clauses[0].end and place - told.start < _ADVERBIAL and len(clauses) > 1:
            place = clauses[1].end  # "In 2024, ...": the first clause only says when
        for clause in clauses:
            is_new = any(clause.holds(hit) for hit in told.frames("planned")) or _NOW.search(
                self.text, clause.start, clause.end
            )
            if clause.start >= place and is_new:
                return clause.start
        return told.end

    def _is_old(self, dated: Dated) -> bool:
        return self.day is not None and span_of(dated.value)[1] < self.day - _OLD

    def _is_of_others(self, told: Told) -> bool:
        """Whether a later sentence begins with a name that neither the title nor the first sentence knows."""
        names = self.names_in(told)
        if not self._ours or told.start < self._lead_until or not names:
            return False
        return min(names)[1] not in self._ours

    def is_reckoned(self, told: Told, clause: Clause) -> bool:
        """Whether a clause tells an estimate, or figures of before."""
        return any(clause.holds(hit) for hit in told.frames("estimated"))

    def names_in(self, told: Told) -> list[tuple[int, str, int]]:
        """Place, entity and length of the names in a sentence."""
        return [name for name in self.names if told.start <= name[0] < told.end]

    def days(self, told: Told) -> list[Dated]:
        """Days and periods of a sentence, in order."""
        return self._days[told.start]

    def _find_days(self, told: Told) -> list[Dated]:
        published = self.day.isoformat() if self.day else None
        found = [
            Dated(d.date, str(d.role), d.start, d.end) for d in named_days(self.text, published, told.start, told.end)
        ]
        for period in periods(self.text, self.day, told.start, told.end):
            if not any(d.start < period.end and period.start < d.end for d in found):
                found.append(Dated(period.value, "event", period.start, period.end))
        return sorted(found, key=lambda dated: dated.start)
