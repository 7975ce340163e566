"""Turns the sample world's texts into pages: the template environment and the little markup its articles use.

Knows nothing of sites, phases or addresses.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape


def blocks(text: str) -> list[Markup]:
    """The paragraphs of a text as HTML. A paragraph is plain, a heading ("## ") or a list (lines of "- ")."""
    return [_block(part) for part in text.split("\n\n")]


def plain(text: str) -> str:
    """The same paragraphs as a reader sees them, one a line."""
    lines = (line for part in text.split("\n\n") for line in part.split("\n"))
    return "\n".join(line.removeprefix("## ").removeprefix("- ") for line in lines)


def painter(folder: Path) -> Environment:
    """The environment of the templates in a folder; HTML and XML are escaped, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"blocks": blocks, "plain": plain, "day": _day, "iso": _iso, "rfc822": _rfc822, "utc": _utc}
    return environment


def _block(part: str) -> Markup:
    if part.startswith("- "):
        items = [Markup("<li>{}</li>").format(line.removeprefix("- ")) for line in part.split("\n")]
        return Markup("<ul>\n{}\n</ul>").format(Markup("\n").join(items))
    if part.startswith("## "):
        return Markup("<h2>{}</h2>").format(part.removeprefix("## "))
    return Markup("<p>{}</p>").format(escape(part))


def _day(when: date, form: str) -> str:
    """strftime in the publisher's own zone; a zero after a word goes ("August 8"), as newsrooms write it."""
    return re.sub(r"(?<=[a-z] )0", "", when.strftime(form))


def _iso(when: date) -> str:
    return when.isoformat()


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc822(when: datetime) -> str:
    return format_datetime(when)
