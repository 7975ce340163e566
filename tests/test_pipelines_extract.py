"""Pages to text: saved pages with their expected results, and pages made to break readers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.types import PageHints
from pipelines.extract import extract
from tests.growth import assert_linear

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.json"))


def saved(name: str) -> tuple[str, dict[str, object]]:
    return (PAGES / f"{name}.html").read_text("utf-8"), json.loads((PAGES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_saved_page(name: str) -> None:
    markup, expected = saved(name)
    found = extract(markup, str(expected["url"]), hints=PageHints(**expected.get("page", {})))  # type: ignore[arg-type] # JSON
    for field in ("title", "published_at", "modified_at", "language", "canonical_url", "quality"):
        assert getattr(found, field) == expected[field], field
    assert list(found.authors) == expected["authors"]
    for piece in expected["has"]:  # type: ignore[attr-defined] # JSON
        assert piece in found.text
    for piece in expected["lacks"]:  # type: ignore[attr-defined] # JSON
        assert piece not in found.text
    assert "<" not in found.text


@pytest.mark.parametrize("share", [1, 2, 5])
@pytest.mark.parametrize(
    "words",
    ["The company said on Monday that it had ordered ships for the route, which was closed all winter. ",
     "公司周一表示，已为冬季停航的北方航线订购新船，预计明年春天交付使用，届时班次将增加一倍，票价维持不变。"],
)  # fmt: skip
def test_a_page_of_other_stories_is_never_called_an_article(words: str, share: int) -> None:
    item = "<article><h3><a href=/n/{}>Ferry company orders new ships 渡轮公司订购新船</a></h3><p>{}</p></article>"
    page = f"<title>News</title><main><h1>News</h1>{''.join(item.format(n, words * share) for n in range(12))}</main>"
    assert extract(page, "https://a.example/news/").quality in ("doubtful", "empty")


def test_every_answer_says_where_it_was_found() -> None:
    markup, expected = saved("english-news")
    found = extract(markup, str(expected["url"])).found_by
    assert found["published_at"] == found["authors"] == found["modified_at"] == "json-ld"
    assert (found["title"], found["canonical_url"]) == ("json-ld", "canonical") or found["title"] == "h1"
    assert found["text"]


@pytest.mark.parametrize("charset", ["gb18030", "gbk", "utf-8"])
@pytest.mark.parametrize("label", ["", "text/html; charset=utf-8", "text/html; charset=gbk", "text/html; charset=big5"])
def test_a_page_reads_the_same_in_any_encoding_under_any_label(charset: str, label: str) -> None:
    markup, expected = saved("chinese-news")
    url = str(expected["url"])
    assert extract(markup.encode(charset), url, content_type=label).text == extract(markup, url).text


def test_table_rows_stay_rows() -> None:
    markup, expected = saved("english-news")
    assert any("4.10" in line and "4.26" in line for line in extract(markup, str(expected["url"])).text.split("\n"))


def test_hints_choose_and_drop() -> None:
    paragraph = "<p>The harbour office publishes the list of ships that wait outside every morning at six.</p>"
    chosen = "<p>Ferries run to the islands on odd days.</p>" * 3
    page = f"<body><div id=a>{paragraph * 9}</div><div id=b>{chosen}<p class=ad>Buy now</p></div>"
    found = extract(page, "https://a.example/", hints=PageHints(content="#b", drop=(".ad",)))
    assert found.text.split("\n") == ["Ferries run to the islands on odd days."] * 3
    assert found.found_by["text"] == "selector"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://evil.example/copied", "https://www.shop.example/a/1"),
        ("https://shop.example/a/2", "https://shop.example/a/2"),
        ("javascript:alert(1)", "https://www.shop.example/a/1"),
        ("/", "https://www.shop.example/a/1"),
        ("//www.shop.example/a/3", "https://www.shop.example/a/3"),
    ],
)
def test_a_canonical_address_is_believed_within_its_own_domain(link: str, expected: str) -> None:
    page = f'<head><link rel="canonical" href="{link}"></head><body><p>Hello</p></body>'
    assert extract(page, "https://www.shop.example/a/1").canonical_url == expected


@pytest.mark.parametrize(
    "style", ["display:none", "DISPLAY : NONE !important", "visibility:hidden", "font-size:0", "font-size: 0px",
              "color:#fff;background:#fff", "color: white; border:0; background-color: white"],
)  # fmt: skip
def test_text_hidden_by_style_is_dropped(style: str) -> None:
    seen = "<p>The ferry to the northern islands sails at nine from the old pier, the harbour office said.</p>" * 6
    found = extract(f'<body><article>{seen}<p style="{style}">Secret orders.</p></article>', "")
    assert "northern islands" in found.text
    assert "Secret orders" not in found.text


@pytest.mark.parametrize("style", ["font-size:0.9em", "color:#fff;background:#000", "background-color:white"])
def test_text_that_can_be_seen_stays(style: str) -> None:
    seen = "<p>The ferry to the northern islands sails at nine from the old pier, the harbour office said.</p>" * 6
    found = extract(
        f'<body><article>{seen}<p style="{style}">Tickets are sold on the pier from eight.</p></article>', ""
    )
    assert "Tickets are sold" in found.text


HOSTILE: dict[str, tuple[int, Callable[[int], bytes]]] = {
    # how many of the middle part, and the page with n of them
    "nested": (20_000, lambda n: b"<html><body>" + b"<div>" * n + b"deep" + b"</div>" * n),
    "open-spans": (100_000, lambda n: b"<p>" + b"<span>" * n + b"x"),
    "angles": (5_000_000, lambda n: b"<" * n),
    "ampersands": (2_000_000, lambda n: b"&" * n),
    "giant-attribute": (12_000_000, lambda n: b'<body><p title="' + b"a" * n + b'">word</p>'),
    "giant-style": (200_000, lambda n: b'<body><p style="' + b"color:red;" * n + b'">word</p>'),
    "no-spaces": (3_000_000, lambda n: b"<body><p>" + b"a" * n),
    "han": (400_000, lambda n: b"<body><p>" + "海".encode() * n),
    "many-metas": (50_000, lambda n: b"<head>" + b'<meta name="author" content="A">' * n),
    "many-dates": (20_000, lambda n: b"<body><h1>T</h1>" + b"<time>2024-01-01</time>" * n),
    "deep-json": (100_000, lambda n: b'<script type="application/ld+json">' + b"[" * n + b"</script><body>x"),
    "wide-json": (30_000, lambda n: b'<script type="application/ld+json">[' + b'{"@type":"Article"},' * n + b"{}]"),
    "nul": (1_000, lambda n: b"<body><p>a\0b</p>" * n),
    "pdf": (1_000, lambda n: b"%PDF-1.7\n" + bytes(range(256)) * n),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_takes_time_by_its_length_only(name: str) -> None:
    size, page = HOSTILE[name]

    def read(count: int) -> None:
        assert extract(page(count), "https://a.example/x").quality in ("ok", "short", "doubtful", "empty")

    assert_linear(read, size // 16)


@pytest.mark.parametrize("page", [b"", b" ", b"<!-- -->", b"<html></html>", b"plain words", b"\xff\xfe", b"{}"])
def test_a_page_without_an_article_is_no_error(page: bytes) -> None:
    assert extract(page, "https://a.example/x").quality in ("empty", "short")


def test_other_kinds_of_files_are_not_read_as_pages() -> None:
    assert extract(b"<p>words</p>" * 90, "https://a.example/x", content_type="application/pdf").quality == "empty"
    assert extract(b"%PDF-1.4 words", "https://a.example/x").quality == "empty"


TAGS = st.sampled_from(
    re.split(
        r"\n\s*",
        """<p>\n</p>\n<div>\n</div>\n<table>\n<tr>\n<td>\n<h1>\n<title>\n<head>\n<body>\n<article>\n<a href='\n'>\n<li>
        <ul>\n<meta property="og:title" content="\n">\n<script type="application/ld+json">\n{"@type":"Article","author":
        </script>\n<time>\n2024-13-45\n2024年8月8日\n<style>\n<br>\n<!--\n-->\n&amp;\n&#0;\n&#xD800;\n<svg>\n<template>""",
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TAGS | st.text(max_size=30), max_size=60).map("".join), st.text(max_size=40))
def test_any_markup_is_read_without_error(page: str, url: str) -> None:
    found = extract(page, url)
    assert found.text == found.text.strip()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["", "text/html", "text/html; charset=gbk", "text/html; charset=nope"]))
def test_any_bytes_are_read_without_error(page: bytes, content_type: str) -> None:
    extract(page, "https://a.example/", content_type=content_type)


def test_of_a_page_without_end_the_beginning_is_read() -> None:
    story = "<p>The port said on Monday that the northern route opens again in March, after a winter of ice.</p>" * 9
    head = '<title>Route opens</title><script type="application/ld+json">{"@type": "NewsArticle", "author": "A. Clerk"}'
    for filler in (
        "<a href=/>x</a>" * 300_000,
        "<script>" + "x=1;" * 1_000_000 + "</script>",
        "<p>" + "词" * 3_000_000,
    ):
        found = extract(
            f"<!doctype html>{head}</script><body><article>{story}</article>{filler}", "https://a.example/1"
        )
        assert found.text.startswith("The port said on Monday")
        assert found.authors == ("A. Clerk",)
