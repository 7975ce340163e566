"""The sample world is what it claims to be: right shapes and encodings, links that lead somewhere, an honest table."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from crawler.catalogue import load_catalogue
from db.text import fold
from scheduler.demo.paint import blocks, plain
from scheduler.demo.replay import ReplayServer, Response
from scheduler.demo.world import SampleArticle, World, build_world

FEEDS = {
    "amazon-newsroom": "/news/feed",
    "chuantai": "/feed.xml",
    "copperfield-ledger": "/atom.xml",
    "cpsc": "/newsroom/rss",
    "eu-press": "/presscorner/rss",
    "harbor-commerce-daily": "/feed",
    "kol-qin": "/rss.xml",
    "lanpu": "/atom.xml",
    "nan-an": "/rss/all.xml",
}


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[ReplayServer]:
    with ReplayServer(world.sites) as running:
        yield running


class Reader:
    """Reads addresses of the world over connections that stay open."""

    def __init__(self) -> None:
        self.lines: dict[str, http.client.HTTPConnection] = {}

    def __call__(self, url: str, body: bytes | None = None) -> tuple[int, bytes, str]:
        parts = urlsplit(url)
        line = self.lines.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc, timeout=60))
        line.request("POST" if body else "GET", parts._replace(scheme="", netloc="", fragment="").geturl() or "/", body)
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"]


@pytest.fixture(scope="module")
def read() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    for line in reader.lines.values():
        line.close()


def article(world: World, name: str) -> SampleArticle:
    return next(one for one in world.articles if one.id == name)


# ------------------------------------------------------------------ the texts
def test_the_world_is_large_enough_and_speaks_two_languages(world: World) -> None:
    expected = [one for articles in world.expected().values() for one in articles]
    assert len(expected) >= 45
    assert sum(one.language == "zh" for one in expected) >= 0.38 * len(expected)
    assert len(world.source_files) >= 12
    assert len({one.id for one in expected}) == len({one.url for one in expected}) == len(expected)


def test_every_text_is_its_own_unless_it_says_it_is_a_copy(world: World) -> None:
    own = [one for one in world.articles if not one.copy_of]
    for values in ([one.title for one in own], [plain(one.text or one.summary) for one in own]):
        assert len(set(values)) == len(values)


def test_texts_have_the_length_of_news(world: World) -> None:
    for one in (one for articles in world.expected().values() for one in articles):
        length = len(one.text) if one.language == "zh" else len(one.text.split())
        shortest = {"anqiao": 80, "crossing-points": 15}.get(one.id.split("/")[0], 200 if one.language == "zh" else 100)
        assert shortest <= length <= 900, one.id


def test_the_reprints_are_near_copies_and_the_twin_is_a_twin(world: World) -> None:
    copies = {one.id: one for one in world.articles if one.copy_of}
    note = "kol-halloran-notes/spain-and-ireland"  # one post in two channels of a person
    assert set(copies) == {"chuantai/reprint-tiktok-amazon", "lanpu/amazon-tiktok", note}
    original = article(world, "chaobao/tiktok-amazon")
    assert {one.copy_of for one in copies.values() if one.id != note} == {original.id}
    twin = copies["lanpu/amazon-tiktok"]
    assert twin.text != original.text
    assert fold(twin.text) == fold(original.text)
    reprint = copies["chuantai/reprint-tiktok-amazon"]
    same = set(reprint.text.split("\n\n")) & set(original.text.split("\n\n"))
    assert 3 <= len(same) < len(original.text.split("\n\n"))
    assert all(one.published > article(world, one.copy_of).published for one in copies.values())


def test_the_motivating_case_is_told_in_its_order(world: World) -> None:
    names = (
        "chuantai/rumor-tiktok-amazon",
        "amazon-newsroom/shop-amazon-in-tiktok-ads",
        "lantern-wire/tiktok-amazon-checkout",
        "harbor-commerce-daily/tiktok-amazon-sellers-can-advertise",
        "kol-qin/read-the-original",
        "amazon-newsroom/in-app-shopping-questions",
    )
    times = [article(world, name).published for name in names]
    assert times == sorted(times)
    claim = "third-party sellers may now advertise"
    assert claim in article(world, names[3]).text
    announcements = (article(world, names[1]), article(world, "tiktok-newsroom/shop-amazon-ads-in-app"))
    assert not any("third-party" in one.text or "sellers" in one.text for one in announcements)


# ------------------------------------------------------------------ the sites
def test_every_link_of_every_page_leads_somewhere(world: World, server: ReplayServer, read: Reader) -> None:
    server.phase = 2
    seen: dict[str, int] = {}
    for site in server.sites.values():
        for path in site.routes:
            if path.startswith("POST ") or site.down:
                continue
            url = site.base + path
            status, body, kind = read(url)
            assert status == 200, url
            assert b"{{" not in body, url
            if not kind.startswith("text/html"):
                continue
            charset = world.publishers[site.id].charset
            page = lxml_html.fromstring(body, parser=lxml_html.HTMLParser(encoding=charset))
            links = {urljoin(url, link) for link in page.xpath("//a/@href")} - {url}
            for link in links:
                seen[link] = seen.get(link) or read(link)[0]
    server.phase = 1
    assert len(seen) > 150
    assert {link for link, status in seen.items() if status != 200} == set()


@pytest.mark.parametrize("site_id", FEEDS)
def test_feeds_are_well_formed_and_complete(world: World, server: ReplayServer, read: Reader, site_id: str) -> None:
    _, body, _ = read(server[site_id].base + FEEDS[site_id])
    feed = feedparser.parse(body)
    assert not feed.bozo
    expected = world.expected()[site_id]
    assert {entry.title for entry in feed.entries} == {one.title for one in expected}
    assert all(entry.get("published") or entry.get("updated") for entry in feed.entries)


def test_the_link_list_is_not_well_formed_as_some_are(server: ReplayServer, read: Reader) -> None:
    _, body, _ = read(server["crossing-points"].base + "/links.xml")
    with pytest.raises(etree.XMLSyntaxError, match="nbsp"):
        etree.fromstring(body)
    feed = feedparser.parse(body)
    assert len(feed.entries) == 3
    hosts = {urlsplit(entry.link).hostname for entry in feed.entries}
    assert hosts == {urlsplit(server["elsewhere"].base).hostname}


def test_json_answers(world: World, server: ReplayServer, read: Reader) -> None:
    feed = json.loads(read(server["kol-halloran"].base + "/feed.json")[1])
    assert [item["title"] for item in feed["items"]][-1] == article(world, "kol-halloran/read-the-announcement").title
    notices = json.loads(read(server["us-register"].base + "/api/v1/documents.json?order=newest")[1])
    assert [one["publication_date"] for one in notices["results"]] == ["2025-08-28", "2025-04-28", "2025-01-14"]
    address = server["anqiao"].base + "/api/kx/list"
    flashes = json.loads(read(address, b'{"page": 1, "size": 20}')[1])["data"]["list"]
    assert len(flashes) == 6
    assert datetime.fromtimestamp(flashes[0]["created_at"], article(world, "anqiao/14411").at("UTC").tzinfo) == (
        article(world, "anqiao/14411").published
    )
    assert read(address, b"page=1")[0] == 400
    assert read(address)[0] == 404


def test_the_sitemaps_hold_every_article_once(world: World, server: ReplayServer, read: Reader) -> None:
    base = server["lantern-wire"].base
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = etree.fromstring(read(base + "/sitemap-index.xml")[1])
    parts = index.xpath("//s:loc/text()", namespaces=spaces)
    assert [part.removeprefix(base) for part in parts] == ["/sitemap-news.xml", "/sitemap-2024.xml.gz"]
    news, packed = (read(part)[1] for part in parts)
    found: list[str] = []
    for part in (news, gzip.decompress(packed)):
        found += etree.fromstring(part).xpath("//s:loc/text()", namespaces=spaces)
    articles = {server.render(one.url) for one in world.expected()["lantern-wire"]}
    assert articles == set(found) - {base + "/", base + "/about", base + "/technology/"}
    assert len(found) == len(set(found))


def test_one_site_is_gb18030_and_does_not_say_so(world: World, server: ReplayServer, read: Reader) -> None:
    for path in ("/news/", article(world, "chaobao/tiktok-amazon").path):
        _, body, kind = read(server["chaobao"].base + path)
        assert kind == "text/html"
        assert b"charset" not in body.lower()
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")
        assert article(world, "chaobao/tiktok-amazon").title in body.decode("gb18030")


def test_two_sources_can_not_be_seen(world: World, server: ReplayServer, read: Reader) -> None:
    status, body, _ = read(server["stall-and-scale"].base + "/feed.xml")
    assert status == 200
    assert b"captcha" in body
    with pytest.raises(ConnectionRefusedError):
        read(server["quayside-post"].base + "/feed.xml")
    assert [name for name, articles in world.expected().items() if not articles] == ["quayside-post", "stall-and-scale"]


def test_the_second_phase_changes_what_it_should_and_nothing_else(world: World) -> None:
    changed: dict[str, set[str]] = {}
    for site in world.sites:
        for path, route in site.routes.items():
            if isinstance(route, tuple) and route[0] is not route[1]:
                changed.setdefault(site.id, set()).add(path)
                assert route[1].modified > route[0].modified
    assert changed == {
        "amazon-referral-fees": {"/help/referral-fees/clothing"},
        "harbor-commerce-daily": {"/feed", "/articles/tiktok-amazon-sellers-can-advertise"},
        "tiktok-newsroom": {"/", "/en-us/news", "/en-eu/tiktok-shop-germany-france-italy"},
        "anqiao": {"/", "/kx/12744"},
    }
    before, after = world.expected(1), world.expected(2)
    new = {one.id for articles in after.values() for one in articles} - {
        one.id for articles in before.values() for one in articles
    }
    assert new == {"tiktok-newsroom/tiktok-shop-germany-france-italy", "anqiao/12744"}
    fee = [table["amazon-referral-fees"][0].text for table in (before, after)]
    assert "is 17% of the total price" in fee[0]
    assert "5% for products priced below $15" in fee[1]


# ------------------------------------------------------------------ the sources and the table
def test_the_sources_are_good_records_of_every_kind(world: World, server: ReplayServer, tmp_path: Path) -> None:
    for name, text in world.source_files.items():
        (tmp_path / name).write_text(server.render(text), encoding="utf-8")
    sources = load_catalogue([tmp_path], builtin=False)
    assert set(sources) == set(world.expected()) == set(world.publishers) - {"elsewhere"}
    assert {source.access for source in sources.values()} == {"feed", "sitemap", "listing", "api", "page"}
    kinds = {source.kind for source in sources.values()}
    assert kinds >= {"official", "regulator", "wire", "mainstream", "trade", "kol", "self_media", "aggregator"}
    assert {source.speaks_for for source in sources.values()} >= {
        ("amazon",),
        ("tiktok",),
        ("cbp",),
        ("eu_commission",),
    }
    for source in sources.values():
        assert source.hosts == (urlsplit(server[source.id].base).hostname,)
        assert source.zone == world.publishers[source.id].zone
        assert source.expect.min_items <= max(1, len(world.expected()[source.id]))


@pytest.mark.parametrize("phase", [1, 2])
def test_the_table_says_what_the_pages_show(world: World, server: ReplayServer, read: Reader, phase: int) -> None:
    server.phase = phase
    for source_id, articles in world.expected(phase).items():
        publisher = world.publishers[source_id]
        for one in articles:
            status, body, _ = read(server.render(one.url))
            assert status == 200, one.id
            page = lxml_html.fromstring(body, parser=lxml_html.HTMLParser(encoding=publisher.charset))
            shown = [" ".join(part.text_content().split()) for part in page.iter("p", "li", "h1", "h2")]
            assert one.title in shown, one.id
            for paragraph in one.text.split("\n"):
                assert paragraph in shown, one.id
            if one.published:
                assert one.published.strftime("%Y") in page.text_content() or publisher.template == "elsewhere.html"
    server.phase = 1


# ------------------------------------------------------------------ the reading of its files
HEAD = '+++\ntitle = "A < B"\npath = "/1"\n'


def world_with(folder: Path, article_text: str) -> World:
    for name in ("articles/a", "sites", "sources", "templates"):
        (folder / name).mkdir(parents=True)
    (folder / "articles" / "a" / "one.md").write_text(article_text, encoding="utf-8")
    (folder / "sites" / "a.toml").write_text('name = "A"\ntemplate = "a.html"\nzone = "Asia/Shanghai"\n')
    (folder / "templates" / "a.html").write_text("<h1>{{ article.title }}</h1>{{ article.text | blocks | join }}")
    (folder / "sources" / "a.toml").write_text('id = "a"\n')
    return build_world(folder)


def test_another_world_can_be_built_from_a_folder(tmp_path: Path) -> None:
    built = world_with(tmp_path, HEAD + "published = 2024-08-08\n+++\nOne & two.\n")
    (site,) = built.sites
    routes = site.routes["/1"]
    assert isinstance(routes, tuple)
    assert isinstance(routes[0], Response)
    assert routes[0].body == b"<h1>A &lt; B</h1><p>One &amp; two.</p>"
    assert routes[0].modified.isoformat() == "2024-08-08T00:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no front matter", "no front matter"),
        (HEAD + "published = 2024-08-08T10:00:00\n+++\nText", "no offset"),
        (HEAD + 'published = 2024-08-08\nedits = [{ before = "absent", after = "y" }]\n+++\nText', "nothing to edit"),
        (HEAD + 'published = 2024-08-08\nauthor = "typo"\n+++\nText', "author"),
    ],
)
def test_a_file_that_is_not_right_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises((ValueError, TypeError), match=reason):
        world_with(tmp_path, text)


def test_markup_of_the_texts() -> None:
    text = "One <b>.\n\n## Head\n\n- a\n- b & c"
    assert [str(block) for block in blocks(text)] == [
        "<p>One &lt;b&gt;.</p>",
        "<h2>Head</h2>",
        "<ul>\n<li>a</li>\n<li>b &amp; c</li>\n</ul>",
    ]
    assert plain(text) == "One <b>.\nHead\na\nb & c"
