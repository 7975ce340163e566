"""The mailbox within a crawl: every mail once, whatever happens to folder, line or process; nothing of its reader kept.

The mails of most tests lie in a folder; those of the others on a real IMAP server on loopback.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.mailin import reading
from crawler.mailin.letter import Letter
from db import mailbox
from db.clipping import Clip, keep, raw_of
from db.private import Private
from db.store import Store
from db.types import Entry, Outcome, RawArticle, SourceRun
from pipelines.copies import best_match
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process
from scheduler.config import Config, load_config
from scheduler.doctor_mailbox import check_mailbox
from scheduler.mailin import PASSWORD as VARIABLE
from scheduler.mailin import MailReading, box_id
from scheduler.own_sources import sources_in_force
from scheduler.story_rules import story_rules
from tests import dovecot, letter_samples
from tests.desk_serving import serving
from tests.letter_samples import CANARIES, HOST, mail, now
from tests.masthead_cli import COMMAND, environment, masthead

SENDERS = (
    "edm@haiyunzhoubao.example", "letters@quaynotes.example", "letters@sellwell.example", "noreply@dockside.ghost.io",
)  # fmt: skip
Save = Callable[[RawArticle], Awaitable[Outcome | None]]


@cache
def _lexicon() -> Lexicon:
    return load_lexicon()


def letter(number: int, *, sender: str = "letters@quaynotes.example", **more: object) -> bytes:
    """A mail of one short article of its own."""
    html = (
        f"<h1>Amazon raises fee number {number}</h1><p>Amazon raises fee {number} for sellers in May, it says.</p>"
        f"<p><a href='https://quaynotes.example/p/{number}'>View in browser</a></p>"
    )
    return mail(("Maren Oduya", sender), f"Amazon raises fee number {number}", html, number=number, **more)  # type: ignore[arg-type]


class Team:
    """A configuration with its folder of mails, read without the processes of a crawl."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.write(**settings)
        (folder / "mails").mkdir(exist_ok=True)

    def write(self, **settings: str) -> None:
        values = {"files": '"mails"', "authserv_id": f'"{HOST}"', "senders": str(list(SENDERS)).replace("'", '"')}
        text = "".join(f"{key} = {value}\n" for key, value in {**values, **settings}.items() if value)
        (self.folder / "masthead.toml").write_text(f"[mailbox]\n{text}", encoding="utf-8")

    @property
    def config(self) -> Config:
        return load_config(self.folder / "masthead.toml")

    def put(self, name: str, raw: bytes) -> None:
        (self.folder / "mails" / f"{name}.eml").write_bytes(raw)

    def read(self, save: Callable[[Save], Save] = lambda plain: plain) -> dict[str, SourceRun]:
        config = self.config
        sources = [s for s in sources_in_force(config, config.db).sources.values() if s.access == "mailbox"]
        with Store.open(config.db) as store:
            store.sync_sources(sources)

            async def plain(raw: RawArticle) -> Outcome | None:
                return store.save(process(raw, _lexicon()), best_match, story_rules(("amazon", "tiktok"))).outcome

            async def clip(clip: Clip) -> None:
                tagged = process(raw_of(clip, ""), _lexicon())
                keep(store, clip, tagged, best_match, story_rules(config.team.platforms), ZoneInfo(config.team.zone))

            run_id = store.start_run(now())
            runs = asyncio.run(MailReading(config, sources, store, save(plain), clip).run(lambda: False))
            for run, memory in runs:
                store.record_source(run_id, run, memory, (), now())
        return {run.source_id: run for run, _ in runs}

    def titles(self) -> list[str]:
        with closing(sqlite3.connect(self.config.db)) as archive:
            return [title for (title,) in archive.execute("select title from articles order by title")]

    def codes(self) -> dict[str, int]:
        with Private.open(self.config.db) as private, private.reading() as connection:
            return dict(mailbox.counts(connection, box_id(self.config)))


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


