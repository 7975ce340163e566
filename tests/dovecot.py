"""A real IMAP server on loopback for tests: Debian's Dovecot with TLS by an authority of our own, never as root.

Mails lie in a Maildir that tests fill, rename and renumber as the people of a mail host would.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import trustme

USER, PASSWORD = "lookout", "sesame_and_lilies"
_PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

_CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = 1
first_valid_gid = 1
ssl = required
ssl_cert = <{base}/server.pem
ssl_key = <{base}/server.pem
disable_plaintext_auth = yes
mail_location = maildir:{base}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
"""


def needs_dovecot() -> pytest.MarkDecorator:
    """Skips without the package; where CI runs, its absence is a failure."""
    missing = _PROGRAM is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason="no dovecot here: apt install dovecot-imapd")


@dataclass(slots=True)
class Dovecot:
    """One mailbox of one user. `ca_file`: the authority of its certificate."""

    base: Path
    port: int
    ca_file: Path
    owner: tuple[int, int] | None
    process: subprocess.Popen[bytes] | None = None
    _delivered: int = 0

    def start(self) -> None:
        assert _PROGRAM is not None
        uid, gid = self.owner or (None, None)
        self.process = subprocess.Popen(
            [_PROGRAM, "-F", "-c", str(self.base / "dovecot.conf")],
            stderr=subprocess.PIPE, user=uid, group=gid, extra_groups=[] if self.owner else None,
        )  # fmt: skip
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        log = self.base / "dovecot.log"
        raise AssertionError(f"dovecot did not start: {log.read_text() if log.exists() else self.process.stderr}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def deliver(self, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Put mails where the server finds them, in their order."""
        place = self._folder(folder)
        for part in ("cur", "new", "tmp"):
            self._own(place / part, make=True)
        self._own(place)
        for raw in mails:
            self._delivered += 1
            file = place / "cur" / f"{1_700_000_000 + self._delivered}.M{self._delivered}P1.test,S={len(raw)}:2,"
            file.write_bytes(raw)
            self._own(file)

    def rename(self, old: str, new: str) -> None:
        self._folder(old).rename(self._folder(new))

    def renumber(self, folder: str = "INBOX") -> None:
        """Lose the index, as after a restore: every mail gets a new number under a new UIDVALIDITY."""
        for file in self._folder(folder).glob("dovecot*"):
            file.unlink()
        for file in (self.base / "mail").glob("dovecot-uidvalidity*"):
            file.unlink()

    def break_lines(self) -> None:
        """End every connection in the middle of what it does."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            if child.name() == "imap":
                child.kill()

    def _folder(self, name: str) -> Path:
        return self.base / "mail" / ("" if name == "INBOX" else f".{name}")

    def _own(self, path: Path, *, make: bool = False) -> None:
        if make:
            path.mkdir(parents=True, exist_ok=True)
        if self.owner:
            os.chown(path, *self.owner)


@contextmanager
def dovecot(base: Path) -> Iterator[Dovecot]:
    """A running server under `base`, which must be a short path: its sockets lie there."""
    nobody = pwd.getpwnam("nobody")
    owner = (nobody.pw_uid, nobody.pw_gid) if os.getuid() == 0 else None
    account = pwd.getpwuid(owner[0] if owner else os.getuid())
    authority = trustme.CA()
    authority.cert_pem.write_to_path(base / "ca.pem")
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(base / "server.pem")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Dovecot(base, port, base / "ca.pem", owner)
    config = _CONFIG.format(
        base=base, owner=account.pw_name, group=grp.getgrgid(account.pw_gid).gr_name, uid=account.pw_uid,
        gid=account.pw_gid, port=port, password=PASSWORD,
    )  # fmt: skip
    (base / "dovecot.conf").write_text(config, encoding="utf-8")
    for name in ("", "run", "state", "mail", "home", "server.pem"):
        path = base / name
        if name and not path.exists():
            path.mkdir()
        if owner:
            os.chown(path, *owner)
    server.start()
    try:
        yield server
    finally:
        server.stop()
