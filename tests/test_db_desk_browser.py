"""The desk in a real browser (Chromium, one session): accessibility, hostile content, keys, screens, weight."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from db.desk.gate import _POLICY
from tests.clip_samples import QUOTE
from tests.desk_hostile import PAYLOADS, make_hostile
from tests.desk_samples import make_archive
from tests.desk_serving import serving
from tests.desk_stories import DEAL_STORY, make_story_archive

pytestmark = pytest.mark.slow

OWN = [
    "", "stories", "stories?platform=tiktok&status=nope", f"stories/{DEAL_STORY}", "deadlines", "policy", "sources",
    "sources/cpsc", "scoreboard", "quality", "search?q=Amazon", "feeds", "clip", "masthead", "masthead/articles",
    "masthead/articles/1", "masthead/stories", "masthead/new", "nowhere",
]  # fmt: skip
_MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        message = "Chromium is not installed: apt-get install chromium fonts-noto-cjk"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make_story_archive(tmp_path_factory.mktemp("browser") / "desk.db")) as (address, _):
        yield address


@contextmanager
def reading(
    chromium: Browser, *, width: int = 1280, dark: bool = False, script: bool = True, scale: float = 1
) -> Iterator[tuple[Page, list[str]]]:
    """A page, and all that the browser complains of while it is used."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        device_scale_factor=scale,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    try:
        yield page, complaints
    finally:
        context.close()


# ------------------------------------------------------------------ accessibility
@pytest.mark.parametrize(("language", "dark"), [("zh", False), ("en", True), ("en", False), ("zh", True)])
def test_no_page_has_a_serious_barrier(chromium: Browser, desk: str, language: str, dark: bool) -> None:
    """Every rule on every page in each language and each scheme; of the other two pairs the colours of the first."""
    whole = dark == (language == "en")
    options = {} if whole else {"runOnly": ["color-contrast"]}
    found = []
    with reading(chromium, dark=dark) as (page, _):
        page.goto(f"{desk}?lang={language}")
        for path in OWN if whole else OWN[:6]:
            page.goto(desk + path)
            found += [
                (path, violation["id"], [node["target"] for node in violation["nodes"]][:3])
                for violation in Axe().run(page, options=options).response["violations"]
                if violation["impact"] in ("serious", "critical")
            ]
    assert found == []


