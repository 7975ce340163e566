"""`masthead backup` and `masthead restore`: the archive as one file, and back. The work is in db.backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from db.backup import Progress, back_up, restore, thin_backups
from scheduler.config import Config
from scheduler.locks import only_one
from scheduler.options import json_option, on_terminal, put_json, with_config


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Delete older ones of this name with another date.")
@json_option
@with_config
def backup_command(config: Config, file: Path, force: bool, keep: int | None, as_json: bool) -> None:
    """Copy the archive to FILE, while a crawl writes or the desk reads; the copy is checked before it counts.

    The private file (recipients, deliveries) is copied beside it as NAME.private.db, if there is one.

    \b
    Examples:
      masthead backup /mnt/backups/masthead-2024-08-08.db
      masthead backup --force yesterday.db
      masthead backup --keep 14 "backups/masthead-$(date +%F).db"
    """
    written = back_up(config.db, file.absolute(), force=force, progress=_meter())
    gone = thin_backups(file.absolute(), keep) if keep else ()
    _end_of_line()
    if as_json:
        put_json([{"file": str(path), "size_bytes": path.stat().st_size} for path in written])
        return
    for path in written:
        click.echo(f"Written and checked: {path} ({path.stat().st_size:,} bytes)")
    for path in gone:
        click.echo(f"Deleted: {path}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@json_option
@with_config
def restore_command(config: Config, file: Path, as_json: bool) -> None:
    """Put the backup FILE in the archive's place. FILE is checked first and stays; what was there is kept aside.

    Refused while a crawl runs or a page of the desk is being read; end the desk first.

    \b
    Examples:
      masthead restore /mnt/backups/masthead-2024-08-08.db
      masthead restore backup.db --db sample.db
    """
    with only_one(config.db):
        kept = restore(file.absolute(), config.db, datetime.now(UTC), progress=_meter())
    _end_of_line()
    if as_json:
        put_json({"db": str(config.db), "kept": [str(path) for path in kept]})
        return
    click.echo(f"Restored: {config.db}")
    for path in kept:
        click.echo(f"What was there before: {path}")


def _meter() -> Progress | None:
    """Pages on one line of a terminal; nothing elsewhere."""
    if not on_terminal():
        return None
    return lambda done, total: click.echo(f"\r\x1b[K{100 * done // max(total, 1)} %", err=True, nl=False)


def _end_of_line() -> None:
    if on_terminal():
        click.echo("\r\x1b[K", err=True, nl=False)
