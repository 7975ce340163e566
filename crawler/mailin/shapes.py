"""What mails of known senders look like, as data: one small TOML file per sender. Reads the files, cuts no mail.

A shape names addresses and words, not the cells of a template, so that a new coat of paint costs nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from crawler.mailin.letter import Letter
from crawler.mailin.proof import is_listed

Starts = Literal["mail", "link", "heading", "author", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`senders` and `services` (how List-ID or the host that takes unsubscriptions ends) say whose mails these are;
    without any, everybody else's.

    `starts`: what begins an item: the whole mail is one, a link that `links` knows, a heading, a link to an author;
    "" finds out. `links`, `not_links` and `author_links`: "host/path", where the host may begin with "*." or be "*".
    `titles`: where a title comes from, the first that gives one: subject, heading, link, text. `author`: likewise from
    link, line (the one below the title), byline, subject ("… posted"), split (From, where it holds one of
    `sender_ends`), sender (all of From). `most_lines`: of an item's text, 0 for all. `ends`: words that begin the
    footer, on top of those that everybody uses.
    """

    id: str
    senders: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    starts: Starts = ""
    links: tuple[str, ...] = ()
    not_links: tuple[str, ...] = ()
    author_links: tuple[str, ...] = ()
    titles: tuple[str, ...] = ("heading", "subject")
    author: tuple[str, ...] = ("byline", "sender")
    most_lines: int = 0
    sender_ends: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    def is_for(self, letter: Letter) -> bool:
        return is_listed(letter.sender, self.senders) or any(one.endswith(self.services) for one in letter.services)


def shape_of(letter: Letter) -> Shape:
    """The shape of a mail: of its sender, of the service that sent it, or the one for all others."""
    return next((shape for shape in shapes() if shape.is_for(letter)), _general())


@cache
def shapes() -> tuple[Shape, ...]:
    """All shapes that name somebody; those that name senders before those that name services."""
    known = [shape for shape in _load() if shape.senders or shape.services]
    return tuple(sorted(known, key=lambda shape: (not shape.senders, shape.id)))


def leads_to(patterns: Iterable[str], address: str) -> bool:
    """Whether a clean address is one of "host/path"."""
    parts = urlsplit(address)
    return any(_fits(pattern, parts.hostname or "", parts.path) for pattern in patterns)


def _fits(pattern: str, host: str, path: str) -> bool:
    wanted, slash, start = pattern.partition("/")
    hosts = host == wanted or wanted == "*" or (wanted.startswith("*.") and host.endswith(wanted[1:]))
    return hosts and path.startswith(slash + start)


@cache
def _load() -> tuple[Shape, ...]:
    folder = Path(__file__).parent / "shapes"
    return tuple(_shape(tomllib.loads(path.read_text(encoding="utf-8")), path.stem) for path in folder.glob("*.toml"))


def _shape(data: dict[str, Any], name: str) -> Shape:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Shape(id=name, **values)


def _general() -> Shape:
    return next(shape for shape in _load() if not (shape.senders or shape.services))
