"""From signals to the outbox: notices by the rules, instant mails in groups, editions whose windows tile time.

Everything is idempotent: running it again, after a kill or twice at once, writes nothing twice. It sends nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from db import outbox
from db.briefing import briefing
from db.news import News, begun, news_of, news_since
from db.outbox import Kind, Message, Waiting
from db.private import Private
from scheduler.config import Config
from scheduler.mails.compose import INSTANT_STORIES, Told, Window, edition_mail, instant_mail, note_mail
from scheduler.mails.message import Mail, message_id, to_bytes
from scheduler.notices import GROUPED, local_day_begins, notices, quiet_until
from scheduler.rules import Recipient, Rules
from scheduler.slots import AHEAD, CATCH_UP, EARLIEST, slots

LOOK_BACK: Final = timedelta(days=14)
_AT_ONCE: Final = 300


@dataclass(frozen=True, slots=True)
class Office:
    """What writing alerts needs: the archive to read from, the private file to write to, settings and rules."""

    archive: sqlite3.Connection
    private: Private
    config: Config
    rules: Rules


def write_alerts(office: Office, now: datetime, *, since: datetime | None = None, newer_than: int = 0) -> int:
    """One pass: notices of the signals since `since` (default two weeks), then what is due; returns messages written.

    `newer_than`: of those, only the signals written later than this one. Raises StoreError. A wild clock (before the
    program was made) writes nothing.
    """
    if now < EARLIEST:
        return 0
    note_news(office, now, since or now - LOOK_BACK, newer_than)
    return sum(_instant(office, reader, now) + _editions(office, reader, now) for reader in office.rules.recipients)


def note_news(office: Office, now: datetime, since: datetime, newer_than: int = 0) -> int:
    """Write the notices of signals that have none yet, in transactions of some hundred signals; returns how many."""
    signals = news_since(office.archive, since, now, newer_than=newer_than)
    made = 0
    while some := list(islice(signals, _AT_ONCE)):
        with office.private.writing() as connection:
            for news in some:
                made += _note(connection, office.rules, news, now)
    return made


def _note(connection: sqlite3.Connection, rules: Rules, news: News, now: datetime) -> int:
    found = notices(news, rules, outbox.told(connection, news.story_id), now)
    return sum(
        outbox.add_notice(
            connection, recipient=notice.recipient, story_id=news.story_id, trigger=news.trigger,
            status=news.status, at=news.at, rule=notice.rule, level=notice.level, urgent=notice.urgent,
            importance=news.importance, reason=notice.reason, now=now,
        )
        for notice in found
    )  # fmt: skip


def write_note(
    office: Office, reader: Recipient, kind: Kind, slot: str, subject: str, text: str, now: datetime
) -> bool:
    """A plain word of the service to one recipient, once per slot."""
    mail = note_mail(reader, subject, text, desk_url=office.config.desk_url)
    message = _message(office, reader, mail, kind, slot, now)
    with office.private.writing() as connection:
        return outbox.add_delivery(connection, message, (), now) is not None


# ------------------------------------------------------------------ instant
def _instant(office: Office, reader: Recipient, now: datetime) -> int:
    """What waits for a recipient as one mail: five minutes after the first, outside quiet hours, under the cap."""
    with office.private.reading() as connection:
        waiting = outbox.waiting(connection, reader.name, ("instant",))
        sent = outbox.count_since(connection, reader.name, "instant", local_day_begins(reader, now))
    if quiet_until(reader, now):
        waiting = [notice for notice in waiting if notice.urgent]
    if not waiting or timedelta(0) <= now - min(notice.created_at for notice in waiting) < GROUPED:
        return 0
    if sent >= reader.instant_per_day:
        if reader.daily or reader.weekly:
            reason = f"more than {reader.instant_per_day} instant mails in a day; told in the edition"
            with office.private.writing() as connection:
                level = "daily" if reader.daily else "weekly"
                outbox.postpone(connection, [notice.id for notice in waiting], level, reason)
        return 0
    told, ids = _told(office, waiting[:INSTANT_STORIES])
    if not told:
        return 0
    mail = instant_mail(reader, told, office.config.team, desk_url=office.config.desk_url)
    message = _message(office, reader, mail, "instant", f"notice-{min(ids)}", now)
    with office.private.writing() as connection:
        return outbox.add_delivery(connection, message, ids, now) is not None


def _told(office: Office, waiting: Sequence[Waiting]) -> tuple[list[Told], list[int]]:
    """The news behind notices; a notice whose story is gone (forgotten, removed) is suppressed."""
    told, ids, gone = [], [], []
    for notice in waiting:
        news = news_of(office.archive, notice.story_id, notice.trigger)
        if news is None:
            gone.append(notice.id)
        else:
            told.append(Told(news=news, rule=notice.rule))
            ids.append(notice.id)
    if gone:
        with office.private.writing() as connection:
            outbox.suppress(connection, gone, "its story is no longer in the archive")
    return told, ids


# ------------------------------------------------------------------ editions
def _editions(office: Office, reader: Recipient, now: datetime) -> int:
    schedule = office.config.schedule
    made = 0
    if reader.daily:
        made += _edition(office, reader, "daily", schedule.days, timedelta(days=1), now)
    if reader.weekly:
        made += _edition(office, reader, "weekly", (schedule.weekly,), timedelta(days=7), now)
    return made


def _edition(office: Office, reader: Recipient, kind: Kind, days: Sequence[str], span: timedelta, now: datetime) -> int:
    """The newest edition that is due, from where the last one ended; a missed one's news is in the next.

    The first is that of the first slot after the archive began: before, there was nothing to miss.
    """
    with office.private.reading() as connection:
        last = outbox.last_window(connection, reader.name, kind, now + AHEAD)
    clock, zone = time.fromisoformat(office.config.schedule.edition), ZoneInfo(reader.zone)
    due = list(slots(clock, zone, days, last or max(now - CATCH_UP, begun(office.archive) or now), now))
    if not due or now - due[-1].at > CATCH_UP:
        return 0
    slot, since = due[-1], last or due[-1].at - span
    with office.private.reading() as connection:
        waiting = outbox.waiting(connection, reader.name, (kind,), slot.at)
        instantly = outbox.told_between(connection, reader.name, "instant", since, slot.at)
    told, ids = _told(office, waiting)
    around = briefing(office.archive, since, slot.at, slot.day)
    window = Window(kind=kind, since=since, until=slot.at, day=slot.day, instantly=instantly)
    mail = edition_mail(reader, told, around, office.config.team, window, desk_url=office.config.desk_url)
    message = _message(office, reader, mail, kind, slot.day.isoformat(), now, window=(since, slot.at))
    empty = not told and reader.empty_day == "skip"
    with office.private.writing() as connection:
        added = outbox.add_delivery(connection, message, ids, now, "suppressed" if empty else "pending")
    return int(added is not None and not empty)


def _message(
    office: Office, reader: Recipient, mail: Mail, kind: Kind, slot: str, now: datetime,
    *, window: tuple[datetime, datetime] | None = None,
) -> Message:  # fmt: skip
    sender = office.config.mail.sender or "masthead@localhost"
    name = message_id(sender, reader.name, reader.channel, kind, slot, now.isoformat())
    if reader.channel == "mail":
        body = to_bytes(mail, sender=sender, to=reader.address, recipient=reader.name, message_id=name, now=now)
    else:
        body = json.dumps({"title": mail.subject, "body": mail.brief}, ensure_ascii=False).encode()
    return Message(
        recipient=reader.name, channel=reader.channel, address=reader.address, kind=kind, slot=slot, message_id=name,
        subject=mail.subject, message=body, from_at=window[0] if window else None,
        until_at=window[1] if window else None,
    )  # fmt: skip
