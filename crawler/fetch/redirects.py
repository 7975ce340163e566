"""Whether a redirect is followed, and to where. Pure; whether the new address may be contacted is for the guard."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

from db.errors import FetchError
from db.types import Source
from db.urls import absolute, host_of, redact, registered_domain

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_KEPT_SECURE = ("official", "regulator")  # kinds whose words decide: nobody on the way may rewrite them


class Moved(FetchError):
    """The source's address moved to another registered domain, or a watched page to another address of its site;
    `target` waits for a person's review."""

    def __init__(self, source_url: str, target: str, code: str = "moved") -> None:
        super().__init__(code, f"moved to {redact(target)}", about=redact(source_url))
        self.target = target


def follow(url: str, status: int, location: str, source: Source, purpose: str) -> str:
    """The address to ask next. `purpose`: robots | source | article.

    Raises FetchError: bad_scheme, tls_downgrade, moved (as Moved), offsite_redirect, http_error.
    """
    target = _target(url, location)
    secure = urlsplit(url).scheme == "https"
    if secure and urlsplit(target).scheme == "http" and source.kind in _KEPT_SECURE:
        raise FetchError("tls_downgrade", f"redirects to {redact(target)}", about=redact(url))
    if purpose == "article" and host_of(target) not in source.hosts:
        raise FetchError("offsite_redirect", f"redirects to {redact(target)}", about=redact(url))
    if purpose == "source" and status in _PERMANENT:
        home = host_of(source.url)
        if registered_domain(host_of(target)) != registered_domain(home):
            raise Moved(url, target)
    return target


def _target(url: str, location: str) -> str:
    if not location.strip() or "\\" in location:  # browsers and libraries read a backslash differently
        raise FetchError("http_error", "a redirect without a readable address", about=redact(url))
    try:
        parts = urlsplit(urljoin(url, location.strip()))
    except ValueError:
        raise FetchError("http_error", "a redirect to an unreadable address", about=redact(url)) from None
    if parts.scheme not in ("http", "https"):
        raise FetchError("bad_scheme", f"redirects to {parts.scheme[:20]}:", about=redact(url))
    # User-info in a redirect is a disguise of the host or somebody's password; we carry neither.
    target = absolute(url, urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")))
    if target is None:
        raise FetchError("http_error", "a redirect to an unreadable address", about=redact(url))
    return target
