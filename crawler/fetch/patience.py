"""How long a server that said "later" is left alone. Pure: the caller keeps the time and obeys it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DEFAULT_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=24)


def wait_until(status: int, retry_after: str | None, now: datetime) -> datetime | None:
    """Until when the host must not be contacted, or None. `retry_after`: the header's value, None if not sent.

    Only 429 and 503 ask for patience; a value that makes no sense counts as an hour, none is longer than a day.
    """
    if status != 429 and (status != 503 or retry_after is None):
        return None
    wait = _asked(retry_after or "", now)
    return now + (DEFAULT_WAIT if wait is None else min(wait, LONGEST_WAIT))


def _asked(value: str, now: datetime) -> timedelta | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta(0) else None
