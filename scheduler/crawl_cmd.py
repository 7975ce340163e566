"""`masthead crawl`: one crawl, progress on a terminal, a table at the end."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from crawler.health import recovered
from db.errors import CODES
from db.types import SEEN, SourceRun
from scheduler.config import Config
from scheduler.crawl import Report, crawl
from scheduler.options import Since, json_option, on_terminal, put_json, table, with_config


class Meter:
    """Progress on one line of a terminal; silent elsewhere. Standard output stays for results."""

    def __init__(self, quiet: bool) -> None:
        self._shown = on_terminal() and not quiet
        self._total = self._sources = self._new = 0

    def __call__(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "start":
                self._total = event["sources"]
            case "source":
                self._sources += 1
            case "article":
                self._new += event["outcome"] == "new"
            case "warning":
                self.close()
                click.secho(f"masthead: {event['message']}", err=True, fg="yellow")
        if self._shown:
            line = f"{self._sources}/{self._total} sources, {self._new} new articles"
            click.echo(f"\r\x1b[K{line}", err=True, nl=False)

    def close(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "everything", is_flag=True, help="All enabled sources, whether due or not.")
@click.option("--since", type=Since(), metavar="30d", help="Ignore items that are older.")
@click.option("--quiet", is_flag=True, help="No table, no progress; the exit code tells.")
@json_option
@with_config
def crawl_command(
    config: Config, names: tuple[str, ...], everything: bool, since: datetime | None, quiet: bool, as_json: bool
) -> int:
    """Crawl once: the sources that are due, or those named.

    \b
    Examples:
      masthead crawl                          the sources that are due
      masthead crawl amz-press tt-newsroom    these two, due or not
      masthead crawl --all --since 7d         all enabled ones, nothing older than a week

    \b
    Exit codes: 0 good, 3 store unusable, 4 a file is refused, 5 a crawl is running already,
    6 some sources failed (the rest is stored), 11 interrupted.
    """
    meter = Meter(quiet)
    try:
        report = crawl(config, names, everything=everything, since=since, progress=meter)
    finally:
        meter.close()
    if as_json:
        put_json(
            {"run": report.run_id, "exit_code": report.exit_code, "sources": [asdict(run) for run in report.sources]}
        )
    elif not quiet:
        show(report)
    if report.message:
        click.echo(f"masthead: {report.message}", err=True)
    return report.exit_code


def show(report: Report) -> None:
    """The table of a finished crawl, and one line that sums it up."""
    if not report.run_id:
        click.echo("No source is due. `masthead crawl --all` asks all enabled ones now.")
        return
    rows = [
        (run.source_id, run.state, run.new, run.changed, run.same, f"{run.seconds:.1f}", reason(run))
        for run in report.sources
    ]
    click.echo(table(("source", "state", "new", "changed", "same", "seconds", "reason"), rows, right=(2, 3, 4, 5)))
    for code in dict.fromkeys(run.code for run in report.sources if run.code and not CODES[run.code].retry):
        click.echo(f"{code}: {CODES[code].do_en}")
    for run in filter(recovered, report.sources):
        click.echo(f"{run.source_id} can be seen again (it was {run.was}).")
    seen = sum(run.state in SEEN for run in report.sources)
    new, changed = sum(run.new for run in report.sources), sum(run.changed for run in report.sources)
    click.echo(f"\n{seen} of {len(report.sources)} sources seen, {new} new articles, {changed} changed.")


def reason(run: SourceRun) -> str:
    """Why a source is not well, in one sentence with its code; "" when it is."""
    return f"{CODES[run.code].en} [{run.code}]" if run.code else ""
