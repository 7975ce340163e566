"""`masthead sources`: the catalogue as people see it. Lists and checks it, and asks its addresses when told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.catalogue import check_catalogue, check_file, load_catalogue
from crawler.people import check_people, strangers
from db.errors import DataFileError
from db.store import Store
from db.types import Source, SourceMemory
from db.vocabulary import SOURCE_KINDS
from scheduler.capture_cmd import capture_source
from scheduler.config import Config
from scheduler.crawl import choose_sources
from scheduler.crawl_cmd import reason
from scheduler.options import json_option, put_json, table, with_config
from scheduler.own_sources import as_switched
from scheduler.sources_change import add_source, review_sources


@click.group("sources")
def sources_group() -> None:
    """The catalogue: which sources there are, whether their files are good and their addresses alive.

    \b
    Examples:
      masthead sources list                     all sources and how they are
      masthead sources list --kind official     the parties' own newsrooms
      masthead sources check                    every file of the catalogue
      masthead sources check sources/my.toml    one file
      masthead sources probe                    ask every address once
      masthead sources add https://a.example/   find a site's feed and write its file
      masthead sources review                   addresses that moved for good
    """


@sources_group.command("list")
@click.option("--kind", type=click.Choice(list(SOURCE_KINDS)), help="Only sources of this kind.")
@json_option
@with_config
def list_sources(config: Config, kind: str | None, as_json: bool) -> None:
    """All sources, with their state if there is an archive.

    \b
    Examples:
      masthead sources list
      masthead sources list --kind regulator
      masthead sources list --json | jq -r '.[] | select(.enabled) | .url'
    """
    catalogue = load_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    chosen = [as_switched(source, config) for source in catalogue.values() if kind in (None, source.kind)]
    memories = _memories(config.db, chosen)
    if as_json:
        put_json([_as_json(source, memories.get(source.id)) for source in chosen])
        return
    rows = [
        (s.id, s.name, s.kind, s.language, s.access, "yes" if s.enabled else "no", _state(memories.get(s.id)))
        for s in chosen
    ]
    enabled = sum(source.enabled for source in chosen)
    if rows:
        click.echo(table(("id", "name", "kind", "language", "access", "enabled", "state"), rows))
        click.echo(f"\n{_count(len(rows), 'source')}, {enabled} enabled.")
    else:
        click.echo("No source.")


@sources_group.command("check", short_help="Check every file, or those named.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@with_config
def check_sources(config: Config, files: tuple[Path, ...]) -> None:
    """Check the catalogue with its people, or the files of sources that are named.

    Every problem is shown with its line and what is allowed.

    \b
    Examples:
      masthead sources check
      masthead sources check sources/my-blog.toml
    \b
    Exit codes: 0 all good, 4 something is refused.
    """
    problems: list[DataFileError] = []
    if files:
        for file in files:
            problems += check_file(file)[1]
        good = len(files) - len({problem.file for problem in problems})
    else:
        sources, problems = check_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
        people, refused = check_people(config.people_folders, builtin=config.catalogue_builtin)
        problems += [*refused, *strangers(sources.values(), people)]
        good = len(sources) + len(people)
    for problem in problems:
        click.echo(f"{problem.about}: {problem.message}")
    click.echo(f"{good} good, {_count(len(problems), 'problem')}.")
    if problems:
        raise click.exceptions.Exit(DataFileError.exit_code)


@sources_group.command("probe", short_help="Ask every address once, politely.")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@json_option
@with_config
def probe_sources(config: Config, names: tuple[str, ...], as_json: bool) -> int:
    """Ask every enabled address once and tell which are alive from where you are. Nothing is stored.

    \b
    Examples:
      masthead sources probe
      masthead sources probe amz-press tt-newsroom

    \b
    alive: entries came · empty: too few entries · dead-200: something else came with status 200 ·
    refused: the publisher or its robots.txt says no · stale: nothing new for long · broken: no answer.
    Exit codes: 0 all alive, 6 some are not.
    """
    from scheduler.probe import probe

    catalogue = load_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    chosen = choose_sources(catalogue, names) if names else tuple(s for s in catalogue.values() if s.enabled)
    found = probe(config, chosen, datetime.now(UTC))
    if as_json:
        put_json([{**asdict(one), "newest_at": one.newest_at and one.newest_at.isoformat()} for one in found])
    elif found:
        rows = [(p.source_id, p.verdict, p.entries, _day(p.newest_at), reason(p.run)) for p in found]
        click.echo(table(("source", "answer", "entries", "newest", "reason"), rows, right=(2,)))
        alive = sum(one.verdict == "alive" for one in found)
        click.echo(f"\n{alive} of {len(found)} alive.")
    return 0 if all(one.verdict == "alive" for one in found) else 6


sources_group.add_command(capture_source)
sources_group.add_command(add_source)
sources_group.add_command(review_sources)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _memories(db: Path, sources: list[Source]) -> Mapping[str, SourceMemory]:
    """What the archive remembers; empty if there is none yet."""
    if not db.exists():
        return {}
    with Store.open(db, create=False) as store:
        return {source.id: store.memory(source.id) for source in sources}


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _state(memory: SourceMemory | None) -> str:
    if memory is None:
        return ""
    return f"{memory.state} ({memory.code})" if memory.code else memory.state


def _as_json(source: Source, memory: SourceMemory | None) -> dict[str, Any]:
    known = {"state": memory.state, "code": memory.code} if memory else {}
    return {**asdict(source), **known}
