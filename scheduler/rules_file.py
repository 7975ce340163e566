"""Adding a silence to the rules file of a team, without touching what people wrote. Adds at the end, whole or not."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from db.errors import DataFileError
from db.text import clean_line


def add_silence(
    path: Path, *, story: str, rule: str, platform: Sequence[str], until: date, by: str, reason: str
) -> None:
    """Append one [[silences]] entry; DataFileError when the file can not be written."""
    lines = ["", "[[silences]]", f"until = {until.isoformat()}"]
    for key, value in (("by", by), ("reason", reason), ("story", story), ("rule", rule)):
        if value:
            lines.append(f"{key} = {_quoted(value)}")
    if platform:
        lines.append(f"platform = [{', '.join(map(_quoted, platform))}]")
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        spare = path.with_name(path.name + ".new")
        spare.write_text(before.rstrip("\n") + "\n" * bool(before) + "\n".join(lines) + "\n", encoding="utf-8")
        os.replace(spare, path)
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"can not be written: {error}", file=str(path)) from error


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(clean_line(text, 200), ensure_ascii=False)
