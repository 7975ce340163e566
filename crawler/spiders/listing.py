"""HTML list pages, read with the CSS selectors of the source. Links are kept by the source's patterns, never all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from bs4 import BeautifulSoup, Tag

from crawler.blocked import blocked
from crawler.found import Answer, Found
from crawler.spiders.entries import Item, address, finish, settle, wanted
from crawler.spiders.markup import read_text, root_start
from db.dates import parse_date
from db.errors import ParseError
from db.types import Entry, ListingHints, Source
from db.urls import absolute

MAX_DEPTH = 256  # real pages stay below 50
MAX_TAGS = 50_000  # real pages stay below 15,000; Beautiful Soup takes some 25 µs and 1 KB for each
MAX_ATTRIBUTES = 200_000
MAX_CHARACTERS = 5_000_000
_TAG = re.compile("<[^<>]*")
_CUT = ("…", "...")
_BULLETS = "●•·▪■◆►»› "
_LETTERS = re.compile(r"[^\W\d_]")
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_TITLE_CHARACTERS = 6  # shorter link texts are labels ("Video", "更多"), unless there is nothing else
_DATE_CHARACTERS = 40  # longer texts may mention a day, but are no date line
_DATE_LETTERS = 18  # "Posted on September 12", "发布时间：2024年8月8日"
_DAY_NAME = re.compile(r"[今昨前][天日]|刚[刚才]|剛剛|yesterday|today|just now", re.IGNORECASE)
_MAX_ENTRIES = 2_000
_MAX_CLIMB = 6
_MAX_BLOCK = 300  # tags and texts around one link


def discover(answer: Answer, source: Source, now: datetime) -> Found:
    """One entry for each address that the item selector leads to; twin links (title and abstract) become one.

    Raises ParseError: not_html, dtd_forbidden, too_deep, too_large, too_few_items, empty_body, or a code of
    `blocked` where entries are missing because another page came.
    """
    hints = source.listing
    if hints is None:
        raise ParseError("source_bug", "the source has no [listing] section", about=source.id)
    text, flags = read_text(answer, "html")
    soup = _soup(text, answer.url)
    base = absolute(answer.url, _attribute(soup.select_one("base[href]"), "href")) or answer.url
    page = _Page(base=base, source=source, hints=hints, now=now)
    entries: dict[str, Entry] = {}
    for node in soup.select(hints.item):
        if node.name == "a" and page.url_of(node) in entries:
            continue  # its twin has spoken for both
        if (entry := page.entry(node)) is not None and entry.url is not None:
            entries[entry.url] = _joined(entries[entry.url], entry) if entry.url in entries else entry
        if len(entries) > _MAX_ENTRIES:
            break
    if len(entries) < source.expect.min_items and (code := blocked(answer)):
        raise ParseError(code, "another page came instead of the list", about=answer.url)
    return finish(entries.values(), answer, source, dated=bool(hints.date), flags=flags)


def _soup(text: str, about: str) -> BeautifulSoup:
    if "<" not in text:
        raise ParseError("not_html", "the answer is not an HTML page", about=about)
    if len(text) > MAX_CHARACTERS or text.count("<") > MAX_TAGS:
        raise ParseError("too_large", f"more than {MAX_CHARACTERS:,} characters or {MAX_TAGS:,} tags", about=about)
    if sum(tag[0].count("=") for tag in _TAG.finditer(text)) > MAX_ATTRIBUTES:
        raise ParseError("too_large", f"more than {MAX_ATTRIBUTES:,} attributes", about=about)
    soup = BeautifulSoup(text[root_start(text, about, known_types_only=False) :], "lxml")
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depths[id(tag.parent)] + 1
    if max(depths.values()) > MAX_DEPTH:
        raise ParseError("too_deep", f"nested more than {MAX_DEPTH} levels deep", about=about)
    return soup


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is the same for all items of one page; remembers which links the source wants."""

    base: str
    source: Source
    hints: ListingHints
    now: datetime
    _known: dict[str, str | None] = field(default_factory=dict)

    def url_of(self, link: Tag) -> str | None:
        """The address of a link that the source wants, else None."""
        href = _attribute(link, "href")
        if href not in self._known:
            url = address(href, self.base, self.source)
            self._known[href] = url if url is not None and wanted(url, self.source) else None
        return self._known[href]

    def entry(self, node: Tag) -> Entry | None:
        """The item's first wanted link, with the texts of all links to the same place."""
        links = [node] if node.name == "a" else node.select(self.hints.link)
        first = next((link for link in links if self.url_of(link)), None)
        if first is None or (url := self.url_of(first)) is None:
            return None
        block = self._block(node, url) if node.name == "a" else node
        twins = [link for link in (links if block is node else block.find_all("a")) if self.url_of(link) == url]
        title, summary = _title_and_summary(twins)
        if self.hints.title:
            title = _text(block.select_one(self.hints.title)) or title
        item = Item(link=_attribute(first, "href"), title=title, summary=summary, published=self._date(block))
        return settle(item, self.base, self.source, self.now) if title else None

    def _block(self, node: Tag, url: str) -> Tag:
        """A lone link stands for what lies around it: the widest element without another wanted link."""
        for _ in range(_MAX_CLIMB):
            parent = node.parent
            if parent is None or parent.name in ("body", "main", "html", "[document]") or self._is_wide(parent, url):
                break
            node = parent
        return node

    def _is_wide(self, block: Tag, url: str) -> bool:
        for place, inside in enumerate(block.descendants):
            if place > _MAX_BLOCK:
                return True
            if isinstance(inside, Tag) and inside.name == "a" and self.url_of(inside) not in (url, None):
                return True
        return False

    def _date(self, block: Tag) -> str:
        """What the date selector shows; without one a <time>, or the first short text that is a date."""
        shown = block.select_one(self.hints.date or "time")
        if shown is not None or self.hints.date:
            return _attribute(shown, "datetime") or _attribute(shown, "content") or _text(shown)
        lines = (str(text).strip() for text in block.find_all(string=True))
        dates = (line for line in lines if len(line) <= _DATE_CHARACTERS and _is_date_line(line))
        return next((line for line in dates if parse_date(line, self.source.zone, self.now).at), "")


