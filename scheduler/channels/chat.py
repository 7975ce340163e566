"""Chats (Feishu, DingTalk, WeCom, Slack, Telegram, webhooks) through Apprise, an optional extra: `masthead[chat]`.

The address of a chat is a secret: it comes from the environment or a file, and never stands in an error.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from db.errors import DataFileError
from scheduler.channels import Sent
from scheduler.rules import Channel as Entry


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat; `url` is Apprise's address of it."""

    url: str

    def __call__(self, address: str, message: bytes) -> Sent:
        """Send one message, JSON with title and body. Apprise only says whether it went through."""
        import apprise

        words = json.loads(message)
        chat = apprise.Apprise()
        if not chat.add(self.url):
            return Sent("stop", "address", "Apprise does not know this kind of address; see docs/operate.md")
        for service in chat:
            service.overflow_mode = apprise.OverflowMode.SPLIT  # what is too long for one message goes in several
        if chat.notify(title=words["title"], body=words["body"]):
            return Sent("accepted")
        return Sent("retry", "refused", "the chat did not take the message; its own log may say why")


def chat_of(entry: Entry, rules_file: Path) -> Chat:
    """The chat of an entry of [[channels]]. DataFileError when its secret or Apprise is missing."""
    try:
        import apprise  # noqa: F401 (only whether it is there)
    except ImportError as error:
        message = "needs the extra for chats: pip install 'masthead[chat]'"
        raise DataFileError(message, file=str(rules_file), key=f"channels.{entry.name}") from error
    if entry.url_env:
        url = os.environ.get(entry.url_env, "")
        where = f"the environment variable {entry.url_env}"
    else:
        where = f"the file {entry.url_file}"
        try:
            url = (rules_file.parent / entry.url_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            url = ""
    if not url:
        raise DataFileError(f"has no address: {where} is empty", file=str(rules_file), key=f"channels.{entry.name}")
    return Chat(url)
