"""`masthead clip`: one post or page by hand. Keeps what was typed and fetches nothing; the work is in db.clipping."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from db.clipping import QUOTE_CHARACTERS, clip_of
from db.rows import moment
from scheduler.clipping import take
from scheduler.config import Config
from scheduler.options import json_option, put_json, with_config


@click.command("clip")
@click.argument("url", metavar="URL")
@click.option("--title", default="", metavar="TEXT", help="The title; without one, the quotation's beginning.")
@click.option(
    "--quote", default="", metavar="TEXT", help=f"The words that matter, at most {QUOTE_CHARACTERS} characters."
)
@click.option("--note", default="", metavar="TEXT", help="What you want to say of it; stands beside the story.")
@click.option("--person", default="", metavar="ID", help="Who says it: an id from the folder of people.")
@click.option("--by", default="", metavar="NAME", help="Who clips; by default your login name.")
@json_option
@with_config
def clip_command(
    config: Config, url: str, title: str, quote: str, note: str, person: str, by: str, as_json: bool
) -> None:
    """Keep one post or page by hand, with a short quotation. The address is never fetched.

    \b
    Examples:
      masthead clip https://www.linkedin.com/posts/… --quote "Fees go up in May." --person rick-watson
      masthead clip https://forum.example/t/17 --title "Returns fee" --note "ask our account manager"

    \b
    Tokens in the address are dropped. A LinkedIn post takes its time from its own id, everything else from
    now. What the archive has already gets your note alone.
    """
    now = datetime.now(UTC)
    clip = clip_of(url, title=title, quote=quote, note=note, person=person, by=by or getpass.getuser(), at=now)
    place, new = take(config, clip)
    if as_json:
        put_json({"new": new, **(place or {})})
    else:
        click.echo("\n".join(_told(place, new, config)))


def _told(place: Mapping[str, Any] | None, new: bool, config: Config) -> list[str]:
    """Where the clip landed, in lines."""
    if place is None:  # its author asked to be forgotten
        return ["Nothing was kept: this person asked to be forgotten."]
    at = moment(place["published_at"] or place["seen_at"]).astimezone(ZoneInfo(config.team.zone))
    lines = [
        "Kept." if new else "The archive has this page already; nothing was added but your note.",
        f"  {place['title']} ({place['person'] or place['source_name']}, {at:%Y-%m-%d %H:%M})",
    ]
    if not place["story_id"]:
        return [*lines, "  It tells no event that we know, so it is part of no story; the search finds it."]
    line = place[f"line_{config.team.language}"] or place["line_en"] or place["title"]
    articles = f"{place['articles']} article{'' if place['articles'] == 1 else 's'}"
    return [*lines, f"  Story {place['story_id']}: {line} ({place['status']}; {articles})"]
