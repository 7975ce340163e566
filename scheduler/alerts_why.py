"""Why a recipient was told of a story, or was not: what was written down, and what today's rules say. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db.news import Signal, news_of, signals_of
from db.outbox_reads import history
from scheduler.alerts import Office
from scheduler.notices import matches


@dataclass(frozen=True, slots=True)
class Why:
    """`notices`: what was to be told, with rule and end. `not_told`: the rest of the story's news, with the reason."""

    notices: list[dict[str, Any]]
    not_told: list[dict[str, str]]


def why(office: Office, story: str, recipient: str) -> Why:
    """Both lists are empty for a story that is not there, or never was news."""
    with office.private.reading() as connection:
        rows = history(connection, story, recipient)
    noticed = {row["trigger"] for row in rows}
    not_told = [
        {"at": signal.at.isoformat(), "trigger": signal.trigger, "reason": _reason(office, story, signal, recipient)}
        for signal in signals_of(office.archive, story)
        if signal.trigger not in noticed
    ]
    return Why(rows, not_told)


def _reason(office: Office, story: str, signal: Signal, recipient: str) -> str:
    if signal.baseline:
        return "no news: of a source's first crawl and older than 48 h, or decided anew by newer rules"
    news = news_of(office.archive, story, signal.trigger)
    asking = [rule for rule in office.rules.rules if recipient in rule.to and news and matches(rule, news)]
    if not asking:
        return "no rule for this recipient asks for it"
    if not any(signal.trigger.partition(":")[0] in rule.again_on for rule in asking):
        return f"rule {asking[0].name} does not ask for such a change (again_on)"
    return f"rule {asking[0].name} asks for it: it waits for the next look, or was news before the rule was there"
