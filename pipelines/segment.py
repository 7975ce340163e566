"""Where Chinese words begin and end: the veto that keeps 合作 from being found inside 合作社.

jieba is loaded on first use, from its own dictionary file into a tokenizer of our own. Its cache in the shared folder
for temporary files is neither read (anyone may write there) nor written. Runs are cut short: jieba is quadratic.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

MAX_RUN = 2_000  # characters given to jieba at once


class Words:
    """Word boundaries by jieba's dictionary, without its model for unknown words (which glues names to verbs)."""

    def __init__(self) -> None:
        import jieba  # here, not above: 0.2 s that a run over English texts never needs

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


@cache
def words() -> Words:
    """The one instance of this process; costs about a second and 95 MB when first called."""
    return Words()
