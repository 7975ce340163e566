"""One story as rows: its articles by origin, status moves, claims, deadlines, figures, neighbours, what people said."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.desk.naming import listed
from db.desk.sql import first, rows
from db.desk.story_list import CARD, CARD_FROM
from db.story_reads import resolve

SHOWN = 60  # articles of one page; a story may have hundreds
_ALL = 1000

_STORY = f"""
    select {CARD}, s.parties, s.source_kinds, s.status_by, s.impact_reasons, s.importance_parts,
        s.credibility_parts, s.follows, s.merged_into, s.rules
    from {CARD_FROM} where s.id = :id
"""  # noqa: S608 (the columns are constants)
_ARTICLES = """
    select sa.article_id, sa.at, sa.score, sa.why, sa.decided_by, a.title, a.language, a.source_id, a.source_kind,
        a.form, sa.origin_article_id as origin, a.copy_kind, a.url, a.lead, a.seen_at, a.published_at, a.flags,
        src.name as source_name, p.name as person, p.role, r.number as record_number, r.type as record_type
    from story_articles sa join articles a on a.id = sa.article_id join sources src on src.id = a.source_id
    left join people p on p.id = src.person left join records r on r.article_id = a.id
    where sa.story_id = :id order by sa.at, sa.article_id limit :limit
"""
_EVENTS = """
    select e.id, e.article_id, e.type, e.attribution, e.polarity, e.modality, e.parties, e.audience, e.regions,
        e.effective_date, e.amounts, e.dates,
        v.field, v.start, v."end", v.quote, v.rule,
        substr(iif(v.field = 'title', a.title, a.text), v.start + 1, v."end" - v.start) as cue,
        v.start + 1 - instr(iif(v.field = 'title', a.title, a.text), v.quote) as cue_at
    from json_each(:articles) one
    join events e on e.article_id = one.value and e.position = 0
    join articles a on a.id = e.article_id
    left join evidence v on v.id = (select min(id) from evidence where event_id = e.id)
"""
_MOVES = """
    select m.status, m.at, m.article_id, m.quote, m.decided_by, m.reason, m.recorded_at, a.title, a.language,
        a.source_kind, coalesce(a.source_id, m.source_id) as source_id, src.name as source_name
    from status_moves m left join articles a on a.id = m.article_id
    left join sources src on src.id = coalesce(a.source_id, m.source_id)
    where m.story_id = :id order by m.at, m.id limit 60
"""
CLAIM = """
    c.id, c.story_id, c.article_id, c.slot, c.verdict, c.value, c.quote, c.official_value, c.official_quote,
    c.official_article_id, c.at, a.title, a.language, a.source_id, a.source_kind, src.name as source_name,
    o.title as official_title, o.language as official_language, o.source_id as official_source_id,
    osrc.name as official_source_name
"""
CLAIM_FROM = """
    claims c join articles a on a.id = c.article_id join sources src on src.id = a.source_id
    left join articles o on o.id = c.official_article_id left join sources osrc on osrc.id = o.source_id
"""
BEYOND = "('broader', 'contradicted', 'not_in_official')"
_CLAIMS = f"""
    select {CLAIM} from {CLAIM_FROM} where c.story_id = :id and c.verdict in {BEYOND}
    order by c.verdict = 'contradicted', a.sort_at, c.id limit 60
"""  # noqa: S608
_BESIDE = """
    select coalesce(sum(verdict = 'supported'), 0) as agree, coalesce(sum(verdict = 'no_official_yet'), 0) as wait
    from claims where story_id = :id
"""
_DEADLINES = """
    select d.id, d.date, d.role, d.quote, d.article_id, a.language, a.source_id, a.source_kind, src.name as source_name
    from deadlines d join articles a on a.id = d.article_id join sources src on src.id = a.source_id
    where d.story_id = :id order by d.date, d.id limit 40
"""
_NEAR = f"""
    select {CARD} from {CARD_FROM}
    where s.merged_into is null and (s.id = :follows or s.follows = :id) order by s.first_at limit 20
