"""What no reader of a page sees must not speak: parts hidden by attribute or by inline style are taken out of the tree.

Style sheets are not read.
"""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

_HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|(?<![\w-])color\s*:\s*([^;]+?)\s*;.*(?<![\w])background(?:-color)?\s*:\s*\1\s*(?:;|$)",
    re.IGNORECASE,
)
_STYLE_CHARACTERS: Final = 500
_FOR_SUBSCRIBERS: Final = re.compile(r"paywall|subscriber|premium", re.IGNORECASE)
_STREAMED: Final = re.compile(r"S:[0-9a-f]+")


def drop_hidden(tree: HtmlElement) -> None:
    for node in tree.xpath("//body//*[@hidden or @aria-hidden='true' or @style]"):
        by_name = node.get("hidden") is not None or node.get("aria-hidden") == "true"
        if (by_name or _HIDDEN_STYLE.search((node.get("style") or "")[:_STYLE_CHARACTERS])) and not _shown_later(node):
            drop(node)


def drop(node: HtmlElement) -> None:
    """Takes a node out of its tree; the text after it stays. The root stays too."""
    if node.getparent() is not None:
        node.drop_tree()


def _shown_later(node: HtmlElement) -> bool:
    """Text for subscribers, and the parts a streaming server sends hidden and a script moves into place."""
    return bool(_FOR_SUBSCRIBERS.search(node.get("class") or "") or _STREAMED.fullmatch(node.get("id") or ""))
