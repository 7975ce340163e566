"""The mailbox within a crawl: every mail once, only of those who may write, nothing of its reader kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.mailin import reading
from crawler.mailin.letter import Letter
from db.types import Entry, Outcome, RawArticle
from scheduler.config import load_config
from scheduler.mailin import PASSWORD as VARIABLE
from scheduler.own_sources import sources_in_force
from tests import letter_samples
from tests.letter_samples import HOST, mail, now
from tests.mailin_team import Save, Team, findings, letter


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
