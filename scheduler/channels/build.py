"""The channels that a team has set up: mail from masthead.toml, chats from the rules file."""

from __future__ import annotations

from scheduler.channels import Channel
from scheduler.channels.smtp import server_of
from scheduler.config import Config
from scheduler.rules import Rules


def build_channels(config: Config, rules: Rules) -> dict[str, Channel]:
    """Channel name → channel. Without [mail] host there is no mail. DataFileError for settings that can not work."""
    made: dict[str, Channel] = {}
    if config.mail.host:
        made["mail"] = server_of(config)
    if rules.channels:
        from scheduler.channels.chat import chat_of  # Apprise takes a second to load

        made |= {entry.name: chat_of(entry, config.rules_file) for entry in rules.channels}
    return made
