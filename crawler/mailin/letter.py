"""Bytes of a mail → Letter: headers and texts decoded, attachments left alone. Judges nobody and keeps nothing.

A letter holds names and addresses of those it was sent to, only so that they can be taken out of everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from db.charset import decode
from db.errors import ParseError
from db.text import clean_line
from db.urls import host_of

MAX_PARTS = 200
MAX_TEXT_BYTES = 2 * 1024 * 1024  # of one part; the longest newsletters are a tenth of it
_MAX_FORWARDS = 3  # a mail in a mail in a mail
_HEADER_CHARACTERS = 20_000
# What the email package raises at headers that are none, parameters with NUL and the like.
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError)
_ADDRESS = re.compile(r"[^\s@<>\"',;:\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_READERS = ("To", "Cc", "Delivered-To", "X-Original-To", "X-Forwarded-To", "Envelope-To", "X-Envelope-To", "X-RCPT-To")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`sender` is the one address of From, lower case, "" where there is none or more than one.

    `services`: the list's id and the hosts that take unsubscriptions. `results`: the Authentication-Results headers,
    topmost first. `readers`: names and addresses it was sent to. `inner`: mails that lie whole inside.
    """

    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    date: str = ""
    message_id: str = ""
    services: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # addresses that headers give of the mail itself on the web
    results: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    html: str = ""
    text: str = ""
    flags: tuple[str, ...] = ()
    inner: tuple[Letter, ...] = ()


def read_letter(raw: bytes) -> Letter:
    """The letter in `raw`, which may be its headers alone. Raises ParseError mail_unread where nothing can be read."""
    try:
        return _letter(message_from_bytes(raw), _MAX_FORWARDS)
    except (RecursionError, *_BROKEN) as error:
        raise ParseError("mail_unread", f"its headers or parts are broken ({type(error).__name__})") from error


def _letter(message: Message, depth: int) -> Letter:
    froms = _all(message, "From")
    senders = _addresses(froms)
    name, sender = senders[0] if len(froms) == len(senders) == 1 else ("", "")
    html, text, flags, inner = _contents(message, depth)
    return Letter(
        sender=sender,
        sender_name=name,
        subject=_one(message, "Subject"),
        date=_one(message, "Date"),
        message_id=_one(message, "Message-ID"),
        services=_services(message),
        links=tuple(
            link
            for header in ("List-Post", "Archived-At")
            for link in re.findall(r"<?(https?://[^\s<>,]+)", _one(message, header))
        ),
        results=tuple(_unfolded(value) for value in _all(message, "Authentication-Results")),
        readers=_readers(message),
        html=html,
        text=text,
        flags=flags,
        inner=inner,
    )


# ------------------------------------------------------------------ headers
def _all(message: Message, name: str) -> list[str]:
    """The values as they came; bytes above 0x7F as surrogates. `Message.get_all` would replace them."""
    return [value[:_HEADER_CHARACTERS] for key, value in message.raw_items() if key.lower() == name.lower()]


def _one(message: Message, name: str) -> str:
    values = _all(message, name)
    return _decoded(values[0]) if values else ""


def _services(message: Message) -> tuple[str, ...]:
    list_id = _one(message, "List-ID").rpartition("<")[2].rstrip("> ").lower()
    links = re.findall(r"https?://[^\s<>,]+", _one(message, "List-Unsubscribe"))
    return tuple(filter(None, (list_id, *map(host_of, links))))


def _unfolded(value: str) -> str:
    return re.sub(r"[\r\n]+[ \t]*", " ", value).strip()


def _decoded(value: str) -> str:
    """Encoded words and raw bytes become text; neighbours in one charset are joined first, for some senders cut a
    Chinese character in two."""
    try:
        pieces = decode_header(_unfolded(value))
    except _BROKEN:  # base64 that is none
        pieces = [(_unfolded(value), None)]
    return clean_line("".join(_piece(*piece) for piece in pieces), 1_000)


def _piece(piece: bytes | str, charset: str | None) -> str:
    raw = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
    return (
        decode(raw, f"text/plain; charset={charset}" if charset else "").text
        if not raw.isascii() or charset
        else (raw.decode("ascii"))
    )


def _addresses(values: list[str]) -> list[tuple[str, str]]:
    """(name, address) of each; read before words are decoded, for a decoded name may hold what looks like one."""
    found = getaddresses([_unfolded(value) for value in values])
    return [(_decoded(name), address.lower()) for name, address in found if _ADDRESS.fullmatch(address)]


def _readers(message: Message) -> tuple[str, ...]:
    people = _addresses([value for name in _READERS for value in _all(message, name)])
    return tuple(dict.fromkeys(word for person in people for word in person if word))


# ------------------------------------------------------------------ contents
def _contents(message: Message, depth: int) -> tuple[str, str, tuple[str, ...], tuple[Letter, ...]]:
    """The first HTML and the first plain text that are no attachments, and mails that lie inside."""
    found: dict[str, str] = {}
    flags: list[str] = []
    inner: list[Letter] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            payload = part.get_payload()
            if depth and isinstance(payload, list):
                inner += [_letter(mail, depth - 1) for mail in payload[:1] if isinstance(mail, Message)]
        elif kind in ("text/html", "text/plain") and kind not in found and not _is_attached(part):
            body = part.get_payload(decode=True)
            if isinstance(body, bytes) and body.strip():
                label = part.get_content_charset() or ""
                decoded = decode(body[:MAX_TEXT_BYTES], f"{kind}; charset={label}" if label else "")
                found[kind] = decoded.text
                flags += decoded.flags
    return found.get("text/html", ""), found.get("text/plain", ""), tuple(dict.fromkeys(flags)), tuple(inner)


def _parts(message: Message) -> Iterator[Message]:
    """Leaves in their order; what lies in a mail inside is that mail's matter."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part, seen = waiting.pop(), seen + 1
        payload = part.get_payload() if part.is_multipart() else None
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [one for one in reversed(list(payload)) if isinstance(one, Message)]
        else:
            yield part


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None
