"""Tells a page that stands in for the content (bot check, login, consent, "not found", parked domain) from content.

Only recognises, so that a refusal is never taken for a quiet day; nothing here, or anywhere, tries to get around one.
A page with a good deal of visible text is content, whatever its scripts mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from crawler.found import Answer
from db.charset import decode
from db.urls import host_of

_MOST_BYTES = 2_000_000  # looked at; content shows long before
_CONTENT_WIDTH = 4_000  # of visible text, a Han character counting two; stand-ins stay below
_ENOUGH_RUNS = 3
_LONG_RUN = re.compile(rb">[^<>{};]{200,}")  # a paragraph; scripts and styles hold braces and semicolons
_NO_PAGE = re.compile(
    rb"[\s\xef\xbb\xbf]*(?:[\[{]|%PDF|\x1f\x8b|<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b)", re.IGNORECASE
)
_XML = re.compile(rb"[\s\xef\xbb\xbf]*<\?xml\b", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template|svg|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>?")
_TITLE = re.compile(r"<title\b[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_DATA = re.compile(r"application/(?:ld\+)?json|__(?:NEXT|NUXT|INITIAL|PRELOADED|APOLLO)_|<script\b[^<>]*>[^<]{2000}")
_ARTICLE = re.compile(  # what a page says of itself; a teaser before a paywall is still content
    r"og:type[\"']\s+content=[\"']article|article:published_time|\"@type\"\s*:\s*\"(?:News|Blog)?(?:Article|Posting)\""
)
_WAITING = re.compile(r"(?:loading|please wait|加载中|正在加载|页面加载中|请稍候|请稍等)?\W*", re.IGNORECASE)

_HOSTS = (
    ("consent_page", re.compile(r"(?:consent|guce)\.")),
    ("login_page", re.compile(r"(?:log-?in|signin|passport|sso|accounts)\.")),
    ("parked_domain", re.compile(r"(?:.*\.)?(?:sedoparking|parkingcrew|hugedomains|bodis|dan|afternic)\.(?:com|net)$")),
)


@dataclass(frozen=True, slots=True)
class _Sign:
    """A pattern, where it must stand, and the amount of visible text beyond which it means nothing."""

    code: str
    where: Literal["title", "text", "source"]
    most: int
    pattern: re.Pattern[str]


def _sign(code: str, where: Literal["title", "text", "source"], most: int, *alternatives: str) -> _Sign:
    return _Sign(code, where, most, re.compile("|".join(alternatives), re.IGNORECASE))


# In order: a bot check often also says "not found" or asks for a login.
_SIGNS = (
    _sign("challenge_page", "source", 1_500,  # what only the vendors' interstitials carry
        r"_cf_chl_opt|cf-chl-|cf-browser-verification|id=[\"']challenge-(?:form|running|error-text)",
        r"geo\.captcha-delivery\.com|id=[\"']px-captcha|sec-if-cpt-container|/_sec/cp_challenge/|bm-verify",
        r"Incapsula incident ID|gokuProps|awsWafCookieDomainList|sucuri_cloudproxy_js|/\.well-known/ddos-guard/",
        r"aliyun_waf|acw_sc__v[23]|x5secdata|/_____tmd_____/|wzws-waf|yunsuo_session_verify|btwaf|/errors/validateCaptcha",
    ),
    _sign("challenge_page", "source", 250,  # widgets that forms of real pages carry too
        r"initGeetest|geetest\.com|AliyunCaptcha|nc_?login|TencentCaptcha|TCaptcha\.js|class=[\"'][^\"']*\b[gh]-captcha",
        r"g-recaptcha|_Incapsula_Resource|challenges\.cloudflare\.com|errors\.edgesuite\.net",
    ),
    _sign("challenge_page", "title", 2_500,
        r"^just a moment\W*$|^attention required|^security (?:check|verification)\b|^pardon our interruption",
        r"^access (?:to this page has been )?denied\W*$|^(?:are you|verify you(?: are|.re)) (?:a )?(?:human|robot)",
        r"^human verification|^(?:one more step|robot check|ddos-guard|checking your browser|captcha)\W*$",
        r"^(?:百度|安全|人机|滑动|滑块|访问|身份)*(?:安全|人机|滑动|滑块|访问)验证\W*$|^验证码(?:拦截|中间页)|^访问(?:被)?拦截",
        r"^(?:环境|访问|请求)异常|^网站防火墙|^云防护|^浏览器(?:安全)?检查",
    ),
    _sign("challenge_page", "text", 1_200,
        r"check(?:ing)? (?:if the site connection is secure|your browser before)|prove you are human",
        r"verify(?:ing)? (?:that )?you are (?:a )?human|you are(?: not|n.t) a (?:robot|bot)\b",
        r"enable javascript and cookies to continue|complete the (?:security check|captcha)|press (?:&|&amp;|and) hold",
        r"(?:unusual|automated) (?:traffic|access|activity) from your|(?:type|enter) the characters you see",
        r"made us think (?:that )?you (?:were|are) a bot",
        r"(?:请|需要?)(?:先)?(?:点击|拖动|滑动|完成)[^。]{0,16}(?:验证|滑块|拼图)|(?:向右|按住)[^。]{0,8}滑(?:动|块)",
        r"完成(?:安全)?验证后[^。]{0,8}继续|您的?(?:访问|请求|操作)(?:过于|太)频繁|当前(?:网络)?环境异常",
        r"您的(?:访问|请求|网络环境|IP)[^。]{0,8}(?:存在)?异常|正在(?:检查|检测|验证)您的浏览器",
        r"(?:您的)(?:请求|访问)[^。]{0,12}被[^。]{0,8}(?:拦截|阻断)",
    ),
    _sign("parked_domain", "source", 2_500,
        r"(?:sedoparking|parkingcrew|bodis|parklogic|hugedomains|afternic)\.(?:com|net)|window\.park\s*=",
        r"location\.href\s*=\s*[\"']/lander\b",
    ),
    _sign("parked_domain", "text", 1_500,
        r"(?:domain|\b[a-z0-9-]+\.(?:com|net|org|cn|io|co|shop))(?: name)? (?:is|may be)(?: now)? (?:parked|for sale)",
        r"(?:buy|purchase|get) this domain|domain (?:name )?has expired|parked (?:free|domain)",
        r"(?:此|该|本)域名[^。]{0,10}(?:出售|转让|已过期|已到期|停放|待售|可以购买)|购买(?:此|该)域名",
    ),
    _sign("soft_404", "title", 1_500,
        r"^\W*(?:error\W*)?404\b(?! media)|\b404\W*(?:error|not found|page)|^(?:\W*page )?not found\b|error 404\b",
        r"\bpage (?:can(?:no|.)t be found|not found|doesn.t exist|unavailable)|^(?:oops|sorry)\b.*\bfound",
        r"(?:页面|网页|文章|内容)(?:未找到|没有找到|不存在|已删除|走丢)|404错误",
        r"(?:找不到|未找到)(?:该|您|你|此)?[^。]{0,8}(?:页|内容)",
        r"^seite nicht gefunden|^page (?:introuvable|non trouv)|^página no encontrada|^pagina non trovata",
    ),
    _sign("soft_404", "text", 600,
        r"page (?:that )?you[a-z' ]{0,40}(?:can.?t be found|(?:could|was) not (?:be )?found|does(?:n.t| not) exist)",
        r"(?:can.t|cannot|could.?n.t) find (?:the|that) page|no longer (?:exists|available) (?:at|on) this address",
        r"\bpage not found\b|\b404 not found\b|error 404\b",
        r"(?:访问|查看|找|请求|浏览)的(?:页面|网页|内容|文章)[^。]{0,12}(?:不存在|已(?:被)?删除|找不到|丢失|下架)",
        r"(?:页面|文章|内容|该帖子?)(?:不存在|已(?:被)?(?:作者|发布者)?删除|找不到了|走丢了)",
    ),
    _sign("login_page", "title", 1_500,
        r"^(?:log ?in|sign ?in|login required|member login|sign up or log in)\b(?!.{40})|\W(?:log ?in|sign ?in)\W*$",
        r"^(?:用户|会员|帐号|账号|扫码|统一)?(?:登录|登陆)(?!.{20})|[-_|–—]\s*(?:用户|会员)?登[录陆]\W*$",
    ),
    _sign("login_page", "text", 500,
        r"(?:log|sign) in (?:to (?:continue|view|read|access|see)|or (?:sign up|register) to)",
        r"you must (?:be logged|log) in|(?:subscriber|member)s?[ -]only content",
        r"(?:subscribe|register|create an account) to (?:continue|keep) reading",
        r"登[录陆](?:后|即可|以)(?:才)?可?(?:以)?(?:查看|继续|阅读|浏览|访问)(?![^。]{0,6}评论)|请使用[^。]{0,8}扫码登[录陆]",
    ),
    _sign("login_page", "text", 120, r"请先?登[录陆]|please (?:log|sign) in"),
    _sign("consent_page", "source", 6_000, r"action=[\"']https?://(?:consent|guce)\."),
    _sign("consent_page", "title", 3_000,
        r"^(?:before you continue|we value your privacy|your privacy|cookie (?:consent|settings|preferences))\b",
        r"^(?:privacy (?:settings|choices|center|gate)|consent|datenschutz(?:einstellungen)?)\W*$",
        r"^隐私(?:设置|声明|政策)?同意",
    ),
    _sign("consent_page", "text", 1_200,
        r"before you continue to |(?:accept|agree|consent)[a-z ]{0,20} to continue (?:to|reading)",
        r"accept all.*reject all|reject all.*accept all|alle akzeptieren|tout accepter",
        r"同意(?:并|后)继续|请(?:阅读并)?同意[^。]{0,20}(?:隐私|协议|cookie)",
    ),
)  # fmt: skip


def blocked(answer: Answer) -> str | None:
    """The code of what came instead of content (challenge_page, login_page, consent_page, soft_404, parked_domain,
    empty_body), or None. Feeds, JSON and everything else that is not HTML are None unless they are empty."""
    body = answer.body[:_MOST_BYTES]
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        return "empty_body"
    if code := _by_host(answer.url):
        return code
    if _NO_PAGE.match(body) or (_XML.match(body) and not _HTML.search(body[:2_000])):
        return None
    if len(list(islice(_LONG_RUN.finditer(body), _ENOUGH_RUNS))) == _ENOUGH_RUNS:
        return None
    return _by_text(decode(body, answer.content_type, "html").text)


def _by_host(url: str) -> str | None:
    host = host_of(url)
    return next((code for code, pattern in _HOSTS if pattern.match(host)), None)


def _by_text(source: str) -> str | None:
    text = " ".join(_TAG.sub(" ", _UNSEEN.sub(" ", source)).split())
    width = len(text.encode("gb18030", "replace"))
    if width > _CONTENT_WIDTH:
        return None
    title = _TITLE.search(source)
    places = {"title": " ".join(title[1].split()) if title else "", "text": text, "source": source}
    code = next(_codes(places, width), None)
    if code and (code == "challenge_page" or not _ARTICLE.search(source)):
        return code
    return "empty_body" if _WAITING.fullmatch(text) and not _DATA.search(source) else None


def _codes(places: dict[str, str], width: int) -> Iterator[str]:
    for sign in _SIGNS:
        if width <= sign.most and sign.pattern.search(places[sign.where]):
            yield sign.code
