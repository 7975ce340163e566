"""F09, F10: whom we believe. A server with a certificate that does not hold is not spoken to, least of all plainly."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from scrapy.http import Response

from crawler.fetch.asking import Ask, Manners
from crawler.fetch.fetcher import Fetcher
from crawler.fetch.guard import Guard
from crawler.fetch.trust import Trust, unverified_hosts
from db.errors import DataFileError, FetchError
from db.types import Source
from tests.hostile.child import Remembered, crawl
from tests.hostile.servers import Server, feed, page, says, serving, to

HERE = "127.0.0.2"
NAMES = {name: [[HERE]] for name in ("good.test", "other.test")}


def source(name: str, url: str, kind: str = "trade") -> Source:
    networks = (f"{HERE}/32",)
    return Source(id=name, name=name, kind=kind, language="en", access="feed", url=url, allow_addresses=networks)  # type: ignore[arg-type]  # kind is one of ours


def context(authority: trustme.CA, name: str = "good.test", days: int = 9) -> ssl.SSLContext:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=datetime.now(UTC) + timedelta(days=days)).configure_cert(server)
    return server


def site(tls: ssl.SSLContext | None) -> Server:
    server = Server(HERE, {}, tls)
    server.paths |= {"/feed": says(feed(f"https://good.test:{server.port}/a")), "/a": says(page())}
    return server


def test_certificates(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    old = context(authority)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings(action="ignore"):  # that it is deprecated is the point
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    sites = {
        "good": site(context(authority)),
        "other": site(context(authority)),
        "expired": site(context(authority, days=-1)),
        "stranger": site(context(stranger)),
        "old": site(old),
        "plain": site(None),
    }
    host = {"other": "other.test"}
    sources = [source(name, f"https://{host.get(name, 'good.test')}:{sites[name].port}/feed") for name in sites]
    with serving(*sites.values()):
        result = crawl(sources, names=NAMES, ca_file=str(ca_file), request_seconds=5)
        untold = crawl(sources[:1], names=NAMES)
    assert result.code("good") == ""
    assert [raw.body is not None for raw in result.articles] == [True]
    assert {name: result.code(name) for name in sites if name != "good"} == dict.fromkeys(
        ["other", "expired", "stranger", "old", "plain"], "tls_error"
    )
    assert "expired" in result.runs["expired"].detail
    assert "another host" in result.runs["other"].detail
    assert "issuer" in result.runs["stranger"].detail or "self-signed" in result.runs["stranger"].detail
    assert {result.runs[name].state for name in ("other", "expired", "stranger", "old", "plain")} == {"broken"}
    for name in ("other", "expired", "stranger", "old", "plain"):
        assert sites[name].calls == []  # nothing was asked, in clear or otherwise
    assert untold.code("good") == "tls_error"
    assert result.memory.robots_files.keys() == {f"https://good.test:{sites['good'].port}"}


def test_a_source_may_give_up_certificates_for_itself_alone() -> None:
    stranger = trustme.CA()
    old = context(stranger)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings(action="ignore"):  # that it is deprecated is the point
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    private, shared, ancient = site(context(stranger)), site(context(stranger)), site(old)
    names = {**NAMES, "old.test": [[HERE]]}
    sources = [
        replace(source("gives-up", f"https://good.test:{private.port}/feed"), verify_tls=False),
        replace(source("shares", f"https://other.test:{shared.port}/feed"), verify_tls=False),
        source("insists", f"https://other.test:{shared.port}/feed"),
        replace(source("ancient", f"https://old.test:{ancient.port}/feed"), verify_tls=False),
    ]
    with serving(private, shared, ancient):
        result = crawl(sources, names=names, request_seconds=5)
    assert {name: run.code for name, run in result.runs.items()} == {
        "gives-up": "", "shares": "tls_error", "insists": "tls_error", "ancient": "tls_error",
    }  # fmt: skip
    assert [(raw.body is not None, raw.entry.flags) for raw in result.articles] == [(True, ("unverified_transport",))]
    assert "unverified_transport 1" in result.runs["gives-up"].detail
    assert private.asked("/feed") == 1


def test_nobody_is_led_to_a_host_that_another_source_asks_without_certificates() -> None:
    async def never(request: object) -> Response:
        raise AssertionError("nothing may be sent")

    careless = Source(
        id="careless", name="c", kind="trade", language="en", access="feed", url="https://own.example/feed",
        verify_tls=False,
    )  # fmt: skip
    strict = source("strict", "https://other.example/feed")
    sources = [careless, strict]
    fetcher = Fetcher(
        download=never,
        pace=lambda place, seconds: None,
        guard=Guard(sources),
        trust=Trust("", unverified_hosts(sources)),
        memory=Remembered(),
        manners=Manners(user_agent="t", delay_seconds=0, request_seconds=1, retry_seconds=0),
        clock=lambda: datetime.now(UTC),
    )
    with pytest.raises(FetchError) as caught:
        asyncio.run(fetcher.fetch(Ask(url=careless.url, source=strict, purpose="source"), []))
    assert caught.value.code == "tls_error"


def test_no_downgrade_for_those_whose_words_decide(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    plain = Server(HERE, {"/feed": says(feed("http://elsewhere.example/1"))})
    secure = Server(HERE, {"/feed": to(f"http://good.test:{plain.port}/feed")}, context(authority))
    url = f"https://good.test:{secure.port}/feed"
    sources = [source("official", url, "official"), source("regulator", url, "regulator"), source("trade", url)]
    with serving(plain, secure):
        result = crawl(sources, names=NAMES, ca_file=str(tmp_path / "ca.pem"))
    assert {name: run.code for name, run in result.runs.items()} == {
        "official": "tls_downgrade", "regulator": "tls_downgrade", "trade": ""
    }  # fmt: skip
    assert plain.asked("/feed") == 1


def test_an_unreadable_authority_is_refused_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("not a certificate")
    for file in (broken, tmp_path / "missing.pem"):
        with pytest.raises(DataFileError, match="ca_file"):
            Trust(str(file))
