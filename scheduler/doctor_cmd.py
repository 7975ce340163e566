"""`masthead doctor`: is everything that Masthead stands on as it should be? Changes nothing.

Of the network it asks the team's mail servers only: of the mailbox it reads headers, to the other it says no more than
name and password.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import pyexpat
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from packaging.requirements import Requirement

from crawler.catalogue import check_catalogue
from crawler.people import check_people, strangers
from db.errors import AlreadyRunning, DataFileError, StoreError
from db.integrity import Finding, check_archive
from pipelines.lexicon import load_lexicon
from pipelines.lint import lint
from scheduler.channels.smtp import greet, server_of
from scheduler.config import Config, load_config
from scheduler.doctor_mailbox import check_mailbox
from scheduler.locks import only_one
from scheduler.options import json_option, put_json
from scheduler.rules import load_rules

ROOMS = ("crawler", "pipelines", "scheduler", "db")
_PYTHON, _SQLITE, _EXPAT = (3, 11), (3, 38), (2, 7, 2)
_EARLIEST_YEAR = 2024  # a clock before this version was written is wrong


@click.command("doctor")
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="The configuration.")
@click.option("--db", type=click.Path(path_type=Path), metavar="FILE", help="The archive.")
@json_option
def doctor(config_file: Path | None, db: Path | None, as_json: bool) -> int:
    """Look at the environment, the configuration, the catalogue and every page of the archive.

    \b
    Examples:
      masthead doctor
      masthead doctor --json | jq -r '.[] | select(.level != "ok")'

    \b
    Exit codes: 0 no problem (there may be warnings), 6 something is wrong.
    """
    findings = [*environment(), *_configured(config_file, db)]
    if as_json:
        put_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.name}: {finding.found}")
            if finding.todo:
                click.echo(f"{'':<8} → {finding.todo}")
    return 6 if any(finding.level == "problem" for finding in findings) else 0


def environment(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Finding]:
    """Python, its libraries, and whether the four rooms are ours."""
    yield _at_least("Python", platform.python_version(), sys.version_info[:2] >= _PYTHON, "3.11", "install it")
    yield _at_least(
        "SQLite", sqlite3.sqlite_version, sqlite3.sqlite_version_info >= _SQLITE, "3.38",
        "use a Python that brings a newer one",
    )  # fmt: skip
    yield _full_text_search()
    yield _expat()
    yield _packages()
    yield _rooms()
    at = now()
    if at.year < _EARLIEST_YEAR:
        yield Finding("clock", "problem", f"the machine says it is {at:%Y-%m-%d}", "set the clock")


def _at_least(name: str, version: str, good: bool, wanted: str, todo: str) -> Finding:
    if good:
        return Finding(name, "ok", version)
    return Finding(name, "problem", f"{version} is too old; {wanted} or newer is needed", todo)


def _full_text_search() -> Finding:
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("create virtual table found using fts5(text)")
    except sqlite3.OperationalError:
        return Finding("FTS5", "problem", "SQLite was built without it", "use a Python whose SQLite has FTS5")
    finally:
        memory.close()
    return Finding("FTS5", "ok", "there")


def _expat() -> Finding:
    version = pyexpat.EXPAT_VERSION.removeprefix("expat_")
    if tuple(map(int, version.split("."))) >= _EXPAT:
        return Finding("expat", "ok", version)
    found = f"{version} has known weaknesses; documents with a DTD are refused before it sees them"
    return Finding("expat", "warning", found, "use a Python with expat 2.7.2 or newer when there is one")


def _packages() -> Finding:
    """Installed versions against the ranges of our own distribution."""
    wrong, count = [], 0
    for line in importlib.metadata.requires("masthead") or ():
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{wanted.name} {version} is not {wanted.specifier}")
    if wrong:
        return Finding("packages", "problem", "; ".join(wrong), "install Masthead again into an environment of its own")
    return Finding("packages", "ok", f"{count} packages within their ranges")


def _rooms() -> Finding:
    """The four plain names are ours, and come from one place: another package or a local folder may shadow one."""
    owners = importlib.metadata.packages_distributions()
    foreign = [f"{room} of {other}" for room in ROOMS for other in owners.get(room, ()) if other != "masthead"]
    places = {_place(room) for room in ROOMS}
    if foreign or len(places) != 1:
        found = f"other packages use our names: {', '.join(foreign)}" if foreign else "they come from several folders"
        return Finding("rooms", "problem", found, "install Masthead into an environment of its own")
    return Finding("rooms", "ok", f"{', '.join(ROOMS)} are Masthead's")


def _place(room: str) -> str:
    spec = importlib.util.find_spec(room)
    return str(Path(spec.origin).parents[1]) if spec is not None and spec.origin else ""


# ------------------------------------------------------------------ what people wrote, and the archive
def _configured(config_file: Path | None, db: Path | None) -> Iterator[Finding]:
    try:
        config = load_config(config_file)
    except DataFileError as error:
        yield Finding("configuration", "problem", str(error), "mend that line")
        return
    yield Finding("configuration", "ok", str(config.file or "built-in defaults"))
    if db is not None:
        config = config.with_db(db)
    yield from _catalogue(config)
    yield _lexicon(config)
    yield from _alerts(config)
    yield from _mailbox(config)
    local = datetime.now(ZoneInfo(config.team.zone))
    yield Finding("time zone", "ok", f"{config.team.zone}, where it is {local:%Y-%m-%d %H:%M}")
    if config.db.exists():
        yield _lock(config.db)
    yield from check_archive(config.db)


def _catalogue(config: Config) -> Iterator[Finding]:
    sources, problems = check_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    people, refused = check_people(config.people_folders, builtin=config.catalogue_builtin)
    problems += [*refused, *strangers(sources.values(), people)]
    for problem in problems:
        yield Finding(
            "catalogue",
            "problem",
            str(problem),
            "mend that line; until then crawls go on with its last good copy, or without it",
        )
    enabled = sum(source.enabled for source in sources.values())
    yield Finding("catalogue", "ok" if enabled else "warning", f"{len(sources)} good sources, {enabled} enabled")


def _lexicon(config: Config) -> Finding:
    try:
        lexicon = load_lexicon(own=config.lexicon_folders)
    except DataFileError as error:
        todo = "mend that line; until then crawls go on with the last good copy of your files"
        return Finding("lexicon", "problem", str(error), todo)
    own = f", {len(lexicon.own)} files of your own" if lexicon.own else ""
    found = f"version {lexicon.version}, {len(lexicon.rules)} rules, {len(lexicon.known)} entities{own}"
    remarks = lint(lexicon)
    if remarks:
        said = "; ".join(str(remark) for remark in remarks[:5])
        return Finding("lexicon", "warning", f"{found}; {len(remarks)} remarks: {said}", "mend these lines")
    return Finding("lexicon", "ok", found)


def _alerts(config: Config) -> Iterator[Finding]:
    """The rules file, the settings of mail, and whether the server answers: only a greeting is exchanged."""
    try:
        rules = load_rules(config.rules_file, zone=config.team.zone, language=config.team.language)
    except DataFileError as error:
        yield Finding("rules", "problem", str(error), "mend that line; until then the last good version is in force")
        return
    found = f"{len(rules.recipients)} recipients, {len(rules.rules)} rules, {len(rules.silences)} silences"
    yield Finding("rules", "ok", found)
    deaf = [one.name for one in rules.recipients if not any(one.name in rule.to for rule in rules.rules)]
    if deaf:
        yield Finding("rules", "warning", f"no rule tells {', '.join(deaf)} anything", "name them in a rule's `to`")
    if rules.recipients and not config.desk.url:
        found = f"mails link to {config.desk_url}, which only this machine can open"
        yield Finding("desk", "warning", found, "set url in [desk] to the address by which readers reach it")
    if not config.mail.host:
        if any(one.channel == "mail" for one in rules.recipients):
            yield Finding("mail", "problem", "there are recipients, but no server", "set host and sender in [mail]")
        return
    try:
        server = server_of(config)
    except DataFileError as error:
        yield Finding("mail", "problem", str(error), "set it in masthead.toml or in the environment")
        return
    fault = greet(server)
    todo = "check [mail]; then masthead alerts test --to you@example.com"
    yield Finding(
        "mail", "problem" if fault else "ok", fault or f"{server.host} answers and takes the login", fault and todo
    )


def _mailbox(config: Config) -> Iterator[Finding]:
    sources, _ = check_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    yield from check_mailbox(config, [one for one in sources.values() if one.enabled and one.access == "mailbox"])


def _lock(db: Path) -> Finding:
    try:
        with only_one(db):
            return Finding("lock", "ok", "no crawl is running")
    except AlreadyRunning as error:
        return Finding("lock", "ok", error.message)
    except StoreError as error:
        return Finding("lock", "problem", error.message, "check owner and rights of the folder")
