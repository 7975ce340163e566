"""Feeds of every dialect, whole and damaged (P04, P05, P06, P10, P13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.found import Found
from db.errors import ParseError
from db.types import Expect, LinkRewrite
from tests.spider_samples import discover, refusal

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
DAY = datetime(2024, 8, 8, 9, 0, tzinfo=UTC)


def rss(*items: str) -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    content = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<rss version="2.0" {DC} {content}><channel><title>News</title>{inside}</channel></rss>'


def item(number: int, more: str = "") -> str:
    return f"<title>Notice {number}</title><link>https://news.example/{number}</link>{more}"


def titles(found: Found) -> list[str]:
    return [entry.title for entry in found.entries]


# ------------------------------------------------------------------ dialects
def test_rss_2() -> None:
    found = discover(
        "feed",
        rss(
            "<title>Hub opens</title><link>https://news.example/hub</link><guid isPermaLink='false'>h-1</guid>"
            "<pubDate>Thu, 08 Aug 2024 09:00:00 GMT</pubDate><dc:creator>Ann Lee</dc:creator><category>x</category>"
            "<description>A short text</description><content:encoded><![CDATA[<p>The long text</p>]]></content:encoded>"
        ),
    )
    (entry,) = found.entries
    assert (entry.url, entry.guid, entry.title, entry.authors) == (
        "https://news.example/hub",
        "h-1",
        "Hub opens",
        ("Ann Lee",),
    )
    assert (entry.summary, entry.content) == ("A short text", "<p>The long text</p>")
    assert (entry.published_raw, entry.published_at) == ("Thu, 08 Aug 2024 09:00:00 GMT", DAY)
    assert entry.flags == found.flags == ()


def test_rdf() -> None:
    found = discover(
        "feed",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{DC}><channel rdf:about="x"><title>News</title></channel><item rdf:about="https://news.example/1"><title>One</title>'
        "<link>https://news.example/1</link><dc:date>2024-08-08T17:00:00+08:00</dc:date></item></rdf:RDF>",
    )
    assert [(entry.url, entry.published_at) for entry in found.entries] == [("https://news.example/1", DAY)]


def test_rss_091_with_its_public_doctype() -> None:
    found = discover(
        "feed",
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><item><title>One</title>'
        "<link>https://news.example/1</link></item></channel></rss>",
    )
    assert titles(found) == ["One"]


def test_atom_with_bases_markup_and_two_dates() -> None:
    found = discover(
        "feed",
        f'<feed {ATOM} xml:base="https://other.example/x/"><entry xml:base="y/"><id>tag:other.example,2024:1</id>'
        '<title type="html">A &lt;b&gt;bold&lt;/b&gt; plan</title><link rel="self" href="self.xml"/>'
        '<link href="plan.html"/>'
        "<published>2024-08-08T09:00:00Z</published><updated>2024-08-09T09:00:00Z</updated>"
        "<author><name>Ann</name></author><author><name>Bo</name></author><summary>Short</summary>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The <em>plan</em></p></div></content>'
        "</entry></feed>",
    )
    (entry,) = found.entries
    assert (entry.url, entry.guid) == ("https://other.example/x/y/plan.html", "tag:other.example,2024:1")
    assert (entry.title, entry.authors, entry.summary) == ("A <b>bold</b> plan", ("Ann", "Bo"), "Short")
    assert "<p>The <em>plan</em></p>" in entry.content
    assert (entry.published_at, entry.updated_at) == (DAY, DAY.replace(day=9))


def test_a_video_channel_keeps_its_description() -> None:
    found = discover(
        "feed",
        f'<feed {ATOM} xmlns:media="http://search.yahoo.com/mrss/"><entry><id>yt:video:abc</id><title>Fees</title>'
        '<link rel="alternate" href="https://video.example/watch?v=abc"/><media:group><media:content url="x"/>'
        "<media:description>What changes in May</media:description></media:group></entry></feed>",
    )
    assert [(entry.url, entry.summary) for entry in found.entries] == [
        ("https://video.example/watch?v=abc", "What changes in May")
    ]


def test_a_podcast_without_page_keeps_its_guid() -> None:
    found = discover("feed", rss("<title>Episode 1</title><guid>ep-1</guid><enclosure url='https://x.example/1.mp3'/>"))
    assert [(entry.url, entry.guid, entry.flags) for entry in found.entries] == [(None, "ep-1", ("bad_link",))]


def test_json_feed() -> None:
    found = discover(
        "feed",
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 7, "url": "/a", "title": "One", '
        '"content_html": "<p>x</p>", "date_published": "2024-08-08T09:00:00Z", "authors": [{"name": "Ann"}]}, '
        '{"id": "8", "author": {"name": "Bo"}, "content_text": "only text"}]}',
    )
    first, second = found.entries
    assert (first.url, first.guid, first.content, first.authors) == (
        "https://news.example/a",
        "7",
        "<p>x</p>",
        ("Ann",),
    )
    assert first.published_at == DAY
    assert (second.url, second.content, second.authors, second.flags) == (None, "only text", ("Bo",), ("bad_link",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_in_every_form(encoding: str) -> None:
    assert titles(discover("feed", rss(item(1).replace("Notice", "平台公告")).encode(encoding))) == ["平台公告 1"]


@pytest.mark.parametrize("label", ["utf-8", "gb2312", ""])
def test_gb18030_is_read_whatever_the_label_says(label: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    title = "平台宣布自下月起调整入仓费，卖家需要在后台重新确认报价"
    found = discover("feed", (declaration + rss(item(1).replace("Notice 1", title))).encode("gb18030"))
    assert titles(found) == [title]
    assert ("charset_guess" in found.flags) == (label != "gb2312")


# ------------------------------------------------------------------ texts and links (P04, P13)
def test_entities_are_decoded_once() -> None:
    found = discover("feed", rss("<title>R&amp;amp;D &amp;lt;b&amp;gt;</title><link>https://news.example/1</link>"))
    assert titles(found) == ["R&amp;D &lt;b&gt;"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", " ",
        "file:///etc/passwd", "ftp://x.example/", "https://user:word@news.example/", "http:///path", "mailto:a@b",
    ],
)  # fmt: skip
def test_links_that_are_not_web_addresses_are_dropped_and_said_so(link: str) -> None:
    found = discover("feed", rss(f"<title>T</title><guid isPermaLink='false'>1</guid><link>{link}</link>"))
    assert [(entry.url, entry.title, entry.flags) for entry in found.entries] == [(None, "T", ("bad_link",))]


def test_a_guid_is_an_address_only_if_it_looks_like_one() -> None:
    found = discover(
        "feed", rss("<title>a</title><guid>https://news.example/g</guid>", "<title>b</title><guid>12345</guid>")
    )
    assert [(entry.url, entry.guid) for entry in found.entries] == [
        ("https://news.example/g", "https://news.example/g"),
        (None, "12345"),
    ]


def test_links_are_resolved_against_the_feed() -> None:
    links = ["/a?x=1&amp;y=2", "//cdn.example/b", "c", "  https://news.example/d  "]
    found = discover(
        "feed", rss(*(f"<title>t</title><link>{link}</link>" for link in links)), url="https://news.example/f/x.xml"
    )
    assert [entry.url for entry in found.entries] == [
        "https://news.example/a?x=1&y=2", "https://cdn.example/b", "https://news.example/f/c", "https://news.example/d",
    ]  # fmt: skip


def test_link_patterns_and_rewriting() -> None:
    links = [
        "https://www.short.example/news/1",
        "https://www.short.example/jobs/2",
        "https://www.short.example/news/promo/3",
    ]
    found = discover(
        "feed",
        rss(*(f"<title>t</title><link>{link}</link>" for link in links)),
        link_rewrite=LinkRewrite(before="https://www.short.example/", after="https://www.long.example/en/"),
        allow_links=("/en/news/",),
        deny_links=("https://www.long.example/en/news/promo",),
    )
    assert [entry.url for entry in found.entries] == ["https://www.long.example/en/news/1"]


def test_markup_and_scripts_stay_for_the_cleaning_stage_and_never_become_links() -> None:
    found = discover(
        "feed", rss("<title><![CDATA[<script>alert(1)</script>Fees]]></title><link>https://news.example/1</link>")
    )
    assert titles(found) == ["<script>alert(1)</script>Fees"]


# ------------------------------------------------------------------ dates and promises
def test_dates_carry_their_flags() -> None:
    raw = ["Thu, 08 Aug 2099 09:00:00 GMT", "soon", "32, 04 Aug 2026"]
    found = discover("feed", rss(*(item(n, f"<pubDate>{text}</pubDate>") for n, text in enumerate(raw))))
    assert [(entry.published_at, entry.flags) for entry in found.entries] == [
        (None, ("future_date",)),
        (None, ("no_date",)),
        (datetime(2026, 8, 4, tzinfo=UTC), ()),
    ]
    assert [entry.published_raw for entry in found.entries] == raw
    assert found.flags == ()


def test_a_feed_none_of_whose_dates_can_be_read_says_so() -> None:
    assert discover("feed", rss(item(1, "<pubDate>soon</pubDate>"))).flags == ("no_dates",)
    assert discover("feed", rss(item(1))).flags == ()


def test_fewer_entries_than_promised_is_a_fault() -> None:
    with pytest.raises(ParseError, match="2 entries; at least 3 expected") as caught:
        discover("feed", rss(item(1), item(2)), expect=Expect(min_items=3))
    assert caught.value.code == "too_few_items"
    assert refusal("feed", rss(), expect=Expect(min_items=1)) == "too_few_items"
    assert discover("feed", rss()).entries == ()


def test_the_newest_are_taken_in_the_order_of_the_document() -> None:
    days = [3, 9, 1, 8, 2, 7]
    dated = (item(day, f"<pubDate>{day:02} Aug 2024 09:00:00 GMT</pubDate>") for day in days)
    found = discover("feed", rss(*dated), max_items=3)
    assert titles(found) == ["Notice 9", "Notice 8", "Notice 7"]
    assert found.flags == ("capped",)


# ------------------------------------------------------------------ damage (P05)
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (rss(item(1), item(2)) + "<p>trailing junk", ["Notice 1", "Notice 2"]),
        ("Warning: line 3 of index.php\n" + rss(item(1)), ["Notice 1"]),
        (rss(item(1, "<description>AT&T &nbsp; &copy; <br> M&S</description>"), item(2)), ["Notice 1", "Notice 2"]),
        (rss(item(1, "<description>A</b> B <img src=x></description>"), item(2)), ["Notice 1", "Notice 2"]),
        (rss(item(1, "<guid>\0 \x07 &#0; &#xFFFF; &#9999999999;</guid>"), item(2)), ["Notice 1", "Notice 2"]),
        (rss(item(1), item(2)).removesuffix("example/2</link></item></channel></rss>"), ["Notice 1"]),
        (rss(item(1), item(2)).replace("</channel></rss>", ""), ["Notice 1", "Notice 2"]),
        (rss(item(1, "<undeclared:x>1</undeclared:x>"), item(2)), ["Notice 1", "Notice 2"]),
        (rss(item(1), item(2)).replace("</item><item>", "<item>"), ["Notice 1", "Notice 2"]),
    ],
)  # fmt: skip
def test_what_can_be_read_of_a_damaged_feed_is_kept(damage: str, expected: list[str]) -> None:
    found = discover("feed", damage)
    assert titles(found) == expected
    assert "partial_parse" in found.flags


def test_undeclared_prefixes_that_everybody_knows_are_understood() -> None:
    found = discover(
        "feed",
        "<rss version='2.0'><channel><item><title>T</title><link>https://news.example/1</link><dc:date>2024-08-08T09:00:00Z"
        "</dc:date><content:encoded>Long <p>text</content:encoded></item></channel></rss>",
    )
    (entry,) = found.entries
    assert (entry.published_at, entry.content, found.flags) == (DAY, "Long <p>text", ("partial_parse",))


# ------------------------------------------------------------------ what is no feed
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty_body"),
        (" \r\n\ufeff ", "empty_body"),
        ("hello", "not_a_feed"),
        ("/etc/hostname", "not_a_feed"),
        ("<html><body><p>We have moved our newsroom to a new place.</p></body></html>", "not_a_feed"),
        ("<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Wait</body></html>", "challenge_page"),
        ("<html><head><title>Page not found</title></head><body>Sorry</body></html>", "soft_404"),
        ("<opml version='2.0'><body/></opml>", "not_a_feed"),
        ("<urlset/>", "not_a_feed"),
        ('{"items": []}', "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', "not_a_feed"),
        ("{nope", "not_a_feed"),
    ],
)
def test_other_documents_are_refused_by_name(body: str, code: str) -> None:
    assert refusal("feed", body) == code


WORDS = [
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<link>",
    "&amp;",
    "&nbsp;",
    "&",
    "<![CDATA[",
    "]]>",
    "<!--",
    "é",
    "\0",
]
DAMAGE = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(WORDS)), max_size=6)


@given(st.binary(max_size=300))
def test_any_bytes_give_entries_or_a_refusal(body: bytes) -> None:
    refusal("feed", body)


@given(DAMAGE)
def test_any_damage_gives_entries_or_a_refusal(damage: list[tuple[int, str]]) -> None:
    text = rss(item(1, "<description>x</description>"), item(2, "<guid>2</guid>"))
    for place, word in damage:
        text = text[:place] + word + text[place:]
    refusal("feed", text)
