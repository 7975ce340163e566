"""Ways out of the house: a channel is one module behind the one method of `Channel`. It sends and reports, no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Result = Literal["accepted", "retry", "dead", "unknown", "stop"]


@dataclass(frozen=True, slots=True)
class Sent:
    """How an attempt ended. `stop`: nothing will get through until somebody mends the settings (a refused password).

    `unknown`: everything was handed over, but the answer was lost; sending again could be the second time.
    """

    result: Result
    code: str = ""
    detail: str = ""


class Channel(Protocol):
    """Sends one message to one address; never raises for what the other side does."""

    def __call__(self, address: str, message: bytes) -> Sent: ...
