"""Whether a host looks like an official one and is not: other letters, a name within a name, a name beside a word.

Told of an address, never of what it says; that a text is official is decided by the exact registered host alone
(pipelines.standing). A host that any source of the catalogue calls its own resembles nobody.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import idna

from db.urls import host_of, public_suffix, registered_domain

# Letters of other scripts and digits by the Latin letter they are read as; after Unicode's confusables.txt (UTS 39).
_SEEN_AS = {
    "a": "аα", "b": "вьβ", "c": "сϲ", "d": "ԁ", "e": "еεз3", "g": "զ", "h": "һнհ", "j": "ј", "k": "кκ",
    "l": "i1іıιɩӏłḷ", "m": "м", "n": "пηո", "o": "оοօ0", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ5", "t": "тτ",
    "u": "μս", "v": "νѵ", "w": "ωԝ", "x": "хχ", "y": "уυγ",
}  # fmt: skip
_ONE = str.maketrans({seen: letter for letter, many in _SEEN_AS.items() for seen in many})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
#: Hosts under which anybody may take a name and which the list of public suffixes does not know as such.
_FREE = frozenset({"wordpress.com", "substack.com", "medium.com", "tumblr.com", "wixsite.com", "linktr.ee"})
_LEAST, _LEAST_NEAR = 4, 6  # letters of a name that is looked for, and of one that may be misspelt


@dataclass(slots=True)
class Name:
    spellings: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Registered:
    """`known` are hosts and domains of the catalogue; `names` the registered names of those who speak for somebody, in
    their plain letters, each with its spellings and the endings it is registered under."""

    known: frozenset[str]
    names: Mapping[str, Name]


def registered(connection: sqlite3.Connection) -> Registered:
    """The hosts of the catalogue as the archive has them."""
    return _registered(tuple(connection.execute("select hosts, speaks_for != '[]' from sources").fetchall()))


def is_lookalike(url: str | None, catalogue: Registered) -> bool:
    """Whether the host of an address resembles an official one and is nobody's in the catalogue."""
    host = host_of(url or "")
    domain = registered_domain(host)
    if not host or host.replace(".", "").isdigit() or {host, domain} & catalogue.known:
        return False
    labels = _unicode(host).split(".")
    taken = labels[: -len(domain.split("."))] if domain in _FREE else []
    name = taken[-1] if taken else _unicode(domain).split(".")[0]
    ending = public_suffix(host)
    outer = labels[: -len(domain.split("."))]
    return _is_within(outer, catalogue) or any(
        _looks_like(name, ending, seen, official) for seen, official in catalogue.names.items()
    )


def plain(label: str) -> str:
    """The letters a hurried reader sees: of other scripts, digits and pairs those they look like."""
    folded = label.lower().translate(_ONE)
    for pair, letter in _PAIRS:
        folded = folded.replace(pair, letter)
    return folded


def _is_within(labels: list[str], catalogue: Registered) -> bool:
    """An official address put before somebody else's: `newsroom.tiktok.com.evil.example`."""
    for at, label in enumerate(labels):
        official = catalogue.names.get(plain(label))
        rest = ".".join(labels[at + 1 :])
        if official and any(rest == ending or rest.startswith(f"{ending}.") for ending in official.endings):
            return True
    return False


#: Words beside a name that make a host look like the party's own.
_WORDS = frozenset(
    map(
        plain,
        """
        official newsroom press news media blog help support service services login account verify shop store mall
        seller sellers sellercentral central ads global go online inc corp group app pay
        """.split(),  # noqa: SIM905 (a list of thirty strings is harder to read)
    )
)


def _looks_like(name: str, ending: str, seen: str, official: Name) -> bool:
    if len(seen) < _LEAST:
        return False
    read = plain(name)
    if read == seen:
        # The same letters under another country's ending are as a rule the party's own; disguised letters never.
        return name not in official.spellings or len(ending.rpartition(".")[2]) != 2
    words = re.split(r"[-_]", read)
    if len(words) > 1 and seen in words:
        return True
    if read.startswith(seen) and read.removeprefix(seen) in _WORDS:
        return True
    return len(seen) >= _LEAST_NEAR and ending in official.endings and _is_one_slip(read, seen)


def _is_one_slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two that changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[at:], other[at:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _unicode(host: str) -> str:
    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host


@lru_cache(maxsize=4)
def _registered(rows: tuple[tuple[str, int], ...]) -> Registered:
    known: set[str] = set()
    names: dict[str, Name] = {}
    for hosts, speaks in rows:
        for host in json.loads(hosts):
            domain = registered_domain(host)
            known |= {host, domain}
            if speaks:
                label = _unicode(domain).split(".")[0]
                official = names.setdefault(plain(label), Name())
                official.spellings.add(label)
                official.endings.add(public_suffix(host))
    return Registered(frozenset(known), names)
