"""`masthead sources capture`: save what an address answers now, and what we read in it, as a test case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.catalogue import load_catalogue
from crawler.found import Answer
from crawler.spiders import DISCOVER
from db.errors import CODES, ParseError
from db.types import PageHints, Source
from db.urls import host_of
from scheduler.config import Config
from scheduler.crawl import choose_sources
from scheduler.options import with_config
from scheduler.probe import capture

_NAMES = {"feed": "feed.xml", "sitemap": "sitemap.xml", "api": "answer.json"}


@click.command("capture", short_help="Save a page and what we read in it.")
@click.argument("what", metavar="SOURCE|URL")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("captured"), show_default=True,
              metavar="DIR", help="Where to put it.")  # fmt: skip
@with_config
def capture_source(config: Config, what: str, out: Path) -> int:
    """Ask one address once and save the answer beside what we read in it, for a test or a report.

    \b
    Examples:
      masthead sources capture amz-press                   the source's own address: its entries
      masthead sources capture https://example.com/story   an article page: its text and fields

    \b
    What is saved belongs to its publisher: keep it to yourself.
    """
    is_page = what.startswith(("http://", "https://"))
    catalogue = load_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    source = _page_source(catalogue, what) if is_page else choose_sources(catalogue, [what])[0]
    answer, run = capture(config, source)
    if answer is None:
        click.echo(f"masthead: {CODES[run.code].en} ({run.detail}) [{run.code}]", err=True)
        return 6
    folder = out / (host_of(what) if is_page else source.id)
    folder.mkdir(parents=True, exist_ok=True)
    name = _NAMES.get(source.access, "page.html")
    (folder / name).write_bytes(answer.body)
    expected = _read_page(answer, source) if is_page else _read_entries(answer, source)
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    click.echo(
        f"Written: {folder / name} ({len(answer.body)} bytes) and expected.json. Read it, and correct it by hand."
    )
    return 0


def _page_source(catalogue: Mapping[str, Source], url: str) -> Source:
    """A source for one article page, with the hints of the catalogue's source that owns its host, if one does."""
    owner = next((source for source in catalogue.values() if host_of(url) in source.hosts), None)
    return Source(
        id="captured", name="captured", kind="trade", language=owner.language if owner else "multi", access="page",
        url=url, hosts=(host_of(url),), zone=owner.zone if owner else "UTC",
        page=owner.page if owner else PageHints(),
        allow_addresses=owner.allow_addresses if owner else (),
    )  # fmt: skip


def _read_entries(answer: Answer, source: Source) -> Any:
    """url, title and time of each entry, as the fixtures under tests/sources hold them; or the code of the failure."""
    try:
        found = DISCOVER[source.access](answer, source, datetime.now(UTC))
    except ParseError as error:
        return {"error": error.code}
    return [
        {
            "url": entry.url,
            "title": entry.title,
            "published_at": entry.published_at.isoformat() if entry.published_at else None,
        }
        for entry in found.entries
    ]


def _read_page(answer: Answer, source: Source) -> dict[str, Any]:
    from pipelines.answers import extract_answer

    return extract_answer(answer.body, answer.url, answer.content_type, source.page)
