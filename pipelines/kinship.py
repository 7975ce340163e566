"""Origins: which articles of a story go back to one source, so that a reprint is never a second witness.

Near-copies (decided elsewhere, by text), the same canonical link, the outlet that is retold, the same quoted words,
and one publisher's pages are one origin. Pure; joins by shared keys, so the work grows with the articles alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from db.types import StoryItem
from db.urls import canonical_url
from pipelines.cues import act_book

_APART = re.compile(r"[^a-z0-9]+")


def origins_of(items: Sequence[StoryItem], official: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of article ids, each in the order of `items`; `official`: ids of articles that made the story official.

    Those that quote an official text keep an origin of their own: they are its echo, not its copies.
    """
    order = {item.id: number for number, item in enumerate(items)}
    parent = {item.id: item.id for item in items}

    def find(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    holders: dict[str, str] = {}
    for item in items:
        for key in _keys(item, item.id in official):
            ours, theirs = find(item.id), find(holders.setdefault(key, item.id))
            first, second = sorted((ours, theirs), key=order.__getitem__)
            parent[second] = first
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(find(item.id), []).append(item.id)
    return tuple(tuple(group) for group in groups.values())


def _keys(item: StoryItem, official: bool) -> Iterator[str]:
    yield f"copy:{item.origin}"
    for url in (item.url, item.canonical_url):
        if url and (page := canonical_url(url)):
            yield f"page:{page.partition('://')[2]}"
    names = outlet_names(item)
    yield from (f"outlet:{name}" for name in names)
    if not official:
        cited = [said.value for said in item.statements if said.slot == "cites"]
        if cited and names.isdisjoint(cited):  # the first it names; a second one it names is no copy of the first
            yield f"outlet:{cited[0]}"
        yield from (f"quotes:{said.value}" for said in item.statements if said.slot == "quotes")


def outlet_names(item: StoryItem) -> set[str]:
    """Under which names others retell this source: its id and family, plain, and the outlet that they name."""
    names = {_APART.sub("-", name.lower()).strip("-") for name in (item.voice.id, item.voice.family) if name}
    return names | {outlet for outlet in act_book().outlets for name in names if f"-{outlet}-" in f"-{name}-"}
