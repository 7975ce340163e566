"""A crawl against servers that mean harm. It may ask 127.0.0.2; whatever reaches 127.0.0.1 is a breach."""

from __future__ import annotations

import gzip
import time
import zlib
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from db.types import Source
from tests.hostile.child import Result, crawl
from tests.hostile.servers import (
    Call,
    Script,
    Server,
    drips,
    exactly,
    feed,
    page,
    pours,
    says,
    serving,
    silent,
    to,
)

ALLOWED = "127.0.0.2"


def source(name: str, url: str, **fields: Any) -> Source:
    fields = {"kind": "trade", "access": "feed", "allow_addresses": (f"{ALLOWED}/32",), **fields}
    return Source(id=name, name=name, language="en", url=url, **fields)


def codes(result: Result) -> dict[str, str]:
    return {name: run.code for name, run in result.runs.items()}


def good_server(pages: int = 3) -> Server:
    """A control: a feed with pages that must come out complete whatever the neighbours do."""
    server = Server(ALLOWED, {})
    server.paths["/feed"] = says(feed(*(f"{server.base}/a/{number}" for number in range(pages))), ETag='"v1"')
    server.paths |= {f"/a/{number}": says(page()) for number in range(pages)}
    return server


# ------------------------------------------------------------------ F01, F02, F03: where a request may go
SPELLINGS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0",
    "localhost", "LOCALHOST.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "user:pass@127.0.0.1", "１２７.０.０.１", "inside.test", "both.test",
]  # fmt: skip
NAMES = {
    "localhost": [["127.0.0.1", "::1"]],
    "inside.test": [["127.0.0.1"]],
    "both.test": [["169.254.169.254", "127.0.0.1"]],
}


def test_nothing_reaches_the_inside_in_any_spelling() -> None:
    canary, lure = Server("127.0.0.1", {"*": says(feed())}), Server(ALLOWED, {})
    sources = []
    for number, spelling in enumerate(SPELLINGS):
        inside = f"http://{spelling}:{canary.port}"
        lure.paths[f"/redirect/{number}"] = to(f"{inside}/redirect")
        lure.paths[f"/refresh/{number}"] = says(f'<meta http-equiv="refresh" content="0;url={inside}/refresh">')
        lure.paths[f"/links/{number}"] = says(feed(f"{inside}/link", f"{lure.base}/on/{number}"))
        lure.paths[f"/on/{number}"] = to(f"{inside}/article")
        lure.paths[f"/index/{number}"] = says(
            f"<sitemapindex><sitemap><loc>{inside}/part</loc></sitemap></sitemapindex>", Content_Type="application/xml"
        )
        hosts = (ALLOWED, spelling.rpartition("@")[2].strip("[]").lower().rstrip("."))
        sources += [
            source(f"start-{number}", f"{inside}/start", allow_addresses=()),
            source(f"redirect-{number}", f"{lure.base}/redirect/{number}"),
            source(f"refresh-{number}", f"{lure.base}/refresh/{number}"),
            source(f"links-{number}", f"{lure.base}/links/{number}", hosts=hosts),
            source(f"index-{number}", f"{lure.base}/index/{number}", access="sitemap", hosts=hosts),
        ]
    with serving(canary, lure):
        result = crawl(sources, names=NAMES)
        alone = crawl([one for one in sources if one.id.startswith("start-")], names=NAMES)
    assert canary.connections == 0
    assert len(result.runs) == len(sources), result.error
    for number, spelling in enumerate(SPELLINGS):
        if "@" not in spelling and spelling[0] != "１":  # these two are no addresses a catalogue would take
            assert result.code(f"start-{number}") == "blocked_address", spelling
            assert alone.code(f"start-{number}") == "blocked_address", spelling
        assert result.code(f"redirect-{number}") == "blocked_address", spelling
        assert result.code(f"refresh-{number}") in ("not_a_feed", "empty_body"), spelling
        assert result.runs[f"links-{number}"].new == 2, spelling  # kept with the feed's own text
        assert result.code(f"index-{number}") == "too_few_items", spelling
    assert all(raw.body is None for raw in result.articles)


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    canary, server = Server("127.0.0.1", {"*": says(feed())}), good_server()
    changing = Server(ALLOWED, {"/feed": says(feed()), "/robots.txt": lambda call: call.reset()})
    names = {
        "rebind.test": [[ALLOWED], ["127.0.0.1"]],  # good for robots.txt, another one for the feed
        "mixed.test": [["127.0.0.1", ALLOWED]],
    }
    sources = [
        source("rebind", f"http://rebind.test:{changing.port}/feed", expect=None or source("x", "http://h/").expect),
        source("mixed", f"http://mixed.test:{server.port}/feed", hosts=("mixed.test",)),
    ]
    with serving(canary, server, changing):
        result = crawl(sources, names=names)
    assert canary.connections == 0
    assert result.code("rebind") == "blocked_address"
    assert result.code("mixed") == ""


