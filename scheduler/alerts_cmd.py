"""`masthead alerts`: what would be sent, what was sent and why, and the switches people need."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from db import outbox, outbox_reads
from db.connect import open_as_it_is
from db.errors import MailError, UsageError
from db.private import Private
from db.store_errors import store_errors
from db.tomlfile import suggestion
from scheduler.alerts import Office, write_alerts, write_note
from scheduler.alerts_why import why
from scheduler.channels.build import build_channels
from scheduler.config import Config
from scheduler.mails.words import say
from scheduler.options import Since, json_option, put_json, table, with_config
from scheduler.preview import Preview, preview
from scheduler.rules import Recipient, Rules, load_rules
from scheduler.rules_file import add_silence
from scheduler.sending import send_due


@click.group("alerts")
def alerts_group() -> None:
    """Alert mails: preview, send, and why somebody got one.

    \b
    Examples:
      masthead alerts preview --since 30d        what your rules would have sent; nothing goes out
      masthead alerts test --to me@example.test  one test mail
      masthead alerts send                       write and send what is due now
      masthead alerts why st-4f2a ops            why `ops` was told of a story, or was not
    """


@alerts_group.command("preview")
@click.option("--since", type=Since(), default="30d", show_default=True, help="From when on.")
@click.option("--rule", default="", help="Only this rule.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the mails here (.eml and .html).")
@json_option
@with_config
def preview_command(config: Config, since: datetime, rule: str, out: Path | None, as_json: bool) -> None:
    """Show what the rules would have sent, and what was lost and why. Sends nothing.

    \b
    Examples:
      masthead alerts preview --since 30d
      masthead alerts preview --since 7d --rule official-news --out preview
    """
    with _archive(config) as archive:
        found = preview(config, archive, since=since, now=datetime.now(UTC), rule=rule, out=out)
    if as_json:
        put_json(found.as_dict())
    else:
        click.echo(_preview_text(found, out))


def _preview_text(found: Preview, out: Path | None) -> str:
    if not found.recipients:
        return "There are no recipients: take the marks (#) off one, and off a rule, in rules.toml."
    lines = [table(("recipient", "instant", "daily", "weekly", "stories"), found.recipients, right=(1, 2, 3, 4))]
    if found.rules:
        matched = f"matches of {found.signals}"
        lines += ["", table(("rule", matched, "told", "not told"), found.rules, right=(1, 2, 3))]
    lines += [f"! The rule {name} matches nothing of this time." for name, count, *_ in found.rules if not count]
    everything = [name for name, count, *_ in found.rules if count == found.signals > 20]
    lines += [f"! The rule {name} matches everything of this time." for name in everything]
    if found.lost:
        lines += ["", "Not told:", *(f"  {count} x {reason}" for reason, count in found.lost)]
    if found.mails:
        lines += ["", table(("when (UTC)", "to", "kind", "subject"), found.mails[:20])]
    if out:
        count = len(found.mails)
        mails = "1 mail" if count == 1 else f"{count} mails"
        lines += ["", f"{mails} written to {out}/" if count else "No mail to write."]
    return "\n".join(lines)


@alerts_group.command("send")
@json_option
@with_config
def send_command(config: Config, as_json: bool) -> int:
    """Write what is due by the rules and send it. `masthead run` does this by itself.

    \b
    Examples:
      masthead alerts send
    """
    with _office(config) as office:
        channels = build_channels(config, office.rules)
        written = write_alerts(office, datetime.now(UTC))
        ended = send_due(office.private, channels, lambda: datetime.now(UTC))
        with office.private.reading() as connection:
            closed = outbox.closed_channels(connection)
    if as_json:
        put_json({"written": written, "ended": dict(ended), "stopped": closed})
    else:
        click.echo(f"{written} written; " + (", ".join(f"{n} {state}" for state, n in ended.items()) or "nothing sent"))
        for name, reason in closed.items():
            click.echo(f"channel {name} is stopped: {reason}. Mend it, then: masthead alerts retry", err=True)
    return 7 if closed or ended["dead"] or ended["retry"] else 0


@alerts_group.command("test")
@click.option("--to", required=True, help="An address, or the name of a recipient.")
@with_config
def test_command(config: Config, to: str) -> None:
    """Send one test mail now and say what the server answered.

    \b
    Examples:
      masthead alerts test --to me@example.test
      masthead alerts test --to ops
    """
    with _office(config) as office:
        somebody = Recipient(name="test", address=to, language=config.team.language, zone=config.team.zone)
        reader = somebody if "@" in to else _known(office.rules, to)
        channel = build_channels(config, office.rules).get(reader.channel)
        if channel is None:
            where = "set host and sender in [mail] of masthead.toml" if reader.channel == "mail" else "see [[channels]]"
            raise MailError(f"the channel {reader.channel} is not set up: {where}")
        now = datetime.now(UTC)
        slot = now.isoformat()
        subject, text = say(reader.language, "test.subject"), say(reader.language, "test.text")
        write_note(office, reader, "test", slot, subject, text, now)
        with office.private.writing() as connection:
            outbox.open_channel(connection, reader.channel, now)
        send_due(office.private, {reader.channel: channel}, lambda: datetime.now(UTC))
        with office.private.reading() as connection:
            state, code, detail = outbox_reads.end_of(connection, "test", slot)
    if state != "accepted":
        raise MailError(f"not sent ({state} {code}): {detail}")
    click.echo(f"accepted by the server ({code} {detail})".replace(" )", ")"))


@alerts_group.command("why")
@click.argument("story")
@click.argument("recipient")
@json_option
@with_config
def why_command(config: Config, story: str, recipient: str, as_json: bool) -> None:
    """Say why a recipient was told of a story, or was not.

    \b
    Examples:
      masthead alerts why st-4f2a91 ops
    """
    with _office(config) as office:
        _known(office.rules, recipient)
        found = why(office, story, recipient)
    if not found.notices and not found.not_told:
        raise UsageError(f"there is no story {story!r}, or it has never been news")
    if as_json:
        put_json(asdict(found))
        return
    for row in found.notices:
        end = f"{row['delivery_state']} {row['ended_at'] or ''}".strip() if row["delivery_state"] else row["state"]
        reason = f" ({row['reason']})" if row["reason"] else ""
        click.echo(f"{row['at']}  {row['trigger']}: rule {row['rule']}, {row['level']}, {end}{reason}")
    for row in found.not_told:
        click.echo(f"{row['at']}  {row['trigger']}: not told: {row['reason']}")


def _known(rules: Rules, recipient: str) -> Recipient:
    """The recipient of this name; UsageError with a suggestion."""
    if found := rules.recipient(recipient):
        return found
    names = [one.name for one in rules.recipients]
    raise UsageError(f"there is no recipient {recipient!r}{suggestion(recipient, names) if names else ''}")


@alerts_group.command("retry")
@click.argument("delivery", nargs=-1, type=int)
@with_config
def retry_command(config: Config, delivery: tuple[int, ...]) -> None:
    """Open stopped channels and send again what is dead, held or unknown: all of it, or the deliveries named.

    \b
    Examples:
      masthead alerts retry
      masthead alerts retry 17 18
    """
    now = datetime.now(UTC)
    with _office(config) as office, office.private.writing() as connection:
        closed = outbox.closed_channels(connection)
        for name in closed:
            outbox.open_channel(connection, name, now)
        count = outbox.retry(connection, delivery or None, now)
    click.echo(f"{count} deliveries go out again, {len(closed)} channels opened; next: masthead alerts send")


@alerts_group.command("silence")
@click.option("--story", default="", help="A story's id.")
@click.option("--rule", default="", help="A rule's name.")
@click.option("--platform", multiple=True, help="A platform's id; may be repeated.")
@click.option("--for", "days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many days.")
@click.option("--by", required=True, help="Who silences.")
@click.option("--reason", required=True, help="Why.")
@with_config
def silence_command(
    config: Config, story: str, rule: str, platform: tuple[str, ...], days: int, by: str, reason: str
) -> None:
    """Tell nothing of a story, a rule or a platform for some days; it is written into the rules file.

    \b
    Examples:
      masthead alerts silence --story st-4f2a91 --by Li --reason "handled" --for 14
    """
    if not (story or rule or platform):
        raise UsageError("name what to silence: --story, --rule or --platform")
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    add_silence(config.rules_file, story=story, rule=rule, platform=platform, until=until, by=by, reason=reason)
    load_rules(config.rules_file)
    click.echo(f"silent until {until}, written to {config.rules_file}")


@alerts_group.command("list")
@json_option
@with_config
def list_command(config: Config, as_json: bool) -> None:
    """Deliveries by state, and those that somebody should look at.

    \b
    Examples:
      masthead alerts list
    """
    with Private.open(config.db) as private, private.reading() as connection:
        states, bad = outbox_reads.totals(connection), outbox_reads.failed(connection)
    if as_json:
        put_json({"states": states, "failed": bad})
        return
    click.echo(", ".join(f"{count} {state}" for state, count in states.items()) or "nothing was sent yet")
    if bad:
        head = ("id", "state", "to", "kind", "created", "what happened")
        click.echo(table(head, [tuple(row.values()) for row in bad]))


@contextmanager
def _archive(config: Config) -> Iterator[sqlite3.Connection]:
    with closing(open_as_it_is(config.db)) as connection, store_errors(config.db):
        yield connection


@contextmanager
def _office(config: Config) -> Iterator[Office]:
    rules = load_rules(config.rules_file, zone=config.team.zone, language=config.team.language)
    with _archive(config) as archive, Private.open(config.db) as private:
        yield Office(archive=archive, private=private, config=config, rules=rules)
