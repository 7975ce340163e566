"""Where Chinese words begin and end: the veto that keeps 合作 from being found inside 合作社.

jieba is loaded on first use, from its own dictionary file into a tokenizer of our own. Its cache in the shared folder
for temporary files is neither read (anyone may write there) nor written. Runs are cut short: jieba is quadratic.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

MAX_RUN = 2_000  # characters given to jieba at once


class Words:
    """Word boundaries by jieba's dictionary, without its model for unknown words (which glues names to verbs)."""

    def __init__(self) -> None:
        with without("pkg_resources"):
            import jieba  # here, not above: 0.2 s that a run over English texts never needs
            from jieba import finalseg

        for chances in finalseg.emit_P.values():  # of its model for unknown words, which is never asked: 10 MB
            chances.clear()
        jieba.setLogLevel(logging.WARNING)
        self._tokenizer: Any = jieba.Tokenizer()
        # what Tokenizer.initialize() does, less its marshal cache
        frequencies, total = jieba.Tokenizer.gen_pfdict(self._tokenizer.get_dict_file())
        self._tokenizer.FREQ, self._tokenizer.total, self._tokenizer.initialized = frequencies, total, True

    def boundaries(self, text: str) -> frozenset[int]:
        """Offsets in `text` at which a word begins or ends, both ends included. Linear in its length."""
        found = {0}
        for start in range(0, len(text), MAX_RUN):
            place = start
            for word in self._tokenizer.cut(text[start : start + MAX_RUN], HMM=False):
                place += len(word)
                found.add(place)
        return frozenset(found)


@contextmanager
def without(name: str) -> Iterator[None]:
    """A module that can not be imported meanwhile: jieba takes 12 MB of setuptools to find a file beside itself."""
    missing = object()
    before = sys.modules.get(name, missing)
    sys.modules[name] = None  # type: ignore[assignment]  # how the import system marks what must not be found
    try:
        yield
    finally:
        del sys.modules[name]
        if before is not missing:
            sys.modules[name] = before  # type: ignore[assignment]  # what was there


@cache
def words() -> Words:
    """The one instance of this process; costs about a second and 95 MB when first called."""
    return Words()
