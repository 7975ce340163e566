"""`masthead eval`: measures the shipped quality sets, and real news where they are there; prints the quality card."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from db.errors import UsageError
from pipelines.crossing import can_cross
from pipelines.lexicon import load_lexicon
from scheduler.config import Config
from scheduler.eval_sections import GOLD_FILE, Material, Section, Table, figures_of, measure
from scheduler.options import config_option, json_option, put_json, table

DEFAULT_GOLD = Path("../shared/gold")


@click.command("eval")
@click.option(
    "--gold",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=f"Folder of labelled real news; default {DEFAULT_GOLD} where it is there.",
)
@click.option("--crossed", is_flag=True, help="Also by weights fitted without the items; needs the extra `train`.")
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE", help="Write the card as Markdown.")
@json_option
@config_option
def eval_command(config: Config, gold: Path | None, crossed: bool, write: Path | None, as_json: bool) -> None:
    """How good the tags are: the shipped quality sets, and labelled real news where they are there.

    The lexicon is the shipped one with the own files of the configuration: see what your words cost or bring.

    \b
    Examples:
      masthead eval
      masthead eval --json | jq .sections.own
      masthead eval --write docs/quality.md
    """
    if gold is not None and not (gold / GOLD_FILE).is_file():
        raise UsageError(f"there is no {GOLD_FILE} in this folder", about=str(gold))
    if gold is None and (DEFAULT_GOLD / GOLD_FILE).is_file():
        gold = DEFAULT_GOLD
    if crossed and not can_cross():
        raise UsageError("--crossed needs scikit-learn: pip install 'masthead[train]'")
    lexicon = load_lexicon(own=config.lexicon_folders)
    sections = measure(Material(lexicon, gold, crossed))
    if write is not None:
        write.write_text(markdown(sections, lexicon.version), encoding="utf-8")
        click.echo(f"Written: {write}", err=True)
    if as_json:
        put_json({"lexicon": lexicon.version, "sections": figures_of(sections)})
    elif write is None:
        click.echo(plain(sections, lexicon.version))


def markdown(sections: Iterable[Section], version: str) -> str:
    """The card as docs/quality.md keeps it."""
    parts = [
        "<!-- Made by `make quality`; changes here are lost. -->",
        "# Quality card",
        f"What the tags of lexicon `{version}` are worth, measured by `masthead eval`. F1 weighs what was missed and "
        "what was wrongly said alike; 1 is best. n is how many the readers labelled.",
    ]
    for section in sections:
        parts += [f"## {section.title}", *section.notes, *(_markdown_table(found) for found in section.tables)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(found: Table) -> str:
    lines = [found.head, ("---", *["--:"] * (len(found.head) - 1)), *found.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(sections: Iterable[Section], version: str) -> str:
    """The card for a terminal."""
    parts = [f"Quality card, lexicon {version}"]
    for section in sections:
        parts += ["", click.style(section.title, bold=True), *(note.replace("**", "") for note in section.notes)]
        for found in section.tables:
            parts += ["", table(found.head, found.rows, right=range(1, len(found.head)))]
    return "\n".join(parts)
