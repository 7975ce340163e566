"""One story given as JSON (the filter `assess`): its articles tagged, compared and judged, and the answer as JSON.

The same functions as in the crawl; near-copies are found among the story's own articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from db.errors import ParseError
from db.types import Claim, CopyCandidate, Sketch, StoryItem, Voice
from pipelines.assess import assess
from pipelines.copies import best_match, make_sketch
from pipelines.lexicon import Lexicon
from pipelines.statements import statements
from pipelines.tag import tag

_BEYOND = ("broader", "contradicted", "not_in_official")


def assess_answer(row: Mapping[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """`status`, `moves`, `origins`, `claims`, `impact`, `deadlines` of a row {now, articles}; ParseError `bad_line`."""
    articles = row.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(a, dict) for a in articles):
        raise ParseError("bad_line", "articles must be a list of at least one object")
    now = _moment(row.get("now"), "now")
    sketches: list[CopyCandidate] = []
    judged = assess([_item(article, lexicon, sketches) for article in articles], now)
    return {
        "status": judged.status,
        "moves": [{"status": m.status, "article": m.article_id, "at": m.at.isoformat()} for m in judged.moves],
        "origins": [list(group) for group in judged.origins],
        "claims": [_claim(claim) for claim in judged.claims if claim.verdict in _BEYOND],
        "impact": judged.impact,
        "deadlines": [
            {"date": d.date, "article": d.article_id, "field": d.field, "start": d.start, "end": d.end}
            for d in judged.deadlines
        ],
    }


def _item(article: Mapping[str, Any], lexicon: Lexicon, sketches: list[CopyCandidate]) -> StoryItem:
    title, text, at = _text(article, "title"), _text(article, "text"), _moment(article.get("date"), "date")
    source = article.get("source") or {}
    if not isinstance(source, dict):
        raise ParseError("bad_line", "source must be an object")
    voice = Voice(
        id=_text(source, "id"), kind=_text(source, "kind"), family=_text(source, "family") or _text(source, "id"),
        speaks_for=_texts(source, "speaks_for"), hosts=_texts(source, "hosts"),
    )  # fmt: skip
    day = at.date().isoformat()
    tags = tag(
        title, text, lexicon, language=_text(article, "lang"), date=day, source_kind=voice.kind,
        speaks_for=voice.speaks_for,
    )  # fmt: skip
    return StoryItem(
        id=_text(article, "id"), at=at, language=tags.language, voice=voice, url=_text(article, "url") or None,
        canonical_url=_text(article, "canonical_url") or None, tags=tags, flags=_texts(article, "flags"),
        statements=statements(title, text, tags, date=day, language=tags.language),
        origin=_origin(make_sketch(title, text), sketches),
    )  # fmt: skip


def _origin(sketch: Sketch, sketches: list[CopyCandidate]) -> str:
    match = best_match(sketch, sketches)
    number = len(sketches)
    origin = match.origin_id if match else number
    sketches.append(CopyCandidate(article_id=number, origin_id=origin, sketch=sketch))
    return str(origin)


def _claim(claim: Claim) -> dict[str, Any]:
    said, like = claim.statement, claim.official
    official = (
        {"article": claim.official_article_id, "field": like.field, "start": like.start, "end": like.end}
        if like
        else None
    )
    return {
        "article": claim.article_id, "verdict": claim.verdict, "slot": said.slot,
        "quote": {"field": said.field, "start": said.start, "end": said.end}, "official": official,
    }  # fmt: skip


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ParseError("bad_line", f"{key} must be a text")
    return value


def _texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key) or []
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise ParseError("bad_line", f"{key} must be a list of texts")
    return tuple(value)


def _moment(value: Any, key: str) -> datetime:
    """An ISO 8601 moment; a day alone or a time without offset is read as UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ParseError("bad_line", f"{key} must be a date in ISO 8601") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
