"""How one value reads on a page: chips, badges, times, links, marks. Everything stored is escaped, always.

A cell is chosen by its column's name, as a name means the same in every table and query. Pure but for the reader's
language and zone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from db.desk.archive import NAME
from db.desk.naming import (
    advice,
    clip,
    label,
    lang_of,
    listed,
    mark_spans,
    mark_words,
    rhythm,
    row_path,
    sentence,
    source_path,
)
from db.desk.phrases import impact_reason, move_reason, reasons, value_of
from db.desk.reader import local, reader
from db.desk.words import VALUES, say
from db.search import find_marks
from db.urls import absolute, host_of
from db.vocabulary import SOURCE_KINDS

NOTHING = Markup('<span class="nothing">–</span>')
_CLIP = 300  # characters of a long text in a list

Row = Any  # sqlite3.Row, or Datasette's own where labels were put in
Cell = Callable[[Any, Row], Markup]


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


def plain(value: Any) -> Markup:
    text = str(value)
    return escape(clip(text, _CLIP))


def when(value: Any, row: Row = None) -> Markup:
    """A stored time on the reader's clock; the machine-readable one is in the markup."""
    at = local(str(value))
    if at is None:
        return plain(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        str(value), f"{at:%Y-%m-%d %H:%M:%S} {reader().zone.key}", f"{at:%Y-%m-%d %H:%M}"
    )


def link(value: Any, row: Row = None) -> Markup:
    """A link that shows where it leads: the host, in ASCII, so that a look-alike letter shows itself."""
    address = absolute("", str(value))
    if address is None:
        return plain(value)
    return Markup('<a class="out" href="{}" rel="noopener noreferrer nofollow" title="{}">{}</a>').format(
        address, address, host_of(address)
    )


def title(value: Any, row: Row) -> Markup:
    """The headline as a link to the article's page; below it the excerpt or lead, if any; searched words marked."""
    text = clip(str(value or ""), 220) or say("no_title")
    number = _get(row, "article_id") or _get(row, "id")
    needles = [tuple(words) for words in listed(_get(row, "needles"))]
    language = lang_of(_get(row, "language"))
    head = Markup('<a class="headline" href="{}"{}>{}</a>').format(
        row_path("articles", number), language, mark_spans(text, find_marks(text, needles))
    )
    lead = str(_get(row, "excerpt") or clip(str(_get(row, "lead") or ""), 160))
    if not lead or lead.startswith(text):
        return head
    return head + Markup('<span class="lead"{}>{}</span>').format(language, mark_spans(lead, find_marks(lead, needles)))


def source(value: Any, row: Row) -> Markup:
    name = _get(row, "source_id_label") or _get(row, "source_name") or value
    kind = _get(row, "source_kind")
    badge = Markup(" ") + kind_badge(kind) if kind else Markup("")
    badge += form_badge(_get(row, "form"))
    return Markup('<a href="{}">{}</a>').format(source_path(value), str(name)) + badge


def source_name(value: Any, row: Row) -> Markup:
    return Markup('<a class="headline" href="{}">{}</a>').format(
        source_path(_get(row, "source_id") or _get(row, "id")), str(value)
    )


def kind_badge(value: Any, row: Row = None) -> Markup:
    known = str(value) if str(value) in SOURCE_KINDS else "other"
    return Markup('<span class="badge kind-{}">{}</span>').format(known, label("kind", value))


def form_badge(form: Any) -> Markup:
    """Marks what is no ordinary article: a watched page, and what changed on one."""
    if not form or form == "article":
        return Markup("")
    return Markup(' <span class="badge form-{}">{}</span>').format(form, label("form", form))


def state(value: Any, row: Row) -> Markup:
    """The badge of a source's state, and why in one sentence where there is a reason."""
    known = str(value) if str(value) in VALUES["state"] else "never"
    badge = Markup('<span class="badge state-{}">{}</span>').format(known, label("state", value))
    code = _get(row, "code")
    if not code or "reason" in _keys(row):
        return badge
    return badge + Markup('<span class="lead">{}</span>').format(sentence(str(code)))


