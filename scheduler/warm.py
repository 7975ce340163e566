"""What every worker process needs, loaded once before they are forked, so that they share the memory.

The one module that works at import: the fork server imports it and nothing else may.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from pipelines.lexicon import load_lexicon
from pipelines.process import process, tag_again
from pipelines.tag import tag

LEXICON = load_lexicon()
tag("平台封号", "卖家与平台合作。", LEXICON)  # loads the Chinese dictionary, which takes longer than any article may


def use(own: Sequence[Path]) -> None:
    """Put a team's own files on top, in this process alone; without any, the shared lexicon stays."""
    global LEXICON
    if own:
        LEXICON = load_lexicon(own=own)


gc.collect()
gc.freeze()  # the collector of a worker would otherwise touch, and so copy, every page of the shared memory

__all__ = ["LEXICON", "process", "tag_again", "use"]
