"""Who should learn what: signals against rules. Pure; knows no mail, no file, no clock.

One story is one notice per recipient and trigger. What a rule does not ask for is not told, what a silence covers is
written down as suppressed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from db.news import News
from db.text import fold, is_han
from scheduler.rules import Level, Recipient, Rule, Rules, Silence
from scheduler.slots import instant

GROUPED: Final = timedelta(minutes=5)
INSTANT_AGE: Final = timedelta(hours=24)  # what is older is no news of the minute; it goes into the edition
_LEVELS: Final[tuple[Level, ...]] = ("instant", "daily", "weekly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one recipient should learn, and by which rule. `reason` is set where it is suppressed."""

    recipient: str
    news: News
    rule: str
    level: Level
    urgent: bool = False
    reason: str = ""


def notices(news: News, rules: Rules, told: Collection[str], now: datetime) -> list[Notice]:
    """The notices of one signal; `told` names the recipients who have heard of its story before."""
    if news.baseline:
        return []
    made = []
    for recipient in rules.recipients:
        asking = [rule for rule in rules.rules if recipient.name in rule.to and matches(rule, news)]
        asking = [rule for rule in asking if is_material(rule, news, recipient.name in told)]
        if asking:
            made.append(_notice(recipient, asking, news, rules, now))
    return made


def _notice(recipient: Recipient, asking: Sequence[Rule], news: News, rules: Rules, now: datetime) -> Notice:
    best = min(asking, key=lambda rule: (_LEVELS.index(rule.level), not rule.urgent))
    level: Level = "daily" if best.level == "instant" and now - news.at > INSTANT_AGE else best.level
    if level != "instant" and not (recipient.daily if level == "daily" else recipient.weekly):
        level = "daily" if recipient.daily else "weekly" if recipient.weekly else "instant"
    today = now.astimezone(ZoneInfo(recipient.zone)).date()
    silences = [one for one in rules.silences if one.until >= today and silences_it(one, recipient.name, best, news)]
    reason = f"silenced by {silences[0].by} until {silences[0].until}: {silences[0].reason}" if silences else ""
    return Notice(recipient=recipient.name, news=news, rule=best.name, level=level, urgent=best.urgent, reason=reason)


def matches(rule: Rule, news: News) -> bool:
    """Whether a story is what a rule asks for: any value within a key, all keys together."""
    return (
        _any(rule.platform, news.platforms)
        and _any(rule.type, news.types)
        and _any(rule.status, (news.status,))
        and _any(rule.kind, news.kinds)
        and _any(rule.form, (news.form,))
        and _any(rule.audience, news.audience)
        and _any_region(rule.region, news.regions)
        and _any(rule.language, news.languages)
        and news.impact >= rule.impact
        and (not rule.words or any(says(news, word) for word in rule.words))
        and not any(says(news, word) for word in rule.without)
    )


def is_material(rule: Rule, news: News, told: bool) -> bool:
    """The first word of a story is news by its status; later ones only by a change the rule names in `again_on`."""
    kind = news.trigger.partition(":")[0]
    return kind in rule.again_on if told else kind == "status"


def silences_it(silence: Silence, recipient: str, rule: Rule, news: News) -> bool:
    return (
        _any(silence.to, (recipient,))
        and _any((silence.story,) if silence.story else (), (news.story_id,))
        and _any((silence.rule,) if silence.rule else (), (rule.name,))
        and _any(silence.platform, news.platforms)
        and _any(silence.type, news.types)
        and (not silence.words or any(says(news, word) for word in silence.words))
    )


def says(news: News, word: str) -> bool:
    """Whether headlines, lead or line hold a word or phrase: folded, Latin words whole, Han anywhere."""
    text = "\n".join((news.titles, news.headline, news.lead, news.line_en, news.line_zh))
    return bool(_word(word).search(fold(text)))


# ------------------------------------------------------------------ when
def quiet_until(recipient: Recipient, now: datetime) -> datetime | None:
    """When the recipient's quiet hours end, if `now` lies within them; an instant in UTC."""
    hours = recipient.quiet_hours()
    if hours is None:
        return None
    start, end = hours
    zone = ZoneInfo(recipient.zone)
    day = now.astimezone(zone).date()
    for first in (day - timedelta(days=1), day):
        begins = instant(first, start, zone)
        ends = instant(first + timedelta(days=1) if end <= start else first, end, zone)
        if begins and ends and begins <= now < ends:
            return ends
    return None


def local_day_begins(recipient: Recipient, now: datetime) -> datetime:
    """The instant at which the recipient's day began: caps count from here."""
    zone = ZoneInfo(recipient.zone)
    begins = instant(now.astimezone(zone).date(), time(0), zone)
    assert begins is not None  # the day of an instant exists
    return begins


def _any(wanted: Collection[str], there: Collection[str]) -> bool:
    return not wanted or any(value in there for value in wanted)


def _any_region(wanted: Collection[str], there: Collection[str]) -> bool:
    """A state belongs to its country: US asks for US-CA as well."""
    return not wanted or any(region == value or region.startswith(f"{value}-") for value in wanted for region in there)


@lru_cache(maxsize=2_000)
def _word(word: str) -> re.Pattern[str]:
    folded = fold(word.strip())
    left = r"(?<![a-z0-9])" if folded[:1].isalnum() and not is_han(folded[0]) else ""
    right = r"(?![a-z0-9])" if folded[-1:].isalnum() and not is_han(folded[-1]) else ""
    return re.compile(left + r"\s+".join(map(re.escape, folded.split())) + right)
