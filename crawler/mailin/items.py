"""A letter → its entries: one for a newsletter, one for each item of a digest. Pure; no link is followed.

By structure first (headings, links, what stands between them); what a sender does differently stands in its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Final

from crawler.mailin.blocks import Link, html_blocks, text_blocks
from crawler.mailin.letter import Letter
from crawler.mailin.lines import Line, Lines, has_letters, is_call, is_furniture, kept_lines, width
from crawler.mailin.parts import HEADLINE_WIDTH, Parts, Run
from crawler.mailin.readers import readers_of
from crawler.mailin.shapes import Shape, Starts, leads_to, shape_of
from db.dates import parse_date
from db.linkclean import clean_link
from db.linkedin import posted_at
from db.text import beginning, title_key
from db.types import Entry

MAX_ITEMS: Final = 200
_FEWEST_ITEMS: Final = 3  # fewer headings with links are one article's
_LINES_OF_AN_ITEM: Final = 5
_DAY: Final = timedelta(days=1)


def entries_of(letter: Letter, now: datetime) -> tuple[Entry, ...]:
    """What a letter tells, in its order; nothing where no title can be found."""
    shape = shape_of(letter)
    seen = html_blocks(letter.html) if letter.html else []
    plain = text_blocks(letter.text) if letter.text else []
    texts = [letter.subject, *(block.text for block in (*seen, *plain))]
    readers = readers_of(letter.readers, texts, letter.sender_name)
    letter = replace(letter, subject=readers.without(letter.subject))
    rich, poor = (kept_lines(blocks, readers, shape) for blocks in (seen, plain))
    main = rich if rich.lines else poor
    starts = shape.starts or _starts(main.lines)
    reading = _Reading(letter, shape, main, poor, now)
    if starts == "mail":
        return reading.whole()
    return reading.items(starts) or reading.whole()


def _starts(lines: Sequence[Line]) -> Starts:
    """What an unknown sender's items begin with. A link within a sentence begins nothing."""
    headed = {link.address for run in _by_heading(lines) if (link := _leading(run.lines))}
    if len(headed) >= _FEWEST_ITEMS:
        return "heading"
    linked = {line.links[0].address for line in lines if _is_headline(line)}
    said = sum(not is_furniture(line) for line in lines)
    return "link" if len(linked) >= _FEWEST_ITEMS and _LINES_OF_AN_ITEM * len(linked) >= said else "mail"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One letter with its shape: `main` are the lines that are read, `poor` those of its plain part."""

    letter: Letter
    shape: Shape
    main: Lines
    poor: Lines
    now: datetime

    @property
    def parts(self) -> Parts:
        return Parts(self.letter, self.shape)

    # -------------------------------------------------------------- one article
    def whole(self) -> tuple[Entry, ...]:
        lines = self.main.lines
        url = self._own_address()
        run = Run(list(lines), url)
        title = self.parts.title(run)
        if not title:
            return ()
        author, author_line = self.parts.author(run, title)
        return (self._entry(title, author, self.parts.text(run, title, author_line), url),)

    def _own_address(self) -> str | None:
        """Where the mail itself can be read: by its headers, its own words, its title, or the first fitting link."""
        shape, wanted = self.shape, self.shape.links
        headers = [link for link in map(clean_link, self.letter.links) if link and leads_to(wanted or ("*/",), link)]
        fitting = [
            link for source in (self.main, self.poor) for line in source.lines for link in line.links
            if self._is_item(link.address)
        ]  # fmt: skip
        subject = title_key(self.letter.subject)
        titled = [link.address for link in fitting if title_key(link.text) == subject]
        headed = [link.address for line in self.main.lines if line.heading for link in line.links]
        candidates = [*headers, *self.main.browser, *self.poor.browser, *titled, *(() if wanted else headed)]
        if wanted:
            candidates += [link.address for link in fitting]
        return next((one for one in candidates if not leads_to(shape.author_links, one)), None)

    # -------------------------------------------------------------- a digest
    def items(self, starts: Starts) -> tuple[Entry, ...]:
        lines = self.main.lines
        runs = {"heading": _by_heading, "author": self._by_author}.get(starts, self._by_link)(lines)
        found: dict[str, Entry] = {}
        for run in runs:
            run.address = url = run.address or self._address_in(run)
            title = self.parts.title(run) if url else ""
            if not url or not title or url in found:
                continue
            author, author_line = self.parts.author(run, title)
            found[url] = self._entry(title, author, self.parts.text(run, title, author_line), url)
            if len(found) >= MAX_ITEMS:
                break
        return tuple(found.values())

    def _by_link(self, lines: Sequence[Line]) -> list[Run]:
        runs: dict[str, Run] = {}
        last: Run | None = None
        for line in lines:
            for link in line.links:
                fits = self._is_item(link.address) and (self.shape.links or _is_headline(line))
                if fits and link.address not in runs:
                    last = runs[link.address] = Run(address=link.address)
            if last is not None:
                last.lines.append(line)
        return list(runs.values())

    def _by_author(self, lines: Sequence[Line]) -> list[Run]:
        runs: list[Run] = []
        author = ""
        for line in lines:
            named = next((one.address for one in line.links if leads_to(self.shape.author_links, one.address)), "")
            if named and (named != author or (runs and self._address_in(runs[-1]))):
                runs.append(Run())
                author = named
            if runs:
                runs[-1].lines.append(line)
        return runs

    def _address_in(self, run: Run) -> str | None:
        if not self.shape.links and (link := _leading(run.lines)):
            return link.address
        links = (link for line in run.lines for link in line.links)
        return next((link.address for link in links if self._is_item(link.address)), None)

    def _is_item(self, address: str) -> bool:
        shape = self.shape
        return leads_to(shape.links or ("*/",), address) and not leads_to(
            (*shape.not_links, *shape.author_links), address
        )

    def _entry(self, title: str, author: str, text: Sequence[str], url: str | None) -> Entry:
        """Escaped, so that what is read as markup later is what was written."""
        date = parse_date(self.letter.date, "UTC", self.now) if self.letter.date else None
        sent_at = date.at if date else None
        post_at = posted_at(url) if url else None
        if post_at is not None and post_at <= (sent_at or self.now) + _DAY:
            sent_at = post_at
        return Entry(
            url=url,
            guid="" if url else _guid(self.letter, title),
            title=escape(beginning(title, 500), quote=False),
            content="".join(f"<p>{escape(line, quote=False)}</p>" for line in text),
            authors=(escape(author, quote=False),) if author else (),
            published_raw=self.letter.date,
            published_at=sent_at,
            flags=tuple(
                dict.fromkeys((*self.letter.flags, *(date.flags if date else ()), *(() if url else ("bad_link",))))
            ),
        )


# ------------------------------------------------------------------ lines
def _by_heading(lines: Sequence[Line]) -> list[Run]:
    runs: list[Run] = []
    for line in lines:
        if line.heading and has_letters(line.text):
            runs.append(Run())
        if runs:
            runs[-1].lines.append(line)
    return runs


def _leading(lines: Iterable[Line]) -> Link | None:
    """The link that stands for the whole run: in its heading, or as a button below."""
    for line in lines:
        if line.links and (line.heading or not has_letters(line.bare)):
            return line.links[0]
    return None


def _is_headline(line: Line) -> bool:
    return (
        bool(line.links)
        and not has_letters(line.bare)
        and width(line.text) >= HEADLINE_WIDTH
        and (not is_call(line.text))
    )


def _guid(letter: Letter, title: str) -> str:
    said = letter.message_id or f"{letter.sender} {letter.date}"
    return "mail:" + sha256(f"{said}\n{title}".encode("utf-8", "replace")).hexdigest()[:32]
