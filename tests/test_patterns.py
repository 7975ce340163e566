"""Every regular expression of ours takes time by the length of a hostile text only (P03), whoever wrote it.

The patterns are collected from the modules; the texts are made from each pattern's own letters, so that a new pattern
is tested without a word here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import re._constants as sre
import re._parser as parser
import time
from collections.abc import Iterator, Mapping
from itertools import islice, product
from types import ModuleType
from typing import Any

import pytest

import crawler
import db
import pipelines
from tests.growth import assert_linear

_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_LETTERS = 3  # of a pattern, taken into pairs; three times as many alone


def modules() -> Iterator[ModuleType]:
    for room in (crawler, pipelines, db):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not found.name.endswith("__main__") and "training" not in found.name:  # needs what only fitting needs
                yield importlib.import_module(found.name)


def inside(name: str, value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns of a module's value, in tuples and mappings, too."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from inside(f"{name}[{key!r}]", one)
    elif isinstance(value, tuple | list):
        for number, one in enumerate(value):
            yield from inside(f"{name}[{number}]", one)


def collected() -> dict[str, tuple[re.Pattern[str], tuple[str, ...]]]:
    """Pattern by module and name, with the methods that are called on it there; unknown ones count as finditer."""
    found: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {}
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            if name.startswith("__") or f"\n{name}" not in f"\n{source}":  # imported
                continue
            methods = {
                node.func.attr
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
                and isinstance(node.func.value, ast.Name) and node.func.value.id == name
            }  # fmt: skip
            for place, pattern in inside(name, value):
                found[f"{module.__name__}.{place}"] = pattern, tuple(sorted(methods)) or ("finditer",)
    return found


# ------------------------------------------------------------------ hostile texts
def letters(parsed: Any) -> Iterator[str]:
    """A character for each place of the pattern, in its order."""
    for op, value in parsed:
        if op in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(value) if op is sre.LITERAL else "a"
        elif op is sre.ANY:
            yield "a"
        elif op is sre.IN:
            yield from islice(_of_class(value), 2)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from letters(branch)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            yield from letters(value[2])
        elif op is sre.SUBPATTERN:
            yield from letters(value[3])
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            yield from letters(value[1])
        elif op is sre.ATOMIC_GROUP:
            yield from letters(value)


_CATEGORIES = {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a"}


def _of_class(parts: Any) -> Iterator[str]:
    for op, value in parts:
        if op is sre.LITERAL:
            yield chr(value)
        elif op is sre.RANGE:
            yield chr(value[0])
        elif op is sre.CATEGORY:
            yield _CATEGORIES.get(value, "a")
        elif op is sre.NEGATE:
            yield "海"


def beginning(parsed: Any) -> str:
    """The least text that the pattern begins with: what comes before its first repetition."""
    text = ""
    for op, value in parsed:
        if op is sre.LITERAL:
            text += chr(value)
        elif op is sre.SUBPATTERN:
            text += beginning(value[3])
        elif op is sre.BRANCH:
            text += beginning(value[1][0])
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            text += beginning(value[2]) * min(value[0], 3)
        elif op is sre.IN:
            text += next(_of_class(value), "")
    return text[:40]


def hostile(pattern: re.Pattern[str]) -> list[str]:
    """Units that are repeated: single letters, pairs of them, and the beginning of a match over and over."""
    parsed = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    some = list(dict.fromkeys([*letters(parsed), " ", "a", "1"]))
    units = [*some[: 3 * _LETTERS], *("".join(pair) for pair in product(some[:_LETTERS], repeat=2))]
    start = beginning(parsed)
    return list(dict.fromkeys(unit for unit in (*units, start, f"{start} ", f"{start}a") if unit))


def run(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method in ("sub", "subn"):
        pattern.sub("", text)
    elif method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)


PATTERNS = collected()
_QUICK, _LONG = (4_096, 65_536), (4_096, 65_536, 1_048_576)  # a runaway shows where it is still short
_SUSPICIOUS_SECONDS = 0.1
#: Patterns that would run away, and never see more than so many characters; what bounds them.
_BOUNDED = {
    "crawler.blocked._HOSTS[2][1]": 253,  # the name of a host
    "pipelines.bylines._AFTER_NAME": 500,  # after clean_line: no runs of blanks
    "pipelines.bylines._APART": 200,  # runs of blanks are made one before
    "pipelines.copies._LINE": 160,  # _LINE_LIMIT
    "pipelines.copies._TAIL": 200,  # _EDGE
    "pipelines.metadata._SITE_SEPARATOR": 500,  # a title after clean_line: no runs of blanks
    "pipelines.structured._UNWRAPPED": 100,  # _END
    "db.dates._AGO": 200,  # MAX_CHARACTERS
}


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 60
    assert {name.partition(".")[0] for name in PATTERNS} == {"crawler", "pipelines", "db"}
    assert set(_BOUNDED) <= set(PATTERNS)


def test_a_pattern_that_runs_away_is_found_out() -> None:
    with pytest.raises(AssertionError, match="times the input"):
        climb(re.compile(r"(a+)b"), "search", "a", (8_192,))


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        *(pytest.param(name, _QUICK, id=name, marks=pytest.mark.slow) for name in PATTERNS),
        *(pytest.param(name, _LONG, id=f"{name}-megabyte", marks=pytest.mark.soak) for name in PATTERNS),
    ],
)
def test_no_pattern_runs_away(name: str, sizes: tuple[int, ...]) -> None:
    pattern, methods = PATTERNS[name]
    for method in methods:
        for unit in hostile(pattern):
            if name in _BOUNDED:
                run(pattern, method, (unit * _BOUNDED[name])[: _BOUNDED[name]])
            else:
                climb(pattern, method, unit, sizes)


def climb(pattern: re.Pattern[str], method: str, unit: str, sizes: tuple[int, ...]) -> None:
    """Try longer and longer texts; what takes long is measured properly before the next step."""

    def work(size: int) -> None:
        run(pattern, method, (unit * (size // len(unit) + 1))[:size] + "\0")

    for size in sizes:
        started = time.thread_time()
        work(size)
        if time.thread_time() - started > _SUSPICIOUS_SECONDS:
            try:
                assert_linear(work, size // 16)
            except AssertionError as error:
                raise AssertionError(f"{pattern.pattern[:80]!r}.{method} on {unit!r} repeated: {error}") from error
