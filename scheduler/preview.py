"""What the rules would have sent: the real writing of alerts over a span of time, into a private file thrown away.

The same code writes what is really sent, so a preview differs from it in dates and ids only.
"""

from __future__ import annotations

import email
import email.policy
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from db import outbox_reads
from db.briefing import briefing
from db.errors import UsageError
from db.news import News, begun, latest, news_since
from db.private import Private
from db.tomlfile import suggestion
from scheduler.alerts import Office, write_alerts
from scheduler.config import Config
from scheduler.mails.compose import Told, Window, edition_mail
from scheduler.mails.message import message_id, to_bytes
from scheduler.notices import GROUPED, matches, quiet_until
from scheduler.rules import Recipient, Rules, load_rules
from scheduler.slots import DAYS, slots

_SAMPLED: Final = 500  # stories that a sample edition is made of; it shows the first
_SAMPLE: Final = "Masthead <desk@masthead.example>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Counts per recipient and rule, what was not told and why, and every mail (when, to, kind, subject).

    `signals` is how many pieces of news there were; of these a rule `matched` so many.
    """

    recipients: list[tuple[str, int, int, int, int]]  # name, instant, daily, weekly, stories told
    signals: int
    rules: list[tuple[str, int, int, int]]  # name, matched, told, not told
    lost: list[tuple[str, int]]
    mails: list[tuple[str, str, str, str]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as it would have gone out."""

    created_at: str
    recipient: str
    kind: str
    subject: str
    message: bytes
    channel: str


def preview(
    config: Config,
    archive: sqlite3.Connection,
    *,
    since: datetime,
    now: datetime,
    rule: str = "",
    out: Path | None = None,
) -> Preview:
    """Live through `since` to `now` again; with `out`, each mail is written there as .eml and .html.

    Raises UsageError for a rule that is not there, DataFileError for a rules file that is refused.
    """
    rules = load_rules(config.rules_file, zone=config.team.zone, language=config.team.language)
    if rule:
        if rule not in (one.name for one in rules.rules):
            names = [one.name for one in rules.rules]
            raise UsageError(f"there is no rule {rule!r}{suggestion(rule, names) if names else ''}")
        rules = replace(rules, rules=tuple(one for one in rules.rules if one.name == rule))
    with (
        tempfile.TemporaryDirectory(prefix="masthead-preview-") as folder,
        Private.open(Path(folder) / "preview.db") as private,
    ):
        private.connection.execute("pragma synchronous = off")  # it is thrown away
        office = Office(archive=archive, private=private, config=config, rules=rules)
        last = since
        for moment in _moments(office, max(since, begun(archive) or now), now):
            write_alerts(office, moment, since=last)
            last = moment
        news = [one for one in news_since(archive, since, now) if not one.baseline]
        return _told(private, rules, news, out)


def sample_editions(config: Config, archive: sqlite3.Connection, out: Path) -> list[Path]:
    """The edition in both languages with what the archive holds, whatever its age: .eml and .html, for a look."""
    told = [Told(news=news, rule="everything") for news in latest(archive, _SAMPLED)]
    if not told:
        return []
    since, until = min(one.news.first_at for one in told), max(one.news.at for one in told)
    written = []
    for number, language in enumerate(("zh", "en"), 1):
        reader = Recipient(name="sample", address="reader@masthead.example", language=language, zone=config.team.zone)
        day = until.astimezone(ZoneInfo(reader.zone)).date()
        around = replace(briefing(archive, since, until, day), stories=len(told))  # first crawls count here
        window = Window(kind="daily", since=since, until=until, day=day)
        mail = edition_mail(reader, told, around, config.team, window, desk_url=config.desk_url)
        name = message_id(_SAMPLE, reader.name, language)
        body = to_bytes(mail, sender=_SAMPLE, to=reader.address, recipient=reader.name, message_id=name, now=until)
        shown = Shown(
            created_at=until.isoformat(), recipient=language, kind="edition", subject="", message=body, channel="mail"
        )
        written.append(_write(out, number, shown))
    return written


def _moments(office: Office, since: datetime, now: datetime) -> list[datetime]:
    """When a service would have had something to do: news, groups that are full, editions, ends of quiet hours."""
    moments = {now}
    clock = time.fromisoformat(office.config.schedule.edition)
    for news in news_since(office.archive, since, now):
        moments |= {news.at, news.at + GROUPED}
        for reader in office.rules.recipients:
            if (ends := quiet_until(reader, news.at + GROUPED)) is not None:
                moments.add(ends)
    for zone in {reader.zone for reader in office.rules.recipients}:
        moments |= {slot.at for slot in slots(clock, ZoneInfo(zone), DAYS, since, now)}
    return sorted(moment for moment in moments if since <= moment <= now)


def _told(private: Private, rules: Rules, news: Sequence[News], out: Path | None) -> Preview:
    with private.reading() as connection:
        mails = [Shown(**row) for row in outbox_reads.pending(connection)]
        ends = outbox_reads.notices_by_end(connection)
    told = [(recipient, rule, count) for recipient, rule, state, _, count in ends if state == "told"]
    lost: Counter[str] = Counter()
    for _, _, state, reason, count in ends:
        lost[reason or "waits for the next edition"] += count if state != "told" else 0
    kinds = Counter((mail.recipient, mail.kind) for mail in mails)
    for number, mail in enumerate(mails if out else (), 1):
        _write(out or Path(), number, mail)
    return Preview(
        recipients=[
            (
                reader.name, kinds[reader.name, "instant"], kinds[reader.name, "daily"], kinds[reader.name, "weekly"],
                sum(count for recipient, _, count in told if recipient == reader.name),
            )
            for reader in rules.recipients
        ],
        signals=len(news),
        rules=[
            (
                one.name,
                sum(matches(one, piece) for piece in news),
                sum(count for _, rule, count in told if rule == one.name),
                sum(count for _, rule, state, _, count in ends if rule == one.name and state != "told"),
            )
            for one in rules.rules
        ],
        lost=(+lost).most_common(20),
        mails=[(mail.created_at[:16].replace("T", " "), mail.recipient, mail.kind, mail.subject) for mail in mails],
    )  # fmt: skip


def _write(out: Path, number: int, mail: Shown) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    name = f"{number:03}-{mail.created_at[:10]}-{mail.recipient}-{mail.kind}"
    if mail.channel != "mail":
        (out / f"{name}.json").write_bytes(mail.message)
        return out / f"{name}.json"
    (out / f"{name}.eml").write_bytes(mail.message)
    html = email.message_from_bytes(mail.message, policy=email.policy.default).get_body(("html",))
    if html is not None:
        (out / f"{name}.html").write_text(html.get_content(), encoding="utf-8")
    return out / f"{name}.eml"
