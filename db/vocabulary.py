"""The fixed words of the product with their display names: entities, event types, source kinds, access, languages.

Ids are stable and stand in data files, rows and addresses; names are for people, in English and Chinese. How a text
names an entity (aliases, vetoes) belongs to the lexicon, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EntityKind = Literal["platform", "company", "carrier", "authority"]


@dataclass(frozen=True, slots=True)
class Name:
    """What people read instead of an id."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A company, platform, carrier or authority; `parent` is the id of its owner, "" if none is listed."""

    en: str
    zh: str
    kind: EntityKind
    parent: str = ""


def _authority(en: str, zh: str) -> Entity:
    return Entity(en, zh, "authority")


ENTITIES: Mapping[str, Entity] = {
    # platforms that people sell on, advertise on or watch
    "amazon": Entity("Amazon", "亚马逊", "platform"),
    "tiktok": Entity("TikTok", "TikTok", "platform", "bytedance"),
    "temu": Entity("Temu", "Temu", "platform", "pdd"),
    "shein": Entity("SHEIN", "SHEIN（希音）", "platform"),
    "aliexpress": Entity("AliExpress", "速卖通", "platform", "alibaba"),
    "lazada": Entity("Lazada", "来赞达", "platform", "alibaba"),
    "shopee": Entity("Shopee (Sea)", "虾皮（Sea）", "platform"),
    "jd": Entity("JD.com", "京东", "platform"),
    "walmart": Entity("Walmart", "沃尔玛", "platform"),
    "ebay": Entity("eBay", "eBay", "platform"),
    "etsy": Entity("Etsy", "Etsy", "platform"),
    "shopify": Entity("Shopify", "Shopify", "platform"),
    "target": Entity("Target", "塔吉特", "platform"),
    "costco": Entity("Costco", "开市客", "platform"),
    "mercadolibre": Entity("Mercado Libre", "美客多", "platform"),
    "ozon": Entity("Ozon", "Ozon", "platform"),
    "wildberries": Entity("Wildberries", "野莓", "platform"),
    "coupang": Entity("Coupang", "酷澎", "platform"),
    "flipkart": Entity("Flipkart", "Flipkart", "platform", "walmart"),
    "rakuten": Entity("Rakuten", "乐天", "platform"),
    "douyin": Entity("Douyin", "抖音", "platform", "bytedance"),
    "taobao": Entity("Taobao", "淘宝", "platform", "alibaba"),
    "xiaohongshu": Entity("Xiaohongshu (RedNote)", "小红书", "platform"),
    "kuaishou": Entity("Kuaishou", "快手", "platform"),
    "youtube": Entity("YouTube", "YouTube", "platform", "google"),
    "pinterest": Entity("Pinterest", "Pinterest", "platform"),
    "snap": Entity("Snap", "Snap", "platform"),
    "x": Entity("X (Twitter)", "X（推特）", "platform"),
    # companies
    "aws": Entity("Amazon Web Services", "亚马逊云科技", "company", "amazon"),
    "bytedance": Entity("ByteDance", "字节跳动", "company"),
    "pdd": Entity("PDD Holdings", "拼多多", "company"),
    "alibaba": Entity("Alibaba", "阿里巴巴", "company"),
    "meta": Entity("Meta", "Meta", "company"),
    "google": Entity("Google", "谷歌", "company"),
    "apple": Entity("Apple", "苹果公司", "company"),
    "microsoft": Entity("Microsoft", "微软", "company"),
    "oracle": Entity("Oracle", "甲骨文", "company"),
    "openai": Entity("OpenAI", "OpenAI", "company"),
    "tencent": Entity("Tencent", "腾讯", "company"),
    "emarketer": Entity("eMarketer", "eMarketer", "company"),
    # carriers
    "ups": Entity("UPS", "联合包裹（UPS）", "carrier"),
    "fedex": Entity("FedEx", "联邦快递", "carrier"),
    "dhl": Entity("DHL", "敦豪（DHL）", "carrier"),
    "usps": Entity("USPS", "美国邮政", "carrier"),
    "cainiao": Entity("Cainiao", "菜鸟", "carrier", "alibaba"),
    "maersk": Entity("Maersk", "马士基", "carrier"),
    # authorities
    "ftc": _authority("FTC (US)", "美国联邦贸易委员会"),
    "doj": _authority("Department of Justice (US)", "美国司法部"),
    "sec": _authority("SEC (US)", "美国证券交易委员会"),
    "cpsc": _authority("CPSC (US)", "美国消费品安全委员会"),
    "cbp": _authority("Customs and Border Protection (US)", "美国海关与边境保护局"),
    "ustr": _authority("Trade Representative (US)", "美国贸易代表办公室"),
    "white_house": _authority("White House", "白宫"),
    "us_congress": _authority("US Congress", "美国国会"),
    "scotus": _authority("US Supreme Court", "美国最高法院"),
    "us_states": _authority("US states", "美国各州"),
    "us_courts": _authority("US courts", "美国法院"),
    "us_other": _authority("Other US authorities", "美国其他机构"),
    "eu_commission": _authority("European Commission", "欧盟委员会"),
    "eu_other": _authority("Other EU authorities", "欧盟其他机构"),
    "cnil": _authority("CNIL (France)", "法国数据保护机构（CNIL）"),
    "agcm": _authority("AGCM (Italy)", "意大利反垄断机构（AGCM）"),
    "uk_gov": _authority("UK government", "英国政府"),
    "uk_cma": _authority("CMA (UK)", "英国竞争与市场管理局"),
    "cn_mofcom": _authority("Ministry of Commerce (China)", "中国商务部"),
    "cn_customs": _authority("Customs (China)", "中国海关总署"),
    "cn_samr": _authority("SAMR (China)", "国家市场监督管理总局"),
    "cn_gov": _authority("Government of China", "中国政府"),
    "jp_gov": _authority("Government of Japan", "日本政府"),
    "kr_gov": _authority("Government of South Korea", "韩国政府"),
    "in_gov": _authority("Government of India", "印度政府"),
    "id_gov": _authority("Government of Indonesia", "印度尼西亚政府"),
    "vn_gov": _authority("Government of Vietnam", "越南政府"),
    "br_gov": _authority("Government of Brazil", "巴西政府"),
    "ca_gov": _authority("Government of Canada", "加拿大政府"),
    "au_gov": _authority("Government of Australia", "澳大利亚政府"),
    "other_gov": _authority("Other governments", "其他国家政府"),
}

