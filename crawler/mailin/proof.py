"""Who may write to us, and whether the mail host vouches that it was them (RFC 8601). Pure.

Only a header that our own mail host added counts, and of several the topmost: everything below may be the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from crawler.mailin.letter import Letter
from db.urls import registered_domain

_COMMENT = re.compile(r"\((?:[^()\\]|\\.){0,500}+\)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){0,500}+)"')
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)\b", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<![\w-])([a-z-]+)\s{0,9}\.\s{0,9}([a-z-]+)\s{0,9}=\s{0,9}(\S+)", re.IGNORECASE)
_NESTED_COMMENTS = 5


def is_listed(sender: str, listed: Iterable[str]) -> bool:
    """Whether an address stands in the list: as it is, or by "@domain" for all of one domain (not of those below)."""
    return bool(sender) and any(sender == one or (one.startswith("@") and sender.endswith(one)) for one in listed)


def authserv_ids(results: Iterable[str]) -> list[str]:
    """Who signed the Authentication-Results headers, topmost first."""
    return [_split(value)[0] for value in results]


def is_proven(letter: Letter, authserv_id: str) -> bool:
    """Whether our host says that the mail comes from the domain in its From.

    That is dmarc=pass for it, or dkim=pass by a signature of the same registered domain. SPF alone proves nothing of
    From.
    """
    domain = letter.sender.rpartition("@")[2]
    ours = next((parts for parts in map(_split, letter.results) if parts[0] == authserv_id.lower()), None)
    if ours is None or not domain or not authserv_id:
        return False
    return any(_vouches(*_result(clause), domain) for clause in ours[1])


def _vouches(method: str, result: str, properties: Mapping[str, str], domain: str) -> bool:
    if result != "pass":
        return False
    if method == "dmarc":
        return properties.get("header.from", "").lower() == domain
    signer = properties.get("header.d") or properties.get("header.i", "").rpartition("@")[2]
    return method == "dkim" and bool(signer) and registered_domain(signer) == registered_domain(domain)


def _split(value: str) -> tuple[str, list[str]]:
    """The authserv-id and the clauses. A semicolon may stand in a comment or in quotes."""
    for _ in range(_NESTED_COMMENTS):
        value, found = _COMMENT.subn(" ", value)
        if not found:
            break
    value = _QUOTED.sub(lambda text: re.sub(r"[;\s]", "_", text[1]), value)
    first, *clauses = value.split(";")
    return (first.split() or [""])[0].lower(), clauses


def _result(clause: str) -> tuple[str, str, Mapping[str, str]]:
    found = _RESULT.match(clause)
    if found is None:
        return "", "", {}
    properties = {f"{kind}.{name}".lower(): value for kind, name, value in _PROPERTY.findall(clause)}
    return found[1].lower(), found[2].lower(), properties
