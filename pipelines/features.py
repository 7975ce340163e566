"""What can be counted about the blocks of a page: lengths, links, names of boxes, places, neighbours.

One column of numbers for each of NAMES, one value per judged block. No judgement and hardly any language. The model is
trained on exactly these numbers: whoever changes one trains it again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.blocks import Block, Box, Page
from pipelines.boilerplate import opening
from pipelines.hints import BIT

_HINTS: Final = ("comment", "related", "foot", "content", "article", "main", "form", "list", "menu", "caption")
NAMES: Final = (
    "width", "link_share", "ends", "repeats", "tag", "strong",
    *(f"in_{name}" for name in _HINTS), "own_bad", "far_content", "far_bad", "depth",
    "box_share", "box_links", "box_prose", "box_blocks", "up_share", "up_links", "up_prose", "up_blocks",
    "in_root", "root_share", "root_distance", "kin_prose", "kin_count", "kin_links",
    "place", "place_width", "after_title", "after_first", "before_last",
    "links_1", "tag_1", "links_2", "width_1", "width1", "links1", "tag1", "links2", "prose_near",
    "since_related", "since_talk", "since_any", "kinship", "title_words",
)  # fmt: skip

_CJK: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff21-\uff5a]")
_ENDS: Final = re.compile(r"[.!?…।؟。！？][\"'”’»)\]」』）]*$")
_LONG: Final = re.compile(r"[^\W\d_]{5,}|[\u3400-\u9fff]{2}")
_TAGS: Final = {
    "p": 0, "blockquote": 1, "pre": 1, "li": 2, "dd": 2, "dt": 3, "h2": 4, "h3": 4, "h4": 5, "h5": 6, "h6": 6, "h1": 7,
    "td": 8, "th": 9, "figcaption": 10, "caption": 10, "section": 11, "article": 11, "main": 11, "div": 12,
}  # fmt: skip
_HEADINGS: Final = frozenset((4, 5, 6, 7))
_OTHER_TAG: Final = 13
_PROSE_WIDTH: Final = 80
_SEEN_CHARACTERS: Final = 1500
_FAR: Final = 9.0
_LONG_AGO: Final = 50.0
_BAD: Final = sum(
    BIT[name]
    for name in ("comment", "share", "related", "advert", "sell", "byline", "stamp", "caption", "tags", "menu", "side",
                 "foot", "modal", "embed", "nav", "footer", "aside", "form")
)  # fmt: skip
_CONTENT: Final = BIT["content"] | BIT["alone"] | BIT["article"]
_WHOLE_SHARE: Final = 0.7  # a box with so much of the page's prose says little of a single block


@dataclass(slots=True)
class Line:
    """One block with what its own text says. `width` in letters, a Han character counted as two and a half."""

    block: Block
    width: float
    link_share: float
    ends: float  # 1 a sentence ends the block, 0.5 a colon
    tag: int
    opens: str | None
    prose: bool
    judged: bool  # a line of nothing but links is never an article's text, unless it is a heading
    hints: int = 0  # of all boxes around, but those that hold nearly everything
    around: int = -1  # the box around its own


def lines_of(page: Page) -> list[Line]:
    lines = []
    for block in page.blocks:
        text = block.text
        size = len(text)
        width = size if text.isascii() else size + 1.5 * _CJK.subn("", text)[1]
        share = min(1.0, block.linked / size)
        tag = _TAGS.get(page.boxes[block.box].tag, _OTHER_TAG)
        ends = 1.0 if _ENDS.search(text, size - 6 if size > 6 else 0) else 0.5 if text[-1] in ":：" else 0.0
        prose = width >= _PROSE_WIDTH and share < 0.5 and (ends > 0 or width > 2 * _PROSE_WIDTH)
        judged = share <= 0.9 or tag in _HEADINGS
        lines.append(Line(block, width, share, ends, tag, opening(text), prose, judged))
    return lines


def columns_of(page: Page, lines: Sequence[Line], title: str) -> list[tuple[float, ...]]:
    """The columns of NAMES over the judged ones of `lines`; sets the lines' `hints` and `around`. `title` is
    the page's own."""
    around = _around(page.boxes, lines)
    whole = sum(line.width for line in lines) or 1.0
    total = len(lines)
    prose = [place for place, line in enumerate(lines) if line.prose]
    first, last = (prose[0], prose[-1]) if prose else (total, -1)
    repeats = Counter(line.block.text for line in lines)
    heading = heading_of(lines, title)
    since = _since(lines)
    kinship = _kinship(lines, title)
    none = Line(Block("", 0, 0, 0, 0), 0.0, 0.0, 0.0, 0, None, False, False)
    padded = [none, none, none, *lines, none, none, none]
    free = [line.width * (1 - line.link_share) for line in padded]
    rows, seen = [], 0.0
    for place, line in enumerate(lines):
        if line.judged:
            b2, b1, a1, a2 = padded[place + 1], padded[place + 2], padded[place + 4], padded[place + 5]
            block = line.block
            rows.append((
                line.width, line.link_share, line.ends, repeats[block.text], line.tag,
                min(1.0, block.strong / len(block.text)),
                *around[block.box],
                place / total, seen / whole, max(-50, min(200, place - heading)) if heading >= 0 else -99,
                max(-50, min(200, place - first)), max(-50, min(200, last - place)),
                b1.link_share, b1.tag, b2.link_share, b1.width, a1.width, a1.link_share, a1.tag, a2.link_share,
                sum(free[place : place + 7]) - free[place + 3],
                *since[place], *kinship[place],
            ))  # fmt: skip
        seen += line.width
    return list(zip(*rows, strict=True))


