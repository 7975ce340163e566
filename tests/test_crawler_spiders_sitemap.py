"""Sitemaps: news, plain, text, packed, and indexes of them (F05, P10)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.types import Expect
from tests.spider_samples import PLACES, discover, refusal

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*urls: str) -> str:
    return f'<?xml version="1.0"?><urlset {NS}>' + "".join(f"<url>{url}</url>" for url in urls) + "</urlset>"


def index(*parts: str) -> str:
    return f"<sitemapindex {NS}>" + "".join(f"<sitemap>{part}</sitemap>" for part in parts) + "</sitemapindex>"


def test_a_news_sitemap_has_titles_and_dates() -> None:
    found = discover(
        "sitemap",
        urlset(
            "<loc>https://news.example/1</loc><news:news><news:publication><news:name>N</news:name></news:publication>"
            "<news:publication_date>2024-08-08T17:00:00+08:00</news:publication_date><news:title>Hub opens</news:title>"
            "</news:news><lastmod>2024-08-09</lastmod>"
        ),
    )
    (entry,) = found.entries
    assert (entry.url, entry.title, entry.flags) == ("https://news.example/1", "Hub opens", ())
    assert entry.published_at == datetime(2024, 8, 8, 9, tzinfo=UTC)
    assert entry.updated_at == datetime(2024, 8, 9, tzinfo=UTC)


def test_lastmod_is_no_date_of_publication() -> None:
    (entry,) = discover("sitemap", urlset("<loc>https://news.example/1</loc><lastmod>2024-08-09</lastmod>")).entries
    assert (entry.title, entry.published_raw, entry.published_at) == ("", "", None)
    assert entry.updated_at == datetime(2024, 8, 9, tzinfo=UTC)


def test_patterns_bad_links_and_the_newest() -> None:
    urls = [f"<loc>https://news.example/news/{day}</loc><lastmod>2024-08-{day:02}</lastmod>" for day in range(1, 29)]
    urls += ["<loc>https://news.example/jobs/1</loc><lastmod>2024-09-01</lastmod>", "<loc>ftp://x.example/</loc>"]
    found = discover("sitemap", urlset(*urls), allow_links=("/news/",), max_items=3)
    assert [entry.url for entry in found.entries] == [f"https://news.example/news/{day}" for day in (26, 27, 28)]
    assert found.flags == ("capped",)


def test_an_index_leads_to_its_five_newest_parts() -> None:
    parts = [f"<loc>/map-{day}.xml</loc><lastmod>2024-08-{day:02}</lastmod>" for day in range(1, 9)]
    found = discover("sitemap", index(*parts, "<loc>javascript:alert(1)</loc>", "<loc>/undated.xml</loc>"))
    assert found.entries == ()
    assert found.more == tuple(f"https://news.example/map-{day}.xml" for day in (8, 7, 6, 5, 4))


def test_an_index_is_not_held_to_the_number_of_entries() -> None:
    assert discover("sitemap", index("<loc>/a.xml</loc>"), expect=Expect(min_items=10)).more == (
        "https://news.example/a.xml",
    )
    assert refusal("sitemap", index()) == "too_few_items"


@pytest.mark.parametrize(
    "body", ["https://news.example/1\nhttps://news.example/2\r\n\n", "\ufeffhttps://news.example/1\n/2"]
)
def test_a_plain_list(body: str) -> None:
    found = discover("sitemap", body)
    assert [entry.url for entry in found.entries] == ["https://news.example/1", "https://news.example/2"]


def test_a_packed_file_is_opened() -> None:
    packed = gzip.compress(urlset("<loc>https://news.example/1</loc>").encode())
    assert len(discover("sitemap", packed, "application/gzip").entries) == 1


def test_a_packed_file_that_breaks_off_gives_what_was_there() -> None:
    urls = [f"<loc>https://news.example/{number}</loc>" for number in range(500)]
    found = discover("sitemap", gzip.compress(urlset(*urls).encode())[:-300])
    assert 0 < len(found.entries) < 500
    assert "partial_parse" in found.flags


def test_a_bomb_is_not_unpacked() -> None:
    assert refusal("sitemap", gzip.compress(b" " * 5_000_000), max_bytes=1_000_000) == "too_large"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"\x1f\x8b garbage", "not_a_sitemap"),
        (b"<rss version='2.0'/>", "not_a_sitemap"),
        (b"<html><body>Our newsroom has moved to another place.</body></html>", "not_a_sitemap"),
        (b"<html><head><title>Access denied</title></head><body>Reference 1</body></html>", "challenge_page"),
        (b"User-agent: *", "not_a_sitemap"),
        (f"<urlset {NS}/>".encode(), "too_few_items"),
    ],
)
def test_other_documents_are_refused_by_name(body: bytes, code: str) -> None:
    assert refusal("sitemap", body, expect=Expect(min_items=1)) == code


@given(
    st.binary(max_size=300)
    | st.binary(max_size=300).map(gzip.compress)
    | st.binary(max_size=99).map(b"<urlset>".__add__)
)
def test_any_bytes_give_entries_or_a_refusal(body: bytes) -> None:
    refusal("sitemap", body)


def test_the_answer_s_address_is_the_base() -> None:
    assert PLACES["sitemap"] == "https://news.example/sitemap.xml"
    (entry,) = discover("sitemap", urlset("<loc>a/b</loc>"), url="https://news.example/maps/x.xml").entries
    assert entry.url == "https://news.example/maps/a/b"
