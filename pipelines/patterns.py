"""The pattern language of the lexicon: words with four signs, for people who write no code.

    (ban|block)         either; nothing between bars means "or nothing": ban (the |)app
    sue~                this English word in its regular forms: sue, sues, sued, suing
    plans .. buy        in this order within one sentence, at most a short stretch apart
    fine & privacy      both in the same sentence, in any order

No regular expressions: a pattern becomes a bounded list of plain terms. Terms are folded; nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.text import fold, is_han

MAX_TERMS = 4_000  # terms of one part; more is a slip of the pen
MAX_GAP = 48  # characters between the parts of an ordered gap
MAX_GAP_HAN = 18  # the same where Chinese stands between them
_VOWELS = "aeiou"
_QUOTES = str.maketrans("’‘‑–", "''--")


class PatternError(ValueError):
    """A pattern that can not be read; the message says why, in words for the writer of the file."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`groups` stand in one sentence in any order, parts of a group follow each other, a part is any of its terms."""

    source: str
    groups: tuple[tuple[tuple[str, ...], ...], ...]

    @property
    def is_single(self) -> bool:
        return len(self.groups) == 1 and len(self.groups[0]) == 1


def even(text: str) -> str:
    """Folded text with plain apostrophes and hyphens: what patterns are matched against. The length stays."""
    return fold(text).translate(_QUOTES)


def compile_pattern(source: str) -> Pattern:
    """Read one pattern; PatternError when it is empty, nested, or stands for too many terms."""
    groups = []
    for group in source.split(" & "):
        parts = tuple(_terms(part.strip(), source) for part in group.split(" .. "))
        groups.append(parts)
    return Pattern(source, tuple(groups))


def _terms(part: str, source: str) -> tuple[str, ...]:
    readings, rest = _alternatives(part, source)
    if rest:
        raise PatternError(f"{source!r}: a bar or closing bracket without an opening one")
    terms: dict[str, None] = {}
    for reading in readings:
        for term in _forms_of(reading):
            if term.strip():
                terms[even(" ".join(term.split()))] = None
    if not terms or len(terms) > MAX_TERMS:
        raise PatternError(f"{source!r}: {'is empty' if not terms else f'stands for more than {MAX_TERMS} terms'}")
    return tuple(terms)


def _alternatives(text: str, source: str) -> tuple[list[str], str]:
    """All readings of `text` up to a bar or bracket that belongs to the caller, and the rest from there."""
    readings, place = [""], 0
    while place < len(text) and text[place] not in "|)":
        if text[place] != "(":
            readings = [reading + text[place] for reading in readings]
            place += 1
            continue
        choices: list[str] = []
        rest = "|" + text[place + 1 :]
        while rest.startswith("|"):
            found, rest = _alternatives(rest[1:], source)
            choices += found
        if not rest.startswith(")"):
            raise PatternError(f"{source!r}: a bracket does not close")
        tilde = "~" if rest.startswith(")~") else ""
        readings = [reading + (choice + tilde if choice else "") for reading in readings for choice in choices]
        if len(readings) > MAX_TERMS:
            raise PatternError(f"{source!r}: stands for more than {MAX_TERMS} terms; make it two patterns")
        text, place = rest[1 + len(tilde) :], 0
    return readings, text[place:]


def _forms_of(text: str) -> list[str]:
    """All readings of a text whose words may carry a tilde."""
    readings = [""]
    for index, word in enumerate(text.split(" ")):
        lead = " " if index else ""
        if "~" in word:
            stem, _, tail = word.partition("~")
            if "~" in tail or not stem or not stem[-1].isascii() or not stem[-1].isalpha():
                raise PatternError(f"{word!r}: the tilde stands once, right after an English word")
            head = stem[: len(stem) - len(stem.split("-")[-1])]
            words = [head + form + tail for form in inflect(stem.split("-")[-1])]
        else:
            words = [word]
        readings = [reading + lead + form for reading in readings for form in words]
    return readings


def inflect(word: str) -> list[str]:
    """The regular forms of an English word: a few that do not exist do no harm, a missing one would."""
    last, before = word[-1].lower(), word[-2:-1].lower()
    if word[-2:].lower() == "ie":
        return [word, word + "s", word + "d", word[:-2] + "ying"]
    if last == "e":
        stem = word[:-1]
        return [word, word + "s", word + "d", (word if before in "eo" else stem) + "ing"]
    if last == "y" and before and before not in _VOWELS:
        stem = word[:-1]
        return [word, stem + "ies", stem + "ied", word + "ing"]
    if last in "sxz" or word[-2:].lower() in ("ch", "sh"):
        return [word, word + "es", word + "ed", word + "ing"]
    forms = [word, word + "s", word + "ed", word + "ing"]
    if last not in "wy" and last not in _VOWELS and before and before in _VOWELS:
        forms += [word + last + "ed", word + last + "ing"]
    return forms


def gap_allows(between: str) -> bool:
    """Whether two parts of an ordered gap stand close enough."""
    if len(between) <= MAX_GAP_HAN:
        return True
    return len(between) <= MAX_GAP and not any(map(is_han, between))
