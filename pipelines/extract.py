"""Page → Extraction: what an article page says, and where each answer was found. Pure: no network, no clock, no state.

One parse serves everything. It never raises on foreign bytes: a page without an article is `empty`.
"""

from __future__ import annotations

import re
from typing import Final

from db.charset import decode
from db.text import clean_line
from db.types import Extraction, PageHints, Quality
from pipelines.body import NO_HINTS, body_of
from pipelines.bylines import authors_of
from pipelines.datelines import modified_of, published_of
from pipelines.hidden import drop_hidden
from pipelines.language import main_language
from pipelines.markup import parse
from pipelines.metadata import address_of, descriptions_of, read_head, title_of
from pipelines.pdf import is_pdf, read_pdf

MAX_BYTES: Final = 6 * 1024 * 1024  # three times the largest real pages, scripts included
SHORT_CHARACTERS: Final = 300  # letters; a Han character counts threefold
DOUBTFUL_PROMISE: Final = 0.9  # below it one text in two has an F1 under 0.9, above it one in ten: docs/extraction.md
_READABLE: Final = re.compile(r"html|xml|text/|^\s*(?:;|$)|octet-stream", re.IGNORECASE)
_HAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def extract(page: bytes | str, url: str, *, content_type: str = "", hints: PageHints = NO_HINTS) -> Extraction:
    """Reads one page. `url` is where it was fetched; `content_type` the header's value, "" if unknown."""
    flags: tuple[str, ...] = ()
    markup = page
    if is_pdf(page):
        return read_pdf(page if isinstance(page, bytes) else page.encode("latin-1", "replace"), url)
    if not _READABLE.search(content_type):
        return Extraction(title="", text="", quality="empty", canonical_url=url or None)
    if isinstance(markup, bytes):
        decoded = decode(markup[:MAX_BYTES], content_type)
        markup, flags = decoded.text, decoded.flags
    tree = parse(markup)
    if tree is None:
        return Extraction(title="", text="", quality="empty", canonical_url=url or None, flags=flags)
    head = read_head(tree)
    title, title_by = title_of(head, url)
    authors, authors_by = authors_of(head, tree, url)
    published = published_of(head, tree, title, url)
    modified = modified_of(head, tree)
    address, address_by = address_of(head, url)
    drop_hidden(tree)
    body = body_of(tree, hints, title, descriptions_of(head))
    found_by = {
        "title": title_by, "text": body.found_by, "authors": authors_by,
        "published_at": published[1] if published else "",
        "modified_at": modified[1] if modified else "", "canonical_url": address_by,
    }  # fmt: skip
    return Extraction(
        title=clean_line(title),
        text=body.text,
        authors=authors,
        published_at=published[0] if published else None,
        modified_at=modified[0] if modified else None,
        language=main_language(body.text or title, head.language),
        canonical_url=address or None,
        quality=quality_of(body.text, body.promise),
        found_by={field: where for field, where in found_by.items() if where},
        flags=flags,
    )


def quality_of(text: str, promise: float = 1.0) -> Quality:
    """`empty`, `short` (a teaser, a picture's caption), `doubtful` (perhaps a list of articles, or half a text), `ok`.

    `promise` is how much of the text its finder expects to be right, 0..1.
    """
    if not text:
        return "empty"
    size = len(text) + 2 * len(_HAN.findall(text[:SHORT_CHARACTERS]))
    if size < SHORT_CHARACTERS:
        return "short"
    return "doubtful" if promise < DOUBTFUL_PROMISE else "ok"
