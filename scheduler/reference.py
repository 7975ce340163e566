"""Writes the reference pages from the code, so that they can not grow stale: `python -m scheduler.reference [--check]`.

A page is one function in PAGES that returns its text; the guides beside them are written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from crawler.catalogue import load_catalogue
from crawler.people import KEYS as PERSON_KEYS
from crawler.people import load_people
from crawler.source_keys import KEYS, READ, Key
from db.errors import CODES, WEIGHTS
from db.types import Source
from db.vocabulary import ACCESS, ENTITIES, EVENT_TYPES, LANGUAGES, SOURCE_KINDS, Name
from scheduler.cli import cli

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_MADE = "<!-- Made by `python -m scheduler.reference`; changes here are lost. -->"


def sources() -> str:
    """The shipped sources, by kind."""
    shipped = load_catalogue([]).values()
    parts = [
        "# The shipped sources",
        f"{len(shipped)} sources come with Masthead. How to add one: [the catalogue](../catalogue.md).",
    ]
    for kind, name in SOURCE_KINDS.items():
        rows = [_source_row(source) for source in shipped if source.kind == kind]
        if rows:
            parts += [f"## {name.en} ({name.zh})", _table(("id", "name", "language", "read as", "keeps", "why"), rows)]
    return _page(parts)


def source_keys() -> str:
    """Every key of a source file, and the words that some of them allow."""
    parts = [
        "# Keys of a source file",
        "What a file in `crawler/sources/`, or in a folder named in the configuration, may hold. "
        "A guide with examples: [the catalogue](../catalogue.md).",
        _key_table(KEYS),
        *_inside(KEYS, ""),
        "## Kinds of source",
        _names(SOURCE_KINDS),
        "## Ways of access",
        _names({access: ACCESS[access] for access in READ}),
        "## Entity ids",
        "For `speaks_for` and `platforms`.",
        _table(("id", "English", "中文", "kind"), ((f"`{i}`", e.en, e.zh, e.kind) for i, e in ENTITIES.items())),
        "## Language codes",
        _names(LANGUAGES),
    ]
    return _page(parts)


def errors() -> str:
    """The table of codes in both languages."""
    rows = (
        (f"`{code}`", f"{c.severity} ({WEIGHTS[c.severity]:g})", "yes" if c.retry else "no", f"{c.en}<br>{c.zh}",
         f"{c.do_en}<br>{c.do_zh}")
        for code, c in CODES.items()
    )  # fmt: skip
    return _page([
        "# Codes of errors",
        "What commands, logs and pages show when something went wrong. The number is what a failure adds to the weight "
        "of its source; a note adds nothing. Codes are stable.",
        _table(("code", "weight", "tried again", "what it means", "what to do"), rows),
    ])  # fmt: skip


def commands() -> str:
    """What every command says of itself."""
    parts = ["# Commands", "What `masthead COMMAND --help` says, for reading in one place."]
    for name, command in _commands():
        context = click.Context(
            command, info_name=f"masthead {name}".strip(), terminal_width=100, help_option_names=["-h", "--help"]
        )
        parts += [f"## `masthead {name}`", f"```text\n{command.get_help(context).strip()}\n```"]
    return _page(parts)


def event_types() -> str:
    """The event types, in both languages."""
    return _page(["# Event types", "What an article may say that happened; at most three each.", _names(EVENT_TYPES)])


def people() -> str:
    """The shipped people with their channels, and the keys of their files."""
    shipped, channels = load_people([]), load_catalogue([]).values()
    rows = [
        (f"`{one.id}`", one.name, one.role, ", ".join(one.languages),
         ", ".join(f"`{s.id}`{'' if s.enabled else ' (off)'}" for s in channels if s.person == one.id) or "clips",
         one.why)
        for one in shipped.values() if one.enabled
    ]  # fmt: skip
    off = [(f"`{one.id}`", one.name, one.role, one.why) for one in shipped.values() if not one.enabled]
    return _page([
        "# The shipped people",
        f"{len(rows)} people whose channels are one voice each; LinkedIn itself is never read: "
        "[the stance](../linkedin.md).",
        _table(("id", "name", "role", "languages", "channels", "why"), rows),
        "## Switched off",
        "Believed worth listening to, but nobody has shown where they speak.",
        _table(("id", "name", "role", "why"), off),
        "## Keys of a person's file",
        "What a file in `crawler/people/`, or in a folder named by `people` in the configuration, may hold.",
        _key_table(PERSON_KEYS),
    ])  # fmt: skip


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "event-types.md": event_types,
    "sources.md": sources,
    "source-keys.md": source_keys,
    "people.md": people,
    "errors.md": errors,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the pages in `folder` that are missing or differ from what the code says."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != page()
    ]


def main(arguments: Sequence[str]) -> int:
    """Write all pages, or with --check name the stale ones and return 1."""
    if "--check" in arguments:
        old = stale()
        for name in old:
            print(f"stale: {FOLDER / name}; run python -m scheduler.reference", file=sys.stderr)
        return 1 if old else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", child) for inner, child in command.commands.items())
        elif command is not None:
            yield name, command


def _source_row(source: Source) -> tuple[str, ...]:
    speaks = f" (speaks for {', '.join(source.speaks_for)})" if source.speaks_for else ""
    keeps = source.keep_text + ("" if source.fetch_articles else ", feed's text")
    address = source.url.replace("{", "&#123;").replace("|", "%7C")
    return f"[`{source.id}`]({address})", source.name + speaks, source.language, source.access, keeps, source.why


def _key_table(keys: Mapping[str, Key]) -> str:
    rows = (
        (f"`{name}`", key.type, "**required**" if key.required else key.default, key.meaning)
        for name, key in keys.items()
    )
    return _table(("key", "type", "default", "meaning"), rows)


def _inside(keys: Mapping[str, Key], outer: str) -> Iterable[str]:
    """The tables inside, each under its own heading."""
    for name, key in keys.items():
        if key.inside is not None:
            path = f"{outer}{name}"
            yield f"## `[{path}]`"
            yield key.meaning
            yield _key_table(key.inside)
            yield from _inside(key.inside, f"{path}.")


def _names(words: Mapping[str, Name]) -> str:
    return _table(("id", "English", "中文"), ((f"`{word}`", name.en, name.zh) for word, name in words.items()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join([_MADE, *parts]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
