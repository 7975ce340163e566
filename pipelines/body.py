"""Which part of a page is the article, as plain text. The seam for better finders: one function, one answer."""

from __future__ import annotations

from typing import Any, Final

import trafilatura
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from db.text import clean_text
from db.types import PageHints
from pipelines.markup import text_of

Found = tuple[str, str]  # text, who found it

NO_HINTS: Final = PageHints()
_ENOUGH_CHARACTERS: Final = 80


def body_of(tree: HtmlElement, hints: PageHints = NO_HINTS) -> Found:
    """The article's text and who found it; ("", "") for a page without one. `tree` is changed: parts are dropped.

    Raises cssselect.SelectorError for a hint that is no CSS selector: the catalogue refuses those before.
    """
    for selector in hints.drop:
        for node in CSSSelector(selector)(tree):
            drop(node)
    if hints.content and (chosen := CSSSelector(hints.content)(tree)):
        text = clean_text("\n".join(text_of(node) for node in _outermost(chosen)))
        if len(text) >= _ENOUGH_CHARACTERS:
            return text, "selector"
    options = Extractor(output_format="python", precision=True, comments=False, with_metadata=False)
    document: Any = trafilatura.bare_extraction(tree, options=options)
    text = clean_text(document.text or "") if document is not None else ""
    return (text, "trafilatura") if text else ("", "")


def drop(node: HtmlElement) -> None:
    """Takes a node out of its tree; the text after it stays. The root stays too."""
    if node.getparent() is not None:
        node.drop_tree()


def _outermost(nodes: list[HtmlElement]) -> list[HtmlElement]:
    chosen = set(nodes)
    return [node for node in nodes if not any(parent in chosen for parent in node.iterancestors())]
