"""`masthead alerts` as people use it: preview and sending agree, a test mail arrives, why tells why."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.cli import run
from tests.alerts_world import Inbox, World, mail_server, world

RULES = """\
[[recipients]]
name = "ops"
address = "ops@desk.example"
language = "en"
[[rules]]
name = "official"
to = ["ops"]
level = "instant"
status = ["official"]
[[rules]]
name = "temu"
to = ["ops"]
platform = ["temu"]
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    with world(tmp_path / "masthead.db") as made:
        yield made


def configure(port: int) -> None:
    far = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=6)  # no edition falls due while a test runs
    text = f"""\
[schedule]
edition = "{far:%H:%M}"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Masthead <desk@desk.example>"
"""
    Path("masthead.toml").write_text(text, encoding="utf-8")


def texts(message: EmailMessage) -> tuple[str, ...]:
    """A mail without date and ids."""
    parts = [part.get_content().replace("\r\n", "\n") for part in message.walk() if not part.is_multipart()]
    kept = ("From", "To", "Subject", "List-Id", "List-Unsubscribe", "Auto-Submitted", "References")
    return (*(str(message[name]) for name in kept), *parts)


def test_what_is_sent_is_what_preview_showed(team: World, capsys: pytest.CaptureFixture[str]) -> None:
    inbox, now = Inbox(), datetime.now(UTC)
    with mail_server(inbox) as port:
        configure(port)
        team.story(now - timedelta(minutes=9), "official")
        team.story(now - timedelta(minutes=9), "reported", platforms=["temu"])
        team.story(now - timedelta(minutes=9), "reported", platforms=["shein"])
        assert run(["alerts", "send"]) == 0  # notices are written, the mail waits five minutes
        assert inbox.taken == []
        assert run(["alerts", "preview", "--since", "2d", "--out", "shown"]) == 0
        shown = capsys.readouterr().out
        assert re.search(r"official +1 +1 +0\n", shown)
        assert re.search(r"temu +1 +0 +1\n", shown)
        assert "matches of 3" in shown
        previewed = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in Path("shown").glob("*instant.eml")
        ]
        _age_notices(Path("masthead.private.db"))
        assert run(["alerts", "send"]) == 0
    instant = [
        message
        for message in inbox.taken
        if "edition" not in message["Subject"].lower() and "Masthead," not in message["Subject"]
    ]
    assert [texts(message) for message in instant] == [texts(message) for message in previewed]  # type: ignore[arg-type]
    assert len(instant) == 1


def _age_notices(file: Path) -> None:
    import sqlite3

    with sqlite3.connect(file) as connection:
        early = (datetime.now(UTC) - timedelta(minutes=8)).isoformat(timespec="seconds")
        connection.execute("update notices set created_at = ?", (early,))


def test_preview_names_rules_that_ask_for_nothing_or_everything(
    team: World, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(25)
    for number in range(21):
        team.story(datetime.now(UTC) - timedelta(minutes=number), "official")
    assert run(["alerts", "preview"]) == 0
    shown = capsys.readouterr().out
    assert "The rule temu matches nothing" in shown
    assert "The rule official matches everything" in shown


def test_a_test_mail_arrives_or_the_server_s_words_are_told(team: World, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        configure(port)
        assert run(["alerts", "test", "--to", "me@desk.example"]) == 0
        assert run(["alerts", "test", "--to", "ops"]) == 0
        inbox.replies["RCPT"] = "550 nobody of that name"
        assert run(["alerts", "test", "--to", "ops"]) == 7
    assert [message["To"] for message in inbox.taken] == ["me@desk.example", "ops@desk.example"]
    assert "nobody of that name" in capsys.readouterr().err
    assert run(["alerts", "test", "--to", "opps"]) == 2
    assert 'did you mean "ops"' in capsys.readouterr().err


def test_why_and_silence(team: World, capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    told, other = team.story(now, "official"), team.story(now, "reported")
    configure(25)
    assert run(["alerts", "silence", "--story", told, "--by", "Li", "--reason", "handled"]) == 0
    assert run(["alerts", "send", "--json"]) == 0
    capsys.readouterr()
    assert run(["alerts", "why", told, "ops"]) == 0
    assert "silenced by Li" in capsys.readouterr().out
    assert run(["alerts", "why", other, "ops"]) == 0
    assert "no rule for this recipient asks for it" in capsys.readouterr().out
    team.signal(told, "figure:ab", now)
    team.signal(other, "date:cd", now, baseline=1)
    assert run(["alerts", "why", told, "ops"]) == 0
    assert "rule official does not ask for such a change" in capsys.readouterr().out
    assert run(["alerts", "why", other, "ops", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["reason"].partition(":")[0] for row in found["not_told"]] == [
        "no rule for this recipient asks for it", "no news",
    ]  # fmt: skip
    assert run(["alerts", "why", "st-none", "ops"]) == 2
    assert run(["alerts", "silence", "--by", "Li", "--reason", "x"]) == 2


def test_nobody_to_tell_is_said_before_anything_is_sent(team: World, capsys: pytest.CaptureFixture[str]) -> None:
    Path("masthead.toml").write_text('[mail]\nhost = "127.0.0.1"\nsecurity = "none"\n', encoding="utf-8")
    assert run(["alerts", "send"]) == 4
    assert "mail.sender" in capsys.readouterr().err
    configure(25)
    Path("rules.toml").write_text("[[rules]]\n", encoding="utf-8")
    assert run(["alerts", "preview"]) == 4
    assert "rules.toml:1" in capsys.readouterr().err
    Path("rules.toml").unlink()
    assert run(["alerts", "preview"]) == 0
    assert "no recipients" in capsys.readouterr().out
    assert run(["alerts", "preview", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mails"] == []


def test_the_password_comes_from_the_environment_or_a_file_only(
    team: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(25)
    text = Path("masthead.toml").read_text(encoding="utf-8") + 'user = "desk"\n'
    Path("masthead.toml").write_text(text, encoding="utf-8")
    assert run(["alerts", "send"]) == 4
    assert "MASTHEAD_MAIL_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv("MASTHEAD_MAIL_PASSWORD_FILE", str(Path("missing").absolute()))
    assert run(["alerts", "send"]) == 4
    Path("masthead.toml").write_text(text + 'password = "secret"\n', encoding="utf-8")
    assert run(["alerts", "send"]) == 4
    assert "unknown key" in capsys.readouterr().err
