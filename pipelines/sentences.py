"""A document as tagging reads it: title and text in one string, in sentences, with links and markup blanked out.

Pure and linear. Places are code points in `Page.raw` (title, line break, text); `Page.place` leads back to the field.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from db.text import is_han
from db.types import Field
from pipelines.patterns import even

TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 1.5, 1.0, 0.3
LEAD_SENTENCES = 3
HEAD_SENTENCES = 2  # in which a text says what is new; what follows is background, examples and other news
LEAD_CHARACTERS, LEAD_CHARACTERS_HAN = 320, 130
QUOTE_CHARACTERS = 300
_SHORTEST_ANSWER = 4  # characters by which the own words of a forwarded post are found

_BLANK = re.compile(
    r"https?://[!-~]+|www\.[!-~]+|<[a-z/!][^<>]{0,400}>|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}"
    r"|\((?:twitter|weibo|微博)\)"  # where a forwarded post came from
    r"|(?<![\w.-])(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,6}/[!-~]+"
)
_BREAK = re.compile(r"[。!?\n]+[\"”'」』)\]]*|\.[\"”')\]]*(?=\s)|;(?=[\s㐀-鿿])|[.]{3,}|…+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:[a-z]|(?:[a-z]\.)+[a-z]|inc|corp|co|ltd|mr|mrs|ms|dr|sen|rep|gov|gen|no|st|vs|approx|est"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)$"
)
_MARKS = re.compile("[↩🖼🗣\ufe0f\\s]+")  # with which forwarded posts begin
_CLAUSE = re.compile(
    r"[,，;:、—]|--| - | but | while | although | though | as | after | because |但|而(?!且)|虽然|尽管|因为"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Half-open places in the page; `weight` says how much its words count, 0 for matter quoted from earlier posts."""

    start: int
    end: int
    weight: float


class Page:
    """Title and text of one item, folded once."""

    def __init__(self, title: str, text: str) -> None:
        self.raw = f"{title}\n{text}"
        self.text_at = len(title) + 1
        folded = even(self.raw)
        self.folded = _BLANK.sub(lambda found: " " * len(found[0]), folded) if _may_hold_links(folded) else folded

    def place(self, start: int, end: int) -> tuple[Field, int, int]:
        """Field and offsets of a stretch that lies in one field."""
        if start < self.text_at:
            return "title", start, end
        return "text", start - self.text_at, end - self.text_at

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Never empty; they cover the page without holes."""
        ends = [end for end in self._breaks() if end < len(self.folded)]
        starts = [0, *ends]
        quoted_until = self.quoted_until
        lead = LEAD_CHARACTERS_HAN if _mostly_han(self.folded[: self.text_at + 100]) else LEAD_CHARACTERS
        made: list[Sentence] = []
        in_lead = 0
        first = max(self.text_at, quoted_until)
        for start, end in zip(starts, [*ends, len(self.folded)], strict=True):
            if start < self.text_at:
                weight = TITLE_WEIGHT
            elif start < quoted_until:
                weight = 0.0
            elif in_lead < LEAD_SENTENCES and start - first < lead:
                in_lead += bool(self.folded[start:end].strip())
                weight = LEAD_WEIGHT if self.text_at > 1 or in_lead > 1 else TITLE_WEIGHT
            else:
                weight = BODY_WEIGHT
            made.append(Sentence(start, end, weight))
        return tuple(made)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    def sentence_at(self, place: int) -> int:
        """Index of the sentence that holds `place`."""
        return bisect_right(self._starts, place) - 1

    @cached_property
    def _ordinals(self) -> list[int]:
        words = (s.start >= self.text_at and bool(self.folded[s.start : s.end].strip()) for s in self.sentences)
        return list(accumulate(map(int, words)))

    def ordinal(self, place: int) -> int:
        """0 in the title, else the number of the sentence in the text, those without words not counted."""
        return self._ordinals[self.sentence_at(place)]

    def quote(self, start: int, end: int) -> tuple[int, str]:
        """Place and words of the sentence around a stretch, trimmed, at most QUOTE_CHARACTERS, the stretch inside."""
        sentence = self.sentences[self.sentence_at(start)]
        first, last = sentence.start, max(sentence.end, end)
        if last - first > QUOTE_CHARACTERS:
            first = max(first, min(start - 60, last - QUOTE_CHARACTERS))
            last = min(last, max(first + QUOTE_CHARACTERS, end))
        words = self.raw[first:last]
        return first + len(words) - len(words.lstrip()), words.strip()[: max(QUOTE_CHARACTERS, end - start)]

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around a stretch, inside its sentence."""
        sentence = self.sentences[self.sentence_at(start)]
        first = sentence.start
        for found in _CLAUSE.finditer(self.folded, sentence.start, start):
            first = found.end()
        after = _CLAUSE.search(self.folded, end, sentence.end)
        return first, after.start() if after else sentence.end

    def _breaks(self) -> list[int]:
        ends = []
        for found in _BREAK.finditer(self.folded):
            if found[0].startswith(".") and not found[0].startswith("..."):
                before = self.folded[max(0, found.start() - 12) : found.start()]
                if _ABBREVIATION.search(before):
                    continue
            ends.append(found.end())
        if self.text_at not in ends:  # a title that ends with its own mark swallows the line break
            ends = sorted({*ends, self.text_at})
        return ends

    @cached_property
    def quoted_until(self) -> int:
        """Where the item's own words begin, if its title is their cut-off start and earlier posts stand before them."""
        title = self.folded[: self.text_at - 1]
        answer = title.startswith("↩")
        key = (_MARKS.sub("", title[:8]) + title[8:32])[:24].rstrip(".… ")
        if len(key) < (_SHORTEST_ANSWER if answer else 12) or not (answer or title.endswith(("...", "…"))):
            return 0
        # blanks and line breaks stand elsewhere in a title than in a text; an answer's own words come last
        beginning = re.compile(r"\s*".join(re.escape(ch) for ch in key if not ch.isspace()))
        places = [found.start() for found in beginning.finditer(self.folded, self.text_at)]
        return places[-1 if answer else 0] if places else 0


def own_text(title: str, text: str) -> str:
    """The text without the earlier posts that a forwarded post quotes before its own words."""
    if not title.startswith("↩"):
        return text
    page = Page(title, text)
    return text[max(0, page.quoted_until - page.text_at) :]


def _may_hold_links(folded: str) -> bool:
    return "/" in folded or "<" in folded or "@" in folded or "www." in folded or "(" in folded


def _mostly_han(sample: str) -> bool:
    return sum(map(is_han, sample)) * 3 > len(sample)