"""  # noqa: S608
_TRIAGE = """
    select t.id, t.article_id, t.kind, t.value, t.note, t.by, t.at, t.undone_at, t.undone_by, o.line_en, o.line_zh,
        o.main_event, o.platforms, o.first_at, o.id as other_id
    from triage t left join stories o on t.kind = 'wrong_story' and o.id = t.value
    where t.story_id = :id order by t.id desc limit 100
"""
_DECISIONS = """
    select at, kind, other_story_id, article_id, decided_by, reason, score, undone_at, undone_by
    from story_decisions
    where story_id = :id order by id desc limit 40
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people said and did not take back, as rows of the log: of the story by kind, of an article by kind, of a
    claim by article and slot."""

    story: Mapping[str, Any]
    articles: Mapping[int, Mapping[str, Any]]
    claims: Mapping[tuple[int, str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the page of one story shows. `origins`: articles that are copies of each other stand together."""

    row: Any
    origins: Sequence[Sequence[Any]]
    events: Mapping[int, Any]
    moves: Sequence[Any]
    claims: Sequence[Any]
    beside: Any
    deadlines: Sequence[Any]
    figures: Sequence[tuple[Any, Any]]
    before: Any
    after: Sequence[Any]
    triage: Sequence[Any]
    said: Said
    decisions: Sequence[Any]
    shown: int


def find_story(connection: sqlite3.Connection, story_id: str, *, whole: bool = False) -> Story | str | None:
    """The story; the id of the one it was merged into; or None where there is none."""
    key = {"id": story_id}
    row = first(connection, _STORY, key)
    if row is None:
        return None
    if row["merged_into"]:
        return resolve(connection, story_id)
    articles = rows(connection, _ARTICLES, {**key, "limit": _ALL if whole else SHOWN})
    numbers = "[" + ",".join(str(int(one["article_id"])) for one in articles) + "]"
    events = {one["article_id"]: one for one in rows(connection, _EVENTS, {"articles": numbers})}
    near = rows(connection, _NEAR, {**key, "follows": row["follows"]})
    triage = rows(connection, _TRIAGE, key)
    return Story(
        row=row,
        origins=_by_origin(articles),
        events=events,
        moves=rows(connection, _MOVES, key),
        claims=rows(connection, _CLAIMS, key),
        beside=first(connection, _BESIDE, key),
        deadlines=rows(connection, _DEADLINES, key),
        figures=_figures(articles, events),
        before=next((one for one in near if one["id"] == row["follows"]), None),
        after=[one for one in near if one["id"] != row["follows"]],
        triage=triage,
        said=_said(triage),
        decisions=rows(connection, _DECISIONS, key),
        shown=len(articles),
    )


def _said(triage: Sequence[Any]) -> Said:
    """The newest answer of each kind; `triage` comes newest first."""
    story: dict[str, Any] = {}
    articles: dict[int, dict[str, Any]] = {}
    claims: dict[tuple[int, str], Any] = {}
    for one in triage:
        if one["undone_at"]:
            continue
        if one["article_id"] is None:
            story.setdefault(one["kind"], one)
        elif one["kind"] == "overclaim":
            claims.setdefault((one["article_id"], one["note"]), one)
        else:
            articles.setdefault(one["article_id"], {}).setdefault(one["kind"], one)
    return Said(story=story, articles=articles, claims=claims)


def _by_origin(articles: Sequence[Any]) -> list[list[Any]]:
    """Articles in order of time, each origin where its first article stands."""
    found: dict[int, list[Any]] = {}
    for one in articles:
        found.setdefault(one["origin"], []).append(one)
    return list(found.values())


def _figures(articles: Sequence[Any], events: Mapping[int, Any]) -> list[tuple[Any, Any]]:
    """Each figure once, with the first article that gives it."""
    found: dict[tuple[str, str], tuple[Any, Any]] = {}
    for one in articles:
        event = events.get(one["article_id"])
        for amount in listed(event["amounts"]) if event else []:
            if isinstance(amount, dict):
                found.setdefault((str(amount.get("value")), str(amount.get("unit"))), (amount, one))
    return list(found.values())[:20]
