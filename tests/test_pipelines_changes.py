"""Two wordings of a watched page: what is told, what is noise; hostile pages cost no more than their length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.types import Change
from pipelines.changes import MAX_CHANGES, changes, parts_of
from pipelines.quality_changes import score_changes, visits
from tests.growth import assert_linear

TABLE = "Fees\nCategory | Share | Minimum\nClothing | 17% | $0.30\nShoes | 15% | $0.30"


def test_a_cell_is_told_with_its_row_and_column() -> None:
    assert changes(TABLE, TABLE.replace("17%", "10 %")) == (Change("17%", "10 %", "Fees › Clothing › Share"),)


def test_a_row_that_came_and_one_that_went_are_told_whole() -> None:
    found = changes(TABLE, TABLE.replace("Shoes | 15%", "Hats | 12%").replace("Clothing", "Garments"))
    assert Change("", "Hats | 12% | $0.30", "Fees") in found or any(one.after.startswith("Hats") for one in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Fees rise. They fall later.", "They fall later. Fees rise."),
        ("The fee is 1,000 USD.", "The fee is 1000 USD!"),
        ("Last updated: 3 May 2024\nThe fee is due.", "Last updated: 4 June 2025\nThe fee is due."),
        ("更新时间：2024-05-03\n佣金照收。", "更新时间：2025-01-01 10:00\n佣金照收。"),
        ("The fee is due.\n1,204 views", "The fee is due.\n1,377 views"),
        ("The fee is due.\nRelated articles\nPacking\nShipping", "The fee is due.\nRelated articles\nPricing\nTaxes"),
        ("The fee is due.", "We use cookies to improve your experience\nThe fee is due."),
    ],
)
def test_noise_is_no_change(before: str, after: str) -> None:
    assert changes(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The fee is 1.5% of the price.", "The fee is 15% of the price."),
        ("A discount of -3% applies.", "A discount of 3% applies."),
        ("Effective date\nOpen to all.\nMore.\n1 May 2025", "Effective date\nOpen to all.\nMore.\n9 July 2025"),
        ("Sellers may list knives.", "Sellers may not list knives."),
        ("卖家可以上架刀具。", "卖家不可以上架刀具。"),
    ],
)
def test_small_words_and_signs_are_changes(before: str, after: str) -> None:
    (change,) = changes(before, after)
    assert change.before in before
    assert change.after in after


def test_the_shipped_pairs() -> None:
    """The set and the rules were written by one hand, so this guards what works and proves no more."""
    figures = score_changes(list(visits()))["changes"]
    assert figures["n"] >= 50
    assert figures["found"] >= 0.95
    assert figures["noise"] <= 0.02


def test_what_does_not_stand_in_a_pair_is_an_error_of_the_score() -> None:
    """The scorer can fail: a pair whose change is not declared counts as noise."""
    (first, *_) = visits()
    figures = score_changes([type(first)(first.id, first.before, first.after, first.url, first.hints, [("x", "y")])])
    assert figures["changes"]["found"] == 0
    assert figures["changes"]["noise"] == 1


@given(st.text(), st.text())
def test_any_two_texts(before: str, after: str) -> None:
    made = changes(before, after)
    assert len(made) <= MAX_CHANGES
    assert all(one.before or one.after for one in made)
    assert changes(before, before) == ()


@given(st.text(alphabet="ab 1.%税"), st.text(alphabet="ab 1.%税"))
def test_parts_give_both_wordings(before: str, after: str) -> None:
    parts = parts_of(before, after)
    assert "".join(text for kind, text in parts if kind != "removed").split() == after.split() or not after.strip()
    old = "".join(text for kind, text in parts if kind != "added")
    assert "".join(old.split()) == "".join(before.split())


@pytest.mark.parametrize(
    "page",
    [
        lambda size: ("1" * size, "1 " * (size // 2)),
        lambda size: ("e.g. A" * (size // 6), "e.g. B" * (size // 6)),
        lambda size: ("last updated " * (size // 13), "1.,1.," * (size // 6)),
        lambda size: ("a. B" * (size // 4), "b. A" * (size // 4)),
        lambda size: ("a | 1\n" * (size // 6), "a | 2\n" * (size // 6)),
        lambda size: ("更新时间2024年" * (size // 9), "更新时间2025年" * (size // 9)),
        lambda size: ("cookie " * (size // 7), "accept cookies " * (size // 15)),
    ],
)
def test_hostile_pages_cost_their_length(page: Callable[[int], tuple[str, str]]) -> None:
    def work(size: int) -> object:
        before, after = page(size)
        return [parts_of(one.before, one.after) for one in changes(before, after)]

    assert_linear(work, 4_000)
