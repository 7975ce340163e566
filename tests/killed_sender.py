"""A sender that is killed at a point of its work, in a process of its own: for tests of what is lost or doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from db import outbox
from db.private import Private
from scheduler import sending
from scheduler.channels import smtp

#: Where → module, its function, and whether the kill comes before it or after it.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "before-claim": (outbox, "claim", True),
    "in-claim": (outbox, "claim", False),
    "before-send": (smtp, "_connected", True),
    "connected": (smtp, "_connected", False),
    "before-record": (sending, "_record", True),
    "in-record": (sending, "_record", False),
}


def send(point: str, port: int, db: str, now: str) -> None:
    """Send what is due, and die at `point`; "" lives."""
    if point:
        module, name, before = POINTS[point]
        setattr(module, name, _killing(getattr(module, name), before))
    server = smtp.Server("127.0.0.1", port, "none", "", "", "desk@desk.example", connect_seconds=5.0, final_seconds=0.5)
    with Private.open(Path(db)) as private:
        sending.send_due(private, {"mail": server}, lambda: datetime.fromisoformat(now))


def _killing(real: Callable[..., Any], before: bool) -> Callable[..., Any]:
    def killed(*args: Any, **options: Any) -> None:
        if not before:
            real(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return killed
