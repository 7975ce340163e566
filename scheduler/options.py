"""The options that mean the same for every command, and small helpers of the command line. No command of its own."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from scheduler.config import Config, load_config

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """Add --config for a command without an archive; it gets the finished Config as its first argument."""

    @click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Configuration; default masthead.toml in this folder, then built-in defaults.",
    )
    @functools.wraps(command)
    def loaded(*args: Any, config_file: Path | None, **options: Any) -> Any:
        return command(load_config(config_file), *args, **options)

    return loaded  # type: ignore[return-value]  # click's decorators keep the callable's shape


def with_config(command: F) -> F:
    """Add --config and --db; the command gets the finished Config as its first argument."""

    @config_option
    @click.option(
        "--db", type=click.Path(path_type=Path), metavar="FILE", help="The archive; default from the configuration."
    )
    @functools.wraps(command)
    def loaded(config: Config, *args: Any, db: Path | None, **options: Any) -> Any:
        return command(config.with_db(db) if db else config, *args, **options)

    return loaded  # type: ignore[return-value]  # click's decorators keep the callable's shape


def json_option(command: F) -> F:
    """Add --json, for scripts."""
    decorated: F = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")(command)
    return decorated


class Since(click.ParamType[datetime]):
    """`30d`, `12h` or an ISO date → an aware moment in UTC."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if found := re.fullmatch(r"(\d{1,5})([hdw])", value):
            hours = int(found[1]) * {"h": 1, "d": 24, "w": 168}[found[2]]
            return datetime.now(UTC) - timedelta(hours=hours)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a span such as 30d or 12h nor a date such as 2024-08-08", param, ctx)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def put_json(value: Any) -> None:
    """One JSON value as one line on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def width(text: str) -> int:
    """Columns a terminal needs: wide East Asian characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()) -> str:
    """A plain text table; columns of `right` are aligned right. Wide characters count two."""
    cells = [list(head)] + [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[i]) for row in cells) for i in range(len(head))]

    def pad(text: str, column: int) -> str:
        blank = " " * (widths[column] - width(text))
        return blank + text if column in right else text + blank

    return "\n".join("  ".join(pad(text, i) for i, text in enumerate(row)).rstrip() for row in cells)


def on_terminal() -> bool:
    """Whether a person is looking at standard error."""
    return sys.stderr.isatty()