def test_one_source_s_intranet_is_closed_to_the_others() -> None:
    intranet = good_server()
    lure = Server("127.0.0.3", {"/go": to(f"{intranet.base}/feed"), "/feed": says(feed(f"{intranet.base}/a/0"))})
    sources = [
        source("own", f"{intranet.base}/feed"),
        source("redirected", f"{lure.base}/go", allow_addresses=("127.0.0.3/32",)),
        source("linked", f"{lure.base}/feed", allow_addresses=("127.0.0.3/32",)),
    ]
    claimant = source("claims", f"{lure.base}/feed", allow_addresses=("127.0.0.3/32",), hosts=("127.0.0.3", ALLOWED))
    with serving(intranet, lure):
        result = crawl(sources)
        claimed = crawl([sources[0], claimant])
    assert codes(result) == {"own": "", "redirected": "blocked_address", "linked": ""}
    assert [raw.body for raw in result.articles if raw.source.id == "linked"] == [None]
    assert codes(claimed) == {"own": "", "claims": ""}
    assert [raw.body for raw in claimed.articles if raw.source.id == "claims"] == [None]  # naming a host opens nothing
    assert intranet.asked("/a/0") == 2  # of "own", in both runs


def test_redirects_that_are_not_followed() -> None:
    server = good_server()
    chain = {f"/chain/{number}": to(f"/chain/{number + 1}") for number in range(20)}
    ways = {
        "file": to("file:///etc/passwd"), "data": to("data:text/xml,<rss/>"), "ftp": to("ftp://127.0.0.2/x"),
        "script": to("javascript:1"), "empty": to(""), "loop": to("/loop"), "linkedin": to("https://lnkd.in/x"),
        "linkedin-port": to("https://news@WWW.LinkedIn.com.:8443/feed"), "moved": to("http://127.0.0.9/feed", 301),
    }  # fmt: skip
    server.paths |= {f"/{name}": script for name, script in ways.items()} | chain
    server.paths["/five"] = to("/chain/17")
    server.paths["/chain/20"] = server.paths["/feed"]
    sources = [source(name, f"{server.base}/{name}") for name in [*ways, "chain/0", "five"]]
    sources.append(source("denied", "https://www.linkedin.com/feed"))
    with serving(server):
        result = crawl(sources)
    bad_scheme = dict.fromkeys(["file", "data", "ftp", "script"], "bad_scheme")
    assert codes(result) == {
        **bad_scheme, "empty": "http_error", "loop": "too_many_redirects", "chain/0": "too_many_redirects", "five": "",
        "linkedin": "blocked_host", "linkedin-port": "blocked_host", "denied": "blocked_host", "moved": "moved",
    }  # fmt: skip
    assert server.asked("/loop") == 6
    assert result.memory.sources["moved"].moved_to == "http://127.0.0.9/feed"
    assert "chain/5" in result.fetches["chain/0"][-1].url  # the way it went stands in the record


# ------------------------------------------------------------------ F05, F06: too much
ZEROS = b"\0" * 200_000_000


def packed(data: bytes, encoding: str) -> Script:
    return says(data, Content_Encoding=encoding, Content_Type="application/xml")


