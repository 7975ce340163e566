"""RSS, RDF, Atom and JSON Feed. lxml guards, repairs and trims the document; feedparser says what its elements mean.

feedparser never sees foreign bytes as they came: it pays per element, searches long author names with a quadratic
pattern, opens files named by a path and answers an HTML page with "no entries, no error".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappush, heapreplace
from io import BytesIO
from itertools import islice

import feedparser
from lxml import etree

from crawler.found import Answer, Found
from crawler.spiders.entries import Item, finish, settled
from crawler.spiders.markup import local_name, read_xml
from crawler.spiders.strict_json import as_text, at_path, read_json
from db.dates import parse_date
from db.errors import ParseError
from db.types import Source
from db.urls import absolute

_ROOTS = ("rss", "feed", "rdf")
# The elements of an item that we read, and the characters beyond which one is dropped (0: no limit).
_KEPT = {
    "title": 0, "description": 0, "summary": 0, "content": 0, "encoded": 0,
    "link": 2_000, "guid": 2_000, "id": 2_000, "origlink": 2_000,
    "pubdate": 200, "published": 200, "updated": 200, "modified": 200, "issued": 200, "created": 200, "date": 200,
    "author": 300, "creator": 300,
}  # fmt: skip
_DATES = ("pubdate", "published", "issued", "date", "updated", "modified", "created")
_ATTRIBUTES = ("href", "rel", "type", "isPermaLink")
_TEXT_TYPES = ("", "text", "html", "xhtml", "text/plain", "text/html", "application/xhtml+xml")
_MEDIA = "{http://search.yahoo.com/mrss/}"
_PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
_MAX_ELEMENTS = 30_000  # of all items taken, some ten an item: feedparser needs 20 µs for each
_MAX_NAMESPACES = 50
_BATCH = 25  # items given to feedparser at once: it holds a text five times over
_MAX_SEEN = 100_000  # items whose dates are compared
_MAX_TEXT = 500_000  # characters; later stages keep less
_MAX_CHILDREN = 200  # of an item
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
    return finish(settled(items, answer.url, source, now), answer, source, dated=dated, flags=flags)


# ------------------------------------------------------------------ XML
def _xml_feed(answer: Answer, source: Source, now: datetime) -> tuple[list[Item], tuple[str, ...]]:
    root, newest, flags = read_xml(
        answer, "not_a_feed", ("item", "entry"), lambda nodes: _Newest.of(nodes, answer.url, source, now)
    )
    if _local(root) not in _ROOTS:
        raise ParseError("not_a_feed", f"the root element is <{local_name(root)}>", about=answer.url)
    copies, items, damaged = newest.copies(), list[Item](), False
    while batch := copies[:_BATCH]:
        del copies[:_BATCH]
        parsed = feedparser.parse(
            BytesIO(_document(root, newest.holder, batch)),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        damaged |= bool(parsed.bozo)
        items += map(_item, parsed.entries)
    return items, flags + ("capped",) * newest.capped + ("partial_parse",) * damaged


def _document(root: etree._Element, holder: str, items: Sequence[etree._Element]) -> bytes:
    """A new document of the items, side by side."""
    small = etree.Element(_tag(root), version=root.get("version", ""))
    inside = etree.SubElement(small, holder) if holder else small
    inside.extend(items)
    return bytes(etree.tostring(small, encoding="utf-8"))


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


@dataclass(slots=True, kw_only=True)
class _Newest:
    """The newest items of a document so far, each with what we read of it; `capped`: some were left out."""

    holder: str = ""  # the element around them, where the root is not
    capped: bool = False
    _heap: list[tuple[datetime, int, etree._Element]] = field(default_factory=list)  # the oldest, then last, is first

    @classmethod
    def of(cls, nodes: Iterator[etree._Element], url: str, source: Source, now: datetime) -> _Newest:
        newest = cls()
        for place, node in enumerate(islice(nodes, _MAX_SEEN)):
            parent = node.getparent()
            if not place and parent is not None and _local(parent) == "channel":
                newest.holder = _tag(parent)
            key = (_date(node, source, now), -place)
            if len(newest._heap) < source.max_items:
                heappush(newest._heap, (*key, _trimmed_item(node, url)))
                continue
            newest.capped = True
            if key > newest._heap[0][:2]:
                heapreplace(newest._heap, (*key, _trimmed_item(node, url)))
        return newest

    def copies(self) -> list[etree._Element]:
        """The items in the order of the document, as many as feedparser reads in a short time."""
        copies, elements, namespaces = list[etree._Element](), 0, set[str]()
        for _, _, copy in sorted(self._heap, key=lambda item: -item[1]):
            names = [str(node.tag) for node in copy.iter()]
            elements += len(names)
            namespaces.update(name.partition("}")[0] for name in names)
            if elements > _MAX_ELEMENTS or len(namespaces) > _MAX_NAMESPACES:
                self.capped = True
                break
            copies.append(copy)
        self._heap.clear()
        return copies


def _trimmed_item(item: etree._Element, url: str) -> etree._Element:
    copy = etree.Element(_tag(item))
    for node in [*islice(item, _MAX_CHILDREN), *islice(item.findall(f"{_MEDIA}group/{_MEDIA}description"), 1)]:
        name, limit = _local(node), _KEPT.get(_local(node))
        foreign = node.tag.startswith(_MEDIA) and name != "description"
        if limit is None or foreign or (limit and sum(map(len, node.itertext())) > limit):
            continue
        copy.append(_flat(node) if limit == 0 else _leaf(node, name, url))
    return copy


def _tag(node: etree._Element) -> str:
    """The name with its namespace; damaged feeds use well-known prefixes without declaring them."""
    tag = str(node.tag)
    if tag.startswith("{") or ":" not in tag:
        return tag
    prefix, _, name = tag.rpartition(":")
    return f"{{{_PREFIXES[prefix]}}}{name}" if prefix in _PREFIXES else name


def _flat(node: etree._Element) -> etree._Element:
    """Markup inside a text becomes text, which costs feedparser nothing and means the same to whoever cleans it."""
    copy = etree.Element(_tag(node))
    text, kind = node.text or "", node.get("type", "")
    if len(node):
        whole = etree.tostring(node, encoding="unicode", with_tail=False)
        text, kind = whole[whole.index(">") + 1 : whole.rindex("<")], "html"
    if kind:
        copy.set("type", "text" if kind in ("text", "text/plain") else "html")
    copy.text = text[:_MAX_TEXT] if kind in _TEXT_TYPES else ""
    return copy


def _leaf(node: etree._Element, name: str, url: str) -> etree._Element:
    """A short element without anything inside but its text; of an author, the name; of a link, the whole address."""
    copy = etree.Element(_tag(node), {key: node.attrib[key] for key in _ATTRIBUTES if key in node.attrib})
    person = next((child.text for child in node if _local(child) == "name"), None)
    copy.text = ((person if name == "author" and person else node.text) or "").strip()
    if name in ("link", "origlink"):
        base = absolute(url, node.base or "") or url
        copy.text = absolute(base, copy.text) if copy.text else ""
        if href := copy.get("href", "").strip():
            copy.set("href", absolute(base, href) or "")
    elif name in ("guid", "id") and not copy.text.startswith(("http://", "https://")):
        copy.set("isPermaLink", "false")  # else feedparser makes an address of it
    return copy


def _date(item: etree._Element, source: Source, now: datetime) -> datetime:
    found = {_local(node): node.text for node in item if node.text and _local(node) in _DATES}
    raw = next((found[name] for name in _DATES if name in found), "")
    return parse_date(raw, source.zone, now).at or _LONG_AGO


def _local(node: etree._Element) -> str:
    return local_name(node).lower()


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
