"""A source of each kind and a shorthand for asking a reader, shared by the tests of crawler/spiders."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.found import Answer, Found
from crawler.spiders import DISCOVER
from db.errors import ParseError
from db.types import Access, ApiHints, Expect, ListingHints, Source

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DOCUMENTS = Path(__file__).parent / "documents"
PLACES: dict[str, str] = {
    "feed": "https://news.example/feed.xml",
    "sitemap": "https://news.example/sitemap.xml",
    "listing": "https://news.example/news/",
    "api": "https://api.news.example/v1/items?page=1",
    "page": "https://news.example/policy/fees",
}
HINTS: dict[str, dict[str, Any]] = {
    "listing": {"listing": ListingHints(item="li")},
    "api": {"api": ApiHints(items="data.list", fields={"title": "title", "url": "url", "published": "date"})},
}


def source(access: Access, **changes: Any) -> Source:
    """A source that promises nothing, unless `changes` say otherwise."""
    given: dict[str, Any] = {
        "id": "news", "name": "News", "kind": "trade", "language": "en", "url": PLACES[access],
        "expect": Expect(min_items=0), **HINTS.get(access, {}), **changes,
    }  # fmt: skip
    return Source(access=access, **given)


def discover(access: Access, body: str | bytes, content_type: str = "", url: str = "", **changes: Any) -> Found:
    answer = Answer(
        url=url or PLACES[access],
        body=body if isinstance(body, bytes) else body.encode(),
        content_type=content_type,
    )
    return DISCOVER[access](answer, source(access, **changes), NOW)


def refusal(access: Access, body: str | bytes, **changes: Any) -> str:
    """The code with which a document is refused, "" if it is not."""
    try:
        discover(access, body, **changes)
    except ParseError as error:
        return error.code
    return ""
