"""Chats through Apprise against a web server on loopback: the kinds that teams use, refusals, a missing extra."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from apprise.plugins import N_MGR

from db.errors import DataFileError
from scheduler.channels.chat import Chat, chat_of
from scheduler.mails.compose import instant_mail
from scheduler.rules import Channel
from tests.mail_samples import DESK, EN, QUIET, TEAM, ZH, edition, heavy, told

TEXT = {"title": "【官宣】港湾商城：费用下调", "body": "Line one\nLine two <b> & more"}


class Room:
    """A chat's server: what it was posted, and what it answers."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []
        self.status = 200
        self.address = ""


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.posted.append((self.path, json.dumps(json.loads(body), ensure_ascii=False)))
            self.send_response(made.status)
            self.end_headers()
            slack = self.path.startswith("/services")
            self.wfile.write(b"ok" if slack else b'{"errcode": 0, "code": 0}')

        def log_message(self, *words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.address = f"127.0.0.1:{server.server_port}"
        yield made
        server.shutdown()


def send(url: str, text: dict[str, str]) -> str:
    return Chat(url)("", json.dumps(text).encode()).result


def test_a_webhook_gets_title_and_text(room: Room) -> None:
    assert send(f"json://{room.address}/hook", TEXT) == "accepted"
    ((path, body),) = room.posted
    assert path == "/hook"
    assert (json.loads(body)["title"], json.loads(body)["message"]) == (TEXT["title"], TEXT["body"])


@pytest.mark.parametrize(
    ("schema", "url", "attribute", "address"),
    [
        ("feishu", "feishu://abcdefghij", "notify_url", "http://{at}/hook/{{token}}/"),
        ("dingtalk", "dingtalk://abcdefghij", "notify_url", "http://{at}/robot/send?access_token={{token}}"),
        ("wecombot", "wecombot://abcdefghij", "notify_url", "http://{at}/send?key={{key}}"),
        ("slack", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "webhook_url", "http://{at}/services"),
    ],
)
def test_the_chats_of_teams_get_what_an_edition_says(
    room: Room, monkeypatch: pytest.MonkeyPatch, schema: str, url: str, attribute: str, address: str
) -> None:
    monkeypatch.setattr(N_MGR[schema], attribute, address.format(at=room.address))
    mail = edition(ZH, heavy())
    assert send(url, {"title": mail.subject, "body": mail.brief}) == "accepted"
    said = "".join(body for _, body in room.posted)
    for story in heavy():
        assert story.news.line_zh in said
        assert f"/stories/{story.news.story_id}" in said


@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_a_chat_refuses_is_tried_again(room: Room, status: int) -> None:
    room.status = status
    assert send(f"json://{room.address}/hook", TEXT) == "retry"


def test_an_address_of_no_kind_stops_the_channel() -> None:
    assert send("nonsense://x", TEXT) == "stop"


def test_a_chat_reads_in_whole_lines_without_the_columns_of_a_mail() -> None:
    one = instant_mail(EN, [told(line_en="Harbour Mall: " + "a long line " * 12)], TEAM, desk_url=DESK).brief
    assert len(one.splitlines()) == 3
    assert edition(EN, [], QUIET).brief.splitlines()[-1].startswith("Quay Post: refused since")


def test_a_missing_extra_and_a_missing_secret_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = Channel(name="team", url_env="MASTHEAD_TEST_CHAT")
    monkeypatch.delenv("MASTHEAD_TEST_CHAT", raising=False)
    with pytest.raises(DataFileError, match="MASTHEAD_TEST_CHAT is empty"):
        chat_of(entry, tmp_path / "rules.toml")
    monkeypatch.setenv("MASTHEAD_TEST_CHAT", "feishu://secret")
    assert chat_of(entry, tmp_path / "rules.toml").url == "feishu://secret"
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DataFileError, match=r"pip install 'masthead\[chat\]'"):
        chat_of(entry, tmp_path / "rules.toml")
