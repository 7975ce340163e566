"""One small real HTTP server on loopback, for the sample world, the tests and the benchmark.

It serves what it is given, with validators and a log, each site under its own loopback address so that every
publisher is its own host. It must not know what the pages mean, and never listens beyond loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import hashlib
import json
import mimetypes
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.client import responses as REASONS
from pathlib import Path
from typing import Literal, Self

PLACEHOLDER = re.compile(rb"\{\{base:([a-z0-9-]+)\}\}")
LOGGED_HEADERS = ("host", "user-agent", "accept-encoding", "if-none-match", "if-modified-since", "cookie", "referer")
MAX_HEAD_BYTES = 64 * 1024
FIRST_ADDRESS = 2  # 127.0.0.1 stays free for whatever else runs on this machine
PORT_TRIES = 20
CLOSED_PORT = 9  # where nobody listens, for a site that is down and has no neighbour to share a port with


@dataclass(frozen=True, slots=True)
class Request:
    """What a scripted route sees. `path` carries the query; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    phase: int
    log: Sequence[Logged]  # earlier requests of the whole server


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as data. `{{base:site-id}}` in the body or in a header becomes that site's address.

    `pack`: "transfer" compresses for clients that accept gzip, "file" makes the body itself a .gz file.
    Validators (ETag, Last-Modified) are added to every 200 unless `validators` is off; a header given here wins.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: datetime = datetime(2024, 8, 1, tzinfo=UTC)
    pack: Literal["", "transfer", "file"] = ""
    validators: bool = True
    delay_seconds: float = 0.0


#: One answer, one answer per phase (the last one stays), or a function of the request.
Route = Response | Sequence[Response] | Callable[[Request], Response]


@dataclass(slots=True)
class Site:
    """One publisher. Route keys are paths ("/feed.xml", query optional), with "POST " before them for POST.

    A path that is not listed is a 404; robots.txt allows everything unless it is listed. A site that is `down`
    has an address where nobody listens. `base` ("http://127.0.0.2:8000", no slash at the end) is set at start.
    """

    id: str
    routes: Mapping[str, Route] = field(default_factory=dict)
    down: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """One answered request. `at_once`: requests of this site under way when it began, itself included."""

    site: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str]  # those of LOGGED_HEADERS that were sent
    at: datetime
    at_once: int


@dataclass(frozen=True, slots=True)
class _Ready:
    """A response with its placeholders filled in and its validators computed."""

    response: Response  # kept so that its id stays taken while this is cached
    body: bytes
    packed: bytes  # gzip form, b"" if there is none
    headers: tuple[tuple[str, str], ...]


ROBOTS = Response(b"User-agent: *\nAllow: /\n", content_type="text/plain; charset=utf-8")
NOT_FOUND = Response(b"<!doctype html><title>Not found</title><h1>Not found</h1>", status=404)


