"""`masthead search`: the archive, in Chinese and English, on the terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from db.search import Hit, Marks, search
from db.store import Store
from db.story_reads import story_of_articles
from scheduler.config import Config
from scheduler.options import Since, json_option, put_json, with_config


@click.command("search")
@click.argument("query", nargs=-1, required=True, metavar="QUERY")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many articles.")
@click.option("--since", type=Since(), metavar="30d", help="Nothing older.")
@json_option
@with_config
def search_command(config: Config, query: tuple[str, ...], limit: int, since: datetime | None, as_json: bool) -> None:
    """Search titles and texts. Names are found in both languages: 亚马逊 finds Amazon. Each find names its story.

    \b
    Examples:
      masthead search TikTok 关税
      masthead search '"de minimis" OR 小额'
      masthead search '"de minimis" -Temu' --since 30d
      masthead search 罚款 OR fine --json | jq .url
    """
    with Store.open(config.db, zone=config.team.zone, create=False) as store, store.reading() as connection:
        hits = search(connection, " ".join(query), limit, since=since)
        stories = story_of_articles(connection, [hit.article_id for hit in hits])
    if as_json:
        for hit in hits:
            put_json({**asdict(hit), "sort_at": hit.sort_at.isoformat(), "story": stories.get(hit.article_id)})
        return
    zone = ZoneInfo(config.team.zone)
    for hit in hits:
        click.echo(_shown(hit, stories.get(hit.article_id), zone, config.team.language))
    click.echo(f"{len(hits)} found." if hits else "Nothing found.", err=True)


def _shown(hit: Hit, story: dict[str, Any] | None, zone: ZoneInfo, language: str) -> str:
    head = f"{hit.sort_at.astimezone(zone):%Y-%m-%d %H:%M}  {hit.source_id}"
    lines = [click.style(head, dim=True), _marked(hit.title, hit.title_marks, bold=True)]
    lines += [f"  {_marked(hit.snippet, hit.snippet_marks)}"] if hit.snippet else []
    lines += [f"  {hit.url}"] if hit.url else []
    if story:
        line = story["line_zh" if language == "zh" else "line_en"]
        lines += [click.style(f"  {story['id']}  {line}", dim=True)]
    return "\n".join(lines) + "\n"


def _marked(text: str, marks: Marks, *, bold: bool = False) -> str:
    """The text with its marks coloured; click drops the colours where nobody sees them (pipes, NO_COLOR)."""
    parts, at = [], 0
    for start, end in marks:
        parts += [click.style(text[at:start], bold=bold), click.style(text[start:end], fg="yellow", bold=True)]
        at = end
    return "".join([*parts, click.style(text[at:], bold=bold)])
