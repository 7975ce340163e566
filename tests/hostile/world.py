"""The hostile world: good sources and bad ones on loopback, crawled by the real command into a fresh archive.

`visit_world` builds it, runs `masthead crawl` twice (the good ones alone, then everybody) and judges what is stored.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import trustme

from tests.hostile.scenarios.kinds import HERE, Scenario, Site, Stored
from tests.hostile.servers import Server, feed, page, says
from tests.masthead_cli import COMMAND, environment

CONTROLS, CONTROL_PAGES = 12, 4
_MOST_SECONDS = 900
_BAD = ("ok", "quiet")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case: what was expected, what came, and why it is not well ("" when it is)."""

    name: str
    expected: str
    got: str
    why: str = ""


@dataclass
class Crawl:
    """One run of the command. Memory of the whole process tree: `pss` counts what processes share once."""

    exit_code: int = 0
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    done_seconds: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    peak_pss_mib: float = 0.0
    peak_rss_mib: float = 0.0
    log: str = ""
    peak_shares: str = ""  # of each process at the peak


@dataclass
class Outcome:
    """What a visit of the world showed."""

    verdicts: list[Verdict] = field(default_factory=list)
    whole: Crawl = field(default_factory=Crawl)

    @property
    def well(self) -> bool:
        return not any(verdict.why for verdict in self.verdicts)


def visit_world(scenarios: Sequence[Scenario], folder: Path) -> Outcome:
    """Crawl the scenarios beside the controls; everything is written below `folder`."""
    with _world(scenarios, folder) as canary:
        alone = _crawl(folder / "alone.toml")
        whole = _crawl(folder / "whole.toml")
        outcome = Outcome(whole=whole)
        with closing(sqlite3.connect(folder / "whole.db")) as archive:
            outcome.verdicts = [_judge(scenario, archive, whole) for scenario in scenarios]
            dump = "\n".join(archive.iterdump())
        with closing(sqlite3.connect(folder / "alone.db")) as archive:
            expected = _control_rows(archive)
        with closing(sqlite3.connect(folder / "whole.db")) as archive:
            found = _control_rows(archive)
    late = max((seconds for name, seconds in whole.done_seconds.items() if name.startswith("watch-")), default=999.0)
    complete = len(expected) == CONTROLS * CONTROL_PAGES
    outcome.verdicts += [
        _verdict("controls-complete", f"{CONTROLS * CONTROL_PAGES} rows", f"{len(expected)} rows", complete),
        _verdict("controls-equal", "as if alone", "equal" if found == expected else "differs", found == expected),
        _verdict("controls-in-time", "< 60 s", f"{late:.1f} s", late < 60),
        _verdict("canary", "0 connections", f"{canary.connections} connections", canary.connections == 0),
        _verdict("secret", "not stored", "stored" if _SECRET in dump + whole.log else "not stored",
                 _SECRET not in dump + whole.log),
        _verdict("exit-code", "6" if any(s.state not in _BAD for s in scenarios) else "0", str(whole.exit_code),
                 whole.exit_code == (6 if any(s.state not in _BAD for s in scenarios) else 0)),
        _verdict("time", "< 720 s", f"{whole.seconds:.0f} s", whole.seconds < 720),
        _verdict("log", "no traceback", "traceback" if "Traceback" in whole.log else "none",
                 "Traceback" not in whole.log),
        _verdict("memory", "< 400 MiB", f"{whole.peak_pss_mib:.0f} MiB", whole.peak_pss_mib < 400),
    ]  # fmt: skip
    assert alone.exit_code == 0, alone.log
    return outcome


def _verdict(name: str, expected: str, got: str, well: bool) -> Verdict:
    return Verdict(name, expected, got, "" if well else "not as expected")


# ------------------------------------------------------------------ building
_SECRET = secrets.token_hex(12)  # what no document may fetch out of our files


@contextmanager
def _world(scenarios: Sequence[Scenario], folder: Path) -> Iterator[Server]:
    """Servers and files; yields the canary, which nothing may reach."""
    canary = Server("127.0.0.1", {"*": says(feed())})
    servers = [canary]
    secret_file = folder / "secret.txt"
    secret_file.write_text(_SECRET, encoding="utf-8")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    try:
        servers += [_control(folder, number) for number in range(CONTROLS)]
        for scenario in scenarios:
            tls = _context(authority, scenario.tls) if scenario.tls else None
            server = Server(scenario.address, {}, tls)
            servers.append(server)
            site = Site(server, canary, _SECRET, str(secret_file))
            scenario.build(site)
            _write_source(folder / "hostile", scenario.source_id, f"{server.base}/feed", site.keys, scenario.address)
        for name, folders in (("alone", ["good"]), ("whole", ["good", "hostile"])):
            (folder / f"{name}.toml").write_text(
                f'[archive]\ndb = "{name}.db"\n[catalogue]\nbuiltin = false\nfolders = {json.dumps(folders)}\n'
                f'[crawler]\ncontact = "ops@example.test"\ndelay_seconds = 0.0\nca_file = "ca.pem"\n',
                encoding="utf-8",
            )
        yield canary
    finally:
        for server in servers:
            server.close()


def _control(folder: Path, number: int) -> Server:
    server = Server(HERE, {})
    links = [f"{server.base}/a/{n}" for n in range(CONTROL_PAGES)]
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    server.paths["/feed"] = says(feed(*links, title=f"Control {number} reports", at=at), Content_Type="application/xml")
    for n in range(CONTROL_PAGES):
        what = f"Amazon tells sellers in district {number} that fee number {n * 7919} changes on day {n + 1} of March. "
        server.paths[f"/a/{n}"] = says(page(what))
    _write_source(folder / "good", f"watch-{number:02}", f"{server.base}/feed", {}, HERE)
    return server