def heading_of(lines: Sequence[Line], title: str) -> int:
    """The place of the page's title among its lines, best a heading; -1 if it is not there."""
    wanted = title.casefold()
    if len(wanted) < 2:
        return -1
    found = -1
    for place, line in enumerate(lines):
        text = line.block.text
        if (line.tag == 7 or abs(len(text) - len(wanted)) <= 2) and text.casefold() in (wanted, wanted.strip(" .。")):
            if line.tag == 7:
                return place
            found = place if found < 0 else found
    return found if found >= 0 else next((place for place, line in enumerate(lines) if line.tag == 7), -1)


def _since(lines: Sequence[Line]) -> list[tuple[float, float, float]]:
    """Blocks since a line like a heading that opens other stories, or talk, or either or calls to share; 50 at most."""
    related = share = talk = _LONG_AGO
    found = []
    for line in lines:
        if line.opens and line.width < 60 and line.ends == 0:
            if line.opens == "related":
                related = 0.0
            elif line.opens == "share":
                share = 0.0
            else:
                talk = 0.0
        found.append((related, talk, min(related, share, talk)))
        related, share, talk = min(_LONG_AGO, related + 1), min(_LONG_AGO, share + 1), min(_LONG_AGO, talk + 1)
    return found


def _kinship(lines: Sequence[Line], title: str) -> list[tuple[float, float]]:
    """Of each line, the share of its longer words that the page's prose has elsewhere, and of the title's in it."""
    words = [set(_LONG.findall(line.block.text[:_SEEN_CHARACTERS].lower())) if line.judged else set() for line in lines]
    count: Counter[str] = Counter()
    for said, line in zip(words, lines, strict=True):
        if line.prose:
            count.update(said)
    wanted = set(_LONG.findall(title.lower()))
    twice = {word for word, times in count.items() if times > 1}
    found = []
    for said, line in zip(words, lines, strict=True):
        known = len(said & twice) if line.prose else len(said & count.keys())
        found.append((known / len(said) if said else 0.0, len(said & wanted) / len(wanted) if wanted else 0.0))
    return found