# ------------------------------------------------------------------ hostile content
class _Canary(http.server.BaseHTTPRequestHandler):
    """A page that lets stored text run, under our policy or none: what the test must be able to see."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        if "policy" in self.path:
            self.send_header("content-security-policy", _POLICY)
        self.end_headers()
        self.wfile.write(b"<html><body><img src=x onerror=document.documentElement.setAttribute('data-owned','1')>")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_check_itself_sees_a_script_that_ran_or_was_stopped(chromium: Browser) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    try:
        with reading(chromium) as (page, _):
            page.goto(address + "open")
            page.wait_for_selector("html[data-owned]", state="attached")
        with reading(chromium) as (page, complaints):
            page.goto(address + "policy")
            page.wait_for_timeout(300)
            assert page.query_selector("html[data-owned]") is None
            assert any("Content Security Policy" in text for text in complaints)
    finally:
        server.shutdown()


def test_hostile_text_runs_nowhere_and_breaks_no_policy(chromium: Browser, tmp_path: Path) -> None:
    asked = '"><img src=x onerror=alert(1)>'
    paths = [
        "", "stories", "stories?triage=read", "deadlines", "policy", "sources", "scoreboard", "quality", "feeds",
        f"search?q={asked}", f"stories?platform={asked}", "masthead", "masthead/articles?_size=200",
        "masthead/articles/1", "masthead/articles/2", "masthead/sources", "masthead/claims", "masthead/triage",
        "masthead/source_health", "masthead/official_partnerships?days=9999", "masthead/evidence", "nowhere",
        f"masthead/articles?_search={asked}&title=<script>alert(1)</script>",
    ]  # fmt: skip
    with serving(make_hostile(tmp_path / "hostile.db")) as (address, _), reading(chromium) as (page, complaints):
        page.goto(f"{address}stories")
        own = page.eval_on_selector_all("a[href^='/stories/'], a[href^='/sources/']", "all => all.map(a => a.href)")
        assert len(own) > 20
        for path in [*(address + path for path in paths), *sorted(set(own))[:20]]:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status < 500, path
            assert page.query_selector("footer.foot") is not None, path
            assert page.query_selector("html[data-owned]") is None, path
            said = [text for text in complaints if "404" not in text]  # the browser tells of our own page of errors
            assert said == [], path
    assert len(PAYLOADS) > 25


# ------------------------------------------------------------------ keys, screens, weight
def test_keys_move_open_and_answer(chromium: Browser, tmp_path: Path) -> None:
    with serving(make_story_archive(tmp_path / "desk.db")) as (address, _), reading(chromium) as (page, complaints):
        page.goto(f"{address}stories?lang=en")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        assert page.get_attribute(".card.current", "data-story") == DEAL_STORY
        page.keyboard.press("s")
        page.wait_for_selector(f"[data-story={DEAL_STORY}].is-important")
        page.keyboard.press("m")
        page.wait_for_selector(".card.is-read")
        page.goto(f"{address}stories?triage=important")
        assert page.locator(".card").count() == 1
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.wait_for_url(f"**/stories/{DEAL_STORY}")
        page.click("button[data-kind=noise]")
        page.wait_for_selector("form.notice")
        page.click("form.notice button")
        page.wait_for_selector(".log .undone")
        assert complaints == []


@pytest.mark.parametrize("width", [320, 360, 640, 1024, 2560])
def test_nothing_is_wider_than_the_screen(chromium: Browser, desk: str, width: int) -> None:
    """640 is what 1280 pixels are at 200 %, 320 at 400 %."""
    with reading(chromium, width=width) as (page, complaints):
        for path in OWN[:-1]:
            page.goto(desk + path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
        assert complaints == []


def test_everything_is_there_without_scripts(chromium: Browser, desk: str) -> None:
    with reading(chromium, script=False) as (page, _):
        page.goto(f"{desk}stories?lang=en")
        page.check(f"input[value={DEAL_STORY}]")
        page.click("button[name=kind][value=read]")
        page.wait_for_selector("form.notice")  # counting would not wait for the page that answers
        page.wait_for_selector(f"[data-story={DEAL_STORY}].is-read")
        page.click("form.notice button")
        page.wait_for_selector(".is-read", state="detached")


def test_home_is_light_and_asks_nobody_else(chromium: Browser, desk: str) -> None:
    with reading(chromium) as (page, _):
        sizes: dict[str, int] = {}
        page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
        page.goto(desk)
        page.wait_for_load_state("networkidle")
        assert all(url.startswith(desk) for url in sizes)
        assert sum(sizes.values()) < _MOST_BYTES
        assert len(sizes) >= 4


def test_an_empty_archive_a_missing_and_a_broken_one_say_what_to_do(chromium: Browser, tmp_path: Path) -> None:
    make_archive(tmp_path / "empty.db", articles=0)
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4000)
    for name, status, words in (("empty", 200, "masthead crawl"), ("none", 503, "masthead"), ("broken", 503, "store_")):
        with serving(tmp_path / f"{name}.db") as (address, _), reading(chromium) as (page, _):
            for path in ("", "stories", "search?q=x"):
                answer = page.goto(address + path)
                assert answer is not None
                assert answer.status == status, (name, path)
            page.goto(address)
            assert words in page.inner_text("main")


# ------------------------------------------------------------------ clips
class _Strict(http.server.BaseHTTPRequestHandler):
    """Somebody's post, on a page that lets nothing run and sends nothing anywhere."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-security-policy", "default-src 'none'; form-action 'none'; connect-src 'none'")
        self.send_header("cross-origin-opener-policy", "same-origin")
        self.end_headers()
        self.wfile.write(
            f"<html><title>A post</title><body><p>Before.</p><p id=said>{QUOTE}</p></body></html>".encode()
        )

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_bookmark_clips_from_a_strict_page_in_one_window(chromium: Browser, desk: str) -> None:
    """The bookmark's own code: of its way into the page the browser says that no policy stands in it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Strict)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with reading(chromium) as (page, _):
            page.goto(f"{desk}clip?lang=en")
            code = page.get_by_text("Clip to Masthead").get_attribute("href")
            assert code is not None
            page.goto(f"http://localhost:{server.server_port}/post?utm_source=mail&midToken=CANARY")
            page.evaluate("getSelection().selectAllChildren(document.getElementById('said'))")
            with page.context.expect_page() as opened:
                page.evaluate(code.removeprefix("javascript:"))
            form = opened.value
            form.wait_for_selector("form.clip")
            assert form.input_value("#clip-quote") == QUOTE
            assert form.input_value("#clip-url").endswith("/post")
            assert form.input_value("#clip-title") == "A post"
            form.get_by_role("button", name="Keep").click()
            form.wait_for_url("**/clip/*")
            assert "/stories/st-" in str(form.locator("main a.headline").get_attribute("href"))
    finally:
        server.shutdown()
