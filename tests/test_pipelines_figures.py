"""Money, shares and counts: exact values, right units, places that hold; nothing where the unit is unsure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures import figures
from pipelines.patterns import even


def read(text: str) -> list[tuple[float, str]]:
    return [(figure.value, figure.unit) for figure in figures(even(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("罚款1.5亿欧元", [(1.5e8, "EUR")]),
        ("a €150 million fine", [(1.5e8, "EUR")]),
        ("US$1.2bn deal", [(1.2e9, "USD")]),
        ("to pay £492m in tax", [(4.92e8, "GBP")]),
        ("RMB 5 billion", [(5e9, "CNY")]),
        ("营收971亿元，同比增86%", [(9.71e10, "CNY"), (86.0, "%")]),
        ("出口额3.2万亿元", [(3.2e12, "CNY")]),
        ("不超过800美元的包裹", [(800.0, "USD")]),
        ("100万韩元", [(1e6, "KRW")]),
        ("１００万欧元", [(1e6, "EUR")]),
        ("1,300 workers", [(1300.0, "count")]),
        ("5.4 billion packages", [(5.4e9, "count")]),
        ("150m monthly users", [(1.5e8, "count")]),
        ("2万名卖家", [(20_000.0, "count")]),
        ("$10-15 million", [(1e7, "USD"), (1.5e7, "USD")]),
        ("1.5–2 billion euros", [(1.5e9, "EUR"), (2e9, "EUR")]),
        ("300至500美元", [(300.0, "USD"), (500.0, "USD")]),
        ("10%至15%", [(10.0, "%"), (15.0, "%")]),
        ("from 5 to 8 percent", [(5.0, "%"), (8.0, "%")]),
        ("份额上升3个百分点", [(3.0, "pp")]),
        ("up 2.5 percentage points", [(2.5, "pp")]),
        ("0.1% surcharge", [(0.1, "%")]),
        # no unit, or one that could be two currencies
        ("¥300", []),
        ("the 2024-2025 season", []),
        ("a 10-year deal", []),
        ("iPhone 15 Pro", []),
        ("Section 301", []),
        ("version 1.2.3", []),
        ("call 555-0199", []),
        ("", []),
    ],
)
def test_figures(text: str, wanted: list[tuple[float, str]]) -> None:
    assert read(text) == wanted


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(
    ["1.5", "1,000", "亿", "万", "$", "€", "%", "元", "美元", " million", "-", "至", " to ", "pp", "k", "bn", "９"]
)), max_size=20).map("".join))  # fmt: skip
def test_places_hold_and_stand_in_order(text: str) -> None:
    folded = even(text)
    last = 0
    for figure in figures(folded):
        assert last <= figure.start < figure.end <= len(text)
        assert any(ch.isdecimal() for ch in folded[figure.start : figure.end])
        assert figure.value >= 0
        last = figure.end


@given(st.integers(1, 999_999), st.sampled_from([("million", 6), ("bn", 9), ("k", 3), ("万", 4), ("亿", 8)]))
def test_scales_are_exact(number: int, scale: tuple[str, int]) -> None:
    word, power = scale
    text = f"{number / 100:.2f}{word}美元" if word in "万亿" else f"${number / 100:.2f} {word}"
    ((value, unit),) = read(text)
    assert value == pytest.approx(number / 100 * 10**power, rel=1e-12)
    assert unit == "USD"
