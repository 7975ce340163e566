"""Mail by SMTP: one connection and one recipient per message, certificates checked, every wait bounded.

The moment that matters is the dot that ends the message: before it a lost connection is tried again, after it the
message may have been accepted, and nobody but the recipient can tell.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Final

from db.errors import DataFileError
from scheduler.channels import Sent
from scheduler.config import LOOPBACK, Config
from scheduler.secret import password_of

CONNECT_SECONDS: Final = 30.0
#: RFC 5321, 4.5.3.2.6: the server may take ten minutes to answer the final dot.
FINAL_SECONDS: Final = 600.0
_PASSWORD: Final = "MASTHEAD_MAIL_PASSWORD"  # noqa: S105 (the name of a variable)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes out. `sender` is the address of the envelope, to which other servers return mail; "": none."""

    host: str
    port: int
    security: str  # starttls | tls | none
    user: str
    password: str
    sender: str
    ca_file: str = ""
    connect_seconds: float = CONNECT_SECONDS
    final_seconds: float = FINAL_SECONDS

    def __call__(self, address: str, message: bytes) -> Sent:
        """Send one message; see Sent."""
        try:
            with contextlib.closing(_Quiet(_connected(self))) as line:
                return _say(line.server, self, address, message)
        except smtplib.SMTPAuthenticationError as error:
            words = f"name or password refused: {_words(error.smtp_error)}"
            return Sent("retry" if 400 <= error.smtp_code < 500 else "stop", str(error.smtp_code), words)
        except smtplib.SMTPNotSupportedError as error:
            return Sent("retry", "tls", f"{self.host} offers no {error}; check port and security in [mail]")
        except ssl.SSLCertVerificationError as error:
            return Sent("retry", "tls", f"the certificate of {self.host} can not be trusted: {error.verify_message}")
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Sent("retry", "connection", str(error) or type(error).__name__)


class _Quiet:
    """A line that hangs up politely, whatever state it is in."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self.server = server

    def close(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.server.sock.settimeout(5) if self.server.sock else None
            self.server.quit()
        self.server.close()


def server_of(config: Config) -> Server:
    """The server of the configuration, with the password from the environment or a file. DataFileError if unusable."""
    mail = config.mail
    file = str(config.file or "masthead.toml")
    if not mail.host:
        raise DataFileError("is not set: no mail can be sent; see docs/operate.md", file=file, key="mail.host")
    _, sender = parseaddr(mail.sender)
    if "@" not in sender:
        raise DataFileError('wants an address such as "Masthead <desk@example.test>"', file=file, key="mail.sender")
    if mail.security == "none" and mail.host not in LOOPBACK:
        raise DataFileError("none is for a server on this machine; use starttls or tls", file=file, key="mail.security")
    bounces = parseaddr(mail.bounces)[1]
    if mail.bounces not in ("", "<>") and "@" not in bounces:
        raise DataFileError('wants an address, or "<>" for none', file=file, key="mail.bounces")
    return Server(
        host=mail.host, port=mail.port, security=mail.security, user=mail.user,
        password=password_of(_PASSWORD, mail.user, file=file, key="mail.user"),
        sender=bounces if mail.bounces else sender, ca_file=config.ca_file,
    )  # fmt: skip


def greet(to: Server) -> str:
    """Connect, encrypt and log in, and hang up; why it failed, or ""."""
    try:
        _Quiet(_connected(to)).close()
    except smtplib.SMTPAuthenticationError as error:
        return f"name or password refused: {_words(error.smtp_error)}"
    except (smtplib.SMTPException, OSError) as error:
        return f"{to.host}:{to.port}: {error or type(error).__name__}"
    return ""


@lru_cache(maxsize=4)
def _context(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)  # reading the system's authorities takes 50 ms


def _connected(to: Server) -> smtplib.SMTP:
    if to.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            to.host, to.port, timeout=to.connect_seconds, context=_context(to.ca_file)
        )
    else:
        server = smtplib.SMTP(to.host, to.port, timeout=to.connect_seconds)
    try:
        server.ehlo_or_helo_if_needed()
        if to.security == "starttls":
            if not server.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError("STARTTLS")
            server.starttls(context=_context(to.ca_file))
            server.ehlo()
        if to.user:
            server.login(to.user, to.password)
    except BaseException:
        server.close()
        raise
    return server


def _say(server: smtplib.SMTP, to: Server, address: str, message: bytes) -> Sent:
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
        lambda: server.mail(to.sender),
        lambda: server.rcpt(address),
        lambda: server.docmd("DATA"),
    )
    for step in steps:
        code, text = step()
        if code not in (250, 251, 354):
            return _by_code(code, text)
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in message.splitlines())
    server.send(body + b"\r\n")  # a connection that breaks here breaks an unfinished message
    assert server.sock is not None
    server.sock.settimeout(to.final_seconds)
    try:
        server.send(b".\r\n")
        code, text = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        return Sent("unknown", "connection", f"no answer after the end of the message: {error or type(error).__name__}")
    if code == -1:  # the connection was closed without a word
        return Sent("unknown", "connection", "the server hung up after the end of the message")
    return Sent("accepted", str(code), _words(text)) if 200 <= code < 300 else _by_code(code, text)


def _by_code(code: int, text: bytes | str) -> Sent:
    """4xx may pass later, 5xx never will (RFC 5321, 4.2.1); an answer that is none counts as a lost line."""
    if code in (530, 535, 538):
        return Sent("stop", str(code), f"the server wants a login: {_words(text)}")
    return Sent("dead" if 500 <= code < 600 else "retry", str(code) if code > 0 else "connection", _words(text))


def _words(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)).replace("\n", " ")[:300]
