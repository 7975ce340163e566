"""Which servers are believed: chain and host name verified, unless a source gave that up for its own hosts; TLS 1.2 at
least, never plain instead.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from OpenSSL import SSL
from OpenSSL._util import ffi, lib
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions, optionsForClientTLS, platformTrust
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]  # zope ships no types

from db.errors import DataFileError
from db.types import Source
from db.urls import host_of

_REFUSED_BY_CALLBACK = 1  # X509_V_ERR_UNSPECIFIED: the chain was good, Twisted's check of the name was not
_REMEMBERED = 64  # connections whose verdict can be asked for; a failure is looked up at once


def unverified_hosts(sources: Iterable[Source]) -> frozenset[str]:
    """Hosts of sources with `verify_tls = false` that no other source owns: connections are shared by host."""
    hosts: dict[bool, set[str]] = {True: set(), False: set()}
    for source in sources:
        hosts[source.verify_tls] |= {host_of(source.url), *source.hosts}
    return frozenset(hosts[False] - hosts[True])


@implementer(IPolicyForHTTPS)
class Trust:
    """Twisted's own verification for all hosts but `unverified`; `ca_file` (PEM) adds one authority to the system's.

    Raises DataFileError at once if `ca_file` can not be read.
    """

    def __init__(self, ca_file: str = "", unverified: frozenset[str] = frozenset()) -> None:
        self.unverified = unverified
        self._root: Any = _WithAuthority(ca_file) if ca_file else platformTrust()  # type: ignore[no-untyped-call]  # Twisted
        # A context holds a copy of all authorities: 11 ms and 0.9 MB. One per connection is too many, one per host
        # for the whole run too.
        self._creator = lru_cache(maxsize=8)(self._new_creator)
        self._connections: OrderedDict[tuple[str, int], SSL.Connection] = OrderedDict()

    def creatorForNetloc(self, hostname: bytes | str, port: int) -> Any:
        # Behind a proxy Scrapy hands the name over as Twisted parsed it: bytes as well.
        return self._creator(hostname if isinstance(hostname, str) else hostname.decode("ascii"), port)

    def reason(self, host: str, port: int) -> str:
        """Why the certificate of the last connection to `host` was not accepted; "" if it was."""
        connection = self._connections.get((host, port))
        if connection is None:
            return ""
        # pyOpenSSL keeps the verdict to itself: its exception says "certificate verify failed" and no more.
        verdict = lib.SSL_get_verify_result(connection._ssl)
        if verdict == _REFUSED_BY_CALLBACK:
            return "the certificate is for another host"
        return "" if verdict == 0 else ffi.string(lib.X509_verify_cert_error_string(verdict)).decode("ascii", "replace")

    def _new_creator(self, hostname: str, port: int) -> _Creator | _Unverified:
        if hostname in self.unverified:
            return _Unverified(hostname)
        inner = optionsForClientTLS(hostname, trustRoot=self._root)
        return _Creator(inner, partial(self._remember, (hostname, port)))

    def _remember(self, place: tuple[str, int], connection: SSL.Connection) -> None:
        self._connections[place] = connection
        self._connections.move_to_end(place)
        if len(self._connections) > _REMEMBERED:
            self._connections.popitem(last=False)


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Twisted's creator, with a look at the connections it makes."""

    def __init__(self, inner: Any, remember: Callable[[SSL.Connection], None]) -> None:
        self._inner, self._remember = inner, remember

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection: SSL.Connection = self._inner.clientConnectionForTLS(tlsProtocol)
        self._remember(connection)
        return connection


@implementer(IOpenSSLClientConnectionCreator)
class _Unverified:
    """Connections that take any certificate, but no older TLS than the others."""

    def __init__(self, hostname: str) -> None:
        self._hostname = hostname
        self._context = CertificateOptions(verify=False).getContext()

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(tlsProtocol)  # Twisted's own callbacks look for it there
        connection.set_tlsext_host_name(self._hostname.encode("ascii"))
        return connection


@implementer(IOpenSSLTrustRoot)
class _WithAuthority:
    """The system's authorities and those of one more file.

    Twisted's public ways trust either the system or a list; adding to the system's needs its private interface.
    """

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        try:
            self._addCACertsToContext(SSL.Context(SSL.TLS_CLIENT_METHOD))
        except SSL.Error as error:
            raise DataFileError("not a readable file of PEM certificates", file=ca_file, key="ca_file") from error

    def _addCACertsToContext(self, context: SSL.Context) -> None:
        context.set_default_verify_paths()
        context.load_verify_locations(self._ca_file)
