"""The replay server speaks HTTP well enough that what we learn against it holds against real servers."""

from __future__ import annotations

import asyncio
import errno
import gzip
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scheduler.demo.replay import PLACEHOLDER, ReplayServer, Request, Response, Site


def ask(
    url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc, timeout=60)
    line.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers or {}))
    answer = line.getresponse()
    content = answer.read()
    line.close()
    return answer, content


def flash(request: Request) -> Response:
    page = json.loads(request.body)["page"]
    return Response(json.dumps({"page": page}).encode(), content_type="application/json")


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    one = Site(
        "one",
        {
            "/feed.xml": Response(b"<a href='{{base:two}}/x'>{{base:one}}</a>", content_type="application/rss+xml"),
            "/page": (Response(b"fee 17 %"), Response(b"fee 10 %")),
            "/list?page=2": Response(b"second"),
            "/list": Response(b"first"),
            "/map.xml.gz": Response(b"<loc>{{base:one}}/page</loc>", content_type="application/gzip", pack="file"),
            "/long": Response(b"word " * 2000, pack="transfer"),
            "/liar": Response(b"new text", headers={"ETag": '"always"'}),
            "/bare": Response(b"x", validators=False),
            "/moved": Response(status=301, headers={"Location": "{{base:two}}/x"}),
            "POST /api": flash,
        },
    )
    two = Site(
        "two", {"/x": Response("早".encode("gb18030")), "/robots.txt": Response(b"User-agent: *\nDisallow: /x\n")}
    )
    with ReplayServer([one, Site("dead", down=True), two]) as running:
        yield running


def test_every_site_is_a_host_of_its_own_on_one_port(server: ReplayServer) -> None:
    bases = [urlsplit(server[name].base) for name in ("one", "two", "dead")]
    assert len({base.hostname for base in bases}) == 3
    assert len({base.port for base in bases}) == 1
    assert all((base.hostname or "").startswith("127.0.0.") for base in bases)


def test_addresses_are_filled_in(server: ReplayServer) -> None:
    _, body = ask(server["one"].base + "/feed.xml")
    assert body.decode() == f"<a href='{server['two'].base}/x'>{server['one'].base}</a>"
    answer, _ = ask(server["one"].base + "/moved")
    assert (answer.status, answer.headers["Location"]) == (301, server["two"].base + "/x")
    assert server.render('url = "{{base:two}}/f"') == f'url = "{server["two"].base}/f"'
    with pytest.raises(KeyError):
        server.render("{{base:nobody}}")


def test_query_chooses_before_the_bare_path(server: ReplayServer) -> None:
    assert ask(server["one"].base + "/list?page=2")[1] == b"second"
    assert ask(server["one"].base + "/list?page=3")[1] == b"first"


