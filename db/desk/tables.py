"""The tables that may be read on the desk: titles, notes, what a list shows, its order and facets.

A table that is not here is not served at all. What its columns are called is in db.desk.columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.desk.columns import UNITS
from db.vocabulary import Name

Facet = str | dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`listed` are the columns of the list page, in order; the page of one row shows all but those for `machine`s."""

    title: Name
    note: Name
    listed: tuple[str, ...]
    sortable: tuple[str, ...]
    sort_desc: str = ""
    sort: str = ""
    facets: tuple[Facet, ...] = ()
    label: str = ""
    machine: tuple[str, ...] = ()
    size: int = 50


TABLES: Mapping[str, Table] = {
    "articles": Table(
        title=Name("Articles", "文章"),
        note=Name(
            "One row is one document of one source. Newest first; an edit makes a revision, not a new row.",
            "每行是一个信源的一篇文章，最新在前；修改记为历次修改，不另立新行。",
        ),
        listed=("sort_at", "title", "source_id", "platforms", "event_types", "language"),
        sortable=("sort_at", "day", "id"),
        sort_desc="sort_at",
        # All of them are ours and served by one index (db.desk.facets).
        facets=(
            {"values": "source_kind"},
            {"labels": "platforms"},
            {"labels": "event_types"},
            {"values": "language"},
            {"days": "day"},
        ),
        label="title",
        machine=(
            "sketch",
            "sketch_bands",
            "sketch_exact",
            "sketch_size",
            "title_key",
            "content_hash",
            "found_by",
            "lexicon",
        ),
    ),
    "sources": Table(
        title=Name("Sources", "信源"),
        note=Name("Every place that is watched, how it is doing and why.", "所有受监测的信源、当前状态及原因。"),
        listed=(
            "state",
            "name",
            "kind",
            "language",
            "access",
            "last_good_at",
            "last_new_at",
            "entries",
        ),
        sortable=("name", "state", "kind", "language", "access", "last_good_at", "last_new_at", "entries", "fails"),
        sort="name",
        facets=("state", "kind", "language", "access"),
        label="name",
        machine=("etag", "last_modified", "body_hash", "guid_trust"),
        size=100,
    ),
    "events": Table(
        title=Name("Events in texts", "文中事件"),
        note=Name("What a text says happened, with who says it and how sure.", "文中所述事件、消息来源与确定程度。"),
        listed=(
            "id",
            "article_id",
            "type",
            "attribution",
            "polarity",
            "modality",
            "regions",
            "effective_date",
            "score",
        ),
        sortable=("id", "score", "effective_date"),
        sort_desc="id",
        facets=("type",),
    ),
    "evidence": Table(
        title=Name("Evidence", "佐证"),
        note=Name(
            "The sentence behind each event; the words that decided it are marked.",
            "每个事件的依据原句，关键词已标出。",
        ),
        listed=("id", "event_id", "quote", "field", "rule"),
        sortable=("id",),
        sort_desc="id",
        facets=("rule",),
    ),
    "mentions": Table(
        title=Name("Mentions", "提及"),
        note=Name("Where a text names a company, platform or authority.", "文中提到公司、平台或机构之处。"),
        listed=("article_id", "entity", "surface", "field", "about"),
        sortable=("article_id",),
        sort_desc="article_id",
        facets=("entity",),
    ),
    "entities": Table(
        title=Name("Companies, platforms, authorities", "公司、平台与机构"),
        note=Name("Whom the lookout knows by name.", "可识别的主体。"),
        listed=("id", "name_en", "name_zh", "kind", "parent"),
        sortable=("id", "name_en", "name_zh", "kind"),
        sort="id",
        facets=("kind",),
        label="name_en",
        size=100,
    ),
    "stories": Table(
        title=Name("Stories", "事件"),
        note=Name(
            "One row is one happening with all its coverage; the page of a story shows it whole.",
            "每行是一个事件及其全部报道，完整内容见事件页面。",
        ),
        listed=("id", "line_en", "line_zh", "status", "impact", "articles", "origins", "first_at", "last_at"),
        sortable=("first_at", "last_at", "status_at"),
        sort_desc="last_at",
        facets=("status",),
        machine=("rules", "importance_parts", "credibility_parts"),
    ),
    "story_articles": Table(
        title=Name("Articles of stories", "事件与文章"),
        note=Name("Which article stands in which story, and why.", "文章所属事件及归入依据。"),
        listed=("article_id", "story_id", "at", "score", "why", "decided_by"),
        sortable=("article_id",),
        sort_desc="article_id",
        machine=("signature", "statements"),
    ),
    "status_moves": Table(
        title=Name("Status moves", "状态变化"),
        note=Name("When a story's status changed, by which sentence of whom.", "事件状态变化的时间与依据原句。"),
        listed=("id", "story_id", "status", "at", "source_id", "quote", "decided_by"),
        sortable=("id", "at"),
        sort_desc="id",
    ),
    "claims": Table(
        title=Name("Claims", "表述对照"),
        note=Name(
            "What an article says beside what the official text of its story says.", "文章表述与官方口径的逐项对照。"
        ),
        listed=("id", "story_id", "slot", "verdict", "value", "quote", "official_quote"),
        sortable=("id",),
        sort_desc="id",
        facets=("verdict",),
    ),
    "deadlines": Table(
        title=Name("Dates of stories", "关键日期"),
        note=Name("Deadlines and effective dates, each with its sentence.", "截止与生效日期，附原句。"),
        listed=("id", "date", "role", "story_id", "quote", "article_id"),
        sortable=("id", "date"),
        sort_desc="date",
    ),
    "story_decisions": Table(
        title=Name("Joins and splits", "合并与拆分记录"),
        note=Name(
            "What rules and people decided about stories; undone ones stay.", "规则与人工对事件的决定，撤销的也保留。"
        ),
        listed=("id", "at", "kind", "story_id", "other_story_id", "article_id", "decided_by", "reason", "undone_at"),
        sortable=("id",),
        sort_desc="id",
        machine=("before",),
    ),
    "triage": Table(
        title=Name("Log of triage", "处理记录"),
        note=Name(
            "Who said what of which story, and when; undone answers stay.", "谁在何时如何处理了哪个事件，撤销的也保留。"
        ),
        listed=("id", "at", "by", "kind", "value", "note", "story_id", "article_id", "undone_at", "undone_by"),
        sortable=("id",),
        sort_desc="id",
    ),
    "records": Table(
        title=Name("Records of registers", "登记信息"),
        note=Name(
            "Number, type, days and agencies of official documents, as their registers give them.",
            "官方文件的文号、类型、日期与发布机构，均取自其登记数据。",
        ),
        listed=("article_id", "number", "type", "effective", "comments_close", "agencies", "docket"),
        sortable=("article_id", "effective", "comments_close"),
        sort_desc="article_id",
    ),
    "revisions": Table(
        title=Name("Revisions", "历次修改"),
        note=Name("Earlier versions of articles and watched pages.", "文章与监测页面的历次文本。"),
        listed=("id", "article_id", "number", "seen_at", "title", "item_id"),
        sortable=("id", "seen_at"),
        sort_desc="id",
    ),
    "runs": Table(
        title=Name("Crawls", "抓取记录"),
        note=Name("Each crawl with its result.", "每次抓取及结果。"),
        listed=("id", "started_at", "ended_at", "outcome", "asked", "seen", "new", "changed", "same", "requests"),
        sortable=("id", "new", "requests"),
        sort_desc="id",
        facets=("outcome",),
    ),
    "run_sources": Table(
        title=Name("Crawls by source", "各信源抓取记录"),
        note=Name("How each source did in each crawl.", "每个信源在每次抓取中的情况。"),
        listed=(
            "run_id",
            "source_id",
            "state",
            "was",
            "code",
            "new",
            "changed",
            "same",
            "failed",
            "entries",
            "seconds",
        ),
        sortable=("run_id",),
        sort_desc="run_id",
    ),
    "fetches": Table(
        title=Name("Requests", "请求记录"),
        note=Name("Every request that was sent, and how it ended.", "发出的每个请求及其结果。"),
        listed=("id", "at", "source_id", "purpose", "url", "status", "code", "size_bytes", "seconds"),
        sortable=("id",),
        sort_desc="id",
    ),
}


def metadata() -> dict[str, object]:
    """Datasette's metadata for the tables: order, page sizes, facets, labels, units."""
    return {
        name: {
            "title": table.title.en,
            "description": table.note.en,
            "sortable_columns": list(table.sortable),
            "facets": list(table.facets),
            "size": table.size,
            "units": dict(UNITS.get(name, {})),
            **({"sort_desc": table.sort_desc} if table.sort_desc else {"sort": table.sort} if table.sort else {}),
            **({"label_column": table.label} if table.label else {}),
        }
        for name, table in TABLES.items()
    }
