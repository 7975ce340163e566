"""F01 to F24: servers that lie, drip, flood, break off, lead elsewhere or refuse."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable
from functools import cache

from tests.hostile.scenarios.kinds import XML, Scenario, Site, Stored, item, rss
from tests.hostile.servers import Call, Script, drips, exactly, feed, page, pours, says, silent, to

_OFF = "https://elsewhere.example"  # a host that is not the source's own: kept with the feed's text
SPELLINGS = (
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0",
    "localhost", "LOCALHOST.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "user:pass@127.0.0.1", "１２７.０.０.１",
)  # fmt: skip


@cache
def _zeros() -> bytes:
    return gzip.compress(b"\0" * 200_000_000, 6)


def _answers(script: Callable[[], Script]) -> Callable[[Site], None]:
    """The feed's address answers so; made only when the scenario is."""
    return lambda site: site.feed(script())


def _packed(data: Callable[[], bytes], encoding: str) -> Callable[[], Script]:
    return lambda: says(data(), Content_Encoding=encoding, Content_Type=XML)


def _none_reached(stored: Stored) -> None:
    why = {flag for article in stored.articles for flag in json.loads(article["flags"]) or ["read"]}
    assert why <= {"page_unread", "offsite_link", "bad_link"}, why


# ------------------------------------------------------------------ F01–F04: where a request may go
def _start(site: Site) -> None:
    site.keys |= {"url": f"http://2130706433:{site.canary.port}/feed", "allow_addresses": []}


def _redirect(site: Site) -> None:
    site.feed(to(f"http://[::ffff:127.0.0.1]:{site.canary.port}/feed"))


def _refresh(site: Site) -> None:
    site.feed(f'<meta http-equiv="refresh" content="0;url=http://127.1:{site.canary.port}/feed">')


def _links(site: Site) -> None:
    inside = [f"http://{spelling}:{site.canary.port}/{number}" for number, spelling in enumerate(SPELLINGS)]
    site.keys["hosts"] = ["127.0.0.2", "127.0.0.1", "localhost"]
    site.feed(feed(*inside, f"{site.base}/on"))
    site.page("/on", to(inside[0]))


def _sitemap(site: Site) -> None:
    site.reads("sitemap", hosts=["127.0.0.2", "127.0.0.1"])
    parts = "".join(f"<sitemap><loc>http://{s}:{site.canary.port}/part</loc></sitemap>" for s in SPELLINGS[:5])
    site.feed(f"<sitemapindex>{parts}</sitemapindex>", Content_Type=XML)


def _metadata(site: Site) -> None:
    site.feed(to("http://169.254.169.254/latest/meta-data/"))


def _chain(site: Site) -> None:
    site.feed(to("/chain/1"))
    for number in range(1, 20):
        site.page(f"/chain/{number}", to(f"/chain/{number + 1}"))


_WHERE = (
    Scenario(name="F01-start", build=_start, code="blocked_address", state="broken", rows=0),
    Scenario(name="F01-redirect", build=_redirect, code="blocked_address", state="broken", rows=0),
    Scenario(name="F01-refresh", build=_refresh, code="empty_body", state="broken", rows=0),
    Scenario(name="F01-links", build=_links, rows=len(SPELLINGS) + 1, check=_none_reached),
    Scenario(name="F01-sitemap", build=_sitemap, code="too_few_items", state="drift", rows=0),
    Scenario(name="F01-metadata", build=_metadata, code="blocked_address", state="broken", rows=0),
    Scenario(name="F01-linkedin", build=lambda site: site.feed(to("https://lnkd.in/x")), code="blocked_host",
             state="broken", rows=0),
    *(
        Scenario(name=f"F03-{name}", build=_answers(lambda where=where: to(where)), code="bad_scheme", state="broken",
                 rows=0)
        for name, where in {
            "file": "file:///etc/passwd", "data": "data:text/xml,<rss/>", "ftp": "ftp://127.0.0.2/x",
            "javascript": "javascript:1",
        }.items()
    ),
    Scenario(name="F04-loop", build=_answers(lambda: to("/feed")), code="too_many_redirects", state="broken", rows=0),
    Scenario(name="F04-chain", build=_chain, code="too_many_redirects", state="broken", rows=0),
    Scenario(name="F04-moved", build=_answers(lambda: to("http://127.0.0.9/feed", 301)), code="moved", state="broken",
             rows=0),
)  # fmt: skip


# ------------------------------------------------------------------ F05, F06: too much
def _gz_sitemap(site: Site) -> None:
    site.reads("sitemap")
    site.feed(_zeros(), Content_Type="application/gzip")


def _bomb_page(site: Site) -> None:
    site.feed(feed(f"{site.base}/bomb", f"{site.base}/good"))
    site.page("/bomb", says(_zeros(), Content_Encoding="gzip"))
    site.page("/good", page())


