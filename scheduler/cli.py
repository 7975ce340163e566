"""The command `masthead`: finds the command, loads the configuration, turns errors into exit codes. No work of its own.

Commands are imported when called, so that `--help` and the filters start fast.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from db.errors import DataFileError, MastheadError
from db.tomlfile import suggestion

_COMMANDS = {
    "demo": "scheduler.demo_cmd:demo",
    "init": "scheduler.init_cmd:init",
    "crawl": "scheduler.crawl_cmd:crawl_command",
    "run": "scheduler.run_cmd:run_command",
    "serve": "scheduler.serve_cmd:serve",
    "alerts": "scheduler.alerts_cmd:alerts_group",
    "sources": "scheduler.sources_cmd:sources_group",
    "status": "scheduler.status_cmd:status_command",
    "doctor": "scheduler.doctor_cmd:doctor",
    "forget": "scheduler.forget_cmd:forget_command",
    "backup": "scheduler.backup_cmd:backup_command",
    "restore": "scheduler.backup_cmd:restore_command",
    "retag": "scheduler.retag_cmd:retag_command",
    "eval": "scheduler.eval_cmd:eval_command",
    "story": "scheduler.story_cmd:story_group",
    "clip": "scheduler.clip_cmd:clip_command",
    "search": "scheduler.search_cmd:search_command",
    "export": "scheduler.export_cmd:export",
    "tag": "scheduler.filters:tag_filter",
    "extract": "scheduler.filters:extract_filter",
    "thread": "scheduler.filters:thread_filter",
    "assess": "scheduler.filters:assess_filter",
}


class Commands(click.Group):
    """Loads a command's module when it is named, and suggests one when the name is wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command {args[0]!r}{suggestion(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="masthead")
def cli() -> None:
    """Masthead: the lookout of a cross-border e-commerce team.

    \b
    Examples:
      masthead demo                       see everything on a sample world, without network
      masthead init team && cd team       a folder with configuration and examples
      masthead crawl                      one crawl of the sources that are due
      masthead serve                      the desk, at http://127.0.0.1:8001/
    """


def main() -> None:
    """Entry point. Errors that a user can act on become one line and an exit code; bugs keep their trace."""
    sys.exit(run())


def run(args: list[str] | None = None) -> int:
    """Run one command and return its exit code (interfaces: 0, 1, 2, 3, 4, 5, 6, 7, 11)."""
    try:
        result = cli.main(args, prog_name="masthead", standalone_mode=False)
    except MastheadError as error:
        click.echo(f"masthead: {error}", err=True)
        if isinstance(error, DataFileError):
            click.echo("`masthead sources check` and `masthead doctor` show every problem of the files.", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("masthead: interrupted; what was finished is kept", err=True)
        return 11
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away; Python would complain once more at exit
        return 0
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
