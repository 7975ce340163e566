"""Deliveries against a real mail server on loopback: each answer it can give, kills, two senders at once."""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db import outbox
from db.outbox import Message
from db.private import Private
from scheduler.channels import Sent
from scheduler.channels.smtp import Server, server_of
from scheduler.config import Config
from scheduler.config import Mail as mail_settings
from scheduler.mails.message import Mail, message_id, to_bytes
from scheduler.sending import GIVE_UP, only_sender, send_due
from tests.alerts_world import Inbox, mail_server, quick_folder
from tests.killed_sender import POINTS, send

__all__ = ["quick_folder"]  # a fixture of another module

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SENDER = "Masthead <desk@desk.example>"


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Private]:
    with Private.open(tmp_path / "m.db") as opened:
        yield opened


def put(private: Private, number: int = 1, now: datetime = NOW, channel: str = "mail") -> None:
    name = message_id(SENDER, "ops", str(number))
    mail = Mail(subject=f"Number {number}", text="Text\n.dot\n", html="<p>Text</p>", language="en")
    body = to_bytes(mail, sender=SENDER, to="ops@desk.example", recipient="ops", message_id=name, now=now)
    with private.writing() as connection:
        outbox.add_delivery(
            connection,
            Message(
                recipient="ops", channel=channel, address="ops@desk.example", kind="instant", slot=str(number),
                message_id=name, subject=mail.subject, message=body,
            ),
            (), now,
        )  # fmt: skip


def server(port: int, **changes: object) -> Server:
    values = {
        "host": "127.0.0.1", "port": port, "security": "none", "user": "", "password": "",
        "sender": "desk@desk.example", "connect_seconds": 5.0, "final_seconds": 1.0,
    }  # fmt: skip
    return Server(**{**values, **changes})  # type: ignore[arg-type]


def states(private: Private) -> list[str]:
    return [state for (state,) in private.connection.execute("select state from deliveries order by id")]


def attempts(private: Private) -> list[tuple[str, str]]:
    return private.connection.execute("select state, code from attempts order by id").fetchall()


def test_a_mail_arrives_once_with_its_papers(private: Private) -> None:
    put(private)
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert send_due(private, {"mail": server(port)}, lambda: NOW) == {"accepted": 1}
        assert send_due(private, {"mail": server(port)}, lambda: NOW) == {}
    (message,), ((sender, recipients),) = inbox.taken, inbox.envelopes
    assert (sender, recipients) == ("desk@desk.example", ["ops@desk.example"])
    assert message["To"] == "ops@desk.example"
    assert message["Subject"] == "Number 1"
    for header in ("Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted"):
        assert message[header]
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().split() == ["Text", ".dot"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("replies", "state", "result"),
    [
        ({"MAIL": "451 busy"}, "retry", "451"), ({"RCPT": "450 greylisted"}, "retry", "450"),
        ({"DATA": "452 full"}, "retry", "452"), ({"MAIL": "421 closing"}, "retry", "421"),
        ({"RCPT": "550 nobody"}, "dead", "550"), ({"DATA": "554 spam"}, "dead", "554"),
        ({"MAIL": "reset"}, "retry", "connection"), ({"RCPT": "reset"}, "retry", "connection"),
        ({"DATA": "reset"}, "unknown", "connection"), ({"DATA": "hang"}, "unknown", "connection"),
        ({"DATA": "reset-after-taking"}, "unknown", "connection"),
    ],
)  # fmt: skip
def test_what_each_answer_means(private: Private, replies: dict[str, str], state: str, result: str) -> None:
    put(private)
    with mail_server(Inbox(replies)) as port:
        send_due(private, {"mail": server(port)}, lambda: NOW)
    assert states(private) == [state]
    assert attempts(private) == [(state, result)]


def test_a_lost_answer_is_never_sent_again_by_itself(private: Private) -> None:
    put(private)
    inbox = Inbox({"DATA": "reset-after-taking"})
    with mail_server(inbox) as port:
        for hour in range(72):
            send_due(private, {"mail": server(port)}, lambda hour=hour: NOW + timedelta(hours=hour))
    assert len(inbox.taken) == 1
    with private.writing() as connection:
        assert outbox.retry(connection, None, NOW) == 1
    healthy = Inbox()
    with mail_server(healthy) as port:
        send_due(private, {"mail": server(port)}, lambda: NOW)
    assert healthy.taken[0]["Message-ID"] == inbox.taken[0]["Message-ID"]


