"""`masthead status`: how the last crawl went, which sources are blind, how large the archive is. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from db import ledger, outbox, outbox_reads, reads, story_reads
from db.backup import private_path
from db.errors import CODES
from db.private import Private
from db.rows import moment, stamp, stamp_or_none
from db.store import Store
from db.types import SEEN
from scheduler import own_lexicon, own_sources
from scheduler.config import Config
from scheduler.jobs import JOBS, overdue
from scheduler.options import json_option, put_json, table, with_config

Row = Mapping[str, Any]

_JOBS_SHOWN = timedelta(days=3)
_NAMED = 5  # blind sources named in one line; the table has all
_WITHOUT_CODE = {
    "silent": "It answers, but has had nothing new for longer than its own rhythm.",
}


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the enabled sources. `troubles` are sentences; without any, all is well."""

    run: Row | None
    sources: Sequence[Row]
    blind: Sequence[Row]
    silent: Sequence[Row]  # seen, but with nothing new for too long
    never: Sequence[Row]  # not asked yet: neither seen nor blind
    moved: Sequence[Row]
    troubles: Sequence[str]

    @property
    def seen(self) -> int:
        return len(self.sources) - len(self.blind) - len(self.never)


def judge_status(run: Row | None, sources: Sequence[Row], now: datetime, config: Config) -> Status:
    """`run` and `sources` as db.reads gives them; `config` says when a crawl was due. Pure."""
    enabled = [source for source in sources if source["enabled"]]
    never = [source for source in enabled if source["state"] == "never"]
    blind = [source for source in enabled if source["state"] not in (*SEEN, "never")]
    silent = [source for source in enabled if source["state"] == "silent"]
    troubles = []
    if run is None:
        troubles.append("Nothing was crawled yet; run `masthead crawl`.")
    elif run["outcome"] in ("crashed", "failed"):
        troubles.append(f"The last crawl {'ended without a word' if run['outcome'] == 'crashed' else 'failed'}.")
    if run is not None and overdue(config, JOBS[0], moment(run["started_at"]), now):
        hours = (now - moment(run["started_at"])) / timedelta(hours=1)
        troubles.append(f"The last crawl began {hours:.0f} hours ago; is the daily one running?")
    if enabled and all(source["code"] == "network_down" for source in enabled):
        troubles.append(CODES["network_down"].en)
    elif blind:
        troubles.append(f"{len(blind)} of {len(enabled)} sources can not be seen.")
    if silent:
        troubles.append(f"{len(silent)} of {len(enabled)} sources have been silent for longer than their own rhythm.")
    return Status(run, enabled, blind, silent, never, [source for source in sources if source["moved_to"]], troubles)


@click.command("status")
@json_option
@with_config
def status_command(config: Config, as_json: bool) -> int:
    """How the last crawl went and which sources can not be seen, with the reason.

    \b
    Examples:
      masthead status
      masthead status --json | jq -r '.blind[].id'

    \b
    Exit codes: 0 all well, 3 no archive or it can not be used, 6 something is wrong.
    """
    now = datetime.now(UTC)
    with Store.open(config.db, zone=config.team.zone, create=False) as store, store.reading() as connection:
        status = judge_status(reads.last_run(connection), reads.sources(connection), now, config)
        totals = {**reads.totals(connection), **story_reads.totals(connection)}
    totals["size_bytes"] = _size_bytes(config.db)
    refused = [*own_sources.why_refused(config), *filter(None, [own_lexicon.why_refused(config)])]
    alerts = _alerts(config.db, now)
    status = replace(status, troubles=[*status.troubles, *refused, *alerts["troubles"]])
    if as_json:
        put_json({**_as_json(status, config.db, totals), "alerts": alerts})
    else:
        click.echo(_shown(status, config.db, totals, alerts, ZoneInfo(config.team.zone), now))
    return 6 if status.troubles else 0


def _alerts(db: Path, now: datetime) -> dict[str, Any]:
    """Service and deliveries, from the private file if there is one; `troubles` are sentences."""
    found: dict[str, Any] = {"deliveries": {}, "service": None, "jobs": [], "troubles": []}
    if not private_path(db).exists():
        return found
    with Private.open(db) as private, private.reading() as connection:
        holder = ledger.holder(connection)
        closed = outbox.closed_channels(connection)
        found["deliveries"] = outbox_reads.totals(connection)
        found["last_daily_crawl"] = stamp_or_none(ledger.last_good(connection, "crawl"))
        found["jobs"] = ledger.recent(connection, now - _JOBS_SHOWN)
    if holder:
        alive = now - holder.beat_at < ledger.LEASE
        found["service"] = {"pid": holder.pid, "host": holder.host, "since": stamp(holder.since), "alive": alive}
        if not alive:
            found["troubles"].append(f"The service has not been heard of since {holder.beat_at:%Y-%m-%d %H:%M} UTC.")
    daily = [job for job in found["jobs"] if job["job"] != "rhythm" and job["state"] != "missed"]
    newest = {job["job"]: job for job in reversed(daily)}  # what the rhythm did not see is blind above
    for job in newest.values():
        if job["state"] in ("failed", "crashed"):
            found["troubles"].append(f"The job {job['job']} of {job['slot']} {job['state']}: {job['detail']}")
    for name, reason in closed.items():
        found["troubles"].append(f"The channel {name} is stopped: {reason}. Mend it, then: masthead alerts retry")
    for state, words in (("dead", "could not be delivered"), ("unknown", "may or may not have arrived")):
        if count := found["deliveries"].get(state):
            found["troubles"].append(f"{count} messages {words}: masthead alerts list")
    return found


