"""What every request passes first: host, method, path, parameters; and what every answer carries: the headers.

An ASGI wrapper around Datasette. It refuses by sending the request to the desk's own page of refusals, so that a
refusal looks like the desk. It reads no row; whether the archive is fit to be read it asks the desk.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode

from db.desk.app import Desk
from db.desk.archive import NAME
from db.desk.reader import Reader, become, language_or

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REFUSED = "/-/refused"
STATIC = "/-/desk/"
HEALTH = "/-/healthz"
METRICS = "/-/metrics"
LANGUAGE_COOKIE = "masthead_lang"
LOGIN = "/-/login"

# Scripts, styles and pictures are files of ours; nothing inline runs.
_POLICY = (
    "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
# Cookies of other programs on localhost come along; one with an odd name would break Datasette's parser.
_COOKIES = {LANGUAGE_COOKIE, "ds_actor", "ds_csrftoken", "ds_messages"}
_OWN = (
    r"/(?:(?:stories|sources)(?:/[!-.0-~]+)?|policy|scoreboard|quality|search|deadlines(?:\.ics)?|feeds(?:/stories\.(?:atom|json|csv))?"
    r"|triage(?:/undo)?|clip(?:/[0-9]{1,15})?)?"
)
_PATHS = re.compile(
    rf"{_OWN}|/favicon\.ico|{HEALTH}|{METRICS}|{STATIC}[\w.-]+|{LOGIN}|/-/logout|/{NAME}(?:[./][!-~]*)?", re.ASCII
)
_WRITING = {LOGIN, "/-/logout", "/triage", "/triage/undo", "/feeds", "/clip"}
# Datasette's special parameters that the desk offers. Others reach into SQL, other tables or debugging pages.
_SPECIAL = re.compile(
    r"_(?:search|sort|sort_desc|sort_by_desc|next|size|col|nocol|shape|nl|json|stream|dl|label|labels|header|nocount"
    r"|nofacet|blob_column|blob_hash|filter_(?:column|op|value)(?:_\d+)?)",
    re.ASCII,
)
_MAX_PARAMETERS = 100
_MAX_QUERY_BYTES = 8_000
_MAX_BODY_BYTES = 64_000
_LOGINS_PER_MINUTE = 10  # each costs half a second of computing, by design of the password's hash
_MAX_CLIENTS = 1_000
_TURN_PIECES = 8  # of one answer, after which others have their turn


class Gate:
    """Wraps Datasette's application for one desk."""

    def __init__(self, app: App, desk: Desk, on_start: Callable[[Desk], Awaitable[None]]) -> None:
        self._app = app
        self._desk = desk
        self._on_start = on_start
        self._started: asyncio.Future[None] | None = None  # held, or it might be collected while it runs
        self._logins: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                self._started = asyncio.ensure_future(self._on_start(self._desk))
            await self._app(scope, receive, send)
            return
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        cookies = _cookies(headers)
        pairs = _pairs(scope["query_string"])
        asked = dict(pairs or ()).get("lang", "")
        own = self._desk.desk
        chosen = language_or(asked, language_or(cookies.get(LANGUAGE_COOKIE, ""), own.language))
        become(Reader(chosen, own.zone))

        inner = dict(scope, headers=_without_strangers(headers, cookies))
        if asked:  # `lang` is ours; Datasette would take it for a column
            inner["query_string"] = urlencode([pair for pair in pairs or () if pair[0] != "lang"]).encode()
        status = self._refusal(scope, headers, pairs)
        path = _path(scope)
        if not status and _needs_archive(path):
            code = await self._desk.trouble()
            if code:
                inner["masthead_code"], status = code, 503
            else:
                become(Reader(chosen, own.zone, await self._desk.own_names()))
        if status:
            inner.update(
                masthead_status=status, masthead_path=path, path=REFUSED, raw_path=REFUSED.encode(), method="GET"
            )
        remember = chosen if asked == chosen else ""
        await self._app(inner, receive, _with_headers(send, path, remember))

    def _refusal(self, scope: Scope, headers: list[tuple[bytes, bytes]], pairs: list[tuple[str, str]] | None) -> int:
        """The status with which a request is refused; 0 lets it pass."""
        path, method = _path(scope), scope["method"]
        if not self._knows_host(dict(headers).get(b"host", b"").decode("latin-1")):
            return 421
        if not _PATHS.fullmatch(path) or (path.startswith("/triage") and method in ("GET", "HEAD")):
            return 404
        if method not in ("GET", "HEAD") and not (method == "POST" and path in _WRITING):
            return 405
        if pairs is None or any(name.startswith("_") and not _SPECIAL.fullmatch(name) for name, _ in pairs):
            return 400
        if method == "POST" and not _is_own_form(dict(headers), _cookies(headers)):
            return 403
        if method == "POST" and path == LOGIN and self._too_many_logins(scope):
            return 429
        return 0

    def _knows_host(self, header: str) -> bool:
        """Against DNS rebinding: a stranger's name that resolves to us is not our name.

        A bare IP address is no name and can not be rebound; it is let in where the desk listens on every interface.
        """
        name = header.rpartition(":")[0] if re.search(r":\d+$", header) else header
        name = name.strip("[]").lower().removesuffix(".")
        hosts = self._desk.desk.hosts
        return name in hosts or (bool(hosts & {"0.0.0.0", "::"}) and _is_ip(name))  # noqa: S104 (compared, not bound)

    def _too_many_logins(self, scope: Scope) -> bool:
        client = (scope.get("client") or ("?", 0))[0]
        now = monotonic()
        tries = [at for at in self._logins.pop(client, []) if now - at < 60]
        self._logins[client] = [*tries, now][-_LOGINS_PER_MINUTE - 1 :]
        while len(self._logins) > _MAX_CLIENTS:
            self._logins.popitem(last=False)
        return len(tries) >= _LOGINS_PER_MINUTE


