"""Passwords: from the environment, or from a file that the environment names. Never from the configuration."""

from __future__ import annotations

import os
from pathlib import Path

from db.errors import DataFileError


def password_of(variable: str, user: str, *, file: str, key: str) -> str:
    """The password of `user` in `variable`, or in the file that `variable`_FILE names; "" without a user.

    Raises DataFileError for `key` of `file` where there is none.
    """
    if not user:
        return ""
    if (path := os.environ.get(f"{variable}_FILE")) and not os.environ.get(variable):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DataFileError(f"the file in {variable}_FILE can not be read", file=path) from error
    if password := os.environ.get(variable):
        return password
    message = f"has no password: set {variable}, or {variable}_FILE to a file that holds it"
    raise DataFileError(message, file=file, key=key)
