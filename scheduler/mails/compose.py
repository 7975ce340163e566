"""News, a reader and what stands around it become one mail. Pure: the same input gives the same mail, byte for byte.

Foreign text is escaped by the templates and never trusted as markup; every link shows the host it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2

from db.briefing import Briefing
from db.news import News
from db.text import clean_line, is_han
from db.urls import absolute, host_of
from db.vocabulary import ENTITIES, SOURCE_KINDS, STATUSES
from scheduler.mails.message import Mail
from scheduler.mails.words import say
from scheduler.options import width
from scheduler.rules import Recipient

EDITION_STORIES: Final = 12
INSTANT_STORIES: Final = 20
_COLUMNS: Final = 72
_CLOSING: Final = "，。；：！？、）】」》”"
_HEADLINE, _QUOTE, _LINE = 160, 220, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One story for one reader and the rule that asked for it."""

    news: News
    rule: str


def instant_mail(reader: Recipient, told: Sequence[Told], *, desk_url: str) -> Mail:
    """What cannot wait: one story, or those of five minutes together."""
    items = [_item(reader, one, desk_url) for one in _once(told)]
    first = items[0]
    key = "subject.one" if len(items) == 1 else "subject.many"
    subject = say(reader.language, key, status=first["status"], line=first["line"], more=len(items) - 1)
    page = {"items": items[:INSTANT_STORIES], "more": max(0, len(items) - INSTANT_STORIES)}
    return _mail(reader, "instant", subject, page, desk_url, story=told[0].news.story_id if len(items) == 1 else "")


def edition_mail(
    reader: Recipient, kind: str, told: Sequence[Told], around: Briefing, *,
    since: datetime, until: datetime, day: date, instantly: int, desk_url: str,
) -> Mail:  # fmt: skip
    """The edition of a local day (`kind` daily) or week; its window is `since` to `until`, `instantly` went ahead."""
    stories = _once(told)
    items = [_item(reader, one, desk_url) for one in stories[:EDITION_STORIES]]
    moves = [item for item, one in zip(items, stories, strict=False) if one.news.moved]
    rest = [item for item, one in zip(items, stories, strict=False) if not one.news.moved]
    what = clean_line(items[0]["line"], 90) if items else say(reader.language, "subject.none")
    page = {
        "kind": kind,
        "summary": _summary(reader, around, len(stories), since, instantly),
        "moves": moves,
        "groups": _by_platform(reader, rest),
        "more": max(0, len(stories) - EDITION_STORIES),
        "unconfirmed": [_row(reader, row, desk_url) for row in around.unconfirmed],
        "claims": [_row(reader, row, desk_url) for row in around.claims],
        "deadlines": [_row(reader, row, desk_url) for row in around.deadlines],
        "coverage": say(reader.language, "blind.line", seen=around.seen, enabled=around.enabled),
        "blind": [_blind(reader, row) for row in around.blind],
        "as_of": _local(reader, until),
    }
    subject = say(reader.language, f"subject.{kind}", day=day.isoformat(), what=what)
    return _mail(reader, "edition", subject, page, desk_url)


def note_mail(reader: Recipient, subject: str, text: str, *, desk_url: str) -> Mail:
    """A plain word of the service itself: a test, or that somebody is needed."""
    return _mail(reader, "note", subject, {"note": text}, desk_url)


# ------------------------------------------------------------------ parts
def _once(told: Iterable[Told]) -> list[Told]:
    """Each story once: its last word stands for the earlier ones."""
    last: dict[str, Told] = {}
    for one in told:
        before = last.get(one.news.story_id)
        if before is None or one.news.at >= before.news.at:
            last[one.news.story_id] = one
    return sorted(last.values(), key=lambda one: (not one.news.moved, -one.news.importance, one.news.story_id))


