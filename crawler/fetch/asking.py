"""A question and its answer as values, and the Scrapy request that a question becomes. Pure, sends nothing."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Response

from crawler.fetch import robots
from crawler.fetch.bodies import ACCEPT_ENCODING
from crawler.fetch.handler import SOURCE_ID
from crawler.found import Answer
from db.types import Source
from db.urls import host_of

CUT_BYTES = "masthead_cut_bytes"  # request.meta: end the download here and keep what came
_VALIDATOR_CHARACTERS = 500  # a longer ETag is not worth keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How this run behaves towards servers. `delay_seconds`: between requests to one host and port."""

    user_agent: str
    delay_seconds: float
    request_seconds: float
    retry_seconds: float
    proxy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question. `etag` and `last_modified` make it conditional."""

    url: str
    source: Source
    purpose: Literal["robots", "source", "article"]
    accept: str = "*/*"
    method: str = "GET"
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A good answer; `unchanged` (304) carries no body."""

    answer: Answer
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


def place_of(url: str) -> str:
    """The host and port between whose requests a delay lies; http and https on their own ports are one place."""
    host, port = host_of(url), urlsplit(url).port
    return host if port in (None, 80, 443) else f"{host}:{port}"


def request_for(url: str, ask: Ask, manners: Manners) -> Request:
    """The request for `url`, which is the question's own or one that a redirect of it led to."""
    headers = {
        "User-Agent": manners.user_agent,
        "Accept": ask.accept,
        "Accept-Language": f"{ask.source.language},*;q=0.5",
        "Accept-Encoding": ACCEPT_ENCODING,
    }
    meta: dict[str, object] = {
        SOURCE_ID: ask.source.id,
        "download_slot": place_of(url),
        "download_timeout": manners.request_seconds,
        "download_maxsize": ask.source.max_bytes,
    }
    if ask.purpose == "robots":
        meta |= {"download_maxsize": 0, CUT_BYTES: robots.MAX_BYTES}
    if host_of(url) == host_of(ask.url):  # what one host told us is no other's business
        headers |= {"If-None-Match": ask.etag} if ask.etag else {}
        headers |= {"If-Modified-Since": ask.last_modified} if ask.last_modified else {}
    if manners.proxy:
        _through_proxy(manners.proxy, headers, meta)
    if url != ask.url or not ask.body:
        return Request(url, headers=headers, meta=meta)
    is_json = ask.body.lstrip()[:1] in (b"{", b"[")
    headers["Content-Type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    return Request(url, method=ask.method, headers=headers, body=ask.body, meta=meta)


def header_of(response: Response, name: str) -> str | None:
    """A header's value as text, None if it was not sent."""
    value: bytes | None = response.headers.get(name)
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def fetched_from(response: Response, body: bytes) -> Fetched:
    """`body`: the response's, decoded."""
    content_type = header_of(response, "Content-Type") or ""
    return Fetched(
        answer=Answer(url=response.url, status=response.status, body=body, content_type=content_type),
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        unchanged=response.status == 304,
    )


def _validator(response: Response, name: str) -> str:
    value = header_of(response, name) or ""
    return value if len(value) <= _VALIDATOR_CHARACTERS and value.isprintable() else ""


def _through_proxy(proxy: str, headers: dict[str, str], meta: dict[str, object]) -> None:
    parts = urlsplit(proxy)
    meta["proxy"] = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Proxy-Authorization"] = "Basic " + b64encode(secret).decode("ascii")
