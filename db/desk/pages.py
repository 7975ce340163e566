"""What the desk's pages show beyond a table: the home page, one article, one source, refusals, health.

Each function asks the archive and hands rows to a template; how a value looks is in db.desk.cells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.utils import urlsafe_components
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from db.desk import cells, naming
from db.desk.access import may_write
from db.desk.accounts import USER
from db.desk.app import ROOM, Desk
from db.desk.archive import NAME
from db.desk.columns import COLUMNS, NOTES
from db.desk.corrections import PROBLEMS
from db.desk.reader import local, pick, reader
from db.desk.tables import TABLES
from db.desk.words import COMPARISONS, say
from db.ledger import LEASE, Holder
from db.page_changes import read_changes
from db.private import service_of
from db.rows import stamp

_FRESH = {"Cache-Control": "no-cache"}
_KEPT = {"Cache-Control": "public, max-age=86400"}
_MARK = ROOM / "static" / "mark.svg"
_BLIND = ("refused", "robots", "broken", "drift")

_RUN = "select id, started_at, ended_at, outcome, asked, seen, new, changed from runs order by id desc limit 1"
_EVENTS = """
    select e.id, e.type, e.attribution, e.polarity, e.modality, e.parties, e.audience, e.regions, e.effective_date,
        e.amounts, e.dates, v.field, v.start, v."end", v.rule, v.quote
    from events e left join evidence v on v.event_id = e.id
    where e.article_id = :id order by e.position, v.id limit 200
"""
_MENTIONS = """
    select entity, max(about) as about, count(*) as times from mentions where article_id = :id
    group by entity order by 2 desc, 3 desc limit 60
"""
_COPIES = """
    select a.id as article_id, a.title, a.language, a.source_id, s.name as source_name, a.source_kind, a.form,
        a.sort_at, a.copy_kind
    from articles a join sources s on s.id = a.source_id
    where a.origin_id = (select origin_id from articles where id = :id) and a.id != :id order by a.sort_at limit 30
"""
_REVISIONS = """
    select number, seen_at, title, changes from revisions where article_id = :id order by number desc limit 20
"""
_TOLD = "select changes from revisions where item_id = :id"
_STORY = """
    select s.id, s.line_en, s.line_zh, s.main_event, s.platforms, s.first_at, s.status
    from story_articles sa join stories s on s.id = sa.story_id where sa.article_id = :id
"""
_SOURCE = (
    "select id, name, kind, keep_text, state from sources where id = (select source_id from articles where id = :id)"
)
_CUE = """
    select substr(words, :start + 1, :end - :start) as cue, :start + 1 - instr(words, :quote) as cue_at, language
    from (select iif(:field = 'title', title, text) as words, language from articles
        where id = (select article_id from events where id = :event_id))