def _is_own_form(headers: dict[bytes, bytes], cookies: dict[str, str]) -> bool:
    """Sent by a page of ours, in bounds. Datasette asks for its token only where a cookie came along.

    A browser tells where a form came from. Under our referrer policy the origin may be "null", as it is for a foreign
    sandboxed page; then the browser's own word decides, or that of Datasette, for which our cookie has to be there.
    """
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
        return False
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None and site not in (b"same-origin", b"none"):
        return False
    if origin == b"null":
        return site == b"same-origin" or "ds_csrftoken" in cookies
    return origin is None or origin.partition(b"://")[2].lower() == headers.get(b"host", b"").lower()


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return str(scope["path"]) if raw is None else bytes(raw).partition(b"?")[0].decode("latin-1")


def _needs_archive(path: str) -> bool:
    return not path.startswith("/-/") and path != "/favicon.ico"


def _pairs(query: bytes) -> list[tuple[str, str]] | None:
    """The parameters; None if there are too many of them or too much in them."""
    if len(query) > _MAX_QUERY_BYTES:
        return None
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return None


def _cookies(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    pairs = (
        part.partition("=")
        for name, value in headers
        if name == b"cookie"
        for part in value.decode("latin-1").split(";")
    )
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in _COOKIES}


def _without_strangers(headers: list[tuple[bytes, bytes]], cookies: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Only our cookies; no Authorization: people log in by the form, and the header's parser fails on odd values."""
    kept = [(name, value) for name, value in headers if name not in (b"cookie", b"authorization")]
    if cookies:
        kept.append((b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")))
    return kept


def _with_headers(send: Send, path: str, language: str) -> Send:
    """Also lets others in between the rows of a long export: to hand on a row alone takes no turn from it."""
    pieces = 0

    async def sender(message: MutableMapping[str, Any]) -> None:
        nonlocal pieces
        if message.get("more_body"):
            pieces += 1
            if pieces % _TURN_PIECES == 0:
                await asyncio.sleep(0)
        if message["type"] == "http.response.start":
            headers = [(k, v) for k, v in message["headers"] if k.lower() not in _HEADERS and k.lower() != b"link"]
            headers.extend(_HEADERS.items())
            if path.startswith(STATIC) and message["status"] == 200:
                headers.append((b"cache-control", b"public, max-age=31536000, immutable"))
            if language:
                cookie = f"{LANGUAGE_COOKIE}={language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"
                headers.append((b"set-cookie", cookie.encode()))
            message = {**message, "headers": headers}
        await send(message)

    return sender


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
