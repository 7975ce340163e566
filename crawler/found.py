"""What goes into a spider and what comes out: the seam between fetching and reading.

Holds values; nothing here knows Scrapy, and nothing that reads an `Answer` touches the network.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import ParseError
from db.types import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One complete answer of a server: `url` after redirects, `body` after transfer decoding (gzip, br),
    `content_type` the header's value as sent, "" if none."""

    url: str
    status: int = 200
    body: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an answer offers: its entries, further addresses of the same kind to ask (`more`, the parts of a
    sitemap index), and the codes of `db.errors.CODES` that concern the whole answer (`flags`)."""

    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class TooFew(ParseError):
    """Fewer entries than the source promises: a failure, whose entries are news all the same."""

    def __init__(self, found: Found, detail: str, *, about: str) -> None:
        super().__init__("too_few_items", detail, about=about)
        self.found = found
