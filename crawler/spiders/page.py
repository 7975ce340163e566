"""A watched page, or a PDF: it is itself the article, so there is one entry and it is the address that was asked."""

from __future__ import annotations

from datetime import datetime

from crawler.blocked import blocked
from crawler.found import Answer, Found
from crawler.spiders.entries import Item, finish, settled
from crawler.spiders.markup import read_text, root_start
from db.errors import ParseError
from db.types import Source


def discover(answer: Answer, source: Source, now: datetime) -> Found:
    """One entry without title or date; reading the text is the business of extraction.

    Raises ParseError: empty_body, not_html, dtd_forbidden, or a code of `blocked`.
    """
    if answer.body.startswith(b"%PDF-"):
        return finish(settled([Item(link=answer.url)], answer.url, source, now), answer, source, dated=False)
    text, flags = read_text(answer, "html")
    if code := blocked(answer):
        raise ParseError(code, "the page does not show its content", about=answer.url)
    if "<" not in text:
        raise ParseError("not_html", "the answer is not an HTML page", about=answer.url)
    root_start(text, answer.url, known_types_only=False)
    return finish(settled([Item(link=answer.url)], answer.url, source, now), answer, source, dated=False, flags=flags)