def outcome(value: Any, row: Row = None) -> Markup:
    known = str(value) if str(value) in VALUES["outcome"] else "running"
    return Markup('<span class="badge outcome-{}">{}</span>').format(known, label("outcome", value))


def code(value: Any, row: Row = None) -> Markup:
    return Markup('{} <code class="code">{}</code>').format(sentence(str(value)), str(value))


def reason(value: Any, row: Row) -> Markup:
    """The sentence of a code, and what to do about it."""
    return Markup('{}<span class="lead">{}</span>').format(sentence(str(value)), advice(str(value)))


def chips(column: str, values: Iterable[Any], parameter: str = "") -> Markup:
    """Names of ids as small labels; with `parameter` each leads to the articles that have it."""
    made = []
    for value in values:
        name = label(column, value)
        if parameter:
            path = f"/{NAME}/articles?{urlencode({parameter: str(value)})}"
            made.append(Markup('<a class="chip" href="{}">{}</a>').format(path, name))
        else:
            made.append(Markup('<span class="chip">{}</span>').format(name))
    return Markup(" ").join(made) or NOTHING


def quote(value: Any, row: Row) -> Markup:
    """The sentence behind an event with the deciding words marked, where the row tells them (`cue`, `cue_at`)."""
    return Markup('<q class="quote"{}>{}</q>').format(
        lang_of(_get(row, "language")), mark_words(str(value), str(_get(row, "cue") or ""), _get(row, "cue_at"))
    )


def _named(column: str) -> Cell:
    return lambda value, row: escape(label(column, value))


def _chips(column: str, parameter: str = "") -> Cell:
    return lambda value, row: chips(column, listed(value), parameter)


def _labels(column: str) -> Cell:
    return lambda value, row: plain(say("comma").join(label(column, one) for one in listed(value))) or NOTHING


def _slot_value(value: Any, row: Row) -> Markup:
    return plain(value_of(_get(row, "slot"), value))


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
    return title(_get(row, "article_id_label") or value, {"article_id": value})


def _linked(table: str) -> Cell:
    return lambda value, row: Markup('<a href="{}">{}</a>').format(row_path(table, value), str(value))


def _story(value: Any, row: Row = None) -> Markup:
    return Markup('<a href="/stories/{}">{}</a>').format(tilde_encode(str(value)), str(value))


def _number(value: Any, row: Row = None) -> Markup:
    return escape(f"{value:.2f}" if isinstance(value, float) else str(value))


def _rhythm(value: Any, row: Row = None) -> Markup:
    return escape(rhythm(value)) or NOTHING


def parties(value: Any, row: Row = None) -> Markup:
    """Who acts on whom, or who acts together."""
    try:
        roles = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return plain(value)
    if not isinstance(roles, dict):
        return plain(value)
    told = [ids for ids in roles.values() if isinstance(ids, list) and ids]
    if len(told) > 1 and all(ids == told[0] for ids in told):  # both act on both
        roles = {"between": told[0]}
    made = [
        Markup('<span class="role">{}</span> {}').format(label("party", role), chips("entity", ids))
        for role, ids in roles.items()
        if isinstance(ids, list) and ids
    ]
    return Markup(" ").join(made) or NOTHING


def amounts(value: Any, row: Row = None) -> Markup:
    found = [item for item in listed(value) if isinstance(item, dict)]
    return plain(", ".join(map(figure, found))) or NOTHING


def figure(amount: Mapping[str, Any]) -> str:
    return f"{_amount(amount.get('value'))} {amount.get('unit', '')}".strip()


def dates(value: Any, row: Row = None) -> Markup:
    found = [item for item in listed(value) if isinstance(item, dict)]
    return (
        plain(
            ", ".join(
                dict.fromkeys(f"{item.get('date', '')} ({label('role', item.get('role', ''))})" for item in found)
            )
        )
        or NOTHING
    )


def _amount(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _keys(row: Row) -> Sequence[str]:
    return list(row.keys()) if row is not None else []


def _get(row: Row, column: str) -> Any:
    if row is None or column not in row.keys():  # noqa: SIM118 (a sqlite3.Row looks for values with `in`)
        return None
    value = row[column]
    return value["label"] if isinstance(value, Mapping) and column != "id" else value


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
