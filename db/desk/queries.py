"""The canned queries: questions in plain words, each a bound statement with named parameters. All SQL here is ours.

Besides SQLite's own functions they use those of db.desk.functions. `cross join` keeps the order of the tables, `+` and
`indexed by` the index: there are no statistics that would let SQLite choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from db.search import RANKED
from db.vocabulary import EVENT_TYPES, Name

_NO_HINT = Name("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing a reader may enter. `choices` are offered as links; `kind` names the vocabulary of their labels."""

    title: Name
    hint: Name = _NO_HINT
    choices: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`listed` are the columns shown; the others serve cells (links, marks) and programs."""

    title: Name
    note: Name
    sql: str
    listed: tuple[str, ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


_DAYS = Parameter(title=Name("Going back", "回溯时间"), choices=("7", "30", "90", "365"), kind="days")
_ARTICLE = """
    a.id as article_id, a.sort_at, a.title, a.source_id, s.name as source_name, a.source_kind, a.platforms,
    a.event_types, a.language, a.url
"""

# The words that decided, and where they stand in the quote: a sentence may have them twice.
_CUE = """
    substr(iif(v.field = 'title', a.title, a.text), v.start + 1, v."end" - v.start) as cue,
    v.start + 1 - instr(iif(v.field = 'title', a.title, a.text), v.quote) as cue_at