def _write_source(folder: Path, name: str, url: str, keys: Mapping[str, object], address: str) -> None:
    folder.mkdir(exist_ok=True)
    values = {
        "id": name, "name": name, "kind": "trade", "language": "en", "access": "feed", "url": url,
        "keep_text": "full", "allow_addresses": [f"{address}/32"], **keys,
    }  # fmt: skip
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


@cache
def _stranger() -> trustme.CA:
    return trustme.CA()


def _context(authority: trustme.CA, kind: str) -> ssl.SSLContext:
    """A server's side of TLS: good, expired, other-host, stranger (an unknown authority), old (TLS 1.1)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ["other.example"] if kind == "other-host" else [HERE, "127.0.0.3"]
    until = datetime.now(UTC) + timedelta(days=-1 if kind == "expired" else 9)
    issuer = _stranger() if kind == "stranger" else authority
    issuer.issue_cert(*names, not_after=until).configure_cert(context)
    if kind == "old":
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with warnings.catch_warnings(action="ignore"):  # that it is deprecated is the point
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


# ------------------------------------------------------------------ crawling
def _crawl(config: Path) -> Crawl:
    """`masthead crawl --all` with its memory watched."""
    crawl = Crawl()
    started, began_at = time.monotonic(), datetime.now(UTC)
    command = [*COMMAND, "crawl", "--all", "--json", "--config", str(config)]
    with (
        (config.parent / "out").open("w+", encoding="utf-8") as out,
        (config.parent / "log").open("w+", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(command, stdout=out, stderr=log, env=environment(), cwd=config.parent) as process,
    ):
        watcher = threading.Thread(target=_watch, args=(process.pid, crawl), daemon=True)
        watcher.start()
        try:
            crawl.exit_code = process.wait(_MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()
            crawl.exit_code = process.wait()
        crawl.seconds = time.monotonic() - started
        watcher.join()
        out.seek(0)
        log.seek(0)
        text, crawl.log = out.read(), log.read()
    crawl.runs = {run["source_id"]: run for run in json.loads(text)["sources"]} if text.strip() else {}
    with closing(sqlite3.connect(config.with_suffix(".db"))) as archive:
        for name, at in archive.execute("select source_id, at from run_sources"):
            crawl.done_seconds[name] = (datetime.fromisoformat(at) - began_at).total_seconds()
    return crawl


def _watch(pid: int, crawl: Crawl) -> None:
    while True:
        try:
            top = psutil.Process(pid)
            if top.status() == psutil.STATUS_ZOMBIE:
                return
            pss, rss, shares = 0.0, 0.0, []
            for process in (top, *top.children(recursive=True)):
                try:
                    used, words = process.memory_full_info(), process.cmdline()
                except psutil.Error:
                    continue
                pss, rss = pss + used.pss / 2**20, rss + used.rss / 2**20
                shares.append(f"{words[2][:30] if words[2:] else '?'} {used.pss / 2**20:.0f}")
        except psutil.Error:
            return
        if pss > crawl.peak_pss_mib:
            crawl.peak_pss_mib, crawl.peak_shares = pss, ", ".join(shares)
        crawl.peak_rss_mib = max(crawl.peak_rss_mib, rss)
        time.sleep(0.2)


# ------------------------------------------------------------------ judging
def _judge(scenario: Scenario, archive: sqlite3.Connection, crawl: Crawl) -> Verdict:
    rows = "" if scenario.rows is None else f", {scenario.rows} rows"
    expected = f"{scenario.code or 'good'}, {scenario.state}{rows}"
    run = crawl.runs.get(scenario.source_id)
    if run is None:
        return Verdict(scenario.name, expected, "no report", "the source has no report")
    stored = _stored(archive, scenario.source_id, run)
    count = "" if scenario.rows is None else f", {len(stored.articles)} rows"
    got = f"{run['code'] or 'good'}, {run['state']}{count}"
    why = "" if got == expected else f"not as expected: {run['detail']}"
    if not why and scenario.check is not None:
        try:
            scenario.check(stored)
        except AssertionError as error:
            why = f"what is stored: {error}"[:400]
    return Verdict(scenario.name, expected, got, why)


def _stored(archive: sqlite3.Connection, source_id: str, run: Mapping[str, Any]) -> Stored:
    cursor = archive.execute("select * from articles where source_id = ?", (source_id,))
    names = [column[0] for column in cursor.description]
    articles = [dict(zip(names, row, strict=True)) for row in cursor]
    entities: dict[str, set[str]] = {str(article["title"]): set() for article in articles}
    for title, entity in archive.execute(
        "select title, entity from articles join mentions on article_id = id where source_id = ?", (source_id,)
    ):
        entities[title].add(entity)
    return Stored(articles, entities, run)


def _control_rows(archive: sqlite3.Connection) -> list[tuple[object, ...]]:
    """All that is kept of the controls, apart from numbers that depend on the order of arrival."""
    return archive.execute(
        "select source_id, url, canonical_url, guid, title, text, authors, language, published_raw, published_at,"
        " quality, found_by, flags, content_hash, revisions, relevance, platforms, event_types,"
        " (select group_concat(entity || field || start) from mentions where article_id = a.id),"
        " (select group_concat(type || score || attribution) from events where article_id = a.id)"
        " from articles a where source_id like 'watch-%' order by source_id, url"
    ).fetchall()