def test_an_unchanged_page_is_304_by_etag_and_by_date(server: ReplayServer) -> None:
    url = server["one"].base + "/feed.xml"
    first, _ = ask(url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    by_tag, body = ask(url, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (by_tag.status, body) == (304, b"")
    assert by_tag.headers["ETag"] == etag
    assert ask(url, headers={"If-Modified-Since": modified})[0].status == 304
    assert ask(url, headers={"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"})[0].status == 200
    assert ask(url, headers={"If-Modified-Since": "yesterday"})[0].status == 200
    stale = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert ask(url, headers=stale)[0].status == 200, "the tag outranks the date"


def test_a_phase_changes_the_page_and_its_tag(server: ReplayServer) -> None:
    url = server["one"].base + "/page"
    first, before = ask(url)
    server.phase = 2
    try:
        second, after = ask(url, headers={"If-None-Match": first.headers["ETag"]})
        server.phase = 7
        assert ask(url)[1] == after, "the last phase stays"
    finally:
        server.phase = 1
    assert (before, second.status, after) == (b"fee 17 %", 200, b"fee 10 %")


def test_validators_can_lie_or_be_left_out(server: ReplayServer) -> None:
    assert ask(server["one"].base + "/liar", headers={"If-None-Match": '"always"'})[0].status == 304
    bare, _ = ask(server["one"].base + "/bare", headers={"If-None-Match": "*"})
    assert (bare.status, bare.headers["ETag"], bare.headers["Last-Modified"]) == (200, None, None)


def test_gzip_as_a_file_and_in_transfer(server: ReplayServer) -> None:
    answer, body = ask(server["one"].base + "/map.xml.gz")
    assert answer.headers["Content-Encoding"] is None
    assert gzip.decompress(body).decode() == f"<loc>{server['one'].base}/page</loc>"
    plain, long_body = ask(server["one"].base + "/long")
    assert (plain.headers["Content-Encoding"], len(long_body)) == (None, 10_000)
    packed, short_body = ask(server["one"].base + "/long", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(short_body) == long_body


def test_post_reaches_a_function_and_get_does_not(server: ReplayServer) -> None:
    answer, body = ask(server["one"].base + "/api?v=1", "POST", b'{"page": 4}')
    assert (answer.status, json.loads(body)) == (200, {"page": 4})
    assert ask(server["one"].base + "/api")[0].status == 404


def test_head_has_the_length_and_no_body(server: ReplayServer) -> None:
    answer, body = ask(server["one"].base + "/long", "HEAD")
    assert (answer.headers["Content-Length"], body) == ("10000", b"")


def test_robots_allow_unless_the_site_says_otherwise(server: ReplayServer) -> None:
    assert b"Allow: /" in ask(server["one"].base + "/robots.txt")[1]
    assert b"Disallow: /x" in ask(server["two"].base + "/robots.txt")[1]
    assert ask(server["two"].base + "/nothing")[0].status == 404


def test_a_site_that_is_down_refuses_the_connection(server: ReplayServer) -> None:
    with pytest.raises(ConnectionRefusedError):
        ask(server["dead"].base + "/")


def test_the_log_tells_who_asked_what(server: ReplayServer) -> None:
    before = datetime.now(UTC)
    ask(server["two"].base + "/x?a=1", headers={"User-Agent": "Lookout", "Cookie": "a=b", "Authorization": "secret"})
    entry = server.requests("two", "/x?a=1")[-1]
    assert (entry.method, entry.status, entry.at_once) == ("GET", 200, 1)
    assert (entry.headers["user-agent"], entry.headers["cookie"]) == ("Lookout", "a=b")
    assert "authorization" not in entry.headers
    assert entry.at >= before


def test_one_line_carries_many_requests(server: ReplayServer) -> None:
    line = http.client.HTTPConnection(urlsplit(server["one"].base).netloc, timeout=60)
    for path in ("/page", "/nothing", "/long"):
        line.request("GET", path)
        assert line.getresponse().read()
        assert line.sock is not None, "the server closed a connection that may live on"
    line.close()


def test_slow_answers_do_not_hold_up_others_and_are_counted() -> None:
    slow = Site("slow", {"/": Response(b"late", delay_seconds=0.3)})
    quick = Site("quick", {"/": Response(b"soon")})
    with ReplayServer([slow, quick]) as running:
        waiting = [threading.Thread(target=ask, args=(slow.base + "/",)) for _ in range(3)]
        for thread in waiting:
            thread.start()
        ask(quick.base + "/")
        assert running.requests("quick")
        assert not running.requests("slow")
        for thread in waiting:
            thread.join()
        assert max(entry.at_once for entry in running.requests("slow")) == 3


def test_nobody_listens_any_more_afterwards() -> None:
    site = Site("one", {"/": Response(b"x")})
    with ReplayServer([site]):
        assert ask(site.base + "/")[0].status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(site.base + "/")


def test_a_system_with_one_loopback_address_gives_every_site_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    listen = asyncio.start_server

    async def only_one(connected: Any, address: str, port: int, **options: Any) -> asyncio.Server:
        if address not in ("127.0.0.1", "127.0.0.2"):
            raise OSError(errno.EADDRNOTAVAIL, "can not assign requested address")
        return await listen(connected, address, port, **options)

    monkeypatch.setattr(asyncio, "start_server", only_one)
    sites = [Site("one", {"/": Response(b"1")}), Site("dead", down=True), Site("two", {"/": Response(b"2")})]
    with ReplayServer(sites):
        assert {urlsplit(site.base).hostname for site in sites} == {"127.0.0.1"}
        assert [ask(site.base + "/")[1] for site in sites if not site.down] == [b"1", b"2"]


def test_a_taken_port_is_an_error_if_it_was_asked_for() -> None:
    with ReplayServer([Site("one")]) as first:
        port = urlsplit(first["one"].base).port
        assert port
        with pytest.raises(OSError, match="in use"), ReplayServer([Site("two")], port=port):
            pass


def test_doubled_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="share an id"):
        ReplayServer([Site("a"), Site("a")])


def test_folders_can_be_served_by_a_process_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "news").mkdir(parents=True)
        (tmp_path / name / "index.html").write_text("home of {{base:one}}")
        (tmp_path / name / "news" / "1.html").write_bytes("第一条".encode("gb18030"))
    command = [sys.executable, "-m", "scheduler.demo.replay", str(tmp_path / "one"), str(tmp_path / "two")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        bases = json.loads(process.stdout.readline())
        assert ask(bases["two"] + "/")[1].decode() == f"home of {bases['one']}"
        answer, body = ask(bases["one"] + "/news/1.html")
        assert (answer.headers["Content-Type"], body.decode("gb18030")) == ("text/html", "第一条")
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_placeholders_are_site_ids_only() -> None:
    assert PLACEHOLDER.findall(b"{{base:a-1}} {{ base:a }} {{base:}} {{base:A}}") == [b"a-1"]
