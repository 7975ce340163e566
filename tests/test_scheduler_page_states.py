"""A watched page under the real command: changed, moved, replaced, gone, a PDF; and a crawl that is killed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.hostile.servers import Server, says, serving, to
from tests.masthead_cli import COMMAND, environment, masthead
from tests.pdf_samples import Line, make_pdf

pytestmark = pytest.mark.slow
HERE = "127.0.0.2"
RULES = "".join(
    f"<p>Goods of class {n} pay {n + 3} percent when they are sold to buyers of region {n % 4}.</p>" for n in range(12)
)


def page(fee: str = "17%", rules: str = RULES) -> str:
    rows = "".join(f"<tr><td>{name}</td><td>{share}</td></tr>" for name, share in (("Clothing", fee), ("Shoes", "15%")))
    return (
        "<!doctype html><html><head><title>Referral fees</title></head><body><main><h1>Referral fees</h1>"
        f"<table><tr><th>Category</th><th>Rate</th></tr>{rows}</table>{rules}</main></body></html>"
    )


def document(fee: str) -> bytes:
    lines: list[Line] = [(72, 720, 14, "Fees of the US store"), (72, 690, 11, "Clothing"), (300, 690, 11, fee)]
    return make_pdf(
        [[*lines, *((72, 660 - 14 * n, 11, f"Goods of class {n} pay {n + 3} percent.") for n in range(12))]]
    )


class Team:
    """A folder with one watched page."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        (folder / "sources").mkdir()
        (folder / "sources" / "fees.toml").write_text(
            'id = "fees"\nname = "Seller fees"\nkind = "official"\nspeaks_for = ["amazon"]\nlanguage = "en"\n'
            f'access = "page"\nurl = "{server.base}/fees"\nallow_addresses = ["127.0.0.0/8"]\n'
            '[page]\ncontent = "main"\n',
            encoding="utf-8",
        )
        (folder / "masthead.toml").write_text(
            '[catalogue]\nbuiltin = false\nfolders = ["sources"]\n[crawler]\ndelay_seconds = 0\n', encoding="utf-8"
        )

    def crawl(self) -> dict[str, Any]:
        (run,) = json.loads(masthead("crawl", "fees", "--json", cwd=self.folder).stdout)["sources"]
        return dict(run)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "masthead.db")) as connection:
            return connection.execute(query).fetchall()

    def items(self) -> list[str]:
        return [title for (title,) in self.rows("select title from articles where form = 'change' order by id")]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    server = Server(HERE, {"/fees": says(page())})
    with serving(server):
        yield Team(tmp_path, server)


def test_changes_are_told_and_what_is_no_page_is_a_state(team: Team) -> None:
    paths = team.server.paths
    assert team.crawl()["state"] == "ok"
    paths["/fees"] = says(page("10%"))
    assert (team.crawl()["changed"], team.items()) == (1, ["Amazon: Referral fees › Clothing › Rate: 17% → 10%"])
    sign_in = "Please sign in with your seller account to read what is written here, and have your password ready. " * 9
    paths["/fees"] = says(page(rules=f"<p>{sign_in}</p>").replace("Clothing", "Name"))
    for _ in range(2):  # the same again does not heal it
        run = team.crawl()
        assert (run["state"], run["code"]) == ("drift", "page_replaced")
    paths["/fees"], paths["/new"] = to("/new", 301), says(page("9%"))
    run = team.crawl()
    assert (run["state"], run["code"], len(team.items())) == ("drift", "page_moved", 1)
    assert masthead("sources", "review", "--accept", "fees", cwd=team.folder).returncode == 0
    assert team.crawl()["changed"] == 1
    assert team.items()[1:] == ["Amazon: Referral fees › Clothing › Rate: 10% → 9%"], "what changed on the way is told"
    paths["/new"] = says("", 404)
    run = team.crawl()
    assert (run["state"], run["code"]) == ("broken", "gone")
    assert team.rows("select count(*) from articles where form = 'page'") == [(1,)]


def test_a_crawl_of_a_document_killed_before_the_item_is_told_by_the_next(team: Team) -> None:
    pdf = {"Content_Type": "application/pdf"}
    team.server.paths["/fees"] = says(document("17%"), **pdf)
    assert team.crawl()["state"] == "ok"
    team.server.paths["/fees"] = says(document("10%"), **pdf)
    run = subprocess.Popen([*COMMAND, "crawl", "fees", "--quiet"], cwd=team.folder, env=environment())
    wait_for(lambda: bool(team.rows("select 1 from revisions")))
    for process in [*psutil.Process(run.pid).children(recursive=True), psutil.Process(run.pid)]:
        process.send_signal(signal.SIGKILL)
    run.wait()
    team.crawl()
    (title,) = team.items()
    assert title.endswith("Clothing: 17% → 10%")
    assert team.rows("select count(*) from revisions where item_id is not null") == [(1,)]


def wait_for(done: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")
