"""Newsletters, notifications and alerts in the true shapes of their senders: people, texts and tokens are invented.

The shapes lie in tests/letters. Each sample knows what a right reading of it finds. The reader's name and the tokens
stand in all of them, so that a search for `CANARIES` tells what leaked.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from pathlib import Path
from quopri import encodestring
from typing import Any
from urllib.parse import quote

import opencc
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

HOST = "mx.harbor-team.example"
READER, ADDRESS = "Zephyrine Quackenbush", "zephyrine.quackenbush@harbor-team.example"
TOKENS = {
    "MID": "AQHcanarymid7Wk", "SIG": "1cnrySigQ4x8o1", "EID": "3canaryEid9f", "OTP": "cnryOtpMWEyMzQ1Njc4OTA",
    "TRK": "eml-canary-trk-body", "JWT": "canaryJ9.eyJ1IjoiY2FuYXJ5In0.c1gn4tur3", "SUBSCRIBER": "c4n4ry5ubscr1ber",
    "MEMBER": "0c4n4ry0-77aa-4b5c-9d2e-000000c4n4ry",
}  # fmt: skip
#: What must be nowhere outside the mailbox: tokens as they stand in links, and the reader in any spelling.
CANARIES = (*TOKENS.values(), "quackenbush", "zephyrine")
_FOLDER = Path(__file__).parent / "letters"
_SHAPES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_ENCODINGS = ("quoted-printable", "base64")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one article or post says."""

    author: str
    title: str
    lead: str
    more: str
    slug: str

    @property
    def handle(self) -> str:
        return "".join(ch for ch in self.author.lower() if ch.isalnum() and ch.isascii()) or f"author-{self.slug}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a right reading finds."""

    author: str
    title: str
    lead: str
    link: str


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    sender: str
    raw: bytes
    wanted: tuple[Wanted, ...]


def pieces() -> list[Piece]:
    """Ten in English, four in Chinese."""
    rows = tomllib.loads((_FOLDER / "pieces.toml").read_text(encoding="utf-8"))["piece"]
    words = ("".join(ch for ch in row["title"].lower() if ch.isascii() and ch.isalpha())[:18] for row in rows)
    return [Piece(**row, slug=f"{word}-{n}x7q{n}") for n, (row, word) in enumerate(zip(rows, words, strict=True))]


