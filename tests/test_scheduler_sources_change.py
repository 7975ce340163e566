"""`masthead sources add` and `review`: what is found, what is refused, what is written, and what is asked for it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.catalogue import builtin_folder, load_catalogue, load_source
from crawler.found import Answer
from db.errors import DataFileError, UsageError
from db.store import Store
from db.types import SourceMemory
from scheduler.config import Catalogue, Config
from scheduler.demo.replay import ReplayServer, Response, Site
from scheduler.sources_change import accept_move, source_text, write_source
from scheduler.sources_find import linked_feeds, new_id
from tests.db_samples import source
from tests.masthead_cli import masthead

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def feed(name: str, count: int, title: str = "Letters from the quay") -> Response:
    items = "".join(
        f"<item><title>The harbour and the sellers, part {n}</title><link>{{{{base:{name}}}}}/a/{n}</link>"
        f"<pubDate>Mon, {n + 1:02} Jul 2024 10:00:00 GMT</pubDate></item>"
        for n in range(count)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'
    return Response(body.encode(), content_type="application/rss+xml")


def page(head: str = "", body: str = "") -> Response:
    return Response(
        f"<html><head><title>The Quay</title>{head}</head><body>{body}{'<p>Words. ' * 60}</body></html>".encode()
    )


SITES = (
    Site("quay", {
        "/": page(
            '<link rel="alternate" type="application/rss+xml" href="/comments.xml">'
            '<link rel="alternate" type="application/rss+xml" href="/all.xml">',
            '<a href="/rss/dead">RSS</a><a href="/about">About</a>',
        ),
        "/comments.xml": feed("quay", 9, "Comments on the quay"), "/all.xml": feed("quay", 5),
        "/rss/dead": Response(b"", status=404),
    }),
    Site("bare", {"/": page(body='<a href="/about">About</a>'), "/feed": feed("bare", 3), "/rss.xml": feed("bare", 3)}),
    Site("closed", {"/": Response(b"no", status=403)}),
    Site("moved", {"/feed.xml": feed("moved", 4)}),
)  # fmt: skip


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "masthead.toml").write_text(
        '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
    )
    return tmp_path


def written(team: Path) -> list[str]:
    return sorted(path.name for path in (team / "sources").iterdir())


# ------------------------------------------------------------------ add
@pytest.mark.slow
def test_the_feed_that_a_page_names_becomes_a_source(team: Path) -> None:
    with ReplayServer(SITES) as server:
        base = server["quay"].base
        add = ("sources", "add", f"{base}/", "--id", "quay", "--allow-address", "127.0.0.0/8")
        done = masthead(*add, cwd=team)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "Letters from the quay" in done.stdout
        assert {entry.path for entry in server.log} == {"/robots.txt", "/", "/all.xml", "/comments.xml", "/rss/dead"}
        made = load_source(team / "sources" / "quay.toml")
        assert (made.url, made.name, made.language, made.kind) == (
            f"{base}/all.xml", "Letters from the quay", "en", "community",
        )  # fmt: skip
        assert made.expect.gap_hours == 120, "five times its daily rhythm"
        assert set(made.derived) == {"kind", "name", "language", "zone", "hosts", "expect"}
        again = masthead("sources", "add", f"{base}/all.xml", "--json", cwd=team)
        assert (again.returncode, "quay reads this address already" in again.stderr) == (2, True)
        assert masthead(*add, cwd=team).returncode == 2
        crawled = masthead("crawl", "quay", "--json", cwd=team)
        assert json.loads(crawled.stdout)["sources"][0]["code"] != "blocked_address"
    assert written(team) == ["quay.toml"]


@pytest.mark.slow
def test_what_can_not_be_used_is_told_and_nothing_is_written(team: Path) -> None:
    with ReplayServer(SITES) as server:
        for site, code in (("bare", "not_a_feed"), ("closed", "forbidden")):
            url = f"{server[site].base}/"
            done = masthead("sources", "add", url, "--allow-address", "127.0.0.0/8", cwd=team)
            assert (done.returncode, f"[{code}]" in done.stdout) == (6, True), done.stdout + done.stderr
        assert {entry.path for entry in server.log if entry.site == "bare"} == {"/robots.txt", "/"}, (
            "nothing is guessed"
        )
        blocked = masthead("sources", "add", f"{server['quay'].base}/", "--json", cwd=team)
        assert blocked.returncode == 6
        assert json.loads(blocked.stdout)["found"][0]["code"] == "blocked_address"
    for url in ("https://www.linkedin.com/company/x/", "ftp://a.example/", "https://u:p@a.example/", "a.example"):
        assert masthead("sources", "add", url, cwd=team).returncode == 2, url
    (team / "masthead.toml").unlink()
    done = masthead("sources", "add", "https://a.example/", cwd=team)
    assert (done.returncode, "masthead init" in done.stderr) == (2, True)
    assert written(team) == []


def test_links_are_taken_in_order_of_how_sure_they_are() -> None:
    body = (
        '<base href="https://b.example/x/"><a href="/feed/">f</a><a href="mailto:rss@b.example">m</a>'
        '<a href="/feedback">no</a><a href="/refeed">no</a><a href="javascript:feed()">no</a>'
        '<link rel="alternate" type="application/rss+xml" href="comments/feed">'
        '<link rel="ALTERNATE nofollow" type="Application/Atom+XML " href="atom.xml">'
        '<link rel="alternate" type="text/html" hreflang="zh" href="/zh/">'
    )
    answer = Answer(
        url="https://a.example/", status=200, body=f"<html>{body}</html>".encode(), content_type="text/html"
    )
    assert linked_feeds(answer) == [
        "https://b.example/x/atom.xml", "https://b.example/feed/", "https://b.example/x/comments/feed",
    ]  # fmt: skip
    many = "".join(f'<a href="/feed/{n}">x</a>' for n in range(50))
    assert len(linked_feeds(replace(answer, body=f"<html>{many}</html>".encode()))) == 5
    assert linked_feeds(replace(answer, body=b"")) == []


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("blog.example.com", "example"), ("www.harbour.co.uk", "harbour"), ("127.0.0.2", "127"), ("news.gov", "news"),
        ("taken.example", "taken-2"), ("xn--fiq228c.cn", "xn--fiq228c"),
    ],
)  # fmt: skip
def test_ids_come_from_hosts(host: str, name: str) -> None:
    assert new_id(host, ["taken"]) == name


def test_a_written_file_says_the_same_as_the_source(tmp_path: Path) -> None:
    made = source("quay", name='Wei "海" \\ Söhne', derived=("kind",), hosts=("a.example", "b.example"), proof="seen")
    made = replace(made, family="quay", keep_text="lead", allow_addresses=("10.0.0.0/8",))
    path = write_source(tmp_path, "quay", source_text(made))
    assert replace(load_source(path), file="") == made
    with pytest.raises(DataFileError):
        write_source(tmp_path, "other", source_text(made))
    assert [entry.name for entry in tmp_path.iterdir()] == ["quay.toml"]


# ------------------------------------------------------------------ review
@pytest.mark.parametrize("name", ["amz-press", "amz-about"])
def test_a_shipped_source_is_copied_with_its_new_address(name: str, tmp_path: Path) -> None:
    shipped = load_catalogue([])[name]
    before = (builtin_folder() / f"{name}.toml").read_bytes()
    config = Config(catalogue=Catalogue(folders=("own",)), folder=tmp_path)
    path = accept_move(config, shipped, "https://news.new-domain.example/feed")
    made = load_source(path)
    assert path == tmp_path / "own" / f"{name}.toml"
    assert made.url == "https://news.new-domain.example/feed"
    assert made.hosts[0] == "news.new-domain.example"
    assert tomllib.loads(before.decode())["url"].split("/")[2] not in made.hosts
    same = {"url": made.url, "hosts": made.hosts, "file": made.file}
    assert replace(shipped, **same) == made  # type: ignore[arg-type]  # three fields of the right types
    assert (builtin_folder() / f"{name}.toml").read_bytes() == before


def test_an_address_with_a_date_or_of_linkedin_is_not_rewritten(tmp_path: Path) -> None:
    made = replace(source("quay"), hosts=("quay.example",), family="quay", proof="x", derived=("kind",))
    path = write_source(tmp_path, "quay", source_text(made))
    config = Config(catalogue=Catalogue(folders=(".",)), folder=tmp_path)
    before = path.read_bytes()
    with pytest.raises(DataFileError):
        accept_move(config, load_source(path), "https://www.linkedin.com/feed")
    dated = replace(load_source(path), url="https://quay.example/{today}")
    with pytest.raises(UsageError, match="date"):
        accept_move(config, dated, "https://new.example/")
    assert path.read_bytes() == before


@pytest.mark.slow
def test_review_as_a_command(team: Path) -> None:
    for name in ("quay", "pier"):
        made = replace(
            source(name), hosts=(f"{name}.example", "cdn.example"), family=name, proof="x", derived=("kind",)
        )
        write_source(team / "sources", name, source_text(made))
    catalogue = load_catalogue([team / "sources"], builtin=False)
    with Store.open(team / "masthead.db") as store:
        store.sync_sources(catalogue.values())
        for name in catalogue:
            store.remember(
                SourceMemory(source_id=name, state="broken", code="moved", moved_to=f"https://new-{name}.example/f")
            )
    shown = masthead("sources", "review", cwd=team)
    assert (shown.returncode, "https://new-quay.example/f" in shown.stdout) == (0, True)
    assert masthead("sources", "review", "--accept", "quai", cwd=team).returncode == 2
    done = masthead("sources", "review", "--accept", "quay", cwd=team)
    assert (done.returncode, done.stderr) == (0, "")
    made = load_source(team / "sources" / "quay.toml")
    assert (made.url, made.hosts) == ("https://new-quay.example/f", ("new-quay.example", "cdn.example"))
    assert masthead("sources", "review", "--refuse", "pier", cwd=team).returncode == 0
    assert load_source(team / "sources" / "pier.toml").url == "https://pier.example/feed"
    assert json.loads(masthead("sources", "review", "--json", cwd=team).stdout) == []
