"""`masthead story`: what people decide about stories (merge, split, move, status, undo), and what they see first.

The work is in db.stories.decisions. Rules never change what is decided here.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import click

from db import story_reads
from db.errors import UsageError
from db.rows import moment
from db.store import Store
from db.stories import decisions
from db.stories.decisions import Author, Decision
from db.stories.rules import RULE, Occasion
from db.types import Status
from scheduler.config import Config
from scheduler.options import json_option, put_json, table, with_config
from scheduler.story_rules import story_rules

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 200  # articles of a story
#: Verdicts of claims that go beyond or against the official text.
BEYOND = ("broader", "contradicted", "not_in_official")


def _decision_options(command: F) -> F:
    """--by, --reason and --json, after the options of every command."""
    reason = click.option("--reason", default="", metavar="TEXT", help="Why; it stands in the log.")
    by = click.option("--by", default="", metavar="NAME", help="Who decides; by default your login name.")
    decorated: F = by(reason(json_option(with_config(command))))
    return decorated


@click.group("story")
def story_group() -> None:
    """See a story, and correct it: merge, split, move, set its status; undo puts back.

    \b
    Examples:
      masthead story show st-3f2a9c1d04
      masthead story merge st-3f2a9c1d04 st-9b1c77e2a0 --reason "the same announcement"
      masthead story undo 12
    """


@story_group.command("show")
@click.argument("story_id", metavar="STORY")
@json_option
@with_config
def show_command(config: Config, story_id: str, as_json: bool) -> None:
    """A story with its articles, status moves, claims, deadlines and decisions.

    \b
    Example:
      masthead story show st-3f2a9c1d04
    """
    with Store.open(config.db, zone=config.team.zone, create=False) as store, store.reading() as connection:
        current = story_reads.resolve(connection, story_id)
        found = story_reads.story(connection, current, articles=_SHOWN) if current else None
    if found is None:
        raise UsageError(f"there is no story {story_id!r}; `masthead search` shows the stories of what it finds")
    if as_json:
        put_json(found)
        return
    if current != story_id:
        click.echo(f"{story_id} was merged into {current}.", err=True)
    click.echo(shown(found, ZoneInfo(config.team.zone), config.team.language))


@story_group.command("merge")
@click.argument("away", metavar="STORY")
@click.argument("into", metavar="INTO")
@_decision_options
def merge_command(config: Config, away: str, into: str, by: str, reason: str, as_json: bool) -> None:
    """All articles of STORY go into INTO; the address of STORY leads there from now on.

    \b
    Example:
      masthead story merge st-3f2a9c1d04 st-9b1c77e2a0 --by Anna --reason "the same announcement"
    """
    _decide(config, by, reason, as_json, lambda *how: decisions.merge(how[0], away, into, *how[1:]))


@story_group.command("split")
@click.argument("story_id", metavar="STORY")
@click.argument("articles", nargs=-1, required=True, type=int, metavar="ARTICLE...")
@_decision_options
def split_command(
    config: Config, story_id: str, articles: tuple[int, ...], by: str, reason: str, as_json: bool
) -> None:
    """These articles of STORY become a story of their own. `masthead story show` lists their numbers.

    \b
    Example:
      masthead story split st-3f2a9c1d04 118 121 --reason "another fee"
    """
    _decide(config, by, reason, as_json, lambda *how: decisions.split(how[0], story_id, articles, *how[1:]))


@story_group.command("move")
@click.argument("article", type=int, metavar="ARTICLE")
@click.argument("story_id", metavar="STORY")
@_decision_options
def move_command(config: Config, article: int, story_id: str, by: str, reason: str, as_json: bool) -> None:
    """One article goes to STORY; the story it leaves leads there if nothing else is in it.

    \b
    Example:
      masthead story move 118 st-9b1c77e2a0
    """
    _decide(config, by, reason, as_json, lambda *how: decisions.move(how[0], article, story_id, *how[1:]))


@story_group.command("status")
@click.argument("story_id", metavar="STORY")
@click.argument("status", type=click.Choice(get_args(Status)))
@_decision_options
def status_command(config: Config, story_id: str, status: Status, by: str, reason: str, as_json: bool) -> None:
    """Set the status of STORY; it holds until it is undone, whatever is found. Needs --reason.

    \b
    Example:
      masthead story status st-3f2a9c1d04 denied --reason "their spokesperson told us on the phone"
    """
    if not reason.strip():
        raise UsageError("a status needs its reason; add --reason", about=story_id)
    _decide(config, by, reason, as_json, lambda *how: decisions.set_status(how[0], story_id, status, *how[1:]))


@story_group.command("undo")
@click.argument("decision", type=int, metavar="DECISION")
@_decision_options
def undo_command(config: Config, decision: int, by: str, reason: str, as_json: bool) -> None:
    """Put back what a decision changed. `masthead story show` lists decisions with their numbers.

    \b
    Example:
      masthead story undo 12
    """
    _decide(config, by, reason, as_json, lambda *how: decisions.undo(how[0], decision, *how[1:]), undone=True)


def _decide(
    config: Config,
    by: str,
    reason: str,
    as_json: bool,
    act: Callable[..., Decision],
    *,
    undone: bool = False,
) -> None:
    author = _author(by, reason)
    zone = ZoneInfo(config.team.zone)
    occasion = Occasion(story_rules(config.team.platforms), datetime.now(UTC), zone)
    with Store.open(config.db, zone=config.team.zone, create=False) as store, store.writing() as connection:
        made = act(connection, author, occasion)
        ids = [one for one in (made.story_id, made.other_story_id) if one]
        lines = {one: _line(connection, one, config.team.language) for one in ids}
    if as_json:
        put_json({**asdict(made), "undone": undone})
        return
    click.echo(f"Decision {made.id} ({made.kind}){' undone' if undone else ''}.")
    for line in lines.values():
        click.echo(f"  {line}")
    if not undone:
        click.echo(f"Put it back with: masthead story undo {made.id}")


def _author(by: str, reason: str) -> Author:
    try:
        name = by.strip() or getpass.getuser()
    except (OSError, KeyError) as error:  # a container without a user of that number
        raise UsageError("who decides is not known here; add --by NAME") from error
    if name == RULE:
        raise UsageError("a person decides here, not a rule; add --by NAME", about="--by")
    return Author(name, reason.strip())


def _line(connection: Any, story_id: str, language: str) -> str:
    current = story_reads.resolve(connection, story_id)
    found = story_reads.story(connection, current, articles=0) if current else None
    if found is None:
        return f"{story_id}: has no articles any more"
    if current != story_id:
        return f"{story_id}: leads to {current}"
    line = found["line_zh" if language == "zh" else "line_en"]
    return f"{story_id}: {line} ({found['status']}; {found['articles']} articles, {found['origins']} origins)"


def shown(found: dict[str, Any], zone: ZoneInfo, language: str, *, claims: int = 100) -> str:
    """A story as `db.story_reads.story` gives it, for the terminal; of its claims at most so many."""

    def day(value: str) -> str:
        return f"{moment(value).astimezone(zone):%Y-%m-%d %H:%M}"

    counts = f"{found['articles']} articles, {found['origins']} origins, impact {found['impact']}"
    lines = [click.style(found["line_zh" if language == "zh" else "line_en"], bold=True)]
    held = "" if found["status_by"] == RULE else f", by {found['status_by']}"
    lines += [f"{found['id']}: {found['status']} since {day(found['status_at'])}{held}; {counts}", ""]
    members = [
        (one["id"], day(one["at"]), one["source"], "" if one["origin"] == one["id"] else one["origin"], one["title"])
        for one in found["members"]
    ]
    lines += [table(("article", "time", "source", "copy of", "title"), members, right=(0, 3))]
    if len(found["members"]) < found["articles"]:
        lines += [f"… and {found['articles'] - len(found['members'])} more"]
    for move in found["moves"]:
        who = move["source"] or move["decided_by"]
        lines += ["", f"{move['status']} {day(move['at'])}, {who}", *_quoted(move["quote"] or move["reason"])]
    beyond = [claim for claim in found["claims"] if claim["verdict"] in BEYOND]
    for claim in beyond[:claims]:
        lines += ["", f"{claim['verdict']} ({claim['slot']}), article {claim['article']}, {claim['source']}"]
        lines += _quoted(claim["quote"])
        said = _quoted(claim["official_quote"]) or ["  nothing of the kind"]
        lines += ["the official text says:", *said]
    if len(beyond) > claims:
        lines += ["", f"… and {len(beyond) - claims} more claims beyond the official text"]
    if found["deadlines"]:
        lines += ["", *(f"{due['date']} {due['role']}: {due['quote']}" for due in found["deadlines"])]
    for one in found["decisions"]:
        undone = f", undone by {one['undone_by']}" if one["undone_at"] else ""
        lines += ["", f"decision {one['id']}: {one['kind']} by {one['decided_by']}, {one['reason'] or '–'}{undone}"]
    return "\n".join(lines)


def _quoted(text: str) -> list[str]:
    return [f"  “{text}”"] if text else []
