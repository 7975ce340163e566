"""What the filters answer: tags and extractions as the JSON objects that tools outside rely on (interfaces)."""

from __future__ import annotations

from typing import Any

from db.types import Event, PageHints
from pipelines.body import NO_HINTS
from pipelines.extract import extract
from pipelines.lexicon import Lexicon
from pipelines.tag import tag


def tag_answer(
    title: str, text: str, lexicon: Lexicon, *, date: str | None, source_kind: str, speaks_for: tuple[str, ...]
) -> dict[str, Any]:
    """`lang`, `relevance`, `entities`, `events`; spans are code points into the title and text given."""
    tags = tag(title, text, lexicon, date=date, source_kind=source_kind, speaks_for=speaks_for)
    return {
        "lang": tags.language,
        "relevance": tags.relevance,
        "entities": [
            {"id": m.entity, "field": m.field, "start": m.start, "end": m.end, "surface": m.surface, "about": m.about}
            for m in tags.mentions
        ],
        "events": [_event(event) for event in tags.events],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "type": event.type,
        "score": round(event.score, 3),
        "attribution": event.attribution,
        "polarity": event.polarity,
        "modality": event.modality,
        "parties": {role: list(ids) for role, ids in event.parties.items()},
        "audience": list(event.audience),
        "regions": list(event.regions),
        "effective_date": event.effective_date,
        "amounts": [
            {"value": a.value, "unit": a.unit, "field": a.field, "start": a.start, "end": a.end} for a in event.amounts
        ],
        "dates": [
            {"date": d.date, "role": d.role, "field": d.field, "start": d.start, "end": d.end} for d in event.dates
        ],
        "evidence": [{"field": e.field, "start": e.start, "end": e.end, "rule": e.rule} for e in event.evidence],
    }


def extract_answer(page: bytes | str, url: str, content_type: str, hints: PageHints = NO_HINTS) -> dict[str, Any]:
    """The page's fields; a page without an article has quality `empty` and an empty text."""
    found = extract(page, url, content_type=content_type, hints=hints)
    return {
        "title": found.title,
        "text": found.text,
        "authors": list(found.authors),
        "published_at": found.published_at,
        "language": found.language,
        "canonical_url": found.canonical_url,
        "quality": found.quality,
        "found_by": dict(found.found_by),
    }
