"""Cleaning and folding of text: what is stored, what is compared, what is searched.

Every foreign text passes `clean_text` or `clean_line` once, at the border. `fold` keeps the length, so that a place
found in folded text is the place in the text itself. Nothing here guesses languages or cuts words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import opencc

_FOLD_RULES = 1  # raise it when `fold` or `set_apart` change
_MAX_MARKS = 4  # combining marks on one character; more is a prank, and costs quadratic time to normalise
_KEPT_BREAKS = "\n\v\f\r\x85\u2028\u2029"
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # joiners and fillers that are no format characters
_HAN = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
    (0x20000, 0x3FFFD),
)  # fmt: skip
_SENTENCE_END = re.compile(r"[。！？!?]+[”’」』）)]*|\.(?=\s)|\n")
_KANA = ((0x3031, 0x3035), (0x3041, 0x3096), (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF))


class _Table(dict[int, "str | None"]):
    """A `str.translate` table that fills itself, so that nothing is computed at import."""


class _Clean(_Table):
    def __missing__(self, code: int) -> str | None:
        self[code] = result = _cleaned(chr(code))
        return result


class _Fold(_Table):
    def __missing__(self, code: int) -> str | None:
        self[code] = result = _folded(chr(code))
        return result


class _Apart(_Table):
    def __missing__(self, code: int) -> str | None:
        folded = _FOLD[code]
        assert folded is not None
        self[code] = result = f" {folded} " if _single(folded) else folded
        return result


_CLEAN, _FOLD, _APART = _Clean(), _Fold(), _Apart()


def clean_text(s: str, limit: int = 200_000) -> str:
    """Plain text of at most `limit` characters: NFC, lines separated by one ``\\n``, blanks single, nothing invisible.

    Controls, surrogates, BiDi and zero-width characters are dropped; never raises; cleaning twice changes nothing.
    """
    text = _cap_marks(s.replace("\r\n", "\n").translate(_CLEAN))
    text = _cap_marks(unicodedata.normalize("NFC", text))
    text = re.sub(" {2,}", " ", text)
    text = re.sub(" ?\n[ \n]*", "\n", text)
    return text.strip(" \n")[:limit].rstrip(" \n")


def clean_line(s: str, limit: int = 500) -> str:
    """`clean_text` on one line."""
    return clean_text(s, max(limit * 4, 2_000)).replace("\n", " ")[:limit].rstrip(" ")


def fold(s: str) -> str:
    """The form in which texts are compared: full-width to ASCII, lower case, simplified. `len(fold(s)) == len(s)`."""
    return s.lower() if s.isascii() else s.translate(_FOLD)


def set_apart(s: str) -> str:
    """`fold`, with blanks around every Han and kana character: the text as the search index reads it."""
    return s.lower() if s.isascii() else s.translate(_APART)


def tokens(s: str) -> Iterator[tuple[int, int, str]]:
    """The words of the search index with their places: (start, end, folded word without diacritics)."""
    for found in _token().finditer(fold(s)):
        word = found[0]
        if not word.isascii() and not _single(word):
            word = "".join(ch for ch in unicodedata.normalize("NFD", word) if not unicodedata.combining(ch))
        yield found.start(), found.end(), word


def fold_version() -> str:
    """Changes when `fold` may give another answer: what was folded under another version must be folded again."""
    return f"{_FOLD_RULES}, OpenCC {opencc.__version__}, Unicode {unicodedata.unidata_version}"


def title_key(s: str) -> str:
    """`fold`, letters and digits only: equal for titles that differ in case, blanks or punctuation."""
    return "".join(ch for ch in fold(s) if ch.isalnum())


def beginning(s: str, limit: int) -> str:
    """The first `limit` characters at most, ended after a sentence or at a blank where the second half has one."""
    if len(s) <= limit:
        return s
    half = limit // 2
    ends = [end for found in _SENTENCE_END.finditer(s, half, limit + 1) if (end := found.end()) <= limit]
    if ends:
        return s[: ends[-1]].rstrip()
    blank = max(s.rfind(" ", half, limit + 1), s.rfind("\n", half, limit + 1))
    return s[: blank if blank > 0 else limit].rstrip()


def is_han(ch: str) -> bool:
    """Whether one character is a Chinese character (kana and hangul are not)."""
    return _in(ord(ch), _HAN)


def _in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return code > 0x2E7F and any(first <= code <= last for first, last in ranges)


def _single(ch: str) -> bool:
    return len(ch) == 1 and (_in(ord(ch), _HAN) or _in(ord(ch), _KANA))


def _cleaned(ch: str) -> str | None:
    if ch in _KEPT_BREAKS:
        return "\n"
    category = unicodedata.category(ch)
    if category == "Zs" or ch == "\t":
        return " "
    code = ord(ch)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    selector = 0xFE00 <= code <= 0xFE0F or 0x180B <= code <= 0x180F or 0xE0100 <= code <= 0xE01EF
    if category in ("Cc", "Cf", "Cs") or noncharacter or selector or ch in _INVISIBLE:
        return None
    return ch


def _folded(ch: str) -> str:
    """One character to one character, until nothing changes (a compatibility form may be a capital or traditional)."""
    for _ in range(4):
        before = ch
        for step in (unicodedata.normalize("NFKC", ch), ch.lower(), _simplified(ch)):
            if step != ch and len(step) == 1:
                ch = step
                break
        if ch == before:
            break
    return ch


def _simplified(ch: str) -> str:
    return str(_converter().convert(ch)) if is_han(ch) else ch


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _cap_marks(s: str) -> str:
    return s if s.isascii() else _many_marks().sub(lambda found: found[0][:_MAX_MARKS], s)


@cache
def _token() -> re.Pattern[str]:
    singles = "".join(f"{chr(first)}-{chr(last)}" for first, last in (*_HAN, *_KANA))
    return re.compile(f"[{singles}]|[^\\W_{singles}]+")


@cache
def _many_marks() -> re.Pattern[str]:
    codes = [code for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in ("Mn", "Me")]
    ranges, first = [], codes[0]
    for last, code in zip(codes, [*codes[1:], 0x20001], strict=True):
        if code != last + 1:
            ranges.append(f"{chr(first)}-{chr(last)}")
            first = code
    return re.compile(f"[{''.join(ranges)}]{{{_MAX_MARKS + 1},}}")
