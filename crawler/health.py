"""What a visit says about a source: one state with its reason, and the rhythm it keeps. Pure.

It must not forgive: a failure ends with a full good answer, never with "unchanged"; few entries are a failure, never
a quiet day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from db.errors import CODES, WEIGHTS
from db.types import Entry, Shape, Source, SourceMemory, SourceRun, State

_ROBOTS = ("robots_disallowed", "robots_unreachable")
_REFUSED = ("forbidden", "rate_limited", "challenge_page", "login_page", "consent_page", "mailbox_login")
_DRIFT = ("too_few_items", "no_dates", "page_replaced", "page_moved", "no_titles", "thin_text")
_SEEN = ("ok", "quiet")
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(hours=1), timedelta(hours=23)  # 23: a daily crawl must not miss by a minute
_IN_A_ROW = 3  # articles that lack what all of
_ALWAYS = 12  # before them had
_CHANCE = 1e-6  # where some did not: that they would lack it so often in a row
_THIN = 0.1  # of the median length
_SOME_LETTERS = 100  # a source whose articles have fewer is one of headlines
_LEARNED_ANEW = timedelta(days=30)
_GAPS_NEEDED = 3  # fewer say nothing of a rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one visit showed. `entries` None: the server (304) or the body itself said "unchanged"."""

    code: str = ""  # "" for a good visit, else of CODES
    detail: str = ""
    entries: int | None = None  # as found, before any were left out
    new: int = 0  # articles new to the archive
    newest_at: datetime | None = None  # the latest date among the entries, not after the visit
    gap_seconds: float | None = None  # `median_gap` of the entries


def state_of(code: str) -> State:
    """The state that a failure's code puts a source into."""
    if code in _ROBOTS:
        return "robots"
    if code in _REFUSED:
        return "refused"
    return "drift" if code in _DRIFT else "broken"


def judge(before: SourceMemory, sighting: Sighting, source: Source, now: datetime) -> SourceMemory:
    """The source's memory after a visit at `now`. Validators, retry-after and moved-to are not touched."""
    tried = replace(before, last_try_at=now)
    if sighting.code:
        return _after_failure(tried, sighting, now)
    if sighting.entries is None and before.fails > 0:
        return tried  # "unchanged" compares with an answer that was no good
    return _after_success(tried, sighting, source, now)


def next_try(memory: SourceMemory, source: Source, now: datetime) -> datetime:
    """When a source should be asked again: a quarter of its own rhythm after the last try, from 1 to 23 hours.

    After a failure that may pass, an hour, then twice as long each time; after one that a person must mend (refused,
    gone, moved), once a day. Never before the time the server asked for.
    """
    if memory.last_try_at is None or memory.last_try_at > now:  # the clock went back
        return now
    due = memory.last_try_at + _pause(memory, source)
    return max(due, memory.retry_after_at or due)


def _pause(memory: SourceMemory, source: Source) -> timedelta:
    severity = CODES[memory.code].severity if memory.code else "note"
    if source.access == "mailbox" and severity == "note":  # a look at our own mailbox costs nobody anything
        return SHORTEST_PAUSE
    if memory.state == "drift" or severity == "note":  # its news still come
        rhythm = timedelta(hours=source.expect.gap_hours)
        if memory.gap_seconds:
            rhythm = timedelta(seconds=memory.gap_seconds)
        return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, rhythm / 4))
    if severity == "hard":
        return LONGEST_PAUSE
    failures = memory.fails / WEIGHTS[severity]
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** min(max(failures - 1, 0), 5))


def recovered(run: SourceRun) -> bool:
    """Whether a source that could not be seen before is seen again: worth a line in the report."""
    return run.was not in (*_SEEN, "never") and run.state in _SEEN


def median_gap(entries: Iterable[Entry], now: datetime) -> float | None:
    """The median time between the entries' dates in seconds, None if they are too few to tell."""
    dates = sorted({entry.published_at for entry in entries if entry.published_at and entry.published_at <= now})
    gaps = [(after - before).total_seconds() for before, after in pairwise(dates)]
    return median(gaps) if len(gaps) >= _GAPS_NEEDED else None


