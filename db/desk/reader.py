"""Who is reading: the language and zone of the request under way, kept in a context variable.

Datasette hands no request to `render_cell`; this is how a cell knows the reader. Set by the gate, read everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class TwoNames(Protocol):
    """Whatever carries its name in both languages."""

    @property
    def en(self) -> str: ...
    @property
    def zh(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """`names`: of the companies that the team's own lexicon added, by id."""

    language: Language
    zone: ZoneInfo
    names: Mapping[str, TwoNames] = field(default_factory=dict)


_NOBODY = Reader("en", ZoneInfo("UTC"))
_reader: ContextVar[Reader] = ContextVar("masthead_reader", default=_NOBODY)


def reader() -> Reader:
    return _reader.get()


def become(someone: Reader) -> None:
    """For the rest of this request (each request is a task, and so a context, of its own)."""
    _reader.set(someone)


def language_or(value: str, default: Language) -> Language:
    return next((known for known in LANGUAGES if known == value), default)


def pick(name: TwoNames) -> str:
    return name.zh if reader().language == "zh" else name.en


def local(stamp: str) -> datetime | None:
    """The reader's wall clock for an ISO 8601 stamp; None if it is none. A stamp without offset is UTC."""
    try:
        at = datetime.fromisoformat(stamp)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(reader().zone)
    except (ValueError, OverflowError):
        return None