EVENT_TYPES: Mapping[str, Name] = {
    "commercial/partnership": Name("Partnership", "合作"),
    "commercial/advertising": Name("Advertising", "广告"),
    "commercial/investment": Name("Investment and mergers", "投资并购"),
    "commercial/capital": Name("Capital and IPO", "融资上市"),
    "commercial/results": Name("Results and figures", "业绩数据"),
    "platform/feature": Name("Product or feature", "产品功能"),
    "platform/policy": Name("Platform rules", "平台规则"),
    "platform/market": Name("Market entry or exit", "市场进退"),
    "platform/fees": Name("Fees and prices", "费用价格"),
    "state/regulation": Name("Regulation", "监管"),
    "state/trade": Name("Tariffs and trade", "关税贸易"),
    "state/ban": Name("Ban or forced sale", "封禁与强制出售"),
    "operations/logistics": Name("Logistics", "物流"),
    "legal/penalty": Name("Fine or settlement", "罚款和解"),
    "legal/litigation": Name("Litigation", "诉讼"),
    "risk/safety": Name("Safety and privacy", "安全与隐私"),
    "people/workforce": Name("People and jobs", "人事用工"),
}

SOURCE_KINDS: Mapping[str, Name] = {
    "official": Name("Official", "官方"),
    "regulator": Name("Authority", "监管机构"),
    "wire": Name("News agency", "通讯社"),
    "mainstream": Name("Mainstream media", "主流媒体"),
    "trade": Name("Trade media", "行业媒体"),
    "kol": Name("Opinion leader", "意见领袖"),
    "self_media": Name("Self-media", "自媒体"),
    "community": Name("Community", "社区"),
    "aggregator": Name("Aggregator", "聚合"),
}

