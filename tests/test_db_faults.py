"""Kills, a full disk, many writers: what was stored stays whole, and what was not stored is told."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from zoneinfo import ZoneInfo

import pytest

from db.errors import StoreError
from db.reads import totals
from db.search import search
from db.store import Store
from db.stories.tending import thread_waiting
from db.types import SourceMemory, SourceRun
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, article, source, tagged
from tests.masthead_cli import COMMAND, environment
from tests.story_samples import RULES, on_topic, read_before, said

# Each must answer with no row: what an article is without the rest of it.
HALVES = {
    "article without address": "select a.id from articles a where form != 'change' and not exists "
    "(select 1 from addresses d where d.article_id = a.id)",
    "article without origin": "select a.id from articles a where origin_id not in (select id from origins)",
    "origin with a wrong count": "select o.id from origins o where o.articles != "
    "(select count(*) from articles a where a.origin_id = o.id) or o.articles = 0",
    "article without bands": "select a.id from articles a where length(sketch_bands) / 8 != "
    "(select count(*) from copy_bands b where b.article_id = a.id)",
    "event without evidence": "select e.id from events e where not exists "
    "(select 1 from evidence v where v.event_id = e.id)",
    "tags without rows": "select a.id from articles a where json_array_length(event_types) != "
    "(select count(*) from events e where e.article_id = a.id)",
    "edit without revision": "select a.id from articles a where revisions - 1 != "
    "(select count(*) from revisions r where r.article_id = a.id)",
    "article that can not be found": "select id from articles except "
    "select rowid from search where search match 'item'",
    "find without article": "select rowid from search where search match 'item' except select id from articles",
    "signal without its story's articles": "select g.id from signals g where not exists "
    "(select 1 from story_articles m where m.story_id = g.story_id)",
    "story without its status told": "select s.id from stories s where merged_into is null and not exists "
    "(select 1 from signals g where g.story_id = s.id and g.trigger = 'status:' || s.status)",
    "status without a move": "select s.id from stories s where merged_into is null and not exists "
    "(select 1 from status_moves v where v.story_id = s.id and v.status = s.status)",
    "story with a wrong count": "select s.id from stories s where merged_into is null and (articles, origins) != "
    "(select count(*), count(distinct origin_article_id) from story_articles m where m.story_id = s.id) "
    "or articles = 0 and merged_into is null",
    "article of a story without keys": "select m.article_id from story_articles m where not exists "
    "(select 1 from story_keys k where k.story_id = m.story_id and k.day = substr(m.at, 1, 10))",
    "origin that lies in another story": "select m.article_id from story_articles m where not exists (select 1 from "
    "story_articles o where o.article_id = m.origin_article_id and o.story_id = m.story_id)",
    "news without a story": "select id from articles where relevance = 2 and title like 'Topic%' "
    "and id not in (select article_id from story_articles union select article_id from story_waiting)",
    "story that is waited for and there": "select article_id from story_waiting join story_articles using (article_id)",
    "claim of an article elsewhere": "select c.id from claims c where not exists (select 1 from story_articles m "
    "where m.article_id = c.article_id and m.story_id = c.story_id)",
    "dangling reference": "select * from pragma_foreign_key_check",
}


def violations(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    found = {name: connection.execute(query).fetchmany(3) for name, query in HALVES.items()}
    found["integrity"] = [row for row in connection.execute("pragma integrity_check") if row != ("ok",)]
    connection.execute("insert into search (search) values ('integrity-check')")
    return {name: rows for name, rows in found.items() if rows}


def item(number: int, wording: int = 0) -> tuple[str, str]:
    """Headline and text of an item; each wording is an edit."""
    return (
        f"Topic {number % 7}, item number {number}",
        f"{TEXT}\nItem {number} in wording {wording}. " + f"Only here: word{number}. " * 20,
    )


def write(path: Path, first: int, count: int, wordings: int = 2) -> None:
    """Save items, each in several wordings; one line on stdout per finished save."""
    with Store.open(path) as store:
        for number in range(first, first + count):
            for wording in range(wordings):
                title, text = item(number, wording)
                where = "new" if number % 4 == 0 else "harbour"  # what a first crawl brings waits for its story
                given = article(title, text, url=f"https://harbour.example/{number}", guid=str(number), source_id=where)
                says = (replace(said("everyone"), quote=f"wording {wording}"),)
                saved = store.save(on_topic(tagged(given), f"topic{number % 7}", says), best_match, RULES)
                print(json.dumps([number, saved.outcome]), flush=True)
            if number % 8 == 7:
                thread_waiting(store, RULES, NOW, ZoneInfo("Asia/Shanghai"))


def writer(path: Path, first: int, count: int, wordings: int = 2) -> subprocess.Popen[str]:
    code = "import sys; from pathlib import Path; from tests.test_db_faults import write;"
    code += "write(Path(sys.argv[1]), *map(int, sys.argv[2:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(first), str(count), str(wordings)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip


def prepared(path: Path) -> Path:
    with Store.open(path) as store:
        store.sync_sources([source()])
        read_before(store)
        store.sync_sources([source(), source("new")])
    return path


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(25, marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
        pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)]),
    ],
)
def test_a_kill_at_any_moment_leaves_no_half_article(tmp_path: Path, rounds: int) -> None:
    path, rng, done = prepared(tmp_path / "m.db"), random.Random(8), 0
    for round_number in range(rounds):
        child = writer(path, done, 10_000)
        assert child.stdout is not None
        lines = [child.stdout.readline()]  # killed while writing, not while starting
        time.sleep(rng.uniform(0, 0.25))
        child.kill()
        lines += child.stdout.read().splitlines()
        child.stdout.close()
        child.wait()
        finished = [json.loads(line) for line in lines if line.strip().endswith("]")]
        with Store.open(path) as store:
            assert violations(store.connection) == {}, f"round {round_number}"
            stored = {title for (title,) in store.connection.execute("select title from articles")}
            assert {item(number)[0] for number, _ in finished} <= stored, "what was reported as saved is there"
            assert totals(store.connection)["articles"] == len(stored)
        done = finished[-1][0]
    assert done > 10, "it was killed while it was writing"


@pytest.mark.slow
def test_a_full_disk_at_every_step_stores_nothing_half_and_reading_goes_on(tmp_path: Path) -> None:
    path = prepared(tmp_path / "m.db")
    with Store.open(path) as store:
        for number in range(10):
            title, text = item(number)
            given = tagged(article(title, text, url=f"https://harbour.example/{number}"))
            store.save(on_topic(given, "topic"), best_match, RULES)
        before = totals(store.connection)
        title, text = item(99)
        new = on_topic(tagged(article(title, text * 40, url="https://harbour.example/99")), "topic", [said("everyone")])
        edit = on_topic(tagged(article(item(3)[0], item(3, 1)[1] * 40, url="https://harbour.example/3")), "topic")
        run_id = store.start_run(NOW)
        report = SourceRun(source_id="harbour", state="broken", detail="x" * 20_000)
        (pages,) = store.connection.execute("pragma page_count").fetchone()
        writes = {
            "save": lambda: store.save(new, best_match, RULES),
            "edit": lambda: store.save(edit, best_match, RULES),
            "record_source": lambda: store.record_source(
                run_id, report, SourceMemory(source_id="harbour", body_hash="y" * 20_000), (), NOW
            ),
            "robots": lambda: store.keep_robots("https://a.example:443", NOW, 200, "", b"z" * 60_000),
        }
        for name, attempt in writes.items():
            failures = 0
            while error := full(store, pages + failures, attempt):
                failures += 1
                assert (error.code, error.exit_code) == ("store_full", 3)
                assert "bytes are needed" in error.message
                assert str(path) in str(error)
                with Store.open(path) as reader:
                    assert violations(reader.connection) == {}, (name, failures)
                    assert search(reader.connection, "item number")
            assert failures >= 3, f"{name} never met the limit"
            (pages,) = store.connection.execute("pragma page_count").fetchone()
        store.connection.execute("pragma max_page_count = 1073741823")
        assert violations(store.connection) == {}
        assert totals(store.connection) == {**before, "articles": 11, "revisions": 1, "events": 11}


def full(store: Store, pages: int, attempt: Callable[[], object]) -> StoreError | None:
    """What becomes of an attempt while the file may have no more than so many pages."""
    store.connection.execute(f"pragma max_page_count = {pages}")
    try:
        attempt()
    except StoreError as error:
        return error
    return None


def look(url: str) -> int:
    """The status of a page; trouble with the file, such as a lock, is a 503."""
    try:
        with urllib.request.urlopen(url) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


@contextmanager
def desk(path: Path) -> Iterator[str]:
    """The desk over an archive, in a process of its own; gives its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--db", str(path)], cwd=path.parent, env=environment(), text=True,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        yield process.stderr.readline().split()[2]
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert "locked" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "each",
    [
        pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
        pytest.param(1_000, marks=[pytest.mark.soak, pytest.mark.timeout(1_800)]),
    ],
)
def test_four_writers_and_a_reader_wait_for_each_other(tmp_path: Path, each: int) -> None:
    path = prepared(tmp_path / "m.db")
    children = [writer(path, first * 1_000, each, 1) for first in range(4)]
    reads = 0
    with Store.open(path) as reader, desk(path) as address:
        while any(child.poll() is None for child in children):
            search(reader.connection, "item")
            totals(reader.connection)
            assert {look(address + page) for page in ("", "stories", "search?q=item", "sources")} == {200}
            assert look(address + "masthead/articles.json?_size=20") in (200, 400), "400: Datasette's limit of time"
            reads += 1
            time.sleep(0.05)
        outputs = [child.communicate()[0] for child in children]
        assert [child.returncode for child in children] == [0] * 4
        assert [out.count('"new"') for out in outputs] == [each] * 4
        assert reads > 3
        assert violations(reader.connection) == {}
        assert totals(reader.connection)["articles"] == 4 * each


@pytest.mark.slow
def test_processes_that_create_the_archive_together_find_it_whole(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from db.store import Store; Store.open(Path(sys.argv[1])).close()"
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "m.db")], cwd=Path(__file__).parents[1])
        for _ in range(4)
    ]
    assert [child.wait() for child in children] == [0] * 4


def test_a_save_that_meets_a_full_disk_can_be_repeated(tmp_path: Path) -> None:
    with Store.open(prepared(tmp_path / "m.db")) as store:
        (pages,) = store.connection.execute("pragma page_count").fetchone()
        store.connection.execute(f"pragma max_page_count = {pages + 1}")
        big = tagged(replace(article(), text="Long text. " * 10_000))
        with pytest.raises(StoreError) as caught:
            store.save(big, best_match)
        assert caught.value.code == "store_full"
        store.connection.execute("pragma max_page_count = 1073741823")
        assert store.save(big, best_match).outcome == "new"
