"""Markup → tree and markup → plain text: the one place where HTML is parsed and where tags become line breaks.

Nothing here chooses what belongs to an article. Output is text, not safe HTML: whoever shows it escapes it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from db.text import clean_text

# Twice and four times what the largest real pages have, scripts apart. A tag takes a hundred bytes and more.
MAX_CHARACTERS: Final = 2_000_000
MAX_TAGS: Final = 50_000

UNREAD: Final = frozenset(
    re.split(
        r"\s+",
        "script style noscript template svg math iframe object embed applet audio video canvas map select datalist"
        " textarea head title link meta base button input",
    )
)
BLOCKS: Final = frozenset(
    re.split(
        r"\s+",
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption"
        " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre"
        " section summary table tbody tfoot thead tr ul xmp plaintext listing",
    )
)
_UNREAD_CODE: Final = re.compile(
    r"<(script|style)\b(?![^<>]*ld\+json)[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_ENDS: Final = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_CELLS: Final = frozenset(("td", "th"))
_CDATA: Final = re.compile(r"<!\[CDATA\[|\]\]>")
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
_BROKEN_CELLS: Final = re.compile(r"(?:^[ |]+|[ |]+$)", re.MULTILINE)
# A name that HTML knows, an attribute, or an end tag: "a < b" and "<your name>" are text.
_TAG: Final = re.compile(
    r"<(?:!--|/[a-z][\w:-]*\s*>|[a-z][\w:-]*[\s/][^<>=]*=|[!?]?(?:a|abbr|address|article|aside|audio|b|base|blockquote"
    r"|body|br|button|cite|code|div|dd|dl|dt|doctype|em|embed|fieldset|figcaption|figure|font|footer|form|frame"
    r"|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|marquee|math|meta|nav|noscript"
    r"|object|ol|option|p|plaintext|pre|q|s|script|section|select|small|source|span|strike|strong|style|sub|sup|svg"
    r"|table|tbody|td|template|textarea|th|thead|title|tr|tt|u|ul|video|xml|xmp)\b)[^<>]*>?",
    re.IGNORECASE,
)


def parse(markup: str) -> HtmlElement | None:
    """The tree of a document or fragment, or None where there is nothing to read. Comments are gone."""
    # libxml2 ends a document at U+0000 and rebels at surrogates; both are noise.
    # It also ends one at </body>, where browsers read on: templates put together from parts have several.
    data = _ENDS.sub("", _bounded(markup).replace("\0", "")).encode("utf-8", "replace")
    # huge_tree: an attribute of 10 MB must not cost the text after it; depth stays bounded (2048).
    parser = HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,
    )
    try:
        return document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def _bounded(markup: str) -> str:
    """The beginning, as far as a reader of a page would ever come."""
    if len(markup) > MAX_CHARACTERS:
        markup = _UNREAD_CODE.sub("", markup)[:MAX_CHARACTERS]
    if markup.count("<") > MAX_TAGS:
        markup = markup[: next(islice(re.finditer("<", markup), MAX_TAGS, None)).start()]
    return markup


def text_of(root: Any, dropped: Iterable[str] = ()) -> str:
    """The text under `root`, a line for each block, cells of a row set apart by `` | ``. Not cleaned."""
    unread = UNREAD.union(dropped)
    parts: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        tag = node.tag
        if event == "start":
            if tag in unread:
                walker.skip_subtree()
                continue
            if tag in BLOCKS or tag == "br":
                parts.append("\n")
            if node.text:
                parts.append(node.text if tag == "pre" else _BLANKS.sub(" ", node.text))
            continue
        if tag in BLOCKS:
            parts.append("\n")
        elif tag in _CELLS:
            parts.append(" | ")
        if node.tail and node is not root:
            parts.append(_BLANKS.sub(" ", node.tail))
    return _BROKEN_CELLS.sub("", "".join(parts))


def plain(fragment: str, limit: int = 200_000) -> str:
    """A title, summary or content as feeds carry it (text or HTML, sometimes escaped twice) as clean plain text.

    Entities are decoded once; only where that lays bare further tags is it read as markup again. Never raises.
    """
    text, decoded = clean_text(_CDATA.sub("", fragment), 8 * limit), False
    for _ in range(3):
        if _TAG.search(text):
            tree = parse(text)
            text = "" if tree is None else text_of(tree)
        elif not decoded:
            text = html.unescape(text)
        else:
            break
        decoded = True
    # Cleaning first: an invisible character inside a tag hides it from the pattern.
    return clean_text(_TAG.sub(" ", clean_text(text, 2 * limit)), limit)
