"""What every worker process needs, loaded once before they are forked, so that they share the memory.

The one module that works at import: the fork server imports it and nothing else may.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process
from pipelines.tag import tag

EntityRow = tuple[str, str, str, str, str, list[str]]

LEXICON = load_lexicon()
tag("平台封号", "卖家与平台合作。", LEXICON)  # loads the Chinese dictionary, which takes longer than any article may


def use(own: Sequence[Path]) -> None:
    """Put a team's own files on top, in this process alone; without any, the shared lexicon stays."""
    global LEXICON
    if own:
        LEXICON = load_lexicon(own=own)


def entity_rows(lexicon: Lexicon) -> list[EntityRow]:
    """What search and the desk need to know of entities: display names, and the names that mean the same."""
    same = {table.id: table.same for table in lexicon.entities if table.same}
    return [
        (id_, one.en, one.zh, one.kind, one.parent, list(same.get(id_, (one.en, one.zh))))
        for id_, one in lexicon.known.items()
    ]


gc.collect()
gc.freeze()  # the collector of a worker would otherwise touch, and so copy, every page of the shared memory

__all__ = ["LEXICON", "entity_rows", "process", "use"]
