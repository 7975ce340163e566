"""How a story reads: its plain line, status, impact, and the verdict on a claim. Everything stored is escaped.

Pure but for the reader's language and zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from db.desk.cells import when
from db.desk.naming import clip, label, lang_of, listed
from db.desk.reader import local, reader
from db.desk.words import VALUES, say

_LINE = 180
_IMPACT = 4

Row = Any


def line(row: Row) -> str:
    """The story in one plain line in the reader's language: what the rules wrote, or event, parties and day."""
    own, other = ("line_zh", "line_en") if reader().language == "zh" else ("line_en", "line_zh")
    text = str(row[own] or "") or _made(row) or str(row[other] or "")
    if ":" not in text:  # no party leads the line
        text = text[:1].upper() + text[1:]
    return clip(text, _LINE) or say("no_title")


def _made(row: Row) -> str:
    names = [label("platforms", one) for one in listed(row["platforms"])[:3]]
    event = label("type", row["main_event"]) if row["main_event"] else ""
    day = local(str(row["first_at"]))
    comma, colon = ("、", "：") if reader().language == "zh" else (", ", ": ")
    said = colon.join(part for part in (comma.join(names), event) if part)
    return f"{said}{comma}{day:%Y-%m-%d}" if said and day else ""


def story_path(story_id: Any) -> str:
    return f"/stories/{tilde_encode(str(story_id))}"


def story_link(row: Row, story_id: Any = None) -> Markup:
    return Markup('<a class="headline" href="{}">{}</a>').format(story_path(story_id or row["id"]), line(row))


def original(row: Row) -> Markup:
    """The headline as it was published, in its own language."""
    return Markup('<span class="original-title"{}>{}</span>').format(
        lang_of(row["language"]), clip(str(row["title"] or ""), 220) or say("no_title")
    )


def status_badge(value: Any) -> Markup:
    known = str(value) if str(value) in VALUES["status"] else "reported"
    return Markup('<span class="badge status-{}">{}</span>').format(known, label("status", value))


def verdict_badge(value: Any) -> Markup:
    known = str(value) if str(value) in VALUES["verdict"] else "no_official_yet"
    return Markup('<span class="badge verdict-{}">{}</span>').format(known, label("verdict", value))


def impact(value: Any) -> Markup:
    """Four steps, as many filled as the impact has; in words for those who do not see them."""
    steps = min(max(value, 0), _IMPACT) if isinstance(value, int) else 0
    word = label("impact", steps)
    return Markup(
        '<span class="impact impact-{}" title="{}">{} <span class="dots" aria-hidden="true">{}</span>'
        '<span class="hidden">{}</span></span>'
    ).format(
        steps, f"{say('impact')}{say('colon')}{word}", say("impact_short"), "●" * steps + "○" * (_IMPACT - steps), word
    )


def facet_chips(name: str, column: str, values: Iterable[Any]) -> Markup:
    """Small labels, each leading to the stories that have it."""
    made = [
        Markup('<a class="chip" href="/stories?{}">{}</a>').format(urlencode({name: str(one)}), label(column, one))
        for one in values
    ]
    return Markup(" ").join(made)


def facet_label(name: str, value: Any) -> str:
    """The reader's name for a value of a facet."""
    columns = {"platform": "platforms", "type": "event_types", "kind": "source_kind"}
    return label(columns.get(name, name), value) or "–"


def words_of(value: Any) -> str:
    """Plain values of a stored array with a comma the reader's language knows."""
    return say("comma").join(label("audience", one) for one in listed(value))


def parts(value: Any) -> list[tuple[str, str]]:
    """The parts of a number as (name, value), the largest first."""
    try:
        found = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return []
    numbers = [(str(k), v) for k, v in found.items() if isinstance(v, int | float)] if isinstance(found, dict) else []
    return [(label("part", k), f"{v:.2f}") for k, v in sorted(numbers, key=lambda pair: -pair[1])][:12]


def span_of(row: Row) -> Markup:
    """When the story began and when it was last told of, in one line."""
    start, end = local(str(row["first_at"])), local(str(row["last_at"]))
    if start is None or end is None or start.date() == end.date():
        return when(row["last_at"])
    return Markup("{} – {}").format(short_day(row["first_at"]), when(row["last_at"]))


def short_day(value: Any) -> Markup:
    at = local(str(value))
    if at is None:
        return escape(clip(str(value), 40))
    return Markup('<time datetime="{}">{}</time>').format(str(value), f"{at:%Y-%m-%d}")


def change(now: int, before: int) -> str:
    """A figure's change since the span before, with its sign; "" for none."""
    return "" if now == before else f"{now - before:+d}".replace("-", "−")


def coverage(row: Row) -> str:
    """How many articles of how many origins."""
    if row["articles"] == 1:
        return say("one_article")
    return say("coverage", articles=row["articles"], origins=row["origins"])
