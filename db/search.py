"""Search in Chinese and English: a reader's words → an FTS5 expression → hits with marked excerpts.

Words are AND-ed, "phrases" kept together, -words excluded, OR joins its neighbours. Every word reaches SQLite quoted,
so that no query is a syntax error. Names are widened by the aliases that the entities carry.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.fulltext import searchable, stored_quotes
from db.rows import moment, stamp
from db.text import clean_line, fold, is_han, set_apart, title_key, tokens

MAX_QUERY_CHARACTERS = 300
MAX_TERMS = 32
SNIPPET_CHARACTERS = 180
_PLACES = 200  # of a text that are considered for its excerpt
RANKED = 4_000  # matches up to which they are ranked; of a word more common than that the newest are wanted
#: Nouns in the names of a platform's parts: written after its name they are found in both languages.
_PARTS = {"小店": "shop", "商城": "mall", "广告": "ads", "物流": "logistics"}
_NAME_WORDS, _NAME_CHARACTERS = 4, 20  # longest names looked for in a query
_TERM = re.compile(r"([-－]?)(?:[\"“”„«»「『＂]([^\"“”„«»」』＂]*)[\"“”„«»」』＂]?|(\S+))")

Marks = tuple[tuple[int, int], ...]
Aliases = Mapping[str, Sequence[str]]  # key of a name (`title_key`) → the names it may stand for, itself among them


@dataclass(frozen=True, slots=True)
class Query:
    """`expression` for FTS5 ("" finds nothing); `needles` are the word sequences to mark, each as a tuple of words."""

    expression: str
    needles: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found. Marks are places of the words found, in `title` and in `snippet`."""

    article_id: int
    source_id: str
    url: str | None
    language: str
    sort_at: datetime
    score: float  # larger is better; comparable within one search
    title: str
    title_marks: Marks
    snippet: str
    snippet_marks: Marks


def search(connection: sqlite3.Connection, query: str, limit: int = 20, *, since: datetime | None = None) -> list[Hit]:
    """The best articles for a reader's query, the newer first among equals. Any string is a query."""
    parsed = parse(query, load_aliases(connection))
    if not parsed.expression:
        return []
    rows = connection.execute(_SEARCH, (parsed.expression, RANKED, stamp(since) if since else "", limit))
    return [_hit(connection, parsed, row) for row in rows.fetchall()]


_SEARCH = """
    with found as (
        select rowid as id, iif((select count(*) from (select 1 from search where search match ?1 limit ?2)) < ?2,
            bm25(search, 4.0, 1.0), 0.0) as rank
        from search where search match ?1 order by rowid desc limit ?2
    )
    select a.id, a.source_id, a.url, a.language, a.sort_at, found.rank, a.title, a.text
    from found join articles a on a.id = found.id
    where a.sort_at >= ?3 order by found.rank, a.sort_at desc limit ?4
"""


def load_aliases(connection: sqlite3.Connection) -> Aliases:
    return alias_table(json.loads(names) for (names,) in connection.execute("select aliases from entities"))


def alias_table(groups: Iterable[Sequence[str]]) -> Aliases:
    """From groups of names that mean the same; a name of several groups stands for the smallest alone.

    A name that holds another of its group is narrower ("TikTok Shop" holds "TikTok"): it is found by the wider one
    anyway, and who asks for it wants it alone.
    """
    table: dict[str, Sequence[str]] = {}
    for group in sorted(groups, key=len):
        words = {name: _words(name) for name in group}
        narrow = {name for name in group if any(_holds(words[name], other) for other in words.values())}
        wide = [name for name in group if name not in narrow]
        for name in group:
            table.setdefault(title_key(name), [name] if name in narrow else wide)
    table.pop("", None)
    return table


def parse(query: str, aliases: Aliases) -> Query:
    """What the reader's words ask of the index. Pure."""
    wanted: list[list[str]] = []  # all of these, each any of its expressions
    unwanted: list[str] = []
    needles: list[tuple[str, ...]] = []
    joins = False
    for minus, quoted, word in _terms(query, aliases):
        if word == "OR" and not quoted and not minus:
            joins = bool(wanted)
            continue
        pieces = [word] if quoted else _pieces(word, aliases)
        groups = [pieces] if quoted else [_names(piece, aliases, alone=len(pieces) == 1) for piece in pieces]
        groups = [names for group in groups if (names := [name for name in group if _words(name)])]
        if not groups:
            continue
        expression = _joined("AND", [_joined("OR", list(dict.fromkeys(map(_quoted, group)))) for group in groups])
        if minus:
            unwanted.append(expression)
            continue
        needles += [_words(name) for group in groups for name in group]
        if joins:
            wanted[-1].append(expression)
        else:
            wanted.append([expression])
        joins = False
    if not wanted:
        return Query("", ())
    asked = _joined("AND", [_joined("OR", group) for group in wanted])
    return Query(" NOT ".join([asked, *unwanted]), tuple(dict.fromkeys(needles)))


def _terms(query: str, aliases: Aliases) -> list[tuple[bool, bool, str]]:
    """(excluded, quoted, words): names that are written in several words are one term."""
    found = _TERM.findall(clean_line(query, MAX_QUERY_CHARACTERS))[:MAX_TERMS]
    terms = [(bool(minus), bool(phrase), phrase or word) for minus, phrase, word in found]
    at = 0
    while at < len(terms):
        for size in range(min(_NAME_WORDS, len(terms) - at), 1, -1):
            minus, quoted, _ = terms[at]
            rest = terms[at + 1 : at + size]
            name = " ".join(word for *_, word in terms[at : at + size])
            if not quoted and not any(m or q for m, q, _ in rest) and len(aliases.get(title_key(name), ())) > 1:
                terms[at : at + size] = [(minus, False, name)]
                break
        at += 1
    return terms


