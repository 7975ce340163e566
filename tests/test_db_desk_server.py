"""The desk on a real address: the server's start and end, and a crawl that writes while it is read."""

from __future__ import annotations

import re
import signal
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest
from sqlite_utils import Database

from db.desk.serve import run
from db.errors import UsageError
from db.migrations import migrations
from tests.desk_samples import make_archive
from tests.desk_serving import serving

pytestmark = pytest.mark.slow


# ------------------------------------------------------------------ the server
def test_it_serves_and_ends_in_order(tmp_path: Path) -> None:
    with serving(make_archive(tmp_path / "desk.db")) as (address, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        answer = httpx.get(address)
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert httpx.get(f"{address}-/healthz").json()["ok"] is True
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 421
        assert httpx.head(f"{address}masthead/articles").status_code == 200
        listening = {c.laddr.ip for c in psutil.Process(process.pid).net_connections() if c.status == "LISTEN"}
        assert listening == {"127.0.0.1"}
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGTERM)
        assert "Traceback" not in errors


def test_an_archive_of_an_older_version_is_brought_up_to_date_first(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    newest = max(migration.name for migration in migrations.pending(Database(memory=True)))
    database = Database(path)
    migrations.apply(database, stop_before=newest)
    database.close()
    with serving(path) as (address, _):
        assert httpx.get(address).status_code == 200
        assert httpx.get(f"{address}-/healthz").json()["ok"] is True


def test_an_interrupt_ends_it_without_a_trace(tmp_path: Path) -> None:
    with serving(make_archive(tmp_path / "desk.db"), "::1") as (address, process):
        assert address.startswith("http://[::1]:")
        assert httpx.get(address).status_code == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_a_usage_error(tmp_path: Path) -> None:
    with serving(tmp_path / "none.db") as (address, _):
        port = int(address.rstrip("/").rpartition(":")[2])
        with pytest.raises(UsageError, match="--port"):
            run(tmp_path / "none.db", "127.0.0.1", port, zone="UTC", language="en")


def test_an_open_address_is_refused_before_anything_is_bound(tmp_path: Path) -> None:
    with serving(tmp_path / "none.db", "0.0.0.0") as (address, process):
        assert address == ""
        assert "MASTHEAD_DESK_PASSWORD_HASH" in process.communicate()[1]
        assert process.returncode == 1


def test_heavy_requests_leave_the_rest_of_the_desk_at_work(tmp_path: Path) -> None:
    """Refused statements and the largest lists, four at a time, for two seconds."""
    with serving(make_archive(tmp_path / "desk.db", articles=2000)) as (address, process):
        server = psutil.Process(process.pid)
        httpx.get(f"{address}masthead/articles")
        before = server.memory_info().rss
        stop = time.monotonic() + 2

        def press(path: str) -> None:
            while time.monotonic() < stop:
                httpx.get(address + path, timeout=30)

        heavy = [
            "masthead?sql=select+zeroblob(300000000)",
            "masthead/articles.json?_size=500",
            "masthead/articles?title__like=%25a%25a%25a%25&_size=500",
            "masthead/find?q=TikTok+OR+Amazon",
        ]
        threads = [threading.Thread(target=press, args=(path,)) for path in heavy]
        for thread in threads:
            thread.start()
        while time.monotonic() < stop:
            assert httpx.get(f"{address}-/healthz", timeout=30).status_code == 200
        for thread in threads:
            thread.join()
        assert server.memory_info().rss - before < 100 * 1024 * 1024
