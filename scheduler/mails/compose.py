"""News, a reader and what stands around it become one mail. Pure: the same input gives the same mail, byte for byte.

Foreign text is escaped by the templates and never trusted as markup; every link shows the host it leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2

from db.briefing import Briefing
from db.news import News
from db.text import clean_line
from db.urls import absolute, host_of
from db.vocabulary import ENTITIES, SOURCE_KINDS, STATUSES
from scheduler.config import Team
from scheduler.mails.columns import in_columns
from scheduler.mails.message import Mail, weight_bytes
from scheduler.mails.words import say
from scheduler.rules import Recipient

EDITION_STORIES: Final = 12
INSTANT_STORIES: Final = 20
MOST_BYTES: Final = 85_000  # of both parts as they travel; some readers cut a mail at 102 KB
_HEADLINE, _QUOTE, _LINE, _LINK = 160, 220, 200, 1_000
#: In the part of what moved, what is settled comes first.
_MOVES: Final = ("official", "denied", "withdrawn", "corrected", "corroborated", "reported", "rumor", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One story for one reader and the rule that asked for it."""

    news: News
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What an edition is about: from `since` to `until`, of the local `day`; `instantly` stories went ahead."""

    kind: str  # daily | weekly
    since: datetime
    until: datetime
    day: date
    instantly: int = 0


def instant_mail(reader: Recipient, told: Sequence[Told], team: Team, *, desk_url: str) -> Mail:
    """What cannot wait: one story, or those of five minutes together."""
    items = [_item(reader, one, desk_url) for one in _once(told, team)]
    first = items[0]
    key = "subject.one" if len(items) == 1 else "subject.many"
    subject = say(reader.language, key, status=first["status"], line=first["line"], more=len(items) - 1)
    story = told[0].news.story_id if len(items) == 1 else ""

    def compose(most: int) -> Mail:
        page = {"items": items[:most], "more": max(0, len(items) - most)}
        return _mail(reader, "instant", subject, page, desk_url, story=story)

    return _light(compose, INSTANT_STORIES)


def edition_mail(
    reader: Recipient, told: Sequence[Told], around: Briefing, team: Team, window: Window, *, desk_url: str
) -> Mail:
    """The edition of a window of time."""
    stories = _once(told, team)
    items = [_item(reader, one, desk_url) for one in stories]
    what = clean_line(items[0]["line"], 90) if items else say(reader.language, "subject.none")
    subject = say(reader.language, f"subject.{window.kind}", day=window.day.isoformat(), what=what)
    shown = {one.news.story_id for one in stories}
    fixed = {
        "kind": window.kind,
        "day": window.day.isoformat(),
        "summary": _summary(reader, around, len(stories), window),
        "unconfirmed": [_row(reader, row, desk_url) for row in around.unconfirmed if row["story_id"] not in shown],
        "claims": [_row(reader, row, desk_url) for row in around.claims],
        "deadlines": [_row(reader, row, desk_url) for row in around.deadlines],
        "coverage": say(reader.language, "blind.line", seen=around.seen, enabled=around.enabled),
        "blind": [_blind(reader, row) for row in around.blind],
        "as_of": _local(reader, window.until),
    }

    def compose(most: int) -> Mail:
        new = [item for item in items[:most] if not item["moved"]]
        moves = [item for item in items[:most] if item["moved"]]
        groups = _by_platform(reader, new, team)
        more = max(0, len(items) - most)
        page = {**fixed, "items": items[:most], "moves": moves, "groups": groups, "more": more}
        return _mail(reader, "edition", subject, page, desk_url)

    return _light(compose, EDITION_STORIES)


def note_mail(reader: Recipient, subject: str, text: str, *, desk_url: str) -> Mail:
    """A plain word of the service itself: a test, or that somebody is needed."""
    return _mail(reader, "note", subject, {"note": text}, desk_url)


def _light(compose: Callable[[int], Mail], most: int) -> Mail:
    """As many stories as a mail can bear; the rest is counted and found on the desk."""
    mail = compose(most)
    while weight_bytes(mail) > MOST_BYTES and most > 1:
        most -= 1 + most // 8
        mail = compose(most)
    return mail


# ------------------------------------------------------------------ parts
def _once(told: Iterable[Told], team: Team) -> list[Told]:
    """Each story once, its last word standing for the earlier ones: what moved first, then what the team asks about."""
    last: dict[str, Told] = {}
    for one in told:
        before = last.get(one.news.story_id)
        if before is None or one.news.at >= before.news.at:
            last[one.news.story_id] = one
    return sorted(last.values(), key=lambda one: _rank(one.news, team))


def _rank(news: News, team: Team) -> tuple[bool, bool, int, float, str]:
    """What is no news stands last; only a sample edition has any."""
    settled = _MOVES.index(news.story_status) if news.moved else 0
    return news.baseline, not news.moved, settled, -(news.importance + concern(news, team)), news.story_id


def concern(news: News, team: Team) -> float:
    """0 to 0.3: a tenth each for the team's platforms, regions and role; what names none concerns everybody."""
    regions = {region.partition("-")[0] for region in news.regions}
    met = (
        bool({*news.platforms} & {*team.platforms}),
        not regions or bool(regions & {*team.regions, "GLOBAL"}),
        not news.audience or team.role in news.audience,
    )
    return 0.1 * sum(met)


