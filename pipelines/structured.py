"""JSON-LD: what a page says of itself in schema.org's words. Reads only; it believes nothing and fetches no context."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml.html import HtmlElement

from db.text import clean_line, title_key

Node = Mapping[str, Any]

ARTICLES: Final = (
    "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "backgroundnewsarticle",
    "reviewnewsarticle", "article", "blogposting", "liveblogposting", "techarticle", "scholarlyarticle", "report",
    "satiricalarticle", "advertisercontentarticle", "socialmediaposting", "discussionforumposting", "review",
)  # fmt: skip
_PAGES: Final = ("webpage", "itempage", "videoobject", "podcastepisode", "recipe", "event", "course")
_MAX_NODES: Final = 2000
_MAX_CHARACTERS: Final = 2_000_000
_WRAPPED: Final = re.compile(r"\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)*")
_UNWRAPPED: Final = re.compile(r"(?:-->|//\s*\]\]>|\]\]>|;|\s)*$")
_END: Final = 100  # characters in which the wrapping ends


def article_node(tree: HtmlElement, title: str) -> Node:
    """The node that describes this page's article: of an article type, best with a headline that agrees with `title`;
    a page-like node if there is none; empty otherwise. String values are raw."""
    nodes = list(_nodes(tree))
    best, best_rank = {}, 0
    key = title_key(title)
    for node in nodes:
        rank = _rank(node, key)
        if rank > best_rank:
            best, best_rank = dict(node), rank
    return _joined(best, nodes)


def line(value: Any) -> str:
    """A string value as one clean line; entities inside JSON-LD are common. Anything but a string is empty."""
    return clean_line(html.unescape(value)) if isinstance(value, str) else ""


def names(value: Any) -> list[str]:
    """Names of persons or organisations: strings, nodes with `name`, or lists of either."""
    if isinstance(value, str):
        return [line(value)]
    if isinstance(value, Mapping):
        found = names(value.get("name"))
        if not found and (given := line(value.get("givenName"))):
            found = [f"{given} {line(value.get('familyName'))}".strip()]
        return found
    if isinstance(value, list):
        return [name for item in value[:50] for name in names(item)]
    return []


def _rank(node: Node, title: str) -> int:
    kinds = _types(node)
    if any(kind in ARTICLES for kind in kinds):
        rank = 4
    elif any(kind in _PAGES for kind in kinds):
        rank = 1
    else:
        return 0
    headline = title_key(line(node.get("headline") or node.get("name")))
    if headline and title and (headline in title or title in headline):
        rank += 3
    return rank + (1 if node.get("datePublished") else 0) + (1 if rank > 3 and node.get("author") else 0)


def _types(node: Node) -> list[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].lower() for kind in listed if isinstance(kind, str)]


def _joined(node: Node, nodes: list[Node]) -> Node:
    """Authors given as references (`{"@id": …}`) are looked up among the page's own nodes."""
    known = {found["@id"]: found for found in nodes if isinstance(found.get("@id"), str) and found.get("name")}

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value[:50]]
        if isinstance(value, Mapping) and not value.get("name") and isinstance(value.get("@id"), str):
            return known.get(value["@id"], value)
        return value

    return {**node, "author": resolve(node.get("author"))} if node.get("author") else node


def _nodes(tree: HtmlElement) -> Iterator[Node]:
    """Every object of every JSON-LD block, outermost first; broken blocks are skipped."""
    left = _MAX_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        waiting: list[Any] = [_loaded(script.text or "")]
        while waiting and left:
            value = waiting.pop(0)
            if isinstance(value, Mapping):
                left -= 1
                yield value
                waiting.extend(item for item in value.values() if isinstance(item, (Mapping, list)))
            elif isinstance(value, list):
                waiting.extend(value[:_MAX_NODES])


def _without_wrapping(text: str) -> str:
    """JSON without the signs around it that once hid scripts from old browsers."""
    begin = _WRAPPED.match(text)
    end = _UNWRAPPED.search(text, max(0, len(text) - _END))
    return text[begin.end() if begin else 0 : end.start() if end else None]


def _loaded(text: str) -> Any:
    if len(text) > _MAX_CHARACTERS:
        return None
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        return None
    except ValueError:
        pass
    try:
        return json.loads(_without_wrapping(text), strict=False)
    except (ValueError, RecursionError):
        return None
