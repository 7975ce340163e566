"""What a reader of a mail sees, from top to bottom: blocks of text with their links. Hidden parts are not seen.

Links stand as they came, tokens and all: nothing of a block may be kept before crawler.mailin.items has cleaned it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from db.text import clean_line

MAX_BLOCKS: Final = 5_000
_UNSEEN: Final = frozenset(("script", "style", "title", "head", "template", "svg", "object", "form"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4"))
_BREAKS: Final = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br center dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li main ol p"
        " pre section table tbody td th tr ul",
    )
)
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d]*[1-9])"
    r"|(?<![\w-])font-size\s*:\s*[01](?:px|pt|em)?\s*(?:;|!|$)|(?<![\w-])opacity\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_URL: Final = re.compile(r"https?://[^\s<>\"'，。）】]+")
_EMPTY_BRACKETS: Final = re.compile(r"[<(\[（]\s*[>)\]）]")


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """`bare`: the text that is part of no link."""

    text: str
    links: tuple[Link, ...] = ()
    heading: bool = False
    bare: str = ""


@dataclass(slots=True)
class _Open:
    """The block that is being read; a link goes on through tables inside it (layout) and counts once."""

    text: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    links: list[tuple[str, list[str]]] = field(default_factory=list)
    heading: bool = False

    def add(self, text: str, link: str) -> None:
        self.text.append(text)
        if not link:
            self.bare.append(text)
            return
        if not self.links or self.links[-1][0] != link:  # it was opened in the block above
            self.links.append((link, []))
        self.links[-1][1].append(text)

    def closed(self) -> Block:
        links = tuple(Link(address, clean_line("".join(text))) for address, text in self.links)
        return Block(
            clean_line("".join(self.text), 20_000), links, self.heading, clean_line("".join(self.bare), 20_000)
        )


def html_blocks(markup: str) -> list[Block]:
    """The blocks of an HTML mail; none where there is no tree to be had."""
    root = _tree(markup)
    return [] if root is None else list(_walk(root))


def text_blocks(text: str) -> list[Block]:
    """The blocks of a plain mail. The first line of a paragraph with an address stands for its link and heads it."""
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip(" -=_*#")]
        addresses = [address.rstrip(".,;:!?") for line in lines for address in _URL.findall(line)]
        words = [_EMPTY_BRACKETS.sub("", _URL.sub("", line)).strip() for line in lines]
        words = [clean_line(line, 20_000) for line in words if line.strip(" -=_*#")]
        if not words and addresses:
            words = [""]
        for place, line in enumerate(words):
            links = tuple(Link(address, line) for address in addresses) if place == 0 else ()
            found.append(Block(line, links, heading=bool(links), bare="" if links else line))
    return found[:MAX_BLOCKS]


def _tree(markup: str) -> HtmlElement | None:
    data = markup.replace("\0", "").encode("utf-8", "replace")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def _walk(root: Any) -> Iterator[Block]:
    block, links, headings, made = _Open(), [""], 0, 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        tag = node.tag
        if event == "start" and _is_hidden(node, root):
            walker.skip_subtree()
            continue
        if tag in _BREAKS and (block.text or block.links):
            if any(part.strip() for part in block.text) or block.links:
                yield block.closed()
                made += 1
            if made >= MAX_BLOCKS:
                return
            block = _Open(heading=headings > 0)
        if event == "start":
            if tag == "a":
                links.append((node.get("href") or "").strip())
                block.links.append((links[-1], []))
            elif tag in _HEADINGS:
                headings += 1
                block.heading = True
            if node.text:
                block.add(re.sub(r"\s+", " ", node.text), links[-1])
            continue
        if tag == "a" and len(links) > 1:
            links.pop()
        elif tag in _HEADINGS:
            headings -= 1
            block.heading = headings > 0
        if node.tail and node is not root:
            block.add(re.sub(r"\s+", " ", node.tail), links[-1])
    if any(part.strip() for part in block.text) or block.links:
        yield block.closed()


def _is_hidden(node: Any, root: Any) -> bool:
    if node is root:
        return False
    hidden = node.get("hidden") is not None or node.get("aria-hidden") == "true"
    return hidden or node.tag in _UNSEEN or bool(_HIDDEN.search((node.get("style") or "")[:500]))
