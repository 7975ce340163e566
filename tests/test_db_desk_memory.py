"""When a kept answer of the desk is handed out, made behind it, or waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from db.desk.memory import Memory, Priced


class Answers:
    """Numbers the answers made; each costs `price` seconds of computing."""

    def __init__(self, price: float) -> None:
        self.price, self.made = price, 0

    async def make(self) -> Priced:
        self.made += 1
        await asyncio.sleep(0)
        return self.made, self.price


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a.db"
    file.write_bytes(b"1")
    return file


def commit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"1")


def run(scene: Callable[[], Awaitable[Any]]) -> None:
    asyncio.run(scene())  # type: ignore[arg-type]  # a coroutine function


def test_a_cheap_answer_is_made_anew_after_every_commit(path: Path) -> None:
    async def scene() -> None:
        time = [0.0]
        memory, answers = Memory(path, lambda: time[0]), Answers(price=0.0001)
        assert [await memory.get("a", answers.make) for _ in range(3)] == [1, 1, 1]
        commit(path)
        time[0] = 1.0
        assert await memory.get("a", answers.make) == 2

    run(scene)


def test_a_dear_answer_is_handed_out_while_the_next_is_made(path: Path) -> None:
    async def scene() -> None:
        time = [0.0]
        memory, answers = Memory(path, lambda: time[0]), Answers(price=1.0)
        assert await memory.get("a", answers.make) == 1
        commit(path)
        time[0] = 19.0
        assert (await memory.get("a", answers.make), answers.made) == (1, 1)  # not worth it yet
        time[0] = 21.0
        assert await memory.get("a", answers.make) == 1  # now the next one is begun, once
        assert await memory.get("a", answers.make) == 1
        await asyncio.sleep(0.01)
        assert (await memory.get("a", answers.make), answers.made) == (2, 2)
        commit(path)
        time[0] = 400.0  # too old to be shown at all
        assert await memory.get("a", answers.make) == 3

    run(scene)


def test_many_who_ask_at_once_wait_for_one_answer(path: Path) -> None:
    async def scene() -> None:
        memory, answers = Memory(path), Answers(price=1.0)
        assert await asyncio.gather(*(memory.get("a", answers.make) for _ in range(5))) == [1] * 5

    run(scene)


def test_one_who_goes_away_takes_nothing_from_the_others(path: Path) -> None:
    async def scene() -> None:
        memory, answers = Memory(path), Answers(price=1.0)
        first = asyncio.create_task(memory.get("a", answers.make))
        second = asyncio.create_task(memory.get("a", answers.make))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == 1

    run(scene)


def test_an_error_is_told_and_not_kept(path: Path) -> None:
    async def fail() -> Priced:
        raise OSError("gone")

    async def scene() -> None:
        memory, answers = Memory(path), Answers(price=1.0)
        with pytest.raises(OSError, match="gone"):
            await memory.get("a", fail)
        assert await memory.get("a", answers.make) == 1

    run(scene)


def test_answers_do_not_pile_up_and_are_forgotten_on_request(path: Path) -> None:
    async def scene() -> None:
        memory, answers = Memory(path), Answers(price=1.0)
        for number in range(500):
            await memory.get(str(number), answers.make)
        assert await memory.get("499", answers.make) == 500
        assert await memory.get("0", answers.make) == 501  # the oldest made room
        memory.forget()
        assert await memory.get("499", answers.make) == 502

    run(scene)


def test_what_was_being_made_when_it_was_forgotten_is_not_kept(path: Path) -> None:
    async def scene() -> None:
        memory, answers = Memory(path), Answers(price=1.0)
        begun, go = asyncio.Event(), asyncio.Event()

        async def slow() -> Priced:
            begun.set()
            await go.wait()
            return "old", 1.0

        early = asyncio.create_task(memory.get("a", slow))
        await begun.wait()
        memory.forget()
        go.set()
        assert await early == "old"
        assert await memory.get("a", answers.make) == 1

    run(scene)
