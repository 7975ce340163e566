"""Sitemaps: lists of pages, news sitemaps with titles, indexes of further sitemaps, plain text lists, gzip or not."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from crawler.found import Answer, Found
from crawler.spiders.entries import MAX_SEEN, Item, finish, settled
from crawler.spiders.markup import local_name, read_text, read_xml
from db.dates import parse_date
from db.errors import ParseError
from db.types import Source
from db.urls import absolute

MAX_PARTS = 5  # of an index, the newest: a lookout needs this week's pages, not the archive
_LINE = re.compile(r"\S[^\r\n]*")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def discover(answer: Answer, source: Source, now: datetime) -> Found:
    """Entries (title and date only in news sitemaps; `lastmod` is `updated_at`), or for an index its parts in `more`.

    Raises ParseError: not_a_sitemap, too_large, dtd_forbidden, too_deep, too_few_items, empty_body, or a code of
    `blocked`.
    """
    answer, damage = _unpacked(answer, source)
    if answer.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"http://", b"https://")):
        text, flags = read_text(answer, "xml")
        lines = (Item(link=line[0]) for line in _LINE.finditer(text))
        return finish(settled(lines, answer.url, source, now), answer, source, dated=False, flags=flags + damage)
    root, found, flags = read_xml(answer, "not_a_sitemap", ("url", "sitemap"), _read)
    match local_name(root):
        case "sitemapindex":
            return Found(entries=(), more=_newest_parts(found, answer, source, now), flags=flags + damage)
        case "urlset":
            return finish(settled(found, answer.url, source, now), answer, source, dated=False, flags=flags + damage)
        case other:
            raise ParseError("not_a_sitemap", f"the root element is <{other}>", about=answer.url)


def _read(nodes: Iterator[etree._Element]) -> list[Item]:
    return [_item(node) for node in islice(nodes, MAX_SEEN)]


def _item(node: etree._Element) -> Item:
    return Item(
        link=_text(node, "{*}loc"),
        title=_text(node, "{*}news/{*}title"),
        published=_text(node, "{*}news/{*}publication_date"),
        updated=_text(node, "{*}lastmod"),
    )


def _newest_parts(found: Sequence[Item], answer: Answer, source: Source, now: datetime) -> tuple[str, ...]:
    parts = [
        (parse_date(item.updated, source.zone, now).at or _LONG_AGO, url)
        for item in found
        if (url := absolute(answer.url, item.link))
    ]
    if not parts:
        raise ParseError("too_few_items", "the sitemap index names no sitemap", about=answer.url)
    parts.sort(key=lambda part: part[0], reverse=True)
    return tuple(dict.fromkeys(url for _, url in parts))[:MAX_PARTS]


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def _unpacked(answer: Answer, source: Source) -> tuple[Answer, tuple[str, ...]]:
    """A .gz file opened, at most `source.max_bytes` of it."""
    if not answer.body.startswith(b"\x1f\x8b"):
        return answer, ()
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(answer.body, source.max_bytes + 1)
    except zlib.error as error:
        raise ParseError("not_a_sitemap", f"the gzip file is damaged: {error}", about=answer.url) from error
    if len(body) > source.max_bytes:
        raise ParseError("too_large", f"more than {source.max_bytes} bytes unpacked", about=answer.url)
    return replace(answer, body=body, content_type=""), () if unpacker.eof else ("partial_parse",)
