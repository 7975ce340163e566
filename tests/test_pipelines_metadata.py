from __future__ import annotations

import json

import pytest

from pipelines.extract import extract
from pipelines.moments import iso


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("23.07.2025 · 6 min read", "2025-07-23"), ("06.01.2026, Lesezeit 5 Min.", "2026-01-06"),
        ("15/12/2025 at 19:00", "2025-12-15T19:00:00"), ("2/24/2026", "2026-02-24"), ("03/10/2023", None),
        ("Version 1.2.2024.3", None), ("OCTOBER 13, 2025", "2025-10-13"), ("2024年8月8日 13:00", "2024-08-08T13:00:00"),
        ("December 22, 2023 10:00 PM", "2023-12-22T22:00:00"),
    ],
)  # fmt: skip
def test_days_as_pages_write_them(words: str, expected: str | None) -> None:
    assert iso(words) == expected


@pytest.mark.parametrize(
    ("head", "below"),
    [
        ("<title>Ferries sail again | Harbour Gazette | 28.04.2023</title>", ""),
        ("<title>Ferries</title>", "<p>The pier is open.</p><p>Posted on 28 April 2023 by the office</p>"),
        ("<title>Other words</title>", "<h1>Ferries sail again</h1><p>April 28, 2023</p>"),
    ],
)
def test_a_day_is_found_where_readers_find_it(head: str, below: str) -> None:
    assert extract(f"<head>{head}</head><body>{below}<p>Text</p></body>", "").published_at == "2023-04-28"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("<time datetime='2024-08-08T23:30:46-05:00'>8 August</time>", "2024-08-08T23:30:46-05:00"),
        ("<div class='post-date'>August 8, 2024 11:30 PM</div>", "2024-08-08T23:30:46-05:00"),
        ("<time>August 9, 2024 10:00 AM</time>", "2024-08-09T10:00:46+05:30"),
        ("<time>August 9, 2024 10:17 AM</time>", "2024-08-09T04:30:46+00:00"),
        ("<time datetime='2024-08-08T20:30:00-05:00'>8 August</time>", "2024-08-09T04:30:46+00:00"),
        ("", "2024-08-09T04:30:46+00:00"),
    ],
)
def test_a_moment_is_given_in_the_zone_that_the_page_shows(clock: str, expected: str) -> None:
    node = {"@type": "NewsArticle", "datePublished": "2024-08-09T04:30:46Z"}
    page = f'<script type="application/ld+json">{json.dumps(node)}</script><h1>Ferries</h1>{clock}<p>Text</p>'
    assert extract(page, "").published_at == expected


@pytest.mark.parametrize(
    ("head", "headings", "expected"),
    [
        ("<title>Ferry news today</title>", "<h1>Ferries sail to the islands</h1>", "Ferries sail to the islands"),
        ("<title>Ferry news today</title>", "<h1>Gazette</h1>", "Ferry news today"),
        ("<title>A long title: ferries</title><meta property=og:site_name content='The Harbour Gazette'>",
         "<h1>The Harbour Gazette</h1>", "A long title: ferries"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Pier: ferries sail"}</script>'
         "<title>Ferries sail from the pier</title>",
         "<h1>Ferries sail from the pier</h1><h2>Pier: ferries sail</h2>", "Pier: ferries sail"),
    ],
)  # fmt: skip
def test_the_title_is_the_one_that_readers_see(head: str, headings: str, expected: str) -> None:
    assert extract(f"<head>{head}</head><body>{headings}<p>Text</p>", "https://gazette.example/a").title == expected


@pytest.mark.parametrize(
    ("author", "byline", "expected"),
    [
        ("Harbour Gazette", "By Mara Quill", ("Mara Quill",)),
        ("Harbour Gazette", "", ("Harbour Gazette",)),
        ("https://gazette.example/people/quill#author", "Mara Quill", ("Mara Quill",)),
        ("Mara Quill, Chief Technology Officer", "", ("Mara Quill",)),
        ("", "4 comments", ()),
        ("", "6 min read", ()),
        ("", "Mara Quill, Staff Writer", ("Mara Quill",)),
        ("Mara Quill (mq)", "", ("Mara Quill",)),
        ("Gazette", "<a href='/author/quill'>Mara Quill</a>", ("Mara Quill",)),
    ],
)
def test_a_person_before_the_paper(author: str, byline: str, expected: tuple[str, ...]) -> None:
    node = {"@type": "NewsArticle", "author": author, "publisher": {"name": "Harbour Gazette"}}
    page = f'<script type="application/ld+json">{json.dumps(node)}</script><span class="byline">{byline}</span><p>Text'
    assert extract(page, "https://www.gazette.example/a").authors == expected


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("/2024/08/08/ferries", "2024-08-08"), ("/202408/t20240808_15263156.htm", "2024-08-08"),
        ("/news/A2024080814320005196", "2024-08-08"), ("/2024-08-08/ferries.html", "2024-08-08"),
        ("/news/2024999912", None), ("/item/99202408081", None), ("/ferries-2024", None),
    ],
)  # fmt: skip
def test_the_day_of_an_address_is_the_last_resort(address: str, day: str | None) -> None:
    assert extract("<p>Text</p>", f"https://gazette.example{address}").published_at == day
