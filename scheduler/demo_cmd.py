"""`masthead demo`: the whole chain on the bundled sample world, over real HTTP on loopback, without configuration."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from db import story_reads
from db.clipping import clip_of
from db.connect import open_as_it_is
from db.score_reads import scores
from db.store import Store
from scheduler.clipping import take
from scheduler.config import Config, load_config
from scheduler.crawl import Report, crawl
from scheduler.crawl_cmd import Meter, show
from scheduler.demo.replay import ReplayServer
from scheduler.demo.world import World, build_world
from scheduler.options import on_terminal, table
from scheduler.preview import sample_editions
from scheduler.story_cmd import BEYOND, shown

_CONFIG = """\
[catalogue]
builtin = false
folders = ["sources"]
people = ["people"]
[mailbox]
files = "mails"
authserv_id = "mx.masthead.example"
[crawler]
contact = "demo@masthead.example"
delay_seconds = 0
"""

_STORIES = 14  # shown at the end


@click.command()
@click.option("--no-serve", is_flag=True, help="End before the desk opens; so it does without a terminal.")
@click.option("--db", type=click.Path(path_type=Path), metavar="FILE", help="Keep the archive in this file.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Sample mails go here.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port of the desk.")
@click.option("--quiet", is_flag=True, help="No progress.")
def demo(no_serve: bool, db: Path | None, out: Path | None, port: int, quiet: bool) -> int:
    """Crawl a small sample world on this machine and look at the result.

    \b
    Examples:
      masthead demo                                  then open http://127.0.0.1:8001/
      masthead demo --no-serve --db sample.db        keep the archive, open nothing

    \b
    Invented news sites are served on loopback addresses. One is down and one answers with a captcha, so
    the crawl ends "partial", as it would on a real morning; the demo itself ends with 0 when all went as it should.
    At the end stand the stories: who had it first, how sure it became, and who said more than the announcement.
    """
    world = build_world()
    with workplace(db) as folder, ReplayServer(world.sites) as server:
        started = time.monotonic()
        config = prepare(folder, world, server, db)
        first = one_crawl(config, quiet)
        take_clips(config, world)
        server.phase = 2
        second = one_crawl(config, quiet)
        click.echo(f"{len(first.sources)} sample sources, first crawl:\n")
        show(first)
        changed = [
            f"{run.source_id} ({run.new} new, {run.changed} changed)"
            for run in second.sources
            if run.new or run.changed
        ]
        click.echo(f"Second crawl, a day later in the sample world: {', '.join(changed) or 'nothing new'}.")
        click.echo(f"Both took {time.monotonic() - started:.1f} s." + (f" Kept in {config.db}." if db else ""))
        click.echo("\n" + tell_stories(config) + "\n")
        click.echo("\n".join(tell_leads(config)) + "\n")
        mails = out or (db.with_name(f"{db.stem}-mails") if db else Path(tempfile.gettempdir()) / "masthead-demo-mails")
        if written := write_samples(config, mails):
            click.echo(f"The edition in both languages, as mail and page: {written}/")
        if db:
            click.echo(f"Look at it: masthead serve --db {db}")
        if not no_serve and on_terminal() and sys.stdin.isatty():
            open_desk(config, port)
    return 0 if went_well(world, first) else 1


@contextlib.contextmanager
def workplace(db: Path | None) -> Iterator[Path]:
    """A temporary folder for configuration and sources, and for the archive unless it is kept elsewhere."""
    with tempfile.TemporaryDirectory(prefix="masthead-demo-") as name:
        yield Path(name)


def prepare(folder: Path, world: World, server: ReplayServer, db: Path | None) -> Config:
    """Write the world's sources with their addresses, and a configuration; returns it."""
    by_mail = {name: text for name, text in world.mailbox.items() if name.endswith(".toml")}
    mails = {name: text for name, text in world.mailbox.items() if name.endswith(".eml")}
    parts = {"sources": {**world.source_files, **by_mail}, "people": world.people_files, "mails": mails}
    for part, files in parts.items():
        (folder / part).mkdir()
        for name, text in files.items():
            (folder / part / name).write_text(server.render(text), encoding="utf-8")
    file = folder / "masthead.toml"
    file.write_text(_CONFIG, encoding="utf-8")
    config = load_config(file)
    return config.with_db(db) if db else config


