"""PDF → Extraction: the text of a document in paragraphs and rows. Pure; runs no script, opens no link, keeps no image.

A hostile or damaged file ends as `empty`; time and memory are bounded by the worker that calls this.
"""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from db.text import clean_line, clean_text
from db.types import Extraction
from pipelines.language import main_language

MAX_PAGES: Final = 150
MAX_CHARACTERS: Final = 200_000
_GAP: Final = re.compile(r"\s{3,}")  # between the cells of a row
_PAGE_NUMBER: Final = re.compile(
    r"(?:page |p\. ?|第 ?)?\d{1,4}(?: ?(?:of|/|von|页|页 ?共) ?\d{1,4} ?页?)?", re.IGNORECASE
)
_ENDS: Final = re.compile(r"[.!?:;。！？：；]['\"”’)）]?$")
_LISTED: Final = re.compile(r"(?:[•·●▪–—*-]|\(?[0-9a-zA-Z]{1,3}[.)）、]|第[一二三四五六七八九十百]+[条章节])\s*")
_WIDE: Final = 0.7  # of the widest line: a line that long goes on in the next one
_HYPHEN: Final = re.compile(r"(?<=[a-zäöüß])-$")
_RUNNING: Final = 3  # pages on which a line stands at the edge, to be a running head
#: What pypdf raises on files that lie about themselves, besides its own errors.
_DAMAGED: Final = (
    PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, AssertionError,
    NotImplementedError, OSError, zlib.error, struct.error,
)  # fmt: skip


def is_pdf(page: bytes | str) -> bool:
    return page[:5] in (b"%PDF-", "%PDF-")


def read_pdf(body: bytes, url: str) -> Extraction:
    """The text of at most MAX_PAGES pages; one cell apart from the next by " | ", as in the tables of pages."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells every oddity of every file
    try:
        reader = PdfReader(BytesIO(body))
        pages = [list(_lines(page.extract_text(extraction_mode="layout"))) for page in islice(reader.pages, MAX_PAGES)]
        told = str(reader.metadata.title or "") if reader.metadata else ""
    except _DAMAGED:
        return Extraction(title="", text="", quality="empty", canonical_url=url or None)
    text = clean_text("\n".join(_paragraphs(_without_running(pages))))[:MAX_CHARACTERS]
    title = clean_line(told)[:300] or text.partition("\n")[0][:300]
    return Extraction(
        title=title,
        text=text,
        language=main_language(text),
        canonical_url=url or None,
        quality="ok" if text else "empty",
        found_by={"text": "pdf", "title": "pdf"} if text else {},
    )


def _lines(layout: str) -> Iterator[str]:
    """The lines of one page with their cells told apart; "" stands for a gap."""
    for line in layout.split("\n"):
        yield " | ".join(filter(None, map(str.strip, _GAP.split(line.strip()))))


def _without_running(pages: Sequence[Sequence[str]]) -> Iterator[str]:
    """The pages one after the other, without page numbers and what is repeated at their edges."""
    filled = [[place for place, line in enumerate(page) if line] for page in pages]
    edges = Counter(page[place] for page, places in zip(pages, filled, strict=True) for place in _edges(places))
    for page, places in zip(pages, filled, strict=True):
        at_edge = _edges(places)
        for place, line in enumerate(page):
            if place not in at_edge or not (_PAGE_NUMBER.fullmatch(line) or edges[line] >= _RUNNING):
                yield line


def _edges(places: Sequence[int]) -> set[int]:
    return {*places[:2], *places[-2:]}


def _paragraphs(lines: Iterator[str]) -> Iterator[str]:
    """Lines that belong together as one; a row of a table stays one line."""
    listed = list(lines)
    width = max((len(line) for line in listed if " | " not in line), default=0)
    held = ""
    for line in listed:
        apart = not line or " | " in line or _LISTED.match(line)
        if held and (apart or " | " in held or _ends(held, width)):
            yield held
            held = ""
        held = _joined(held, line) if held else line
    if held:
        yield held


def _ends(held: str, width: int) -> bool:
    """Whether a paragraph ends with this line: at a full stop, or well before the margin."""
    last = held[-width:] if width else held
    return bool(_ENDS.search(held)) or len(last) < _WIDE * width


def _joined(held: str, line: str) -> str:
    if _HYPHEN.search(held) and line[:1].islower():
        return held[:-1] + line
    return held + ("" if _is_wide(held[-1]) or _is_wide(line[:1]) else " ") + line


def _is_wide(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
