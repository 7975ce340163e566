"""`masthead sources add` and `review`: the team's own source files, written by a command. Never a shipped file.

What is written passes the same check as any source file before it counts.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.catalogue import load_catalogue, load_source
from crawler.source_checks import DATES, Refused, address, network, source_id
from db.errors import CODES, UsageError
from db.store import Store
from db.tomlfile import suggestion
from db.types import Source, SourceKind
from db.urls import canonical_url, host_of
from db.vocabulary import SOURCE_KINDS
from scheduler.config import Config
from scheduler.options import json_option, put_json, table, with_config

if TYPE_CHECKING:  # it brings Scrapy, which most commands can do without
    from scheduler.sources_find import Candidate


@click.command("add", short_help="Find a site's feed and write its file.")
@click.argument("url")
@click.option("--id", "wanted_id", metavar="ID", help="The new source's id; default from the host.")
@click.option("--kind", type=click.Choice(list(SOURCE_KINDS)), help="How far it is believed; default community.")
@click.option("--allow-address", "allowed", multiple=True, metavar="CIDR", help="An intranet the site may lie in.")
@json_option
@with_config
def add_source(
    config: Config, url: str, wanted_id: str | None, kind: SourceKind | None, allowed: tuple[str, ...], as_json: bool
) -> int:
    """Ask URL once, find its feed, and write a source file into the team's folder for you to correct.

    A page is searched for the feeds it names; no address is guessed.

    \b
    Examples:
      masthead sources add https://blog.example.com/
      masthead sources add https://blog.example.com/feed.xml --id my-blog --kind kol

    \b
    Exit codes: 0 written, 2 refused (LinkedIn, known already, no folder), 6 nothing usable was found.
    """
    from scheduler.sources_find import find_feeds, new_id

    folder = team_folder(config)
    catalogue = load_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    url = _checked(address, url, "URL")
    allowed = tuple(_checked(network, one, "--allow-address") for one in allowed)
    _refuse_known(url, catalogue)
    name = _checked(source_id, wanted_id, "--id") if wanted_id else new_id(host_of(url), catalogue)
    if name in catalogue or (folder / f"{name}.toml").exists():
        raise UsageError(f"there is a source {name!r} already; choose another with --id", about="--id")
    found = find_feeds(config, url, allowed, datetime.now(UTC))
    best = found[0].source
    if best is not None:
        _refuse_known(best.url, catalogue)
        best = replace(best, id=name, family=name, kind=kind or best.kind)
        best = replace(best, derived=tuple(key for key in best.derived if key != "kind" or kind is None))
        path = write_source(folder, name, source_text(best))
    if as_json:
        put_json({"written": str(path) if best is not None else None, "found": [_as_json(one) for one in found]})
        return 0 if best is not None else 6
    rows = [
        (one.url, one.entries, f"{one.newest_at:%Y-%m-%d}" if one.newest_at else "", one.title or _why(one.code))
        for one in found
    ]
    click.echo(table(("address", "entries", "newest", "what it is"), rows, right=(1,)) + "\n")
    if best is None:
        click.echo("Nothing usable was found; nothing was written.")
        return 6
    click.echo(f"Written: {path}")
    click.echo(f"Please look at {', '.join(best.derived)}: they were derived. Then: masthead crawl {name}")
    return 0


@click.command("review", short_help="Accept or refuse addresses that moved for good.")
@click.option("--accept", metavar="SOURCE", help="Use the new address.")
@click.option("--refuse", metavar="SOURCE", help="Keep the old one; the question is dropped.")
@json_option
@with_config
def review_sources(config: Config, accept: str | None, refuse: str | None, as_json: bool) -> None:
    """Show the addresses that moved for good to another domain, and decide on them. Open the new one first.

    \b
    Examples:
      masthead sources review
      masthead sources review --accept my-blog     writes the new address into your own source file
      masthead sources review --refuse my-blog
    """
    if accept and refuse:
        raise UsageError("choose one of --accept and --refuse")
    catalogue = load_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    with Store.open(config.db, zone=config.team.zone, create=False) as store:
        waiting = {name: memory.moved_to for name in catalogue if (memory := store.memory(name)).moved_to}
        if chosen := accept or refuse:
            if chosen not in waiting:
                known = suggestion(chosen, waiting) if waiting else "; none is"
                raise UsageError(f"{chosen!r} is not waiting for review{known}")
            if accept:
                path = accept_move(config, catalogue[chosen], waiting[chosen])
            store.remember(replace(store.memory(chosen), moved_to=""))
    if as_json:
        put_json([{"id": name, "url": catalogue[name].url, "moved_to": new} for name, new in waiting.items()])
    elif accept:
        click.echo(f"Written: {path}\nThe next crawl asks {waiting[accept]}")
    elif refuse:
        click.echo("Dropped. While the old address redirects, the next crawl asks again; `enabled = false` ends that.")
    elif waiting:
        rows = [(name, catalogue[name].url, new) for name, new in waiting.items()]
        click.echo(table(("source", "address", "moved to"), rows))
    else:
        click.echo("No address waits for review.")


# ------------------------------------------------------------------ files
def team_folder(config: Config) -> Path:
    """Where the team's own sources lie. Raises UsageError if there is no such folder."""
    if not config.catalogue_folders:
        message = 'there is no folder for your own sources; run `masthead init`, or set folders = ["sources"]'
        raise UsageError(message, about="[catalogue]")
    return config.catalogue_folders[0]


