"""The measure of growth itself: it must let linear work pass and must fail on quadratic work."""

from __future__ import annotations

import pytest

from tests.growth import assert_linear


def test_linear_work_passes() -> None:
    assert_linear(lambda size: sum(number * number for number in range(size)), 20_000)


def test_quadratic_work_fails() -> None:
    with pytest.raises(AssertionError, match="16 times the input"):
        assert_linear(lambda size: sum(1 for _ in range(size) for _ in range(size)), 150, attempts=2)
