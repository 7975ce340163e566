"""How far along a sentence says that something is, and from which day on. Explicit words only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from pipelines.clauses import Told
from pipelines.periods import meets
from pipelines.reading import Dated, Reading, Said

_TURNED = re.compile(r"\s?(?:→|->)")  # how it was before
_PRESENTED = re.compile(
    r"(?:announced|said|reported|published|told|unveiled|wrote|posted|disclosed)(?: (?:on|this|in))?\s?$"
)
_STARTS = re.compile(r"(?:\b(?:from|starting|beginning|until|by|since|effective)(?: in| from)?|自|从|于|截至)\s?$")
_NEWS_DAYS = tuple(timedelta(days=days) for days in (0, 1, 2))  # a day that close before publication is the news' own


def modality(reading: Reading, told: Told) -> Iterator[Said]:
    """`possible`, `planned` or `done`, once; a rule without a word on when is in force or to come, and hedged."""
    if not (told.of("action") or told.of("place") or reading.last_action or reading.names_in(told)):
        return
    for value, hits in (
        ("possible", told.frames("possible", "guessed")),
        ("done", told.frames("done")),
        ("planned", told.frames("planned")),
    ):
        if hits:
            clause = reading.material.clause_of(told, hits[0].start)
            if value == "done" and reading.is_denied(told, clause, hits[0].start):
                continue
            yield reading.said("modality", value, told, hits[0].start, hits[0].end)
            return
    ruled = told.frames("may", "must")
    if ruled:
        value = "planned" if reading.ahead else "done"
        yield replace(reading.said("modality", value, told, ruled[0].start, ruled[0].end), hedged=True)


def dates(reading: Reading, told: Told) -> Iterator[Said]:
    """Days and periods of a sentence; hedged are those from or until which nothing is said to hold."""
    for dated in reading.days(told):
        said = reading.said("date", dated.value, told, dated.start, dated.end)
        vague = reading.is_reckoned(told, reading.material.clause_of(told, dated.start))
        yield replace(said, hedged=True) if vague or not _is_a_start(reading, told, dated) else said


def _is_a_start(reading: Reading, told: Told, dated: Dated) -> bool:
    """Whether a day is one from or until which something holds, not the day somebody said so or long ago."""
    before = reading.text[max(told.start, dated.start - 24) : dated.start]
    if dated.role == "announced" or _PRESENTED.search(before) or _TURNED.match(reading.text, dated.end, told.end):
        return False
    if dated.role in ("effective", "deadline"):
        return True
    if _is_of_the_news(dated, reading.day):
        return False
    clause = reading.material.clause_of(told, dated.start)
    if len(dated.value) != len("2025-01-01") and not _STARTS.search(before):  # a month, a quarter, a year
        return any(clause.holds(hit) for hit in told.frames("planned", "done", "must", "may"))
    return bool(told.of("action") or told.frames("planned", "done", "must"))


def _is_of_the_news(dated: Dated, day: date | None) -> bool:
    if day is None or len(dated.value) != len("2025-01-01"):
        return False
    return any(meets((day - before).isoformat(), dated.value) for before in _NEWS_DAYS)
