"""Watched PDFs: paragraphs and rows as a reader sees them; a damaged or hostile file is empty, never an error."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.changes import changes
from pipelines.extract import extract
from tests.pdf_samples import Line, make_pdf

URL = "https://seller.example/fees.pdf"


def schedule(clothing: str = "17%", *, page_of: int = 2) -> list[Line]:
    return [
        (72, 750, 9, "Example Marketplace, seller documents"),
        (72, 720, 16, "Referral fee schedule"),
        (72, 690, 11, "Sellers pay a referral fee for each item they sell in the US store, as this"),
        (72, 676, 11, "document says. The fee is a share of the total price, which includes regu-"),
        (72, 662, 11, "latory charges."),
        (72, 640, 11, "Category"), (300, 640, 11, "Fee"), (420, 640, 11, "Minimum"),
        (72, 626, 11, "Clothing"), (300, 626, 11, clothing), (420, 626, 11, "$0.30"),
        (72, 612, 11, "Home and garden"), (300, 612, 11, "15%"), (420, 612, 11, "$0.30"),
        (72, 40, 9, f"Page {page_of} of 3"),
    ]  # fmt: skip


def text(pages: list[list[Line]]) -> str:
    return extract(make_pdf(pages), URL, content_type="application/pdf").text


def test_lines_become_paragraphs_and_columns_cells() -> None:
    found = extract(make_pdf([schedule()], title="Fees of the US store"), URL, content_type="application/pdf")
    assert found.title == "Fees of the US store"
    assert found.quality == "ok"
    assert "in the US store, as this document says." in found.text
    assert "which includes regulatory charges.\n" in found.text
    assert "Home and garden | 15% | $0.30" in found.text.split("\n")
    assert "Page 2" not in found.text


def test_what_runs_along_every_page_is_left_out() -> None:
    told = text([schedule(page_of=n) for n in (1, 2, 3)])
    assert "seller documents" not in told
    assert told.count("Clothing") == 3


def test_a_row_that_changes_is_told_as_in_a_page() -> None:
    (change,) = changes(text([schedule()]), text([schedule("10%", page_of=5)]))
    assert (change.before, change.after) == ("17%", "10%")
    assert change.place.endswith("Clothing › Fee")


def test_a_type_that_lies_does_not_matter() -> None:
    assert extract(make_pdf([schedule()]), URL, content_type="text/html").found_by["text"] == "pdf"


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7",
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF",
        b"%PDF-1.4\n1 0 obj\n<< /Length 99999999 /Filter /FlateDecode >>\nstream\n" + zlib.compress(b"0" * 9_000_000),
        b"%PDF-1.4\n" + b"[" * 5_000,
        b"%PDF-1.4\ntrailer\n<< /Root 1 0 R /Encrypt 1 0 R >>\nstartxref\n0\n%%EOF",
        make_pdf([[]]),
    ],
)
def test_damaged_and_hostile_files_are_empty(body: bytes) -> None:
    assert extract(body, URL, content_type="application/pdf").quality == "empty"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1_500), st.binary(min_size=1, max_size=12))
def test_any_bytes_in_a_file_do_no_harm(place: int, junk: bytes) -> None:
    good = make_pdf([schedule()])
    extract(good[:place] + junk + good[place + len(junk) :], URL, content_type="application/pdf")
