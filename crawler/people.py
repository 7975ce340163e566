"""Reads the people worth listening to: one strict TOML file per person becomes one `Person`. Asks no address.

Which sources are their channels stands in the sources; a source may name only a person who is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from crawler.records import read_folders, read_keys
from crawler.source_checks import Refused, flag, line, many, one_of, source_id
from crawler.source_keys import Key
from db.errors import DataFileError
from db.linkedin import is_linkedin, page_address
from db.tomlfile import read_toml, suggestion
from db.types import Person, Source
from db.urls import host_of
from db.vocabulary import ENTITIES, LANGUAGES


def builtin_people() -> Path:
    """The folder of the shipped people."""
    return Path(__file__).parent / "people"


def profile(value: object) -> str:
    """The address of a profile at LinkedIn, without its query; a link for people."""
    text = line(300)(value)
    page = page_address(text) if is_linkedin(host_of(text)) else None
    if page is None or not urlsplit(page).path.startswith(("/in/", "/company/")):
        raise Refused("wants the address of a LinkedIn profile, such as https://www.linkedin.com/in/name")
    return page


KEYS: Mapping[str, Key] = {
    "id": Key(check=source_id, type="text", required=True, meaning="The person's name in files; equals the file's."),
    "name": Key(check=line(120), type="text", required=True, meaning="The name that people read."),
    "role": Key(check=line(120), type="text", required=True, meaning="What they do, in a few words."),
    "why": Key(check=line(500), type="text", required=True, meaning="Why we listen; who is off, why they are."),
    "languages": Key(
        check=many(one_of(LANGUAGES)), type="array of language codes", required=True, meaning="What they speak in."
    ),
    "platforms": Key(
        check=many(one_of(ENTITIES)), type="array of entity ids", default="all", meaning="What they mostly speak about."
    ),
    "linkedin": Key(
        check=profile, type="address", default="none", meaning="Their profile, for people to open. It is never fetched."
    ),
    "enabled": Key(
        check=flag, type="true or false", default="true",
        meaning="Whether they are vouched for; the form of clips offers only those.",
    ),
}  # fmt: skip


def load_people(folders: Sequence[Path], *, builtin: bool = True) -> dict[str, Person]:
    """All people by id. A later folder replaces the same id of an earlier one.

    Raises DataFileError for the first file that is refused.
    """
    people, problems = check_people(folders, builtin=builtin)
    if problems:
        raise problems[0]
    return people


def check_people(folders: Sequence[Path], *, builtin: bool = True) -> tuple[dict[str, Person], list[DataFileError]]:
    """The good people by id, and every problem of the others."""
    return read_folders((*((builtin_people(),) if builtin else ()), *folders), check_person)


def check_person(path: Path) -> tuple[Person | None, list[DataFileError]]:
    """The person in `path`, or None and every problem of the file."""
    try:
        file = read_toml(path)
    except DataFileError as error:
        return None, [error]
    problems: list[DataFileError] = []
    values = read_keys(file, file.data, KEYS, problems)
    if "id" in values and values["id"] != path.stem:
        problems.append(
            file.refuse(f'is "{values["id"]}", but the file is called {path.name}; both must be equal', "id")
        )
    if problems:
        return None, sorted(problems, key=lambda problem: problem.line or 0)
    return Person(**values, file=str(path)), []


def strangers(sources: Iterable[Source], people: Mapping[str, Person]) -> list[DataFileError]:
    """A problem for each source that names somebody who has no file."""
    return [
        DataFileError(
            f'"{source.person}" is nobody we know{suggestion(source.person, people, otherwise="add their file")}',
            file=source.file, line=_line_of_person(source.file), key="person",
        )
        for source in sources
        if source.person and source.person not in people
    ]  # fmt: skip


def _line_of_person(file: str) -> int | None:
    try:
        return read_toml(Path(file)).line("person")
    except DataFileError:  # the file went or changed meanwhile
        return None
