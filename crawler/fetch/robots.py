"""What a robots.txt says (RFC 9309). Pure: fetching and remembering are the fetcher's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

AGENT = "Masthead"  # the product token by which a robots.txt may address us
MAX_BYTES = 512 * 1024  # the RFC asks for 500 KiB at least; more is not read and no failure
MAX_DELAY_SECONDS = 30.0  # beyond this a source could not be read within its ten minutes
KEPT = timedelta(hours=24)
KEPT_FAILURE = timedelta(hours=1)

#: Answers that mean "there is none": everything is allowed.
NONE_THERE = ("forbidden", "gone", "http_error", "too_many_redirects")

# protego copies each rule into each agent of its group: a hostile file of 512 KiB could ask for 225 million rules.
_MAX_RULES_TIMES_AGENTS = 5_000_000


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one origin as they concern us. `code` is "" or robots_unreachable: nothing is allowed then."""

    code: str = ""
    detail: str = ""
    delay_seconds: float = 0.0
    rules: Protego | None = None  # None: no rules, all is allowed

    def allows(self, url: str) -> bool:
        return not self.code and (self.rules is None or bool(self.rules.can_fetch(url, AGENT)))


def read(body: bytes) -> Robots:
    """The rules in a robots.txt of any quality; never raises."""
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    if text.lstrip()[:1] == "<":  # a page, not a robots.txt: no rules
        return Robots()
    lines = text.splitlines()
    agents = sum("agent" in line.lower() for line in lines)
    if agents * len(lines) > _MAX_RULES_TIMES_AGENTS:
        return Robots(code="robots_unreachable", detail=f"{agents:,} agents in {len(lines):,} lines")
    rules = Protego.parse(text)
    delay = rules.crawl_delay(AGENT) or 0.0
    return Robots(delay_seconds=min(float(delay), MAX_DELAY_SECONDS), rules=rules)


def is_fresh(fetched_at: datetime, code: str, now: datetime) -> bool:
    """Whether a remembered robots.txt still holds: a day, an hour after a failure; never if it lies ahead of `now`."""
    age = now - fetched_at
    return timedelta(0) <= age < (KEPT_FAILURE if code else KEPT)


def origin_of(url: str) -> str:
    """`scheme://host:port` as written, the default port left out: what one robots.txt speaks for."""
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower().removesuffix(default)}"
