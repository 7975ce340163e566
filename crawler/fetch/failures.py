"""The one place that turns what Scrapy, Twisted and OpenSSL raise, and what a status says, into our codes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity.exceptions import CertificateError, VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web._newclient import ParseError as BadResponse
from twisted.web._newclient import RequestTransmissionFailed
from twisted.web.http import _DataLoss, _MalformedChunkedDataError

from crawler.fetch.guard import Guard, Unreached
from crawler.fetch.handler import HeadTooLong
from crawler.fetch.trust import Trust
from db.errors import FetchError
from db.linkedin import is_linkedin
from db.urls import host_of, redact

_TLS = (SSL.Error, VerificationError, CertificateError)
_BROKEN_OFF = (ResponseDataLossError, _DataLoss, _MalformedChunkedDataError)


def code_of_status(status: int) -> str:
    """The code of an HTTP status, "" for one that brings content (2xx) or says "unchanged" (304)."""
    if 200 <= status < 300 or status == 304:
        return ""
    if status in (401, 403, 451):
        return "forbidden"
    if status in (404, 410):
        return "gone"
    if status == 429:
        return "rate_limited"
    return "unavailable" if 500 <= status < 600 else "http_error"


def failure_of(error: Exception, url: str, guard: Guard, trust: Trust) -> FetchError | None:
    """`error` as a FetchError with its code, or None if it is none of the world's faults but a bug of ours."""
    if isinstance(error, FetchError):
        return error
    shown, host, port = redact(url), host_of(url), _port_of(url)
    causes = list(_causes(error))
    if _any(causes, HeadTooLong):
        return FetchError("header_flood", str(_any(causes, HeadTooLong)), about=shown)
    if tls := _any(causes, *_TLS):
        return Unreached("tls_error", trust.reason(host, port) or _tls_reason(tls), about=shown)
    if isinstance(error, CannotResolveHostError):
        return _unresolved(host, guard, shown)
    if isinstance(error, DownloadTimeoutError):
        kind = FetchError if guard.ever_connected(host, port) else Unreached
        return kind("timeout", "no complete answer in time" if kind is FetchError else "no connection", about=shown)
    if isinstance(error, DownloadCancelledError):  # Scrapy's way to say that the body outgrew download_maxsize
        return FetchError("too_large", "the answer is larger than allowed", about=shown)
    if _any(causes, *_BROKEN_OFF):
        return FetchError("truncated", "the answer broke off", about=shown)
    if _any(causes, BadResponse):
        return FetchError("http_error", "the answer is not HTTP", about=shown)
    if isinstance(error, NotSupported | UnsupportedURLSchemeError):
        return FetchError("bad_scheme", "only http and https are fetched", about=shown)
    if isinstance(error, ValueError) and "invalid hostname" in str(error):
        return Unreached("dns_error", f"{host} can not be a host name", about=shown)
    return _lost(error, causes, shown)


def _port_of(url: str) -> int:
    return urlsplit(url).port or (443 if url.startswith("https:") else 80)


def _unresolved(host: str, guard: Guard, shown: str) -> FetchError:
    if is_linkedin(host):
        return Unreached("blocked_host", f"{host} is never fetched", about=shown)
    if address := guard.refused(host):
        return Unreached("blocked_address", f"{host} leads to {address}", about=shown)
    return Unreached("dns_error", f"no address for {host}", about=shown)


def _lost(error: Exception, causes: list[BaseException], shown: str) -> FetchError | None:
    if isinstance(error, DownloadConnectionRefusedError):
        return Unreached("connection_lost", "connection refused", about=shown)
    if isinstance(error, ConnectError | TunnelError):
        return Unreached("connection_lost", f"no connection: {type(error).__name__}", about=shown)
    if isinstance(error, DownloadFailedError | RequestTransmissionFailed) or _any(causes, ConnectionClosed):
        return FetchError("connection_lost", "the connection broke off", about=shown)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came from, and the reasons that Twisted keeps inside it; each once."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        reasons = getattr(current, "reasons", None)
        waiting += [reason.value for reason in reasons or () if getattr(reason, "value", None) is not None]
        waiting += [cause for cause in (current.__cause__, current.__context__) if cause is not None]


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((cause for cause in causes if isinstance(cause, kinds)), None)


def _tls_reason(error: BaseException) -> str:
    if isinstance(error, SSL.Error) and error.args and error.args[0]:
        return "; ".join(str(part[-1]) for part in error.args[0])
    return type(error).__name__
