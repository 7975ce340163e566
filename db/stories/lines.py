"""A story in one plain line, in both languages: parties, what happened and how sure it is, place, day. Pure.

"TikTok, Amazon: advertising partnership announced, US, 8 Aug 2024"
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.types import Modality, Status
from db.vocabulary import ENTITIES, Name

_PARTIES, _REGIONS = 3, 3  # named in a line

#: What happened, as a noun: the event type as a headline says it.
_EVENTS = {
    "commercial/partnership": Name("partnership", "合作"),
    "commercial/advertising": Name("advertising offer", "广告业务"),
    "commercial/investment": Name("deal over ownership", "投资并购"),
    "commercial/capital": Name("listing or funding", "上市融资"),
    "commercial/results": Name("results", "业绩"),
    "platform/feature": Name("product or feature", "产品功能"),
    "platform/policy": Name("platform rules", "平台规则"),
    "platform/market": Name("market entry or exit", "市场进退"),
    "platform/fees": Name("fees and prices", "费用价格"),
    "state/regulation": Name("regulatory step", "监管行动"),
    "state/trade": Name("tariff or customs rule", "关税与通关规则"),
    "state/ban": Name("ban or forced sale", "封禁或强制出售"),
    "operations/logistics": Name("logistics", "物流"),
    "legal/penalty": Name("fine or settlement", "罚款或和解"),
    "legal/litigation": Name("court case", "诉讼"),
    "risk/safety": Name("safety or privacy matter", "安全与隐私问题"),
    "people/workforce": Name("people and jobs", "人事用工"),
}
#: Two types that are one thing when they meet among the first of a story.
_TOGETHER = {
    frozenset({"commercial/partnership", "commercial/advertising"}): Name("advertising partnership", "广告合作"),
    frozenset({"commercial/partnership", "operations/logistics"}): Name("logistics partnership", "物流合作"),
}
_FIRST = 3
_SURE = {
    "rumor": Name("rumored", "传闻"),
    "reported": Name("reported", "据报道"),
    "corroborated": Name("reported by several", "多方报道"),
    "official": Name("announced", "官方已公布"),
    "denied": Name("denied", "已被否认"),
    "corrected": Name("corrected", "报道已更正"),
    "withdrawn": Name("report withdrawn", "报道已撤回"),
    "expired": Name("not confirmed since", "此后未获证实"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLACES = {
    "US": "美国", "EU": "欧盟", "EEA": "欧洲经济区", "GLOBAL": "全球", "CN": "中国", "HK": "中国香港", "TW": "中国台湾",
    "GB": "英国", "DE": "德国", "FR": "法国", "IT": "意大利", "ES": "西班牙", "IE": "爱尔兰", "NL": "荷兰",
    "PL": "波兰",
    "JP": "日本", "KR": "韩国", "IN": "印度", "ID": "印度尼西亚", "VN": "越南", "TH": "泰国", "MY": "马来西亚",
    "PH": "菲律宾", "SG": "新加坡", "BR": "巴西", "MX": "墨西哥", "CA": "加拿大", "AU": "澳大利亚", "RU": "俄罗斯",
    "TR": "土耳其", "SA": "沙特阿拉伯", "AE": "阿联酋", "CL": "智利", "CO": "哥伦比亚", "ZA": "南非", "BE": "比利时",
    "SE": "瑞典",
}  # fmt: skip


def plain_line(
    types: Sequence[str], parties: Sequence[str], regions: Sequence[str], day: date, status: Status, modality: Modality
) -> Name:
    """`types` with the main event first (may be empty), `parties` entity ids, `regions` codes of the taxonomy."""
    what = _what(types)
    names = [ENTITIES.get(party) for party in parties[:_PARTIES]]
    who_en = ", ".join(one.en if one else party for one, party in zip(names, parties, strict=False))
    who_zh = "、".join(one.zh if one else party for one, party in zip(names, parties, strict=False))
    sure = _SURE[status]
    if status == "official" and modality != "done":
        sure = Name("planned", "官方计划") if modality == "planned" else Name("under consideration", "官方在考虑")
    places = list(regions[:_REGIONS])
    en = [f"{what.en} {sure.en}", ", ".join(places), f"{day.day} {_MONTHS[day.month - 1]} {day.year}"]
    zh = [f"{what.zh}，{sure.zh}", "、".join(_PLACES.get(place, place) for place in places)]
    zh.append(f"{day.year}年{day.month}月{day.day}日")
    return Name(
        (f"{who_en}: " if who_en else "") + ", ".join(part for part in en if part),
        (f"{who_zh}：" if who_zh else "") + "，".join(part for part in zh if part),
    )


def _what(types: Sequence[str]) -> Name:
    if types and types[0].startswith("commercial/"):
        for pair, name in _TOGETHER.items():
            if pair <= set(types[:_FIRST]):
                return name
    return _EVENTS[types[0]] if types and types[0] in _EVENTS else Name("news", "消息")
