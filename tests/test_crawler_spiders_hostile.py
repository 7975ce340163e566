"""Documents made to read files, call home, or eat time and memory (P01, P02, P10)."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.found import Found
from db.types import Access, ListingHints
from tests.growth import assert_linear
from tests.spider_samples import DOCUMENTS, discover, refusal

PAYLOADS = sorted((DOCUMENTS / "hostile").iterdir())
SECRET = "canary-in-a-file"


def access_of(payload: Path) -> Access:
    if payload.suffix == ".html":
        return "listing"
    return "sitemap" if payload.name.startswith("sitemap") else "feed"


@pytest.fixture(scope="module")
def calls_home() -> Iterator[tuple[str, list[str]]]:
    """An address that nobody may ask, and the paths that were asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'<!ENTITY leak "leaked">')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/evil.dtd", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.stem)
def test_documents_that_declare_things_are_refused_unread(
    payload: Path, tmp_path: Path, calls_home: tuple[str, list[str]]
) -> None:
    url, asked = calls_home
    canary = tmp_path / "canary"
    canary.write_text(SECRET)
    body = payload.read_bytes().replace(b"CANARY_FILE", canary.as_uri().encode()).replace(b"CANARY_URL", url.encode())
    assert refusal(access_of(payload), body) == "dtd_forbidden"
    assert refusal("page" if payload.suffix == ".html" else access_of(payload), body) == "dtd_forbidden"
    assert asked == []


def test_there_are_payloads_for_every_reader() -> None:
    assert len(PAYLOADS) >= 10
    assert {access_of(payload) for payload in PAYLOADS} == {"feed", "sitemap", "listing"}