def _title_and_summary(links: list[Tag]) -> tuple[str, str]:
    """The text in a heading, else the first that is more than a label; a longer one beside it is the abstract."""
    texts = {_link_text(link): link for link in reversed(links)}
    named = [text for text in reversed(texts) if _LETTERS.search(text)]
    heading = (text for text in named if texts[text].find(_HEADINGS) or texts[text].find_parent(_HEADINGS))
    lengthy = (text for text in named if len(text) >= _TITLE_CHARACTERS)
    longest = max(named, key=len, default="")
    title = next(heading, "") or next(lengthy, "") or longest
    return title, longest if longest != title else ""


def _is_date_line(line: str) -> bool:
    """Not a sentence that mentions a day: a number with few letters around it, or a day's name alone."""
    if not any(ch.isdecimal() for ch in line):
        return _DAY_NAME.fullmatch(line) is not None
    return sum(ch.isalpha() for ch in line) <= _DATE_LETTERS


def _joined(first: Entry, second: Entry) -> Entry:
    """Two items with one address: the title of the first, the longest abstract, the first date."""
    texts = [first.summary, second.summary, second.title if second.title != first.title else ""]
    dated = first if first.published_at or not second.published_at else second
    return replace(dated, title=first.title, summary=max(texts, key=len))


def _link_text(link: Tag) -> str:
    """The heading in the link, or its text; its title attribute where the page cut the text short."""
    text, whole = _text(link.select_one(", ".join(_HEADINGS)) or link), _attribute(link, "title").strip()
    return (whole if whole and (not text or text.endswith(_CUT)) else text).lstrip(_BULLETS)


def _text(node: Tag | None) -> str:
    return " ".join(str(node.get_text(" ")).split()) if node is not None else ""


def _attribute(node: Tag | None, name: str) -> str:
    value = node.get(name) if node is not None else None
    return value if isinstance(value, str) else ""