"""


async def health(datasette: Desk, request: Any) -> Response:
    """For machines: 200 with the newest crawl and the service's heartbeat, or 503 with the code of what is wrong.

    To strangers only whether it is well.
    """
    code = await datasette.trouble()
    service = await asyncio.to_thread(service_of, datasette.desk.db_path)
    now = datasette.desk.clock()
    if not code and service and now - service.beat_at > LEASE:
        code = "service_silent"
    answer: dict[str, Any] = {"ok": not code}
    if code:
        answer |= {"code": code, "message": naming.sentence(code)}
    elif await datasette.permission_allowed(request.actor, "view-instance", default=True):
        run = next(iter(await _rows(datasette, _RUN)), None)
        answer |= {"database": NAME, "newest_run": dict(run) if run else None, "service": _heartbeat(service, now)}
    return Response.json(answer, status=503 if code else 200, headers=_FRESH)


def _heartbeat(service: Holder | None, now: datetime) -> dict[str, Any] | None:
    """None where the desk stands alone."""
    if service is None:
        return None
    return {"since": stamp(service.since), "heartbeat_age_seconds": round((now - service.beat_at).total_seconds())}


async def favicon() -> Response:
    """For programs that ask for it whatever the page says."""
    return Response(_MARK.read_text("utf-8"), content_type="image/svg+xml", headers=_KEPT)


async def refused(datasette: Desk, request: Any) -> Response:
    """Where the gate sends what it refuses; by itself the address leads nowhere."""
    status = request.scope.get("masthead_status")
    if not status:
        raise NotFound("no refusal")
    return await refusal(datasette, request, status, code=request.scope.get("masthead_code", ""))


async def refusal(desk: Desk, request: Any, status: int, *, code: str = "", key: str = "") -> Response:
    """A page (or JSON) that says what is wrong and what to do. `code` is one of db.errors, `key` one of our words."""
    key = key or str(status)
    text = naming.sentence(code) if code else say(f"err_{key}")
    advice = naming.advice(code) if code else say(f"do_{key}")
    if (
        request.scope.get("masthead_path", request.scope["path"]).endswith(".json")
        or request.headers.get("accept", "") == "application/json"
    ):
        answer = {"ok": False, "status": status, "code": code or None, "error": text, "do": advice}
        return Response.json(answer, status=status, headers=_FRESH)
    context = {"status": status, "code": code, "text": text, "advice": advice}
    html = await desk.render_template("error.html", context, request=request, view_name="error")
    return Response.html(html, status=status, headers=_FRESH)


async def more(desk: Desk, request: Any, view_name: str | None, table: str | None) -> dict[str, Any]:
    """Template variables beyond Datasette's own: the reader everywhere, the rows around an article or a source."""
    language = reader().language
    variables: dict[str, Any] = {
        "lang": "zh-Hans" if language == "zh" else "en",
        "other": "en" if language == "zh" else "zh",
        "protected": desk.protected,
        "user": USER if list(desk.desk.accounts) == [USER] else "",
        "can_write": may_write(desk, request),
        "said": [part for part in (request.args.get("said") or "").split("-") if _is_id(part)][:200] if request else [],
        "problem_word": next((word for word in PROBLEMS if request and request.args.get("problem") == word), ""),
    }
    if view_name != "row" or table != "articles":
        return variables
    key = {"id": urlsafe_components(request.url_vars["pks"])[0]}
    return variables | {
        "events": _grouped(await _rows(desk, _EVENTS, key)),
        "mentions": await _rows(desk, _MENTIONS, key),
        "copies": await _rows(desk, _COPIES, key),
        "wordings": [(row, read_changes(row["changes"])) for row in await _rows(desk, _REVISIONS, key)],
        "told": [change for row in await _rows(desk, _TOLD, key) for change in read_changes(row["changes"])],
        "source": (await _rows(desk, _SOURCE, key))[0],
        "story": next(iter(await _rows(desk, _STORY, key)), None),
    }


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


async def quote_cell(desk: Desk, row: Any) -> Markup:
    """The quote of an evidence row; its deciding words stand in the article, as far as its text is kept."""
    place = {name: _plain(row[name]) for name in ("field", "start", "end", "event_id", "quote")}
    return cells.quote(row["quote"], next(iter(await _rows(desk, _CUE, place)), None))


def minute(value: Any) -> str:
    """A time on the reader's clock, for the middle of a sentence."""
    at = local(value.isoformat() if isinstance(value, datetime) else str(value))
    return f"{at:%Y-%m-%d %H:%M}" if at else naming.clip(str(value), 40)


def table_title(name: str) -> str:
    return pick(TABLES[name].title) if name in TABLES else name


def column_title(name: str) -> str:
    return pick(COLUMNS[name]) if name in COLUMNS else name


def column_note(name: str) -> str:
    return pick(NOTES[name]) if name in NOTES else ""


def shown(table: str, display_columns: list[dict[str, Any]], request: Any) -> list[dict[str, Any]]:
    """The columns of a list page, in our order; a reader's own choice (_col, _nocol) is followed as it is."""
    if table not in TABLES or "_col" in request.args or "_nocol" in request.args:
        return display_columns
    by_name = {column["name"]: column for column in display_columns}
    return [by_name[name] for name in TABLES[table].listed if name in by_name]


