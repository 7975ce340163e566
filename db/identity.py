"""Which stored article a new one is, if any: the ladder from its address over the publisher's id to its headline.

An article is one document of one source. Every rung is a suspicion that the content has to confirm, because feeds
give one id to many items, new ids at every fetch, one link for all items, and pages declare wrong canonical links.
Pure: what to compare is handed in. Whether texts are copies of each other across sources is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from db.text import is_han, title_key

Trust = Literal["", "stable", "rotating", "shared"]
Rung = Literal["address", "declared", "guid", "title"]

COMPARED_CHARACTERS = 2_000  # of each text
_GRAM = 5
_MIN_GRAMS = 20  # a text shorter than this tells nothing
_DISTINCT_LATIN, _DISTINCT_HAN = 20, 10  # characters that make a headline say what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What the ladder looks at. `at` is the publication, else the first sight (`dated` False)."""

    guid: str
    title: str
    text: str  # its beginning; of a stored one perhaps only the lead
    content_hash: str
    at: datetime
    dated: bool
    addressed: bool  # it has an address of its own
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A stored article, and the rung on which it was met."""

    article_id: int
    rung: Rung
    face: Face


def identify(new: Face, suspects: Sequence[Suspect], trust: Trust) -> Suspect | None:
    """The first suspect, in the order given, that the content confirms."""
    for suspect in suspects:
        if _CONFIRMED[suspect.rung](new, suspect.face, trust):
            return suspect
    return None


def learn_trust(new: Face, suspects: Sequence[Suspect], found: Suspect | None, trust: Trust) -> Trust:
    """What this meeting teaches about the ids of the source; what was learned to its discredit stays."""
    if trust in ("rotating", "shared") or not new.guid:
        return trust
    if found is None and any(suspect.rung == "guid" for suspect in suspects):
        return "shared"
    if found is None or found.rung != "address" or not found.face.guid:
        return trust
    return "stable" if found.face.guid == new.guid else "rotating"


def likeness(one: str, other: str, characters: int = COMPARED_CHARACTERS) -> float | None:
    """How much of the shorter text stands in the other, 0 to 1; None where one of them is too short to tell.

    Share of common five-character runs of letters and digits, so that marks, blanks and case do not count.
    """
    a, b = _grams(one, characters), _grams(other, characters)
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller >= _MIN_GRAMS else None


def titles_alike(one: str, other: str) -> bool:
    """Whether one headline reads like an edit of the other; other figures make another headline."""
    a, b = title_key(one), title_key(other)
    if a == b:
        return bool(a)
    if sorted(re.findall(r"\d+", a)) != sorted(re.findall(r"\d+", b)):
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= 0.6


def _by_address(new: Face, old: Face, trust: Trust) -> bool:
    """Certain, unless id, headline and text all say otherwise (a feed whose items all link to one page)."""
    if new.watched or not new.guid or not old.guid or new.guid == old.guid:
        return True
    return titles_alike(new.title, old.title) or _alike(new, old, 0.3)


def _by_declared(new: Face, old: Face, trust: Trust) -> bool:
    """A page says that its address is another one: believed where the content agrees."""
    return _edited(new, old, unknown=_distinct(new.title))


def _by_guid(new: Face, old: Face, trust: Trust) -> bool:
    if trust in ("rotating", "shared"):
        return False
    apart = new.addressed and old.addressed
    return _edited(new, old, unknown=trust == "stable" or not apart or _distinct(new.title))


def _by_title(new: Face, old: Face, trust: Trust) -> bool:
    """Equal headlines (the query's doing) of neighbouring days, and nearly the same text."""
    same = new.content_hash == old.content_hash
    apart = new.addressed and old.addressed
    alike = likeness(new.text, old.text)
    if trust == "stable" and new.guid and old.guid and new.guid != old.guid:
        return same and alike is not None
    if new.dated and old.dated and abs((new.at.date() - old.at.date()).days) > 1:
        return False
    if alike is None:  # too short to compare: a headline alone, or a teaser
        return (same and not apart) or (_distinct(new.title) and (same or not apart))
    return same or alike >= 0.8


_CONFIRMED = {"address": _by_address, "declared": _by_declared, "guid": _by_guid, "title": _by_title}


def _edited(new: Face, old: Face, *, unknown: bool) -> bool:
    """Whether one reads like an edit of the other; `unknown` is the answer for like headlines over too little text."""
    if _alike(new, old, 0.5):
        return True
    if not titles_alike(new.title, old.title):
        return False
    share = likeness(new.text, old.text)
    return unknown if share is None else share >= 0.2


def _alike(new: Face, old: Face, at_least: float) -> bool:
    return new.content_hash == old.content_hash or (likeness(new.text, old.text) or 0.0) >= at_least


def _distinct(title: str) -> bool:
    key = title_key(title)
    return len(key) >= _DISTINCT_LATIN or sum(map(is_han, key)) >= _DISTINCT_HAN


def _grams(text: str, characters: int) -> set[str]:
    key = title_key(text[:characters])
    return {key[start : start + _GRAM] for start in range(len(key) - _GRAM + 1)}
