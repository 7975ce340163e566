"""The desk on a real address: the server's start and end, and hostile content in a real browser (Chromium)."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from db.desk.gate import _POLICY
from db.desk.serve import run
from db.errors import UsageError
from tests.desk_hostile import make_hostile
from tests.desk_samples import make_archive

pytestmark = pytest.mark.slow

_SERVE = """
import sys
from pathlib import Path
from db.desk.serve import run
ready = lambda address: print(address, flush=True)
run(Path(sys.argv[1]), sys.argv[2], 0, zone="Asia/Shanghai", language="zh", ready=ready)
"""
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
]  # fmt: skip


@contextmanager
def serving(archive: Path, host: str = "127.0.0.1") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The desk in a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(archive), host],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


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


# ------------------------------------------------------------------ the browser
@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        message = "Chromium is not installed: apt-get install chromium fonts-noto-cjk"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return found


def look(chromium: str, address: str, folder: Path, *more: str) -> tuple[str, list[str]]:
    """The page's markup after it ran, and what the browser's console said."""
    profile = folder / f"profile-{time.monotonic_ns()}"
    command = [chromium, *_FLAGS, f"--user-data-dir={profile}", "--enable-logging=stderr", *more, "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, errors="replace")
    shutil.rmtree(profile, ignore_errors=True)
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


class _Canary(http.server.BaseHTTPRequestHandler):
    """A page that lets stored text run, under our policy or none: what the test must be able to see."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        if "policy" in self.path:
            self.send_header("content-security-policy", _POLICY)
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(b"<html><body><img src=x onerror=document.documentElement.setAttribute('data-owned','1')>")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_check_itself_sees_a_script_that_ran_or_was_stopped(chromium: str, tmp_path: Path) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/"
        ran, _ = look(chromium, address + "open", tmp_path)
        assert 'data-owned="1"' in ran
        stopped, console = look(chromium, address + "policy", tmp_path)
        assert 'data-owned="1"' not in stopped
        assert any("Content Security Policy" in line for line in console)
    finally:
        server.shutdown()


def test_hostile_text_runs_nowhere_and_breaks_no_policy(chromium: str, tmp_path: Path) -> None:
    paths = [
        "", "masthead", "masthead/articles?_size=200", "masthead/articles/1", "masthead/articles/2", "masthead/sources",
        "masthead/source_health", "masthead/new", "masthead/official_partnerships?days=9999", "masthead/events",
        "masthead/evidence", "masthead/mentions", "masthead/revisions/1", "masthead/fetches", "nowhere",
        "masthead/find?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "masthead/articles?_search=%22%3E%3Csvg%20onload=alert(1)%3E&title=%3Cscript%3Ealert(1)%3C/script%3E",
    ]  # fmt: skip
    with serving(make_hostile(tmp_path / "hostile.db")) as (address, _):
        for path in paths:
            page, console = look(chromium, address + path, tmp_path)
            assert "</footer>" in page, path
            assert 'data-owned="1"' not in page, path
            assert console == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_draw_without_a_complaint(chromium: str, tmp_path: Path, language: str, scheme: str) -> None:
    dark = [] if scheme == "light" else ["--blink-settings=preferredColorScheme=0"]
    with serving(make_archive(tmp_path / "desk.db")) as (address, _):
        for name in ("", "masthead/articles", "masthead/articles/1"):
            picture = tmp_path / f"{name.replace('/', '-') or 'home'}.png"
            _, console = look(
                chromium, f"{address}{name}?lang={language}", tmp_path, *dark, "--window-size=1280,900",
                f"--screenshot={picture}",
            )  # fmt: skip
            assert console == []
            assert picture.stat().st_size > 20_000  # a blank page has 5,000