def sentence(source: Row) -> str:
    """Why a source is not seen, in plain words."""
    code = str(source["code"])
    if code in CODES:
        return f"{CODES[code].en} [{code}]"
    return _WITHOUT_CODE.get(source["state"], str(source["detail"]))


def since(source: Row, zone: ZoneInfo, now: datetime) -> str:
    """`since Tue`, or the date where a weekday would mislead; "" if it is not known."""
    if not source["since"]:
        return ""
    at = moment(source["since"]).astimezone(zone)
    return f"since {at:%a}" if now - at < timedelta(days=6) else f"since {at:%Y-%m-%d}"


def coverage(status: Status, zone: ZoneInfo, now: datetime) -> str:
    """The one line that every edition ends with: `39 of 41 sources seen; blind: X since Tue`."""
    seen = f"{status.seen} of {len(status.sources)} sources seen"
    seen += f"; {len(status.never)} not asked yet" if status.never else ""
    return seen + "".join(
        f"; {word}: {_named(sources, zone, now)}"
        for word, sources in (("blind", status.blind), ("silent", status.silent))
        if sources
    )


def _named(sources: Sequence[Row], zone: ZoneInfo, now: datetime) -> str:
    names = [f"{source['name']} {since(source, zone, now)}".rstrip() for source in sources[:_NAMED]]
    rest = len(sources) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest else "")


def _shown(status: Status, db: Path, totals: Row, alerts: Row, zone: ZoneInfo, now: datetime) -> str:
    lines = [_last_crawl(status.run, zone), coverage(status, zone, now) + "."]
    if bad := [*status.blind, *status.silent]:
        rows = [(s["id"], s["state"], since(s, zone, now), sentence(s)) for s in bad]
        lines += ["", table(("source", "state", "", "reason"), rows)]
    if status.moved:
        count = len(status.moved)
        wait = "address waits" if count == 1 else "addresses wait"
        lines += ["", f"{count} {wait} for review: masthead sources review"]
    size = f"{totals['size_bytes'] / 1_000_000:,.1f} MB"
    lines += ["", f"Archive: {db}, {size}, {totals['articles']:,} articles of {totals['origins']:,} origins."]
    lines += [f"Stories: {_told(totals)}."]
    if alerts["service"]:
        since_at = moment(alerts["service"]["since"]).astimezone(zone)
        lines += [
            f"Service: pid {alerts['service']['pid']} on {alerts['service']['host']} since {since_at:%Y-%m-%d %H:%M}."
        ]
    if jobs := [job for job in alerts["jobs"] if job["job"] != "rhythm"]:
        worked = [(j["job"], j["slot"], j["state"], _hours(j, zone), j["detail"]) for j in jobs]
        lines += ["", table(("job", "day", "state", "from – to", ""), worked), ""]
    if alerts["deliveries"]:
        lines += ["Deliveries: " + ", ".join(f"{count} {state}" for state, count in alerts["deliveries"].items()) + "."]
    lines += [f"! {trouble}" for trouble in status.troubles]
    return "\n".join(lines)


def _hours(job: Row, zone: ZoneInfo) -> str:
    """When a job was worked, in the team's zone; a late one shows it."""
    times = (moment(job[key]).astimezone(zone) if job[key] else None for key in ("started_at", "ended_at"))
    began, ended = (f"{at:%m-%d %H:%M}" if at else "" for at in times)
    return f"{began} – {ended[6:] if ended[:6] == began[:6] else ended}" if began else ""


def _told(totals: Row) -> str:
    parts = [f"{count:,} {status}" for status, count in totals["statuses"].items()]
    return f"{totals['stories']:,}" + (f" ({', '.join(parts)})" if parts else "")


def _last_crawl(run: Row | None, zone: ZoneInfo) -> str:
    if run is None:
        return "No crawl yet."
    at = moment(run["started_at"]).astimezone(zone)
    told = f"{run['seen']} of {run['asked']} asked were seen, {run['new']} new articles, {run['changed']} changed"
    return f"Last crawl: {at:%a %Y-%m-%d %H:%M} ({zone.key}), {run['outcome']}; {told}."


def _as_json(status: Status, db: Path, totals: Row) -> dict[str, Any]:
    known = ("id", "name", "kind", "state", "code", "detail", "since", "last_good_at")
    return {
        "well": not status.troubles,
        "troubles": list(status.troubles),
        "run": status.run,
        "sources": len(status.sources),
        "seen": status.seen,
        "blind": [{**{key: s[key] for key in known}, "sentence": sentence(s)} for s in status.blind],
        "silent": [{**{key: s[key] for key in known}, "sentence": sentence(s)} for s in status.silent],
        "moved": [{"id": s["id"], "url": s["url"], "moved_to": s["moved_to"]} for s in status.moved],
        "archive": {"file": str(db), **totals},
    }


def _size_bytes(db: Path) -> int:
    files = (db.with_name(db.name + end) for end in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
