"""Names of the values that stories, claims and triage hold, in English and Chinese; put together in db.desk.words."""

from __future__ import annotations

from collections.abc import Mapping

from db.desk.words_claims import CLAIM_VALUES
from db.vocabulary import Name

STORY_VALUES: Mapping[str, Mapping[str, Name]] = {
    "status": {
        "rumor": Name("rumor", "传闻"),
        "reported": Name("reported", "已报道"),
        "corroborated": Name("corroborated", "多方佐证"),
        "official": Name("official", "官宣"),
        "denied": Name("denied", "已否认"),
        "corrected": Name("corrected", "已更正"),
        "withdrawn": Name("withdrawn", "已撤回"),
        "expired": Name("expired", "已过期"),
    },
    "verdict": {
        "supported": Name("supported", "与官方一致"),
        "broader": Name("wider than the official text", "超出官方范围"),
        "contradicted": Name("against the official text", "与官方不符"),
        "not_in_official": Name("not in the official text", "官方未提及"),
        "no_official_yet": Name("no official text yet", "尚无官方口径"),
    },
    "slot": {
        "audience": Name("who is affected", "影响对象"),
        "region": Name("place", "地区"),
        "modality": Name("how far", "进展"),
        "date": Name("date", "日期"),
        "amount": Name("figure", "数字"),
        "action": Name("what is done", "行为"),
        "party": Name("who takes part", "当事方"),
    },
    "impact": {
        "0": Name("none", "无"),
        "1": Name("slight", "轻微"),
        "2": Name("moderate", "一般"),
        "3": Name("strong", "较大"),
        "4": Name("act now", "须立即应对"),
    },
    "triage": {
        "unread": Name("unread", "未读"),
        "read": Name("read", "已读"),
        "important": Name("important", "重要"),
        "noise": Name("noise", "噪音"),
        "owned": Name("has an owner", "已指派"),
        "noted": Name("has a note", "有备注"),
    },
    "triage_kind": {
        "read": Name("read", "已读"),
        "important": Name("important", "重要"),
        "noise": Name("noise", "噪音"),
        "wrong_tag": Name("wrong tag", "标签有误"),
        "wrong_story": Name("wrong story", "不属于本事件"),
        "overclaim": Name("over-claim", "过度解读"),
        "owner": Name("owner", "负责人"),
        "hand_over": Name("handed over to", "移交给"),
        "note": Name("note", "备注"),
    },
    "overclaim": {
        "confirmed": Name("yes, it goes beyond", "是，确属过度解读"),
        "unfounded": Name("no, it is fair", "否，表述合理"),
    },
    "why": {
        "entities": Name("the same parties", "相同主体"),
        "event": Name("the same event", "相同事件"),
        "figure": Name("the same figure", "相同数字"),
        "date": Name("the same date", "相同日期"),
        "words": Name("the same words", "相近用词"),
        "copy": Name("a copy", "同源转载"),
        "person": Name("a person's decision", "人工归入"),
        "drift": Name("unlike the beginning of the earlier story", "与先前事件的开头不同，另立事件"),
        "conflict": Name(
            "other parties, places or deciders than in the earlier story",
            "当事方、地点或裁决机构与先前事件不同，另立事件",
        ),
    },
    "part": {
        "impact": Name("impact", "影响程度"),
        "relevance": Name("relevance", "相关度"),
        "coverage": Name("coverage", "报道量"),
        "status": Name("status", "状态"),
        "source": Name("best source", "最佳信源"),
        "origins": Name("independent origins", "独立信源"),
        "event": Name("what happened", "事件类型"),
        "audience": Name("who is affected", "影响对象"),
        "date": Name("a date is near", "日期临近"),
        "platform": Name("platform", "平台"),
        "none": Name("none", "无"),
        "none that is watched": Name("none that is watched", "不涉及关注平台"),
    },
    "move_reason": {
        "no new evidence for 90 days": Name("no new evidence for 90 days", "90 天内没有新佐证"),
        "a named party rejects it": Name("a named party rejects it", "当事方否认"),
        "nothing but satire": Name("nothing but satire", "仅为讽刺内容"),
        "a text of a party or authority at its own host": Name(
            "a text of a party or authority at its own address", "当事方或主管机构在自有网站发布"
        ),
        "a named outlet's own report": Name("a named outlet's own report", "具名媒体自行报道"),
        "hearsay, opinion or an unnamed source": Name("hearsay, opinion or an unnamed source", "传闻、观点或匿名消息"),
        "its author takes it back": Name("its author takes it back", "发布者收回报道"),
    },
    "decision": {
        "join": Name("joined", "归入"),
        "split": Name("split off", "拆分"),
        "merge": Name("merged", "合并"),
        "move": Name("moved", "移动"),
        "follow": Name("follows", "后续"),
        "follows": Name("follows", "后续"),
        "status": Name("status set", "设定状态"),
        "undo": Name("undone", "撤销"),
    },
    "unit": {
        "hours": Name("hours", "小时"),
        "days": Name("days", "天"),
        "pp": Name("percentage points", "个百分点"),
    },
    "conflict": {"rule": Name("by rule", "规则")},
    **CLAIM_VALUES,
}
