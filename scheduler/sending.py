"""From the outbox to the channels: one sender at a time, each attempt written down before it begins.

What may have arrived is never sent again by itself; what surely did not is tried for two days.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from db import outbox
from db.outbox import Delivery
from db.private import Private
from scheduler.channels import Channel, Sent

BACK_OFF_MINUTES: Final = (1, 5, 15, 60, 240)
GIVE_UP: Final = timedelta(hours=48)

Clock = Callable[[], datetime]


@contextlib.contextmanager
def only_sender(private: Private) -> Iterator[bool]:
    """Hold the sender's lock file; yields False when another process is sending."""
    path = private.path.with_name(private.path.name + ".sending")
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def send_due(
    private: Private, channels: Mapping[str, Channel], clock: Clock, stopping: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Send what is due now; returns how many ended in which state. Nothing happens while another process sends.

    Raises StoreError. A channel that answers `stop` is closed with its reason; what waits for it stays. One whose
    connection was lost rests until the next call: a server that is down is not asked once for each mail.
    """
    resting: set[str] = set()
    ended: Counter[str] = Counter()
    with only_sender(private) as alone:
        if not alone:
            return ended
        with private.writing() as connection:
            ended["unknown"] += outbox.note_killed(connection, clock())
        while not stopping():
            with private.writing() as connection:
                closed = outbox.closed_channels(connection).keys()
                delivery = outbox.claim(connection, clock(), os.getpid(), closed | resting)
            if delivery is None:
                break
            state, code = _send(private, channels, delivery, clock)
            ended[state] += 1
            if code == "connection":
                resting.add(delivery.channel)
    return +ended


def _send(private: Private, channels: Mapping[str, Channel], delivery: Delivery, clock: Clock) -> tuple[str, str]:
    """How one attempt ended: state and code."""
    channel = channels.get(delivery.channel)
    if channel is None:
        sent = Sent("stop", "channel", "this channel is not set up: see [mail] and [[channels]]")
    else:
        try:
            sent = channel(delivery.address, delivery.message)
        except Exception as error:  # noqa: BLE001 (the edge: one channel's fault must not stop the others)
            sent = Sent("unknown", "channel_bug", f"{type(error).__name__}: {error}")
    with private.writing() as connection:
        return _record(connection, delivery, sent, clock()), sent.code


def _record(connection: sqlite3.Connection, delivery: Delivery, sent: Sent, now: datetime) -> str:
    if sent.result == "stop":
        outbox.stop_channel(connection, delivery.channel, sent.detail, now)
    if sent.result != "retry" and sent.result != "stop":
        outbox.close(connection, delivery, sent.result, now, code=sent.code, detail=sent.detail)
        return sent.result
    if now - delivery.created_at > GIVE_UP and sent.result == "retry":
        outbox.close(connection, delivery, "dead", now, code=sent.code, detail=f"given up after 48 h: {sent.detail}")
        return "dead"
    waited = 0 if sent.result == "stop" else BACK_OFF_MINUTES[min(delivery.attempts, len(BACK_OFF_MINUTES)) - 1]
    outbox.close(
        connection, delivery, "retry", now, code=sent.code, detail=sent.detail, next_at=now + timedelta(minutes=waited)
    )
    return "retry"
