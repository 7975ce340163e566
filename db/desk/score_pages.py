"""The pages that measure: how early and reliable sources are, and how good the archive itself is."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from datasette.utils.asgi import Response

from db.desk.app import Desk
from db.desk.ask import allow, page, recall
from db.desk.naming import label
from db.desk.sql import first, rows
from db.desk.words import say
from db.score_reads import scores
from db.scoreboard import LEAST, Score

DAYS = ("90", "365", "3650")
_MANY_HOURS = 48
_LIMIT_MS = 120_000  # a year of a large archive; kept for a while, see db.desk.memory
_NAMES = """
    select id, name, kind, '' as role, '/sources/' || id as path from sources
    union all select '@' || id, name, 'kol', role, '/sources?person=' || id from people
"""
_FIGURES = """
    select count(*) as articles, coalesce(sum(relevance = 2), 0) as signals, coalesce(sum(relevance = 0), 0) as noise
    from articles indexed by articles_facets
"""
_QUALITY = """
    select coalesce(sum(quality in ('doubtful', 'empty')), 0) as doubtful,
        coalesce(sum(published_at is null), 0) as undated,
        coalesce(sum(copy_kind != ''), 0) as copies, coalesce(sum(flags != '[]'), 0) as flagged, count(*) as looked_at
    from (select quality, published_at, copy_kind, flags from articles order by id desc limit 5000)
"""
_ANSWERS = "select kind, value, count(*) as n from triage where undone_at is null group by kind, value"
_STATUSES = "select status, count(*) as n from stories where merged_into is null group by status order by n desc"
_CLAIMS = "select verdict, count(*) as n from claims group by verdict order by n desc"


@dataclass(frozen=True, slots=True)
class Line:
    """A voice on the scoreboard: a source, or a person with all channels."""

    voice: Any
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What can be said of the archive from its own rows; rates are of the newest 5,000 articles."""

    figures: Any
    sample: Any
    answers: Mapping[str, int]
    statuses: Sequence[Any]
    claims: Sequence[Any]


async def scoreboard(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    asked = request.args.get("days") or ""
    days = asked if asked in DAYS else DAYS[0]
    lines = await lines_of(datasette, days)
    if asked != days and sum(line.score.stories for line in lines) < LEAST:  # an old archive: all of it
        days = DAYS[2]
        lines = await lines_of(datasette, days)
    unknown = asked if asked not in DAYS else ""
    context = {"lines": lines, "days": days, "choices": DAYS, "least": LEAST, "unknown": unknown}
    return await page(datasette, request, "scoreboard.html", context)


async def lines_of(desk: Desk, days: str) -> Sequence[Line]:
    """The scoreboard of so many days, the busiest source first."""

    def question(connection: sqlite3.Connection) -> list[Line]:
        since = desk.desk.clock() - timedelta(days=int(days))
        voices = {row["id"]: row for row in rows(connection, _NAMES)}
        found = [Line(voices[one.voice], one) for one in scores(connection, since=since) if one.voice in voices]
        return sorted(found, key=lambda line: (line.score.stories == 0, -line.score.stories, line.voice["name"]))

    return await recall(desk, f"scores {days}", question, limit_ms=_LIMIT_MS)


async def quality(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    return await page(datasette, request, "quality.html", {"card": await card_of(datasette)})


async def card_of(desk: Desk) -> Card:
    return await recall(desk, "quality", card, limit_ms=_LIMIT_MS)


def card(connection: sqlite3.Connection) -> Card:
    answers: dict[str, int] = {}
    for row in rows(connection, _ANSWERS):
        key = f"{row['kind']}:{row['value']}" if row["kind"] == "overclaim" else row["kind"]
        answers[key] = answers.get(key, 0) + row["n"]
    return Card(
        figures=first(connection, _FIGURES),
        sample=first(connection, _QUALITY),
        answers=answers,
        statuses=rows(connection, _STATUSES),
        claims=rows(connection, _CLAIMS),
    )


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def hours(value: float | None) -> str:
    """How long before the official text, or after it, in words."""
    if value is None:
        return "–"
    return say("ahead", span=span(value)) if value >= 0 else say("behind", span=span(-value))


def between(low: float, high: float) -> str:
    """The middle half of the leads."""
    if low * high < 0 or (abs(low) >= _MANY_HOURS) != (abs(high) >= _MANY_HOURS):
        return f"{hours(low)} … {hours(high)}"
    near, far = sorted((abs(low), abs(high)))
    figure = span(near).partition(" ")[0]
    return say("ahead", span=f"{figure}–{span(far)}") if high > 0 else say("behind", span=f"{figure}–{span(far)}")


def span(value: float) -> str:
    """Hours, or days where they are many."""
    unit, figure = ("days", value / 24) if value >= _MANY_HOURS else ("hours", value)
    return f"{figure:.1f} {label('unit', unit)}"


def of_stories(n: int) -> str:
    """Of how many a figure is; nothing of none."""
    return say("of_story") if n == 1 else say("of_stories", n=f"{n:,}") if n else ""


def of_texts(n: int) -> str:
    return say("of_text") if n == 1 else say("of_texts", n=f"{n:,}") if n else ""