# ------------------------------------------------------------------ each mail once
def test_a_mail_is_read_once_and_a_new_one_too(team: Team) -> None:
    team.put("1", letter(1))
    assert team.read()["mail-others"].new == 1
    team.put("0", letter(2))
    run = team.read()["mail-others"]
    assert (run.new, run.same, run.state) == (1, 0, "ok")
    assert team.titles() == ["Amazon raises fee number 1", "Amazon raises fee number 2"]
    assert team.read()["mail-others"].state == "quiet"


def test_what_a_kill_left_between_storing_and_remembering_is_read_again_and_not_doubled(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 4)
    for number in range(10):
        team.put(f"{number:02d}", letter(number))

    def killed_after(count: int) -> Callable[[Save], Save]:
        def wrap(plain: Save) -> Save:
            left = iter(range(count))

            async def save(raw: RawArticle) -> Outcome | None:
                if next(left, None) is None:
                    raise KeyboardInterrupt
                return await plain(raw)

            return save

        return wrap

    for count in (3, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            team.read(killed_after(count))
    assert team.read()["mail-others"].code == ""
    assert len(team.titles()) == len(set(team.titles())) == 10
    assert team.codes() == {"": 10}


def test_a_digest_that_shows_a_page_in_other_words_changes_nothing(team: Team) -> None:
    sample = next(one for one in letter_samples.samples() if one.sender == "google_alerts")
    team.put("1", sample.raw)
    found = team.read()["mail-google-alerts"].new
    team.put("2", sample.raw.replace(b"...", b"&#8230; as").replace(b"Message-ID: <", b"Message-ID: <x"))
    run = team.read()["mail-google-alerts"]
    assert found == 4
    assert (run.new, run.changed, run.same) == (0, 0, 4)


def test_a_mail_that_our_own_code_fails_on_holds_up_no_other(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    read = reading.entries_of

    def failing(letter: Letter, at: datetime) -> tuple[Entry, ...]:
        return (1 / 0, ()) if letter.subject.endswith(" 1") else read(letter, at)  # type: ignore[return-value]

    monkeypatch.setattr(reading, "entries_of", failing)
    for number in range(3):
        team.put(str(number), letter(number))
    assert team.read()["mail-others"].new == 2
    assert team.codes() == {"": 2, "mail_unread": 1}


# ------------------------------------------------------------------ who may write
def test_what_is_refused_is_counted_and_read_once_it_may_be(team: Team) -> None:
    team.put("1", letter(1))
    team.put("2", letter(2, results=f"{HOST}; dkim=fail header.d=quaynotes.example"))
    team.put("3", letter(3, results=""))
    team.put("4", letter(4, sender="who@else.example"))
    team.put("5", letter(5, at=now() - timedelta(days=90)))
    team.put("6", mail(("Maren", "letters@quaynotes.example"), "", "<p></p>", number=6))
    run = team.read()["mail-others"]
    assert run.new == 1
    assert team.codes() == {"": 1, "mail_forged": 2, "mail_stranger": 1, "mail_unread": 1, "too_old": 1}
    team.write(senders='["letters@quaynotes.example", "who@else.example"]')
    assert team.read()["mail-others"].new == 1
    assert team.codes() == {"": 2, "mail_forged": 2, "mail_unread": 1, "too_old": 1}


def test_a_forged_mail_is_told_at_the_source_it_pretends_to_be(team: Team) -> None:
    sender = "newsletters-noreply@linkedin.com"
    team.put("1", letter(1, sender=sender, results=f"{HOST}; dkim=pass header.d=evil.example"))
    assert team.read()["mail-linkedin"].detail == "mail_forged 1"
    assert team.titles() == []


def test_without_verification_the_items_say_so(team: Team) -> None:
    team.write(verify="false", authserv_id="")
    team.put("1", letter(1, results=""))
    team.read()
    with closing(sqlite3.connect(team.config.db)) as archive:
        assert "unverified_sender" in archive.execute("select flags from articles").fetchone()[0]


def test_a_mail_that_no_source_wants_is_read_when_one_does(team: Team) -> None:
    folder = team.folder / "sources"
    folder.mkdir()
    text = (
        'id = "mail-others"\nname = "x"\nkind = "kol"\nlanguage = "en"\naccess = "mailbox"\n'
        'url = "https://x.example/"\n'
    )
    own = folder / "mail-others.toml"
    own.write_text(text + '[mailbox]\nauthor = ["Somebody Else"]\n', encoding="utf-8")
    with (team.folder / "masthead.toml").open("a", encoding="utf-8") as file:
        file.write('[catalogue]\nfolders = ["sources"]\n')
    team.put("1", letter(1))
    team.read()
    assert team.codes() == {"mail_unmatched": 1}
    own.write_text(text + '[mailbox]\nauthor = ["Maren"]\n', encoding="utf-8")
    team.read()
    assert team.codes() == {"": 1}


# ------------------------------------------------------------------ what colleagues send on
MINA = "mina@harbor-team.example"
POST = "https://www.linkedin.com/posts/ines-falk_fees-activity-7397000000000000000-Ab1c"
TOLD = f"""Ask our account manager about this.

> TikTok Shop raises its commission in Spain to nine percent in May.

{POST}?utm_source=share&midToken={letter_samples.TOKENS["MID"]}

--{" "}
Mina Okafor, Harbor Team, {MINA}
"""


def told_by_clips(team: Team) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(team.config.db)) as archive:
        query = "select a.source_id, a.title, a.text, a.url, coalesce(t.note, '') from articles a"
        return archive.execute(f"{query} left join triage t on t.article_id = a.id order by a.id").fetchall()


def test_a_colleague_s_mail_is_a_clip_and_a_stranger_s_is_not(team: Team) -> None:
    team.write(clips_from=f'["{MINA}"]')
    team.put("1", mail(("Mina Okafor", MINA), "Fwd: TikTok fees", "", TOLD, number=1))
    team.put("2", mail(("Mina Okafor", MINA), "forged", "", TOLD, number=2, results=f"{HOST}; dkim=none"))
    team.put("3", mail(("Mallory", "mallory@else.example"), "stranger", "", TOLD, number=3))
    team.put("4", mail(("Mina Okafor", MINA), "no link", "", "Nothing here.", number=4))
    team.read()
    quote = "TikTok Shop raises its commission in Spain to nine percent in May."
    assert told_by_clips(team) == [("clips", "TikTok fees", quote, POST, "Ask our account manager about this.")]
    assert team.codes() == {"": 1, "mail_forged": 1, "mail_stranger": 1, "mail_unread": 1}
    team.put("0", b"From: x@y.example\r\n\r\n")  # numbers all anew
    team.read()
    assert len(told_by_clips(team)) == 1


def test_a_mail_forwarded_in_the_text_is_quoted(team: Team) -> None:
    team.write(clips_from=f'["{MINA}"]')
    text = (
        "For Monday.\n\n---------- Forwarded message ---------\nFrom: Ines Falk <ines@falk.example>\n"
        f"Date: Fri, 20 Nov 2026\nSubject: Spain in May\nTo: {letter_samples.READER} <{letter_samples.ADDRESS}>\n\n"
        "TikTok Shop raises its commission in Spain.\n\nhttps://falk.example/p/spain?utm_source=x\n"
    )
    team.put("1", mail(("Mina", MINA), "Fwd: Spain in May", "", text))
    team.read()
    (found,) = told_by_clips(team)
    assert found == (
        "clips", "Spain in May", "TikTok Shop raises its commission in Spain.", "https://falk.example/p/spain",
        "For Monday.",
    )  # fmt: skip


def test_a_newsletter_that_is_sent_on_whole_is_its_author_s(team: Team) -> None:
    team.write(clips_from=f'["{MINA}"]')
    sample = letter_samples.samples()[0]
    team.put("1", letter_samples.forwarded(sample.raw, 1))
    assert team.read()["mail-linkedin"].new == 1
    ((source, title, _, url, _),) = told_by_clips(team)
    assert (source, title, url) == ("mail-linkedin", sample.wanted[0].title, sample.wanted[0].link)


# ------------------------------------------------------------------ settings
@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ('host = "imap.example.com"\nuser = "u"\nsecurity = "none"', "none is for a server on this machine"),
        ('host = "imap.example.com"\nuser = "u"\nsecurity = "starttls"', "unknown value"),
        ('host = "imap.example.com"', "needs the name"),
        ('host = "imap.example.com"\nuser = "u"\nfiles = "mails"', "not both"),
        ('files = "mails"\nsenders = ["Maren"]', "wants addresses"),
        ('files = "mails"\nport = 0', "wants a port"),
        ('files = "mails"\npassword = "x"', "unknown key"),
    ],
)
def test_a_setting_that_can_not_be_is_refused(tmp_path: Path, settings: str, complaint: str) -> None:
    file = tmp_path / "masthead.toml"
    file.write_text(f"[mailbox]\n{settings}\n", encoding="utf-8")
    with pytest.raises(Exception, match=complaint):
        load_config(file)


