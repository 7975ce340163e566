"""The whole crawl, as a process, against kills, a full disk, a desk that reads, damage and missing rights."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from db.store import Store
from scheduler.demo.replay import ReplayServer, Request, Response, Site
from tests.masthead_cli import COMMAND, environment, masthead
from tests.test_db_faults import violations
from tests.test_scheduler_crawl import started, stored, wait_until

ITEMS = 150  # of one answer; every answer has others


def words(seed: int) -> str:
    """A text like no other, so that nothing is a near-copy."""
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("abcdefghiklmnoprstuw", k=rng.randint(3, 9))) for _ in range(150))


def newsroom(name: str) -> Site:
    """A feed whose every answer holds new items with their full texts."""
    answers = 0

    def feed(_: Request) -> Response:
        nonlocal answers
        answers += 1
        first = answers * ITEMS
        items = "".join(
            f"<item><title>Item {n} of {name}</title><link>{{{{base:{name}}}}}/a/{n}</link><description>"
            f"Temu and its sellers meet in {name}. {words(n)}</description></item>"
            for n in range(first, first + ITEMS)
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'
        return Response(body.encode(), content_type="application/rss+xml")

    return Site(name, {"/feed.xml": feed})


@contextlib.contextmanager
def team(folder: Path, *names: str) -> Iterator[ReplayServer]:
    with ReplayServer([newsroom(name) for name in names]) as server:
        (folder / "sources").mkdir()
        for site in server.sites.values():
            (folder / "sources" / f"{site.id}.toml").write_text(
                f'id = "{site.id}"\nname = "{site.id}"\nkind = "trade"\nlanguage = "en"\naccess = "feed"\n'
                f'url = "{site.base}/feed.xml"\nkeep_text = "full"\nfetch_articles = false\n'
                'allow_addresses = ["127.0.0.0/8"]\n',
                encoding="utf-8",
            )
        (folder / "masthead.toml").write_text(
            '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
        )
        yield server


def broken(db: Path) -> dict[str, list[tuple[object, ...]]]:
    with Store.open(db, create=False) as store:
        return violations(store.connection)


# ------------------------------------------------------------------ kills
@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(8, marks=[pytest.mark.slow, pytest.mark.timeout(400)]),
        pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(7_200)]),
    ],
)
def test_a_crawl_killed_at_any_moment_leaves_no_half_article(tmp_path: Path, rounds: int) -> None:
    rng, db = random.Random(rounds), tmp_path / "masthead.db"
    with team(tmp_path, "harbour", "quay"):
        for number in range(rounds):
            before = stored(tmp_path)
            crawl = started(tmp_path)
            wait_until(lambda before=before: stored(tmp_path) > before, 300)  # type: ignore[misc]  # a lambda's default
            time.sleep(rng.uniform(0, 0.6))
            family = psutil.Process(crawl.pid).children(recursive=True)
            child = [one for one in family if "scheduler.crawl_child" in one.cmdline()]
            for victim in rng.choice([[crawl], child, [*child, crawl]]):
                victim.kill()
            crawl.communicate(timeout=300)
            psutil.wait_procs(family, timeout=300)
            assert broken(db) == {}, f"round {number}"
        before = stored(tmp_path)
        assert masthead("crawl", "--all", "--quiet", cwd=tmp_path).returncode == 0
        assert stored(tmp_path) == before + 2 * ITEMS
    assert broken(db) == {}
    with contextlib.closing(sqlite3.connect(db)) as connection:
        ends = dict(connection.execute("select outcome, count(*) from runs group by outcome").fetchall())
    assert "running" not in ends
    assert ends["good"] >= 1
    assert sum(ends.values()) == rounds + 1


# ------------------------------------------------------------------ a full disk
@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB, as far as we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "masthead-test", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_ends_the_run_and_nothing_else(small_disk: Path) -> None:
    db = small_disk / "masthead.db"
    with team(small_disk, "harbour", "quay"):
        codes, errors = [], ""
        for _ in range(4):
            done = masthead("crawl", "--all", "--quiet", cwd=small_disk)
            codes.append(done.returncode)
            assert "Traceback" not in done.stderr, done.stderr
            errors += done.stderr
        assert codes[-1] == 3, codes
        assert "bytes are needed" in errors
        kept = stored(small_disk)
        assert kept > 20
        assert broken(db) == {}
        found = masthead("search", "item", "--json", cwd=small_disk)
        assert (found.returncode, len(found.stdout.splitlines())) == (0, 20)
        assert masthead("status", cwd=small_disk).returncode == 6
        full = masthead("backup", "copy.db", cwd=small_disk)
        assert (full.returncode, "store_full" in full.stderr, "Traceback" in full.stderr) == (3, True, False)
        assert not list(small_disk.glob("*copy.db*"))
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        assert masthead("crawl", "--all", "--quiet", cwd=small_disk).returncode == 0
        assert stored(small_disk) == kept + 2 * ITEMS
        assert broken(db) == {}


# ------------------------------------------------------------------ a desk that reads
@pytest.mark.slow
def test_the_desk_reads_on_while_a_crawl_writes(tmp_path: Path) -> None:
    with team(tmp_path, "harbour", "quay", "pier"):
        assert masthead("crawl", "harbour", "--quiet", cwd=tmp_path).returncode == 0
        desk = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0"], cwd=tmp_path, env=environment(), text=True, stderr=subprocess.PIPE
        )
        assert desk.stderr is not None
        address = desk.stderr.readline().split()[2]
        answers: list[int] = []
        ended = threading.Event()

        def read() -> None:
            pages = ("", "masthead/articles", "masthead/articles.json?_size=20", "masthead/sources")
            while not ended.is_set():
                for page in pages:
                    with urllib.request.urlopen(address + page) as answer:
                        answers.append(answer.status)
                        answer.read()

        reader = threading.Thread(target=read)
        reader.start()
        try:
            codes = [masthead("crawl", "--all", "--quiet", cwd=tmp_path).returncode for _ in range(2)]
        finally:
            ended.set()
            reader.join()
            desk.send_signal(signal.SIGTERM)
            _, errors = desk.communicate(timeout=30)
    assert codes == [0, 0]
    assert stored(tmp_path) == 7 * ITEMS
    assert len(answers) > 20
    assert set(answers) == {200}
    assert "locked" not in errors
    assert "Traceback" not in errors


# ------------------------------------------------------------------ damage and rights
@pytest.mark.slow
def test_a_damaged_archive_is_never_begun_anew(tmp_path: Path) -> None:
    db = tmp_path / "masthead.db"
    with team(tmp_path, "harbour") as server:
        assert masthead("crawl", "--quiet", cwd=tmp_path).returncode == 0
        body = bytearray(db.read_bytes())
        body[len(body) // 2 : len(body) // 2 + 20_000] = random.Random(4).randbytes(20_000)
        db.write_bytes(body)
        asked = len(server.log)
        for command in (["crawl", "--all"], ["search", "item"], ["status"], ["export", "articles"], ["backup", "x.db"]):
            done = masthead(*command, cwd=tmp_path)
            assert (done.returncode, "Traceback" in done.stderr) == (3, False), (command, done.stderr)
            assert "[store_corrupt]" in done.stderr
            assert "backup" in done.stderr
        assert len(server.log) == asked, "nobody is asked for what can not be stored"
        assert masthead("doctor", cwd=tmp_path).returncode == 6
    assert db.read_bytes() == body


_AS_NOBODY = """
import os, sys
import scheduler.backup_cmd, scheduler.crawl_cmd, scheduler.doctor_cmd, scheduler.search_cmd, scheduler.status_cmd
from crawler.catalogue import load_catalogue
from pipelines.lexicon import load_lexicon
from scheduler import cli
load_catalogue([]), load_lexicon()  # what is imported late may lie where nobody may read
if os.geteuid() == 0:  # root may write anywhere
    os.setgid(65534)
    os.setuid(65534)
for words in sys.argv[1:]:
    print(words, cli.run(words.split()), flush=True)
"""


@pytest.mark.slow
def test_an_archive_of_somebody_else_can_be_read_and_is_not_written() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with Store.open(folder / "masthead.db"):
            pass
        before = (folder / "masthead.db").read_bytes()
        (folder / "masthead.db").chmod(0o444)
        folder.chmod(0o555)
        commands = ["search item", "crawl --all", "backup copy.db", "restore masthead.db"]
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, *commands],
            cwd=folder, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        codes = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
        assert codes == {"search item": "0", "crawl --all": "3", "backup copy.db": "3", "restore masthead.db": "3"}
        assert "Traceback" not in done.stderr
        assert done.stderr.count("[store_readonly]") == 3, done.stderr
        assert (folder / "masthead.db").read_bytes() == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