class ReplayServer:
    """Context manager: listens on entry, stops on exit. Set `phase` at any time; read `log` at any time.

    All sites share one port (0 = any free one). Where the system has a single loopback address (macOS), every
    site gets a port of its own on 127.0.0.1 instead. Raises OSError if it can not listen.
    """

    def __init__(self, sites: Sequence[Site], *, port: int = 0) -> None:
        self.sites = {site.id: site for site in sites}
        if len(self.sites) != len(sites):
            raise ValueError("two sites share an id")
        self.port = port
        self.phase = 1
        self.log: list[Logged] = []
        self._ready: dict[int, _Ready] = {}
        self._busy = dict.fromkeys(self.sites, 0)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="replay", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop()

    def __getitem__(self, site_id: str) -> Site:
        return self.sites[site_id]

    def render(self, text: str) -> str:
        """The text with every `{{base:site-id}}` replaced. Raises KeyError for a site that does not exist."""
        return self._fill(text.encode()).decode()

    def requests(self, site_id: str, path: str = "") -> list[Logged]:
        """What one site was asked, or one path of it."""
        return [one for one in self.log if one.site == site_id and path in ("", one.path)]

    # ------------------------------------------------------------------ listening
    async def _listen(self) -> None:
        for tries_left in reversed(range(PORT_TRIES)):
            try:
                await self._listen_on_own_addresses()
            except OSError as error:
                await self._close_servers()
                if error.errno == errno.EADDRNOTAVAIL:
                    await self._listen_on_own_ports()
                    return
                # A free port of the first address may be taken on another one: ask for the next.
                if error.errno != errno.EADDRINUSE or self.port or not tries_left:
                    raise
            else:
                return

    async def _listen_on_own_addresses(self) -> None:
        port = self.port
        sites = sorted(self.sites.values(), key=lambda site: site.down)  # one that listens finds the port
        for number, site in enumerate(sites, start=FIRST_ADDRESS):
            address = f"127.0.0.{number}"
            if not site.down:
                port = await self._serve(site, address, port)
            site.base = f"http://{address}:{port or CLOSED_PORT}"

    async def _listen_on_own_ports(self) -> None:
        for site in self.sites.values():
            site.base = f"http://127.0.0.1:{CLOSED_PORT if site.down else await self._serve(site, '127.0.0.1', 0)}"

    async def _serve(self, site: Site, address: str, port: int) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                await self._talk(site, reader, writer)
            finally:
                self._connections.discard(task)
                writer.close()

        server = await asyncio.start_server(connected, address, port, limit=MAX_HEAD_BYTES, backlog=512)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _close_servers(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        open_ones = list(self._connections)
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    def _stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close_servers(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # ------------------------------------------------------------------ talking
    async def _talk(self, site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, asyncio.CancelledError)
        with contextlib.suppress(*gone):
            keep = True
            while keep:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                method, path, version = [*first.split(" "), "", ""][:3]
                headers = {
                    name.strip().lower(): value.strip()
                    for name, colon, value in (line.partition(":") for line in lines)
                    if colon
                }
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
                self._busy[site.id] += 1
                try:
                    request = Request(method, path, headers, body, self.phase, self.log)
                    writer.write(await self._answer(site, request, keep))
                    await writer.drain()
                finally:
                    self._busy[site.id] -= 1

    async def _answer(self, site: Site, request: Request, keep: bool) -> bytes:
        at_once = self._busy[site.id]
        ready = self._find(site, request)
        response = ready.response
        if response.delay_seconds:
            await asyncio.sleep(response.delay_seconds)
        headers = dict(ready.headers)
        status, body = response.status, ready.body
        if status == 200 and response.validators and _unchanged(request, headers):
            status, body = 304, b""
        elif ready.packed and "gzip" in request.headers.get("accept-encoding", ""):
            body = ready.packed
            headers["Content-Encoding"] = "gzip"
        if status == 304:
            headers.pop("Content-Type", None)
        else:
            headers.setdefault("Content-Length", str(len(body)))
        headers["Connection"] = "keep-alive" if keep else "close"
        shown = {name: request.headers[name] for name in LOGGED_HEADERS if name in request.headers}
        self.log.append(Logged(site.id, request.method, request.path, status, shown, datetime.now(UTC), at_once))
        lines = [
            f"HTTP/1.1 {status} {REASONS.get(status, '')}",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1") + (b"" if request.method == "HEAD" else body)

    def _find(self, site: Site, request: Request) -> _Ready:
        verb = "" if request.method in ("GET", "HEAD") else f"{request.method} "
        bare = request.path.partition("?")[0]
        route = site.routes.get(verb + request.path) or site.routes.get(verb + bare)
        if route is None:
            route = ROBOTS if bare == "/robots.txt" else NOT_FOUND
        if callable(route):
            return self._prepare(route(request))
        if not isinstance(route, Response):
            route = route[min(request.phase, len(route)) - 1]
        ready = self._ready.get(id(route))
        if ready is None:
            ready = self._ready[id(route)] = self._prepare(route)
        return ready

    def _prepare(self, response: Response) -> _Ready:
        body = self._fill(response.body)
        if response.pack == "file":
            body = gzip.compress(body, mtime=0)
        headers = {"Content-Type": response.content_type}
        if response.status == 200 and response.validators:
            etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            headers |= {"ETag": etag, "Last-Modified": format_datetime(response.modified.astimezone(UTC), usegmt=True)}
        headers |= {name: self.render(value) for name, value in response.headers.items()}
        packed = gzip.compress(body, 5, mtime=0) if response.pack == "transfer" else b""
        return _Ready(response, body, packed, tuple(headers.items()))

    def _fill(self, body: bytes) -> bytes:
        if b"{{base:" not in body:
            return body
        return PLACEHOLDER.sub(lambda found: self.sites[found[1].decode()].base.encode(), body)


def _unchanged(request: Request, headers: Mapping[str, str]) -> bool:
    """Whether a conditional request may be answered 304 (RFC 9110, 13.2.2: If-None-Match goes before the date)."""
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return headers.get("ETag", "-") in (tag.strip().removeprefix("W/") for tag in asked.split(","))
    since, modified = request.headers.get("if-modified-since"), headers.get("Last-Modified")
    if not since or not modified:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def folder_site(site_id: str, folder: Path) -> Site:
    """A site whose routes are the files below a folder; each is read when it is asked for. `index.html` is "/"."""
    routes: dict[str, Route] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        address = "/" + path.relative_to(folder).as_posix()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"

        def read(_request: Request, path: Path = path, kind: str = kind) -> Response:
            return Response(path.read_bytes(), content_type=kind)

        routes[address.removesuffix("index.html")] = read
    return Site(site_id, routes)


def main(folders: Sequence[str]) -> None:
    """Serves each folder as a site and prints one line, {"name": "address"}; ends with its input or on SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ReplayServer([folder_site(Path(name).name, Path(name)) for name in folders]) as server:
        print(json.dumps({site.id: site.base for site in server.sites.values()}), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
