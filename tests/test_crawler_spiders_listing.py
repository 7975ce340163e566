"""HTML list pages: navigation, twin links, bases, dates around a link (traps 1 and 7, P13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ParseError
from db.types import Expect, ListingHints
from tests.spider_samples import discover, refusal

ANCHORS = ListingHints(item="a[href]")
PAGE = """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"></head><body>
<nav><a href="/">首页</a><a href="/news/">资讯</a><a href="/sell">开店</a></nav>
<ul>
 <li><a href="/news/news-1"><img src="x.png"></a><h3><a href="/news/news-1">入仓费自下月起上调</a></h3>
     <p><a href="/news/news-1">平台今日通知卖家，入仓费自下月起上调百分之三，已创建的货件不受影响。</a></p>
     <span>2024-08-08 17:00</span></li>
 <li><a href="/news/news-2" title="欧洲站包装法编号提交提醒与常见问题">欧洲站包装法编号提交…</a><span>8月7日</span></li>
 <li><a href="/news/news-3">● 日本站旺季截止日期</a><em>热</em><span>3小时前</span></li>
</ul>
<aside><a href="/jobs/9">加入我们</a><a href="javascript:void(0)">更多</a><a>无链接</a></aside></body></html>"""
TITLES = ["入仓费自下月起上调", "欧洲站包装法编号提交提醒与常见问题", "日本站旺季截止日期"]


@pytest.mark.parametrize("hints", [ListingHints(item="li"), ANCHORS], ids=["items", "bare links"])
def test_navigation_is_dropped_and_twins_become_one(hints: ListingHints) -> None:
    found = discover("listing", PAGE, listing=hints, allow_links=("/news/news-",), zone="Asia/Shanghai")
    assert [entry.url for entry in found.entries] == [f"https://news.example/news/news-{n}" for n in (1, 2, 3)]
    assert [entry.title for entry in found.entries] == TITLES
    assert found.entries[0].summary.startswith("平台今日通知卖家")
    assert [entry.published_at for entry in found.entries] == [
        datetime(2024, 8, 8, 9, tzinfo=UTC),
        datetime(2026, 8, 6, 16, tzinfo=UTC),
        datetime(2026, 11, 21, 9, tzinfo=UTC),
    ]
    assert found.flags == ()


def test_selectors_for_everything() -> None:
    page = """<div class="card"><a href="/tag/fees">Fees</a><a class="to" href="story.html"><b>Read on</b></a>
    <p class="t">Hub opens</p><p class="d" content="2024-08-08T09:00:00Z">last week</p></div>"""
    hints = ListingHints(item=".card", link="a.to", title=".t", date=".d")
    (entry,) = discover("listing", page, listing=hints).entries
    assert (entry.url, entry.title) == ("https://news.example/news/story.html", "Hub opens")
    assert entry.published_at == datetime(2024, 8, 8, 9, tzinfo=UTC)


def test_the_first_wanted_link_of_an_item_counts() -> None:
    page = '<li><a href="/tag/fees">Fees and charges</a> <a href="/news/1">Hub opens in May</a></li>'
    assert [entry.title for entry in discover("listing", page, deny_links=("/tag/",)).entries] == ["Hub opens in May"]


def test_a_card_that_is_one_link() -> None:
    page = """<main><a class="card" href="/1"><h2>Hub opens</h2><p>It takes goods from May on and sorts them.</p>
    <time datetime="2024-08-08">8 August</time></a>
    <a class="card" href="/2"><h2>Fees rise</h2><p>By three per cent.</p></a></main>"""
    first, second = discover("listing", page, listing=ListingHints(item="a.card")).entries
    assert (first.title, first.published_at) == ("Hub opens", datetime(2024, 8, 8, tzinfo=UTC))
    assert (second.title, second.published_at) == ("Fees rise", None)


def test_a_date_elsewhere_on_the_page_is_not_borrowed() -> None:
    page = "<body><p>2024-08-08</p><div><a href=/1>Hub opens in May</a></div><div><a href=/2>Fees rise</a></div></body>"
    assert [entry.published_at for entry in discover("listing", page, listing=ANCHORS).entries] == [None, None]


@pytest.mark.parametrize(
    ("base", "first"),
    [
        ("https://cdn.example/x/", "https://cdn.example/x/1"),
        ("/y/", "https://news.example/y/1"),
        ("javascript:x", "https://news.example/news/1"),
    ],
)
def test_base_href(base: str, first: str) -> None:
    page = f'<base href="{base}"><li><a href="1">Hub opens</a></li><li><a href="//a.example/2">Fees rise</a></li>'
    assert [entry.url for entry in discover("listing", page).entries] == [first, "https://a.example/2"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2024-08-08", True), ("8月7日", True), ("昨天", True), ("Yesterday", True), ("3 hours ago", True),
        ("Posted on August 8, 2024", True), ("今日上线三个新功能", False), ("阅读 1024", False), ("5 min read", False),
        ("8月8日平台宣布上调入仓费并公布细则说明等多项", False), ("Offers from 8 July 2024 for all members", False),
    ],
)  # fmt: skip
def test_lines_that_are_dates(line: str, found: bool) -> None:
    (entry,) = discover("listing", f"<li><a href=/1>Hub opens</a><span>{line}</span></li>").entries
    assert (entry.published_at is not None, entry.published_raw) == (found, line if found else "")


def test_a_promised_date_that_is_gone_is_said() -> None:
    page = '<li><a href="/1">Hub opens</a></li>'
    assert discover("listing", page, listing=ListingHints(item="li", date=".d")).flags == ("no_dates",)
    assert discover("listing", page).flags == ()


def test_a_changed_template_is_a_fault() -> None:
    with pytest.raises(ParseError) as caught:
        discover(
            "listing", "<ol><p><a href=/1>Hub opens in the spring of next year</a></p></ol>", expect=Expect(min_items=1)
        )
    assert caught.value.code == "too_few_items"


def test_pages_without_a_label_in_a_chinese_encoding() -> None:
    body = PAGE.replace('<meta charset="utf-8">', "").encode("gb18030")
    found = discover("listing", body, allow_links=("/news/news-",))
    assert [entry.title for entry in found.entries] == TITLES


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty_body"),
        ("no page", "not_html"),
        ("<html><head><title>安全验证</title></head><body>请拖动滑块</body></html>", "challenge_page"),
        ("<html><head><title>Sign in</title></head><body><input type=password></body></html>", "login_page"),
        ("<!DOCTYPE html [<!ENTITY x 'y'>]><li><a href=/1>&x;</a></li>", "dtd_forbidden"),
    ],
)
def test_other_pages_are_refused_by_name(body: str, code: str) -> None:
    assert refusal("listing", body, expect=Expect(min_items=1)) == code


PIECES = st.sampled_from([
    "<li>", "</li>", "<a href=x>", "<a href='http://['>", "</a>", "Hub opens", "<time datetime=2024-08-08>", "<h3>",
    "昨天", "<base href='http://['>", "<!", "<!--", "-->", "<script>", "</script>", "&#0;", "&x;", "<table>", "<svg>",
])  # fmt: skip


@given(st.binary(max_size=300) | st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode()))
def test_any_bytes_give_entries_or_a_refusal(body: bytes) -> None:
    refusal("listing", body)
    refusal("listing", body, listing=ANCHORS)
