"""Reads the catalogue: one strict TOML file per source becomes one `Source`. Asks no address and decides no schedule.

Every refusal names file, line, key and what is allowed. `load_…` raises the first one, `check_…` collects them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.records import read_folders, read_keys
from crawler.source_checks import Refused, refuse_never_fetched
from crawler.source_keys import KEYS
from db.errors import DataFileError
from db.linkedin import is_linkedin
from db.tomlfile import TomlFile, read_toml
from db.types import Source
from db.urls import host_of

#: Tables that belong to one way of access, which can not do without them.
_NEEDED_BY = {"listing": "listing", "api": "api"}
#: And the one that may go without.
_BELONGS_TO = {**_NEEDED_BY, "mailbox": "mailbox"}
#: Keys about links, which a watched page or a mailbox does not have.
_LINKS = ("allow_links", "deny_links", "link_rewrite")


def builtin_folder() -> Path:
    """The folder of the shipped sources."""
    return Path(__file__).parent / "sources"


def load_catalogue(folders: Sequence[Path], *, builtin: bool = True) -> dict[str, Source]:
    """All sources by id, in order of id. A later folder replaces the same id of an earlier one.

    Raises DataFileError for the first file that is refused.
    """
    sources, problems = check_catalogue(folders, builtin=builtin)
    if problems:
        raise problems[0]
    return sources


def load_source(path: Path) -> Source:
    """One source from its file; DataFileError names line, key and what is allowed."""
    source, problems = check_file(path)
    if source is None:
        raise problems[0]
    return source


def check_catalogue(folders: Sequence[Path], *, builtin: bool = True) -> tuple[dict[str, Source], list[DataFileError]]:
    """The good sources by id, and every problem of the others."""
    return read_folders((*((builtin_folder(),) if builtin else ()), *folders), check_file)


def check_file(path: Path) -> tuple[Source | None, list[DataFileError]]:
    """The source in `path`, or None and every problem of the file."""
    try:
        file = read_toml(path)
    except DataFileError as error:
        return None, [error]
    problems: list[DataFileError] = []
    values = read_keys(file, file.data, KEYS, problems)
    problems += _check_together(file, values)
    if problems:
        return None, sorted(problems, key=lambda problem: problem.line or 0)
    host = host_of(values["url"])
    values["hosts"] = values.get("hosts") or (() if is_linkedin(host) else (host,))
    if values["access"] == "page":  # of a lead alone nobody can tell what changed below it
        values.setdefault("keep_text", "full")
    values.setdefault("family", values["person"] if is_voice(values) else values["id"])
    return Source(**values, file=str(path)), []


def _check_together(file: TomlFile, values: Mapping[str, Any]) -> list[DataFileError]:
    """What single keys can not tell."""
    problems = []
    access, given = values.get("access"), file.data
    if "id" in values and values["id"] != file.path.stem:
        problems.append(file.refuse(_wrong_id(file.path, values["id"]), "id"))
    for table, owner in _BELONGS_TO.items():
        if access == owner and table in _NEEDED_BY and table not in given:
            problems.append(file.refuse(f'is "{access}", which needs a table [{table}]', "access"))
        elif access and access != owner and table in given:
            problems.append(file.refuse(f'belongs to access = "{owner}", not to "{access}"', table))
    if access != "mailbox" and "url" in values:  # the address of a mailbox's source is a link for people
        try:
            refuse_never_fetched(host_of(values["url"]))
        except Refused as error:
            problems.append(file.refuse(str(error), "url"))
    if access in ("page", "mailbox"):
        problems += [file.refuse(f'means nothing for access = "{access}"', name) for name in _LINKS if name in given]
    if values.get("speaks_for") and values.get("kind") not in ("official", "regulator", None):
        problems.append(file.refuse('is only for kind = "official" or "regulator"', "speaks_for"))
    if "family" in values and is_voice(values):
        problems.append(file.refuse("is the person's where one is named; leave it out", "family"))
    api = values.get("api")
    if api is not None and api.body and api.method != "POST":
        problems.append(file.refuse('is sent by POST only; add method = "POST"', "body", "api"))
    return problems


def is_voice(values: Mapping[str, Any]) -> bool:
    """Whether a person speaks here; what an aggregator finds about them is said by others."""
    return bool(values.get("person")) and values.get("kind") != "aggregator"


def _wrong_id(path: Path, source_id: str) -> str:
    twin = path.with_name(f"{source_id}.toml")
    doubled = f"; the id is doubled, {twin.name} has it" if twin.exists() else ""
    return f'is "{source_id}", but the file is called {path.name}; both must be equal{doubled}'
