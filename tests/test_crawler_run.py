"""What a crawl does with good servers: what is asked, what is handed on, what is remembered, how it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from crawler.health import recovered
from db.types import ApiHints, Expect, Source
from tests.hostile.child import Remembered, Result, crawl
from tests.hostile.servers import Call, Server, feed, page, says, serving, silent, to

HERE = "127.0.0.2"


def source(name: str, url: str, **fields: Any) -> Source:
    fields = {"kind": "trade", "access": "feed", "allow_addresses": (f"{HERE}/32",), **fields}
    return Source(id=name, name=name, language="en", url=url, **fields)


def site(pages: int = 3) -> Server:
    server = Server(HERE, {})
    server.paths["/feed"] = says(feed(*(f"{server.base}/a/{number}?utm_source=rss" for number in range(pages))))
    server.paths |= {f"/a/{number}": says(page()) for number in range(pages)}
    return server


def pages_asked(server: Server) -> int:
    return sum(call.path.startswith("/a/") for _, call in server.calls)


def test_a_second_crawl_of_an_unchanged_world_asks_for_nothing_but_the_feed() -> None:
    server = site()
    one = [source("one", f"{server.base}/feed")]
    with serving(server):
        first = crawl(one)
        second = crawl(one, memory=first.memory)
        third = crawl(one, memory=second.memory, full=True)
    assert (first.runs["one"].new, first.runs["one"].requests) == (3, 5)  # robots.txt, the feed, three pages
    assert {raw.content_type for raw in first.articles} == {"text/html; charset=utf-8"}
    assert all(raw.body and raw.url and raw.entry.title for raw in first.articles)
    assert (second.runs["one"].requests, second.runs["one"].same, second.articles) == (1, 3, [])
    assert (third.runs["one"].requests, third.runs["one"].same, third.articles) == (1, 3, [])  # read again, known
    assert pages_asked(server) == 3


def test_a_changed_entry_is_read_again() -> None:
    server = site(2)
    one = [source("one", f"{server.base}/feed")]
    with serving(server):
        first = crawl(one)
        server.paths["/feed"] = says(feed(f"{server.base}/a/0", f"{server.base}/a/1", title="Corrected"))
        second = crawl(one, memory=first.memory)
    assert second.runs["one"].changed == 2
    assert pages_asked(server) == 4


def test_pages_that_can_not_be_read_are_tried_three_times_then_the_feed_has_to_do() -> None:
    server = site(2)
    server.paths["/a/1"] = says("", 503)
    one, memory, asked = [source("one", f"{server.base}/feed")], Remembered(), []
    with serving(server):
        for _ in range(4):
            result = crawl(one, memory=memory)
            memory = result.memory
            asked.append(server.asked("/a/1?utm_source=rss"))
            if len(asked) < 4:
                raw = result.articles[-1]
                assert (raw.body, raw.entry.flags, raw.entry.title) == (None, ("page_unread",), "Story 2")
                assert result.runs["one"].failed == 1
    assert asked == [3, 6, 9, 9]  # three requests each time, and then no more
    assert server.asked("/a/0?utm_source=rss") == 1


def test_what_is_not_ours_to_fetch_keeps_the_feed_s_text() -> None:
    server, other = site(0), Server("127.0.0.3", {"*": says(page())})
    links = [f"{other.base}/elsewhere", f"{server.base}/away", f"{server.base}/private/1", f"{server.base}/gone"]
    server.paths |= {
        "/feed": says(feed(*links)),
        "/away": to(f"{other.base}/away"),
        "/robots.txt": says("User-agent: *\nDisallow: /private/"),
    }
    networks = (f"{HERE}/32", "127.0.0.3/32")
    with serving(server, other):
        first = crawl([source("one", f"{server.base}/feed", allow_addresses=networks)])
        again = crawl([source("one", f"{server.base}/feed", allow_addresses=networks)], memory=first.memory, full=True)
    assert {raw.entry.title: raw.entry.flags for raw in first.articles} == {
        "Story 1": ("offsite_link",), "Story 2": ("offsite_redirect",), "Story 3": ("page_unread",),
        "Story 4": ("page_unread",),
    }  # fmt: skip
    assert all(raw.body is None for raw in first.articles)
    assert other.calls == []
    assert server.asked("/private/1") == 0
    assert again.articles == []  # none of these will be there next time either


def test_a_source_whose_pages_all_fail_is_not_asked_for_each() -> None:
    server = site(30)
    server.paths |= {f"/a/{number}": says("no", 403) for number in range(30)}
    with serving(server):
        result = crawl([source("one", f"{server.base}/feed", delay_seconds=0.01)])
    assert pages_asked(server) <= 3 + 8
    assert result.runs["one"].new == 30
    assert result.runs["one"].state == "ok"


def test_feeds_alone_where_pages_are_not_wanted() -> None:
    server = site()
    with serving(server):
        by_source = crawl([source("one", f"{server.base}/feed", fetch_articles=False)])
        by_job = crawl([source("one", f"{server.base}/feed")], fetch_articles=False)
    assert by_source.runs["one"].new == by_job.runs["one"].new == 3
    assert all(raw.body is None and not raw.entry.flags and raw.fingerprint for raw in by_source.articles)
    assert pages_asked(server) == 0


def test_old_items_and_too_many_are_left_out() -> None:
    server = site(0)
    now = datetime.now(UTC)
    server.paths["/old"] = says(feed(*(f"https://e.example/{n}" for n in range(20)), at=now - timedelta(hours=39)))
    server.paths["/many"] = says(feed(*(f"https://e.example/{n}" for n in range(20))))
    sources = [
        source("old", f"{server.base}/old", expect=Expect(max_age_days=2)),
        source("many", f"{server.base}/many", max_items=5),
    ]
    with serving(server):
        result = crawl(sources)
        since = crawl(sources, since=now - timedelta(hours=41, minutes=30))
    assert (result.runs["old"].new, result.runs["old"].entries) == (8, 20)
    assert "too_old 12" in result.runs["old"].detail
    assert sorted(result.titles("many")) == [f"Story {number}" for number in range(1, 6)]
    assert since.runs["old"].new == 2


def test_a_site_that_invents_addresses_is_followed_only_so_far() -> None:
    server = site(0)
    turn = iter(range(10**6))

    def invents(call: Call) -> None:
        call.answer(feed(*(f"https://e.example/{next(turn)}" for _ in range(400))))

    server.paths["/feed"] = invents
    one = [source("one", f"{server.base}/feed", expect=Expect(max_age_days=60))]
    with serving(server):
        first = crawl(one)
        second = crawl(one, memory=first.memory)
    assert first.runs["one"].new == 400  # the first visit takes what there is
    assert (second.runs["one"].new, second.runs["one"].state) == (300, "ok")
    assert "too_many_new 100" in second.runs["one"].detail
    assert second.memory.sources["one"].body_hash == ""  # the rest is for next time


def test_too_few_entries_are_a_failure_and_kept_all_the_same() -> None:
    server = site(2)
    urlset = f"<urlset><url><loc>{server.base}/a/1</loc></url></urlset>"
    server.paths |= {
        "/index": says(f"<sitemapindex><sitemap><loc>{server.base}/part</loc></sitemap></sitemapindex>"),
        "/part": says(urlset),
    }
    sources = [
        source("feed", f"{server.base}/feed", expect=Expect(min_items=5)),
        source("index", f"{server.base}/index", access="sitemap", expect=Expect(min_items=5)),
    ]
    with serving(server):
        result = crawl(sources)
        server.paths["/feed"] = says(feed(*(f"{server.base}/a/{number}" for number in range(6))))
        healed = crawl(sources[:1], memory=result.memory)
    assert {name: (run.code, run.state, run.new, run.entries) for name, run in result.runs.items()} == {
        "feed": ("too_few_items", "drift", 2, 2), "index": ("too_few_items", "drift", 1, 1)
    }  # fmt: skip
    assert (healed.runs["feed"].was, healed.runs["feed"].state) == ("drift", "ok")
    assert recovered(healed.runs["feed"])
    assert not recovered(result.runs["feed"])


def test_each_answer_is_shown_as_it_came() -> None:
    server = site(1)
    wall = "<title>Just a moment...</title><p>Checking your browser before accessing this site.</p>"
    server.paths["/wall"] = says(wall)
    with serving(server):
        result = crawl([source("one", f"{server.base}/feed"), source("wall", f"{server.base}/wall")])
    assert {name: answer.body for name, answer in result.answers.items()}.keys() == {"one", "wall"}
    assert (result.code("wall"), result.answers["wall"].body.decode()) == ("challenge_page", wall)


def test_a_crawl_has_a_time_and_says_which_sources_it_did_not_reach() -> None:
    server, slow = site(1), Server(HERE, {"/feed": silent})
    sources = [
        source("slow", f"{slow.base}/feed"),
        source("good", f"{server.base}/feed"),
        source("late", f"{server.base}/feed?late"),
    ]
    with serving(server, slow):
        result = crawl(sources, run_seconds=0.8, at_once=1)
        both = crawl(sources, run_seconds=0.8, memory=result.memory)
    assert {name: run.code for name, run in result.runs.items()} == dict.fromkeys(
        ["slow", "good", "late"], "run_deadline"
    )
    assert server.asked("/feed?late") == 1  # in the second crawl alone: nothing is begun that can not end
    assert {name: run.code for name, run in both.runs.items()} == {"slow": "run_deadline", "good": "", "late": ""}
    assert result.memory.sources["late"].fails == 0.25


def test_other_ways_of_reading() -> None:
    server = site(2)
    urlset = "".join(f"<url><loc>{server.base}/a/{n}</loc><lastmod>2024-08-08</lastmod></url>" for n in range(2))
    asked: list[Call] = []

    def api(call: Call) -> None:
        asked.append(call)
        call.answer(
            json.dumps({"data": [{"t": "Fees rise", "u": f"{server.base}/a/0"}]}),
            200,
            {"Content-Type": "application/json"},
        )

    day = datetime.now(UTC).date().isoformat()
    server.paths |= {
        "/map": says(f"<sitemapindex><sitemap><loc>{server.base}/part</loc></sitemap></sitemapindex>"),
        "/part": says(f"<urlset>{urlset}</urlset>"),
        "/api": api,
        "/watched": says(page("Fee schedule: 15 % for all sellers.")),
        f"/day/{day}": says(feed(f"{server.base}/a/1")),
    }
    hints = ApiHints(items="data", fields={"title": "t", "url": "u"}, method="POST", body='{"day": "{today}"}')
    sources = [
        source("map", f"{server.base}/map", access="sitemap"),
        source("api", f"{server.base}/api", access="api", api=hints),
        source("watched", f"{server.base}/watched", access="page"),
        source("day", f"{server.base}/day/{{today}}"),
    ]
    with serving(server):
        first = crawl(sources)
        server.paths["/watched"] = says(page("Fee schedule: 17 % for all sellers."))
        second = crawl(sources, memory=first.memory)
    assert {name: (run.code, run.new) for name, run in first.runs.items()} == {
        "map": ("", 2), "api": ("", 1), "watched": ("", 1), "day": ("", 1)
    }  # fmt: skip
    assert (asked[0].method, json.loads(asked[0].body)) == ("POST", {"day": day})
    assert server.asked("/watched") == 2  # the page is the article: it is not fetched again
    assert {name: run.changed for name, run in second.runs.items()} == {"map": 0, "api": 0, "watched": 1, "day": 0}
    watched = [raw for raw in second.articles if raw.source.id == "watched"]
    assert b"17 %" in (watched[0].body or b"")


# ------------------------------------------------------------------ the end
def wait_for_pages(server: Server, count: int) -> None:
    deadline = time.monotonic() + 60
    while pages_asked(server) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_signal_ends_the_run_and_keeps_what_is_finished() -> None:
    server = site(40)

    def interrupt(pid: int) -> None:
        wait_for_pages(server, 6)
        os.kill(pid, signal.SIGTERM)

    sources = [source(f"s{number}", f"{server.base}/feed?{number}") for number in range(3)]
    with serving(server):
        result = crawl(sources, during=interrupt, delay_seconds=0.03, slow_seconds=0.02)
    assert result.interrupted
    assert 0 < len(result.articles) < 100
    assert sum(run.new for run in result.runs.values()) == len(result.articles)
    assert all(memory.etag == "" and memory.body_hash == "" for memory in result.memory.sources.values())


def test_the_grace_after_a_signal_is_short() -> None:
    server = site(1)
    server.paths["/a/0"] = silent

    def interrupt(pid: int) -> None:
        wait_for_pages(server, 1)
        os.kill(pid, signal.SIGINT)

    with serving(server):
        result = crawl([source("one", f"{server.base}/feed")], during=interrupt, grace_seconds=0.3)
    assert result.interrupted
    assert result.runs == {}  # not seen to the end: nothing is said of it


def test_a_store_that_fails_ends_the_run() -> None:
    server = site(9)
    with serving(server):
        result = crawl([source("one", f"{server.base}/feed"), source("two", f"{server.base}/feed?2")], full_after=3)
    assert result.error.startswith("StoreError")
    assert "store_full" in result.error
    assert len(result.articles) == 3


def test_no_sources_is_no_crawl() -> None:
    assert crawl([]).runs == {}


def test_a_proxy_is_used_and_targets_are_still_checked() -> None:
    asked: list[str] = []

    def proxy(call: Call) -> None:
        asked.append(f"{call.method} {call.path} {call.headers.get('proxy-authorization', '')}")
        call.answer("no robots", 404) if call.path.endswith("robots.txt") else call.answer(feed("https://e.example/1"))

    hop = Server("127.0.0.3", {"*": proxy})
    names = {"public.test": [["93.184.216.34"]], "inside.test": [["10.0.0.7"]]}
    sources = [
        source("public", "http://public.test/feed", allow_addresses=()),
        source("inside", "http://inside.test/feed", allow_addresses=()),
        source("unknown", "http://unknown.test/feed", allow_addresses=()),
        source("hop", f"{hop.base}/admin", allow_addresses=()),
        source("denied", "http://www.linkedin.com/feed", allow_addresses=()),
    ]
    with serving(hop):
        result = crawl(sources, names=names, proxy=f"http://us:er@127.0.0.3:{hop.port}")
    assert {name: run.code for name, run in result.runs.items()} == {
        "public": "", "inside": "blocked_address", "unknown": "dns_error", "hop": "blocked_address",
        "denied": "blocked_host",
    }  # fmt: skip
    assert {line.split()[1] for line in asked} == {"http://public.test/robots.txt", "http://public.test/feed"}
    assert {line.split(" ", 2)[2] for line in asked} == {"Basic dXM6ZXI="}


def test_a_proxy_tunnels_what_is_secure(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("secure.test").configure_cert(tls)
    secure = Server(HERE, {"/feed": says(feed("https://e.example/1"))}, tls)

    def tunnel(call: Call) -> None:
        with socket.create_connection((HERE, secure.port)) as onward:
            call.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            lines = {call.connection: onward, onward: call.connection}
            while True:
                for line in select.select(list(lines), [], [])[0]:
                    data = line.recv(65536)
                    if not data:
                        return
                    lines[line].sendall(data)

    hop = Server("127.0.0.3", {"*": tunnel})
    one = source("one", f"https://secure.test:{secure.port}/feed")
    with serving(secure, hop):
        result = crawl(
            [one], names={"secure.test": [[HERE]]}, proxy=f"127.0.0.3:{hop.port}", ca_file=str(tmp_path / "ca.pem")
        )
    assert (result.code("one"), result.runs["one"].new) == ("", 1)
    assert {call.method for _, call in hop.calls} == {"CONNECT"}


def test_the_settings_leave_no_door_open() -> None:
    server = site(1)
    with serving(server):
        result = crawl([source("one", f"{server.base}/feed")], look_inside=True)
    inside = result.inside
    assert inside["middlewares"] == []
    assert inside["extensions"] == ["MemoryUsage"]
    assert inside["spider_middlewares"] == []
    assert inside["schemes"] == ["http", "https"]
    assert inside["handlers"] == ["GuardedHandler"]
    assert inside["listening"] == 0


def test_requests_run_side_by_side_but_not_all_at_once() -> None:
    server = site(60)
    server.paths |= {f"/a/{number}": _slowly for number in range(60)}
    with serving(server):
        result: Result = crawl([source("one", f"{server.base}/feed")])
    assert result.runs["one"].new == 60
    assert 4 <= server.busiest <= 8


def _slowly(call: Call) -> None:
    time.sleep(0.02)
    call.answer(page())
