"""The file of recipients, rules and silences: read strictly, as data. No templates, no code, no patterns of users.

A rule's keys are those of a view's address on the desk (platform, type, status, ...): within a key any value will do,
between keys all must hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.errors import DataFileError
from db.tomlfile import TomlFile, build, read_toml, suggestion
from db.types import Form, SourceKind, Status
from db.vocabulary import AUDIENCES, ENTITIES, EVENT_TYPES, LANGUAGES

T = TypeVar("T")
Level = Literal["instant", "daily", "weekly"]
Again = Literal["status", "figure", "date", "official"]
EmptyDay = Literal["line", "skip"]

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_REGION: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?|EU|EEA|GLOBAL")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MAX_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person or chat. `address` is an e-mail address, or `channel` names an entry of [channels] in the file."""

    name: str
    address: str = ""
    channel: str = "mail"
    language: str = "zh"
    zone: str = "Asia/Shanghai"
    quiet: str = ""  # "22:00-07:00" in the recipient's zone
    instant_per_day: int = 10
    daily: bool = True
    weekly: bool = False
    empty_day: EmptyDay = "line"
    service: bool = False  # is told when the service itself needs somebody

    def quiet_hours(self) -> tuple[time, time] | None:
        if not self.quiet:
            return None
        start, end = (time.fromisoformat(clock) for clock in self.quiet.split("-"))
        return start, end


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody wants to learn. Empty keys ask for nothing."""

    name: str
    to: tuple[str, ...]
    level: Level = "daily"
    platform: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    kind: tuple[SourceKind, ...] = ()
    form: tuple[Form, ...] = ()  # of the article that is the news: "change" for what changed on a watched page
    impact: int = 0  # at least
    audience: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # any of them, in headline or text; Chinese or English
    without: tuple[str, ...] = ()  # none of them
    again_on: tuple[Again, ...] = ("status",)
    urgent: bool = False  # may pass quiet hours


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing that matches is told until the day is over; who set it and why stands beside it."""

    until: date
    by: str
    reason: str
    story: str = ""
    rule: str = ""
    to: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A chat that Apprise can reach; its address is a secret and comes from the environment or a file."""

    name: str
    url_env: str = ""
    url_file: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    recipients: tuple[Recipient, ...] = ()
    rules: tuple[Rule, ...] = ()
    silences: tuple[Silence, ...] = ()
    channels: tuple[Channel, ...] = ()

    def recipient(self, name: str) -> Recipient | None:
        return next((one for one in self.recipients if one.name == name), None)


def load_rules(path: Path, *, zone: str = "Asia/Shanghai", language: str = "zh") -> Rules:
    """Read the file; `zone` and `language` are what a recipient has who names none. No file, no rules.

    Raises DataFileError with file, line, key and what is allowed.
    """
    if not path.exists():
        return Rules()
    file = read_toml(path)
    defaults = {"zone": zone, "language": language}
    listed = {**file.data}
    for table in listed:
        if table not in _TABLES:
            raise file.refuse(f"unknown table{suggestion(table, _TABLES)}", table)
    made = Rules(
        recipients=_rows(file, "recipients", Recipient, defaults),
        rules=_rows(file, "rules", Rule),
        silences=_rows(file, "silences", Silence),
        channels=_rows(file, "channels", Channel),
    )
    _check(_Places(file), made)
    return made


_TABLES: Final = ("recipients", "rules", "silences", "channels")


@dataclass(frozen=True, slots=True)
class _Places:
    """Refusals that point at the n-th table of a kind."""

    file: TomlFile

    def refuse(self, message: str, table: str, number: int, key: str = "") -> DataFileError:
        lines = self.file.text.split("\n")
        heads = [i for i, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line)]
        start = heads[number] if number < len(heads) else 0
        name = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        for at in range(start + 1, len(lines)):
            if re.match(r"\s*\[", lines[at]) or not key:
                break
            if name.match(lines[at]):
                start = at
                break
        where = f"{table}[{number + 1}]" + (f".{key}" if key else "")
        return DataFileError(message, file=str(self.file.path), line=start + 1, key=where)


def _rows(file: TomlFile, table: str, cls: type[T], defaults: dict[str, str] | None = None) -> tuple[T, ...]:
    rows = file.data.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise file.refuse(f"wants [[{table}]] above each entry", table)
    made = []
    for number, row in enumerate(rows):
        try:
            made.append(build(file, cls, {**(defaults or {}), **row}))
        except DataFileError as error:
            raise _Places(file).refuse(error.message, table, number, error.key.rpartition(".")[2]) from error
    return tuple(made)


def _check(places: _Places, made: Rules) -> None:
    names = [one.name for one in made.recipients]
    chats = [channel.name for channel in made.channels]
    for number, recipient in enumerate(made.recipients):
        _check_recipient(places, number, recipient, names[:number], chats)
    for number, channel in enumerate(made.channels):
        if not _NAME.fullmatch(channel.name) or channel.name == "mail" or channel.name in chats[:number]:
            raise places.refuse("wants a short name of its own: a-z, 0-9, -", "channels", number, "name")
        if bool(channel.url_env) == bool(channel.url_file):
            message = "wants url_env (the name of an environment variable) or url_file: the address is a secret"
            raise places.refuse(message, "channels", number)
    for number, rule in enumerate(made.rules):
        if not _NAME.fullmatch(rule.name) or rule.name in [other.name for other in made.rules[:number]]:
            raise places.refuse("wants a short name of its own: a-z, 0-9, -", "rules", number, "name")
        if not rule.to:
            raise places.refuse("names nobody to tell", "rules", number, "to")
        if not 0 <= rule.impact <= 4:
            raise places.refuse("wants 0 to 4", "rules", number, "impact")
        _known(places, "rules", number, "to", rule.to, names)
        _known(places, "rules", number, "language", rule.language, LANGUAGES)
        _known(places, "rules", number, "audience", rule.audience, AUDIENCES)
        for region in rule.region:
            if not _REGION.fullmatch(region):
                message = f"{region!r} is no region; ISO codes such as US or US-CA, or EU, EEA, GLOBAL"
                raise places.refuse(message, "rules", number, "region")
        _check_words(places, "rules", number, rule)
    for number, silence in enumerate(made.silences):
        if not (silence.by.strip() and silence.reason.strip()):
            raise places.refuse("says who set it (by) and why (reason)", "silences", number, "reason")
        if not (silence.story or silence.rule or silence.platform or silence.type or silence.words):
            message = "would silence everything: name a story, rule, platform, type or words"
            raise places.refuse(message, "silences", number)
        _known(places, "silences", number, "to", silence.to, names)
        _check_words(places, "silences", number, silence)


def _check_recipient(
    places: _Places, number: int, one: Recipient, before: Collection[str], chats: Collection[str]
) -> None:
    def refuse(message: str, key: str) -> DataFileError:
        return places.refuse(message, "recipients", number, key)

    if not _NAME.fullmatch(one.name) or one.name in before:
        raise refuse("wants a short name of its own: a-z, 0-9, -", "name")
    if one.channel == "mail" and not _ADDRESS.fullmatch(one.address):
        raise refuse(f"wants one e-mail address, not {one.address!r}", "address")
    if one.channel != "mail" and one.channel not in chats:
        raise refuse(f"is neither mail nor in [[channels]]{suggestion(one.channel, [*chats, 'mail'])}", "channel")
    if one.language not in ("zh", "en"):
        raise refuse("wants zh or en", "language")
    try:
        ZoneInfo(one.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise refuse(f"unknown time zone {one.zone!r}; an IANA name such as Asia/Shanghai", "zone") from error
    clocks = one.quiet.split("-") if one.quiet else []
    if clocks and (len(clocks) != 2 or not all(_CLOCK.fullmatch(clock) for clock in clocks) or clocks[0] == clocks[1]):
        raise refuse('wants two local times such as "22:00-07:00"', "quiet")
    if not 0 <= one.instant_per_day <= 100:
        raise refuse("wants 0 to 100", "instant_per_day")


def _check_words(places: _Places, table: str, number: int, row: Rule | Silence) -> None:
    """What rules and silences have in common."""
    _known(places, table, number, "platform", row.platform, ENTITIES)
    _known(places, table, number, "type", row.type, EVENT_TYPES)
    words = {"words": row.words, "without": row.without if isinstance(row, Rule) else ()}
    for key, listed in words.items():
        if len(listed) > _MAX_WORDS or not all(word.strip() and len(word) <= 100 for word in listed):
            raise places.refuse(f"wants at most {_MAX_WORDS} words of 1 to 100 characters", table, number, key)


def _known(
    places: _Places, table: str, number: int, key: str, values: Collection[str], allowed: Collection[str]
) -> None:
    for value in values:
        if value not in allowed:
            raise places.refuse(f"unknown value {value!r}{suggestion(value, allowed)}", table, number, key)