def lacking(shapes: Sequence[Shape]) -> tuple[str, str] | None:
    """The code and the words for what a source's newest articles lack, and those before them had; None if nothing.

    `shapes`: newest first. After as many articles again, the new form is the usual one.
    """
    letters = median(shape.letters for shape in shapes) if shapes else 0
    thin = letters * _THIN if letters >= _SOME_LETTERS else 0
    checks = (
        ("thin_text", "hardly any text", [shape.letters < thin for shape in shapes]),
        ("no_dates", "no date", [not shape.dated for shape in shapes]),
        ("no_titles", "no title", [not shape.titled for shape in shapes]),
    )
    for code, what, lacks in checks:
        row = next((place for place, lack in enumerate(lacks) if not lack), len(lacks))
        before = lacks[row:]
        always = len(before) >= _ALWAYS and not any(before)
        likely = (2 * sum(before) + 1) / (len(before) + 1)  # twice what was seen: luck comes in runs
        if _IN_A_ROW <= row <= len(before) and (always or likely**row < _CHANCE):
            return code, f"the last {row} articles have {what}, of the {len(before)} before {sum(before)}"
    return None


def lost_dates(before: SourceMemory, entries: int, newest_at: datetime | None, now: datetime) -> bool:
    """Whether none of several entries has a date though they had some; after a month without, that is their form."""
    since = now - (before.last_good_at or now)
    return bool(before.gap_seconds) and entries >= _IN_A_ROW and newest_at is None and since < _LEARNED_ANEW


def newest(entries: Iterable[Entry], now: datetime) -> datetime | None:
    """The latest date of the entries that does not lie ahead."""
    return max(
        (entry.published_at for entry in entries if entry.published_at and entry.published_at <= now), default=None
    )


def _after_failure(tried: SourceMemory, sighting: Sighting, now: datetime) -> SourceMemory:
    severity = CODES[sighting.code].severity
    if severity == "note" and tried.state != "never":  # left alone as the server asked: nothing was learned
        return tried
    state: State = "refused" if severity == "note" else state_of(sighting.code)
    return replace(
        _in_state(tried, state, now),
        code=sighting.code,
        detail=sighting.detail,
        fails=tried.fails + WEIGHTS[severity],
        last_new_at=_last_new_at(tried, sighting, now),  # too few entries may still be news
    )


def _after_success(tried: SourceMemory, sighting: Sighting, source: Source, now: datetime) -> SourceMemory:
    first = tried.last_good_at is None
    last_new_at = _last_new_at(tried, sighting, now)
    gap_seconds = sighting.gap_seconds or tried.gap_seconds
    if not sighting.newest_at and now - (tried.last_good_at or now) >= _LEARNED_ANEW:
        gap_seconds = None
    allowed = timedelta(hours=source.expect.gap_hours)
    if gap_seconds:
        allowed = max(allowed, timedelta(seconds=3 * gap_seconds))
    state: State = "ok"
    if not sighting.new and not first:
        state = "quiet" if now - (last_new_at or tried.last_good_at or now) <= allowed else "silent"
    return replace(
        _in_state(tried, state, now),
        code="",
        detail=sighting.detail,
        fails=0.0,
        last_good_at=now,
        last_new_at=last_new_at,
        gap_seconds=gap_seconds,
        entries=tried.entries if sighting.entries is None else sighting.entries,
    )


def _last_new_at(tried: SourceMemory, sighting: Sighting, now: datetime) -> datetime | None:
    if not sighting.new and not (sighting.entries and tried.last_good_at is None):
        return tried.last_new_at
    return max(filter(None, (sighting.newest_at or now, tried.last_new_at)))


def _in_state(memory: SourceMemory, state: State, now: datetime) -> SourceMemory:
    return memory if memory.state == state else replace(memory, state=state, since=now)