def _item(reader: Recipient, told: Told, desk_url: str) -> dict[str, Any]:
    news, zh = told.news, reader.language == "zh"
    link = absolute("", news.url or "")
    kind = SOURCE_KINDS.get(news.source_kind)
    status = STATUSES[news.status]
    headline = clean_line(news.headline, _HEADLINE) or say(reader.language, "unreadable")
    return {
        "id": news.story_id,
        "status_id": news.status,
        "status": status.zh if zh else status.en,
        "line": clean_line(news.line(reader.language), _LINE) or headline,
        "headline": headline,
        "headline_language": news.headline_language or "und",
        "source": clean_line(news.source_name, 80),
        "kind": (kind.zh if zh else kind.en) if kind else "",
        "link": link,
        "host": host_of(link) if link else "",
        "when": _local(reader, news.at),
        "origins": say(reader.language, "origins", articles=news.articles, origins=news.origins),
        "why": say(reader.language, "why", rule=told.rule),
        "desk": f"{desk_url}/stories/{news.story_id}?lang={reader.language}",
        "platforms": news.platforms,
    }


def _by_platform(reader: Recipient, items: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        entity = ENTITIES.get(item["platforms"][0]) if item["platforms"] else None
        name = (entity.zh if reader.language == "zh" else entity.en) if entity else ""
        title = say(reader.language, "platform", name=name) if name else say(reader.language, "platform.other")
        groups.setdefault(title, []).append(item)
    return list(groups.items())


def _summary(reader: Recipient, around: Briefing, told: int, since: datetime, instantly: int) -> str:
    values: dict[str, object] = {
        "since": _local(reader, since), "stories": around.stories, "articles": around.articles, "told": told,
        "seen": around.seen, "enabled": around.enabled,
    }  # fmt: skip
    text = say(reader.language, "sum" if told else "sum.none", **values)
    joint = "" if reader.language == "zh" else " "
    return text + (joint + say(reader.language, "sum.instant", n=instantly) if instantly else "")


def _row(reader: Recipient, row: dict[str, Any], desk_url: str) -> dict[str, Any]:
    """A row of the briefing with its line in the reader's language, clean texts, words for ids, and links."""
    line = row["line_zh" if reader.language == "zh" else "line_en"]
    made = {**row, "line": clean_line(line, _LINE) or say(reader.language, "unreadable")}
    for quote in ("quote", "official_quote", "source_name"):
        if quote in row:
            made[quote] = clean_line(row[quote], _QUOTE)
    if "verdict" in row:
        made["verdict"] = say(reader.language, f"verdict.{row['verdict']}")
    if "role" in row:
        made["role"] = say(reader.language, f"role.{row['role']}")
    if "status" in row:
        status = STATUSES[row["status"]]
        made["status"] = status.zh if reader.language == "zh" else status.en
    made["desk"] = f"{desk_url}/stories/{row['story_id']}?lang={reader.language}"
    return made


def _blind(reader: Recipient, row: dict[str, Any]) -> str:
    since = _local(reader, datetime.fromisoformat(row["since"]))[:10] if row["since"] else "?"
    state = say(reader.language, f"state.{row['state']}")
    return say(reader.language, "blind.since", name=clean_line(row["name"], 80), state=state, since=since)


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
    lines = [wrapped for line in text.splitlines() for wrapped in wrap(line)]
    return Mail(
        subject=subject, text=_without_gaps(lines), html=html, language=reader.language, story=story
    )  # fmt: skip


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("scheduler.mails"), autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def _without_gaps(lines: Sequence[str]) -> str:
    """Never two empty lines in a row, one line end at the end."""
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip("\n") + "\n"


def wrap(line: str, columns: int = _COLUMNS) -> list[str]:
    """A line in pieces of at most so many columns; Han characters take two and may be parted anywhere.

    A word longer than that (an address) keeps a line of its own. The indent of the line is that of its pieces.
    """
    body = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if len(indent) + width(body) <= columns:
        return [(indent + body).rstrip()]
    pieces: list[str] = []
    current = ""
    for word in _words(body):
        if current and len(indent) + width((current + word).rstrip()) > columns:
            pieces.append(indent + current.rstrip())
            current = word.lstrip()
        else:
            current += word
    return [*pieces, (indent + current).rstrip()]


def _words(text: str) -> Iterable[str]:
    """What may be parted: after a blank, and around every Han character (closing marks stay with what they close)."""
    word = ""
    for character in text:
        if word and (word[-1] == " " or (character not in _CLOSING and (_is_wide(word[-1]) or _is_wide(character)))):
            yield word
            word = ""
        word += character
    if word:
        yield word


def _is_wide(character: str) -> bool:
    return is_han(character) or character in "，。；：！？、（）【】「」《》“”"
