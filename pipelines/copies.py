"""Near-copies: reprints, wire copy, spun copy and simplified/traditional twins are recognised by a small sketch.

A sketch is the exact hash of the bare text, the 128 smallest hashes of its three-token shingles (a "bottom-k" sketch:
for texts of up to 128 shingles the whole set), the hashes of its figures, and bands for the index. Own code: the
libraries that offer MinHash bring numpy and scipy with them, and this is what one pass and a sort can do.
Must not: read the clock or the store, or decide anything from titles alone where there is a text.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal
from zlib import crc32

from db.text import fold
from db.types import CopyCandidate, CopyMatch, Sketch
from pipelines.sentences import own_text

KEPT = 128  # hashes kept of the shingles: a similarity of 0.5 is known to ± 0.045
FIGURES_KEPT = 16
BANDS = 23  # of two rows each, plus one for the exact hash
TITLE_COUNTS_BELOW = 40  # tokens: shorter texts are feeds' teasers, whose title is part of what they say
MIN_TOKENS = 8  # shorter ones ("Morning briefing", 今日要闻) are never copies of anything
MIN_SIMILAR = 24  # shingles; below, only the exact hash counts
SIMILAR = 0.55
CONTAINED = 0.72
MAX_RATIO = 4.0  # a round-up that holds a short text among many others is no copy of it
SAME_FIGURES = 0.6

_TOKEN = re.compile(r"[㐀-鿿豈-﫿]|[^\W_㐀-鿿豈-﫿]+(?:[.,][0-9]+)*")
_LINE = re.compile(
    r"""\s*[\[【(（]?\s*(?:
      (?:本文)?(?:责任|执行|本文)?(?:编辑|责编|主编|校对|排版|作者|来源|转载|原标题|图源|题图|封面图)(?:自|来源|于)?\s*[:：丨|/]
    | (?:转载|引用|如需转载|未经授权|版权|声明|免责|风险提示|特别声明|郑重声明|以上内容|本文不构成|文章仅代表|本文为)
    | (?:扫码|扫一扫|长按|关注|点击|分享|微信|加入|添加).{0,12}
        (?:关注|公众号|二维码|订阅|阅读原文|到微信|朋友圈|社群|好友|客服)
    | 分享到|阅读原文|相关阅读|延伸阅读|推荐阅读|海量资讯
    | (?:share|tweet|e-?mail|print|save|follow)\s+(?:this|on|us|via)\b
    | (?:read|see)\s+(?:more|also|next)\b | (?:sign\s+up|subscribe|click\s+here|related(?:\s+(?:articles?|stories))?:)
    | advertisement\b | continue\s+reading | copyright\b | ©
    | (?:photo|image|picture)(?:\s+credits?)?\s*: | our\s+standards\s*: | all\s+rights\s+reserved
    | (?:additional\s+)?(?:reporting|writing|editing)\s+by\b
    | this\s+(?:article|story|post)\s+(?:was\s+)?(?:originally|first)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LINE_LIMIT = 160  # characters: a longer line is a paragraph that merely begins like boilerplate
_DATELINE = re.compile(
    r"""\s*(?:
      [【\[（(][^】\]）)\n]{1,30}[】\]）)]\s*
    | [^\s，。,.:：]{0,12}(?:社|网|报)[^，。\n]{0,16}(?:电|讯)(?:\s*[（(][^）)\n]{0,30}[）)])?[，,：:\s]*
    | (?:[A-Z][\w.'’]*[ ,/]{1,2}){1,5}(?:[A-Z][a-z]+\.?\ \d{1,2}\ ?)?(?:,\ \d{4}\ ?)?
      [（(][A-Z][\w\ ]{1,20}[）)]\s*(?:--|[-–—])\s*
    )""",
    re.VERBOSE,
)
_TAIL = re.compile(
    r"\s*[（(【\[]\s*(?:责任?编辑?|编辑|来源|作者|记者|完|reporting\b|additional reporting|writing by|editing by)"
    r"[^）)】\]\n]{0,150}[）)】\]]\s*$",
    re.IGNORECASE,
)
_EDGE = 200  # characters at either end of a text in which a dateline or a credit is looked for: bounds the search
_MASK = (1 << 64) - 1


def make_sketch(title: str, text: str) -> Sketch:
    """The sketch of an article's title and plain text; `bands` is empty where there is too little to compare."""
    tokens = _tokens(own_text(title, text))  # what a post quotes makes it no copy of that
    if len(tokens) < TITLE_COUNTS_BELOW:
        tokens = _tokens(title) + tokens
    joined = " ".join(tokens).encode("utf-8", "surrogatepass")
    exact = blake2b(joined, digest_size=16).hexdigest()
    if len(tokens) < MIN_TOKENS:
        return Sketch(exact=exact, values=b"", bands=(), size=0)
    shingles = _shingles(tokens)
    smallest = sorted(shingles)[:KEPT]
    figures = sorted({_figure(token) for token in tokens if token[0].isdigit()})[:FIGURES_KEPT]
    values = struct.pack(f"<{len(smallest) + len(figures)}I", *smallest, *figures)
    return Sketch(exact=exact, values=values, bands=_bands(exact, shingles), size=len(shingles))


def best_match(sketch: Sketch, candidates: Sequence[CopyCandidate]) -> CopyMatch | None:
    """The candidate this text is a copy of: an exact one, else the most similar, else one that holds it or is held."""
    if not sketch.bands:
        return None
    for candidate in sorted(candidates, key=lambda c: c.article_id):
        if candidate.sketch.exact == sketch.exact:
            return _match(candidate, "exact", 1.0)
    best: tuple[bool, float, CopyMatch] | None = None
    for candidate in sorted(candidates, key=lambda c: c.article_id):
        found = _compare(sketch, candidate)
        if found is not None and (best is None or (found.kind == "similar", found.score) > best[:2]):
            best = (found.kind == "similar", found.score, found)
    return best[2] if best else None


def _compare(sketch: Sketch, candidate: CopyCandidate) -> CopyMatch | None:
    other = candidate.sketch
    small, large = sorted((sketch.size, other.size))
    if small < MIN_SIMILAR or large > small * MAX_RATIO:
        return None
    ours, our_figures = _unpack(sketch)
    theirs, their_figures = _unpack(other)
    union = sorted(ours | theirs)[:KEPT]
    similarity = sum(value in ours and value in theirs for value in union) / len(union)
    fewer = min(len(our_figures), len(their_figures))
    if fewer and len(our_figures & their_figures) < SAME_FIGURES * fewer:
        return None  # the same form of words with other figures is another notice
    if similarity >= SIMILAR:
        return _match(candidate, "similar", similarity)
    # |A∩B| = J(|A|+|B|)/(1+J); Broder, "On the resemblance and containment of documents", 1997
    held = min(1.0, similarity * (small + large) / (1 + similarity) / small)
    return _match(candidate, "contained", held) if held >= CONTAINED else None


def _match(candidate: CopyCandidate, kind: Literal["exact", "similar", "contained"], score: float) -> CopyMatch:
    return CopyMatch(article_id=candidate.article_id, origin_id=candidate.origin_id, kind=kind, score=round(score, 4))


def _tokens(text: str) -> list[str]:
    """Folded words and single Han characters of what is left without wire marks, credits and share prompts."""
    lines = [line for line in text.split("\n") if len(line) > _LINE_LIMIT or not _LINE.match(line)]
    body = "\n".join(lines).strip()
    dateline = _DATELINE.match(body, 0, _EDGE)
    tail = _TAIL.search(body, max(0, len(body) - _EDGE))
    return _TOKEN.findall(fold(body[dateline.end() if dateline else 0 : tail.start() if tail else None]))


def _shingles(tokens: list[str]) -> set[int]:
    """32-bit hashes of each three neighbouring tokens; equal in every process (no salted `hash`)."""
    seeds = {token: crc32(token.encode("utf-8", "surrogatepass")) for token in set(tokens)}
    ids = [seeds[token] for token in tokens]
    found = set()
    for a, b, c in zip(ids, ids[1:], ids[2:], strict=False):
        mixed = (a * 0x9E3779B97F4A7C15 + b * 0xC2B2AE3D27D4EB4F + c * 0x165667B19E3779F9) & _MASK
        found.add(((mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9 & _MASK) >> 32)
    return found


def _figure(token: str) -> int:
    return crc32(token.replace(",", "").encode("utf-8", "surrogatepass"))


def _unpack(sketch: Sketch) -> tuple[set[int], set[int]]:
    numbers = struct.unpack(f"<{len(sketch.values) // 4}I", sketch.values)
    kept = min(KEPT, sketch.size)
    return set(numbers[:kept]), set(numbers[kept:])


def _bands(exact: str, shingles: set[int]) -> tuple[int, ...]:
    """Keys for the index: texts of similarity s share one with probability 1-(1-s²)²³ (0.5: 0.998; 0.01: 0.002)."""
    rows = BANDS * 2
    minima = [0] * rows  # 0 stands for an empty bin
    for value in sorted(shingles, reverse=True):
        minima[value % rows] = value
    # an empty bin borrows from the next full one (one-permutation hashing, Shrivastava & Li 2014)
    filled = []
    for index in range(rows):
        step = next(step for step in range(rows) if minima[(index + step) % rows])
        filled.append(minima[(index + step) % rows] + step)
    keys = [int(exact[:12], 16) << 5]
    for band in range(BANDS):
        first, second = filled[2 * band], filled[2 * band + 1]
        mixed = (first * 0x9E3779B97F4A7C15 + second * 0xC2B2AE3D27D4EB4F) & _MASK
        keys.append((mixed >> 21 << 5) + band + 1)  # 48 bits: fits SQLite's signed integers with room
    return tuple(keys)