def _around(boxes: Sequence[Box], lines: Sequence[Line]) -> dict[int, tuple[float, ...]]:
    """What the boxes around a block say, for each box that holds one."""
    width, linked, prose, count, kin = _sums(boxes, lines)
    root = _root(boxes, lines, width, linked)
    page_width, page_prose = max(1.0, width[0]), max(1.0, prose[0])
    hints, inside = [0] * len(boxes), [False] * len(boxes)
    far_content, far_bad = [_FAR] * len(boxes), [_FAR] * len(boxes)
    for at, box in enumerate(boxes):
        up = box.parent
        said = box.hints & ~_BAD if prose[at] > _WHOLE_SHARE * page_prose else box.hints
        hints[at] = said | (hints[up] if up >= 0 else 0)
        far_content[at] = 0.0 if said & _CONTENT else min(_FAR, far_content[up] + 1) if up >= 0 else _FAR
        far_bad[at] = 0.0 if said & _BAD else min(_FAR, far_bad[up] + 1) if up >= 0 else _FAR
        inside[at] = at == root or (up >= 0 and inside[up])
    bits = [BIT[name] for name in _HINTS]
    found: dict[int, tuple[float, ...]] = {}
    for line in lines:
        at = line.block.box
        line.hints, line.around = hints[at], boxes[at].parent
        if at in found:
            continue
        box = boxes[at]
        up = max(0, box.parent)
        over = max(0, boxes[up].parent)
        family = kin[box.name, boxes[up].name]
        found[at] = (
            *(1.0 if hints[at] & bit else 0.0 for bit in bits), 1.0 if (box.hints | boxes[up].hints) & _BAD else 0.0,
            far_content[at], far_bad[at], box.depth,
            width[up] / page_width, linked[up] / max(1.0, width[up]), prose[up] / page_prose, count[up],
            width[over] / page_width, linked[over] / max(1.0, width[over]), prose[over] / page_prose, count[over],
            1.0 if inside[at] else 0.0, prose[root] / page_prose,
            box.depth - boxes[root].depth if inside[at] else -1.0,
            family[2] / page_prose, family[3], family[1] / max(1.0, family[0]),
        )  # fmt: skip
    return found


Sums = tuple[list[float], list[float], list[float], list[int], dict[tuple[str, str], list[float]]]


def _sums(boxes: Sequence[Box], lines: Sequence[Line]) -> Sums:
    """Width, linked width, prose and number of blocks under each box, and the same of boxes of one kind."""
    total = len(boxes)
    width, linked, prose, count = [0.0] * total, [0.0] * total, [0.0] * total, [0] * total
    kin: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        at = line.block.box
        in_links = line.width * line.link_share
        in_prose = line.width if line.prose else 0.0
        width[at] += line.width
        linked[at] += in_links
        prose[at] += in_prose
        count[at] += 1
        key = (boxes[at].name, boxes[max(0, boxes[at].parent)].name)
        family = kin.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        family[0] += line.width
        family[1] += in_links
        family[2] += in_prose
        family[3] += 1
    for at in range(total - 1, 0, -1):
        up = boxes[at].parent
        if up >= 0:
            width[up] += width[at]
            linked[up] += linked[at]
            prose[up] += prose[at]
            count[up] += count[at]
    return width, linked, prose, count, kin


def _root(boxes: Sequence[Box], lines: Sequence[Line], width: Sequence[float], linked: Sequence[float]) -> int:
    """The box that readability's rule of thumb takes for the article: paragraphs vote for the box around them, and
    half for the one around that."""
    score: dict[int, float] = {}
    for line in lines:
        if line.prose:
            at = line.block.box
            if line.tag < 11 and boxes[at].parent >= 0:
                at = boxes[at].parent
            score[at] = score.get(at, 0.0) + line.width
            if (up := boxes[at].parent) >= 0:
                score[up] = score.get(up, 0.0) + line.width / 2
    best, best_score = 0, 0.0
    for at, value in sorted(score.items()):
        value *= (1 - linked[at] / width[at]) * (0.6 if boxes[at].hints & _BAD else 1.0)
        if value > best_score:
            best, best_score = at, value
    return best