def find_marks(text: str, needles: Iterable[tuple[str, ...]]) -> Marks:
    """Where the words stand in a text: (start, end) pairs that do not overlap, in order."""
    return tuple((start, end) for start, end, _ in _places(text, needles))


def excerpt(text: str, needles: Sequence[tuple[str, ...]]) -> tuple[str, Marks]:
    """About SNIPPET_CHARACTERS of the text, where most of the words stand together, with the marks in it."""
    places = _places(text, needles)[:_PLACES]
    first = last = 0
    if places:
        windows = (
            [place for place in places[at:] if place[1] - places[at][0] <= SNIPPET_CHARACTERS]
            for at in range(len(places))
        )
        best = max(windows, key=lambda window: (len({needle for *_, needle in window}), len(window)))
        first, last = (best[0][0], best[-1][1]) if best else places[0][:2]
    room = max(0, SNIPPET_CHARACTERS - (last - first))
    start = _back_to_blank(text, max(0, first - room // 3))
    end = min(len(text), max(last, start + SNIPPET_CHARACTERS))
    before, after = "…" * (start > 0), "…" * (end < len(text))
    shift = len(before) - start
    marks = tuple((a + shift, b + shift) for a, b, _ in places if start <= a and b <= end)
    return before + text[start:end].replace("\n", " ") + after, marks


def _hit(connection: sqlite3.Connection, query: Query, row: tuple[Any, ...]) -> Hit:
    article_id, source_id, url, language, sort_at, rank, title, text = row
    body = searchable(text, [quote for quote in stored_quotes(connection, article_id) if quote != title])
    snippet, marks = excerpt(body, query.needles)
    return Hit(
        article_id=article_id, source_id=source_id, url=url, language=language, sort_at=moment(sort_at),
        score=round(-rank, 4), title=title, title_marks=find_marks(title, query.needles),
        snippet=snippet, snippet_marks=marks,
    )  # fmt: skip


# ------------------------------------------------------------------ words
def _pieces(word: str, aliases: Aliases) -> list[str]:
    """A word cut at the names in it, as Chinese is written without blanks: 亚马逊罚款 → 亚马逊, 罚款."""
    if title_key(word) in aliases or not any(map(is_han, word)):
        return [word]
    folded, pieces, start, at = fold(word), [], 0, 0
    while at < len(word):
        ends = range(min(len(word), at + _NAME_CHARACTERS), at + 1, -1)
        end = next((end for end in ends if _is_name(folded, at, end, aliases)), 0)
        if end:
            pieces += [word[start:at], word[at:end]]
            start = at = end
        else:
            at += 1
    return [piece for piece in [*pieces, word[start:]] if piece]


def _is_name(folded: str, start: int, end: int, aliases: Aliases) -> bool:
    """Whether folded[start:end] is a name and no part of a longer Latin word."""
    if folded[start:end] not in aliases:
        return False
    return not (start > 0 and _sticks(folded[start - 1 : start + 1])) and not _sticks(folded[end - 1 : end + 1])


def _sticks(pair: str) -> bool:
    return len(pair) == 2 and pair.isalnum() and not any(map(is_han, pair))


def _names(piece: str, aliases: Aliases, *, alone: bool) -> list[str]:
    """The piece and what may stand in its place; beside a name (not `alone`) a noun stands for the one in English."""
    known = aliases.get(title_key(piece), ())
    if not alone and piece in _PARTS:
        return [piece, _PARTS[piece]]
    return list(dict.fromkeys([piece, *(known or _forms(piece))]))


def _forms(word: str) -> list[str]:
    """Singular and plural of an English word; the index knows no grammar."""
    w = fold(word)
    if not (w.isascii() and w.isalpha() and len(w) > 2):
        return []
    if w.endswith("ies"):
        return [w[:-3] + "y"]
    if w.endswith(("ses", "xes", "zes", "ches", "shes")):
        return [w[:-2], w[:-1]]
    if w.endswith("s"):
        return [] if w.endswith("ss") else [w[:-1]]
    if w.endswith("y"):
        return [w[:-1] + "ies", w + "s"]
    return [w + "es" if w.endswith(("x", "z", "ch", "sh")) else w + "s"]


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for _, _, word in tokens(name))


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    width = len(shorter)
    return 0 < width < len(longer) and any(longer[i : i + width] == shorter for i in range(len(longer) - width + 1))


def _quoted(name: str) -> str:
    return '"' + " ".join(set_apart(name).replace('"', " ").split()) + '"'


def _joined(operator: str, expressions: Sequence[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"({f' {operator} '.join(expressions)})"


# ------------------------------------------------------------------ places
def _places(text: str, needles: Iterable[tuple[str, ...]]) -> list[tuple[int, int, tuple[str, ...]]]:
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for needle in sorted(needles, key=len, reverse=True):
        by_first.setdefault(needle[0], []).append(needle)
    words = list(tokens(text))
    places, at = [], 0
    while at < len(words):
        for needle in by_first.get(words[at][2], ()):
            if tuple(word for _, _, word in words[at : at + len(needle)]) == needle:
                places.append((words[at][0], words[at + len(needle) - 1][1], needle))
                at += len(needle) - 1
                break
        at += 1
    return places


def _back_to_blank(text: str, start: int) -> int:
    """A little earlier, where a sentence or a word begins."""
    if start == 0:
        return 0
    stop = max(text.rfind(mark, max(0, start - 40), start) for mark in "。！？\n ")
    return stop + 1 if stop >= 0 else start
