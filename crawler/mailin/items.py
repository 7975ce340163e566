"""A letter → its entries: one for a newsletter, one for each item of a digest. Pure; no link is followed.

By structure first (headings, links, what stands between them); what a sender does differently stands in its shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Final

from crawler.mailin.blocks import Link, html_blocks, text_blocks
from crawler.mailin.letter import Letter
from crawler.mailin.lines import Line, Lines, has_letters, is_call, is_furniture, is_prose, kept_lines, width
from crawler.mailin.readers import readers_of
from crawler.mailin.shapes import Shape, Starts, leads_to, shape_of
from db.dates import parse_date
from db.linkclean import clean_link
from db.linkedin import posted_at
from db.text import beginning, title_key
from db.types import Entry

MAX_ITEMS: Final = 200
_TITLE_CHARACTERS: Final = 160
_LINE_CHARACTERS: Final = 60  # the longest name of a publisher
_HEADLINE_WIDTH: Final = 16
_FEWEST_ITEMS: Final = 3  # fewer headings with links are one article's
_LINES_OF_AN_ITEM: Final = 5
_BYLINE: Final = re.compile(
    r"^(?:(?:written|posted) )?(?:by|von|par|por)\s+(?P<name>[^\d|•·,，]{2,60})"
    r"|^(?:文|作者|撰文|来源|编辑)\s*[:：/／|丨]\s*(?P<zh>[^\s|丨•·,，/／]{2,30})",
    re.IGNORECASE,
)
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class _Run:
    """The lines of one item; `address`: the link that stands for it, where that is known."""

    lines: list[Line] = field(default_factory=list)
    address: str | None = None


def entries_of(letter: Letter, now: datetime) -> tuple[Entry, ...]:
    """What a letter tells, in its order; nothing where no title can be found."""
    shape = shape_of(letter)
    seen = html_blocks(letter.html, shape.content, shape.drop) if letter.html else []
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
    found = reading.items(starts)
    return found or (reading.whole() if not shape.starts else ())


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

    # -------------------------------------------------------------- one article
    def whole(self) -> tuple[Entry, ...]:
        lines = self.main.lines
        url = self._own_address()
        run = _Run(list(lines), url)
        title = self._title(run)
        if not title:
            return ()
        author, author_line = self._author(run, title)
        return (self._entry(title, author, self._text(run, title, author_line), url),)

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
            title = self._title(run) if url else ""
            if not url or not title or url in found:
                continue
            author, author_line = self._author(run, title)
            found[url] = self._entry(title, author, self._text(run, title, author_line), url)
            if len(found) >= MAX_ITEMS:
                break
        return tuple(found.values())

    def _by_link(self, lines: Sequence[Line]) -> list[_Run]:
        runs: dict[str, _Run] = {}
        last: _Run | None = None
        for line in lines:
            for link in line.links:
                fits = self._is_item(link.address) and (self.shape.links or _is_headline(line))
                if fits and link.address not in runs:
                    last = runs[link.address] = _Run(address=link.address)
            if last is not None:
                last.lines.append(line)
        return list(runs.values())

    def _by_author(self, lines: Sequence[Line]) -> list[_Run]:
        runs: list[_Run] = []
        author = ""
        for line in lines:
            named = next((one.address for one in line.links if leads_to(self.shape.author_links, one.address)), "")
            if named and (named != author or (runs and self._address_in(runs[-1]))):
                runs.append(_Run())
                author = named
            if runs:
                runs[-1].lines.append(line)
        return runs

    def _address_in(self, run: _Run) -> str | None:
        if not self.shape.links and (link := _leading(run.lines)):
            return link.address
        links = (link for line in run.lines for link in line.links)
        return next((link.address for link in links if self._is_item(link.address)), None)

    def _is_item(self, address: str) -> bool:
        shape = self.shape
        return leads_to(shape.links or ("*/",), address) and not leads_to(
            (*shape.not_links, *shape.author_links), address
        )

    # -------------------------------------------------------------- the parts of an entry
    def _title(self, run: _Run) -> str:
        for way in self.shape.titles:
            if found := getattr(self, f"_title_by_{way}")(run):
                return str(found)
        return ""

    def _title_by_subject(self, run: _Run) -> str:
        return self.letter.subject

    def _title_by_heading(self, run: _Run) -> str:
        headings = [line.text for line in run.lines if line.heading and has_letters(line.text)]
        subject, sender = title_key(self.letter.subject), title_key(self.letter.sender_name)
        same = [text for text in headings if title_key(text) == subject]
        return next(iter(same or [text for text in headings if title_key(text) != sender]), "")

    def _title_by_link(self, run: _Run) -> str:
        texts = [link.text for line in run.lines for link in line.links if link.address == run.address]
        return max((text for text in texts if text and not is_call(text)), key=width, default="")

    def _title_by_text(self, run: _Run) -> str:
        _, author_line = self._author(run, "")
        text = " ".join(self._text(run, "", author_line))
        return beginning(re.split(r"(?<=[.!?。！？])\s|(?<=[。！？])", text)[0], _TITLE_CHARACTERS)

    def _author(self, run: _Run, title: str) -> tuple[str, str]:
        """The name, and the line that gave it, which is no text then."""
        for way in self.shape.author:
            name, line = getattr(self, f"_author_by_{way}")(run, title)
            if name:
                return name, line
        return "", ""

    def _author_by_sender(self, run: _Run, title: str) -> tuple[str, str]:
        name = self.letter.sender_name.strip("\"' ")
        for end in self.shape.sender_ends:
            name = name.partition(end)[0] or name
        return name.strip(), ""

    def _author_by_link(self, run: _Run, title: str) -> tuple[str, str]:
        links = ((link, line) for line in run.lines for link in line.links)
        named = ((link, line) for link, line in links if leads_to(self.shape.author_links, link.address))
        return next(((_cleared(link.text), line.text) for link, line in named if has_letters(link.text)), ("", ""))

    def _author_by_byline(self, run: _Run, title: str) -> tuple[str, str]:
        for line in run.lines:
            if width(line.text) <= 2 * _LINE_CHARACTERS and (found := _BYLINE.match(line.text)):
                return _cleared(found["name"] or found["zh"]), line.text
        return "", ""

    def _author_by_line(self, run: _Run, title: str) -> tuple[str, str]:
        """The line below the title, if it is a name's length and something follows."""
        below = [line for line in _after(run.lines, title) if not is_furniture(line) or line.bare]
        if len(below) > 1 and len(below[0].text) <= _LINE_CHARACTERS:
            return below[0].text, below[0].text
        return "", ""

    def _text(self, run: _Run, title: str, author_line: str) -> list[str]:
        """Its paragraphs: what follows the title, without labels before the first sentence."""
        known = {title_key(title), title_key(self.letter.subject) if title else "", title_key(author_line)}
        lines = [
            line.text for line in _after(run.lines, title)
            if not is_furniture(line) and title_key(line.text) not in known and not _BYLINE.match(line.text[:80])
        ]  # fmt: skip
        first = next((place for place, text in enumerate(lines) if is_prose(text)), 0)
        return lines[first:]

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
def _by_heading(lines: Sequence[Line]) -> list[_Run]:
    runs: list[_Run] = []
    for line in lines:
        if line.heading and has_letters(line.text):
            runs.append(_Run())
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
        and width(line.text) >= _HEADLINE_WIDTH
        and (not is_call(line.text))
    )


def _after(lines: Sequence[Line], title: str) -> Sequence[Line]:
    """The lines below the title where it stands among them, else all."""
    key = title_key(title)
    for place, line in enumerate(lines):
        if key and title_key(line.text) == key:
            return lines[place + 1 :]
    return lines


def _cleared(name: str) -> str:
    return name.strip(" \t|•·,，:：-–—")


def _guid(letter: Letter, title: str) -> str:
    said = letter.message_id or f"{letter.sender} {letter.date}"
    return "mail:" + sha256(f"{said}\n{title}".encode("utf-8", "replace")).hexdigest()[:32]