def one_crawl(config: Config, quiet: bool) -> Report:
    """Every source of the world, with progress on a terminal."""
    meter = Meter(quiet)
    try:
        return crawl(config, (), everything=True, since=None, progress=meter)
    finally:
        meter.close()


def tell_stories(config: Config) -> str:
    """A table of the stories with a course, in order of time, and the one with most articles whole."""
    with Store.open(config.db, create=False) as store, store.reading() as connection:
        ids = [row["id"] for row in story_reads.stories(connection, limit=1_000)]
        found = [one for one in (story_reads.story(connection, story_id) for story_id in ids) if one]
    told = sorted(found, key=lambda one: (len(one["moves"]), one["origins"], one["articles"]), reverse=True)[:_STORIES]
    rows = [
        (
            " → ".join(move["status"] for move in one["moves"]),
            one["articles"],
            one["origins"],
            "+".join(one["languages"]),
            sum(claim["verdict"] in BEYOND for claim in one["claims"]) or "",
            one["line_en"] + (" (follow-up)" if one["follows"] else ""),
        )
        for one in sorted(told, key=lambda one: one["first_at"])
    ]
    head = ("status", "articles", "origins", "in", "claims beyond", "story")
    largest = max(found, key=lambda one: one["articles"])
    return "\n\n".join([
        f"{len(found)} stories, the busiest of them:",
        table(head, rows, right=(1, 2, 4)),
        "The story that began it all:",
        shown(largest, ZoneInfo(config.team.zone), "en", claims=4),
    ])  # fmt: skip


def take_clips(config: Config, world: World) -> list[tuple[dict[str, Any] | None, bool]]:
    """What a reader of the world brings by hand; of each clip where it landed, and whether it was new."""
    return [take(config, clip_of(**one, by="demo", at=datetime.now(UTC))) for one in world.clips]


def tell_leads(config: Config) -> list[str]:
    """How long before the official texts people spoke, from all their channels and clips: a line for each."""
    with Store.open(config.db, create=False) as store, store.reading() as connection:
        names = dict(connection.execute("select '@' || id, name || ', ' || role from people").fetchall())
        board = scores(connection, since=datetime(2000, 1, 1, tzinfo=UTC))
    return [
        f"{names[one.voice]}: {one.lead_hours / 24:.1f} days before the official text (median of {one.lead_stories} "
        "stories, all channels and clips as one voice)."
        for one in board
        if one.voice in names and one.lead_hours is not None
    ]


def write_samples(config: Config, out: Path) -> Path | None:
    """The edition that such news would make, as mails in both languages; the folder, or None without a story."""
    with closing(open_as_it_is(config.db)) as archive:
        return out if sample_editions(config, archive, out) else None


def went_well(world: World, report: Report) -> bool:
    """Whether every source yielded just the articles the world holds; none where a fault is built in."""
    expected = {source_id: len(articles) for source_id, articles in world.expected().items()}
    found = {run.source_id: run.new + run.changed + run.same for run in report.sources}
    by_mail = sum(found.pop(source_id) for source_id in set(found).difference(expected))
    return found == expected and by_mail == sum(name.endswith(".eml") for name in world.mailbox)


def open_desk(config: Config, port: int) -> None:
    """Serve the desk until Ctrl-C, while the sample sites stay up so that every link leads somewhere."""
    from db.desk.serve import run
    from scheduler.clipping import ClipReader

    click.echo(f"\nThe desk: http://127.0.0.1:{port}/   (Ctrl-C ends it)")
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(ClipReader(config)) as reader:
        run(config.db, "127.0.0.1", port, zone=config.team.zone, language=config.team.language, clips=reader.tools())
