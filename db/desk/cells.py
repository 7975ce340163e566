"""How one value reads on a page: chips, badges, times, links, marks. Everything stored is escaped, always.

Pure but for the reader's language and zone. Which column gets which cell is in db.desk.rendering.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

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
    row_path,
    sentence,
    source_path,
)
from db.desk.reader import local, reader
from db.desk.words import VALUES, say
from db.search import find_marks
from db.urls import absolute, host_of
from db.vocabulary import SOURCE_KINDS

NOTHING = Markup('<span class="nothing">–</span>')
_CLIP = 300  # characters of a long text in a list

Row = Any  # sqlite3.Row, or Datasette's own where labels were put in
Cell = Callable[[Any, Row], Markup]


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
    number = value_in(row, "article_id") or value_in(row, "id")
    needles = [tuple(words) for words in listed(value_in(row, "needles"))]
    language = lang_of(value_in(row, "language"))
    head = Markup('<a class="headline" href="{}"{}>{}</a>').format(
        row_path("articles", number), language, mark_spans(text, find_marks(text, needles))
    )
    lead = str(value_in(row, "excerpt") or clip(str(value_in(row, "lead") or ""), 160))
    if not lead or lead.startswith(text):
        return head
    return head + Markup('<span class="lead"{}>{}</span>').format(language, mark_spans(lead, find_marks(lead, needles)))


def source(value: Any, row: Row) -> Markup:
    name = value_in(row, "source_id_label") or value_in(row, "source_name") or value
    kind = value_in(row, "source_kind")
    badge = Markup(" ") + kind_badge(kind) if kind else Markup("")
    badge += form_badge(value_in(row, "form"))
    return Markup('<a href="{}">{}</a>').format(source_path(value), str(name)) + badge


def source_name(value: Any, row: Row) -> Markup:
    return Markup('<a class="headline" href="{}">{}</a>').format(
        source_path(value_in(row, "source_id") or value_in(row, "id")), str(value)
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
    code = value_in(row, "code")
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
        lang_of(value_in(row, "language")),
        mark_words(str(value), str(value_in(row, "cue") or ""), value_in(row, "cue_at")),
    )


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


def value_in(row: Row, column: str) -> Any:
    """What a row has in a column, None where it has none; of a foreign key that Datasette labelled, the label."""
    if row is None or column not in row.keys():  # noqa: SIM118 (a sqlite3.Row looks for values with `in`)
        return None
    value = row[column]
    return value["label"] if isinstance(value, Mapping) and column != "id" else value