# ------------------------------------------------------------------ putting a mail together
def mail(
    sender: tuple[str, str],
    subject: str,
    html: str = "",
    text: str = "",
    *,
    number: int = 0,
    at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    charset: str = "utf-8",
    encoding: str = "quoted-printable",
    results: str | None = None,
    attachment: bytes = b"",
) -> bytes:
    """A mail as it lies in the reader's folder. `results`: the mail host's word; by default, that all is well."""
    parts = [_part(body, kind, charset, encoding) for body, kind in ((text, "plain"), (html, "html")) if body]
    message = parts[0] if len(parts) == 1 else _multipart("alternative", parts)
    if attachment:
        message = _multipart("mixed", [message, _file(attachment)])
    domain = sender[1].rpartition("@")[2]
    date = format_datetime(at or now())
    if results is None:
        results = f"{HOST}; dkim=pass header.i=@{domain} header.s=s1; dmarc=pass (p=REJECT) header.from={domain}"
    head = {
        "Delivered-To": ADDRESS,
        "Received": f"from out.{domain} by {HOST} for <{ADDRESS}>; {date}",
        "Authentication-Results": results,
        "From": formataddr((_word(sender[0], charset), sender[1])),
        "To": formataddr((READER, ADDRESS)),
        "Subject": _word(subject, charset),
        "Date": date,
        "Message-ID": f"<{number:06d}.{TOKENS['MID']}@{domain}>",
        **(headers or {}),
    }
    lines = "".join(f"{name}: {value}\n" for name, value in head.items() if value)
    return (lines.encode() + message.as_bytes()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _word(text: str, charset: str) -> str:
    return text if text.isascii() else Header(text, charset, maxlinelen=60).encode()


def _part(text: str, kind: str, charset: str, encoding: str) -> Message:
    part = MIMENonMultipart("text", kind, charset=charset)
    body = text.encode(charset)
    part.set_payload(
        (encodestring(body) if encoding == "quoted-printable" else base64.encodebytes(body)).decode("ascii")
    )
    part["Content-Transfer-Encoding"] = encoding
    return part


def _multipart(kind: str, parts: Sequence[Message]) -> Message:
    made = MIMEMultipart(kind)
    for part in parts:
        made.attach(part)
    return made


def _file(content: bytes) -> Message:
    file = MIMEBase("application", "pdf")
    file.set_payload(base64.encodebytes(content).decode("ascii"))
    file["Content-Transfer-Encoding"] = "base64"
    file.add_header("Content-Disposition", "attachment", filename=f"{READER}.pdf")
    return file


def forwarded(raw: bytes, number: int) -> bytes:
    """A colleague sends a whole mail on."""
    note = MIMEText(f"Have a look, {READER.split()[0]}.\n", "plain", "utf-8")
    outer = _multipart("mixed", [note, MIMEMessage(message_from_bytes(raw))])
    head = {
        "Authentication-Results": f"{HOST}; dkim=pass header.d=harbor-team.example",
        "From": "Mina <mina@harbor-team.example>", "To": formataddr((READER, ADDRESS)),
        "Subject": "Fwd: have a look", "Date": format_datetime(now()), "Message-ID": f"<f{number}@harbor-team.example>",
    }  # fmt: skip
    for name, value in head.items():
        outer[name] = value
    return outer.as_bytes()


def now() -> datetime:
    """When the mails were sent: today, for old mail is left alone."""
    return datetime.now(UTC).replace(microsecond=0)


def _linkedin(path: str, what: str) -> str:
    token = TOKENS
    return (
        f"https://www.linkedin.com/comm{path}?midToken={token['MID']}&midSig={token['SIG']}&trk={token['TRK']}-{what}"
        f"&trkEmail={token['TRK']}&eid={token['EID']}&otpToken={token['OTP']}&lipi=urn%3Ali%3Apage%3A{token['EID']}"
    )


def _shape(name: str, **values: Any) -> str:
    common = {"reader": READER, "first_name": READER.split()[0], "address": ADDRESS, "linkedin": _linkedin, **TOKENS}
    return _SHAPES.get_template(name).render(**common, **values)


# ------------------------------------------------------------------ the senders
def linkedin_newsletter(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    values = {"piece": piece, "number": number, "handle": piece.handle}
    html, text = (_shape(f"linkedin_newsletter.{kind}", **values) for kind in ("html", "txt"))
    sender = (f"{piece.author} via LinkedIn", "newsletters-noreply@linkedin.com")
    raw = mail(sender, piece.title, html, text, number=number, encoding=_ENCODINGS[number % 2])
    return raw, (Wanted(piece.author, piece.title, piece.lead, f"https://www.linkedin.com/pulse/{piece.slug}"),)


def linkedin_notification(two: Sequence[Piece], number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    posts, wanted = [], []
    for place, piece in enumerate(two):
        # An hour ago, and a number: the upper bits of the id are milliseconds.
        activity = ((int(now().timestamp()) - 3600) * 1000 << 22) + number * 10 + place
        path = f"/posts/{piece.handle}_fees-activity-{activity}-Ab1c"
        if place:
            path = f"/feed/update/urn:li:activity:{activity}/"
        posts.append({"piece": piece, "handle": piece.handle, "path": path})
        wanted.append(Wanted(piece.author, piece.lead, piece.lead, f"https://www.linkedin.com{path.rstrip('/')}"))
    html = _shape("linkedin_notification.html", posts=posts, number=number)
    subject = f"{READER.split()[0]}, {two[0].author} and others posted"
    return mail(("LinkedIn", "notifications-noreply@linkedin.com"), subject, html, number=number), tuple(wanted)


def substack(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    post = f"https://freightletter.substack.com/p/{piece.slug}"
    html, text = (_shape(f"substack.{kind}", piece=piece, number=number, post=post) for kind in ("html", "txt"))
    headers = {
        "List-ID": "<freightletter.substack.com>",
        "List-Post": f"<{post}>" if number % 3 else "",
        "List-Unsubscribe": f"<https://freightletter.substack.com/action/disable_email?token={TOKENS['JWT']}>",
    }
    sender = (f"{piece.author} from The Freight Letter", "freightletter@substack.com")
    return mail(sender, piece.title, html, text, number=number, headers=headers), (
        Wanted(piece.author, piece.title, piece.lead, post),
    )


def beehiiv(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    post = f"https://parcelbrief.beehiiv.com/p/{piece.slug}"
    html, text = (_shape(f"beehiiv.{kind}", piece=piece, number=number, post=post) for kind in ("html", "txt"))
    headers = {"List-Unsubscribe": f"<https://mail.beehiiv.com/unsub/{TOKENS['SUBSCRIBER']}>"}
    sender = ("Parcel Brief", "parcelbrief@mail.beehiiv.com")
    raw = mail(sender, piece.title, html, text, number=number, headers=headers, encoding="base64")
    return raw, (Wanted(piece.author, piece.title, piece.lead, post),)


def mailchimp(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    archive = f"https://us1.campaign-archive.com/?u=5f0c&id=9a{number}77"
    own = f"{archive}&e={TOKENS['SUBSCRIBER']}"
    if number % 2:
        archive = f"https://mailchi.mp/quaynotes/{piece.slug}"
        own = f"{archive}?e={TOKENS['SUBSCRIBER']}"
    html, text = (_shape(f"mailchimp.{kind}", piece=piece, number=number, own=own) for kind in ("html", "txt"))
    headers = {
        "List-ID": "5f0cmc list <5f0c.77.list-id.mcsv.net>",
        "List-Unsubscribe": f"<https://quaynotes.us1.list-manage.com/unsubscribe?e={TOKENS['SUBSCRIBER']}>",
    }
    sender = (f"{piece.author} | Quay Notes", "letters@quaynotes.example")
    attachment = b"%PDF" * 500 if number % 4 == 0 else b""
    raw = mail(sender, piece.title, html, text, number=number, headers=headers, attachment=attachment)
    return raw, (Wanted(piece.author, piece.title, piece.lead, archive),)


def google_alerts(found: Sequence[Piece], number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    items, wanted = [], []
    for place, piece in enumerate(found):
        outlet = ("Harbour Ledger", "Parcel & Shelf", "跨境日报", "The Quay")[place % 4]
        target = f"https://news{place}.example/{piece.slug}?story={number}{place}&lang=en"
        tokens = f"cd={TOKENS['EID']}{TOKENS['MID']}&usg=AOvVaw{TOKENS['SUBSCRIBER']}"
        link = f"https://www.google.com/url?rct=j&sa=t&url={quote(target, safe=':/')}&ct=ga&{tokens}"
        items.append({"piece": piece, "outlet": outlet, "target": target, "link": link})
        wanted.append(Wanted(outlet, piece.title, piece.lead, target))
    html, text = (_shape(f"google_alerts.{kind}", items=items) for kind in ("html", "txt"))
    sender = ("Google Alerts", "googlealerts-noreply@google.com")
    page = "" if number % 4 == 0 else html
    return mail(sender, "Google Alert - TikTok Shop", page, text, number=number), tuple(wanted)


def kit(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    page = f"https://sellwell.kit.com/posts/{piece.slug}"
    code = base64.urlsafe_b64encode(page.encode()).decode().rstrip("=")
    click = f"https://click.convertkit-mail2.com/{TOKENS['SUBSCRIBER']}/{TOKENS['EID']}h8/{code}"
    html = _shape("kit.html", piece=piece, click=click)
    headers = {"List-Unsubscribe": f"<https://unsubscribe.convertkit-mail2.com/{TOKENS['SUBSCRIBER']}>"}
    sender = (f"{piece.author} at Sell Well", "letters@sellwell.example")
    return mail(sender, piece.title, html, number=number, headers=headers), (
        Wanted(piece.author, piece.title, piece.lead, page),
    )


def ghost(piece: Piece, number: int) -> tuple[bytes, tuple[Wanted, ...]]:
    post = f"https://dockside.example/{piece.slug}/"
    html, text = (_shape(f"ghost.{kind}", piece=piece, post=post) for kind in ("html", "txt"))
    headers = {"List-Unsubscribe": f"<https://dockside.ghost.io/unsubscribe/?uuid={TOKENS['MEMBER']}>"}
    sender = ("Dockside", "noreply@dockside.ghost.io")
    raw = mail(sender, piece.title, html, text, number=number, headers=headers, encoding=_ENCODINGS[number % 2])
    return raw, (Wanted(piece.author, piece.title, piece.lead, post),)


def chinese_digest(found: Sequence[Piece], number: int, charset: str) -> tuple[bytes, tuple[Wanted, ...]]:
    turn = opencc.OpenCC("s2tw").convert if charset == "big5" else str
    items, wanted = [], []
    for place, piece in enumerate(found):
        url = f"https://www.haiyunzhoubao.example/article/{number}{place}.html"
        items.append({"piece": piece, "link": f"{url}?utm_source=edm&uid={TOKENS['SUBSCRIBER']}&email={ADDRESS}"})
        wanted.append(Wanted(turn(piece.author), turn(piece.title), turn(piece.lead), url))
    html = turn(_shape("chinese_digest.html", items=items, number=number, charset=charset))
    subject = turn(f"海运周报第{number}期：{found[0].title}，以及本周跨境要闻")
    sender = (turn("海运周报"), "edm@haiyunzhoubao.example")
    return mail(sender, subject, html, number=number, charset=charset, encoding="base64"), tuple(wanted)


def samples() -> list[Sample]:
    """The corpus: every sender with many pieces, in turn in their layouts, encodings and charsets."""
    return list(_samples())


def _samples() -> Iterator[Sample]:
    told = pieces()
    chinese, number = told[10:], 1
    for make in (linkedin_newsletter, substack, beehiiv, mailchimp, kit, ghost):
        for piece in told[:12]:
            yield Sample(f"{make.__name__}-{number}", make.__name__, *make(piece, number))
            number += 1
    for start in range(10):
        two, four = [told[start], told[(start + 5) % 12]], [told[(start + step) % 14] for step in (0, 3, 6, 9)]
        yield Sample(f"linkedin_notification-{number}", "linkedin_notification", *linkedin_notification(two, number))
        yield Sample(f"google_alerts-{number + 1}", "google_alerts", *google_alerts(four, number + 1))
        charset = ("gb18030", "utf-8", "big5")[start % 3]
        turned = [*chinese[start % 4 :], *chinese[: start % 4]]
        digest = chinese_digest(turned[: 3 + start % 2], number + 2, charset)
        yield Sample(f"chinese_digest-{charset}-{number + 2}", "chinese_digest", *digest)
        number += 3