"""

QUERIES: Mapping[str, Query] = {
    "new": Query(
        title=Name("New since yesterday", "自昨日起新增"),
        note=Name(
            "First seen since the beginning of yesterday, without noise such as shopping deals; newest first.",
            "昨日零时以来首次看到的文章，不含购物优惠等噪音，最新在前。",
        ),
        listed=("sort_at", "title", "source_id", "platforms", "event_types"),
        sql=f"""
            select {_ARTICLE}, a.relevance, a.lead
            from articles a indexed by articles_seen cross join sources s on s.id = a.source_id
            where a.seen_at >= masthead_day_start(1) and a.relevance >= 1
            order by a.sort_at desc limit 120
        """,  # noqa: S608 (the columns are the constant above)
    ),
    "official_partnerships": Query(
        title=Name("Official partnership news", "官方合作消息"),
        note=Name(
            "Partnerships, and advertising of one platform on another, from a party's own channel or in its own words; "
            "each with its sentence.",
            "当事方自有渠道发布、或由当事方自述的合作与平台间广告互通消息，附原句佐证。",
        ),
        listed=("sort_at", "title", "quote", "type", "attribution", "source_id", "platforms"),
        parameters={"days": _DAYS},
        sql=f"""
            select {_ARTICLE}, e.type, e.attribution, e.modality, v.quote,
                {_CUE}
            from articles a indexed by articles_sort
            cross join events e on e.id = (
                select id from events where article_id = a.id and polarity = 'asserted'
                    and (a.source_kind = 'official' or attribution = 'official')
                    and (type = 'commercial/partnership' or type = 'commercial/advertising' and a.platforms like '%,%')
                order by type = 'commercial/partnership' desc, position limit 1
            )
            cross join sources s on s.id = a.source_id
            cross join evidence v on v.id = (select min(id) from evidence where event_id = e.id)
            where a.sort_at >= iif(:days = '', '', masthead_day_start(:days))
            order by a.sort_at desc limit 200
        """,  # noqa: S608
    ),
    "policy_by_platform": Query(
        title=Name("Policy by platform", "各平台政策动态"),
        note=Name(
            "Rules and fees of platforms, and what authorities decide about them: regulation, trade, bans.",
            "平台规则与费用，以及监管、贸易和封禁方面的官方决定。",
        ),
        listed=("sort_at", "type", "title", "quote", "modality", "effective_date", "source_id", "platforms"),
        parameters={
            "platform": Parameter(
                title=Name("Platform", "平台"), choices=("amazon", "tiktok", "temu", "shein"), kind="entity"
            ),
            "days": _DAYS,
        },
        sql=f"""
            select {_ARTICLE}, e.type, e.attribution, e.modality, e.effective_date, v.quote,
                {_CUE}
            from articles a indexed by articles_sort
            cross join events e on e.article_id = a.id
                and +e.type in ('platform/policy', 'platform/fees', 'state/regulation', 'state/trade', 'state/ban')
            cross join sources s on s.id = a.source_id
            cross join evidence v on v.id = (select min(id) from evidence where event_id = e.id)
            where a.sort_at >= iif(:days = '', '', masthead_day_start(:days))
                and (:platform = '' or exists (
                    select 1 from json_each(iif(json_valid(a.platforms), a.platforms, '[]')) where value = :platform
                ))
            order by a.sort_at desc limit 200
        """,  # noqa: S608
    ),
    "source_health": Query(
        title=Name("Source health", "信源状态"),
        note=Name(
            "Every source with its state in one sentence; those that could not be seen come first.",
            "每个信源的状态与一句话原因，未能看到的排在最前。",
        ),
        listed=("state", "name", "reason", "since", "last_good_at", "last_new_at", "entries"),
        sql="""
            select state, id as source_id, name, kind, code, code as reason, code as to_do, detail, since,
                last_good_at, last_new_at, entries, url, enabled
            from sources
            order by enabled desc,
                case state when 'refused' then 0 when 'robots' then 0 when 'broken' then 0 when 'drift' then 1
                    when 'silent' then 2 when 'never' then 3 when 'quiet' then 4 else 5 end,
                name
        """,
    ),
    "rules": Query(
        title=Name("Rules and their hits", "规则与命中"),
        note=Name(
            "Every cue that finds events, with the newest sentence it found; those with most hits first. A rule that "
            "is wrong for you is switched off by its id in your own lexicon.",
            "识别事件的全部规则及各自最近命中的原句，命中多者在前。不适用的规则可在自有词库中按编号停用。",
        ),
        listed=(
            "rule",
            "target",
            "pattern",
            "hits",
            "last_hit_at",
            "quote",
            "precision",
            "right",
            "wrong",
            "called_wrong",
            "file",
        ),
        parameters={
            "type": Parameter(title=Name("What happened", "事件类型"), choices=tuple(EVENT_TYPES), kind="type")
        },
        sql=f"""
            with said as (
                select v.rule, count(distinct t.article_id) as called_wrong
                from triage t indexed by triage_article cross join events e on e.article_id = t.article_id
                cross join evidence v on v.event_id = e.id
                where t.article_id is not null and t.kind = 'wrong_tag' and t.undone_at is null group by v.rule
            )
            select r.id as rule, r.target, r.pattern, r.weight, coalesce(h.hits, 0) as hits,
                nullif(h.last_hit_at, '') as last_hit_at, v.quote, a.id as article_id, a.title, a.language, a.url,
                round(1.0 * r.right / nullif(r.right + r.wrong, 0), 2) as precision, r.right, r.wrong,
                coalesce(said.called_wrong, 0) as called_wrong, r.file,
                {_CUE}
            from rules r left join rule_hits h on h.rule = r.id
            left join articles a on a.id = h.last_article_id
            left join evidence v on v.id = (
                select min(w.id) from events e cross join evidence w on w.event_id = e.id
                where e.article_id = a.id and w.rule = r.id)
            left join said on said.rule = r.id
            where :type = '' or r.target = :type
            order by hits desc, r.id limit 300
        """,  # noqa: S608
    ),
    "find": Query(
        title=Name("Search", "搜索"),
        note=Name(
            "Chinese and English at once: names find each other (亚马逊 finds Amazon), “quotation marks” keep words "
            "together.",
            "中英文一并检索：名称互通（搜“亚马逊”也能找到 Amazon）；用引号括住词组可整体匹配。",
        ),
        listed=("sort_at", "title", "source_id", "platforms", "event_types", "language"),
        parameters={"q": Parameter(title=Name("Search for", "搜索内容"), hint=Name("TikTok Amazon", "亚马逊 广告"))},
        # Of a common word the newest are wanted, and ranking would read all its places. Excerpts only of those shown.
        sql=f"""
            with found as (
                select rowid as id, iif(
                    (select count(*) from (select 1 from search where search match masthead_match(:q) limit {RANKED}))
                        < {RANKED}, bm25(search, 4.0, 1.0), 0.0) as place
                from search where search match masthead_match(:q) order by rowid desc limit {RANKED}
            )
            select {_ARTICLE}, masthead_excerpt(:q, a.text) as excerpt, masthead_needles(:q) as needles
            from (select id, place from found order by place, id desc limit 50) hit
            join articles a on a.id = hit.id join sources s on s.id = a.source_id
            order by hit.place, a.sort_at desc
        """,  # noqa: S608
    ),
}
