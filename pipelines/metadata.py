"""A page's own word on itself: title, authors, dates, address, language. Each answer says where it was found.

It reads the head, JSON-LD and a few visible conventions (h1, bylines, <time>); it never looks at the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from db.text import clean_line, title_key
from db.urls import absolute, host_of, registered_domain
from pipelines import structured
from pipelines.markup import text_of

Found = tuple[str, str]  # value, where it was found


@dataclass(frozen=True, slots=True)
class Head:
    """What one pass over a tree gathers. `metas`: lower-case name, property or itemprop → values, in order."""

    metas: Mapping[str, list[str]]
    title: str
    headings: tuple[tuple[str, str], ...]  # (tag, text) of h1 and h2, in order
    node: structured.Node
    language: str
    canonical: str

    def meta(self, *names: str) -> Iterator[Found]:
        for name in names:
            for value in self.metas.get(name, ()):
                yield value, name


_MAX_METAS: Final = 1000
_TITLE_METAS: Final = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")
AUTHOR_METAS: Final = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline",
    "article:author_name", "citation_author", "cxenseparse:author", "og:article:author", "mediator_author",
)  # fmt: skip
_HEADLINE_LETTERS: Final = 12  # fewer in the page's only heading may be a section's or a site's name
_SITE_SEPARATOR: Final = re.compile(
    r"\s+[|–—»•·]+\s+|\s+[-:]\s+|[_|｜ㅣ]|\s*[-－–—]\s*(?=[^\s-]*[\u3400-\u9fff][^-]*$)"
)


def read_head(tree: HtmlElement) -> Head:
    metas: dict[str, list[str]] = {}
    for meta in islice(tree.iter("meta"), _MAX_METAS):
        value = clean_line(meta.get("content") or "")
        if not value:
            continue
        for key in ("property", "name", "itemprop", "http-equiv"):
            if name := (meta.get(key) or "").strip().lower():
                metas.setdefault(name, []).append(value)
    titles = [clean_line(text_of(found)) for found in tree.iterfind(".//title") if found.getparent().tag == "head"]
    title = next((found for found in titles if found), "") or _raw_title(tree)
    headings = tuple(
        (found.tag, line) for found in tree.iter("h1", "h2") if (line := clean_line(text_of(found).replace("\n", " ")))
    )
    about = next(iter(metas.get("og:title", ())), title)
    return Head(
        metas=metas,
        title=title,
        headings=headings[:60],
        node=structured.article_node(tree, about),
        language=(tree.get("lang") or tree.get("xml:lang") or "").strip(),
        canonical=next((link.get("href") or "" for link in tree.iter("link") if _is_canonical(link)), ""),
    )


def _raw_title(tree: HtmlElement) -> str:
    found = tree.find(".//head/title")
    return clean_line(found.text or "") if found is not None else ""


def _is_canonical(link: HtmlElement) -> bool:
    return "canonical" in (link.get("rel") or "").lower().split()


# ------------------------------------------------------------------ title
def title_of(head: Head, url: str) -> Found:
    """The heading that agrees with the page's other words for itself, without a kicker that these do not have; the
    only heading of the first rank, if none agrees."""
    said = [(line, where) for line, where in head.meta(*_TITLE_METAS[:2])]
    if headline := structured.line(head.node.get("headline")):
        said.insert(0, (headline, "json-ld"))
        if exact := next((tag for tag, line in head.headings if title_key(line) == title_key(headline)), ""):
            return headline, exact
    said += [(head.title, "title")] if head.title else []
    said += list(head.meta(*_TITLE_METAS[2:]))
    keys = [title_key(line) for line, _ in said]
    for tag in ("h1", "h2"):
        best: tuple[float, str] = (0.0, "")
        for name, line in head.headings:
            if name == tag and (score := _agreement(title_key(line), keys, exact=tag == "h2")) > best[0]:
                best = score, line
        if best[1]:
            return _without_kicker(best[1], said) or best[1], tag
    only = next((line for name, line in head.headings if name == "h1"), "")
    if not said or (len(title_key(only)) >= _HEADLINE_LETTERS and not _names_site(title_key(only), head, url)):
        return (only, "h1") if only else ("", "")
    line, where = said[0]
    return (line if where == "json-ld" else _without_site(line, head, url)), where


def _agreement(heading: str, keys: list[str], *, exact: bool) -> float:
    """0..1: how much of a heading or of what the head says is shared; a few letters in common are nothing."""
    best = 0.0
    for key in keys:
        if not key or not heading:
            continue
        if heading == key:
            return 1.0
        short, long = sorted((heading, key), key=len)
        if not exact and short in long and (len(short) >= 8 or 2 * len(short) >= len(long)):
            best = max(best, len(short) / len(long))
        elif not exact:
            shared = _shared(heading, key)
            if shared >= 0.6:
                best = max(best, 0.9 * shared)
    return best


def _shared(one: str, other: str) -> float:
    """Dice's coefficient on pairs of letters."""
    a, b = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return 2 * len(a & b) / max(1, len(a) + len(b))


def _without_kicker(heading: str, said: list[Found]) -> str:
    """What the head says, where the heading is that with a section's name before it."""
    key = title_key(heading)
    for line, where in said:
        other = title_key(line)
        if where != "title" and other != key and key.endswith(other) and 2 * len(other) > len(key):
            return line
    return ""


def _without_site(line: str, head: Head, url: str) -> str:
    """`og:title` or `<title>` without the site's name at its end."""
    cuts = list(_SITE_SEPARATOR.finditer(line))
    for cut in cuts:
        if _names_site(title_key(line[cut.end() :]), head, url):
            return line[: cut.start()].strip()
    if not cuts:
        return line
    first, tail = line[: cuts[-1].start()].strip(), line[cuts[-1].end() :]
    return first if len(title_key(first)) >= 2 * len(title_key(tail)) else line


def _names_site(key: str, head: Head, url: str) -> bool:
    sites = {title_key(value) for value, _ in head.meta("og:site_name", "application-name", "twitter:site")}
    return key in sites or (len(key) > 3 and key in title_key(host_of(url)))


def descriptions_of(head: Head) -> tuple[str, ...]:
    """What the head says the article is about, in a sentence or two."""
    said = [value for value, _ in head.meta("description", "og:description", "twitter:description")]
    return tuple(dict.fromkeys(filter(None, [*said, structured.line(head.node.get("description"))])))


# ------------------------------------------------------------------ address
def address_of(head: Head, url: str) -> Found:
    """The page's canonical address if it is absolute http(s) and of the same registered domain, else `url`."""
    home = registered_domain(host_of(url))
    for link, where in ((head.canonical, "canonical"), *head.meta("og:url")):
        address = absolute(url, link) if link else None
        if address and (not home or registered_domain(host_of(address)) == home) and not _is_front(address, url):
            return address, where
    return url, "url"


def _is_front(address: str, url: str) -> bool:
    """A canonical address without a path is a template's mistake, unless the page is the front page."""
    path = re.sub(r"^[a-z]+://[^/?#]*", "", address).strip("/")
    return not path and bool(re.sub(r"^[a-z]+://[^/?#]*", "", url).strip("/"))