def test_greylisting_is_waited_out_in_growing_steps_and_given_up_after_two_days(private: Private) -> None:
    put(private)
    inbox, asked, now = Inbox({"RCPT": "450 later"}), [], NOW
    with mail_server(inbox) as port:
        while states(private) != ["dead"] and now < NOW + timedelta(days=4):
            before = inbox.asked["RCPT"]
            send_due(private, {"mail": server(port)}, lambda: now)  # noqa: B023 (called at once)
            if inbox.asked["RCPT"] > before:
                asked.append(now - NOW)
            now += timedelta(minutes=1)
            now = now if len(asked) < 6 else now + timedelta(minutes=59)
    minutes = [int(moment.total_seconds() // 60) for moment in asked]
    assert minutes[:6] == [0, 1, 6, 21, 81, 321]
    assert states(private) == ["dead"]
    assert GIVE_UP < asked[-1] < GIVE_UP + timedelta(hours=5)


def test_nobody_there_is_tried_again(private: Private) -> None:
    put(private)
    with mail_server(Inbox()) as port:
        pass
    send_due(private, {"mail": server(port)}, lambda: NOW)
    assert states(private) == ["retry"]
    with mail_server(Inbox()) as port:
        send_due(private, {"mail": server(port)}, lambda: NOW + timedelta(minutes=2))
    assert states(private) == ["accepted"]


@pytest.mark.parametrize(
    ("bounces", "expected"),
    [("", "desk@desk.example"), ("<>", "<>"), ("Post <back@desk.example>", "back@desk.example")],
)
def test_what_comes_back_goes_where_the_team_says(private: Private, bounces: str, expected: str) -> None:
    put(private)
    inbox = Inbox()
    with mail_server(inbox) as port:
        settings = mail_settings(host="127.0.0.1", port=port, security="none", sender=SENDER, bounces=bounces)
        send_due(private, {"mail": server_of(Config(mail=settings))}, lambda: NOW)
    assert inbox.envelopes == [(expected, ["ops@desk.example"])]


def test_a_server_that_is_down_is_not_asked_for_each_mail(private: Private) -> None:
    for number in range(5):
        put(private, number)
    inbox = Inbox({"MAIL": "reset"})
    with mail_server(inbox) as port:
        assert send_due(private, {"mail": server(port)}, lambda: NOW) == {"retry": 1}
    assert inbox.asked["MAIL"] == 1


def test_who_is_asked_to_stop_begins_no_further_mail(private: Private) -> None:
    for number in range(3):
        put(private, number)
    inbox = Inbox()
    with mail_server(inbox) as port:
        send_due(private, {"mail": server(port)}, lambda: NOW, lambda: len(inbox.taken) == 2)
    assert states(private) == ["accepted", "accepted", "pending"]


def test_a_clock_that_ran_ahead_does_not_put_a_mail_off_for_a_year(private: Private) -> None:
    put(private, now=NOW + timedelta(days=400))
    with mail_server(Inbox()) as port:
        assert send_due(private, {"mail": server(port)}, lambda: NOW) == {"accepted": 1}


def test_a_refused_password_stops_the_channel_and_nothing_else(private: Private) -> None:
    put(private, 1)
    put(private, 2)
    put(private, 3, channel="chat")
    told: list[bytes] = []

    def chat(address: str, message: bytes) -> Sent:
        told.append(message)
        return Sent("accepted")

    with mail_server(Inbox(), authenticator=_nobody, auth_require_tls=False) as port:
        channels = {"mail": server(port, user="desk", password="wrong"), "chat": chat}
        send_due(private, channels, lambda: NOW)
    assert states(private) == ["retry", "pending", "accepted"]
    assert "name or password refused" in outbox.closed_channels(private.connection)["mail"]
    with mail_server(Inbox()) as port:
        send_due(private, {"mail": server(port)}, lambda: NOW)
        assert states(private)[:2] == ["retry", "pending"]  # closed until a person opens it
        with private.writing() as connection:
            outbox.open_channel(connection, "mail", NOW)
        send_due(private, {"mail": server(port)}, lambda: NOW)
    assert states(private) == ["accepted", "accepted", "accepted"]


def _nobody(server: object, session: object, envelope: object, mechanism: str, data: object) -> object:
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=False, handled=False)


def test_a_server_without_encryption_gets_no_mail(private: Private) -> None:
    put(private)
    inbox = Inbox()
    with mail_server(inbox) as port:
        send_due(private, {"mail": server(port, security="starttls", user="desk", password="secret")}, lambda: NOW)
        send_due(private, {"mail": server(port, security="tls")}, lambda: NOW + timedelta(minutes=2))
    assert inbox.taken == []
    assert states(private) == ["retry"]


def test_a_certificate_nobody_vouches_for_gets_no_mail(private: Private, tmp_path: Path) -> None:
    import ssl

    import trustme

    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(root)
    put(private)
    inbox = Inbox()
    with mail_server(inbox, tls_context=context, require_starttls=True) as port:
        send_due(private, {"mail": server(port, security="starttls")}, lambda: NOW)
        assert inbox.taken == []
        later = NOW + timedelta(minutes=2)
        send_due(private, {"mail": server(port, security="starttls", ca_file=str(root))}, lambda: later)
    assert len(inbox.taken) == 1


def test_only_one_sender_at_a_time(private: Private) -> None:
    put(private)
    with only_sender(private) as alone:
        assert alone
        assert send_due(private, {}, lambda: NOW) == {}
    assert states(private) == ["pending"]


def test_a_channel_with_a_fault_is_written_down(private: Private) -> None:
    def broken(address: str, message: bytes) -> Sent:
        raise RuntimeError("a bug")

    put(private)
    send_due(private, {"mail": broken}, lambda: NOW)
    assert attempts(private) == [("unknown", "channel_bug")]


# ------------------------------------------------------------------ kills
SERVERS = (
    {},
    {"RCPT": "450 later"},
    {"DATA": "550 no"},
    {"DATA": "reset-after-taking"},
    {"DATA": "hang"},
    {"MAIL": "reset"},
    {"MAIL": "421 closing"},
    {"RCPT": "550 nobody"},
)


def interleave(tmp_path: Path, rounds: int, seed: int) -> None:
    """Senders killed at points of their work, two at a time, against servers in every mood; then a healthy evening."""
    rng = random.Random(seed)
    db = tmp_path / "m.db"
    fork = multiprocessing.get_context("forkserver")  # an interpreter of its own for each takes a second
    fork.set_forkserver_preload(["tests.killed_sender"])
    with Private.open(db) as private:
        private.connection.execute("pragma synchronous = off")
        arrived: dict[str, int] = {}
        for number in range(rounds):
            put(private, number)
            inbox = Inbox(rng.choice(SERVERS))  # type: ignore[arg-type]
            now = NOW + timedelta(minutes=10 * number)
            with mail_server(inbox) as port:
                work = [(rng.choice([*POINTS, ""]), port, str(db), now.isoformat()) for _ in range(2)]
                senders = [fork.Process(target=send, args=arguments) for arguments in work]
                for sender in senders:
                    sender.start()
                for sender in senders:
                    sender.join(60)
                    assert sender.exitcode in (0, -signal.SIGKILL)
            for message in inbox.taken:
                arrived[message["Message-ID"]] = arrived.get(message["Message-ID"], 0) + 1
        inbox = Inbox()
        with mail_server(inbox) as port:
            for hour in range(0, 40):
                send_due(
                    private, {"mail": server(port)}, lambda hour=hour: NOW + timedelta(minutes=10 * rounds, hours=hour)
                )
        for message in inbox.taken:
            arrived[message["Message-ID"]] = arrived.get(message["Message-ID"], 0) + 1
        rows = private.connection.execute("select message_id, state from deliveries").fetchall()
    assert len(rows) == rounds
    for name, state in rows:
        assert state in ("accepted", "unknown", "dead"), (name, state)
        assert arrived.get(name, 0) <= 1, "sent twice"
        assert state != "accepted" or arrived.get(name) == 1, "lost"
        assert state != "dead" or name not in arrived, "arrived, and called dead"


@pytest.mark.slow
def test_kills_lose_nothing_and_double_nothing(quick_folder: Path) -> None:
    interleave(quick_folder, 40, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_interleavings(quick_folder: Path, seed: int) -> None:
    interleave(quick_folder, 220, seed)