def in_order(table: str, facets: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The facets as the table lists them; Datasette gives them by kind of facet."""
    order = [facet if isinstance(facet, str) else next(iter(facet.values())) for facet in TABLES[table].facets]
    return [(name, facets[name]) for name in order if name in facets]


def explained(columns: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Title and note of the columns that need a word."""
    return [
        (column_title(column["name"]), pick(NOTES[column["name"]])) for column in columns if column["name"] in NOTES
    ]


def chosen(request: Any, filters: Any) -> list[dict[str, str]]:
    """The filters in force, each with the address without it."""
    made = []
    for column, lookup, value in filters.selections():
        comparison = COMPARISONS.get(lookup)
        made.append(
            {
                "column": column_title(column),
                "comparison": pick(comparison) if comparison else lookup,
                "value": naming.label(column, value) if value else "",
                "without": first_page(address(request, without=(column, lookup, str(value)))),
            }
        )
    return made


def address(request: Any, without: tuple[str, str, str] | None = None, **changed: str | None) -> str:
    """This page's address with some parameters changed (None drops one) or one filter left out."""
    pairs = parse_qsl(request.query_string, keep_blank_values=True)
    if without:
        column, lookup, value = without
        names = {f"{column}__{lookup}"} | ({column} if lookup == "exact" else set())
        pairs = [pair for pair in pairs if pair[0] not in names or (value and pair[1] != value)]
    pairs = [pair for pair in pairs if pair[0] not in changed]
    pairs += [(name, value) for name, value in changed.items() if value is not None]
    return str(request.scope["path"]) + ("?" + urlencode(pairs) if pairs else "")


def kept(request: Any, *without: str) -> list[tuple[str, str]]:
    """The parameters a form has to carry along: all but its own and the place in the list."""
    pairs = parse_qsl(request.query_string, keep_blank_values=True)
    return [pair for pair in pairs if pair[0] not in ("_next", *without)]


def for_people(table: str, url: str) -> str:
    """The address of an export without the columns that only machines of ours read."""
    names = TABLES[table].machine if table in TABLES else ()
    return url + "".join(f"{'&' if '?' in url or at else '?'}_nocol={name}" for at, name in enumerate(names))


def first_page(path: str) -> str:
    """The same list from its beginning: a place in the old list means nothing in the new one."""
    base, _, query = path.partition("?")
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "_next"]
    return base + ("?" + urlencode(pairs) if pairs else "")


def local_path(url: str) -> str:
    """The path and query of one of our own absolute addresses: behind a proxy the rest may be another's."""
    rest = url.partition("://")[2]
    return "/" + rest.partition("/")[2] if rest else url


def mark_evidence(words: str, evidence: Any) -> Markup:
    """The quote of an evidence with the deciding part marked, found through the text it was cut from."""
    start, quote = evidence["start"], evidence["quote"]
    return naming.mark_words(quote, words[start : evidence["end"]], start - words.find(quote))


def _grouped(rows: list[Any]) -> list[dict[str, Any]]:
    """Events in order, each with its evidence; one row came per evidence."""
    events: dict[int, dict[str, Any]] = {}
    for row in rows:
        event = events.setdefault(row["id"], {"row": row, "evidence": []})
        if row["quote"] is not None:
            event["evidence"].append(row)
    return list(events.values())


def spans(events: list[dict[str, Any]], field: str) -> list[tuple[int, int]]:
    found = (evidence for event in events for evidence in event["evidence"])
    return [(evidence["start"], evidence["end"]) for evidence in found if evidence["field"] == field]


def _plain(value: Any) -> Any:
    return value["value"] if isinstance(value, Mapping) else value


async def _rows(desk: Desk, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    return list((await desk.get_database(NAME).execute(sql, parameters or {})).rows)
