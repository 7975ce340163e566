"""The gate before every parser of markup: decodes, refuses documents that declare things, bounds depth and size.

No foreign byte reaches a parser that could expand an entity, open a file or ask the network: the part before the root
element is read here and dropped. What lxml can not read as it stands is mended once, never guessed at twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from html import escape
from html.entities import html5
from typing import TypeVar

from lxml import etree

from crawler.blocked import blocked
from crawler.found import Answer
from db.charset import Kind, decode
from db.errors import ParseError

T = TypeVar("T")

_PIECE = 65_536  # characters given to the parser at once
_MAX_TAG = 200_000
_LONG_TAG = re.compile(rf"<[^<>]{{{_MAX_TAG}}}")
_MAX_INSIDE = 50_000  # elements of one entry
_MAX_MARKS = 1_500_000  # tags, or ampersands to mend: junk beyond takes minutes; real documents have fewer,
_BYTES_A_MARK = 12  # or a good deal of text between them
_BETWEEN = re.compile(r"(?:[\s\ufeff\0]++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_QUOTED = r"""(?:"[^"<>]*"|'[^'<>]*')"""
_DOCTYPE = re.compile(rf"<!DOCTYPE(?:\s+[\w:.-]+)?(\s+(?:PUBLIC|SYSTEM)(?:\s*{_QUOTED}){{0,2}})?\s*>", re.IGNORECASE)
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)
_KNOWN_TYPES = ("DTD RSS", "DTD HTML", "DTD XHTML", "rss-0.91.dtd", "about:legacy-compat")
_START = re.compile(r"<(?:\?xml|!DOCTYPE|rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.IGNORECASE)
_FIRST_NAME = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def read_text(answer: Answer, kind: Kind) -> tuple[str, tuple[str, ...]]:
    """The answer as text without NUL or BOM at its start, with the flags of decoding. Raises ParseError empty_body."""
    decoded = decode(answer.body, answer.content_type, kind)
    text = decoded.text.lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise ParseError("empty_body", "the answer is empty", about=answer.url)
    return text, decoded.flags


def root_start(text: str, about: str, *, known_types_only: bool) -> int:
    """Where the root element begins. Raises ParseError dtd_forbidden for a DTD with declarations of its own, and,
    with `known_types_only`, for one that leans on declarations elsewhere."""
    start = _end_of_between(text, 0)
    if _DECLARES.match(text, start):
        form = _DOCTYPE.match(text, start)
        outside = form[1] if form else None
        if not form or (known_types_only and outside and not any(known in outside for known in _KNOWN_TYPES)):
            raise ParseError("dtd_forbidden", "the document declares its own entities", about=about)
        start = _end_of_between(text, form.end())
        if _DECLARES.match(text, start):
            raise ParseError("dtd_forbidden", "the document has more than one DTD", about=about)
    return start


def _end_of_between(text: str, start: int) -> int:
    between = _BETWEEN.match(text, start)
    return between.end() if between else start


def read_xml(
    answer: Answer, wrong: str, names: Sequence[str], gather: Callable[[Iterator[etree._Element]], T]
) -> tuple[etree._Element, T, tuple[str, ...]]:
    """The root element (its name and attributes alone), what `gather` made of the elements called `names`, and flags
    (charset_guess, mojibake, partial_parse).

    `gather` is handed each element whole, in the order of the document, without comments, PIs or entities; the next
    takes its place, so that a long document never stands in memory. A damaged document is gathered once more, mended.
    Raises ParseError: `wrong` (a code) for what is not XML, what `blocked` says of a page, dtd_forbidden, too_deep,
    too_large.
    """
    text, flags = read_text(answer, "xml")
    if (at := text[:1]) != "<" and (begin := _START.search(text[:10_000])):
        text, flags = text[begin.start() :], (*flags, "partial_parse")
    elif at != "<":
        raise ParseError(blocked(answer) or wrong, "the answer is not XML", about=answer.url)
    start = root_start(text, answer.url, known_types_only=not _HTML.match(text))
    if _HTML.match(text, start):
        raise ParseError(blocked(answer) or wrong, "the answer is an HTML page", about=answer.url)
    most = max(_MAX_MARKS, len(text) // _BYTES_A_MARK)
    _check_marks(text, "<", answer.url, most)
    _check_marks(text, "xmlns:", answer.url, 5_000)  # lxml and feedparser look names up one by one
    if _LONG_TAG.search(text, start):
        raise ParseError("too_large", f"more than {_MAX_TAG:,} characters in one tag", about=answer.url)
    for damaged in (False, True):
        if damaged:
            _check_marks(text, "&", answer.url, most)
            text, start, flags = mended(text[start:]), 0, (*flags, "partial_parse")
        document = _Document(_FIRST_NAME.match(text, start), names, answer.url, recover=damaged)
        with suppress(etree.XMLSyntaxError):
            found = gather(document.elements(text, start))
            if document.root is not None:
                return document.root, found, tuple(dict.fromkeys(flags))
    raise ParseError(wrong, "the answer can not be read as XML", about=answer.url)


def _check_marks(text: str, mark: str, about: str, most: int) -> None:
    if text.count(mark) > most:
        raise ParseError("too_large", f"more than {most} times {mark!r} in one document", about=about)


class _Document:
    """A document that is read in pieces; what has been handed out is taken from the tree. `root`: once it was met."""

    def __init__(self, first: re.Match[str] | None, names: Sequence[str], about: str, *, recover: bool) -> None:
        self.root: etree._Element | None = None
        self._open = 0
        self._names, self._about = frozenset(names), about
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=[f"{{*}}{name}" for name in (*names, first[1] if first else "*")],
            encoding="utf-8",
            recover=recover,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,  # at most 256 levels and 10 million characters in one text
            remove_comments=True,
            remove_pis=True,
        )

    def elements(self, text: str, begin: int) -> Iterator[etree._Element]:
        """Raises XMLSyntaxError where the text is damaged, ParseError too_deep and too_large."""
        try:
            for start in range(begin, len(text), _PIECE):
                self._parser.feed(text[start : start + _PIECE].encode("utf-8", "ignore"))
                yield from self._complete()
                self._drop_what_is_read()
            self._parser.close()
            yield from self._complete()
        except etree.XMLSyntaxError:
            self._check_limits()
            raise
        self._check_limits()

    def _complete(self) -> Iterator[etree._Element]:
        for event, element in self._parser.read_events():
            if self.root is None:
                self.root = element
            if local_name(element) not in self._names:
                continue
            self._open += 1 if event == "start" else -1
            if not self._open:  # one whose end is missing holds those behind it
                yield from list(element.iter(*(f"{{*}}{name}" for name in self._names)))
                element.clear(keep_tail=True)  # the parser may be writing the text behind it

    def _drop_what_is_read(self) -> None:
        """All but the elements that are still open; an element we wait for stays whole."""
        node = self.root
        while node is not None and len(node):
            if local_name(node) in self._names:
                if sum(1 for _ in node.iter()) > _MAX_INSIDE:
                    raise ParseError("too_large", f"more than {_MAX_INSIDE:,} elements in one entry", about=self._about)
                return
            del node[:-1]
            node = node[-1]

    def _check_limits(self) -> None:
        for entry in self._parser.feed_error_log:
            if entry.type_name == "ERR_RESOURCE_LIMIT":
                code = "too_deep" if "depth" in entry.message else "too_large"
                raise ParseError(code, entry.message, about=self._about)


def local_name(element: etree._Element) -> str:
    """The name without its namespace, or the prefix of one that was never declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


# ------------------------------------------------------------------ damaged documents
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_AMPERSAND = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z]\w{0,31});)?")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_NAMES = ("amp", "lt", "gt", "quot", "apos")
_FIELD = re.compile(
    r"(<((?:\w+:)?(?:title|description|summary|content|encoded))(?:\s[^<>]*)?(?<!/)>)(.*?)(</\2\s*>|(?=</(?:item|entry)\s*>)|\Z)",
    re.DOTALL,
)
_UNITS = (("item", "entry"), ("url", "sitemap"))


def mended(text: str) -> str:
    """What often breaks feeds, repaired: control characters, stray ampersands, entities and bare tags of HTML, a
    cut-off last item (half an address is worse than none)."""
    text = _FIELD.sub(_as_text, _without_unfinished(_NOT_XML.sub("", text)))
    parts = _CDATA.split(text)
    return "".join(part if part.startswith("<![CDATA[") else _AMPERSAND.sub(_reference, part) for part in parts)


def _as_text(field: re.Match[str]) -> str:
    """HTML that was put into a feed bare may be anything; as text it can no longer break the elements around it."""
    start, _, inside, end = field.groups()
    if "<" not in inside or "<![CDATA[" in inside:
        return field[0]
    return start.replace("xhtml", "html") + inside.replace("<", "&lt;").replace(">", "&gt;") + end


def _without_unfinished(text: str) -> str:
    for names in _UNITS:
        begins = [found.start() for found in re.finditer(rf"<(?:\w+:)?(?:{'|'.join(names)})[\s>]", text)]
        if begins:
            ended = re.compile(rf"</(?:\w+:)?(?:{'|'.join(names)})\s*>").search(text, begins[-1])
            return text if ended else text[: begins[-1]]
    return text


def _reference(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return "" if code > 0x10FFFF or _NOT_XML.match(chr(code)) else found[0]
    if name in _XML_NAMES:
        return found[0]
    known = html5.get(f"{name};") if name else None
    return escape(known) if known else "&amp;" + found[0][1:]
