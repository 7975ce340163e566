"""The last step before the wire: Scrapy's HTTP/1.1 handler with a guard, verified certificates and bounded answers.

Every request of the process passes here, whatever made it. It must not follow, retry or interpret anything.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, HEADER, STATUS
from twisted.web.iweb import IPolicyForHTTPS

from crawler.fetch.budget import LARGE_BYTES, Budget, Claim
from crawler.fetch.guard import Guard, GuardedResolver, Unreached
from crawler.fetch.trust import Trust
from db.urls import host_of, redact

MAX_HEAD_BYTES = 256 * 1024  # status line and all headers; Twisted bounds one line (16 KiB), not their number
MAX_BODY_BYTES = 15 * 1024 * 1024
SOURCE_ID = "masthead_source"  # request.meta: who asks


class HeadTooLong(Exception):
    """The server sent more header bytes than any honest one does."""


class Keeper(Protocol):
    """What the spider carries for us: Scrapy builds the handler and has no other way to hand things in."""

    guard: Guard
    resolver: GuardedResolver
    trust: Trust
    budget: Budget


class GuardedHandler(HTTP11DownloadHandler):
    """The only download handler of the process, for http and https."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._keeper = cast(Keeper, crawler.spider)
        self._contextFactory = cast(IPolicyForHTTPS, self._keeper.trust)
        self._pool._factory = _factory_of(self._keeper)
        self._pool.cachedConnectionTimeout = 15  # an idle connection may keep a TLS context alive (0.9 MB)

    async def download_request(self, request: Request) -> Response:
        self._keeper.guard.check(request.url, request.meta[SOURCE_ID])
        if "proxy" in request.meta:
            await self._check_target(request.url)
        return await super().download_request(request)

    async def _check_target(self, url: str) -> None:
        """Behind a proxy our resolver sees the proxy alone, so the target is looked up here."""
        host = host_of(url)
        if not await maybe_deferred_to_future(self._keeper.resolver.addresses(host, 0)):
            refused = self._keeper.guard.refused(host)
            code = "blocked_address" if refused else "dns_error"
            raise Unreached(code, f"{host}: {refused or 'unknown name'}", about=redact(url))


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """A connection that ends when the head of a response (interim responses included) outgrows its bound, and that
    stops reading a large body until there is room for it."""

    budget: Budget
    _head_bytes = 0
    _body_bytes = 0
    _claim: Claim | None = None

    def request(self, request: Any) -> Any:
        self._head_bytes = self._body_bytes = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted
        parser = self._parser
        if parser is None:
            return
        if parser.state in (STATUS, HEADER):
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HeadTooLong(f"more than {MAX_HEAD_BYTES:,} bytes of headers"))
        elif parser.state == BODY:
            self._body_bytes += len(data)
            if self._body_bytes > LARGE_BYTES and self._claim is None:
                self._wait_for_room()

    def _wait_for_room(self) -> None:
        transport: Any = self.transport
        transport.pauseProducing()
        self._claim = self.budget.claim(MAX_BODY_BYTES, transport.resumeProducing)

    def _disconnectParser(self, reason: Failure) -> None:
        """However an answer ends, it ends here."""
        if self._claim is not None:
            self.budget.release(self._claim)
            self._claim = None
        super()._disconnectParser(reason)  # type: ignore[no-untyped-call]  # Twisted

    def _refuse(self, error: Exception) -> None:
        transport: Any = self.transport
        transport.abortConnection()  # not loseConnection: under TLS that waits for the peer, who goes on talking
        self._disconnectParser(Failure(error))  # type: ignore[no-untyped-call]  # Twisted


def _factory_of(keeper: Keeper) -> type[_LenientHTTP11ClientFactory]:
    """A factory class, as Twisted's pool wants one, whose connections are bounded and known to the guard."""

    class BoundedFactory(_LenientHTTP11ClientFactory):
        def buildProtocol(self, addr: Any) -> _BoundedProtocol:
            keeper.guard.note_connected(addr.host, addr.port)
            protocol = _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted
            protocol.budget = keeper.budget
            return protocol

    return BoundedFactory
