"""Title, author and text of one item of a mail, found where its sender puts them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crawler.mailin.letter import Letter
from crawler.mailin.lines import Line, has_letters, is_call, is_furniture, is_prose, width
from crawler.mailin.shapes import Shape, leads_to
from db.text import beginning, title_key

HEADLINE_WIDTH: Final = 16  # less is a label
_TITLE_CHARACTERS: Final = 160
_LINE_CHARACTERS: Final = 60  # the longest name of a publisher
_BYLINE: Final = re.compile(
    r"^(?:(?:written|posted) )?(?:by|von|par|por)\s+(?P<name>[^\d|•·,，]{2,60})"
    r"|^(?:文|作者|撰文|来源|编辑)\s*[:：/／|丨]\s*(?P<zh>[^\s|丨•·,，/／]{2,30})",
    re.IGNORECASE,
)
_POSTED: Final = re.compile(
    r"^(?P<name>[A-ZÀ-Þ][\w'’.-]*(?: [A-ZÀ-Þ][\w'’.-]*){1,3})(?: and others)?,? (?:has |just |recently )*"
    r"(?:re)?(?:posted|shared|published|wrote)\b|^(?P<zh>[\u4e00-\u9fff·]{2,6}?)\s*(?:刚刚|最近)?(?:发布|发表|分享)了"
)


@dataclass(slots=True)
class Run:
    """The lines of one item; `address`: the link that stands for it, where that is known."""

    lines: list[Line] = field(default_factory=list)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """How one letter's items are read. The ways of `titles` and `author` of its shape are tried in their order."""

    letter: Letter
    shape: Shape

    def title(self, run: Run) -> str:
        for way in self.shape.titles:
            if found := getattr(self, f"_title_by_{way}")(run):
                return str(found)
        return ""

    def _title_by_subject(self, run: Run) -> str:
        return self.letter.subject

    def _title_by_heading(self, run: Run) -> str:
        """That which says what the subject says; else the first, if the text has not begun before it."""
        subject, sender = title_key(self.letter.subject), title_key(self.letter.sender_name)
        keys = [(title_key(line.text), line) for line in run.lines if line.heading and has_letters(line.text)]
        if same := [line.text for key, line in keys if key == subject]:
            return same[0]
        begins = next((place for place, line in enumerate(run.lines) if not line.heading and is_prose(line.bare)), None)
        above = [line for key, line in keys if key != sender and line in run.lines[:begins]]
        return above[0].text if above else ""

    def _title_by_link(self, run: Run) -> str:
        """Of the links to one article, the one in a heading, or that says what the subject says, or the first long one:
        some senders link the first lines as well."""
        links = [(line, link.text) for line in run.lines for link in line.links if link.address == run.address]
        texts = [(line, text) for line, text in links if text and not is_call(text)]
        subject = title_key(self.letter.subject)
        best = [text for line, text in texts if line.heading or title_key(text) == subject]
        long = [text for _, text in texts if width(text) >= HEADLINE_WIDTH]
        return next(iter([*best, *long, *(text for _, text in texts)]), "")

    def _title_by_text(self, run: Run) -> str:
        _, author_line = self.author(run, "")
        text = " ".join(self.text(run, "", author_line))
        return beginning(re.split(r"(?<=[.!?。！？])\s|(?<=[。！？])", text)[0], _TITLE_CHARACTERS)

    def author(self, run: Run, title: str) -> tuple[str, str]:
        """The name, and the line that gave it, which is no text then."""
        for way in self.shape.author:
            name, line = getattr(self, f"_author_by_{way}")(run, title)
            if name:
                return name, line
        return "", ""

    def _author_by_sender(self, run: Run, title: str) -> tuple[str, str]:
        return self._author_by_split(run, title)[0] or self.letter.sender_name.strip("\"' "), ""

    def _author_by_split(self, run: Run, title: str) -> tuple[str, str]:
        name = self.letter.sender_name.strip("\"' ")
        parts = [name.partition(end) for end in self.shape.sender_ends]
        return min((first.strip() for first, end, _ in parts if end and first.strip()), key=len, default=""), ""

    def _author_by_subject(self, run: Run, title: str) -> tuple[str, str]:
        found = _POSTED.match(self.letter.subject)
        return (found["name"] or found["zh"], "") if found else ("", "")

    def _author_by_link(self, run: Run, title: str) -> tuple[str, str]:
        links = ((link, line) for line in run.lines for link in line.links)
        named = ((link, line) for link, line in links if leads_to(self.shape.author_links, link.address))
        return next(((_cleared(link.text), line.text) for link, line in named if has_letters(link.text)), ("", ""))

    def _author_by_byline(self, run: Run, title: str) -> tuple[str, str]:
        for line in run.lines:
            if width(line.text) <= 2 * _LINE_CHARACTERS and (found := _BYLINE.match(line.text)):
                return _cleared(found["name"] or found["zh"]), line.text
        return "", ""

    def _author_by_line(self, run: Run, title: str) -> tuple[str, str]:
        """The line below the title, if it is a name's length and something follows."""
        below = [line for line in _below(run.lines, title) if not is_furniture(line) or line.bare]
        if len(below) > 1 and len(below[0].text) <= _LINE_CHARACTERS:
            return below[0].text, below[0].text
        return "", ""

    def text(self, run: Run, title: str, author_line: str) -> list[str]:
        """Its paragraphs: what follows the title, without labels before the first sentence."""
        # A title that was made of the text does not stand for it.
        titles = () if self.shape.titles == ("text",) else (title, self.letter.subject)
        known = {title_key(one) for one in (*titles, author_line)}
        below = _below(run.lines, title) if titles else run.lines
        lines = [
            line.text for line in below
            if not is_furniture(line) and title_key(line.text) not in known and not _BYLINE.match(line.text[:80])
        ]  # fmt: skip
        first = next((place for place, text in enumerate(lines) if is_prose(text)), 0)
        return lines[first : first + self.shape.most_lines] if self.shape.most_lines else lines[first:]


def _below(lines: Sequence[Line], title: str) -> Sequence[Line]:
    """The lines below the title where it stands among them, else all."""
    key = title_key(title)
    for place, line in enumerate(lines):
        if key and title_key(line.text) == key:
            return lines[place + 1 :]
    return lines


def _cleared(name: str) -> str:
    return name.strip(" \t|•·,，:：-–—")
