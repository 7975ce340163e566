"""Tagging the archive again after a change of lexicon: which articles, by how many hands, what it changed; then its
stories.

What is done is stored step by step and never done again: each article carries the version of the lexicon that tagged
it. Holds the lock of the archive while it writes, as a crawl does.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from db import reads, retagging
from db.errors import ParseError
from db.retagging import Retagged, StoredText
from db.store import Store
from db.stories import rethreading
from db.types import Signature, Statement, Tags
from pipelines.lexicon import Lexicon
from pipelines.statements import statements
from pipelines.threads import sign
from scheduler.config import Config
from scheduler.lexicon_rows import tell
from scheduler.locks import only_one
from scheduler.own_lexicon import settle
from scheduler.story_rules import story_rules
from scheduler.workers import Workers

STEP = 100  # articles in one transaction
EXAMPLES, EXAMPLES_OF_A_KIND = 12, 2
Begin = Callable[[str, int], Callable[[int], Any]]
_AXES = ("attribution", "polarity", "modality", "parties", "audience", "regions", "effective_date", "amounts", "dates")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that gained or lost an event."""

    article_id: int
    title: str
    type: str
    gained: bool
    rule: str
    sentence: str


@dataclass(slots=True)
class Changes:
    """What new tags change, counted in articles. A key of `types`, `rules` and `entities` is (id, whether gained)."""

    asked: int = 0  # articles tagged with another version
    looked: int = 0
    changed: int = 0
    failed: list[str] = field(default_factory=list)
    interrupted: bool = False
    relevance: Counter[tuple[int, int]] = field(default_factory=Counter)
    types: Counter[tuple[str, bool]] = field(default_factory=Counter)
    rules: Counter[tuple[str, bool]] = field(default_factory=Counter)
    entities: Counter[tuple[str, bool]] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)  # of events that stay: attribution, dates, ...
    examples: list[Example] = field(default_factory=list)

    def add(self, article: Retagged) -> None:
        self.looked += 1
        if not article.changed:
            return
        self.changed += 1
        old, new = article.stored.tags, article.tags
        if old.relevance != new.relevance:
            self.relevance[old.relevance, new.relevance] += 1
        for counter, before, after in (
            (self.types, _types(old), _types(new)), (self.rules, _rules(old), _rules(new)),
            (self.entities, _entities(old), _entities(new)),
        ):  # fmt: skip
            counter.update((name, True) for name in after - before)
            counter.update((name, False) for name in before - after)
        self._facts(old, new)
        self._examples(article.stored, _types(new) - _types(old), new, gained=True)
        self._examples(article.stored, _types(old) - _types(new), old, gained=False)

    def _facts(self, old: Tags, new: Tags) -> None:
        now = {event.type: event for event in new.events}
        for event in old.events:
            if event.type in now:
                self.facts.update(n for n in _AXES if getattr(event, n) != getattr(now[event.type], n))

    def _examples(self, stored: StoredText, types: set[str], tags: Tags, *, gained: bool) -> None:
        for event in tags.events:
            shown = sum(e.type == event.type and e.gained == gained for e in self.examples)
            if event.type in types and shown < EXAMPLES_OF_A_KIND and len(self.examples) < EXAMPLES:
                first = event.evidence[0]
                self.examples.append(
                    Example(stored.article_id, stored.title, event.type, gained, first.rule, first.quote)
                )


def _types(tags: Tags) -> set[str]:
    return {event.type for event in tags.events}


def _rules(tags: Tags) -> set[str]:
    return {evidence.rule for event in tags.events for evidence in event.evidence}


def _entities(tags: Tags) -> set[str]:
    return {mention.entity for mention in tags.mentions}


