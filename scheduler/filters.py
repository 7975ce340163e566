"""The JSON Lines filters: one answer per line, in order.

They use the same pure functions as the crawl.
No database, no network. A bad line gets an error object and the rest go on.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from db.errors import MastheadError, ParseError
from scheduler.config import Config
from scheduler.options import config_option

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def run_filter(answer: Answer) -> int:
    """Answer every line of standard input; 0, or 6 when a line was bad."""
    bad = False
    for number, line in enumerate(sys.stdin.buffer, 1):
        found: Any = None
        try:
            found = json.loads(line)
            if not isinstance(found, dict):
                raise ParseError("bad_line", "a line must be a JSON object")
            out = {"id": _id_of(found), **answer(found)}
        except (ValueError, RecursionError, MastheadError) as error:
            bad = True
            code = error.code if isinstance(error, MastheadError) else "bad_line"
            message = error.message if isinstance(error, MastheadError) else f"not valid JSON: {error}"
            out = {
                "id": found.get("id") if isinstance(found, dict) else None,
                "line": number,
                "error": {"code": code, "message": message},
            }
        sys.stdout.buffer.write(_encoded(out) + b"\n")
        sys.stdout.buffer.flush()
    return 6 if bad else 0


def _id_of(row: Mapping[str, Any]) -> str | int:
    value = row.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ParseError("bad_line", "a line needs an id, a text or a whole number")
    return value


def _encoded(out: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(out, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate came in, and must go out escaped
        return json.dumps(out).encode()


def texts_of(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts of the row, empty when absent; ParseError `bad_line` when it is something else."""
    value = row.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ParseError("bad_line", f"{key} must be a list of texts")
    return tuple(value)


def text_of(row: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    """A text of the row, "" when null or (unless `needed`) absent; ParseError `bad_line` when it is something else."""
    if needed and key not in row:
        raise ParseError("bad_line", f"a line needs {key}; it may be empty")
    value = row.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ParseError("bad_line", f"{key} must be a text")
    return value


def jsonl_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--jsonl, which says that the lines are JSON: the only form there is."""
    return click.option("--jsonl", is_flag=True, required=True, help="JSON Lines in, JSON Lines out.")(command)


@click.command("tag")
@jsonl_option
@config_option
def tag_filter(config: Config, jsonl: bool) -> int:
    """Tag titles and texts: entities, events with evidence, relevance.

    \b
    Example:
      echo '{"id": 1, "title": "TikTok and Amazon link accounts", "text": ""}' | masthead tag --jsonl

    \b
    A line has id, title, text (title and text may be empty), and where known date and source {kind, speaks_for}.
    The lexicon is the shipped one with the own files of the configuration.

    \b
    Exit codes: 0 good, 4 an own file of the lexicon is refused, 6 some lines were bad and say why.
    """
    from pipelines.answers import tag_answer
    from pipelines.lexicon import load_lexicon

    lexicon = load_lexicon(own=config.lexicon_folders)

    def answer(row: Mapping[str, Any]) -> dict[str, Any]:
        source = row.get("source") or {}
        if not isinstance(source, dict):
            raise ParseError("bad_line", "source must be an object")
        return tag_answer(
            text_of(row, "title", needed=True), text_of(row, "text"), lexicon, date=text_of(row, "date") or None,
            source_kind=text_of(source, "kind"), speaks_for=texts_of(source, "speaks_for"),
        )  # fmt: skip

    return run_filter(answer)


@click.command("thread")
@jsonl_option
@config_option
def thread_filter(config: Config, jsonl: bool) -> int:
    """Thread a stream: the story that each article belongs to, decided when it arrives, and why.

    \b
    Example:
      masthead thread --jsonl < stream.jsonl

    \b
    A line has id, date (ISO day or moment), title and text, in order of date; lang and source {kind, speaks_for} where
    known. A line without a date counts as of the day before it. Story ids are the same in every run.

    \b
    Exit codes: 0 good, 4 an own file of the lexicon is refused, 6 some lines were bad and say why.
    """
    from pipelines.answers import Threader
    from pipelines.lexicon import load_lexicon

    threader = Threader(load_lexicon(own=config.lexicon_folders))

    def answer(row: Mapping[str, Any]) -> dict[str, Any]:
        source = row.get("source") or {}
        if not isinstance(source, dict):
            raise ParseError("bad_line", "source must be an object")
        if not isinstance(row.get("id"), str | int):
            raise ParseError("bad_line", "a line needs an id")
        return threader.answer(
            str(row["id"]), text_of(row, "title", needed=True), text_of(row, "text"), date=text_of(row, "date"),
            language=text_of(row, "lang"), source_kind=text_of(source, "kind"),
            speaks_for=texts_of(source, "speaks_for"),
        )  # fmt: skip

    return run_filter(answer)


@click.command("extract")
@jsonl_option
def extract_filter(jsonl: bool) -> int:
    """Read article pages: title, text, authors, publication time, language.

    \b
    Example:
      echo '{"id": 1, "url": "https://example.com/a", "path": "page.html.gz"}' | masthead extract --jsonl

    \b
    A line has id, url, and path (a file, may end in .gz) or html; charset where the server told it.
    """
    from pipelines.answers import extract_answer

    def answer(row: Mapping[str, Any]) -> dict[str, Any]:
        charset = text_of(row, "charset")
        page: str | bytes = text_of(row, "html") if "html" in row else _page(text_of(row, "path"))
        return extract_answer(page, text_of(row, "url"), f"text/html; charset={charset}" if charset else "")

    return run_filter(answer)


@click.command("assess")
@jsonl_option
def assess_filter(jsonl: bool) -> int:
    """Judge stories: status, origins, claims beyond the official text, impact, deadlines.

    \b
    Example:
      masthead assess --jsonl < stories.jsonl

    \b
    A line is one story: id, now, and its articles in order of date, each with id, date, title, text, url, source.
    """
    from pipelines.case import assess_answer
    from pipelines.lexicon import load_lexicon

    lexicon = load_lexicon()
    return run_filter(lambda row: assess_answer(row, lexicon))


def _page(name: str) -> bytes:
    if not name:
        raise ParseError("bad_line", "a line needs path or html")
    try:
        data = Path(name).read_bytes()
        return gzip.decompress(data) if name.endswith(".gz") else data
    except (OSError, EOFError) as error:
        raise ParseError("bad_line", f"{name} can not be read: {error}") from error
