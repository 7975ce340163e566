"""The crawl as a process: one at a time, ended and killed at any moment, told clearly, nothing half."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from scheduler.demo.replay import ReplayServer, Response, Site
from scheduler.locks import only_one
from tests.masthead_cli import COMMAND, environment, masthead

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARAGRAPHS = "".join(
    f"<p>Number {n} says that Temu and its sellers will pay the new customs duty on parcels from next month on.</p>"
    for n in range(6)
)


def publisher(name: str, articles: int, delay_seconds: float = 0.0) -> Site:
    """A small newsroom: a feed and its article pages."""
    items = "".join(
        f"<item><title>{name} reports on duty number {n}</title><link>{{{{base:{name}}}}}/a/{n}</link></item>"
        for n in range(articles)
    )

    def page(number: int) -> Response:
        title = f"{name} reports on duty number {number}"
        text = f"<h1>{title}</h1>{PARAGRAPHS}<p>This is report number {number * 7919} of {name}.</p>"
        html = f"<html><head><title>{title}</title></head><body><article>{text}</article></body></html>"
        return Response(html.encode(), delay_seconds=delay_seconds)

    routes = {f"/a/{number}": page(number) for number in range(articles)}
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'
    return Site(name, {**routes, "/feed.xml": Response(feed.encode(), content_type="application/rss+xml")})


@contextlib.contextmanager
def team(folder: Path, *sites: Site) -> Iterator[ReplayServer]:
    """A team's folder with a configuration and a source for every site, served while the block runs."""
    with ReplayServer(sites) as server:
        (folder / "sources").mkdir()
        for site in server.sites.values():
            (folder / "sources" / f"{site.id}.toml").write_text(
                f'id = "{site.id}"\nname = "{site.id}"\nkind = "trade"\nlanguage = "en"\naccess = "feed"\n'
                f'url = "{site.base}/feed.xml"\nkeep_text = "full"\nallow_addresses = ["127.0.0.0/8"]\n',
                encoding="utf-8",
            )
        (folder / "masthead.toml").write_text(
            '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
        )
        yield server


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "crawl", "--all"], cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_until(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def stored(folder: Path) -> int:
    db = folder / "masthead.db"
    if not db.exists():
        return 0
    with contextlib.closing(sqlite3.connect(db)) as connection:
        try:
            return int(connection.execute("select count(*) from articles").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def assert_whole(folder: Path) -> None:
    """No half article: every one has its address, its origin, its place in the index; every event its evidence."""
    with contextlib.closing(sqlite3.connect(folder / "masthead.db")) as connection:
        for question in (
            "select count(*) from articles where id not in (select article_id from addresses)",
            "select count(*) from articles where origin_id not in (select id from origins)",
            "select count(*) from events where id not in (select event_id from evidence)",
            "select count(*) from mentions where article_id not in (select id from articles)",
            "select (select count(*) from articles) - (select count(*) from search_docsize)",
        ):
            assert connection.execute(question).fetchone()[0] == 0, question
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"


# ------------------------------------------------------------------ the process
@pytest.mark.slow
def test_a_crawl_and_what_it_says(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 5), publisher("quay", 3)):
        done = masthead("crawl", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "2 of 2 sources seen, 8 new articles, 0 changed." in done.stdout
        assert masthead("crawl", cwd=tmp_path).stdout.startswith("No source is due.")
        told = json.loads(masthead("crawl", "quay", "--json", cwd=tmp_path).stdout)
        assert (told["exit_code"], [(run["source_id"], run["same"]) for run in told["sources"]]) == (0, [("quay", 3)])
        found = masthead("search", "Temu", "关税", "--json", cwd=tmp_path)
        assert found.stdout == "", "customs duty is not translated"
        assert len(masthead("search", "Temu duty", "--json", cwd=tmp_path).stdout.splitlines()) == 8
        rows = [json.loads(line) for line in masthead("export", "articles", cwd=tmp_path).stdout.splitlines()]
        assert {"id", "url", "canonical_url", "source", "language", "title", "text", "published_at", "entities",
                "events", "story"} <= set(rows[0])  # fmt: skip
        assert {mention["id"] for row in rows for mention in row["entities"]} == {"temu"}


@pytest.mark.slow
def test_some_sources_fail_and_the_rest_is_stored(tmp_path: Path) -> None:
    page = Response(f"<html><title>Welcome</title>{PARAGRAPHS}".encode(), content_type="text/html")
    broken = Site("broken", {"/feed.xml": page})
    with team(tmp_path, publisher("harbour", 4), broken):
        done = masthead("crawl", "--all", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (6, "")
    assert "1 of 2 sources seen, 4 new articles" in done.stdout
    assert "[not_a_feed]" in done.stdout


@pytest.mark.slow
def test_only_one_crawl_at_a_time(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 1)), only_one(tmp_path / "masthead.db"):
        done = masthead("crawl", cwd=tmp_path)
    assert done.returncode == 5
    assert f"pid {os.getpid()}" in done.stderr


@pytest.mark.slow
def test_a_request_to_stop_keeps_what_is_finished(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 400, delay_seconds=0.2)):
        crawl = started(tmp_path)
        wait_until(lambda: stored(tmp_path) > 0)
        crawl.send_signal(signal.SIGTERM)
        _, errors = crawl.communicate(timeout=60)
        assert (crawl.returncode, "Traceback" in errors) == (11, False), errors
        assert 0 < stored(tmp_path) < 400
        assert_whole(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "masthead.db")) as connection:
        assert connection.execute("select outcome from runs").fetchall() == [("interrupted",)]