@pytest.mark.slow
def test_bombs_do_not_grow_the_process() -> None:
    server, control = Server(ALLOWED, {}), good_server()
    once = gzip.compress(ZEROS, 9)
    scripts = {
        "gzip": (packed(once, "gzip"), "too_large"),
        "deflate": (packed(zlib.compress(ZEROS, 9), "deflate"), "too_large"),
        "double": (packed(gzip.compress(gzip.compress(ZEROS, 9), 9), "gzip, gzip"), "too_large"),
        "brotli": (packed(b"\xcf\xff\xff\x7f\xf8" + b"\0" * 1000, "br"), "bad_encoding"),
        "zstd": (packed(b"\x28\xb5\x2f\xfd" + b"\0" * 1000, "zstd"), "bad_encoding"),
        "endless": (pours(b" " * 65536), "too_large"),
        "said": (exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), "too_large"),
        "chunks": (
            pours(b"10000\r\n" + b" " * 65536 + b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "too_large",
        ),
    }
    server.paths |= {f"/{name}": script for name, (script, _) in scripts.items()}
    server.paths["/file.xml.gz"] = says(once, Content_Type="application/gzip")
    sources = [source(name, f"{server.base}/{name}") for name in scripts]
    sources += [
        source("file", f"{server.base}/file.xml.gz", access="sitemap"),
        source("control", f"{control.base}/feed"),
    ]
    with serving(server, control):
        result = crawl(sources, delay_seconds=0)
    assert codes(result) == {**{name: code for name, (_, code) in scripts.items()}, "file": "too_large", "control": ""}
    assert result.runs["control"].new == 3
    assert result.max_rss_mib - result.start_rss_mib < 100


def unhurried(body: bytes) -> Script:
    """In pieces, so that many such answers are on their way at once."""

    def script(call: Call) -> None:
        call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 100_000):
            call.send(body[start : start + 100_000])
            time.sleep(0.02)

    return script


@pytest.mark.slow
def test_many_large_answers_wait_for_each_other() -> None:
    """Nobody is refused: each is an honest feed of 9 MB, and twenty-four at once take more than 216."""
    server = Server(ALLOWED, {})
    padding = f"<!--{' ' * 90_000}-->" * 100
    body = feed(f"{server.base}/a").replace("</channel>", f"{padding}</channel>").encode()
    sources = []
    for number in range(24):
        server.paths[f"/{number}"] = unhurried(body)
        sources.append(source(f"large-{number}", f"{server.base}/{number}", fetch_articles=False))
    with serving(server):
        result = crawl(sources, delay_seconds=0)
    assert set(codes(result).values()) == {""}
    assert result.max_rss_mib - result.start_rss_mib < 150


def test_floods_of_headers_end_early() -> None:
    server = Server(ALLOWED, {})
    line = b"X-Flood: " + b"x" * 1000 + b"\r\n"
    server.paths["/many"] = pours(line, b"HTTP/1.1 200 OK\r\n")
    server.paths["/interim"] = pours(b"HTTP/1.1 103 Early Hints\r\n" + line + b"\r\n", b"")
    server.paths["/long"] = pours(b"x" * 10_000, b"HTTP/1.1 200 OK\r\nX-Long: ")
    sources = [source(name, f"{server.base}/{name}") for name in ("many", "interim", "long")]
    with serving(server):
        result = crawl(sources)
    assert codes(result) == {"many": "header_flood", "interim": "header_flood", "long": "connection_lost"}
    assert result.max_rss_mib - result.start_rss_mib < 40


