"""An edit of a watched page → the item that tells it: a title in plain words, and the new sentences as its text. Pure.

The old wording stays in the changes beside the item; the text never holds it, for it would be read as a claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from db.text import title_key
from db.types import Article, Change, PageEdit
from db.vocabulary import ENTITIES
from pipelines.changes import changes, parts_of
from pipelines.copies import make_sketch

PARTED: Final = 60  # changes of which the words are compared; further ones are shown whole
_SHORT: Final = 40  # characters of a value that stands in a title whole
_QUOTED: Final = 110  # characters of a sentence in a title
_CUT: Final = re.compile(r"[^\s\u3400-\u9fff]*$")
_WORDS: Final = {
    "en": {"added": "new: {}", "removed": "a passage was removed", "more": " (and {} more)", "colon": ": "},
    "zh": {"added": "新增：{}", "removed": "删除了一段内容", "more": "（另有 {} 处）", "colon": "："},
}


def changes_of(edit: PageEdit) -> tuple[Change, ...]:
    """What readers of the page must know, with the words compared; empty where nothing changed for them."""
    found = changes(edit.before, edit.after)
    return (
        tuple(
            replace(change, parts=parts_of(change.before, change.after)) if change.before and change.after else change
            for change in found[:PARTED]
        )
        + found[PARTED:]
    )


def item_of(edit: PageEdit, found: Sequence[Change], *, named: bool) -> Article:
    """The article that tells at least one change. `named`: the title says whose page it is."""
    title, text = _title(edit, found, named), "\n".join(filter(None, (_line(change) for change in found)))
    return Article(
        source_id=edit.source_id,
        source_kind=edit.source_kind,
        url=edit.url,
        canonical_url=edit.canonical_url,
        guid=f"change:{edit.content_hash}:{edit.number}",
        title=title,
        text=text,
        authors=(),
        language=edit.language,
        published_raw="",
        published_at=None,
        seen_at=edit.seen_at,
        quality="ok",
        keep_text=edit.keep_text,
        found_by={"title": "change", "text": "change"},
        flags=(),
        fingerprint="",
        sketch=make_sketch(title, text),
        form="change",
    )


def _line(change: Change) -> str:
    """What is new, with its place where the words alone say nothing: a cell needs its row."""
    if not change.after or " › " not in change.place:
        return change.after
    return f"{change.place}: {change.after}"


def _title(edit: PageEdit, found: Sequence[Change], named: bool) -> str:
    words = _WORDS["zh" if edit.language.startswith("zh") else "en"]
    change = max(found, key=_weight)
    place = [part for part in change.place.split(" › ") if part and title_key(part) != title_key(edit.title)]
    head = " › ".join(filter(None, (edit.title, *place)))
    if named and edit.speaks_for and edit.speaks_for[0] in ENTITIES:
        entity = ENTITIES[edit.speaks_for[0]]
        head = f"{entity.zh if edit.language.startswith('zh') else entity.en}{words['colon']}{head}"
    more = words["more"].format(len(found) - 1) if len(found) > 1 else ""
    return f"{head}{words['colon']}{_said(change, words)}{more}"


def _said(change: Change, words: dict[str, str]) -> str:
    if not change.after:
        return words["removed"]
    swap = _swap(change)
    if swap is not None:
        return f"{swap[0]} → {swap[1]}"
    return _clipped(change.after) if change.before else words["added"].format(_clipped(change.after))


def _swap(change: Change) -> tuple[str, str] | None:
    """The one short stretch that another took the place of."""
    if not change.before:
        return None
    if max(len(change.before), len(change.after)) <= _SHORT:
        return change.before, change.after
    gone = [text.strip() for kind, text in change.parts if kind == "removed"]
    come = [text.strip() for kind, text in change.parts if kind == "added"]
    if len(gone) == len(come) == 1 and gone[0] and come[0] and max(len(gone[0]), len(come[0])) <= _SHORT:
        return gone[0], come[0]
    return None


def _weight(change: Change) -> tuple[bool, bool, bool]:
    """Which change stands in the title, the first of the heaviest: a figure for a figure before all others."""
    figures = any(map(str.isdigit, change.before)) and any(map(str.isdigit, change.after))
    return figures, bool(change.after and change.before), bool(change.after)


def _clipped(text: str) -> str:
    """The beginning of a sentence; no word or figure is cut, for half a figure is another one."""
    text = text.replace("\n", " ")
    if len(text) <= _QUOTED:
        return text
    return _CUT.sub("", text[:_QUOTED]).rstrip(" ,;:，；：") + "…"
