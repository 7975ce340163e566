"""The text part of a mail in lines of 72 columns, Han characters counted as two. Knows nothing of what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from db.text import is_han
from scheduler.options import width

_COLUMNS: Final = 72
_SIGNATURE: Final = "-- "  # the blank is part of it (RFC 3676, 4.3)
_CLOSING: Final = "，。；：！？、）】」》”"
_OPENING: Final = "（【「《“"


def in_columns(text: str) -> str:
    """The text in lines of at most 72 columns, never two empty ones in a row, with a line end at the end."""
    lines = text.splitlines()
    return _without_gaps([wrapped for line in lines for wrapped in ([line] if line == _SIGNATURE else wrap(line))])


def _without_gaps(lines: Sequence[str]) -> str:
    """Never two empty lines in a row, one line end at the end."""
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip("\n") + "\n"


def wrap(line: str, columns: int = _COLUMNS) -> list[str]:
    """A line in pieces of at most so many columns; Han characters take two and may be parted anywhere.

    A word longer than that (an address) keeps a line of its own. The indent of the line is that of its pieces.
    """
    body = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if len(indent) + width(body) <= columns:
        return [(indent + body).rstrip()]
    pieces: list[str] = []
    current = ""
    for word in _words(body):
        if current and len(indent) + width((current + word).rstrip()) > columns:
            pieces.append(indent + current.rstrip())
            current = word.lstrip()
        else:
            current += word
    return [*pieces, (indent + current).rstrip()]


def _words(text: str) -> Iterable[str]:
    """What may be parted: after a blank, and around every Han character (closing marks stay with what they close)."""
    word = ""
    for character in text:
        if word and (word[-1] == " " or (character not in _CLOSING and (_is_wide(word[-1]) or _is_wide(character)))):
            yield word
            word = ""
        word += character
    if word:
        yield word


def _is_wide(character: str) -> bool:
    return is_han(character) or character in _CLOSING + _OPENING