def test_without_a_mailbox_what_comes_by_mail_is_off(tmp_path: Path) -> None:
    (tmp_path / "masthead.toml").write_text("", encoding="utf-8")
    config = load_config(tmp_path / "masthead.toml")
    mails = [s for s in sources_in_force(config, config.db).sources.values() if s.access == "mailbox"]
    assert len(mails) >= 5
    assert not any(source.enabled for source in mails)


def findings(config: Config) -> dict[str, tuple[str, str]]:
    sources = [s for s in sources_in_force(config, config.db).sources.values() if s.access == "mailbox"]
    return {finding.name: (finding.level, finding.found + finding.todo) for finding in check_mailbox(config, sources)}


def test_the_doctor_names_what_is_missing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(team.config)["mailbox"][0] == "warning"  # empty
    team.put("1", letter(1))
    assert findings(team.config)["senders"] == ("ok", f"verified by {HOST}")
    team.write(authserv_id="")
    level, words = findings(team.config)["senders"]
    assert (level, f'authserv_id = "{HOST}"' in words) == ("problem", True)
    team.write(files='"nowhere"')
    assert findings(team.config)["mailbox"][0] == "problem"
    monkeypatch.delenv(VARIABLE, raising=False)
    team.write(files="", host='"127.0.0.1"', user='"u"')
    level, words = findings(team.config)["mailbox"]
    assert (level, VARIABLE in words) == ("problem", True)
    assert team.read()["mail-others"].code == "mailbox_login"


# ------------------------------------------------------------------ a real server
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
    server.deliver((letter(number) for number in range(80)), "News")
    words = [*COMMAND, "crawl", "mail-others", "--quiet"]
    for wanted in (10, 40):
        crawl = subprocess.Popen(words, cwd=online.folder, env=environment(), start_new_session=True)
        while crawl.poll() is None and _articles(online.config.db) < wanted:
            time.sleep(0.02)
        os.killpg(crawl.pid, signal.SIGKILL)
        crawl.wait()
    while "running" in masthead("crawl", "mail-others", "--quiet", cwd=online.folder).stderr:
        time.sleep(0.5)  # the killed one's child finishes what it holds
    assert len(online.titles()) == len(set(online.titles())) == 80
    assert online.codes() == {"": 80}


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
        "crawl --all mail-others", "status", "doctor", "sources list", "export articles --out articles.jsonl",
        "export stories --out stories.jsonl", "alerts preview --since 30d", "search Temu", "crawl mail-others",
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
