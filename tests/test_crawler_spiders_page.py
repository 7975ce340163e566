"""Watched pages: the page itself is the entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spider_samples import PLACES, discover, refusal

PAGE = "<html><head><title>Fees</title></head><body><p>Inbound fees are 30 cents for each unit.</p></body></html>"


def test_the_page_is_the_entry() -> None:
    found = discover("page", PAGE, url="https://news.example/policy/fees?v=2")
    assert [(entry.url, entry.title, entry.published_at) for entry in found.entries] == [
        ("https://news.example/policy/fees?v=2", "", None)
    ]
    assert found.flags == ()
    assert discover("page", PAGE).entries[0].url == PLACES["page"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty_body"),
        ("plain words", "not_html"),
        ("<html><body><div id=root></div><script src=app.js></script></body></html>", "empty_body"),
        ("<html><head><title>页面不存在</title></head><body>返回首页</body></html>", "soft_404"),
        ("<html><head><title>Attention Required!</title></head><body>Checking</body></html>", "challenge_page"),
        ("<!DOCTYPE html [<!ENTITY x 'y'>]>" + PAGE, "dtd_forbidden"),
    ],
)
def test_what_is_not_the_page_is_refused_by_name(body: str, code: str) -> None:
    assert refusal("page", body) == code


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE html>",
        '<!DOCTYPE html SYSTEM "about:legacy-compat">',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">',
        '<?xml version="1.0"?><!-- note --><!doctype html>',
    ],
)
def test_ordinary_doctypes_are_fine(doctype: str) -> None:
    assert refusal("page", doctype + PAGE) == ""


@given(st.binary(max_size=300))
def test_any_bytes_give_an_entry_or_a_refusal(body: bytes) -> None:
    refusal("page", body)


def test_a_pdf_is_a_page_as_well() -> None:
    (entry,) = discover("page", "%PDF-1.4\nwhatever", url="https://news.example/fees.pdf").entries
    assert entry.url == "https://news.example/fees.pdf"
