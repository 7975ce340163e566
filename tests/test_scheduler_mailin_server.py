"""The mailbox on a real IMAP server on loopback: nothing is lost or doubled, nothing of its reader is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from db.types import Outcome, RawArticle
from scheduler.mailin import PASSWORD as VARIABLE
from tests import dovecot, letter_samples
from tests.desk_serving import serving
from tests.letter_samples import CANARIES, HOST
from tests.mailin_team import Save, Team, findings, letter
from tests.masthead_cli import COMMAND, environment, masthead


@pytest.fixture
def server() -> Iterator[dovecot.Dovecot]:
    with tempfile.TemporaryDirectory(prefix="mail") as folder:  # a short path: sockets lie there
        os.chmod(folder, 0o755)
        with dovecot.dovecot(Path(folder)) as running:
            yield running


@pytest.fixture
def online(tmp_path: Path, server: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setenv(VARIABLE, dovecot.PASSWORD)
    team = Team(tmp_path)
    settings(team, server)
    return team


def settings(team: Team, server: dovecot.Dovecot, folder: str = "News") -> None:
    team.write(
        files="", host='"127.0.0.1"', port=str(server.port), user=f'"{dovecot.USER}"', folder=f'"{folder}"',
    )  # fmt: skip
    with (team.folder / "masthead.toml").open("a", encoding="utf-8") as file:
        file.write(f'[crawler]\nca_file = "{server.ca_file}"\n')


needs_dovecot = dovecot.needs_dovecot()


@needs_dovecot
@pytest.mark.slow
def test_over_imap_nothing_is_lost_or_doubled(online: Team, server: dovecot.Dovecot) -> None:
    """Renumbered folder, renamed folder, broken line, a large mail and a forged one, all in one mailbox's life."""
    server.deliver((letter(number) for number in range(300)), "News")
    server.deliver([letter(900, attachment=os.urandom(36_000_000)), letter(901, results=f"{HOST}; dkim=none")], "News")

    def breaking(plain: Save) -> Save:
        left = iter(range(60))

        async def save(raw: RawArticle) -> Outcome | None:
            if next(left, None) is None:
                server.break_lines()
            return await plain(raw)

        return save

    broken = online.read(breaking)["mail-others"]
    assert (broken.code, broken.state) == ("connection_lost", "broken")
    assert 60 <= len(online.titles()) < 300
    run = online.read()["mail-others"]
    assert run.state == "ok"
    assert len(online.titles()) == len(set(online.titles())) == 300
    assert online.codes() == {"": 300, "mail_forged": 1, "mail_too_large": 1}

    server.stop()
    server.renumber("News")
    server.start()
    server.deliver([letter(400)], "News")
    run = online.read()["mail-others"]
    assert (run.new, run.changed, run.same) == (1, 0, 0)

    server.stop()
    server.rename("News", "Letters")
    server.start()
    assert online.read()["mail-others"].code == "mailbox_folder"
    settings(online, server, "Letters")
    server.deliver([letter(401)], "Letters")
    run = online.read()["mail-others"]
    assert (run.new, run.changed, run.same) == (1, 0, 0)
    assert len(online.titles()) == 302
    assert findings(online.config)["mailbox"][0] == "ok"


@needs_dovecot
@pytest.mark.slow
def test_a_server_that_can_not_be_trusted_or_will_not_have_us_is_told(
    online: Team, server: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver([letter(1)], "News")
    trusting = online.folder.joinpath("masthead.toml").read_text(encoding="utf-8")
    online.folder.joinpath("masthead.toml").write_text(trusting.partition("[crawler]")[0], encoding="utf-8")
    assert online.read()["mail-others"].code == "tls_error"
    online.folder.joinpath("masthead.toml").write_text(trusting, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, "canary-of-a-password")
    run = online.read()["mail-linkedin"]
    assert (run.code, run.state) == ("mailbox_login", "refused")
    assert "canary" not in repr(run)


def _articles(db: Path) -> int:
    if not db.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as archive:
            return int(archive.execute("select count(*) from articles").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0


@needs_dovecot
@pytest.mark.slow
def test_a_killed_crawl_loses_and_doubles_nothing(online: Team, server: dovecot.Dovecot) -> None:
    server.deliver((letter(number) for number in range(40)), "News")
    words = [*COMMAND, "crawl", "mail-others", "--quiet"]
    for wanted in (5, 20):
        crawl = subprocess.Popen(words, cwd=online.folder, env=environment())
        while crawl.poll() is None and _articles(online.config.db) < wanted:
            time.sleep(0.02)
        family = psutil.Process(crawl.pid)
        for process in (*family.children(recursive=True), family):
            process.kill()
        crawl.wait()
        assert _articles(online.config.db) < 40
    assert masthead("crawl", "mail-others", "--quiet", cwd=online.folder).returncode == 0
    assert len(online.titles()) == len(set(online.titles())) == 40
    assert online.codes() == {"": 40}


@needs_dovecot
@pytest.mark.slow
def test_after_two_hundred_mails_no_token_and_no_reader_is_anywhere(online: Team, server: dovecot.Dovecot) -> None:
    samples = letter_samples.samples()
    server.deliver((sample.raw for sample in samples), "News")
    renamed = (sample.raw.replace(b"\r\nMessage-ID: <", b"\r\nMessage-ID: <again.") for sample in samples)
    server.deliver(renamed, "News")
    server.deliver((letter(number, results="") for number in range(5)), "News")
    assert 2 * len(samples) >= 200
    done = [masthead(*words.split(), cwd=online.folder) for words in (
        "crawl --all mail-others", "status", "doctor", "export articles --out articles.jsonl",
        "export stories --out stories.jsonl", "alerts preview --since 30d",
    )]  # fmt: skip
    assert done[0].returncode == 0, done[0].stderr
    wanted = sum(len(sample.wanted) for sample in samples if sample.sender != "linkedin_notification")
    assert online.codes()[""] == 2 * len(samples)
    assert len(online.titles()) > wanted / 4  # pieces come again in other senders' mails
    said = [text for one in done for text in (one.stdout, one.stderr)]
    with serving(online.config.db) as (address, _):
        for page in ("", "stories", "sources", "sources/mail-linkedin", "search?q=Temu", "feeds/stories.atom"):
            with urllib.request.urlopen(f"{address.rstrip('/')}/{page}") as answer:
                said.append(answer.read().decode("utf-8", "replace"))
    found = [canary for canary in CANARIES if any(canary.lower() in text.lower() for text in said)]
    for file in online.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            found += [f"{canary} in {file.name}" for canary in CANARIES if canary.lower().encode() in content]
    assert found == []


@needs_dovecot
@pytest.mark.soak
def test_ten_thousand_mails(online: Team, server: dovecot.Dovecot) -> None:
    server.deliver((letter(number) for number in range(10_000)), "News")
    assert online.read()["mail-others"].new == 10_000
    server.stop()
    server.renumber("News")
    server.start()
    run = online.read()["mail-others"]
    assert (run.new, run.same) == (0, 0)
    assert online.codes() == {"": 10_000}