_HEADER = b"X-Flood: " + b"x" * 1000 + b"\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_BOMBS: dict[str, tuple[Callable[[], Script], str]] = {
    "F05-gzip": (_packed(_zeros, "gzip"), "too_large"),
    "F05-deflate": (_packed(lambda: zlib.compress(b"\0" * 200_000_000), "deflate"), "too_large"),
    "F05-double": (_packed(lambda: gzip.compress(_zeros()), "gzip, gzip"), "too_large"),
    "F05-brotli": (_packed(lambda: b"\xcf\xff\xff\x7f\xf8" + b"\0" * 1000, "br"), "bad_encoding"),
    "F05-zstd": (_packed(lambda: b"\x28\xb5\x2f\xfd" + b"\0" * 1000, "zstd"), "bad_encoding"),
    "F05-endless": (lambda: pours(b" " * 65536), "too_large"),
    "F05-length": (lambda: exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), "too_large"),
    "F05-chunks": (lambda: pours(b"10000\r\n" + b" " * 65536 + b"\r\n", _CHUNKED), "too_large"),
    "F06-headers": (lambda: pours(_HEADER, b"HTTP/1.1 200 OK\r\n"), "header_flood"),
    "F06-interim": (lambda: pours(b"HTTP/1.1 103 Early Hints\r\n" + _HEADER + b"\r\n", b""), "header_flood"),
    "F06-line": (lambda: pours(b"x" * 10_000, b"HTTP/1.1 200 OK\r\nX-Long: "), "connection_lost"),
}
_TOO_MUCH = (
    *(
        Scenario(name=name, build=_answers(script), code=code, state="broken", rows=0, long=name == "F06-line")
        for name, (script, code) in _BOMBS.items()
    ),
    Scenario(name="F05-sitemap-gz", build=_gz_sitemap, code="too_large", state="broken", rows=0),
    Scenario(name="F05-page", build=_bomb_page, rows=2),
)


# ------------------------------------------------------------------ F07: slow
def _slow_pages(site: Site) -> None:
    site.feed(feed(*(f"{site.base}/{number}" for number in range(20))))
    for number in range(20):
        site.page(f"/{number}", drips(0.5))


def _slow_robots(site: Site) -> None:
    site.feed(feed(f"{_OFF}/1"))
    site.page("/robots.txt", drips(0.5))


_SLOW_HEAD = b"HTTP/1.1 200 OK\r\nX-Slow: "
_SLOW_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
_SLOW = (
    Scenario(name="F07-robots", build=_slow_robots, code="robots_unreachable", state="robots", rows=0, long=True),
    Scenario(name="F07-pages", build=_slow_pages, rows=20, long=True),
    Scenario(name="F07-silent", build=_answers(lambda: silent), code="timeout", state="broken", rows=0, long=True),
    *(
        Scenario(name=f"F07-{place}-{number}", build=_answers(lambda head=head: drips(0.5, head)), code="timeout",
                 state="broken", rows=0, long=True)
        for place, head, count in (("head", _SLOW_HEAD, 3), ("body", _SLOW_BODY, 4))
        for number in range(1, count + 1)
    ),
)  # fmt: skip


# ------------------------------------------------------------------ F08: broken off
def _mended(site: Site) -> None:
    tries = itertools.count(1)

    def second_time(call: Call) -> None:
        call.reset() if next(tries) == 1 else call.answer(feed(f"{_OFF}/1"))

    site.feed(second_time)


_WHOLE = feed(f"{_OFF}/1").encode()
_BROKEN: dict[str, tuple[Callable[[], Script], str]] = {
    "F08-reset": (lambda: lambda call: call.reset(), "connection_lost"),
    "F08-short": (lambda: exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + _WHOLE), "truncated"),
    "F08-chunk": (lambda: exactly(_CHUNKED + b"5\r\n<rss>\r\n"), "truncated"),
    "F08-bad-chunk": (lambda: exactly(_CHUNKED + b"zz\r\n<rss>\r\n"), "truncated"),
    "F08-nonsense": (lambda: exactly(b"220 smtp.example.test ESMTP\r\n\r\n"), "http_error"),
    "F08-gzip": (_packed(lambda: gzip.compress(_WHOLE)[:-20], "gzip"), "truncated"),
}
# Passing trouble is tried twice more, some seconds apart: these are long for their waits.
_BROKEN_OFF = (
    *(
        Scenario(name=name, build=_answers(script), code=code, state="broken", rows=0, long=code != "http_error")
        for name, (script, code) in _BROKEN.items()
    ),
    Scenario(name="F08-mended", build=_mended, rows=1),
)


# ------------------------------------------------------------------ F09, F10: whom to believe
def _good_feed(site: Site) -> None:
    site.feed(feed(f"{site.base}/a"))
    site.page("/a", page())


def _given_up(site: Site) -> None:
    _good_feed(site)
    site.keys["verify_tls"] = False


def _marked(stored: Stored) -> None:
    assert all("unverified_transport" in article["flags"] for article in stored.articles)


