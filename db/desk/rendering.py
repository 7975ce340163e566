"""Which cell a column gets, in tables of Datasette and on pages of one row; the common ones are in db.desk.cells.

A cell is chosen by its column's name, as a name means the same in every table and query. Everything stored is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from db.desk.archive import NAME
from db.desk.cells import (
    NOTHING,
    Cell,
    Row,
    amounts,
    chips,
    code,
    dates,
    kind_badge,
    link,
    outcome,
    parties,
    plain,
    quote,
    reason,
    source,
    source_name,
    state,
    title,
    value_in,
    when,
)  # fmt: skip
from db.desk.naming import advice, label, listed, rhythm, row_path
from db.desk.phrases import impact_reason, move_reason, reasons, value_of
from db.desk.words import say


@dataclass(frozen=True, slots=True)
class Late:
    """A cell that is made when a template shows it: of a table's columns a list shows few."""

    row: Row
    value: Any
    column: str
    table: str | None

    def __html__(self) -> str:
        made = render(self.row, self.value, self.column, self.table)
        return str(escape(self.value) if made is None else made)


def render(row: Row, value: Any, column: str, table: str | None) -> Markup | None:
    """The cell for a stored value; None leaves plain numbers (and their units) to Datasette."""
    if isinstance(value, bytes):
        return Markup('<span class="nothing">{}</span>').format(say("binary", n=f"{len(value):,}"))
    cell = _CELLS.get(f"{table}.{column}") or _CELLS.get(column)
    if isinstance(value, Mapping):  # Datasette's label of a foreign key
        value, label = value["value"], value["label"]
        return cell(value, {**dict(row), f"{column}_label": label}) if cell else plain(label)
    if value is None or value == "":
        return title(value, row) if column == "title" else NOTHING
    if cell:
        return cell(value, row)
    return plain(value) if isinstance(value, str) else None


def _named(column: str) -> Cell:
    return lambda value, row: escape(label(column, value))


def _chips(column: str, parameter: str = "") -> Cell:
    return lambda value, row: chips(column, listed(value), parameter)


def _labels(column: str) -> Cell:
    return lambda value, row: plain(say("comma").join(label(column, one) for one in listed(value))) or NOTHING


def _slot_value(value: Any, row: Row) -> Markup:
    return plain(value_of(value_in(row, "slot"), value))


def _steps(value: Any, row: Row = None) -> Markup:
    return plain(say("comma").join(impact_reason(one) for one in listed(value))) or NOTHING


def _why(value: Any, row: Row = None) -> Markup:
    return plain(say("comma").join(dict.fromkeys(said for said, _ in reasons(value)))) or NOTHING


def _impact(value: Any, row: Row = None) -> Markup:
    return escape(f"{value} ({label('impact', value)})")


def _words(value: Any, row: Row = None) -> Markup:
    return plain(", ".join(str(item) for item in listed(value))) or NOTHING


def _flags(value: Any, row: Row = None) -> Markup:
    return Markup("<br>").join(code(flag) for flag in listed(value)) or NOTHING


def _yes_no(value: Any, row: Row = None) -> Markup:
    return escape(say("yes" if value else "no"))


def _entity(value: Any, row: Row = None) -> Markup:
    return Markup('<a class="chip" href="{}">{}</a>').format(
        f"/{NAME}/mentions?{urlencode({'entity': str(value)})}", label("entity", value)
    )


def _rule(value: Any, row: Row = None) -> Markup:
    """Leads to every sentence that the rule has found."""
    return Markup('<a href="{}"><code class="code">{}</code></a>').format(
        f"/{NAME}/evidence?{urlencode({'rule': str(value)})}", str(value)
    )


def _day(value: Any, row: Row = None) -> Markup:
    return Markup('<a href="{}">{}</a>').format(f"/{NAME}/articles?{urlencode({'day': str(value)})}", str(value))


def _article(value: Any, row: Row) -> Markup:
    return title(value_in(row, "article_id_label") or value, {"article_id": value})


def _linked(table: str) -> Cell:
    return lambda value, row: Markup('<a href="{}">{}</a>').format(row_path(table, value), str(value))


def _story(value: Any, row: Row = None) -> Markup:
    return Markup('<a href="/stories/{}">{}</a>').format(tilde_encode(str(value)), str(value))


def _number(value: Any, row: Row = None) -> Markup:
    return escape(f"{value:.2f}" if isinstance(value, float) else str(value))


def _rhythm(value: Any, row: Row = None) -> Markup:
    return escape(rhythm(value)) or NOTHING


_TIMES = [
    "sort_at",
    "published_at",
    "seen_at",
    "updated_at",
    "first_at",
    "last_at",
    "status_at",
    "recorded_at",
    "undone_at",
    "since",
    "last_try_at",
    "last_good_at",
    "last_new_at",
    "last_full_at",
    "retry_after_at",
    "last_hit_at",
    "started_at",
    "ended_at",
    "at",
]
_CELLS: Mapping[str, Cell] = {
    **dict.fromkeys(_TIMES, when),
    **dict.fromkeys(("url", "canonical_url", "moved_to"), link),
    "title": title,
    "revisions.title": lambda value, row: plain(value),
    "source_id": source,
    "name": source_name,
    "article_id": _article,
    "records.type": lambda value, row: plain(value),
    "story_id": _story,
    "other_story_id": _story,
    "stories.id": _story,
    "lead_article_id": _linked("articles"),
    "item_id": _linked("articles"),
    "official_article_id": _linked("articles"),
    "verdict": _named("verdict"),
    "slot": _named("slot"),
    "role": _named("role"),
    "status": _named("status"),
    "triage.kind": _named("triage_kind"),
    "story_decisions.kind": _named("decision"),
    "event_id": _linked("events"),
    "run_id": _linked("runs"),
    "source_kind": kind_badge,
    "kind": kind_badge,
    "entities.kind": _named("kind"),
    "state": state,
    "outcome": outcome,
    "code": code,
    "reason": reason,
    "to_do": lambda value, row: escape(advice(str(value))),
    "flags": _flags,
    "platforms": _chips("platforms", "platforms__has"),
    "event_types": _chips("event_types", "event_types__has"),
    "speaks_for": _chips("speaks_for"),
    "type": lambda value, row: chips("type", [value], "event_types__has"),
    "main_event": lambda value, row: chips("type", [value], "event_types__has"),
    "entity": _entity,
    "parent": _entity,
    "day": _day,
    "quote": quote,
    "rule": _rule,
    "target": lambda value, row: chips("type", [value]),
    "parties": parties,
    "amounts": amounts,
    "dates": dates,
    **dict.fromkeys(("authors", "agencies", "hosts", "aliases"), _words),
    "audience": _labels("audience"),
    "regions": _labels("regions"),
    "languages": _labels("language"),
    "source_kinds": _labels("source_kind"),
    "stories.impact": _impact,
    "impact_reasons": _steps,
    "why": _why,
    "sources.why": lambda value, row: plain(value),
    **dict.fromkeys(("status_by", "decided_by"), _named("decider")),
    **dict.fromkeys(("claims.value", "claims.official_value"), _slot_value),
    "claims.action": _named("action"),
    "status_moves.reason": lambda value, row: plain(move_reason(value)),
    **dict.fromkeys(("about", "enabled"), _yes_no),
    **dict.fromkeys(("score", "copy_score", "fails", "importance", "credibility"), _number),
    "gap_seconds": _rhythm,
    **{
        column: _named(column)
        for column in (
            "language", "access", "attribution", "polarity", "modality", "relevance", "quality", "field", "purpose",
            "copy_kind", "keep_text", "form",
        )
    },
}  # fmt: skip
