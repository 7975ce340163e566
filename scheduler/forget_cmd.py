"""`masthead forget`: deletes one person's items, after showing how many. The work is in db.forgetting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from db.errors import UsageError
from db.forgetting import Items, forget, items_of
from db.store import Store
from db.stories.tending import tend
from scheduler.config import Config
from scheduler.options import json_option, put_json, table, with_config
from scheduler.story_rules import story_rules


@click.command("forget")
@click.option("--author", required=True, metavar="NAME", help="The author, as the publisher writes the name.")
@click.option("--yes", is_flag=True, help="Delete; without it, only count.")
@json_option
@with_config
def forget_command(config: Config, author: str, yes: bool, as_json: bool) -> None:
    """Delete every item of one author, with all that was derived from it, and never store that name's items again.

    Without --yes nothing is deleted. Backups made earlier still hold the items.

    \b
    Examples:
      masthead forget --author "Li Wen"          what would be deleted
      masthead forget --author "Li Wen" --yes
    """
    with Store.open(config.db, zone=config.team.zone, create=False) as store:
        try:
            items = forget(store, author, datetime.now(UTC)) if yes else items_of(store, author)
        except ValueError as error:
            raise UsageError(f"{author!r} has no letters; give a name", about="--author") from error
        if yes:  # what stories say rested on the items
            tend(store, story_rules(config.team.platforms), datetime.now(UTC), ZoneInfo(config.team.zone))
    if as_json:
        put_json(_as_json(items, deleted=yes))
        return
    if items.sources:
        click.echo(table(("source", "items"), items.sources.items(), right=(1,)) + "\n")
    count = f"{len(items.articles):,} item{'' if len(items.articles) == 1 else 's'} by {author}"
    if yes:
        click.echo(f"{count} deleted; items under this name are refused from now on. Earlier backups still hold them.")
    else:
        click.echo(f"{count} would be deleted, also those written with others. Add --yes to delete.")
    if items.similar:
        click.echo(f"Left alone, since the name is another: {', '.join(items.similar)}")


def _as_json(items: Items, *, deleted: bool) -> dict[str, Any]:
    return {
        "deleted": deleted,
        "items": len(items.articles),
        "sources": dict(items.sources),
        "left_alone": list(items.similar),
    }
