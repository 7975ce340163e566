"""How many bytes of large bodies the process holds at one time: who comes too late waits, nobody is refused.

Small bodies are not counted: requests are bounded in number. It knows nothing of requests or connections.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

LARGE_BYTES = 1024 * 1024  # a body is counted when it grows beyond this
LIMIT_BYTES = 16 * 1024 * 1024  # one body of the largest size allowed, and what comes beside it


@dataclass(eq=False, slots=True)
class Claim:
    """A share of the budget, granted or still waited for."""

    size_bytes: int
    on_grant: Callable[[], None]
    granted: bool = False


@dataclass(slots=True)
class Budget:
    """`held_bytes` exceeds the limit only by what was in memory before anybody could be asked to wait."""

    limit_bytes: int = LIMIT_BYTES
    held_bytes: int = 0
    _waiting: deque[Claim] = field(default_factory=deque)

    def claim(self, size_bytes: int, on_grant: Callable[[], None]) -> Claim:
        """A share, granted now or in the order of asking; `on_grant` is called then. `release` it in any case."""
        claim = Claim(size_bytes, on_grant)
        self._waiting.append(claim)
        self._serve()
        return claim

    def release(self, claim: Claim) -> None:
        if claim.granted:
            self.held_bytes -= claim.size_bytes
        else:
            self._waiting.remove(claim)
        self._serve()

    def hold(self, size_bytes: int) -> Claim:
        """A share for what is in memory already: granted whatever the limit, so that others wait."""
        self.held_bytes += size_bytes
        return Claim(size_bytes, _nothing, granted=True)

    async def room(self) -> None:
        """Wait until no more is held than allowed."""
        while self.held_bytes > self.limit_bytes:
            free = asyncio.Event()
            claim = self.claim(0, free.set)
            try:
                await free.wait()
            finally:
                self.release(claim)

    def _serve(self) -> None:
        while self._waiting and self._fits(self._waiting[0]):
            claim = self._waiting.popleft()
            claim.granted = True
            self.held_bytes += claim.size_bytes
            claim.on_grant()

    def _fits(self, claim: Claim) -> bool:
        return not self.held_bytes or self.held_bytes + claim.size_bytes <= self.limit_bytes


def _nothing() -> None:
    pass
