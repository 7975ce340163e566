"""`masthead retag`: tags the archive again after a change of lexicon, or says what that would change."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from db.vocabulary import EVENT_TYPES
from pipelines.lexicon import Lexicon, load_lexicon
from scheduler.config import Config
from scheduler.options import Since, json_option, on_terminal, put_json, table, with_config
from scheduler.retag import Changes, retag

_LISTED = 15  # rows of a table for people; --json has all
_RELEVANCE = {0: "noise", 1: "background", 2: "signal"}


@click.command("retag")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would change.")
@click.option("--since", type=Since(), metavar="30d", help="Only articles that are not older.")
@click.option("--quiet", is_flag=True, help="No table, no progress; the exit code tells.")
@json_option
@with_config
def retag_command(config: Config, dry_run: bool, since: datetime | None, quiet: bool, as_json: bool) -> int:
    """Tag the archive again after a change of lexicon, then tell its stories anew.

    Only articles that another version of the lexicon tagged are looked at, the newest first. It may be ended at any
    moment and goes on where it stopped. Of sources whose lead alone is kept, the headline, the lead and every quoted
    sentence are read again; names in sentences that were not kept stay as they are. Nobody is alerted of what changes
    in stories, and what people decided about them stays. A dry run looks at tags alone.

    \b
    Examples:
      masthead retag --dry-run                what would change, with counts for each rule and sentences
      masthead retag --since 30d              the last month only
      masthead retag --dry-run --json | jq .rules

    \b
    Exit codes: 0 good, 3 no archive or it can not be used, 4 a file of the lexicon is refused, 5 a crawl or another
    retag is running, 6 some articles could not be tagged (they keep their old tags), 11 interrupted.
    """
    lexicon = load_lexicon(own=config.lexicon_folders)
    with contextlib.ExitStack() as open_bars:

        def begin(label: str, articles: int) -> Callable[[int], Any]:
            open_bars.close()  # the one before is done
            return open_bars.enter_context(_bar(label, articles, shown=on_terminal() and not quiet))

        changes = retag(config, lexicon, since=since, dry_run=dry_run, begin=begin)
    if as_json:
        put_json(_as_json(changes, lexicon, dry_run))
    elif not quiet:
        click.echo(_shown(changes, lexicon, dry_run))
    for failure in changes.failed:
        click.echo(f"masthead: {failure}", err=True)
    if changes.interrupted:
        click.echo("masthead: interrupted; what was finished is kept, `masthead retag` goes on from there", err=True)
        return 11
    return 6 if changes.failed else 0


@contextlib.contextmanager
def _bar(label: str, articles: int, *, shown: bool) -> Iterator[Callable[[int], Any]]:
    """A progress bar on standard error; nothing where nobody looks."""
    if not shown:
        yield lambda done: None
        return
    with click.progressbar(length=articles, label=label, file=sys.stderr, show_pos=True) as bar:
        yield bar.update


def _shown(changes: Changes, lexicon: Lexicon, dry_run: bool) -> str:
    would = "would change" if dry_run else "changed"
    if not changes.asked:
        return f"Every article is tagged with lexicon {lexicon.version}; nothing to do."
    lines = [
        f"Lexicon {lexicon.version}: {changes.looked:,} of {changes.asked:,} articles tagged with another version were "
        f"read, {changes.changed:,} {would}."
    ]
    patterns = {rule.id: rule.pattern.source for rule in lexicon.rules}
    lines += _counts(changes.types, "event type", lambda name: EVENT_TYPES[name].en if name in EVENT_TYPES else "")
    lines += _counts(changes.rules, "rule", lambda name: _cut(patterns.get(name, "(gone)"), 50))
    lines += _counts(changes.entities, "named", lambda name: lexicon.known[name].en if name in lexicon.known else "")
    if changes.relevance:
        told = (f"{_RELEVANCE[a]} → {_RELEVANCE[b]}: {n:,}" for (a, b), n in changes.relevance.most_common())
        lines += ["", "Weight: " + ", ".join(told)]
    if changes.facts:
        lines += ["", "In events that stay: " + ", ".join(f"{k} {n:,}" for k, n in changes.facts.most_common())]
    for example in changes.examples:
        sign = click.style("+", fg="green") if example.gained else click.style("-", fg="red")
        lines += ["", f"{sign} {example.type} [{example.rule}] article {example.article_id}: {_cut(example.title, 80)}"]
        lines += [f"    {_cut(example.sentence, 200)}"]
    return "\n".join(lines)


def _counts(counter: Counter[tuple[str, bool]], what: str, say: Callable[[str], str]) -> list[str]:
    totals = Counter[str]()
    for (name, _), count in counter.items():
        totals[name] += count
    if not totals:
        return []
    rows = [
        (name, say(name), counter[name, True] or "", counter[name, False] or "")
        for name, _ in totals.most_common(_LISTED)
    ]
    rest = [f"... and {len(totals) - _LISTED} more; --json has all"] if len(totals) > _LISTED else []
    return ["", table((what, "", "gained", "lost"), rows, right=(2, 3)), *rest]


def _cut(words: str, limit: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _as_json(changes: Changes, lexicon: Lexicon, dry_run: bool) -> dict[str, Any]:
    def both(counter: Counter[tuple[str, bool]]) -> dict[str, dict[str, int]]:
        names = sorted({name for name, _ in counter})
        return {name: {"gained": counter[name, True], "lost": counter[name, False]} for name in names}

    return {
        "lexicon": lexicon.version,
        "dry_run": dry_run,
        "interrupted": changes.interrupted,
        "asked": changes.asked,
        "looked": changes.looked,
        "changed": changes.changed,
        "failed": changes.failed,
        "types": both(changes.types),
        "rules": both(changes.rules),
        "entities": both(changes.entities),
        "relevance": [{"from": a, "to": b, "articles": n} for (a, b), n in changes.relevance.most_common()],
        "facts": dict(changes.facts.most_common()),
        "examples": [asdict(example) for example in changes.examples],
    }
