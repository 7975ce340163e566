"""The pure parts of fetching: who may be asked, how long to wait, where a redirect goes, what robots.txt says."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import scrapy
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch import redirects, robots
from crawler.fetch.asking import Ask, Manners, place_of, request_for
from crawler.fetch.bodies import unpack
from crawler.fetch.failures import code_of_status
from crawler.fetch.guard import Guard, is_global
from crawler.fetch.patience import wait_until
from crawler.fetch.settings import SCRAPY_FLOOR, check_scrapy
from db.errors import FetchError
from db.linkedin import is_linkedin
from db.types import Source

NOW = datetime(2024, 8, 15, 7, tzinfo=UTC)


def source(url: str = "https://news.example.com/feed", **fields: object) -> Source:
    values = {"id": "s", "name": "S", "kind": "trade", "language": "en", "access": "feed", "url": url, **fields}
    return Source(**values)  # type: ignore[arg-type]  # the test names fields of Source


def refusal(call: object, *arguments: object) -> str:
    with pytest.raises(FetchError) as caught:
        call(*arguments)  # type: ignore[operator]  # any function under test
    return caught.value.code


# ------------------------------------------------------------------ guard
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
        "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "100::1", "5f00::1",
        "", "localhost", "127.1", "1.1.1.1.", "not an address",
    ],
)  # fmt: skip
def test_addresses_outside_the_public_internet(address: str) -> None:
    assert not is_global(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_global(address)


@pytest.mark.parametrize(
    "host", ["linkedin.com", "www.linkedin.com", "WWW.LinkedIn.COM.", "cn.linkedin.com", "media.licdn.com", "lnkd.in"]
)
def test_linkedin_is_denied_in_any_spelling(host: str) -> None:
    assert is_linkedin(host)
    guard = Guard([source()])
    for url in (f"https://{host}/in/x", f"http://news@{host}:8443/", f"https://{host.upper()}/"):
        assert refusal(guard.check, url, "s") == "blocked_host"
    assert not guard.allows(host, "93.184.216.34")


def test_a_name_that_only_resembles_a_denied_one_is_not() -> None:
    assert not is_linkedin("notlinkedin.com")
    assert not is_linkedin("linkedin.com.example.org")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/x", "data:text/html,x", "javascript:1", "//h/x"])
def test_other_schemes_are_refused(url: str) -> None:
    assert refusal(Guard([source()]).check, url, "s") == "bad_scheme"


def test_a_permission_is_for_one_source_its_hosts_and_its_networks() -> None:
    inside = source(
        "http://intranet.example:8080/feed", id="in", hosts=("wiki.example",), allow_addresses=("10.2.0.0/16",)
    )
    guard = Guard([inside, source()])
    guard.check("http://intranet.example:8080/a", "in")
    assert guard.allows("intranet.example", "10.2.3.4")
    assert guard.allows("wiki.example", "10.2.3.4")
    assert not guard.allows("wiki.example", "10.3.0.1")
    assert not guard.allows("wiki.example", "127.0.0.1")
    assert not guard.allows("news.example.com", "10.2.3.4")
    assert refusal(guard.check, "http://intranet.example:8080/a", "s") == "blocked_address"
    assert refusal(guard.check, "http://WIKI.example./a", "s") == "blocked_address"


def test_sources_that_share_a_host_keep_their_own_networks() -> None:
    wide = source("http://10.1.0.5/feed", id="wide", hosts=("wiki.example",), allow_addresses=("10.0.0.0/8",))
    narrow = source("http://10.1.0.5/x", id="narrow", hosts=("wiki.example",), allow_addresses=("10.2.0.0/16",))
    guard = Guard([wide, narrow])
    guard.check("http://10.1.0.5/feed", "wide")
    assert guard.allows("10.1.0.5", "10.1.0.5")
    assert refusal(guard.check, "http://10.1.0.5/x", "narrow") == "blocked_address"
    # Who asks for a name is not known when it is resolved: what is open to both is open.
    assert guard.allows("wiki.example", "10.2.0.5")
    assert not guard.allows("wiki.example", "10.1.0.5")


def test_the_proxy_is_no_target() -> None:
    guard = Guard([source()], proxy="http://user:secret@127.0.0.1:7890")
    assert guard.allows("127.0.0.1", "127.0.0.1")
    assert refusal(guard.check, "http://127.0.0.1:9200/", "s") == "blocked_address"


# ------------------------------------------------------------------ patience
@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, "120", timedelta(seconds=120)),
        (429, None, timedelta(hours=1)),
        (503, None, None),
        (500, "120", None),
        (200, "120", None),
        (429, "-5", timedelta(hours=1)),
        (503, "soon", timedelta(hours=1)),
        (429, "1e9", timedelta(hours=1)),
        (429, "99999999999999999999", timedelta(hours=24)),
        (429, "0", timedelta(0)),
        (429, format_datetime(NOW + timedelta(minutes=9), usegmt=True), timedelta(minutes=9)),
        (429, format_datetime(NOW + timedelta(days=3650)), timedelta(hours=24)),
        (429, format_datetime(NOW - timedelta(days=1)), timedelta(hours=1)),
        (429, "Wed, 99 Foo 2024 25:61:61 GMT", timedelta(hours=1)),
    ],
)
def test_retry_after(status: int, header: str | None, wait: timedelta | None) -> None:
    assert wait_until(status, header, NOW) == (None if wait is None else NOW + wait)


@given(st.sampled_from([429, 503]), st.text())
def test_no_retry_after_is_longer_than_a_day(status: int, header: str) -> None:
    until = wait_until(status, header, NOW)
    assert until is not None
    assert NOW <= until <= NOW + timedelta(hours=24)


# ------------------------------------------------------------------ redirects
@pytest.mark.parametrize(
    ("status", "location", "purpose", "kind", "expected"),
    [
        (301, "/new", "source", "trade", "https://news.example.com/new"),
        (302, "//www.example.com/f", "source", "trade", "https://www.example.com/f"),
        (301, "https://feeds.example.com/f", "source", "trade", "https://feeds.example.com/f"),
        (308, "https://elsewhere.example.org/f", "source", "trade", "moved"),
        (301, "https://elsewhere.example.org/f", "source", "trade", "moved"),
        (302, "https://elsewhere.example.org/f", "source", "trade", "https://elsewhere.example.org/f"),
        (
            301,
            "https://elsewhere.example.org/robots.txt",
            "robots",
            "trade",
            "https://elsewhere.example.org/robots.txt",
        ),
        (302, "https://www.example.com/a", "article", "trade", "offsite_redirect"),
        (302, "/login?next=%2Fa", "article", "trade", "https://news.example.com/login?next=%2Fa"),
        (302, "http://news.example.com/f", "source", "official", "tls_downgrade"),
        (302, "http://news.example.com/f", "article", "regulator", "tls_downgrade"),
        (302, "http://news.example.com/f", "source", "trade", "http://news.example.com/f"),
        (302, "file:///etc/passwd", "source", "trade", "bad_scheme"),
        (302, "data:text/html,x", "source", "trade", "bad_scheme"),
        (302, "ftp://news.example.com/x", "source", "trade", "bad_scheme"),
        (302, "javascript:alert(1)", "source", "trade", "bad_scheme"),
        (302, "", "source", "trade", "http_error"),
        (302, "http://[::1", "source", "trade", "http_error"),
        (302, "https://good.example.com\\@127.0.0.1/", "source", "trade", "http_error"),
        (302, "https://user:pw@news.example.com/f", "source", "trade", "https://news.example.com/f"),
    ],
)
def test_redirects(status: int, location: str, purpose: str, kind: str, expected: str) -> None:
    here = source(kind=kind, hosts=("news.example.com",))
    try:
        result = redirects.follow("https://news.example.com/f", status, location, here, purpose)
    except FetchError as error:
        result = error.code
    assert result == expected


@given(st.text())
def test_a_redirect_is_an_address_or_an_error(location: str) -> None:
    try:
        target = redirects.follow("https://news.example.com/f", 302, location, source(), "source")
    except FetchError:
        return
    assert target.startswith(("http://", "https://"))
    assert "@" not in target.split("/")[2]


# ------------------------------------------------------------------ bodies
def test_layers_come_off_in_order() -> None:
    text = b"news " * 1000
    assert unpack(gzip.compress(text), ["gzip"], 10_000) == text
    assert unpack(zlib.compress(text), ["deflate"], 10_000) == text
    assert unpack(zlib.compress(text)[2:-4], ["deflate"], 10_000) == text  # without its head, as some send it
    assert unpack(gzip.compress(zlib.compress(text)), ["deflate, gzip"], 10_000) == text
    assert unpack(gzip.compress(text[:2500]) + gzip.compress(text[2500:]), ["GZIP"], 10_000) == text
    assert unpack(gzip.compress(text) + b"\0" * 9, ["x-gzip"], 10_000) == text
    assert unpack(text, ["identity"], 10_000) == text
    assert unpack(b"", ["gzip"], 10_000) == b""


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(b"x" * 10_001, mtime=0), "gzip", "too_large"),
        (b"x" * 10_001, "", "too_large"),
        (gzip.compress(gzip.compress(b"x" * 5_000_000, mtime=0), mtime=0), "gzip, gzip", "too_large"),
        (gzip.compress(b"news " * 100, mtime=0)[:-9], "gzip", "truncated"),
        (zlib.compress(b"news " * 100)[:-9], "deflate", "truncated"),
        (b"not gzip at all", "gzip", "bad_encoding"),
        (b"anything", "br", "bad_encoding"),
        (b"anything", "zstd", "bad_encoding"),
        (gzip.compress(b"x", mtime=0), "gzip, gzip, gzip", "bad_encoding"),
    ],
)
def test_bodies_that_are_refused(body: bytes, encoding: str, code: str) -> None:
    assert refusal(unpack, body, [encoding], 10_000) == code


def test_a_cut_body_keeps_its_beginning() -> None:
    text = bytes(range(256)) * 100
    assert unpack(text, [], 100, cut=True) == text[:100]
    assert unpack(gzip.compress(text)[:-50], ["gzip"], 1000, cut=True) == text[:1000]


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "deflate, gzip", ""]), st.integers(0, 100))
def test_unpacking_foreign_bytes_ends_in_bytes_or_a_code(body: bytes, encoding: str, limit: int) -> None:
    try:
        result = len(unpack(body, [encoding], limit)) <= limit
    except FetchError as error:
        result = error.code in {"too_large", "truncated", "bad_encoding"}
    assert result


# ------------------------------------------------------------------ robots.txt
@pytest.mark.parametrize(
    ("body", "path", "allowed"),
    [
        (b"", "/a", True),
        (b"User-agent: *\nDisallow: /private/", "/private/x", False),
        (b"User-agent: *\nDisallow: /private/", "/a", True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "/a", False),  # a BOM must not hide the first line
        (b"User-agent: *\nDisallow:", "/a", True),
        (b"User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        (b"User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        (b"User-agent: *\nDisallow: /\nAllow: /news/", "/news/1", True),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: masthead\nDisallow: /x", "/a", True),
        (b"User-agent: Masthead\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        (b"<!doctype html><p>User-agent: *\nDisallow: /</p>", "/a", True),  # a page is no robots.txt
        (b"\xff\xfe\x00garbage\x00", "/a", True),
    ],
)
def test_robots(body: bytes, path: str, allowed: bool) -> None:
    assert robots.read(body).allows(f"https://news.example.com{path}") is allowed


def test_a_long_robots_file_is_read_as_far_as_the_rfc_asks() -> None:
    filler = b"# nothing\n" * 50_000
    early = b"User-agent: *\nDisallow: /early\n" + filler + b"Disallow: /late\n"
    rules = robots.read(early + filler)
    assert len(filler) > 500_000 - 100
    assert not rules.allows("https://h.example/early")
    assert not rules.allows("https://h.example/late")


def test_the_crawl_delay_is_obeyed_within_reason() -> None:
    assert robots.read(b"User-agent: *\nCrawl-delay: 7\n").delay_seconds == 7
    assert robots.read(b"User-agent: *\nCrawl-delay: 86400\n").delay_seconds == robots.MAX_DELAY_SECONDS
    assert robots.read(b"User-agent: *\nCrawl-delay: -1\n").delay_seconds == 0
    assert robots.read(b"User-agent: other\nCrawl-delay: 7\n").delay_seconds == 0


def test_a_robots_file_made_to_exhaust_us_is_unreachable() -> None:
    agents = b"".join(b"User-agent: a%d\n" % number for number in range(12_000))
    hostile = agents + b"Disallow: /x\n" * 12_000
    rules = robots.read(hostile)
    assert rules.code == "robots_unreachable"
    assert not rules.allows("https://h.example/a")


@given(st.binary(max_size=2000))
def test_any_bytes_are_rules_or_none(body: bytes) -> None:
    rules = robots.read(body)
    assert 0 <= rules.delay_seconds <= robots.MAX_DELAY_SECONDS
    assert rules.allows("https://h.example/a") in (True, False)


def test_how_long_robots_hold() -> None:
    assert robots.is_fresh(NOW - timedelta(hours=23), "", NOW)
    assert not robots.is_fresh(NOW - timedelta(hours=24), "", NOW)
    assert robots.is_fresh(NOW - timedelta(minutes=59), "robots_unreachable", NOW)
    assert not robots.is_fresh(NOW - timedelta(hours=1), "robots_unreachable", NOW)
    assert not robots.is_fresh(NOW + timedelta(hours=1), "", NOW)  # the clock went back


# ------------------------------------------------------------------ requests
MANNERS = Manners(user_agent="Masthead/1", delay_seconds=1, request_seconds=30, retry_seconds=1)


def test_a_request_carries_what_it_must_and_no_more() -> None:
    ask = Ask(url="https://news.example.com/feed", source=source(), purpose="source", etag='"1"', last_modified="Mon")
    here = request_for(ask.url, ask, MANNERS)
    assert set(here.headers.to_unicode_dict()) == {
        "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "If-Modified-Since"
    }  # fmt: skip
    assert here.headers["Accept-Encoding"] == b"gzip, deflate"
    elsewhere = request_for("https://cdn.example.net/feed", ask, MANNERS)
    assert "If-None-Match" not in elsewhere.headers
    assert "If-Modified-Since" not in elsewhere.headers


def test_a_post_is_sent_to_its_own_address_alone() -> None:
    ask = Ask(url="https://h.example/api", source=source(), purpose="source", method="POST", body=b'{"page": 1}')
    assert request_for(ask.url, ask, MANNERS).method == "POST"
    assert request_for(ask.url, ask, MANNERS).headers["Content-Type"] == b"application/json"
    redirected = request_for("https://h.example/other", ask, MANNERS)
    assert (redirected.method, redirected.body) == ("GET", b"")


def test_a_place_is_a_host_and_port() -> None:
    assert place_of("https://A.example.com/x") == place_of("http://a.example.com:80/y") == "a.example.com"
    assert place_of("http://a.example.com:8080/") == "a.example.com:8080"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, ""), (204, ""), (304, ""), (401, "forbidden"), (403, "forbidden"), (451, "forbidden"), (404, "gone"),
        (410, "gone"), (429, "rate_limited"), (500, "unavailable"), (503, "unavailable"), (418, "http_error"),
        (305, "http_error"), (100, "http_error"), (999, "http_error"),
    ],
)  # fmt: skip
def test_statuses(status: int, code: str) -> None:
    assert code_of_status(status) == code


def test_scrapy_is_not_older_than_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    check_scrapy()
    monkeypatch.setattr(scrapy, "version_info", (2, 14, 1))
    with pytest.raises(RuntimeError, match="too old"):
        check_scrapy()
    assert SCRAPY_FLOOR > (2, 14)
