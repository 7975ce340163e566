"""Search: both languages at once, names by their aliases, phrases, exclusions, filters; what was found is marked.

The grammar is that of db.search. A rare word is ranked, of a common one the newest articles come first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from db.desk.app import Desk
from db.desk.ask import allow, page, read
from db.desk.functions import day_start
from db.desk.sql import first, rows
from db.desk.story_pages import pairs_of
from db.desk.views import is_known
from db.search import RANKED, excerpt, find_marks, load_aliases, parse

_HITS = 20
_MAX_PAGE = 50
_COUNTED = 300
_NEAR, _FAR = 3_000, 20_000  # characters looked through for an excerpt: first these, then these
DAYS = ("7", "30", "90", "365")
FILTERS = ("kind", "language", "platform", "days")

_FROM = """
    from search f cross join articles a on a.id = f.rowid
    where f.search match :match and a.sort_at >= :since
        and (:kind = '' or a.source_kind = :kind) and (:language = '' or a.language = :language)
        and (:platform = '' or exists (select 1 from json_each(a.platforms) where value = :platform))
"""
_COUNT = f"select count(*) from (select 1 {_FROM} limit {_COUNTED + 1})"  # noqa: S608 (constants)
_COMMON = f"select count(*) from (select 1 from search where search match :match limit {RANKED})"  # noqa: S608
_RANK = {True: "f.rowid desc", False: "bm25(search, 4.0, 1.0), f.rowid desc"}
_ARTICLES = """
    select a.id as article_id, a.sort_at, a.title, a.lead, a.text, a.language, a.source_id, a.source_kind, a.form,
        a.url, s.name as source_name, sa.story_id, st.line_en, st.line_zh, st.main_event, st.platforms, st.first_at,
        st.status
    from json_each(:ids) one join articles a on a.id = one.value join sources s on s.id = a.source_id
    left join story_articles sa on sa.article_id = a.id left join stories st on st.id = sa.story_id
    order by one.key
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found; marks are places of the words asked for."""

    row: Any
    title_marks: Sequence[tuple[int, int]]
    excerpt: str
    excerpt_marks: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    hits: Sequence[Hit]
    total: int
    capped: bool
    newest: bool  # not ranked: the words are common
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the words, one value or "" per filter, and the page."""

    words: str
    chosen: Mapping[str, str]
    unknown: Sequence[tuple[str, str]]
    page: int

    def address(self, **changed: str) -> str:
        pairs = {"q": self.words, **self.chosen, **changed}
        return "/search?" + urlencode({name: value for name, value in pairs.items() if value})


async def search(datasette: Desk, request: Any) -> Response:
    await allow(datasette, request)
    question = question_of(pairs_of(request))
    own = datasette.desk
    days = question.chosen["days"]
    since = day_start(days, own.zone, own.clock()) if days else ""
    found = None
    if question.words and not question.unknown:
        found = await read(datasette, lambda conn: find(conn, question, since))
    return await page(datasette, request, "search.html", {"asked": question, "found": found, "day_choices": DAYS})


def question_of(pairs: Sequence[tuple[str, str]]) -> Question:
    given = dict(pairs)
    chosen, unknown = dict.fromkeys(FILTERS, ""), []
    for name in FILTERS:
        value = given.get(name, "")
        known = value in DAYS if name == "days" else bool(value) and is_known(name, value)
        if known:
            chosen[name] = value
        elif value:
            unknown.append((name, value[:80]))
    number = given.get("page", "1")
    at = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 1
    return Question(
        words=given.get("q", "").strip()[:200], chosen=chosen, unknown=unknown, page=min(max(at, 1), _MAX_PAGE)
    )


def find(connection: sqlite3.Connection, question: Question, since: str) -> Found:
    """One page of what the words find under the filters."""
    parsed = parse(question.words, load_aliases(connection))
    if not parsed.expression:
        return Found(hits=(), total=0, capped=False, newest=False, more=False)
    filters = {name: question.chosen[name] for name in ("kind", "language", "platform")}
    key = {"match": parsed.expression, "since": since, **filters}
    common = first(connection, _COMMON, key)[0] >= RANKED
    total = int(first(connection, _COUNT, key)[0])
    ids = rows(
        connection,
        f"select a.id {_FROM} order by {_RANK[common]} limit {_HITS + 1} offset {(question.page - 1) * _HITS}",
        key,
    )
    numbers = json.dumps([row["id"] for row in ids[:_HITS]])
    hits = [_hit(row, parsed.needles) for row in rows(connection, _ARTICLES, {"ids": numbers})]
    return Found(hits=hits, total=min(total, _COUNTED), capped=total > _COUNTED, newest=common, more=len(ids) > _HITS)


def _hit(row: Any, needles: Sequence[tuple[str, ...]]) -> Hit:
    title, text = str(row["title"]), str(row["text"] or row["lead"])
    found, marks = excerpt(text[:_NEAR], needles)
    if not marks and len(text) > _NEAR:
        found, marks = excerpt(text[:_FAR], needles)
    return Hit(row, find_marks(title, needles), found, marks)
