"""Entries and pages to articles: plain text only, honest dates, the better of two texts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import CODES
from db.types import Article, Entry, RawArticle, Source
from pipelines.markup import plain
from pipelines.normalise import to_article

NOW = datetime(2024, 8, 9, 12, 0, tzinfo=UTC)
SOURCE = Source(
    id="harbour", name="Harbour", kind="trade", language="en", access="feed", url="https://www.harbour.example/feed",
    zone="Asia/Shanghai",
)  # fmt: skip
URL = "https://www.harbour.example/a/1"
ENTRY = Entry(url=URL, guid="g1", title="Ferries sail again", summary="The ferries sail again from Monday.")
PAGE = (Path(__file__).parent / "pages" / "english-news.html").read_bytes()


def article(
    entry: Entry = ENTRY, *, body: bytes | None = None, source: Source = SOURCE, url: str | None = URL
) -> Article:
    return to_article(RawArticle(source=source, entry=entry, seen_at=NOW, url=url, body=body, fingerprint="f"))


def test_an_entry_alone_is_an_article() -> None:
    found = article()
    assert (found.title, found.text, found.quality) == (
        "Ferries sail again",
        "The ferries sail again from Monday.",
        "short",
    )
    assert (found.language, found.canonical_url, found.guid) == ("en", URL, "g1")
    assert found.flags == ("no_date",)
    assert found.found_by == {"title": "feed", "text": "feed"}


def test_the_page_gives_the_text_and_what_the_feed_lacks() -> None:
    found = article(replace(ENTRY, title=""), body=PAGE)
    assert found.title == "Carrier raises parcel fees for small shops"
    assert found.authors == ("Ines Falk", "Tom Orr")
    assert found.published_at == datetime(2024, 8, 9, 11, 30, tzinfo=UTC)
    assert "four per cent" in found.text
    assert found.flags == ()


def test_the_feed_is_believed_for_title_authors_and_date() -> None:
    at = NOW - timedelta(days=1)
    found = article(replace(ENTRY, authors=("By Ada Quill",), published_at=at, published_raw="yesterday"), body=PAGE)
    assert (found.title, found.authors, found.published_at) == ("Ferries sail again", ("Ada Quill",), at)
    assert found.found_by["published_at"] == "feed"


def test_an_empty_page_leaves_the_feeds_text_and_says_so() -> None:
    found = article(body=b"<html><body><nav><a href=/>Home</a></nav></body></html>")
    assert found.text == "The ferries sail again from Monday."
    assert "page_unread" in found.flags


def test_a_teaser_page_does_not_replace_a_full_feed() -> None:
    full = "<p>The ferries sail again from Monday, the harbour office said on Friday evening.</p>" * 12
    found = article(
        replace(ENTRY, content=full), body=b"<body><article><p>The ferries sail again. Subscribe to read on.</p>"
    )
    assert found.text.count("\n") == 11
    assert "page_unread" in found.flags


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tom &amp; Ada", "Tom & Ada"),
        ("AT&amp;amp;T", "AT&amp;T"),
        ("<b>Bold</b> words", "Bold words"),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
        ("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt;", "&lt;b&gt;Bold&lt;/b&gt;"),
        ("a < b and c > d", "a < b and c > d"),
        ("Dear <your name>", "Dear <your name>"),
        ("x<script>alert(1)</script>y", "xy"),
        ("<style>p{}</style>Words", "Words"),
        ("<plaintext>Words", "Words"),
        ("<img src=x onerror=alert(1)>Words", "Words"),
        ("<svg onload=alert(1)>", ""),
        ("Words<!-- comment -->", "Words"),
        ("<xss onmouseover='alert(1)'>Words</xss>", "Words"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two", "One\nTwo"),
        ("<ul><li>One<li>Two</ul>", "One\nTwo"),
        ("<table><tr><td>Fee<td>5 %</tr></table>", "Fee | 5 %"),
        ("<![CDATA[Words]]>", "Words"),
        ("", ""),
    ],
)
def test_markup_becomes_plain_text(raw: str, expected: str) -> None:
    assert plain(raw) == expected


def test_the_link_must_be_http() -> None:
    for bad in (None, "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"):
        found = article(replace(ENTRY, url=bad), url=bad)
        assert (found.url, found.canonical_url) == (None, None)
        assert "bad_link" in found.flags


def test_a_date_more_than_a_day_ahead_is_no_date() -> None:
    found = article(replace(ENTRY, published_at=NOW + timedelta(hours=25), published_raw="soon"))
    assert found.published_at is None
    assert found.published_raw == "soon"
    assert found.flags == ("future_date", "no_date")
    assert article(replace(ENTRY, published_at=NOW + timedelta(hours=23))).published_at is not None


def test_a_page_date_without_a_zone_is_in_the_sources_zone() -> None:
    body = b"<head><meta property='article:published_time' content='2024-08-09 08:00'></head><body><p>" + b"word " * 90
    found = article(body=body)
    assert found.published_at == datetime(2024, 8, 9, 0, 0, tzinfo=UTC)
    assert found.published_raw == "2024-08-09T08:00:00"


def test_language_is_the_texts_own() -> None:
    assert (
        article(replace(ENTRY, title="海运恢复", summary="渡轮自周一起恢复航行，港务局周五晚间宣布。")).language == "zh"
    )


def test_a_watched_page_is_marked() -> None:
    assert article(source=replace(SOURCE, access="page")).form == "page"
    assert article().form == "article"


def test_mojibake_is_flagged_from_the_page() -> None:
    assert "mojibake" in article(body=b"<body><p>" + bytes(Random(7).choices(range(0x80, 0x100), k=4000))).flags


MARKUP = st.text(alphabet="<>&;/abp='\" #x0123lt\u202e\ud800\x00海", max_size=80)


@settings(deadline=None)
@given(MARKUP, MARKUP, MARKUP, st.binary(max_size=200) | st.none())
def test_any_entry_becomes_clean_text(title: str, summary: str, author: str, body: bytes | None) -> None:
    found = article(replace(ENTRY, title=title, summary=summary, authors=(author,), guid=title), body=body)
    for text in (found.title, found.text, found.guid, *found.authors):
        text.encode("utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
        assert text is found.guid or not re.search(r"<(script|p|b|a)\b", text, re.IGNORECASE)
    assert set(found.flags) <= set(CODES)


def test_a_first_line_that_repeats_the_title_is_left_out() -> None:
    twice = replace(ENTRY, summary="<p>FERRIES sail again</p><p>From Monday, twice a day.</p>")
    assert article(twice).text == "From Monday, twice a day."
    assert article(replace(ENTRY, summary=ENTRY.title)).text == ENTRY.title, "all there is stays"
