"""A page cut at its block tags: runs of text that stand or fall together, and the boxes they stand in.

One pass over the tree keeps what a judge of blocks needs (links, tags, names, places). Nothing here judges, but for
menus and page feet, which are left out unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from pipelines.hints import BY_ROLE, BY_TAG, hints_of
from pipelines.markup import BLOCKS, UNREAD

MAX_BLOCKS: Final = 10_000
_STRONG: Final = frozenset(("b", "strong", "em", "i"))
_FEW_PARAGRAPHS: Final = 4
_INLINE, _BOX, _UNREAD, _EDGE = 0, 1, 2, 3
_KIND: Final = {
    **dict.fromkeys((*BLOCKS, "td", "th"), _BOX),
    **dict.fromkeys(UNREAD, _UNREAD),
    **dict.fromkeys(("nav", "footer"), _EDGE),
}
_ARTICLE: Final = etree.XPath(".//h1 or .//article or .//main or count(.//p) > $few", smart_strings=False)


@dataclass(slots=True)
class Box:
    """An element that holds blocks. `parent` is its box's place in `Page.boxes`, -1 for the outermost."""

    parent: int
    tag: str
    hints: int  # bits of hints.BIT, its own only
    name: str  # tag and class: boxes of one kind on a page share it
    depth: int


@dataclass(slots=True)
class Block:
    """One run of text between two block tags; `linked` and `strong` of its characters stand in links and in bold."""

    text: str
    box: int
    linked: int
    strong: int
    row: int  # the table row it is a cell of, 0 outside tables


@dataclass(slots=True)
class Page:
    boxes: list[Box] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def cut(root: Any) -> Page:
    """The blocks and boxes under `root` in the page's order; at most MAX_BLOCKS of them."""
    page = Page()
    boxes, blocks = page.boxes, page.blocks
    parts: list[str] = []
    linked = strong = in_links = in_strong = row = rows = 0
    place = -1
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        tag = node.tag
        kind = _KIND.get(tag)
        if kind is None:
            kind = _BOX if "-" in tag else _INLINE
        starts = event == "start"
        if starts and kind == _UNREAD:
            if tag != "button" or not _holds_article(node):
                walker.skip_subtree()
                continue
            kind = _INLINE
        if (kind >= _BOX and kind != _UNREAD) or (starts and tag == "br"):
            if parts:
                text = _joined(parts, boxes[place].tag) if place >= 0 else ""
                if text:
                    blocks.append(Block(text, place, linked, strong, row))
                    if len(blocks) >= MAX_BLOCKS:
                        break
                parts = []
            linked = strong = 0
        if starts:
            text = node.text
            if kind == _INLINE:
                in_links += tag == "a"
                in_strong += tag in _STRONG
            else:
                if tag == "tr":
                    rows += 1
                    row = rows
                boxes.append(_box(node, tag, place, boxes))
                place = len(boxes) - 1
                if kind == _EDGE and not _holds_article(node):
                    walker.skip_subtree()
                    continue
        else:
            text = node.tail
            if kind == _INLINE:
                in_links -= tag == "a"
                in_strong -= tag in _STRONG
            elif kind != _UNREAD:
                place = boxes[place].parent
                if tag == "table":
                    row = 0
        if text:
            parts.append(text)
            if in_links:
                linked += len(text.strip())
            if in_strong:
                strong += len(text.strip())
    return page


def _box(node: Any, tag: str, parent: int, boxes: list[Box]) -> Box:
    words = node.get("class", "")
    hints = BY_TAG.get(tag, 0)
    if parent > 0:  # what <html> and <body> are called says nothing of a part
        hints |= hints_of(f"{words} {node.get('id', '')}") | BY_ROLE.get(node.get("role", ""), 0)
    return Box(parent, tag, hints, f"{tag}.{words}", boxes[parent].depth + 1 if parent >= 0 else 0)


def _joined(parts: list[str], tag: str) -> str:
    text = "".join(parts)
    return text.strip() if tag == "pre" else " ".join(text.split())


def _holds_article(node: Any) -> bool:
    """A <nav>, <footer> or <button> that was never closed, or is a box like any other to its author."""
    return bool(_ARTICLE(node, few=_FEW_PARAGRAPHS))
