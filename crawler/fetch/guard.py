"""Which addresses may be contacted at all: the one place that says no before a byte is sent.

Checked twice: the address as written (scheme, denied hosts) and the IP address it resolves to, at the moment of
connecting. It must not fetch, and it must not trust a name that was checked earlier.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.resolver import HostResolution
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.threads import deferToThreadPool
from zope.interface import implementer  # type: ignore[import-untyped]  # zope ships no types

from db.errors import FetchError
from db.linkedin import is_linkedin
from db.types import Source
from db.urls import host_of, redact

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup = Callable[..., Sequence[tuple[Any, ...]]]  # the shape of socket.getaddrinfo

# Not "the public internet", by the IANA registries of special-purpose addresses. Spelled out, because
# ipaddress.is_global changed its mind between Python releases and calls multicast and 64:ff9b::/96 global.
_NOT_GLOBAL_4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_NOT_GLOBAL_6 = tuple(  # tunnels (Teredo, 6to4) carry an IPv4 address that nobody checked
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


class Unreached(FetchError):
    """Nothing was exchanged with the server: no name, no connection, no trust. Asking again costs nobody anything."""


def is_global(address: str) -> bool:
    """Whether an IP address lies in the public internet; False for anything that is no plain IP address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _NOT_GLOBAL_4)
    return ip in _GLOBAL_6 and not any(ip in net for net in _NOT_GLOBAL_6)


class Guard:
    """The rules of one run. A source's `allow_addresses` hold for its own hosts and for its own requests alone."""

    def __init__(self, sources: Iterable[Source], proxy: str = "") -> None:
        self._permits: dict[str, dict[str, tuple[Network, ...]]] = {}  # host → source id → networks
        self._proxy_host = host_of(proxy) if proxy else ""
        self._refused: dict[str, str] = {}
        self._connected: set[tuple[str, int]] = set()
        self._addresses: dict[str, tuple[str, ...]] = {}
        for source in sources:
            if source.allow_addresses:
                networks = tuple(ipaddress.ip_network(net) for net in source.allow_addresses)
                for host in {host_of(source.url), *map(_plain, source.hosts)}:
                    self._permits.setdefault(host, {})[source.id] = networks

    def check(self, url: str, source_id: str) -> None:
        """Raise FetchError (bad_scheme, blocked_host, blocked_address) if `source_id` may not ask for `url`."""
        shown = redact(url)
        if urlsplit(url).scheme not in ("http", "https"):
            raise FetchError("bad_scheme", "only http and https are fetched", about=shown)
        host = host_of(url)
        if is_linkedin(host):
            raise FetchError("blocked_host", f"{host} is never fetched", about=shown)
        permits = self._permits.get(host)
        if (permits is not None and source_id not in permits) or (permits is None and host == self._proxy_host):
            raise FetchError("blocked_address", f"{host} is not open to this source", about=shown)
        if permits is not None and _is_ip(host) and not is_global(host) and not _within(host, permits[source_id]):
            raise FetchError("blocked_address", f"{host} is not in allow_addresses", about=shown)

    def allows(self, host: str, address: str) -> bool:
        """Whether a connection to `host` (as `host_of` spells it) may go to this IP address."""
        if is_linkedin(host):
            return False
        if is_global(address) or host == self._proxy_host:
            return True
        permits = self._permits.get(host)
        if permits is None:
            return False
        # Who asks is not known here. `check` has seen to it for an IP address; for a name, what one source may
        # reach under it must be open to each source that may ask for it.
        decided = any if _is_ip(host) else all
        return decided(_within(address, networks) for networks in permits.values())

    def note_resolved(self, host: str, addresses: Sequence[str], refused: Sequence[str]) -> None:
        """Remember how the last look-up of `host` ended, to tell a refused address from an unknown name."""
        self._addresses[host] = tuple(addresses)
        self._refused[host] = "" if addresses or not refused else refused[0]

    def refused(self, host: str) -> str:
        """The address for which the last connection to `host` was refused, "" if it was not."""
        return self._refused.get(host, "")

    def note_connected(self, address: str, port: int) -> None:
        self._connected.add((address, port))

    def ever_connected(self, host: str, port: int) -> bool:
        """Whether any connection to `host` came about in this run: tells a slow server from one out of reach."""
        return any((address, port) in self._connected for address in self._addresses.get(host, ()))


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names for every connection of the process and passes on only the addresses the guard allows."""

    def __init__(self, reactor: Any, guard: Guard, timeout_seconds: float, lookup: Lookup = socket.getaddrinfo) -> None:
        self._reactor = reactor
        self._guard = guard
        self._timeout_seconds = timeout_seconds
        self._lookup = lookup

    def addresses(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> Deferred[list[str]]:
        """The addresses of `host` to which a connection may go; none if it is unknown, slow or refused."""
        host = _plain(host)
        if not host:
            return succeed([])
        pool, kind = self._reactor.getThreadPool(), socket.SOCK_STREAM
        answers: Deferred[Any] = deferToThreadPool(self._reactor, pool, self._lookup, host, port, family, kind)
        answers.addTimeout(self._timeout_seconds, self._reactor)
        answers.addErrback(lambda _: [])  # unknown name, no answer in time
        return answers.addCallback(self._sift, host)

    # The parameters are Twisted's; their types are zope interfaces, which mypy can not read.
    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type] | None = None,
        transportSemantics: str = "TCP",
    ) -> HostResolution:
        resolution = HostResolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        only_ipv4 = addressTypes is not None and IPv6Address not in addressTypes
        found = self.addresses(hostName, portNumber, socket.AF_INET if only_ipv4 else socket.AF_UNSPEC)

        def pass_on(addresses: list[str]) -> None:
            for address in addresses:
                kind = IPv6Address if ":" in address else IPv4Address
                resolutionReceiver.addressResolved(kind("TCP", address, portNumber))
            resolutionReceiver.resolutionComplete()

        found.addCallback(pass_on)
        return resolution

    def _sift(self, answers: Sequence[tuple[Any, ...]], host: str) -> list[str]:
        found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        allowed = [address for address in found if self._guard.allows(host, address)]
        self._guard.note_resolved(host, allowed, [address for address in found if address not in allowed])
        return allowed


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _within(address: str, networks: Iterable[Network]) -> bool:
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in networks)


def _plain(host: str) -> str:
    """The spelling of `db.urls.host_of`; Twisted hands names over as Unicode."""
    return host_of(f"http://[{host}]" if ":" in host and not host.startswith("[") else f"http://{host}")
