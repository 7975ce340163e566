"""Names, sentences, excerpts and marks: how stored words read, before any cell or page is made of them.

Everything stored is escaped where it becomes markup. Pure but for the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from db.desk.archive import NAME
from db.desk.reader import pick, reader
from db.desk.words import VALUES, say
from db.errors import CODES
from db.vocabulary import ACCESS, ENTITIES, EVENT_TYPES, LANGUAGES, SOURCE_KINDS


def label(column: str, value: Any) -> str:
    """The reader's name for a stored id or code; the value itself where it has none."""
    text = str(value)
    if column in ("platforms", "speaks_for", "entity", "parent"):
        name = ENTITIES.get(text) or reader().names.get(text)
        return pick(name) if name else text
    if column in ("event_types", "type", "main_event"):
        return pick(EVENT_TYPES[text]) if text in EVENT_TYPES else text
    if column in ("source_kind", "kind"):
        name = SOURCE_KINDS.get(text) or VALUES["entity_kind"].get(text)
        return pick(name) if name else text
    if column == "language":
        return pick(LANGUAGES[text]) if text in LANGUAGES else text
    if column == "access":
        return pick(ACCESS[text]) if text in ACCESS else text
    if column == "code":
        return sentence(text)
    if column == "days":
        return say("days", n=text)
    values = VALUES.get(column, {})
    return pick(values[text]) if text in values else text


def sentence(code: str) -> str:
    """What an error code means, in one sentence."""
    known = CODES.get(code)
    return (known.zh if reader().language == "zh" else known.en) if known else code


def advice(code: str) -> str:
    """What a person should do about it; "" for a code we do not know."""
    known = CODES.get(code)
    return (known.do_zh if reader().language == "zh" else known.do_en) if known else ""


def mark_words(text: str, words: str, at: Any = None) -> Markup:
    """`text` with `words` marked, at `at` if they stand there, else at their first place, if any."""
    if not isinstance(at, int) or at < 0 or text[at : at + len(words)] != words:
        at = text.find(words)
    return mark_spans(text, [(at, at + len(words))] if words and at >= 0 else [])


def mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """`text` with the spans (code points, half-open) marked; overlapping ones become one, those outside none."""
    pieces, done = [], 0
    for start, end in sorted(spans):
        start = max(start, done)
        if start >= min(end, len(text)):
            continue
        pieces.append(Markup("{}<mark>{}</mark>").format(text[done:start], text[start:end]))
        done = end
    return Markup("").join(pieces) + escape(text[done:])


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a word where one ends near."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    if text[limit - 1].isalnum() and kept[-1].isascii():
        head, blank, _ = kept.rpartition(" ")
        kept = head if blank and len(head) >= limit - 40 else kept
    return kept.rstrip() + "…"


def lang_of(language: Any) -> Markup:
    """The lang attribute for text of the web, so that it is read and broken in its own language."""
    return Markup(' lang="{}"').format(str(language)) if language in LANGUAGES and language != "multi" else Markup("")


def source_path(key: Any) -> str:
    return f"/sources/{tilde_encode(str(key))}"


def row_path(table: str, key: Any) -> str:
    return f"/{NAME}/{table}/{tilde_encode(str(key))}"


def listed(value: Any) -> list[Any]:
    """The array in a JSON column, decoded or not; [] for anything else."""
    if isinstance(value, list):
        return value
    try:
        found = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def rhythm(seconds: Any) -> str:
    """A median gap in words: minutes, hours or days; "" where too little is known."""
    if not isinstance(seconds, int | float) or seconds <= 0:
        return ""
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 1.5 * size:
            return say(f"every_{unit}", n=round(seconds / size))
    return say("every_minutes", n=max(1, round(seconds / 60)))
