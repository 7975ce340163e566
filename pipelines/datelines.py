"""When a page was published and changed: JSON-LD, meta tags, <time>, its address, and what stands by its title.

Dates are given as the page writes them; nothing is compared with a clock, and no zone is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml.html import HtmlElement

from db.text import title_key
from pipelines import structured
from pipelines.markup import text_of
from pipelines.metadata import Found, Head
from pipelines.moments import iso

_PUBLISHED_METAS: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.created",
    "dcterms.issued", "dcterms.date", "dc.date", "dc.date.created", "article.published", "article:published",
    "bytedance:published_time", "weibo:article:create_at", "publishdate", "publish-date", "publish_date", "pubdate",
    "publication_date", "date.release", "og:release_date", "published_time", "article_date_original", "release_date",
    "originalpublicationdate", "date_published", "datecreated", "created", "article:post_date", "date",
)  # fmt: skip
_MODIFIED_METAS: Final = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "bytedance:updated_time", "last-modified", "lastmod", "revised", "article.updated",
)  # fmt: skip
_IN_ADDRESS: Final = re.compile(
    r"/(20\d\d)[/_-]?(0[1-9]|1[0-2]|[1-9](?=[/_-])|[a-z]{3}(?=/))[/_-]?(0[1-9]|[12]\d|3[01]|[1-9](?!\d))(?=\d{0,6}(?:[/._-]|$))",
    re.IGNORECASE,
)
_UPDATED: Final = re.compile(r"updat|modif|更新|修改|aktualisiert", re.IGNORECASE)
_PUBLISHED: Final = re.compile(
    r"(?:first |originally )?(?:published|posted|veröffentlicht|publié|publicado|pubblicato)\b|发布|发表", re.IGNORECASE
)
_ONLY_DATE: Final = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d")
_LINE_CHARACTERS: Final = 120
_LINES_BY_TITLE: Final = 12


def published_of(head: Head, tree: HtmlElement, title: str, url: str) -> Found | None:
    """The first of: JSON-LD, meta tags, itemprop, <time> by the title, a line by the title, the address's own day."""
    for key in ("datePublished", "uploadDate", "dateCreated"):
        if moment := iso(structured.line(head.node.get(key))):
            return moment, "json-ld"
    for value, where in head.meta(*_PUBLISHED_METAS):
        if moment := iso(value):
            return moment, f"meta {where}"
    day = _day_in(url)
    found = (
        _itemprop(tree, ("datepublished", "datecreated"))
        or _time(tree, day)
        or _in_title(head)
        or _by_title(head, tree, title, day)
    )
    if found:
        return found
    return (day, "url") if day else None


def modified_of(head: Head, tree: HtmlElement) -> Found | None:
    if moment := iso(structured.line(head.node.get("dateModified"))):
        return moment, "json-ld"
    for value, where in head.meta(*_MODIFIED_METAS):
        if moment := iso(value):
            return moment, f"meta {where}"
    return _itemprop(tree, ("datemodified",))


def _itemprop(tree: HtmlElement, names: tuple[str, ...]) -> Found | None:
    for node in tree.xpath("//*[@itemprop]"):
        if (node.get("itemprop") or "").lower() in names and (
            moment := iso(node.get("datetime") or node.get("content") or text_of(node))
        ):
            return moment, "itemprop"
    return None


def _time(tree: HtmlElement, day: str | None) -> Found | None:
    """A <time> that says it is the publication's; else the first one of the article, if the address agrees."""
    times = [(node, moment) for node in tree.iter("time") if (moment := iso(node.get("datetime") or text_of(node)))]
    for node, moment in times:
        words = f"{node.get('class') or ''} {node.get('itemprop') or ''}".lower()
        if node.get("pubdate") is not None or ("publi" in words and not _UPDATED.search(words)):
            return moment, "time"
    inside = [(node, moment) for node, moment in times if next(node.iterancestors("article", "main"), None) is not None]
    for node, moment in inside or times:
        if not _UPDATED.search(node.getparent().text or "") and (day is None or moment[:10] == day):
            return moment, "time"
    return None


def _in_title(head: Head) -> Found | None:
    """`<title>` that ends with nothing but a date: "… | DW | 28.04.2023"."""
    last = head.title.rsplit("|", 1)[-1].strip()
    moment = iso(last) if _ONLY_DATE.fullmatch(last) else None
    return (moment, "title") if moment else None


def _by_title(head: Head, tree: HtmlElement, title: str, day: str | None) -> Found | None:
    """A date on a short line just below the title, or just above it; else on a line that says "published"."""
    lines = [line for line in map(str.strip, text_of(tree).split("\n")) if line]
    keys = {title_key(title), *(title_key(line) for tag, line in head.headings if tag == "h1")} - {""}
    places = [index for index, line in enumerate(lines) if len(line) < 400 and title_key(line) in keys][:3]
    for place in places:
        for line in _around(lines, place):
            if len(line) <= _LINE_CHARACTERS and (moment := iso(line)) and (day is None or moment[:10] == day):
                return moment, "line"
    for line in lines:
        if len(line) <= _LINE_CHARACTERS and _PUBLISHED.match(line) and (moment := iso(line)):
            return moment, "line"
    return None


def _around(lines: list[str], place: int) -> Iterator[str]:
    near = lines[place + 1 : place + 1 + _LINES_BY_TITLE]
    yield from (line for line in near if not _UPDATED.search(line))
    yield from near
    yield from reversed(lines[max(0, place - 4) : place])


def _day_in(url: str) -> str | None:
    found = _IN_ADDRESS.search(url)
    if found is None:
        return None
    year, month, day = found.groups()
    return iso(f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}")
