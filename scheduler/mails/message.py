"""A composed mail as the bytes that travel: complete headers, both parts, nothing foreign in a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import blake2b
from typing import Final

from db.text import clean_line

_SUBJECT_CHARACTERS: Final = 160
_LIST: Final = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A composed mail, without its travel papers: `brief` is what a chat gets of it.

    `story` is set where it is about one story: mails thread by it.
    """

    subject: str
    text: str
    html: str
    language: str
    brief: str = ""
    story: str = ""


def message_id(sender: str, *parts: str) -> str:
    """The same for the same parts: a message built again keeps its name, and a server that saw it can tell."""
    name = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"<{name}@{_domain(sender)}>"


def to_bytes(mail: Mail, *, sender: str, to: str, recipient: str, message_id: str, now: datetime) -> bytes:
    """RFC 5322 with CRLF; `sender` may carry a name. Every header text is one clean line."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(clean_line(name, 80), addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if mail.story:
        thread = story_thread(sender, recipient, mail.story)
        message["In-Reply-To"] = thread
        message["References"] = thread
    message["List-Id"] = f"Masthead <masthead-{_LIST.sub('-', recipient.lower())}.{_domain(sender)}>"
    message["List-Unsubscribe"] = f"<mailto:{address}?subject=unsubscribe%20{_LIST.sub('-', recipient.lower())}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange looks at this one
    message["Content-Language"] = "zh-CN" if mail.language == "zh" else "en"
    message.set_content(mail.text, subtype="plain", charset="utf-8", cte=_encoding(mail.text))
    message.add_alternative(mail.html, subtype="html", charset="utf-8", cte=_encoding(mail.html))
    return message.as_bytes()


def story_thread(sender: str, recipient: str, story: str) -> str:
    """The name under which the mails of one story to one recipient hang together."""
    return message_id(sender, "story", recipient, story)


def subject_line(text: str) -> str:
    """One line without controls, separators or halves of characters, of bounded length."""
    return clean_line(text, _SUBJECT_CHARACTERS)


def weight_bytes(mail: Mail) -> int:
    """What both parts weigh on their way, a little more than less."""
    return sum(min(_sizes(part)) for part in (mail.text, mail.html))


def _encoding(text: str) -> str:
    """The lighter one: quoted-printable costs each Han character nine bytes, base64 everything a third."""
    quoted, base64 = _sizes(text)
    return "quoted-printable" if quoted < base64 else "base64"


def _sizes(text: str) -> tuple[int, int]:
    """Quoted-printable and base64 in bytes, line ends included."""
    data = text.encode()
    marked = sum(byte > 126 or byte == 61 for byte in data)
    return int((len(data) + 2 * marked) * 1.04) + 2 * data.count(b"\n"), int(len(data) * 1.37)


def _domain(sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return domain.encode("idna").decode("ascii") if domain else "localhost"
