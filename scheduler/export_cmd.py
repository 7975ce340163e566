"""`masthead export`: the archive as JSON Lines or CSV, for other tools."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from db import reads, story_reads
from db.csv_text import write_csv
from db.store import Store
from scheduler.config import Config
from scheduler.options import Since, put_json, with_config


@click.command("export")
@click.argument("what", type=click.Choice(["articles", "stories", "events", "sources"]))
@click.option("--since", type=Since(), metavar="30d", help="Nothing older (articles, stories and events).")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of JSON Lines.")
@click.option("--for-spreadsheet", is_flag=True, help="CSV that Excel opens rightly and that can not run formulas.")
@with_config
def export(config: Config, what: str, since: datetime | None, as_csv: bool, for_spreadsheet: bool) -> None:
    """Write articles, stories, events or sources to standard output.

    \b
    Examples:
      masthead export articles > articles.jsonl
      masthead export stories --since 30d | jq -r '[.status, .line_en] | @tsv'
      masthead export events --since 30d --for-spreadsheet > events.csv
    """
    with Store.open(config.db, zone=config.team.zone, create=False) as store, store.reading() as connection:
        if what == "sources":
            rows: Iterable[dict[str, Any]] = reads.sources(connection)
        elif what == "stories":
            rows = story_reads.export(connection, since=since)
        else:
            rows = (reads.articles if what == "articles" else reads.events)(connection, since=since)
        if as_csv or for_spreadsheet:
            write_csv(rows, sys.stdout, guarded=for_spreadsheet)
        else:
            for row in rows:
                put_json(row)
