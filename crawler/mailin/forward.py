"""Mails that a colleague sends on: a link with a quotation and a note, or a whole newsletter. Pure.

Only called for senders whom the configuration names; whoever they are, nobody is named in what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crawler.mailin.blocks import Block, html_blocks, text_blocks
from crawler.mailin.letter import Letter
from crawler.mailin.lines import has_letters
from crawler.mailin.readers import readers_of, without_addresses
from db.linkclean import clean_link
from db.text import beginning

QUOTE_CHARACTERS: Final = 500
_PREFIX: Final = re.compile(r"^(?:(?:fwd?|fw|wg|tr|re|aw|转发|轉發|回复|答复)\s*[:：]\s*)+", re.IGNORECASE)
_BELOW = (
    r"^[\s>*_-]*(?:begin forwarded message|(?:forwarded|original) message|转发的?邮件|转发邮件信息|原始邮件|原邮件)"
)
_FORWARDED: Final = re.compile(_BELOW, re.IGNORECASE)
_SIGNATURE: Final = re.compile(rf"^-- ?\r?$.*?(?={_BELOW}|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_HEAD: Final = re.compile(
    r"^[\s>*]*(?:from|to|cc|date|sent|subject|reply-to|发件人|收件人|抄送|时间|日期|发送时间|主题)\s*[:：]\s*(?P<value>.*)",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(r"^[\s>*]*(?:subject|主题)\s*[:：]", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[“\"「『](?P<words>[^“”\"「」『』]{12,})[”\"」』]")
_URL: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a colleague brought: `url` is clean; texts are plain and may be empty."""

    url: str
    title: str
    quote: str
    note: str


def brought(letter: Letter) -> Brought | None:
    """The first link of a mail with the words around it; None without a link that may be kept.

    Words in quotation marks, behind ">" or below the line that begins a forwarded mail are the quotation; what stands
    above, the note.
    """
    plain = text_blocks(_SIGNATURE.sub("", letter.text))
    blocks = plain if any(block.links for block in plain) else html_blocks(letter.html)
    url = next((link for block in blocks for one in block.links if (link := clean_link(one.address))), None)
    if url is None:
        return None
    texts = [letter.subject, *(block.text for block in blocks)]
    readers = readers_of((*letter.readers, letter.sender, letter.sender_name), texts, "")
    subject, said, sent_on = _parted(letter.subject, blocks)
    note, quoted = _quoted(said)
    clean = [readers.without(without_addresses(_URL.sub("", text))) for text in (subject, quoted or sent_on, note)]
    title, quote, note = (" ".join(text.split()) for text in clean)
    return Brought(url, _PREFIX.sub("", title), beginning(quote, QUOTE_CHARACTERS), note)


def _parted(subject: str, blocks: Iterable[Block]) -> tuple[str, list[str], str]:
    """The subject (of the forwarded mail, where there is one), what was written, and what was forwarded."""
    said: list[str] = []
    sent_on: list[str] = []
    below = False
    for block in blocks:
        if not below and _FORWARDED.match(block.text):
            below = True
        elif below and (head := _HEAD.match(block.text)) and not sent_on:
            subject = head["value"] if _SUBJECT.match(block.text) else subject
        elif has_letters(_URL.sub("", block.text)):
            (sent_on if below else said).append(block.text)
    return subject, said, " ".join(sent_on)


def _quoted(said: Sequence[str]) -> tuple[str, str]:
    """The note, and the words that are quoted in it."""
    behind = [text.lstrip("> ") for text in said if text.startswith(">")]
    own = " ".join(text for text in said if not text.startswith(">"))
    if behind:
        return own, " ".join(behind)
    found = _QUOTED.search(own)
    return (own[: found.start()] + own[found.end() :], found["words"]) if found else (own, "")
