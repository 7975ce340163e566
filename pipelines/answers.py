"""What the filters answer: the JSON objects that tools outside rely on (interfaces)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from db.errors import ParseError
from db.types import Event, PageHints, StoryMember
from pipelines.body import NO_HINTS
from pipelines.copies import make_sketch
from pipelines.extract import extract
from pipelines.lexicon import Lexicon
from pipelines.tag import tag
from pipelines.thread_index import ThreadIndex
from pipelines.threads import sign


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


class Threader:
    """Tells each article of a stream its story, and remembers it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._index = ThreadIndex()
        self._at = datetime(1970, 1, 1, tzinfo=UTC)  # of the newest dated article

    def answer(
        self, name: str, title: str, text: str, *, date: str, language: str, source_kind: str,
        speaks_for: tuple[str, ...],
    ) -> dict[str, Any]:  # fmt: skip
        """`story` and `why`: what it shares with which earlier article; `apart`: what alone forbade it to join one."""
        at = _moment(date) if date else self._at
        self._at = max(self._at, at)
        day = at.date().isoformat()
        tags = tag(
            title, text, self._lexicon, language=language, date=day, source_kind=source_kind, speaks_for=speaks_for
        )
        member = StoryMember(
            article_id=name, at=at, signature=sign(title, text, tags, date=day, language=tags.language)
        )
        story, match = self._index.add(member, make_sketch(title, text))
        reasons = [{"kind": one.kind, "with": one.with_article, "weight": one.weight} for one in match.why]
        why, apart = (reasons, []) if match.story_id else ([], reasons)
        return {"story": story, "why": why, "follows": match.follows, "apart": apart}


def _moment(date: str) -> datetime:
    try:
        at = datetime.fromisoformat(date)
    except ValueError as error:
        raise ParseError("bad_line", f"date must be an ISO day or moment, not {date[:40]!r}") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
