"""LinkedIn is never asked for, and no token stays: the real commands, over a name service that writes names down."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from scheduler.demo.replay import ReplayServer, Response, Site
from tests.clip_samples import POST, QUOTE, TOKENS
from tests.masthead_cli import COMMAND, environment

pytestmark = pytest.mark.slow

TOKEN = "CANARY"
ARTICLE = "https://www.linkedin.com/comm/pulse/fees-in-may-x1y2z"
#: Loaded by every Python process of the commands: each name that is looked up is written down, none is resolved.
_NAMES = """
import os, socket
real = socket.getaddrinfo
def noted(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else str(host)
    with open(os.environ["LOOKED_UP"], "a") as file:
        file.write(name + "\\n")
    if not name.startswith("127.") and name not in ("localhost", "::1"):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return real(host, *args, **kwargs)
socket.getaddrinfo = noted
"""
_PAGE = (
    f'<html><head><title>A page about fees</title><link rel="canonical" href="{ARTICLE}?{TOKENS}"></head>'
    "<body>{}</body></html>"
)
_SOURCE = """
id = "{id}"
name = "{id}"
kind = "kol"
language = "en"
access = "{access}"
url = "{{{{base:site}}}}{path}"
keep_text = "full"
allow_addresses = ["127.0.0.0/8"]
expect = {{ min_items = 0, max_age_days = 36500 }}
"""
_ITEM = "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><description>{text}</description></item>"
SOURCES = {
    "feed": _SOURCE.format(id="feed", access="feed", path="/feed.xml"),
    "moved": _SOURCE.format(id="moved", access="feed", path="/moved.xml"),
    "map": _SOURCE.format(id="map", access="sitemap", path="/sitemap.xml"),
    "watched": _SOURCE.format(id="watched", access="page", path="/away"),
    "list": _SOURCE.format(id="list", access="listing", path="/list") + '[listing]\nitem = "a[href]"\n',
}


def _site() -> Site:
    post = f"{POST}?{TOKENS}".replace("&", "&amp;")
    items = [("By mail", post), ("Away", "{{base:site}}/away"), ("Own page", "{{base:site}}/own")]
    feed = "".join(_ITEM.format(title=f"{title}: {QUOTE}", link=link, text=QUOTE) for title, link in items)
    links = f'<a href="{post}">A post on fees, long enough to be a title</a><a href="/away">Another that leads away</a>'
    urls = f"<url><loc>{post}</loc></url><url><loc>{{{{base:site}}}}/away</loc></url>"
    away = Response(status=302, headers={"Location": f"{ARTICLE}?{TOKENS}"})
    xml = "application/xml"
    return Site(
        "site",
        {
            "/feed.xml": Response(f'<rss version="2.0"><channel>{feed}</channel></rss>'.encode(), content_type=xml),
            "/sitemap.xml": Response(
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode(),
                content_type=xml,
            ),
            "/list": Response(_PAGE.format(links).encode()),
            "/own": Response(_PAGE.format(f"<p>{QUOTE}</p>" * 5).encode()),
            "/moved.xml": away,
            "/away": away,
        },
    )


@dataclass(frozen=True, slots=True)
class Team:
    """A folder with configuration and archive, and everything that was said on the way."""

    folder: Path
    address: str
    said: list[str]

    def masthead(self, *words: str) -> str:
        done = subprocess.run(
            [*COMMAND, *words], cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=100
        )
        assert "Traceback" not in done.stderr
        self.said.extend((done.stdout, done.stderr))
        return done.stdout

    def environment(self) -> dict[str, str]:
        usual = environment()
        path = f"{self.folder / 'names'}:{usual['PYTHONPATH']}"
        return {**usual, "PYTHONPATH": path, "LOOKED_UP": str(self.folder / "names.log")}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """After crawls, a probe, clips and a look at the desk."""
    folder = tmp_path_factory.mktemp("team")
    for name in ("names", "sources"):
        (folder / name).mkdir()
    (folder / "names" / "sitecustomize.py").write_text(_NAMES)
    with ReplayServer([_site()]) as server:
        for name, text in SOURCES.items():
            (folder / "sources" / f"{name}.toml").write_text(server.render(text))
        (folder / "masthead.toml").write_text(
            '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ncontact = "a@b.example"\ndelay_seconds = 0'
        )
        made = Team(folder, server["site"].base, [])
        made.masthead("crawl", "--all")
        made.masthead("sources", "probe")
        made.masthead("sources", "add", f"{made.address}/away")
        for number in range(3):
            url = f"https://www.linkedin.com/posts/x_y-activity-{7227469183037440001 + number}-Ab?{TOKENS}"
            made.masthead("clip", url, "--quote", f"{QUOTE} {url}"[:490], "--title", f"{number} {url}", "--note", url)
        made.said.extend(_pages(made))
        for what in ("articles", "stories", "events", "sources"):
            made.masthead("export", what)
        yield made


def _pages(team: Team) -> list[str]:
    """What the desk shows, and one clip over its form."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=team.folder, env=team.environment(), stderr=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            address = process.stderr.readline().split()[2]
            with httpx.Client(base_url=address, timeout=60, follow_redirects=True) as client:
                form = client.get(
                    "/clip", params={"url": f"{POST}?{TOKENS}", "quote": f"{QUOTE} {POST}?{TOKENS}"[:490]}
                )
                fields = BeautifulSoup(form.text, "html.parser").select("form.clip [name]")
                filled = {str(one["name"]): str(one.get("value") or one.get_text()) for one in fields}
                kept = client.post("/clip", data={**filled, "person": ""})
                assert kept.status_code == 200
                paths = ("/", "/stories", "/sources", "/search?q=fee", "/feeds/stories.atom", "/masthead/articles.json",
                         "/masthead/fetches.json", "/masthead/addresses.json")  # fmt: skip
                return [form.text, kept.text, *(client.get(path).text for path in paths)]
        finally:
            process.terminate()


def test_no_host_of_linkedin_is_looked_up(team: Team) -> None:
    names = (team.folder / "names.log").read_text().split()
    assert "127.0.0.2" in names, "the stub saw the crawl"
    assert [name for name in names if "linkedin" in name.lower() or name.endswith(("licdn.com", "lnkd.in"))] == []


def test_what_leads_there_is_kept_without_being_followed(team: Team) -> None:
    with closing(sqlite3.connect(team.folder / "masthead.db")) as connection:
        urls = {url for (url,) in connection.execute("select url from articles")}
        codes = {code for (code,) in connection.execute("select code from fetches")}
    assert POST in urls
    assert "blocked_host" in codes


def test_no_token_is_in_any_file_page_log_or_export(team: Team) -> None:
    files = [file for file in team.folder.rglob("*") if file.is_file()]
    assert [file.name for file in files if TOKEN.encode() in file.read_bytes()] == []
    assert [text[:200] for text in team.said if TOKEN in text] == []
    assert sum("Amazon will cut" in text for text in team.said) >= 3, "there was something to see"
