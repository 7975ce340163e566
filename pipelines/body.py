"""Which part of a page is the article, as plain text, and how sure that is. The seam for better finders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from db.text import clean_text
from db.types import PageHints
from pipelines.blocks import cut
from pipelines.choose import choose, written
from pipelines.features import columns_of, lines_of
from pipelines.forest import shipped
from pipelines.hidden import drop
from pipelines.markup import text_of

NO_HINTS: Final = PageHints()
_ENOUGH_CHARACTERS: Final = 80
_LEAST_PROMISE: Final = 0.35  # below it a page has teasers and forms, and no text of its own


@dataclass(frozen=True, slots=True)
class Body:
    """`text` is "" for a page without an article. `promise` 0..1: the share of it that is right, as far as scores say;
    1 where a source's own selector decided."""

    text: str
    found_by: str
    promise: float


NO_BODY: Final = Body("", "", 0.0)


def body_of(tree: HtmlElement, hints: PageHints = NO_HINTS, title: str = "", told: Sequence[str] = ()) -> Body:
    """`tree` is changed: parts are dropped. `title` and `told` (descriptions) are what the page says of itself.

    Raises cssselect.SelectorError for a hint that is no CSS selector: the catalogue refuses those before.
    """
    for selector in hints.drop:
        for node in CSSSelector(selector)(tree):
            drop(node)
    if hints.content and (chosen := CSSSelector(hints.content)(tree)):
        text = clean_text("\n".join(text_of(node) for node in _outermost(chosen)))
        if len(text) >= _ENOUGH_CHARACTERS:
            return Body(text, "selector", 1.0)
    page = cut(tree)
    lines = lines_of(page)
    judged = iter(shipped().scores(columns_of(page, lines, title)))
    choice = choose(lines, [next(judged) if line.judged else 0.0 for line in lines], title, told)
    text = clean_text(written([lines[place] for place in choice.kept]))
    return Body(text, "blocks", choice.promise) if text and choice.promise >= _LEAST_PROMISE else NO_BODY


def _outermost(nodes: list[HtmlElement]) -> list[HtmlElement]:
    chosen = set(nodes)
    return [node for node in nodes if not any(parent in chosen for parent in node.iterancestors())]
