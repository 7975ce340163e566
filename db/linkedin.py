"""What an address at LinkedIn tells by itself. Its agreement forbids crawlers, so nothing of it is ever asked.

A person's other channels, mails and clips take the place of a fetch.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from db.urls import canonical_url, host_of

#: Registered domains that are never fetched, whatever leads there.
NEVER_FETCHED = ("linkedin.com", "licdn.com", "lnkd.in")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOUNDED = datetime(2003, 5, 5, tzinfo=UTC)  # an older id is no id
_POST = re.compile(r"(?:urn:li:|-)(activity|share|ugcPost)[:-](\d{19})(?!\d)")
_TIME_BITS = 22  # what stands below the milliseconds in an id


def is_linkedin(host: str) -> bool:
    """Whether a host (any case, with or without final dot) is LinkedIn's, in whatever country."""
    host = host.lower().rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in NEVER_FETCHED)


def page_address(url: str) -> str | None:
    """One spelling of a page there: no query, no country, not the one of mails. None for what only counts a click."""
    page = canonical_url(url)
    if page is None:
        return None
    host = host_of(page)
    path = urlsplit(page).path.replace("%3A", ":").removeprefix("/comm").rstrip("/")
    if path.startswith("/e/"):
        return None
    return f"https://{'www.linkedin.com' if host.endswith('linkedin.com') else host}{path or '/'}"


def post_urn(url: str) -> str:
    """`urn:li:activity:…` (or share, ugcPost) of a post's address there, "" for any other address."""
    found = _POST.search(unquote(url)) if is_linkedin(host_of(url)) else None
    return f"urn:li:{found[1]}:{found[2]}" if found else ""


def posted_at(url: str) -> datetime | None:
    """When a post was made, from its id alone: its upper bits are milliseconds since 1970. None without an id."""
    urn = post_urn(url)
    if not urn:
        return None
    at = _EPOCH + timedelta(milliseconds=int(urn.rpartition(":")[2]) >> _TIME_BITS)
    return at if at > _FOUNDED else None
