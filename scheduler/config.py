"""One configuration object, made once from masthead.toml and passed down. Knows keys and defaults, nothing else.

Relative paths in the file are relative to the file. Without a file the built-in defaults hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.errors import DataFileError
from db.tomlfile import TomlFile, build, read_toml, suggestion
from scheduler.slots import DAYS

DEFAULT_FILE = Path("masthead.toml")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SENDER = re.compile(r"[^\s@<>\"',;:]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Archive:
    db: str = "masthead.db"


@dataclass(frozen=True, slots=True)
class Catalogue:
    builtin: bool = True
    folders: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Crawler:
    contact: str = ""
    delay_seconds: float = 1.0
    ca_file: str = ""
    fetch_articles: bool = True
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    platforms: tuple[str, ...] = ("amazon", "tiktok", "temu", "shein")
    regions: tuple[str, ...] = ("US", "EU")
    role: str = "third_party_sellers"
    zone: str = "Asia/Shanghai"
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Desk:
    host: str = "127.0.0.1"
    port: int = 8001
    metrics: bool = False
    url: str = ""  # how readers reach it, for links in mails; default http://host:port


@dataclass(frozen=True, slots=True)
class Schedule:
    crawl: str = "07:00"
    edition: str = "08:30"
    days: tuple[str, ...] = DAYS
    weekly: str = "mon"
    rhythm_minutes: int = 60  # how often sources that are due by their own rhythm are asked between; 0: never
    backup: str = ""  # a folder: a backup every day after the crawl
    backup_keep: int = 14  # how many of them stay
    ping: str = ""  # an address asked after each good crawl: a dead-man's switch elsewhere


@dataclass(frozen=True, slots=True)
class Mail:
    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    bounces: str = ""  # where refusals of other servers go: an address, or "<>" for nowhere; default the sender
    rules: str = "rules.toml"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mails come in: an IMAP server, or a folder with files *.eml (`files`)."""

    host: str = ""
    port: int = 993
    security: str = "tls"
    user: str = ""
    folder: str = "INBOX"
    files: str = ""
    senders: tuple[str, ...] = ()
    clips_from: tuple[str, ...] = ()
    authserv_id: str = ""
    verify: bool = True

    @property
    def is_set(self) -> bool:
        return bool(self.host or self.files)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings; sections and keys are those of masthead.toml. `folder` is what relative paths start from."""

    archive: Archive = Archive()
    catalogue: Catalogue = Catalogue()
    lexicon: Words = Words()
    crawler: Crawler = Crawler()
    team: Team = Team()
    desk: Desk = Desk()
    schedule: Schedule = Schedule()
    mail: Mail = Mail()
    mailbox: Mailbox = Mailbox()
    folder: Path = field(default_factory=Path)
    file: Path | None = None

    @property
    def db(self) -> Path:
        return self.folder / self.archive.db

    @property
    def catalogue_builtin(self) -> bool:
        return self.catalogue.builtin

    @property
    def catalogue_folders(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.catalogue.folders)

    @property
    def people_folders(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.catalogue.people)

    @property
    def lexicon_folders(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.lexicon.folders)

    @property
    def rules_file(self) -> Path:
        return self.folder / self.mail.rules

    @property
    def desk_url(self) -> str:
        host = f"[{self.desk.host}]" if ":" in self.desk.host else self.desk.host
        return (self.desk.url or f"http://{host}:{self.desk.port}").rstrip("/")

    @property
    def ca_file(self) -> str:
        return str(self.folder / self.crawler.ca_file) if self.crawler.ca_file else ""

    def with_db(self, db: Path) -> Config:
        """The same configuration on another archive; a path from the command line starts from the working folder."""
        return replace(self, archive=Archive(db=str(db.absolute())))


def load_config(path: Path | None = None) -> Config:
    """Read `path`, or masthead.toml in the working folder if there is one. DataFileError names file, line and key."""
    if path is None:
        if not DEFAULT_FILE.exists():
            return Config()
        path = DEFAULT_FILE
    toml = read_toml(path)
    for key in ("folder", "file"):
        if key in toml.data:
            raise toml.refuse("unknown section", key)
    config = build(toml, Config, toml.data)
    _check(toml, config)
    return replace(config, folder=path.absolute().parent, file=path.absolute())


def _check(toml: TomlFile, config: Config) -> None:
    for table, values in toml.data.items():
        for key, value in values.items():
            if any(isinstance(text, str) and _CONTROLS.search(text) for text in [value, *_listed(value)]):
                raise toml.refuse("must not contain control characters", key, table)
    try:
        ZoneInfo(config.team.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise toml.refuse(
            f"unknown time zone {config.team.zone!r}; an IANA name such as Asia/Shanghai", "zone", "team"
        ) from error
    _one_of(toml, config.team.language, ("zh", "en"), "language", "team")
    _one_of(toml, config.mail.security, ("starttls", "tls", "none"), "security", "mail")
    _check_mailbox(toml, config.mailbox)
    _check_schedule(toml, config.schedule)
    for table, key, value in (("desk", "url", config.desk.url), ("schedule", "ping", config.schedule.ping)):
        if value and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@]*)?", value):
            raise toml.refuse("wants http://host or https://host, without name and password", key, table)
    for table, port in (("desk", config.desk.port), ("mail", config.mail.port), ("mailbox", config.mailbox.port)):
        if not 1 <= port <= 65535:
            raise toml.refuse("wants a port from 1 to 65535", "port", table)
    if not 0 <= config.crawler.delay_seconds <= 3600:
        raise toml.refuse("wants 0 to 3600 seconds", "delay_seconds", "crawler")
    if config.crawler.proxy and not re.fullmatch(r"https?://[^\s/@]+/?", config.crawler.proxy):
        raise toml.refuse("wants http://host:port, without name and password", "proxy", "crawler")
    if config.crawler.ca_file and not (toml.path.parent / config.crawler.ca_file).is_file():
        raise toml.refuse("the file does not exist", "ca_file", "crawler")
    for table, key, folders in (
        ("catalogue", "folders", config.catalogue.folders),
        ("catalogue", "people", config.catalogue.people),
        ("lexicon", "folders", config.lexicon.folders),
    ):
        for folder in folders:
            if not (toml.path.parent / folder).is_dir():
                raise toml.refuse(f"the folder {folder!r} does not exist", key, table)


def _check_schedule(toml: TomlFile, schedule: Schedule) -> None:
    if not schedule.days:
        raise toml.refuse('names no day, such as ["mon", "tue"]', "days", "schedule")
    for day in schedule.days:
        _one_of(toml, day, DAYS, "days", "schedule")
    _one_of(toml, schedule.weekly, DAYS, "weekly", "schedule")
    for key, clock in (("crawl", schedule.crawl), ("edition", schedule.edition)):
        if not _CLOCK.fullmatch(clock):
            raise toml.refuse(f'wants a local time such as "07:00", not {clock!r}', key, "schedule")
    if not 0 <= schedule.rhythm_minutes <= 1440:
        raise toml.refuse("wants 0 to 1440 minutes", "rhythm_minutes", "schedule")
    if not 1 <= schedule.backup_keep <= 3650:
        raise toml.refuse("wants 1 to 3650", "backup_keep", "schedule")


def _check_mailbox(toml: TomlFile, mailbox: Mailbox) -> None:
    _one_of(toml, mailbox.security, ("tls", "none"), "security", "mailbox")
    if mailbox.security == "none" and mailbox.host not in ("", *LOOPBACK):
        raise toml.refuse("none is for a server on this machine; use tls", "security", "mailbox")
    if mailbox.host and mailbox.files:
        raise toml.refuse("is either a server (host) or a folder (files), not both", "files", "mailbox")
    if mailbox.host and not mailbox.user:
        raise toml.refuse("needs the name to log in with", "host", "mailbox")
    for key, senders in (("senders", mailbox.senders), ("clips_from", mailbox.clips_from)):
        for sender in senders:
            if not _SENDER.fullmatch(sender):
                wanted = 'wants addresses such as "news@example.com", or "@example.com" for all of a domain'
                raise toml.refuse(f"{wanted}, not {sender!r}", key, "mailbox")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _one_of(toml: TomlFile, value: str, allowed: tuple[str, ...], key: str, table: str) -> None:
    if value not in allowed:
        raise toml.refuse(f"unknown value {value!r}{suggestion(value, allowed)}", key, table)


__all__ = ["Config", "DataFileError", "load_config"]