def _item(reader: Recipient, told: Told, desk_url: str) -> dict[str, Any]:
    news, zh = told.news, reader.language == "zh"
    link = absolute("", news.url or "") or ""
    link = link if len(link) <= _LINK else ""  # some addresses carry a whole page in them
    kind = SOURCE_KINDS.get(news.source_kind)
    headline = _cut(news.headline, _HEADLINE) or say(reader.language, "unreadable")
    return {
        "status_id": news.story_status,
        "status": _status(reader, news.story_status),
        "change": _change(reader, news),
        "moved": news.moved,
        "line": _cut(news.line(reader.language), _LINE) or headline,
        "headline": headline,
        "headline_language": news.headline_language or "und",
        "source": clean_line(news.source_name, 80),
        "kind": (kind.zh if zh else kind.en) if kind else "",
        "link": link,
        "host": host_of(link) if link else "",
        "when": _local(reader, news.published_at),
        "origins": _origins(reader, news),
        "why": say(reader.language, "why", rule=told.rule),
        "desk": f"{desk_url}/stories/{news.story_id}?lang={reader.language}",
        "platforms": news.platforms,
    }


def _status(reader: Recipient, status: str) -> str:
    name = STATUSES[status]
    return name.zh if reader.language == "zh" else name.en


def _change(reader: Recipient, news: News) -> str:
    """What is new about a story that was news before: "" for a new one."""
    kind = news.trigger.partition(":")[0]
    if kind != "status":
        return say(reader.language, f"changed.{kind}")
    if news.moved and news.was != news.story_status:
        return say(reader.language, "changed.status", status=_status(reader, news.was))
    return ""


def _origins(reader: Recipient, news: News) -> str:
    if news.articles == 1:
        return say(reader.language, "origins.one")
    return say(reader.language, "origins", articles=news.articles, origins=news.origins)


def _by_platform(
    reader: Recipient, items: Sequence[dict[str, Any]], team: Team
) -> list[tuple[str, list[dict[str, Any]]]]:
    """By the first platform of the team that a story names, the team's platforms in their order, the rest behind."""
    order = {name: place for place, name in enumerate(team.platforms)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        mine = sorted(item["platforms"], key=lambda name: order.get(name, len(order)))
        groups.setdefault(mine[0] if mine else "", []).append(item)
    made = []
    for name in sorted(groups, key=lambda name: order.get(name, len(order) + (not name))):
        entity = ENTITIES.get(name)
        title = (entity.zh if reader.language == "zh" else entity.en) if entity else ""
        key = "platform" if title else "platform.other"
        made.append((say(reader.language, key, name=title), groups[name]))
    return made


def _summary(reader: Recipient, around: Briefing, told: int, window: Window) -> str:
    values: dict[str, object] = {
        "since": _local(reader, window.since), "stories": around.stories, "articles": around.articles, "told": told,
        "seen": around.seen, "enabled": around.enabled,
        "article": "article" if around.articles == 1 else "articles",
        "story": "story" if around.stories == 1 else "stories",
    }  # fmt: skip
    text = say(reader.language, "sum" if told else "sum.none", **values)
    joint = "" if reader.language == "zh" else " "
    return text + (joint + say(reader.language, "sum.instant", n=window.instantly) if window.instantly else "")


def _row(reader: Recipient, row: dict[str, Any], desk_url: str) -> dict[str, Any]:
    """A row of the briefing with its line in the reader's language, clean texts, words for ids, and links."""
    line = row["line_zh" if reader.language == "zh" else "line_en"]
    made = {**row, "line": _cut(line, _LINE) or say(reader.language, "unreadable")}
    for quote in ("quote", "official_quote", "source_name"):
        if quote in row:
            made[quote] = _cut(row[quote], _QUOTE)
    if "verdict" in row:
        made["verdict"] = say(reader.language, f"verdict.{row['verdict']}")
    if "role" in row:
        made["role"] = say(reader.language, f"role.{row['role']}")
    if "status" in row:
        made |= {"status": _status(reader, row["status"]), "status_id": row["status"]}
    made["desk"] = f"{desk_url}/stories/{row['story_id']}?lang={reader.language}"
    return made


def _blind(reader: Recipient, row: dict[str, Any]) -> str:
    since = _local(reader, datetime.fromisoformat(row["since"]))[:10] if row["since"] else "?"
    state = say(reader.language, f"state.{row['state']}")
    return say(reader.language, "blind.since", name=clean_line(row["name"], 80), state=state, since=since)


def _cut(text: str, limit: int) -> str:
    """One clean line; an ellipsis where it was longer."""
    line = clean_line(text, limit + 1)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _local(reader: Recipient, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(reader.zone)):%Y-%m-%d %H:%M}"


# ------------------------------------------------------------------ templates
def _mail(
    reader: Recipient, template: str, subject: str, page: dict[str, Any], desk_url: str, *, story: str = ""
) -> Mail:
    def words(key: str, **values: object) -> str:
        return say(reader.language, key, **values)

    values = {
        **page,
        "say": words,
        "reader": reader,
        "subject": subject,
        "desk_url": desk_url,
        "zh": reader.language == "zh",
    }
    text = _templates().get_template(f"{template}.txt").render(values)
    html = _templates().get_template(f"{template}.html").render(values)
    brief = _templates().get_template("chat.txt").render(values).strip()
    return Mail(
        subject=subject, text=in_columns(text), html=html, brief=brief, language=reader.language, story=story
    )  # fmt: skip


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("scheduler.mails"), autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
