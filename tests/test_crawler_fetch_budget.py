"""Large bodies wait for each other; small ones and the first always pass."""

from __future__ import annotations

import asyncio

from crawler.fetch.budget import Budget


def test_claims_are_granted_in_order_as_others_give_back() -> None:
    budget, granted = Budget(limit_bytes=10), list[str]()
    first = budget.claim(6, lambda: granted.append("first"))
    second = budget.claim(6, lambda: granted.append("second"))
    third = budget.claim(1, lambda: granted.append("third"))
    assert (granted, budget.held_bytes) == (["first"], 6)
    budget.release(first)
    assert (granted, budget.held_bytes) == (["first", "second", "third"], 7)
    budget.release(second)
    budget.release(third)
    assert budget.held_bytes == 0


def test_one_that_is_larger_than_the_limit_passes_alone() -> None:
    budget, granted = Budget(limit_bytes=10), list[str]()
    small = budget.claim(1, lambda: None)
    budget.claim(50, lambda: granted.append("large"))
    assert granted == []
    budget.release(small)
    assert granted == ["large"]


def test_who_gives_up_waiting_is_not_in_the_way() -> None:
    budget, granted = Budget(limit_bytes=10), list[str]()
    held = budget.hold(12)
    gone = budget.claim(5, lambda: granted.append("gone"))
    budget.claim(5, lambda: granted.append("next"))
    budget.release(gone)
    budget.release(held)
    assert granted == ["next"]


def test_there_is_room_when_the_limit_is_kept_again() -> None:
    async def wait() -> list[str]:
        budget, said = Budget(limit_bytes=10), list[str]()
        held = budget.hold(20)
        task = asyncio.create_task(budget.room())
        await asyncio.sleep(0)
        said.append("waits" if not task.done() else "passed")
        budget.release(held)
        await task
        said.append(str(budget.held_bytes))
        return said

    assert asyncio.run(wait()) == ["waits", "0"]
