"""Blocks of a mail → lines that may be kept: links cleaned, readers taken out, footer and furniture gone. Pure.

Behind this module no token, no tracking link and no reader's name is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from crawler.mailin.blocks import Block, Link
from crawler.mailin.readers import Readers, without_addresses
from crawler.mailin.shapes import Shape, leads_to
from db.linkclean import clean_link
from db.text import is_han
from db.urls import host_of

_LETTER: Final = re.compile(r"[^\W\d_]")
_END_WORDS: Final = re.compile(
    r"\bunsubscribe\b|\bopt[ -]out\b"
    r"|(?:manage|update|change|email) (?:your )?(?:email |subscription )?(?:preferences|settings)"
    r"|this (?:e-?mail|message) was (?:intended|sent)|you(?:['’]re| are) receiving|you received this"
    r"|you have received this|why did i get this|sent to you because|no longer wish to receive"
    r"|退订|退訂|取消订阅|取消訂閱|不想再收到|不再接收|您收到此|你收到此|本邮件发送给|此邮件发送给"
    r"|abmelden|désabonner|darse de baja",
    re.IGNORECASE,
)
_END_LINK: Final = re.compile(r"unsubscribe|opt-?out|disable_email|manage[_-]?preferences|tuiding", re.IGNORECASE)
_END_CHARACTERS: Final = 400  # a longer block speaks of unsubscribing, a footer just does
_END_SHORT, _END_EARLY = 100, 30  # so does a short one, or one that begins with it
_BEGINNING_CHARACTERS: Final = 60  # before so much was said, a footer's word is a header's
_BROWSER: Final = re.compile(
    r"(?:view|read|open|see)\s(?:\w+\s){0,4}(?:in (?:your |a |the )?(?:web )?browser|online|on the web)|web version"
    r"|online version|view online|trouble viewing|浏览器|瀏覽器|网页版|網頁版|在线阅读|在线查看|线上阅读|查看原文网页",
    re.IGNORECASE,
)
_CALLS: Final = re.compile(
    r"(?:read|see|learn|find out|view|show)(?: the)? (?:more|post|article|all|it|full (?:story|article|post|coverage))"
    r"\b.*"
    r"|(?:continue|keep) reading.*|read (?:the )?(?:rest|full|whole).*|read on.*|read in app|listen(?: now)?|share|like"
    r"|comment|reply|repost|restack|upgrade to paid|subscribe(?: now)?|follow|forward(?:ed)?.*|flag as irrelevant"
    r""
    r"|see more results.*|edit this alert|tweet|facebook|twitter|linkedin|instagram|youtube"
    r"|click here.*|play|watch now|join the conversation"
    r"|阅读(?:全文|原文|更多)|查看(?:全文|原文|更多|详情|动态)|点击(?:查看|阅读).*|了解更多|继续阅读|全文|更多|分享|点赞|评论|转发"
    r"|标记为不相关|閱讀(?:全文|更多)|[\d,.]+ (?:likes?|comments?|reactions?|reposts?|views?)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"=(?=[A-Za-z_~.]*\d)(?=[\d_~.]*[A-Za-z])[A-Za-z0-9_~.]{10,}+(?:&|$)")
_ARROWS: Final = " \t→»›>▸▶↗·•|-–—…:："


@dataclass(frozen=True, slots=True)
class Line:
    """One block, fit to be kept. `links` lead somewhere; `bare`: the text outside all links, tracked ones too."""

    text: str
    bare: str
    links: tuple[Link, ...] = ()
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """What is left of a mail. `browser`: the addresses under which it says it can be read on the web."""

    lines: tuple[Line, ...]
    browser: tuple[str, ...]


def kept_lines(blocks: Iterable[Block], readers: Readers, shape: Shape) -> Lines:
    """The lines above the footer, as far as the shape's `ends` do not end them before."""
    kept: list[Line] = []
    browser: list[str] = []
    said = 0
    waits = False  # "copy this address into your browser:", and the address a line further down
    for block in blocks:
        links = tuple(_clean_links(block.links, readers, shape))
        if _BROWSER.search(block.text) and len(block.text) <= _END_CHARACTERS:
            browser += [link.address for link in links if len(links) == 1 or _BROWSER.search(link.text)]
            waits = not block.links
            continue
        if waits and links and not has_letters(block.bare):
            browser.append(links[0].address)
            waits = False
            continue
        if _is_end(block, shape.ends):
            if said >= _BEGINNING_CHARACTERS:
                break
            continue
        text = _kept(block.text, readers)
        if text or links:
            kept.append(Line(text, _kept(block.bare, readers), links, block.heading))
            said += len(text)
    return Lines(tuple(kept), tuple(dict.fromkeys(browser)))


def has_letters(text: str) -> bool:
    return bool(_LETTER.search(text))


def is_call(text: str) -> bool:
    """Whether the words only call to click: a button, a counter, a network's name."""
    text = text.strip(_ARROWS)
    return not has_letters(text) or bool(_CALLS.fullmatch(text))


def is_furniture(line: Line) -> bool:
    """A line that says nothing: a call, or a few words that are nothing but links."""
    if is_call(line.text):
        return True
    return not line.heading and not has_letters(line.bare) and width(line.text) <= 30


def is_prose(text: str) -> bool:
    """Whether it reads like a sentence rather than a label."""
    return width(text) >= 60 or (width(text) >= 16 and bool(re.search(r"[.!?。！？…][\"'”’)]*$", text)))


def width(text: str) -> int:
    """Characters, a Han character as two: it says as much."""
    return len(text) + sum(map(is_han, text))


def _kept(text: str, readers: Readers) -> str:
    return readers.without(without_addresses(text))


def _clean_links(links: Iterable[Link], readers: Readers, shape: Shape) -> Iterable[Link]:
    for link in links:
        address = clean_link(link.address)
        if not address or any(one in address.lower() for one in readers.whole):
            continue
        # What a wrapper led to is public; the sender's own link may hold a number of the reader under any name.
        own = host_of(address) == host_of(link.address)
        if not own or not _TOKEN.search(urlsplit(address).query) or leads_to(shape.links, address):
            yield Link(address, _kept(link.text, readers))


def _is_end(block: Block, ends: Sequence[str]) -> bool:
    if len(block.text) > _END_CHARACTERS:
        return False
    if any(_END_LINK.search(link.address) for link in block.links):
        return True
    if any(block.text.lower().startswith(end) for end in ends):
        return True
    found = _END_WORDS.search(block.text)
    if found is None:
        return False
    linked = any(_END_WORDS.search(link.text) for link in block.links if len(link.text) < len(block.text))
    return linked or width(block.text) <= _END_SHORT or found.start() <= _END_EARLY