# ------------------------------------------------------------------ F07, F08: slow and broken
def test_slow_servers_meet_a_wall() -> None:
    control = good_server()
    server = Server(
        ALLOWED,
        {
            "/body": drips(head=b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
            "/head": drips(head=b"HTTP/1.1 200 OK\r\nX-Slow: "),
            "/silent": silent,
        },
    )
    robots = Server(ALLOWED, {"/robots.txt": silent})
    sources = [source(name, f"{server.base}/{name}") for name in ("body", "head", "silent")]
    sources += [source("robots", f"{robots.base}/feed"), source("control", f"{control.base}/feed")]
    with serving(server, robots, control):
        result = crawl(sources, request_seconds=1)
    assert codes(result) == {
        "body": "timeout", "head": "timeout", "silent": "timeout", "robots": "robots_unreachable", "control": "",
    }  # fmt: skip
    assert result.runs["control"].new == 3
    assert min(result.done_at, key=lambda name: result.done_at[name]) == "control"


def test_a_source_has_a_deadline_and_keeps_what_it_finished() -> None:
    server = good_server(4)
    server.paths["/a/2"] = silent
    server.paths["/a/3"] = silent
    with serving(server):
        result = crawl([source("slow", f"{server.base}/feed")], source_seconds=0.7, request_seconds=20)
    assert result.code("slow") == "source_deadline"
    assert sorted(result.titles("slow")) == ["Story 1", "Story 2"]
    assert result.memory.sources["slow"].etag == ""  # the rest is for next time: no "unchanged" then


def test_broken_answers_are_not_taken_for_whole_ones() -> None:
    tries: dict[str, int] = {}

    def second_time(call: Call) -> None:
        tries[call.path] = tries.get(call.path, 0) + 1
        call.reset() if tries[call.path] == 1 else call.answer(whole)

    whole = feed("https://elsewhere.example/1")
    body = whole.encode()
    scripts = {
        "reset": (lambda call: call.reset(), "connection_lost"),
        "short": (exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + body), "truncated"),
        "chunk": (exactly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"), "truncated"),
        "bad-chunk": (exactly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n"), "truncated"),
        "nonsense": (exactly(b"220 smtp.example.test ESMTP\r\n\r\n"), "http_error"),
        "nothing": (exactly(b""), "connection_lost"),
        "gzip": (packed(gzip.compress(body)[:-20], "gzip"), "truncated"),
        "mended": (second_time, ""),
    }
    server = Server(ALLOWED, {f"/{name}": script for name, (script, _) in scripts.items()})
    with serving(server):
        result = crawl([source(name, f"{server.base}/{name}") for name in scripts])
    assert codes(result) == {name: code for name, (_, code) in scripts.items()}
    assert server.asked("/short") == 3  # passing trouble is tried twice more
    assert server.asked("/nonsense") == 1
    assert result.runs["mended"].new == 1


# ------------------------------------------------------------------ F13, F15, F16: what servers ask of us
def test_retry_after_outlives_the_run() -> None:
    server = Server(
        ALLOWED,
        {
            "/now": says(feed("https://elsewhere.example/1")),
            "/later": says("later", 429, Retry_After="120"),
        },
    )
    decade = Server(ALLOWED, {"*": says("later", 503, Retry_After="315360000")})
    first = [source("later", f"{server.base}/later"), source("decade", f"{decade.base}/feed")]
    with serving(server, decade):
        one = crawl(first)
        asked = len(server.calls), len(decade.calls)
        two = crawl([*first, source("neighbour", f"{server.base}/now")], memory=one.memory, later=timedelta(seconds=60))
        assert (len(server.calls), len(decade.calls)) == asked  # left alone
        server.paths["/later"] = says(feed("https://elsewhere.example/2"))
        three = crawl(first, memory=two.memory, later=timedelta(seconds=150))
        four = crawl(first, memory=three.memory, later=timedelta(hours=25))
    assert codes(one) == {"later": "rate_limited", "decade": "robots_unreachable"}
    assert codes(two) == {"later": "retry_later", "decade": "retry_later", "neighbour": "retry_later"}
    assert two.runs["later"].state == "refused"  # nothing was learned: it stays what it was
    assert two.memory.sources["later"].fails == one.memory.sources["later"].fails
    assert codes(three) == {"later": "", "decade": "retry_later"}
    assert four.code("decade") == "robots_unreachable"  # a day is the longest


def test_refusals_by_status() -> None:
    server = Server(ALLOWED, {f"/{status}": says("no", status) for status in (401, 403, 451, 404, 410, 418, 500)})
    with serving(server):
        result = crawl([source(str(status)[1:], f"{server.base}{status}") for status in sorted(server.paths)])
    assert codes(result) == {
        "401": "forbidden", "403": "forbidden", "451": "forbidden", "404": "gone", "410": "gone", "418": "http_error",
        "500": "unavailable",
    }  # fmt: skip
    assert {name: run.state for name, run in result.runs.items() if run.state != "broken"} == dict.fromkeys(
        ["401", "403", "451"], "refused"
    )
    assert server.asked("/403") == 1
    assert server.asked("/500") == 3


def test_unchanged_is_believed_only_after_a_good_answer() -> None:
    behaviour = {"status": 200}
    content = [feed("https://elsewhere.example/1")]

    def script(call: Call) -> None:
        if behaviour["status"] != 200:
            call.answer("broken", behaviour["status"])
        elif call.headers.get("if-none-match") == '"same"':
            call.answer("", 304, {"ETag": '"same"'})
        else:
            call.answer(content[0], 200, {"ETag": '"same"'})  # a lying ETag: it never changes

    server = Server(ALLOWED, {"/feed": script})
    one = [source("liar", f"{server.base}/feed")]

    def asks_conditionally() -> bool:
        return "if-none-match" in server.calls[-1][1].headers

    with serving(server):
        first = crawl(one)
        second = crawl(one, memory=first.memory)
        assert asks_conditionally()
        assert (second.code("liar"), second.runs["liar"].new, second.runs["liar"].same) == ("", 0, 1)
        behaviour["status"] = 410
        failed = crawl(one, memory=second.memory)
        assert failed.memory.sources["liar"].fails == 1
        behaviour["status"] = 200
        healed = crawl(one, memory=failed.memory)
        assert not asks_conditionally()
        assert (healed.memory.sources["liar"].fails, healed.memory.sources["liar"].state) == (0, "quiet")
        content[0] = feed("https://elsewhere.example/2")
        believed = crawl(one, memory=healed.memory, later=timedelta(days=6))
        assert believed.runs["liar"].new == 0
        weekly = crawl(one, memory=believed.memory, later=timedelta(days=7, minutes=1))
    assert not asks_conditionally()
    assert weekly.runs["liar"].new == 1


# ------------------------------------------------------------------ F11, F12: robots.txt
def test_robots_files_of_all_kinds() -> None:
    content = says(feed("https://elsewhere.example/1"))

    def site(robots: Script | None, **paths: Script) -> Server:
        return Server(ALLOWED, {"/feed": content, **({} if robots is None else {"/robots.txt": robots}), **paths})

    long = b"User-agent: *\nDisallow: /nothing\n" + b"# filler\n" * 70_000
    sites = {
        "none": (site(None), ""),
        "forbidden": (site(says("no", 403)), ""),
        "broken": (site(says("oops", 500)), "robots_unreachable"),
        "lost": (site(lambda call: call.reset()), "robots_unreachable"),
        "limited": (site(says("slow down", 429)), "robots_unreachable"),
        "page": (site(says("<!doctype html><html><p>User-agent: *\nDisallow: /\n</p></html>")), ""),
        "long": (site(says(long + b"Disallow: /\n", Content_Type="text/plain")), ""),
        "endless": (site(pours(b"# filler\n" * 1000)), ""),
        "endless-zip": (site(packed(gzip.compress(long * 20), "gzip")), ""),
        "all": (site(says("User-agent: *\nDisallow: /")), "robots_disallowed"),
        "us": (site(says("User-agent: masthead\nDisallow: /\n\nUser-agent: *\nDisallow:")), "robots_disallowed"),
        "others": (site(says("\ufeffUser-agent: *\nDisallow: /\n\nUser-agent: Masthead\nAllow: /")), ""),
        "pattern": (site(says("User-agent: *\nDisallow: /*ee*$")), "robots_disallowed"),
        "redirect": (site(to("/moved.txt"), **{"/moved.txt": says("User-agent: *\nDisallow: /")}), "robots_disallowed"),
        "loop": (site(to("/robots.txt")), ""),
    }
    sources = [source(name, f"{server.base}/feed") for name, (server, _) in sites.items()]
    with serving(*(server for server, _ in sites.values())):
        result = crawl(sources)
        assert codes(result) == {name: code for name, (_, code) in sites.items()}
        for name, (server, code) in sites.items():
            assert server.asked("/feed") == (0 if code else 1), name
        assert {result.runs[name].state for name, (_, code) in sites.items() if code} == {"robots"}

        asked = {name: server.asked("/robots.txt") for name, (server, _) in sites.items()}
        again = crawl(sources, memory=result.memory, later=timedelta(minutes=50))
        assert {name: server.asked("/robots.txt") for name, (server, _) in sites.items()} == asked  # remembered
        assert again.code("broken") == "robots_unreachable"
        sites["broken"][0].paths["/robots.txt"] = says("User-agent: *\nDisallow:")
        healed = crawl(sources, memory=result.memory, later=timedelta(minutes=65))
        assert healed.code("broken") == ""
        assert sites["all"][0].asked("/robots.txt") == 1  # good for a day
        crawl(sources, memory=result.memory, later=timedelta(hours=25))
        assert sites["all"][0].asked("/robots.txt") == 2


@pytest.mark.slow
def test_delays_hold_per_host_and_port_across_sources() -> None:
    server, other = good_server(2), good_server(2)
    server.paths["/second"] = server.paths["/feed"]
    other.paths["/robots.txt"] = says("User-agent: *\nCrawl-delay: 0.5\n")
    sources = [
        source("first", f"{server.base}/feed"),
        source("second", f"{server.base}/second"),
        source("slow", f"{other.base}/feed"),
    ]
    with serving(server, other):
        result = crawl(sources, delay_seconds=0.2)
    for host, delay in ((server, 0.2), (other, 0.5)):
        times = sorted(at for at, _ in host.calls)
        gaps = [after - before for before, after in pairwise(times[1:])]  # the first is robots.txt
        assert min(gaps) > delay - 0.03
        assert host.busiest == 1
    assert server.asked("/robots.txt") == 1
    assert result.runs["first"].new == result.runs["second"].new == result.runs["slow"].new == 2


# ------------------------------------------------------------------ F17, F20, F21: secrets and the network
def test_secrets_do_not_travel_or_show() -> None:
    seen: list[Call] = []
    secret = "canary-7f3a9"

    def look(call: Call) -> None:
        seen.append(call)
        call.answer(feed("https://elsewhere.example/1"), 200, {"Set-Cookie": f"id={secret}", "ETag": f'"{secret}"'})

    elsewhere = Server("127.0.0.3", {"/feed": look})
    server = Server(ALLOWED, {"/feed": to(f"{elsewhere.base}/feed?api_key={secret}"), "/again": look, "/gone": look})
    server.paths["/gone"] = says("", 403)
    networks = (f"{ALLOWED}/32", "127.0.0.3/32")
    sources = [
        source("moves", f"{server.base}/feed?api_key={secret}", allow_addresses=networks, hosts=(ALLOWED, "127.0.0.3")),
        source("stays", f"{server.base}/again?token={secret}"),
        source("fails", f"{server.base}/gone?access_key={secret}"),
    ]
    with serving(server, elsewhere):
        one = crawl(sources)
        two = crawl(sources, memory=one.memory)
    names = {name for call in seen for name in call.headers}
    assert names <= {"user-agent", "accept", "accept-language", "accept-encoding", "host", "if-none-match"}
    assert not any("if-none-match" in call.headers for call in seen if call.path.startswith("/feed"))
    assert two.code("fails") == "forbidden"
    for result in (one, two):
        assert secret not in result.log
        assert secret not in repr(result.fetches)
        assert secret not in repr(result.runs)


def test_names_that_are_unknown_or_slow() -> None:
    control = good_server()
    sources = [
        source("unknown", "http://nowhere.test/feed"),
        source("slow", "http://slow.test/feed"),
        source("label", f"http://{'a' * 70}.test/feed"),
        source("control", f"{control.base}/feed"),
    ]
    with serving(control):
        result = crawl(sources, names={"slow.test": [["hang"]]}, dns_seconds=0.3)
    assert codes(result) == {"unknown": "dns_error", "slow": "dns_error", "label": "dns_error", "control": ""}


def test_a_machine_without_a_network_is_said_so_once() -> None:
    sources = [source(f"s{number}", f"http://s{number}.test/feed") for number in range(4)]
    refused = Server(ALLOWED, {})
    refused.close()
    sources.append(source("refused", f"{refused.base}/feed"))
    result = crawl(sources, names={})
    assert set(codes(result).values()) == {"network_down"}
    memory = result.memory.sources["s0"]
    assert (memory.state, memory.fails, memory.last_good_at) == ("broken", 0.25, None)
    assert result.memory.robots_files == {}  # nothing stands in the way when the network is back

    alone = crawl(sources[:1], names={})
    assert alone.code("s0") == "dns_error"


# ------------------------------------------------------------------ F14: 200, and yet no content
def test_pages_that_are_no_content_are_failures() -> None:
    challenge = (
        "<html><head><title>Just a moment...</title></head><body><div id='challenge-form'>Checking your browser before"
        " accessing this site.</div><script>window._cf_chl_opt={}</script></body></html>"
    )
    server = Server(
        ALLOWED,
        {
            "/challenge": says(challenge),
            "/empty": says(""),
            "/shell": says("<!doctype html><html><body><p>Our feed has been retired. Thank you.</p></body></html>"),
            "/none": says(feed()),
        },
    )
    with serving(server):
        result = crawl([source(path[1:], f"{server.base}{path}") for path in server.paths])
    assert codes(result) == {
        "challenge": "challenge_page", "empty": "empty_body", "shell": "not_a_feed", "none": "too_few_items"
    }  # fmt: skip
    assert {name: run.state for name, run in result.runs.items()} == {
        "challenge": "refused", "empty": "broken", "shell": "broken", "none": "drift"
    }  # fmt: skip
    assert result.memory.sources["challenge"].body_hash == ""  # the same page tomorrow is no "unchanged"


# ------------------------------------------------------------------ F23: everything at once
@pytest.mark.slow
def test_bad_neighbours_cost_the_good_ones_nothing() -> None:
    controls = [good_server(5) for _ in range(5)]
    evil = Server(
        ALLOWED,
        {
            "/robots.txt": says("User-agent: *\nAllow: /"),
            "/reset": lambda call: call.reset(),
            "/drip": drips(),
            "/flood": pours(b"X-F: " + b"x" * 900 + b"\r\n", b"HTTP/1.1 200 OK\r\n"),
            "/bomb": packed(gzip.compress(ZEROS[:50_000_000]), "gzip"),
            "/endless": pours(b" " * 65536),
            "/loop": to("/loop"),
            "/inside": to("http://169.254.169.254/latest/meta-data"),
            "/forbidden": says("", 403),
            "/broken": says("", 500),
            "/xml": says("<rss><channel><item>", Content_Type="application/xml"),
            "/silent": silent,
        },
    )
    sources = [source(f"control-{number}", f"{server.base}/feed") for number, server in enumerate(controls)]
    bad = [source(path[1:], f"{evil.base}{path}") for path in evil.paths if path != "/robots.txt"]
    bug = source("bug", f"{controls[0].base}/feed", access="mailbox")  # nothing reads that here: a bug of ours
    with serving(evil, *controls):
        alone = crawl(sources)
        crowd = crawl([*bad, *sources, bug], request_seconds=2)
    for number in range(len(controls)):
        name = f"control-{number}"
        assert sorted(crowd.titles(name)) == sorted(alone.titles(name))
        assert (crowd.runs[name].code, crowd.runs[name].new) == ("", 5)
    assert crowd.code("bug") == "source_bug"
    assert "Traceback" in crowd.log
    assert all(crowd.code(one.id) for one in bad)
    assert crowd.done_at["control-4"] < min(crowd.done_at["silent"], crowd.done_at["drip"])