_BELIEF = (
    Scenario(name="F09-good", build=_good_feed, tls="good", rows=1),
    *(
        Scenario(name=f"F09-{kind}", build=_good_feed, tls=kind, code="tls_error", state="broken", rows=0)
        for kind in ("expired", "other-host", "stranger", "old")
    ),
    Scenario(name="F09-plain", build=lambda site: site.keys.update(url=site.base.replace("http:", "https:") + "/feed"),
             code="tls_error", state="broken", rows=0),
    # An address of its own: giving up certificates goes by host, and never for one that a strict source owns too.
    Scenario(name="F09-given-up", build=_given_up, tls="stranger", address="127.0.0.3", rows=1, check=_marked),
    Scenario(name="F10-downgrade", tls="good", code="tls_downgrade", state="broken", rows=0,
             build=lambda site: (site.keys.update(kind="official"), site.feed(to("http://127.0.0.2/feed")))),
)  # fmt: skip


# ------------------------------------------------------------------ F11–F13, F15, F16: what servers ask of us
def _robots(script: Script) -> Callable[[Site], None]:
    def build(site: Site) -> None:
        site.feed(feed(f"{_OFF}/1"))
        site.page("/robots.txt", script)

    return build


_ROBOTS: dict[str, tuple[Script, str]] = {
    "F11-5xx": (says("oops", 500), "robots_unreachable"),
    "F11-reset": (lambda call: call.reset(), "robots_unreachable"),
    "F11-429": (says("slow down", 429), "robots_unreachable"),
    "F11-page": (says("<!doctype html><p>User-agent: *\nDisallow: /\n</p>"), ""),
    "F11-endless": (pours(b"# filler\n" * 1000), ""),
    "F12-all": (says("User-agent: *\nDisallow: /"), "robots_disallowed"),
    "F12-us": (says("User-agent: masthead\nDisallow: /\n\nUser-agent: *\nDisallow:"), "robots_disallowed"),
    "F12-others": (says("\ufeffUser-agent: *\nDisallow: /\n\nUser-agent: Masthead\nAllow: /"), ""),
    "F12-pattern": (says("User-agent: *\nDisallow: /*ee*$"), "robots_disallowed"),
}


def _unasked_304(site: Site) -> None:
    site.feed(says("", 304))


_ASKED = (
    *(
        Scenario(name=name, build=_robots(script), code=code, state="robots" if code else "ok", rows=0 if code else 1,
                 long=name in ("F11-5xx", "F11-reset"))
        for name, (script, code) in _ROBOTS.items()
    ),
    Scenario(name="F13-429", build=_answers(lambda: says("later", 429, Retry_After="120")), code="rate_limited",
             state="refused", rows=0),
    Scenario(name="F13-decade", build=_answers(lambda: says("later", 503, Retry_After="315360000")),
             code="unavailable", state="broken", rows=0),
    *(
        Scenario(name=f"F15-{status}", build=_answers(lambda status=status: says("no", status)), code="forbidden",
                 state="refused", rows=0)
        for status in (401, 403, 451)
    ),
    Scenario(name="F15-404", build=_answers(lambda: says("no", 404)), code="gone", state="broken", rows=0),
    Scenario(name="F16-unasked-304", build=_unasked_304, code="http_error", state="broken", rows=0),
)  # fmt: skip


# ------------------------------------------------------------------ F22: traps
def _calendar(site: Site) -> None:
    """A list page whose every page links to more pages: only what the list itself names is ever asked."""
    site.reads("listing", listing={"item": "a[href]"}, allow_links=["/day/"], max_items=20)
    more = "".join(f'<a href="/day/{number}">Meeting of the sellers number {number}</a> ' for number in range(3000))
    site.feed(f"<!doctype html><html><body>{more}</body></html>")
    site.page("*", f"<!doctype html><html><body>{more}{page()}</body></html>")


def _sessions(site: Site) -> None:
    link = f"{site.base}/a"
    site.feed(
        rss(
            item("Fees for storage rise in March", f"{link}?utm_source=a&amp;sessionid=1"),
            item("Fees for storage rise in March", f"{link}?utm_campaign=b&amp;PHPSESSID=2"),
            item("Fees for storage rise in March", f"{link};jsessionid=3#top"),
            item("A link that is too long", f"{site.base}/{'x' * 5000}"),
        )
    )
    site.page("*", page())


def _one_address(stored: Stored) -> None:
    assert sorted(str(article["canonical_url"]).rpartition("/")[2] for article in stored.articles) == ["None", "a"]
    assert ["bad_link" in article["flags"] for article in stored.articles if article["url"] is None] == [True]


_TRAPS = (
    Scenario(name="F22-calendar", build=_calendar, rows=20),
    Scenario(name="F22-sessions", build=_sessions, rows=2, check=_one_address),
)

FETCHING = (*_WHERE, *_TOO_MUCH, *_SLOW, *_BROKEN_OFF, *_BELIEF, *_ASKED, *_TRAPS)