#: The first four widen from one to the next; the others stand beside them, unordered.
AUDIENCES: Mapping[str, Name] = {
    "first_party": Name("Own goods of the platform", "平台自营"),
    "invited_sellers": Name("Invited sellers", "受邀卖家"),
    "third_party_sellers": Name("Third-party sellers", "第三方卖家"),
    "all": Name("Everybody", "所有人"),
    "creators": Name("Creators", "创作者"),
    "advertisers": Name("Advertisers", "广告主"),
    "consumers": Name("Consumers", "消费者"),
    "carriers": Name("Carriers", "物流商"),
}

STATUSES: Mapping[str, Name] = {
    "rumor": Name("Rumor", "传闻"),
    "reported": Name("Reported", "已报道"),
    "corroborated": Name("Corroborated", "多方佐证"),
    "official": Name("Official", "官宣"),
    "denied": Name("Denied", "已否认"),
    "corrected": Name("Corrected", "已更正"),
    "withdrawn": Name("Withdrawn", "已撤回"),
    "expired": Name("Expired", "已过期"),
}

ACCESS: Mapping[str, Name] = {
    "feed": Name("Feed", "订阅源"),
    "sitemap": Name("Sitemap", "站点地图"),
    "listing": Name("List page", "列表页"),
    "api": Name("JSON API", "JSON 接口"),
    "page": Name("Watched page", "监测页面"),
    "mailbox": Name("Mailbox", "邮箱"),
    "clip": Name("Clips by hand", "手动摘录"),
}

LANGUAGES: Mapping[str, Name] = {
    "en": Name("English", "英语"),
    "zh": Name("Chinese", "中文"),
    "multi": Name("Several languages", "多语言"),
    "ar": Name("Arabic", "阿拉伯语"),
    "bg": Name("Bulgarian", "保加利亚语"),
    "cs": Name("Czech", "捷克语"),
    "da": Name("Danish", "丹麦语"),
    "de": Name("German", "德语"),
    "el": Name("Greek", "希腊语"),
    "es": Name("Spanish", "西班牙语"),
    "et": Name("Estonian", "爱沙尼亚语"),
    "fa": Name("Persian", "波斯语"),
    "fi": Name("Finnish", "芬兰语"),
    "fr": Name("French", "法语"),
    "he": Name("Hebrew", "希伯来语"),
    "hi": Name("Hindi", "印地语"),
    "hr": Name("Croatian", "克罗地亚语"),
    "hu": Name("Hungarian", "匈牙利语"),
    "id": Name("Indonesian", "印度尼西亚语"),
    "it": Name("Italian", "意大利语"),
    "ja": Name("Japanese", "日语"),
    "ko": Name("Korean", "韩语"),
    "lt": Name("Lithuanian", "立陶宛语"),
    "lv": Name("Latvian", "拉脱维亚语"),
    "ms": Name("Malay", "马来语"),
    "nl": Name("Dutch", "荷兰语"),
    "no": Name("Norwegian", "挪威语"),
    "pl": Name("Polish", "波兰语"),
    "pt": Name("Portuguese", "葡萄牙语"),
    "ro": Name("Romanian", "罗马尼亚语"),
    "ru": Name("Russian", "俄语"),
    "sk": Name("Slovak", "斯洛伐克语"),
    "sl": Name("Slovenian", "斯洛文尼亚语"),
    "sv": Name("Swedish", "瑞典语"),
    "th": Name("Thai", "泰语"),
    "tl": Name("Filipino", "菲律宾语"),
    "tr": Name("Turkish", "土耳其语"),
    "uk": Name("Ukrainian", "乌克兰语"),
    "vi": Name("Vietnamese", "越南语"),
}
