"""Page → Extraction: what an article page says, and where each answer was found. Pure: no network, no clock, no state.

One parse serves everything. It never raises on foreign bytes: a page without an article is `empty`.
"""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

from db.charset import decode
from db.text import clean_line
from db.types import Extraction, PageHints, Quality
from pipelines.body import NO_HINTS, body_of, drop
from pipelines.bylines import authors_of
from pipelines.datelines import modified_of, published_of
from pipelines.language import main_language
from pipelines.markup import parse
from pipelines.metadata import address_of, read_head, title_of

SHORT_CHARACTERS: Final = 300  # letters; a Han character counts threefold
_HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|(?<![\w-])color\s*:\s*([^;]+?)\s*;.*(?<![\w])background(?:-color)?\s*:\s*\1\s*(?:;|$)",
    re.IGNORECASE,
)
_FOR_SUBSCRIBERS: Final = re.compile(r"paywall|subscriber|premium", re.IGNORECASE)
_STREAMED: Final = re.compile(r"S:[0-9a-f]+")
_READABLE: Final = re.compile(r"html|xml|text/|^\s*(?:;|$)|octet-stream", re.IGNORECASE)
_HAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def extract(page: bytes | str, url: str, *, content_type: str = "", hints: PageHints = NO_HINTS) -> Extraction:
    """Reads one page. `url` is where it was fetched; `content_type` the header's value, "" if unknown."""
    flags: tuple[str, ...] = ()
    markup = page
    if not _READABLE.search(content_type) or markup[:5] in (b"%PDF-", "%PDF-"):
        return Extraction(title="", text="", quality="empty", canonical_url=url or None)
    if isinstance(markup, bytes):
        decoded = decode(markup, content_type)
        markup, flags = decoded.text, decoded.flags
    tree = parse(markup)
    if tree is None:
        return Extraction(title="", text="", quality="empty", canonical_url=url or None, flags=flags)
    head = read_head(tree)
    title, title_by = title_of(head, url)
    authors, authors_by = authors_of(head, tree)
    published = published_of(head, tree, title, url)
    modified = modified_of(head, tree)
    address, address_by = address_of(head, url)
    _drop_hidden(tree)
    text, text_by = body_of(tree, hints)
    found_by = {
        "title": title_by, "text": text_by, "authors": authors_by, "published_at": published[1] if published else "",
        "modified_at": modified[1] if modified else "", "canonical_url": address_by,
    }  # fmt: skip
    return Extraction(
        title=clean_line(title),
        text=text,
        authors=authors,
        published_at=published[0] if published else None,
        modified_at=modified[0] if modified else None,
        language=main_language(text or title, head.language),
        canonical_url=address or None,
        quality=quality_of(text),
        found_by={field: where for field, where in found_by.items() if where},
        flags=flags,
    )


def quality_of(text: str) -> Quality:
    """`empty`, `short` (a teaser, a picture's caption) or `ok`."""
    if not text:
        return "empty"
    size = len(text) + 2 * len(_HAN.findall(text[:SHORT_CHARACTERS]))
    return "short" if size < SHORT_CHARACTERS else "ok"


def _drop_hidden(tree: HtmlElement) -> None:
    """What no reader sees must not speak: hidden by attribute or by inline style."""
    for node in tree.xpath("//body//*[@hidden or @aria-hidden='true' or @style]"):
        by_name = node.get("hidden") is not None or node.get("aria-hidden") == "true"
        if (by_name or _HIDDEN_STYLE.search((node.get("style") or "")[:500])) and not _shown_later(node):
            drop(node)


def _shown_later(node: HtmlElement) -> bool:
    """Text for subscribers, and the parts a streaming server sends hidden and a script moves into place."""
    return bool(_FOR_SUBSCRIBERS.search(node.get("class") or "") or _STREAMED.fullmatch(node.get("id") or ""))