def source_text(source: Source) -> str:
    """A source as a file, with the keys that say something."""
    lines = [
        f"{key} = {_toml(getattr(source, key))}"
        for key in ("id", "name", "kind", "family", "hosts", "language", "zone", "access", "url", "keep_text")
    ]
    lines.append(f"expect = {{ min_items = {source.expect.min_items}, gap_hours = {source.expect.gap_hours} }}")
    if source.allow_addresses:
        lines.append(f"allow_addresses = {_toml(source.allow_addresses)}")
    lines += [f"proof = {_toml(source.proof)}", f"derived = {_toml(source.derived)}"]
    return "\n".join(lines) + "\n"


def accept_move(config: Config, source: Source, new_url: str) -> Path:
    """The source's file with its new address, in the team's folder; a shipped file is copied there.

    The old address's host goes: whoever registers it next must not speak for the source.
    """
    if any(word in source.url for word in DATES):
        raise UsageError("the address holds a date; change url and hosts by hand", about=source.file)
    old = Path(source.file)
    hosts = [host for host in source.hosts if host != host_of(source.url)]
    text = old.read_text(encoding="utf-8-sig")
    text = re.sub(r"(?m)^url\s*=.*$", lambda _: f"url = {_toml(new_url)}", text, count=1)
    text = re.sub(r"(?ms)^hosts\s*=\s*\[.*?\][^\n]*\n", "", text, count=1)
    line = f"hosts = {_toml(tuple(dict.fromkeys([host_of(new_url), *hosts])))}\n"
    text = re.sub(r"(?m)^(url\s*=.*\n?)", lambda found: f"{found[1].rstrip()}\n{line}", text, count=1)
    own = next((folder for folder in config.catalogue_folders if folder.resolve() == old.parent.resolve()), None)
    return write_source(own or team_folder(config), source.id, text, new_url)


def write_source(folder: Path, name: str, text: str, url: str = "") -> Path:
    """Put a checked source file into the folder. DataFileError if it would be refused; nothing is written then."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".masthead-", dir=folder) as inner:
        draft = Path(inner) / f"{name}.toml"
        draft.write_text(text, encoding="utf-8")
        made = load_source(draft)
        if url and made.url != url:
            raise UsageError("the file's url could not be rewritten; change url and hosts by hand", about=name)
        return draft.replace(folder / draft.name)


def _refuse_known(url: str, catalogue: Mapping[str, Source]) -> None:
    for source in catalogue.values():
        if canonical_url(source.url) == canonical_url(url):
            raise UsageError(f"{source.id} reads this address already ({source.file})", about=url)


def _checked(check: object, value: str, about: str) -> str:
    assert callable(check)
    try:
        return str(check(value))
    except Refused as error:
        raise UsageError(str(error), about=about) from error


def _as_json(candidate: Candidate) -> dict[str, object]:
    newest_at = candidate.newest_at and candidate.newest_at.isoformat()
    known = {"url": candidate.url, "title": candidate.title, "entries": candidate.entries, "newest_at": newest_at}
    return {**known, "code": candidate.code, "usable": candidate.source is not None}


def _why(code: str) -> str:
    return f"{CODES[code].en} [{code}]"


def _toml(value: str | Sequence[str]) -> str:
    """A string or an array of strings; JSON's escapes are TOML's."""
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)
