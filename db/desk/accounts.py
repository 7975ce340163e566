"""Who may log in: one password for the team, or a file with a line for each person. Hashes only, never shown again."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db.errors import UsageError

HASH_VARIABLE = "MASTHEAD_DESK_PASSWORD_HASH"
ACCOUNTS_VARIABLE = "MASTHEAD_DESK_ACCOUNTS_FILE"
USER = "desk"  # whoever knows the one password for the team
Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = ("reader", "editor")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Account:
    """A reader sees everything; an editor also answers, assigns, asks SQL."""

    name: str
    role: Role
    password_hash: str


def read_accounts(environ: Mapping[str, str] = os.environ) -> list[Account]:
    """The accounts of the file that MASTHEAD_DESK_ACCOUNTS_FILE names; [] without one. Lines: ``name role hash``.

    Raises UsageError with file and line for what is no account; a hash is never in the message.
    """
    file = environ.get(ACCOUNTS_VARIABLE, "")
    if not file:
        return []
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the file named by {ACCOUNTS_VARIABLE} can not be read", about=file) from error
    found: dict[str, Account] = {}
    for number, text in enumerate(lines, start=1):
        words = text.split()
        if not words or text.lstrip().startswith("#"):
            continue
        role = next((role for role in ROLES if words[1:2] == [role]), None)
        if len(words) != 3 or role is None or not _NAME.fullmatch(words[0]) or not _is_hash(words[2]):
            message = "a line is `name reader|editor hash`: a name of a-z, 0-9, dot and hyphen, and what "
            raise UsageError(f"{message}`datasette hash-password` prints", about=f"{file}, line {number}")
        if words[0] in found:
            raise UsageError(f"the name {words[0]} stands twice", about=f"{file}, line {number}")
        found[words[0]] = Account(words[0], role, words[2])
    if not found:
        raise UsageError(f"the file named by {ACCOUNTS_VARIABLE} has no account", about=file)
    return list(found.values())


def read_password_hash(environ: Mapping[str, str] = os.environ) -> str | None:
    """The hash from the environment or from the file it names; None if neither is set.

    Raises UsageError for both at once, an unreadable file, or what is no such hash; the value is never in the message.
    """
    direct, file = environ.get(HASH_VARIABLE, ""), environ.get(f"{HASH_VARIABLE}_FILE", "")
    if direct and file:
        raise UsageError(f"set only one of {HASH_VARIABLE} and {HASH_VARIABLE}_FILE")
    try:
        found = Path(file).read_text(encoding="utf-8").strip() if file else direct.strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the file named by {HASH_VARIABLE}_FILE can not be read", about=file) from error
    if file and not found:
        raise UsageError(f"the file named by {HASH_VARIABLE}_FILE is empty", about=file)
    if found and not _is_hash(found):
        raise UsageError("this is no password hash; make one with `datasette hash-password`", about=HASH_VARIABLE)
    return found or None


def _is_hash(text: str) -> bool:
    parts = text.split("$")
    if len(parts) != 4 or parts[0] != "pbkdf2_sha256" or not parts[1].isdecimal() or not parts[2]:
        return False
    try:
        return len(base64.b64decode(parts[3], validate=True)) == 32
    except binascii.Error:
        return False
