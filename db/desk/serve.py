"""Starting the desk: the one way to build it, and the one way to put it on an address.

Off the loopback interface it starts only behind a password; the password's hash is read here and never shown.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from datasette.plugins import pm

from db.desk import plugin
from db.desk.app import Desk, DeskSettings
from db.desk.reader import language_or
from db.errors import UsageError

HASH_VARIABLE = "MASTHEAD_DESK_PASSWORD_HASH"
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_GRACE_SECONDS = 10


def build(
    db_path: Path,
    *,
    zone: str,
    language: str,
    password_hash: str | None,
    hosts: Iterable[str] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Desk:
    """The desk over one archive, which need not be there yet. `hosts`: names besides loopback's that it answers to."""
    if not pm.is_registered(plugin):
        pm.register(plugin, name="masthead")
    return Desk(
        DeskSettings(
            db_path=db_path.absolute(),
            zone=ZoneInfo(zone),
            language=language_or(language, "en"),
            password_hash=password_hash,
            hosts=_LOOPBACK_NAMES | {host.lower() for host in hosts},
            clock=clock,
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
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get ten seconds. Port 0 takes a free one.

    `ready` is told the address once it is bound. Raises UsageError for a refused bind or a port that is taken.
    """
    check_bind(host, password_hash)
    desk = build(db_path, zone=zone, language=language, password_hash=password_hash, hosts=[host])
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
            f"{HASH_VARIABLE} (or {HASH_VARIABLE}_FILE) to what `datasette hash-password` prints"
        )
        raise UsageError(message, about="--host")


def read_password_hash(environ: Mapping[str, str] = os.environ) -> str | None:
    """The hash from the environment or from the file it names; None if neither is set.

    Raises UsageError for both at once, an unreadable file, or what is no such hash; the value is never in the message.
    """
    direct, file = environ.get(HASH_VARIABLE, ""), environ.get(f"{HASH_VARIABLE}_FILE", "")
    if direct and file:
        raise UsageError(f"set only one of {HASH_VARIABLE} and {HASH_VARIABLE}_FILE")
    try:
        found = Path(file).read_text(encoding="utf-8").strip() if file else direct.strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the file named by {HASH_VARIABLE}_FILE can not be read", about=file) from error
    if file and not found:
        raise UsageError(f"the file named by {HASH_VARIABLE}_FILE is empty", about=file)
    if found and not _is_hash(found):
        raise UsageError("this is no password hash; make one with `datasette hash-password`", about=HASH_VARIABLE)
    return found or None


def _is_hash(text: str) -> bool:
    parts = text.split("$")
    if len(parts) != 4 or parts[0] != "pbkdf2_sha256" or not parts[1].isdecimal() or not parts[2]:
        return False
    try:
        return len(base64.b64decode(parts[3], validate=True)) == 32
    except binascii.Error:
        return False


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