def retag(config: Config, lexicon: Lexicon, *, since: datetime | None, dry_run: bool, begin: Begin) -> Changes:
    """Tag what another version of the lexicon tagged, then tell the stories of the archive anew.

    `begin` gets a label and the number of articles of each of the two, and returns who is told of each step's.
    Raises DataFileError, StoreError, AlreadyRunning. SIGINT and SIGTERM end it after the step in hand.
    """
    with Store.open(config.db, zone=config.team.zone, create=False) as store, _stopping() as stop:
        if dry_run:
            workers = Workers(own=config.lexicon_folders)
            return asyncio.run(_retag(store, workers, lexicon, since, None, begin, stop))
        with only_one(config.db):
            words = settle(config)
            if words.trouble is not None:
                raise words.trouble
            tell(store, lexicon)
            version = f"{story_rules(config.team.platforms).version}/{lexicon.version}"
            with store.reading() as connection:
                if retagging.count_stale(connection, lexicon.version, since):
                    rethreading.ask(store, version)
            changes = asyncio.run(_retag(store, Workers(own=words.folders), lexicon, since, store.retag, begin, stop))
            if not changes.interrupted:
                changes.interrupted = not _tell_stories(store, config, version, begin, stop)
            return changes


@contextmanager
def _stopping() -> Iterator[Event]:
    """Set when somebody asks us to end; who works looks at it between two steps."""
    stop = Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda signum, frame: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_stories(store: Store, config: Config, version: str, begin: Begin, stop: Event) -> bool:
    """Thread the archive again where that was asked for and has not ended; whether it has now."""
    with store.reading() as connection:
        done = not rethreading.is_asked(connection, version)
        articles = reads.totals(connection)["articles"]
    if done:
        return True
    progress, zone = begin("Stories", articles), ZoneInfo(config.team.zone)
    while not done and not stop.is_set():
        now = datetime.now(UTC)
        done = rethreading.rethread(
            store, _read, story_rules(config.team.platforms), now, zone, version=version, at_most=STEP
        )
        progress(STEP)
    return done


def _read(reading: rethreading.Reading) -> tuple[Signature, tuple[Statement, ...]]:
    title, text, tags, language = reading.title, reading.text, reading.tags, reading.language
    said = statements(title, text, tags, date=reading.day, language=language)
    return sign(title, text, tags, date=reading.day, language=language), said


async def _retag(
    store: Store,
    workers: Workers,
    lexicon: Lexicon,
    since: datetime | None,
    keep: Callable[[list[Retagged]], None] | None,
    begin: Begin,
    stop: Event,
) -> Changes:
    """The next step is in the workers' hands while the last one is written."""
    changes = Changes()
    with store.reading() as connection:
        changes.asked = retagging.count_stale(connection, lexicon.version, since)
        steps = retagging.stale(connection, lexicon.version, since, STEP)
    progress = begin("Tagging", changes.asked)
    try:
        ahead = _start(store, workers, steps, changes)
        while ahead is not None:
            done = await ahead
            ahead = None if stop.is_set() else _start(store, workers, steps, changes)
            if keep is not None:
                keep(done)
            for article in done:
                changes.add(article)
            progress(len(done))
        changes.interrupted = stop.is_set() and changes.looked + len(changes.failed) < changes.asked
    finally:
        workers.close()
    return changes


def _start(
    store: Store, workers: Workers, steps: Iterator[list[StoredText]], changes: Changes
) -> asyncio.Task[list[Retagged]] | None:
    with store.reading():
        step = next(steps, None)
    return None if step is None else asyncio.create_task(_tag(workers, step, changes))


async def _tag(workers: Workers, step: list[StoredText], changes: Changes) -> list[Retagged]:
    answers = await asyncio.gather(*(workers.tag_again(stored) for stored in step), return_exceptions=True)
    done = []
    for stored, answer in zip(step, answers, strict=True):
        if isinstance(answer, ParseError):
            changes.failed.append(str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        elif answer is None:
            changes.failed.append(f"article {stored.article_id}: took too long; its old tags stay [tag_timeout]")
        else:
            done.append(Retagged(stored, answer))
    return done
