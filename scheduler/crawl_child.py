"""The crawl's own process: Scrapy's reactor, the worker pool and the one writer of the archive.

Started by scheduler.crawl, which reads one JSON line per event from standard output. Ends when its parent ends
(standard input closes). Decides nothing about schedules.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.run import CrawlJob, run_crawl
from db.clipping import Clip, keep, raw_of
from db.errors import CODES, MastheadError, ParseError, StoreError
from db.store import Store
from db.stories.rules import StoryRules
from db.types import FetchRecord, Outcome, RawArticle, Source, SourceMemory, SourceRun
from pipelines.copies import best_match
from scheduler.config import Config, load_config
from scheduler.crawl import Order, choose_sources
from scheduler.mailin import MailReading
from scheduler.own_sources import sources_in_force
from scheduler.page_watch import tell_edits
from scheduler.story_rules import story_rules
from scheduler.workers import Workers


def say(**event: object) -> None:
    """One event for the parent."""
    sys.stdout.write(json.dumps(event, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


class Sink:
    """Where the crawl's finds go: through the workers into the archive."""

    def __init__(self, store: Store, workers: Workers, rules: StoryRules, run_id: int, zone: ZoneInfo) -> None:
        self._store, self._workers, self._rules = store, workers, rules
        self._run_id, self._zone = run_id, zone
        self._entities_known = False

    async def article(self, raw: RawArticle) -> Outcome | None:
        """Process and save one article; None when it could not be processed (logged). StoreError ends the run."""
        try:
            if not self._entities_known:  # here, not before the crawl, which need not wait for the workers to start
                self._entities_known = True
                self._store.sync_entities(await self._workers.entity_rows())
                if rules := await self._workers.rule_rows(self._store.rules_version()):
                    self._store.sync_rules(rules[1], rules[0])
            tagged = await self._workers.process(raw)
        except ParseError as error:
            logging.getLogger("masthead").warning("%s", error)
            return None
        outcome = self._store.save(tagged, best_match, self._rules).outcome
        say(event="article", source=raw.source.id, outcome=outcome)
        return outcome

    async def clip(self, clip: Clip) -> None:
        """Keep what a colleague sent; what can not be processed is logged. StoreError ends the run."""
        try:
            tagged = await self._workers.process(raw_of(clip, ""))
        except ParseError as error:
            logging.getLogger("masthead").warning("%s", error)
            return
        keep(self._store, clip, tagged, best_match, self._rules, self._zone)

    def source_done(self, run: SourceRun, memory: SourceMemory, fetches: Sequence[FetchRecord]) -> None:
        self._store.record_source(self._run_id, run, memory, fetches, datetime.now(UTC))
        say(event="source", **asdict(run))


def read_mails(config: Config, sources: Sequence[Source], store: Store, sink: Sink) -> bool:
    """Read the mailbox for its sources and report them. True if a signal ended it early; the rest comes next time."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, frame: stop.set())
    reading = MailReading(config, sources, store, sink.article, sink.clip)
    for run, memory in asyncio.run(reading.run(stop.is_set)):
        sink.source_done(run, memory, ())
    for code, count in sorted(reading.refused.items()):
        say(event="warning", message=f"mailbox: {count} of the mails: {CODES[code].en} [{code}]")
    return stop.is_set()


def main() -> int:
    """Read the order from standard input (one JSON line), crawl, report. Exit code 0, 3 or 11."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    order = Order.from_json(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    config = load_config(Path(order.config) if order.config else None)
    sources = choose_sources(sources_in_force(config, Path(order.db)).sources, order.sources)
    mails = tuple(source for source in sources if source.access == "mailbox")
    pages = tuple(source for source in sources if source not in mails)
    job = CrawlJob(
        sources=pages, contact=config.crawler.contact, delay_seconds=config.crawler.delay_seconds,
        ca_file=config.ca_file, proxy=config.crawler.proxy, fetch_articles=config.crawler.fetch_articles,
        since=datetime.fromisoformat(order.since) if order.since else None,
    )  # fmt: skip
    workers = Workers(own=tuple(map(Path, order.lexicon)))
    try:
        with Store.open(Path(order.db), zone=config.team.zone) as store:
            rules = story_rules(config.team.platforms)
            sink = Sink(store, workers, rules, order.run_id, ZoneInfo(config.team.zone))
            interrupted = run_crawl(job, store, sink) or (bool(mails) and read_mails(config, mails, store, sink))
            if not interrupted:
                tell_edits(store, workers, rules, ZoneInfo(config.team.zone))
    except StoreError as error:
        say(event="failed", code=error.code, message=str(error), exit_code=error.exit_code)
        return error.exit_code
    except MastheadError as error:
        say(event="failed", code=error.code, message=str(error), exit_code=error.exit_code)
        return error.exit_code
    finally:
        workers.close()
    return 11 if interrupted else 0


def _end_with_parent() -> None:
    """Wait until the parent's end of the pipe closes, then ask ourselves to finish."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