MEMORY = """
import resource, sys
from pathlib import Path
from tests.growth import assert_linear
from tests.spider_samples import refusal
from tests.test_crawler_spiders_hostile import PAYLOADS, access_of
from tests.growth import assert_linear
refusal("feed", "<rss version='2.0'><channel><item><title>x</title></item></channel></rss>")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for payload in PAYLOADS:
    refusal(access_of(payload), payload.read_bytes())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_refusing_them_takes_no_memory() -> None:
    grown = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=60)
    assert int(grown.stdout) < 20_000  # KiB


def test_inclusions_and_stylesheets_are_not_followed(tmp_path: Path, calls_home: tuple[str, list[str]]) -> None:
    url, asked = calls_home
    canary = tmp_path / "canary"
    canary.write_text(SECRET)
    found = discover(
        "feed",
        f'<?xml version="1.0"?><?xml-stylesheet href="{url}"?><rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<channel><item><title>T<xi:include href="{canary.as_uri()}" parse="text"/></title>'
        f"<link>https://news.example/1</link></item></channel></rss>",
    )
    assert len(found.entries) == 1
    assert SECRET not in repr(found)
    assert asked == []


def test_a_body_that_names_a_file_does_not_open_it(tmp_path: Path) -> None:
    """feedparser opens the file of that name, even when the name comes as bytes."""
    path = tmp_path / "feed.xml"
    path.write_text("<rss version='2.0'><channel><item><title>from the disk</title></item></channel></rss>")
    assert refusal("feed", str(path)) == "not_a_feed"


# ------------------------------------------------------------------ size, time and depth
@pytest.mark.parametrize(
    ("access", "body"),
    [
        ("feed", "<rss version='2.0'><channel><item>" + "<a/>" * 100_000 + "</item></channel></rss>"),
        ("feed", "<rss version='2.0' " + "a='1' " * 40_000 + "><channel/></rss>"),
        ("sitemap", "<urlset>" + "<url/>" * 1_600_000 + "</urlset>"),
        ("listing", "<a>" * 50_001),
        ("listing", "<p a=1 b=2 c=3 d=4 e=5>" * 41_000),
        ("listing", "<p>" + "word " * 1_000_001),
        ("api", '{"data": [' + "[]," * 601_000 + "[]]}"),
        ("api", '{"data": [' + '"a",' * 301_000 + '"b"]}'),
    ],
)
def test_what_would_take_much_memory_is_refused(access: Access, body: str) -> None:
    assert refusal(access, body) == "too_large"


def test_a_feed_of_many_small_elements_between_its_entries_is_read() -> None:
    filler = "<media>" + "<a/>" * 30_000 + "</media>"
    items = "".join(f"{filler}<item><title>Notice {n}</title><link>/{n}</link></item>" for n in range(5))
    found = discover("feed", RSS % items)
    assert [entry.title for entry in found.entries] == [f"Notice {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("access", "body"),
    [
        ("feed", "<rss version='2.0'><channel><item>" + "<a>" * 20_000 + "</a>" * 20_000 + "</item></channel></rss>"),
        ("feed", "<rss><channel><item>" + "<a>" * 20_000),
        ("sitemap", "<urlset>" + "<url>" * 20_000),
        ("listing", "<div>" * 20_000 + "<li><a href=/1>x</a>"),
        ("listing", "<ul><li>" * 20_000 + "<a href=/1>x</a>"),
        ("api", "[" * 20_000),
    ],
)
def test_depth_is_bounded(access: Access, body: str) -> None:
    assert refusal(access, body) == "too_deep"


RSS = "<rss version='2.0'><channel>%s</channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>%s</entry></feed>"
ITEM = RSS % "<item><title>x</title>%s</item>"
SLOW: dict[str, tuple[int, Callable[[int], str]]] = {
    # how many pieces make a megabyte, and the document with n of them;
    # each took feedparser alone from ten seconds to hours at this size or a little above
    "long author": (200_000, lambda n: ITEM % ("<author>" + "a." * n + "</author>")),
    "many authors": (1_500, lambda n: ITEM % (("<author>" + "a." * 149 + "</author>") * n)),
    "many categories": (25_000, lambda n: ITEM % "".join(f"<category>c{i}</category>" for i in range(n))),
    "blank pieces": (200_000, lambda n: ATOM % ("<content type='xhtml'>" + "&#10;" * n + "<div>a</div></content>")),
    "many elements": (250_000, lambda n: RSS % ("<a/>" * n)),
    "elements in a text": (250_000, lambda n: ITEM % ("<description>" + "<a/>" * n + "</description>")),
    "many namespaces": (4_900, lambda n: "<rss " + " ".join(f"xmlns:a{i}='u{i}'" for i in range(n)) + "><channel>"
    + "".join(f"<item><a{i}:x/></item>" for i in range(n)) + "</channel></rss>"),
    "namespaces of their own": (
        20_000, lambda n: RSS % "".join(f"<item><title xmlns='u{i}'>x</title></item>" for i in range(n)),
    ),
    "damaged": (200_000, lambda n: RSS % ("<a/>" * n + "&x <")),
    "ampersands": (300_000, lambda n: RSS % ("& " * n)),
    "open CDATA": (100_000, lambda n: RSS % ("<![CDATA[" * n)),
    "open comments": (250_000, lambda n: "<!--" * n),
    "open titles": (100_000, lambda n: "<rss><channel>" + "<title>a" * (n // 400) + "</a>" * n),
    "junk": (1_000_000, lambda n: "<" * n),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_a_megabyte_of_junk_takes_time_by_its_length_only(name: str) -> None:
    size, document = SLOW[name]
    assert_linear(lambda count: refusal("feed", document(count)), size // 16)


LISTS: dict[str, tuple[int, Callable[[int], str]]] = {
    "flat": (8_000, lambda n: links(n)),
    "deep": (6_000, lambda n: "<div>" * 200 + links(n)),
    "nested": (8_000, lambda n: "".join(f"<div>{links(1, i)}" for i in range(n // 34)) + "<p>x</p>" * n),
    "one address": (8_000, lambda n: "<a href=/1>Notice" * n),
}


def links(count: int, first: int = 0) -> str:
    return "".join(f"<a href=/{number}>Notice number {number}</a>" for number in range(first, first + count))


@pytest.mark.parametrize("name", LISTS)
def test_list_pages_without_end_take_time_by_their_length_only(name: str) -> None:
    size, page = LISTS[name]
    hints = ListingHints(item="a[href]")
    assert_linear(lambda count: refusal("listing", page(count), listing=hints), size // 16)


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May"]


def big_feed(entries: int, size_bytes: int) -> bytes:
    filler = "<p>Nothing happened at the port today.</p>" * max(1, (size_bytes // entries - 170) // 42)
    return (
        RSS
        % "".join(
            f"<item><title>Notice {n}</title><link>https://news.example/{n}</link><guid>{n}</guid>"
            f"<pubDate>{1 + n % 28:02} {MONTHS[n % 5]} 2024 09:{n % 60:02}:00 GMT</pubDate>"
            f"<description><![CDATA[{filler}]]></description></item>"
            for n in range(entries)
        )
    ).encode()


def assert_newest_500(found: Found) -> None:
    assert len(found.entries) == 500
    assert "capped" in found.flags
    assert {entry.published_raw[3:6] for entry in found.entries} == {"May"}


def test_a_feed_of_ten_thousand_entries_gives_the_newest() -> None:
    assert_linear(lambda count: assert_newest_500(discover("feed", big_feed(count, 500 * count))), 2_500, factor=4)


@pytest.mark.slow
def test_a_feed_of_fifty_thousand_entries_and_30_megabytes() -> None:
    body = big_feed(50_000, 30_000_000)
    assert len(body) > 29_000_000
    assert_newest_500(discover("feed", body, max_bytes=40_000_000))
