"""A server that does exactly what a script says, byte by byte, and writes down who came and when."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

Script = Callable[["Call"], None]


@dataclass
class Call:
    """One request as it arrived, and the line to answer on."""

    connection: socket.socket
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes | str = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """A whole, honest answer."""
        body = body.encode() if isinstance(body, str) else body
        fields = {"Content-Length": str(len(body)), "Content-Type": "text/html; charset=utf-8", **(headers or {})}
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(head.encode("utf-8") + b"\r\n" + body)

    def reset(self) -> None:
        """End the connection the rude way (RST)."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()


@dataclass
class Server:
    """Answers by path, without a script for it with 404. `calls` holds (seconds, call) of each request."""

    address: str
    paths: dict[str, Script]
    tls: ssl.SSLContext | None = None
    connections: int = 0
    calls: list[tuple[float, Call]] = field(default_factory=list)
    busiest: int = 0  # most requests in hand at once
    _in_hand: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server((self.address, 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.base = f"{'https' if self.tls else 'http'}://{self.address}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def asked(self, path: str) -> int:
        return sum(call.path == path for _, call in self.calls)

    def close(self) -> None:
        """From now on connections are refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # close alone leaves the accepting thread its socket
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while call := _read(connection):
                self._answer(call)
        with suppress(OSError):
            connection.close()

    def _answer(self, call: Call) -> None:
        with self._lock:
            self.calls.append((time.monotonic(), call))
            self._in_hand += 1
            self.busiest = max(self.busiest, self._in_hand)
        try:
            script = self.paths.get(call.path) or self.paths.get(call.path.partition("?")[0]) or self.paths.get("*")
            if script is None:
                call.answer("nothing here", 404)
            else:
                script(call)
        finally:
            with self._lock:
                self._in_hand -= 1


def _read(connection: socket.socket) -> Call | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
        if data[:1] == b"\x16":  # a TLS greeting to a server that has no TLS
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return Call(connection, method, path, headers, body)


@contextmanager
def serving(*servers: Server) -> Iterator[None]:
    try:
        yield
    finally:
        for server in servers:
            server.close()


# ------------------------------------------------------------------ scripts
def says(body: bytes | str, status: int = 200, **headers: str) -> Script:
    return lambda call: call.answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def to(location: str, status: int = 302) -> Script:
    return lambda call: call.answer("", status, {"Location": location})


def drips(seconds: float = 0.05, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Script:
    """One byte at a time, for ever."""

    def script(call: Call) -> None:
        call.send(head)
        while True:
            call.send(b"x")
            time.sleep(seconds)

    return script


def silent(call: Call) -> None:
    time.sleep(60)


def pours(chunk: bytes, head: bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", times: int = 10**9) -> Script:
    """The same bytes again and again, as fast as they are taken."""

    def script(call: Call) -> None:
        call.send(head)
        for _ in range(times):
            call.send(chunk)
        call.connection.close()

    return script


def exactly(data: bytes) -> Script:
    """These bytes, then the end of the connection."""

    def script(call: Call) -> None:
        call.send(data)
        call.connection.shutdown(socket.SHUT_RDWR)

    return script


# ------------------------------------------------------------------ content
def feed(*links: str, title: str = "Story", at: datetime | None = None) -> str:
    """A small RSS feed of our own: one item per link, an hour apart."""
    at = at or datetime.now(UTC)
    items = "".join(
        f"<item><title>{title} {number}</title><link>{link}</link><guid>{link}#{number}</guid>"
        f"<description>Sellers on the marketplace learn about fee change number {number}.</description>"
        f"<pubDate>{format_datetime(at - timedelta(hours=number))}</pubDate></item>"
        for number, link in enumerate(links, 1)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


def page(text: str = "The marketplace changes its referral fee for sellers in March.") -> str:
    return (
        f"<!doctype html><html><head><title>News</title></head><body><article><p>{text * 5}</p></article></body></html>"
    )
