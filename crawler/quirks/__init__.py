"""What only one source needs: a module named after it (`-` and `.` become `_`) with one pure function,
`mend(entry: Entry) -> Entry | None`, that repairs an entry or leaves it out. Most sources have none.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache

from db.types import Entry

Mend = Callable[[Entry], Entry | None]


@cache
def mender(source_id: str) -> Mend | None:
    """The source's own repair, or None. A module without `mend` raises AttributeError: it is a bug of ours."""
    name = f"{__name__}.{source_id.replace('-', '_').replace('.', '_')}"
    if importlib.util.find_spec(name) is None:
        return None
    mend: Mend = importlib.import_module(name).mend
    return mend
