"""Two wordings of a watched page → what changed for its readers, sentence by sentence and row by row. Pure.

Moved parts, editing dates, counters, blocks that rotate and notices about the site are no change: changes.toml lists
them. Whether a change matters is not decided here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Final

from db.text import fold
from db.tomlfile import read_toml
from db.types import Change, PartKind

MAX_CHANGES: Final = 200
_COMPARED, _COMPARED_WORDS = 300, 10_000  # a side, in search of its other wording; what is beyond is added or removed
_WORDS: Final = 800  # of one unit; what follows is compared as one word
_ALIKE: Final = 0.45  # share of words two units have in common at least, to be two wordings of one
_SAME_PLACE: Final = 0.25  # what it counts that both stand behind the same words
_HEADING: Final = 90  # characters at most
_ROTATING: Final = 12  # short lines at most under the heading of a block that rotates
_STAMP: Final = 300  # characters at most
_TOP: Final = 3  # lines
_CELL: Final = " | "
_JOINING: Final = frozenset({"and", "or", "und", "oder", "及", "和", "或"})  # after a semicolon, of a list
_EDGES: Final = " .。·•|-–—()[]*,;、"

_SENTENCE: Final = re.compile(
    r"(?<=[。．！？!?;；])\s*|(?<=\.)(?!\s(?<=\d\.\s)(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez))\s+"
    r"(?=[\"“‘'(\[]?[A-ZÄÖÜ0-9\u4e00-\u9fff])"
)
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|inc|corp|co|ltd|no|art|sec|para|vs|approx|est|mr|mrs|ms|dr|u\.s|st)|\b[a-z])\.$",
    re.IGNORECASE,
)
_CLOSED: Final = re.compile(r"[.。．!！?？;；,，]$")
_WORD: Final = re.compile(
    r"(?<![\w)])[-−](?=\d)"  # a minus, not a dash
    r"|\d+(?:[.,:]\d+)*|[\u3400-\u9fff]|[^\W\d\u3400-\u9fff]+(?:['’][^\W\d\u3400-\u9fff]+)*|[%$€£¥<>+=±≤≥]"
)
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PIECE: Final = re.compile(r"[\u3400-\u9fff]\s*|[^\s\u3400-\u9fff]+\s*")
#: Filled into the patterns. Possessive, since what they meet may be made to let them wander.
_WHEN: Final = (
    r"(?:(?:\d{1,4}(?:st|nd|rd|th)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|o[ck]t|nov|de[cz]|mär|mai|mon|tue|wed|thu|fri|sat|sun)[a-z]*+"
    r"|[ap]\.?m\.?|utc|gmt|[a-z][sd]t|ago|at|today|yesterday|just now|(?:hour|minute|day|week|month)s?|[tz](?=\d|\W|$)"
    r"|刚刚|今天|昨天|小时|分钟|星期[一二三四五六日]|周[一二三四五六日]|[天周前年月日时分秒]|上午|下午)[\s.,:/+()-]*+)++"
)
_COUNT: Final = r"\d[\d.,]*+\s?(?:[km](?![a-z])|million|[万千])?\+?"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or the row of a table. `key` is equal for wordings that differ in case, blanks and punctuation."""

    text: str
    key: str
    place: str
    behind: str  # the key of the unit before
    columns: tuple[str, ...] = ()  # of a row: the first row of its table


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What a reader of the first text must know of the second: what went, then the rest in the order of the page; at
    most MAX_CHANGES."""
    old, new = tuple(_units(before)), tuple(_units(after))
    gone, come = _without(old, new), _without(new, old)
    earlier = _paired(gone, come)
    kept = set(earlier.values())
    made = [
        Change(unit.text, "", unit.place) for place, unit in enumerate(gone) if place not in kept and not _is_head(unit)
    ]
    for place, unit in enumerate(come):
        if place in earlier:
            made.extend(_rewritten(gone[earlier[place]], unit))
        elif not _is_head(unit):
            made.append(Change("", unit.text, unit.place))
    return tuple(made[:MAX_CHANGES])


def parts_of(before: str, after: str) -> tuple[tuple[PartKind, str], ...]:
    """Word by word, Chinese character by character. "same" and "added" joined are `after`."""
    old, new = _pieces(before), _pieces(after)
    made: list[tuple[PartKind, str]] = []
    matcher = SequenceMatcher(None, [one.strip() for one in old], [one.strip() for one in new], autojunk=False)
    for what, start, end, first, last in matcher.get_opcodes():
        if what == "equal":
            made.append(("same", "".join(new[first:last])))
            continue
        made += [("removed", "".join(old[start:end]))] if start < end else []
        made += [("added", "".join(new[first:last]))] if first < last else []
    return tuple(made)


def _pieces(text: str) -> list[str]:
    pieces = _PIECE.findall(text)
    return pieces if len(pieces) <= _WORDS else [*pieces[:_WORDS], "".join(pieces[_WORDS:])]


# ------------------------------------------------------------------ a text in units
def _units(text: str) -> Iterator[_Unit]:
    """Sentences and rows that say something, each with the heading above it."""
    place, behind, skipping, in_list = "", "", 0, False
    columns: tuple[str, ...] = ()
    for number, line in enumerate(filter(None, map(str.strip, text.split("\n")))):
        if _CELL in line:
            columns, skipping, in_list = columns or _cells(line), 0, False
            yield (unit := _Unit(line, _key(line), place, behind, columns))
            behind = unit.key
            continue
        short, listed = _is_heading(line), in_list
        columns, skipping, in_list = (), skipping - 1 if skipping and short else 0, short
        if _patterns("rotating").fullmatch(fold(line).rstrip(": ")):
            skipping = _ROTATING
        if skipping or _is_noise(line, at_the_top=number < _TOP):
            continue
        place = line if short and not listed else place
        for sentence in _sentences(line):
            if not _is_noise(sentence) and (key := _key(sentence)) and key not in _JOINING:
                yield _Unit(sentence, key, "" if sentence == place else place, behind)
                behind = key


def _sentences(line: str) -> Iterator[str]:
    held: list[str] = []
    for piece in _SENTENCE.split(line):
        held.append(piece)
        if not _ABBREVIATION.search(piece[-12:]):
            yield " ".join(held).strip()
            held = []
    if held:
        yield " ".join(held).strip()


def _is_heading(line: str) -> bool:
    return len(line) <= _HEADING and not _CLOSED.search(line)


def _is_noise(line: str, *, at_the_top: bool = False) -> bool:
    """Whether a line holds nothing but stamps, or speaks of the site; a bare date is a stamp at the top of a page."""
    if len(line) > _STAMP:
        return False
    folded = rest = fold(line).strip(_EDGES)
    if at_the_top and _patterns("dates").fullmatch(rest):
        return True
    while rest and (found := _patterns("stamps").match(rest)) and found.end():
        rest = rest[found.end() :].strip(_EDGES)
    return not rest or bool(_patterns("asides").search(folded))


def _key(text: str) -> str:
    told = _patterns("inline").sub(" ", _THOUSANDS.sub("", fold(text)))
    return " ".join(_WORD.findall(told))


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.split("|"))


@cache
def _patterns(name: str) -> re.Pattern[str]:
    rules = read_toml(Path(__file__).with_name("changes.toml")).data[name]
    filled = (str(rule).replace("<when>", _WHEN).replace("<count>", _COUNT) for rule in rules)
    return re.compile("|".join(f"(?:{rule})" for rule in filled))


# ------------------------------------------------------------------ two texts against each other
def _without(units: Sequence[_Unit], others: Sequence[_Unit]) -> list[_Unit]:
    """The units whose words stand nowhere in the other text: what only moved is left out."""
    there = Counter(unit.key for unit in others)
    kept = []
    for unit in units:
        if there[unit.key]:
            there[unit.key] -= 1
        else:
            kept.append(unit)
    return kept


def _paired(gone: Sequence[_Unit], come: Sequence[_Unit]) -> dict[int, int]:
    """Place of a new unit → place of the old wording of the same thing; the most alike find each other first."""
    old, new = _counted(gone), _counted(come)
    scored = sorted(
        (
            (-score, first, second)
            for first, one in enumerate(old)
            for second, other in enumerate(new)
            if (score := _alike(*one, *other)) >= _ALIKE
        )
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, first, second in scored:
        if first not in taken and second not in pairs:
            taken.add(first)
            pairs[second] = first
    return pairs


def _counted(units: Sequence[_Unit]) -> list[tuple[_Unit, Counter[str]]]:
    """The first units, each with its words."""
    counted = [(unit, Counter(unit.key.split())) for unit in units[:_COMPARED]]
    sizes = accumulate(words.total() for _, words in counted)
    return [one for one, size in zip(counted, sizes, strict=True) if size <= _COMPARED_WORDS]


def _alike(old: _Unit, old_words: Counter[str], new: _Unit, new_words: Counter[str]) -> float:
    """0..1: the share of words in common; 1 for rows of one label, 0 for a row and a sentence."""
    if bool(old.columns) != bool(new.columns):
        return 0.0
    if old.columns and _key(_cells(old.text)[0]) == _key(_cells(new.text)[0]):
        return 1.0 if old.place == new.place else 0.9
    longest = max(old_words.total(), new_words.total())
    there = _SAME_PLACE if (old.place, old.behind) == (new.place, new.behind) else 0.0
    shared = (old_words & new_words).total() / longest if longest else 0.0
    return min(1.0, shared + there) if shared else 0.0


def _is_head(unit: _Unit) -> bool:
    """The first row of a table, if it only names the columns: with or without it the table says the same."""
    return bool(unit.columns) and _cells(unit.text) == unit.columns and not any(map(str.isdigit, unit.text))


def _rewritten(old: _Unit, new: _Unit) -> Iterator[Change]:
    """One change of a sentence; of a row, one for each cell that differs."""
    cells, before = _cells(new.text), _cells(old.text)
    if not new.columns or len(cells) != len(before) or _key(cells[0]) != _key(before[0]):
        yield Change(old.text, new.text, new.place)
        return
    for number, (was, now) in enumerate(zip(before, cells, strict=True)):
        if _key(was) != _key(now):
            column = new.columns[number] if number < len(new.columns) and new.columns != cells else ""
            column = "" if any(map(str.isdigit, column)) else column  # a first row of values names no columns
            yield Change(was, now, " › ".join(filter(None, (new.place, cells[0], column))))
