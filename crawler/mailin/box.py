"""A folder of mails, on an IMAP server or on this disk: what lies in it, heads first. Read only: no flag is changed.

Mails of a server are numbered by UID, which hold as long as UIDVALIDITY stays the same (RFC 3501, 2.3.1.1).
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from db.errors import FetchError

HEAD_BYTES: Final = 64 * 1024
ANSWER_SECONDS: Final = 30.0
_SEPARATOR: Final = (b"\r\n\r\n", b"\n\n")


@dataclass(frozen=True, slots=True)
class Head:
    """One mail as the folder lists it: its whole size, and its headers (at most HEAD_BYTES)."""

    uid: int
    size_bytes: int
    headers: bytes


class Box(Protocol):
    """An open folder. All raise FetchError when the line breaks."""

    @property
    def validity(self) -> int: ...
    def uids(self, after: int) -> Sequence[int]:
        """The numbers above `after`, ascending."""
        ...

    def heads(self, uids: Sequence[int]) -> Sequence[Head]:
        """In the order of `uids`; who went meanwhile is left out."""
        ...

    def body(self, uid: int, at_most: int) -> bytes:
        """The mail with its headers, cut at `at_most` bytes; b"" if it went."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a mailbox is. `security`: tls, or none for a server on this machine."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str
    ca_file: str = ""
    answer_seconds: float = ANSWER_SECONDS


@contextlib.contextmanager
def open_server(server: Server) -> Iterator[Box]:
    """Connect, log in, open the folder without a right to change it.

    Raises FetchError: dns_error, tls_error, timeout, connection_lost, mailbox_login, mailbox_folder.
    """
    with _told(server):
        context = ssl.create_default_context(cafile=server.ca_file or None) if server.security == "tls" else None
        client = IMAPClient(
            server.host, server.port, ssl=context is not None, ssl_context=context, timeout=server.answer_seconds
        )
    try:
        with _told(server):
            client.login(server.user, server.password)
            yield _ServerBox(client, server, _selected(client, server))
    finally:
        with contextlib.suppress(IMAPClientError, OSError):
            client.logout()


def _selected(client: IMAPClient, server: Server) -> int:
    try:
        return int(client.select_folder(server.folder, readonly=True)[b"UIDVALIDITY"])
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        names = ", ".join(sorted(str(name) for _, _, name in client.list_folders())[:20])
        message = f"there is no folder {server.folder!r}; there are: {names}"
        raise FetchError("mailbox_folder", message, about=server.host) from error


@dataclass(frozen=True, slots=True)
class _ServerBox:
    client: IMAPClient
    server: Server
    validity: int

    def uids(self, after: int) -> Sequence[int]:
        with _told(self.server):  # "7:*" always brings the last one, be it below 7
            return sorted(uid for uid in self.client.search(["UID", f"{after + 1}:*"]) if uid > after)

    def heads(self, uids: Sequence[int]) -> Sequence[Head]:
        with _told(self.server):
            answers = self.client.fetch(uids, ["RFC822.SIZE", f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>"])
        return [
            Head(uid, int(answers[uid][b"RFC822.SIZE"]), bytes(_literal(answers[uid], b"BODY[HEADER]")))
            for uid in uids
            if b"RFC822.SIZE" in answers.get(uid, {})
        ]

    def body(self, uid: int, at_most: int) -> bytes:
        with _told(self.server):
            answer = self.client.fetch([uid], [f"BODY.PEEK[]<0.{at_most}>"])
        return _literal(answer.get(uid, {}), b"BODY[]")


def _literal(answer: Mapping[bytes, Any], name: bytes) -> bytes:
    """Servers name a part of a part with its beginning (`BODY[]<0>`), or not."""
    return next((value or b"" for key, value in answer.items() if key.startswith(name)), b"")


@contextlib.contextmanager
def _told(server: Server) -> Iterator[None]:
    """What goes wrong on the line, as a code. The server's words are not repeated: they may name the reader."""
    try:
        yield
    except LoginError as error:
        raise FetchError("mailbox_login", "name or password refused", about=server.host) from error
    except (IMAPClientError, OSError, EOFError) as error:
        code, words = _why(error)
        raise FetchError(code, words, about=f"{server.host}:{server.port}") from error


def _why(error: Exception) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls_error", f"the certificate can not be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "tls_error", "no encrypted connection; check port and security in [mailbox]"
    if isinstance(error, TimeoutError):
        return "timeout", "no answer in time"
    if type(error).__name__ == "gaierror":
        return "dns_error", "the name of the server is not known"
    return "connection_lost", f"the line broke ({type(error).__name__})"


# ------------------------------------------------------------------ on this disk
@dataclass(frozen=True, slots=True)
class FolderBox:
    """Files `*.eml` of a folder, in the order of their names; a new file numbers all of them anew."""

    files: tuple[Path, ...]

    @classmethod
    def open(cls, folder: Path) -> FolderBox:
        """FetchError mailbox_folder where there is none."""
        if not folder.is_dir():
            raise FetchError("mailbox_folder", f"there is no folder {folder.name!r}", about="[mailbox]")
        return cls(tuple(sorted(folder.glob("*.eml"))))

    @property
    def validity(self) -> int:
        names = "\n".join(file.name for file in self.files)
        return int.from_bytes(sha256(names.encode("utf-8", "replace")).digest()[:4], "big")

    def uids(self, after: int) -> Sequence[int]:
        return range(after + 1, len(self.files) + 1)

    def heads(self, uids: Sequence[int]) -> Sequence[Head]:
        found = []
        for uid in uids:
            with contextlib.suppress(OSError), self.files[uid - 1].open("rb") as file:
                start = file.read(HEAD_BYTES)
                ends = [place for mark in _SEPARATOR if (place := start.find(mark)) >= 0]
                found.append(Head(uid, self.files[uid - 1].stat().st_size, start[: min(ends, default=HEAD_BYTES)]))
        return found

    def body(self, uid: int, at_most: int) -> bytes:
        with contextlib.suppress(OSError), self.files[uid - 1].open("rb") as file:
            return file.read(at_most)
        return b""
