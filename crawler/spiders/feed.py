"""RSS, RDF, Atom and JSON Feed. lxml guards, repairs and trims the document; feedparser says what its elements mean.

feedparser never sees foreign bytes as they came: it pays per element, searches long author names with a quadratic
pattern, opens files named by a path and answers an HTML page with "no entries, no error".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from itertools import islice

import feedparser
from lxml import etree

from crawler.found import Answer, Found
from crawler.spiders.entries import Item, finish, settle
from crawler.spiders.markup import read_xml
from crawler.spiders.strict_json import as_text, at_path, read_json
from db.dates import parse_date
from db.errors import ParseError
from db.types import Source

_ROOTS = ("rss", "feed", "rdf")
# The elements of an item that we read, and the characters beyond which one is dropped (0: no limit).
_KEPT = {
    "title": 0, "description": 0, "summary": 0, "content": 0, "encoded": 0,
    "link": 2_000, "guid": 2_000, "id": 2_000, "origlink": 2_000,
    "pubdate": 200, "published": 200, "updated": 200, "modified": 200, "issued": 200, "created": 200, "date": 200,
    "author": 300, "creator": 300,
}  # fmt: skip
_DATES = ("pubdate", "published", "issued", "date", "updated", "modified", "created")
_MEDIA = "{http://search.yahoo.com/mrss/}"
_MAX_ELEMENTS = 30_000  # of all items taken, some ten an item: feedparser needs 20 µs for each
_MAX_NAMESPACES = 50
_MAX_SEEN = 100_000  # items whose dates are compared
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def discover(answer: Answer, source: Source, now: datetime) -> Found:
    """The newest `source.max_items` entries; texts as the feed gives them, decoded once, markup left inside.

    Raises ParseError: not_a_feed, dtd_forbidden, too_deep, too_large, too_few_items, empty_body, or a code of
    `blocked` where a page came instead.
    """
    if answer.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        items, flags = _json_feed(answer)
    else:
        items, flags = _xml_feed(answer, source, now)
    dated = any(item.published for item in items)
    return finish((settle(item, answer.url, source, now) for item in items), answer, source, dated=dated, flags=flags)


# ------------------------------------------------------------------ XML
def _xml_feed(answer: Answer, source: Source, now: datetime) -> tuple[list[Item], tuple[str, ...]]:
    root, flags = read_xml(answer, "not_a_feed")
    if _local(root) not in _ROOTS:
        raise ParseError("not_a_feed", f"the root element is <{_local(root)}>", about=answer.url)
    if _trim(root, source, now):
        flags += ("capped",)
    parsed = feedparser.parse(
        BytesIO(etree.tostring(root, encoding="utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": answer.url},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if parsed.bozo:
        flags += ("partial_parse",)
    return [_item(entry) for entry in parsed.entries], flags


def _item(entry: feedparser.FeedParserDict) -> Item:
    contents = [part.get("value", "") for part in entry.get("content", ())]
    content = max(contents, key=len, default="")
    summary = entry.get("summary", "")
    published = dict.get(entry, "published", "")  # FeedParserDict.get lends one date to the other
    updated = dict.get(entry, "updated", "")
    return Item(
        link=entry.get("link", ""),
        guid=entry.get("id", ""),
        title=entry.get("title", ""),
        summary="" if summary == content else summary,
        content=content,
        authors=tuple(dict.fromkeys(name for author in entry.get("authors", ()) if (name := author.get("name")))),
        published=published or updated,
        updated=updated,
    )


def _trim(root: etree._Element, source: Source, now: datetime) -> bool:
    """Leaves the newest items, side by side, and of them what we read; True if items were left out."""
    items = list(islice(root.iter("{*}item", "{*}entry"), _MAX_SEEN))
    chosen = set(items)
    if len(items) > source.max_items:
        chosen = set(sorted(items, key=lambda item: _date(item, source, now), reverse=True)[: source.max_items])
    holder = next((node for node in root if _local(root) == "rss" and _local(node) == "channel"), root)
    elements, namespaces, taken = 0, set[str](), list[etree._Element]()
    for item in items:
        if item in chosen:
            _trim_item(item)
            names = [node.tag for node in item.iter()]
            elements += len(names)
            namespaces.update(name.partition("}")[0] for name in names)
            if elements > _MAX_ELEMENTS or len(namespaces) > _MAX_NAMESPACES:
                break
            taken.append(item)
    root[:] = [] if holder is root else [holder]
    holder[:] = taken
    etree.cleanup_namespaces(root)
    return len(taken) < len(items)


def _trim_item(item: etree._Element) -> None:
    for description in item.findall(f"{_MEDIA}group/{_MEDIA}description"):
        item.append(description)
    for node in list(item):
        name, limit = _local(node), _KEPT.get(_local(node))
        foreign = node.tag.startswith(_MEDIA) and name != "description"
        if limit is None or foreign or (limit and sum(map(len, node.itertext())) > limit):
            item.remove(node)
        elif limit == 0:
            _flatten(node)
        elif name in ("guid", "id") and not (node.text or "").strip().startswith(("http://", "https://")):
            node.set("isPermaLink", "false")  # else feedparser makes an address of it


def _flatten(node: etree._Element) -> None:
    """Markup inside a text becomes text, which costs feedparser nothing and means the same to whoever cleans it."""
    if len(node):
        children = [etree.tostring(child, encoding="unicode") for child in node]
        node.text = "".join([escape(node.text or "", quote=False), *children])
        node[:] = []
        node.set("type", "html")
    elif node.get("type", "") not in ("", "text", "html"):
        node.set("type", "html")


def _date(item: etree._Element, source: Source, now: datetime) -> datetime:
    found = {_local(node): node.text for node in item if node.text and _local(node) in _DATES}
    raw = next((found[name] for name in _DATES if name in found), "")
    return parse_date(raw, source.zone, now).at or _LONG_AGO


def _local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2].rpartition(":")[2].lower()


# ------------------------------------------------------------------ JSON Feed
def _json_feed(answer: Answer) -> tuple[list[Item], tuple[str, ...]]:
    value, flags = read_json(answer, "not_a_feed")
    rows = at_path(value, "items")
    if "jsonfeed.org/version/" not in as_text(at_path(value, "version")) or not isinstance(rows, list):
        raise ParseError("not_a_feed", "the JSON is not a JSON Feed", about=answer.url)
    return [_json_item(row) for row in rows if isinstance(row, dict)], flags


def _json_item(row: object) -> Item:
    def value(name: str) -> str:
        return as_text(at_path(row, name))

    authors = at_path(row, "authors")
    people: Sequence[object] = authors if isinstance(authors, list) else [at_path(row, "author")]
    return Item(
        link=value("url") or value("external_url"),
        guid=value("id"),
        title=value("title"),
        summary=value("summary"),
        content=value("content_html") or value("content_text"),
        authors=tuple(name for person in people if (name := as_text(at_path(person, "name")))),
        published=value("date_published"),
        updated=value("date_modified"),
    )
