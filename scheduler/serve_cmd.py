"""`masthead serve`: the desk alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import closing

import click

from scheduler.config import Config
from scheduler.options import with_config


@click.command()
@click.option("--host", metavar="ADDRESS", help="Default from the configuration: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help="Default from the configuration: 8001.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@with_config
def serve(config: Config, host: str | None, port: int | None, with_parent: bool) -> None:
    """Open the desk: the archive in the browser.

    \b
    Examples:
      masthead serve                      http://127.0.0.1:8001/
      masthead serve --port 8010 --db sample.db

    \b
    Any address but loopback needs a password: set MASTHEAD_DESK_PASSWORD_HASH (or ..._FILE) to what
    `datasette hash-password` prints, or MASTHEAD_DESK_ACCOUNTS_FILE to a file with a line
    `name reader|editor hash` for each person; and put the desk behind a server that speaks https.
    """
    from db.desk.accounts import read_accounts, read_password_hash
    from db.desk.serve import run
    from scheduler.clipping import ClipReader

    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    with closing(ClipReader(config)) as reader:
        run(
            config.db, host or config.desk.host, config.desk.port if port is None else port,
            zone=config.team.zone, language=config.team.language, password_hash=read_password_hash(),
            accounts=read_accounts(), metrics=config.desk.metrics, clips=reader.tools(),
            ready=lambda address: click.echo(f"The desk: {address}   (Ctrl-C ends it)", err=True),
        )  # fmt: skip


def _end_with_parent() -> None:
    """A desk whose service was killed must not keep its port."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
