"""When a page was published and changed: JSON-LD, meta tags, <time>, its address, and what stands by its title.

Dates are given as the page writes them; nothing is compared with a clock, and no zone is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
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
_PACKED_IN_ADDRESS: Final = re.compile(
    r"/[a-z]?(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{0,12}(?:[/._?#-]|$)", re.IGNORECASE
)
_UPDATED: Final = re.compile(r"updat|modif|更新|修改|aktualisiert", re.IGNORECASE)
_PUBLISHED: Final = re.compile(
    r"(?:first |originally )?(?:published|posted|veröffentlicht|publié|publicado|pubblicato)\b|发布|发表", re.IGNORECASE
)
_ONLY_DATE: Final = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d")
_FARTHEST: Final = timedelta(hours=14)
_PARTS_OF_HOURS: Final = tuple(timedelta(minutes=minutes) for minutes in (0, 30, 45))
_CLOCKS: Final = (
    "(//h1)[1]/following::*[self::time or contains(@class, 'date') or contains(@class, 'Date')"
    " or contains(@class, 'time')][not(*[6])]"
)
_TIMES_BELOW: Final = "(//h1)[1]/following::time"
_FEW_CLOCKS: Final = 4  # by the title; farther down stand other articles' times
_LINE_CHARACTERS: Final = 120
_LINES_BY_TITLE: Final = 12


def published_of(head: Head, tree: HtmlElement, title: str, url: str) -> Found | None:
    """The first of: JSON-LD, meta tags, itemprop, <time> by the title, a line by the title, the address's own day.

    A moment that the head gives in UTC is given in the page's own zone, where the page says the same moment in it.
    """
    if found := _in_head(head):
        return _in_own_zone(found[0], head, tree), found[1]
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


def _in_head(head: Head) -> Found | None:
    for key in ("datePublished", "uploadDate", "dateCreated"):
        if moment := iso(structured.line(head.node.get(key))):
            return moment, "json-ld"
    for value, where in head.meta(*_PUBLISHED_METAS):
        if moment := iso(value):
            return moment, f"meta {where}"
    return None


def _in_own_zone(moment: str, head: Head, tree: HtmlElement) -> str:
    """`moment` with the offset that a <time> or another meta tag gives it: by an offset of its own, or by a clock that
    differs from UTC as zones do and shows the same minute otherwise."""
    first = datetime.fromisoformat(moment)
    if first.utcoffset() != timedelta(0):
        return moment
    said = [value for value, _ in head.meta(*_PUBLISHED_METAS)]
    for node in tree.xpath(_CLOCKS)[:_FEW_CLOCKS]:
        said += [node.get("datetime") or "", text_of(node)[:_LINE_CHARACTERS]]
    for value in said:
        if (other := iso(value)) is None or "T" not in other:
            continue
        second = datetime.fromisoformat(other)
        if second.tzinfo is None:
            ahead = second.replace(tzinfo=UTC, second=0) - first.replace(second=0)
        else:
            ahead = second.utcoffset() or timedelta(0)
            if abs(second - first) >= timedelta(minutes=1):
                continue
        if ahead and ahead % timedelta(hours=1) in _PARTS_OF_HOURS and abs(ahead) <= _FARTHEST:
            return first.astimezone(timezone(ahead)).isoformat()
    return moment


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
    """A <time> that says it is the publication's; else one below the title or the article's first, if the address
    agrees."""
    times = [(node, moment) for node in tree.iter("time") if (moment := iso(node.get("datetime") or text_of(node)))]
    for node, moment in times:
        words = f"{node.get('class') or ''} {node.get('itemprop') or ''}".lower()
        if node.get("pubdate") is not None or ("publi" in words and not _UPDATED.search(words)):
            return moment, "time"
    below = set(tree.xpath(_TIMES_BELOW)[:_FEW_CLOCKS])
    titled = [(node, moment) for node, moment in times if node in below]
    inside = [(node, moment) for node, moment in times if next(node.iterancestors("article", "main"), None) is not None]
    for fits in (_same, _near):
        for node, moment in [*titled, *(inside or times)] if day else inside or times:
            if not _UPDATED.search(node.getparent().text or "") and fits(moment, day):
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
            if len(line) <= _LINE_CHARACTERS and (moment := iso(line)) and _near(moment, day):
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


def _same(moment: str, day: str | None) -> bool:
    """Whether a moment is of the address's day, as written or in UTC."""
    at = datetime.fromisoformat(moment)
    return day is None or day in (moment[:10], (at.astimezone(UTC) if at.tzinfo else at).date().isoformat())


def _near(moment: str, day: str | None) -> bool:
    """Whether a moment is of the address's day, or of the one before or after."""
    return day is None or abs(date.fromisoformat(moment[:10]) - date.fromisoformat(day)) <= timedelta(days=1)


def _day_in(url: str) -> str | None:
    found = _IN_ADDRESS.search(url) or _PACKED_IN_ADDRESS.search(url)
    if found is None:
        return None
    year, month, day = found.groups()
    return iso(f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}")