@pytest.mark.slow
def test_a_killed_child_is_reported_and_the_next_run_completes(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 60, delay_seconds=0.1)):
        crawl = started(tmp_path)
        wait_until(lambda: stored(tmp_path) > 0)
        (child,) = [p for p in psutil.Process(crawl.pid).children() if "crawl_child" in " ".join(p.cmdline())]
        child.kill()
        output, _ = crawl.communicate(timeout=30)
        assert crawl.returncode == 6
        assert "[run_killed]" in output
        assert_whole(tmp_path)
        assert masthead("crawl", "--all", cwd=tmp_path).returncode == 0
        assert stored(tmp_path) == 60
        assert_whole(tmp_path)


@pytest.mark.slow
def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 400, delay_seconds=0.2)):
        crawl = started(tmp_path)
        wait_until(lambda: stored(tmp_path) > 0)
        family = psutil.Process(crawl.pid).children(recursive=True)
        crawl.kill()
        crawl.communicate()
        _, alive = psutil.wait_procs(family, timeout=30)
        assert not alive
        assert masthead("crawl", "harbour", "--quiet", "--since", "1h", cwd=tmp_path).returncode == 0, (
            "the lock is free"
        )
    with contextlib.closing(sqlite3.connect(tmp_path / "masthead.db")) as connection:
        assert connection.execute("select outcome from runs order by id").fetchone() == ("crashed",)
    assert_whole(tmp_path)


@pytest.mark.slow
def test_a_full_store_ends_the_run_with_its_own_code(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 1)):
        assert masthead("crawl", cwd=tmp_path).returncode == 0
    db = tmp_path / "masthead.db"
    db.chmod(0o400)
    (tmp_path / "sources" / "harbour.toml").unlink()
    db.write_bytes(b"this is no database, and must stay as it is" * 100) if os.getuid() == 0 else None
    before = db.read_bytes()
    with contextlib.suppress(FileNotFoundError):
        db.with_name("masthead.db-wal").unlink()
    done = masthead("crawl", "--all", cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert db.read_bytes() == before


@pytest.mark.slow
def test_probe_asks_and_keeps_nothing(tmp_path: Path) -> None:
    day = "Mon, 05 Feb 2018 10:00:00 GMT"
    old = f"<item><title>Long ago</title><pubDate>{day}</pubDate><link>{{{{base:stale}}}}/a</link></item>"
    shell = f"<html><title>Welcome</title>{PARAGRAPHS}"
    pages = {
        "alive": publisher("alive", 3).routes["/feed.xml"],
        "stale": Response(f'<rss version="2.0"><channel>{old}</channel></rss>'.encode(), content_type="text/xml"),
        "shell": Response(shell.encode(), content_type="text/html"),
        "closed": Response(b"no", status=403),
        "gone": Response(b"no", status=404),
        "empty": Response(b'<rss version="2.0"><channel></channel></rss>', content_type="text/xml"),
    }
    with team(tmp_path, *(Site(name, {"/feed.xml": page}) for name, page in pages.items())) as server:
        done = masthead("sources", "probe", "--json", cwd=tmp_path)
        assert {entry.path for entry in server.log} == {"/feed.xml", "/robots.txt"}
    assert (done.returncode, done.stderr) == (6, "")
    assert {one["source_id"]: one["verdict"] for one in json.loads(done.stdout)} == {
        "alive": "alive", "stale": "stale", "shell": "dead-200", "closed": "refused", "gone": "broken",
        "empty": "empty",
    }  # fmt: skip
    assert not (tmp_path / "masthead.db").exists()


@pytest.mark.slow
def test_capture_saves_a_source_and_a_page(tmp_path: Path) -> None:
    with team(tmp_path, publisher("harbour", 2)) as server:
        base = server["harbour"].base
        assert masthead("sources", "capture", "harbour", cwd=tmp_path).returncode == 0
        assert masthead("sources", "capture", f"{base}/a/1", "--out", "pages", cwd=tmp_path).returncode == 0
        failed = masthead("sources", "capture", f"{base}/nowhere", cwd=tmp_path)
    entries = json.loads((tmp_path / "captured/harbour/expected.json").read_text(encoding="utf-8"))
    assert [entry["url"] for entry in entries] == [f"{base}/a/0", f"{base}/a/1"]
    assert (tmp_path / "captured/harbour/feed.xml").read_bytes().startswith(b"<?xml")
    (page,) = (tmp_path / "pages").glob("*/expected.json")
    assert json.loads(page.read_text(encoding="utf-8"))["title"] == "harbour reports on duty number 1"
    assert (failed.returncode, "[gone]" in failed.stderr) == (6, True)


def test_names_that_find_each_other_are_names_and_no_products() -> None:
    from pipelines.lexicon import load_lexicon
    from scheduler.lexicon_rows import entity_rows

    rows = {row[0]: row[5] for row in entity_rows(load_lexicon())}
    assert {"Amazon", "亚马逊"} <= set(rows["amazon"])
    assert "FBA" not in rows["amazon"]
    assert {"SHEIN", "希音"} <= set(rows["shein"])
    owners: dict[str, str] = {}
    for id_, names in rows.items():
        for name in names:
            assert owners.setdefault(name.lower(), id_) == id_, f"{name} would find two"
