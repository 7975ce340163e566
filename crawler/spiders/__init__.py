"""Readers of foreign documents, one for each way a source may be read. Pure: bytes in, entries out.

Each `discover(answer, source, now)` returns a `Found` or raises a `ParseError`; none fetches, stores or judges health.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from crawler.found import Answer, Found
from crawler.spiders import api, feed, listing, page, sitemap
from db.types import Access, Source

Discover = Callable[[Answer, Source, datetime], Found]

DISCOVER: Mapping[Access, Discover] = {
    "feed": feed.discover,
    "sitemap": sitemap.discover,
    "listing": listing.discover,
    "api": api.discover,
    "page": page.discover,
}
