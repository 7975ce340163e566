"""What every worker process needs, loaded once before they are forked, so that they share the memory.

The one module that works at import: the fork server imports it and nothing else may.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipelines.extract import extract
from pipelines.lexicon import load_lexicon
from pipelines.process import process, tag_again, tell_edit
from pipelines.statements import statements
from pipelines.tag import tag
from pipelines.threads import sign

LEXICON = load_lexicon()
# The dictionary, the models and the tables are loaded by their first use, which takes longer than any article may.
_PAGE = "<h1>亚马逊与TikTok合作</h1><p>Amazon announced a partnership for US sellers. 亚马逊宣布与TikTok合作。</p>"
_READ = extract(_PAGE, "https://warm.example/")
_TAGS = tag(_READ.title, _READ.text, LEXICON)
sign(_READ.title, _READ.text, _TAGS, date="2024-08-08", language="zh")
statements(_READ.title, _READ.text, _TAGS, date="2024-08-08", language="zh")


def use(own: Sequence[Path]) -> None:
    """Put a team's own files on top, in this process alone; without any, the shared lexicon stays."""
    global LEXICON
    if own:
        LEXICON = load_lexicon(own=own)


gc.collect()
with suppress(AttributeError, OSError):  # a C library without it
    ctypes.CDLL(None).malloc_trim(0)  # what loading took and left is shared by nobody
gc.freeze()  # the collector of a worker would otherwise touch, and so copy, every page of the shared memory

__all__ = ["LEXICON", "process", "tag_again", "tell_edit", "use"]
