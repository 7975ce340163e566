"""Starting the desk: the one way to build it, and the one way to put it on an address.

Off the loopback interface it starts only behind a password.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from datasette.plugins import pm

from db.clipping import ClipTools
from db.connect import open_connection
from db.desk import plugin
from db.desk.accounts import ACCOUNTS_VARIABLE, HASH_VARIABLE, USER, Account
from db.desk.app import Desk, DeskSettings
from db.desk.reader import language_or
from db.errors import StoreError, UsageError

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_GRACE_SECONDS = 10


def build(
    db_path: Path,
    *,
    zone: str,
    language: str,
    password_hash: str | None,
    accounts: Iterable[Account] = (),
    hosts: Iterable[str] = (),
    metrics: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    clips: ClipTools | None = None,
) -> Desk:
    """The desk over one archive, which need not be there yet. `hosts`: names besides loopback's that it answers to.

    With `password_hash` (one password for the team) or `accounts` it is open to those who log in alone.
    """
    shared = [Account(USER, "editor", password_hash)] if password_hash else []
    if not pm.is_registered(plugin):
        pm.register(plugin, name="masthead")
    return Desk(
        DeskSettings(
            db_path=db_path.absolute(),
            zone=ZoneInfo(zone),
            language=language_or(language, "en"),
            accounts={account.name: account for account in [*shared, *accounts]},
            metrics=metrics,
            hosts=_LOOPBACK_NAMES | {host.lower() for host in hosts},
            clock=clock,
            clips=clips,
        )
    )


def run(
    db_path: Path,
    host: str,
    port: int,
    *,
    zone: str,
    language: str,
    password_hash: str | None = None,
    accounts: Iterable[Account] = (),
    metrics: bool = False,
    clips: ClipTools | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get ten seconds. Port 0 takes a free one.

    An archive of an older version is brought up to date first; what is wrong with a file, the pages say.
    `ready` is told the address once it is bound. Raises UsageError for a refused bind or a port that is taken.
    """
    accounts = list(accounts)
    check_bind(host, password_hash or (accounts[0].password_hash if accounts else None))
    desk = build(
        db_path, zone=zone, language=language, password_hash=password_hash, accounts=accounts, hosts=[host],
        metrics=metrics, clips=clips,
    )  # fmt: skip
    config = uvicorn.Config(
        desk.app(),
        log_level="warning",
        access_log=False,  # addresses carry what people search for
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    listener = _listen(host, port)
    with suppress(StoreError):
        open_connection(db_path, create=False).close()
    try:
        ready(_address(host, listener.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # uvicorn hands the signal on after an orderly end
    finally:
        listener.close()


def check_bind(host: str, password_hash: str | None) -> None:
    """Raise UsageError for an address that others can reach while no password is set (a name counts as reachable)."""
    if password_hash is None and not _is_loopback(host):
        message = (
            f"refusing to listen on {host or 'all addresses'} without a password; use 127.0.0.1, or set "
            f"{HASH_VARIABLE} (or {HASH_VARIABLE}_FILE) to what `datasette hash-password` prints, or "
            f"{ACCOUNTS_VARIABLE} to a file with a line `name reader|editor hash` for each person"
        )
        raise UsageError(message, about="--host")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"can not listen on port {port} of {host}: {reason}; choose another with --port"
        raise UsageError(message, about="--port") from error


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
