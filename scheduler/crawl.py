"""One crawl as the parent sees it: which sources, one run at a time, a child process, and its report.

The child does the work, so that a hang, a leak or a kill ends a run and not the program that asked for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from crawler.health import next_try
from crawler.people import check_people
from db.errors import StoreError, UsageError
from db.people import sync_people
from db.retention import prune
from db.store import Store
from db.stories.tending import tend, thread_waiting
from db.tomlfile import suggestion
from db.types import SEEN, Source, SourceRun
from scheduler.config import Config
from scheduler.locks import only_one
from scheduler.own_lexicon import settle
from scheduler.own_sources import keep, sources_in_force
from scheduler.story_rules import story_rules

Progress = Callable[[dict[str, Any]], None]

# Not `-m`: a worker process imports its parent's main module again, and Scrapy with it.
_CHILD = "from scheduler.crawl_child import main; raise SystemExit(main())"
# glibc gives freed bodies and trees back at once and keeps one heap for all threads: 40 MB less at the peak.
_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is told, as one JSON line."""

    db: str
    config: str
    run_id: int
    sources: tuple[str, ...]
    since: str = ""
    lexicon: tuple[str, ...] = ()  # folders of the team's own

    @classmethod
    def from_json(cls, line: str) -> Order:
        values = json.loads(line)
        return cls(**{**values, "sources": tuple(values["sources"]), "lexicon": tuple(values["lexicon"])})


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended: a row per source, `exit_code` 0 good, 3 store, 4 a refused file, 6 partial, 11 interrupted."""

    run_id: int
    sources: tuple[SourceRun, ...]
    exit_code: int
    message: str = ""


def choose_sources(catalogue: Mapping[str, Source], names: Sequence[str]) -> tuple[Source, ...]:
    """The named sources in the order given; UsageError with a suggestion for a wrong name."""
    for name in names:
        if name not in catalogue:
            all_names = "`masthead sources list` names them all"
            raise UsageError(f"there is no source {name!r}{suggestion(name, catalogue, otherwise=all_names)}")
    return tuple(catalogue[name] for name in dict.fromkeys(names))


def crawl(
    config: Config, names: Sequence[str], *, everything: bool, since: datetime | None, progress: Progress
) -> Report:
    """Run one crawl. Without names: the enabled sources that are due, or all enabled with `everything`.

    Raises UsageError, AlreadyRunning, StoreError, DataFileError. A failed source is a row of the report; the refused
    file of a source does not stop the others, nor does one of the lexicon.
    """
    in_force = sources_in_force(config, config.db)
    catalogue = in_force.sources
    told = in_force.about(names) if names else in_force
    named = choose_sources(catalogue, names)
    now = datetime.now(UTC)
    with only_one(config.db) as lock, Store.open(config.db, zone=config.team.zone) as store:
        store.refresh_search()
        store.sync_sources(catalogue.values())
        _sync_people(config, store, progress)
        keep(config, config.db, in_force)
        for warning in told.warnings():
            progress({"event": "warning", "message": warning})
        words = settle(config)
        if words.warning:
            progress({"event": "warning", "message": words.warning})
        refused = 4 if told.troubles or words.trouble else 0
        crawled = _with_mailbox(named or _due(catalogue.values(), everything, store, now), catalogue.values())
        if not crawled:
            return Report(run_id=0, sources=(), exit_code=refused)
        run_id = store.start_run(now)
        progress({"event": "start", "run": run_id, "sources": len(crawled)})
        order = Order(
            db=str(config.db), config=str(config.file or ""), run_id=run_id,
            sources=tuple(s.id for s in crawled), since=since.isoformat() if since else "",
            lexicon=tuple(map(str, words.folders)),
        )  # fmt: skip
        done, ended = _watch(order, lock, progress)
        report = _finish(store, run_id, crawled, done, ended)
        prune(store, datetime.now(UTC))
        if report.exit_code not in (StoreError.exit_code, 11):  # who asked to stop does not wait; the next crawl tells
            tell_stories(store, config)
        return replace(report, exit_code=refused or report.exit_code) if report.exit_code in (0, 6) else report


def _sync_people(config: Config, store: Store, progress: Progress) -> None:
    people, troubles = check_people(config.people_folders, builtin=config.catalogue_builtin)
    sync_people(store, people.values())
    for trouble in troubles:
        progress({"event": "warning", "message": f"{trouble}; this person is left out"})


def _due(sources: Iterable[Source], everything: bool, store: Store, now: datetime) -> list[Source]:
    return [s for s in sources if s.enabled and (everything or next_try(store.memory(s.id), s, now) <= now)]


def _with_mailbox(crawled: Sequence[Source], catalogue: Iterable[Source]) -> list[Source]:
    """The mailbox is read once for all its sources, or for none: they share how far it was read."""
    pages = [s for s in crawled if s.access != "mailbox"]
    if len(pages) == len(crawled):
        return pages
    return [*pages, *(s for s in catalogue if s.access == "mailbox" and (s.enabled or s in crawled))]


def tell_stories(store: Store, config: Config) -> None:
    """What follows a crawl: stories of first crawls, and of those whose time is over. Raises StoreError."""
    now, zone, rules = datetime.now(UTC), ZoneInfo(config.team.zone), story_rules(config.team.platforms)
    thread_waiting(store, rules, now, zone)
    tend(store, rules, now, zone)


def _watch(order: Order, lock: IO[str], progress: Progress) -> tuple[dict[str, SourceRun], dict[str, Any]]:
    """Start the child, follow its events, pass Ctrl-C and SIGTERM on; returns the finished sources and how it ended."""
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", pass_fds=(lock.fileno(),),
        start_new_session=True,  # a Ctrl-C of the terminal reaches the child through us alone, once
        env={**os.environ, **_MALLOC},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    done: dict[str, SourceRun] = {}
    failed: dict[str, Any] = {}

    def stop(signum: int, frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)

    before = {sig: signal.signal(sig, stop) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        child.stdin.write(json.dumps(asdict(order)) + "\n")
        child.stdin.flush()
        for line in child.stdout:
            event = json.loads(line)
            if event["event"] == "source":
                run = SourceRun(**{key: value for key, value in event.items() if key != "event"})
                done[run.source_id] = run
            elif event["event"] == "failed":
                failed = event
            progress(event)
        code = child.wait()
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
        child.stdin.close()
        child.stdout.close()
    return done, {"code": code, **failed}


def _finish(
    store: Store, run_id: int, crawled: Sequence[Source], done: dict[str, SourceRun], ended: dict[str, Any]
) -> Report:
    """Write the run's end; a source left unfinished is recorded as `run_killed`, unless we were asked to stop."""
    now = datetime.now(UTC)
    interrupted = ended["code"] == 11
    for source in crawled:
        if source.id not in done and not interrupted and "exit_code" not in ended:
            before = store.memory(source.id)
            run = SourceRun(
                source_id=source.id,
                state="broken",
                was=before.state,
                code="run_killed",
                detail=f"exit status {ended['code']}",
            )
            memory = replace(before, state="broken", code="run_killed", last_try_at=now, fails=before.fails + 0.5)
            store.record_source(run_id, run, memory, (), now)
            done[source.id] = run
    runs = tuple(done[s.id] for s in crawled if s.id in done)
    bad = [run for run in runs if run.state not in SEEN]
    if "exit_code" in ended:
        store.end_run(run_id, "failed", now)
        return Report(run_id, runs, int(ended["exit_code"]), str(ended["message"]))
    outcome = "interrupted" if interrupted else "good" if not bad else "failed" if len(bad) == len(runs) else "partial"
    store.end_run(run_id, outcome, now)
    return Report(run_id, runs, 11 if interrupted else 6 if bad else 0)
