"""Whether the work grows with its input or with the square of it: a ratio within one run, never a number of seconds.

Machines are loud and slow in their own ways; a quadratic algorithm is one on all of them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

FLOOR_SECONDS = 0.001  # below this the clock and the caches are measured, not the work


def assert_linear(work: Callable[[int], object], small: int, factor: int = 16, attempts: int = 5) -> None:
    """`work(size)` at `small * factor` costs far less CPU time than the square of `factor` times that of `small`.

    Linear work takes about `factor` times as long, quadratic `factor ** 2`; the limit lies halfway on a log scale.
    One attempt under the limit is enough: noise only ever adds. Work without end meets the timeout of the test.
    """
    limit = factor**1.5
    work(small)  # what is loaded late and cached is no growth
    seen = []
    for _ in range(attempts):
        base = max(_seconds(work, small), FLOOR_SECONDS)
        seen.append(_seconds(work, small * factor) / base)
        if seen[-1] < limit:
            return
    ratios = ", ".join(f"{ratio:.0f}" for ratio in seen)
    raise AssertionError(f"{factor} times the input took {ratios} times the time; the limit is {limit:.0f}")


def _seconds(work: Callable[[int], object], size: int) -> float:
    """CPU time of this thread alone."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        started = time.thread_time()
        work(size)
        return time.thread_time() - started
    finally:
        if was_on:
            gc.enable()
