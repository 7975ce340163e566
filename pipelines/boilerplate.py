"""Lines that stand in news pages everywhere and belong to no article, by their words: in English, Chinese and the
languages next to them. Patterns only, matched against single blocks; where a block stands is judged elsewhere.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["related", "share", "talk"]

_OPENINGS: Final = {
    "share": r"share|follow (?:us|@)|tweet|subscribe|sign (?:up|in)|log in|register|newsletter|get (?:the|our|all)"
    r"|join (?:our|us|the)|download|click here|advertisement|sponsored|promo|buy now|shop"
    r"|anzeige|abonn|teilen|publicidad|suscr"
    r"|分享|扫一扫|扫码|关注|订阅|微信|下载|广告|点击|打开",
    "related": r"read (?:more|next|also|the full)|see also|also (?:read|on|see)|related|recommended"
    r"|more (?:from|on|stories|about|news|in)|you (?:may|might) (?:also|like)|most (?:read|popular|viewed)"
    r"|trending|latest"
    r"|top stories|don['’]?t miss|watch(?: now|:)|up next|previous|next|editor'?s pick|popular|view all"
    r"|(?:show|load) more"
    r"|back to|(?:more|also|read|see):|people are|editors?['’]? (?:recommend|choice)"
    r"|mehr zum|lesen sie|auch interessant|weitere|lire aussi|leer más|te puede|meer"
    r"|相关|推荐|延伸阅读|更多|热门|上一篇|下一篇|猜你喜欢|阅读原文|返回|関連|おすすめ|관련",
    "talk": r"comments?\b|leave a|add a comment|reply|\d+ comments?|what do you think|kommentar"
    r"|评论|留言|网友|发表|登录|コメント|댓글",
}
_OPENING: Final = re.compile(
    r"[\W\d]{0,4}(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _OPENINGS.items()) + ")", re.IGNORECASE
)
# Each line one kind of notice: commissions, cookies, rights, newsletters, donations, calls, agency captions, Chinese
# and Japanese or Korean notes on rights and editors.
_NOTICE: Final = re.compile(
    r"""\b(?:affiliate|commission)\b.{0,80}\b(?:link|purchase|commission|earn|sale)
    |\b(?:purchase|buy|click).{0,80}\b(?:through|via)\s(?:a|our|the|these|links?)\b.{0,60}(?:link|site|commission|retailer)
    |independently\s(?:selected|chosen|review)|\bearn\sa\s(?:small\s)?commission
    |\bcookies?\b.{0,200}\b(?:browser|consent|website|preferences|accept|partners)|\bwe(?:\sand\sour\spartners)?\suse\scookies
    |all\srights\sreserved|subject\sto\scopyright|may\snot\sbe\s(?:published|reproduced|republished|copied)
    |alle\srechte\svorbehalten|tous\sdroits\sr|todos\slos\sderechos
    |(?:sign\sup|subscribe|register)\s(?:here|now|today|for|to)\b.{0,120}(?:newsletter|inbox|e-?mail|alerts?|updates|podcast|channel)
    |(?:straight|delivered|directly)\s(?:in)?to\syour\s(?:e-?mail\s)?inbox
    |support\sour\s(?:newsroom|journalism|work|mission)|your\s(?:contribution|donation|support)\b.{0,60}\b(?:helps?|keep|make|goes|can)
    |\b(?:keep|make)\s(?:our|this|the)\s(?:site|news|stories|journalism|reporting)\s(?:free|alive|going|possible)
    |contribute\sas\slittle\sas|unterstützen\sSie\suns\b|(?:faites|faire)\sun\sdon\b
    |\bexterne[nrs]?\s(?:inhalte?|content)\b|\bexternal\scontent\b|\bcontenu\sexterne\b|privatsphäre-einstellungen
    |(?:réservée?|reserved|exclusivo)\s(?:aux|for|para)\s(?:abonnés|subscribers|suscriptores)|il\svous\sreste\s[\d.,]+\s?%
    |(?:subscribe|log\sin|sign\sin|register)\sto\s(?:continue|keep|read\s(?:the|more|on))|already\sa\s(?:subscriber|member)
    |\blorem\sipsum\b|剩余.{0,12}(?:内容|%)|(?:登录|订阅|付费|开通|购买).{0,12}(?:查看|阅读|继续|解锁).{0,6}(?:全文|更多|全部|内容)
    |consider\s(?:supporting|making\sa|donating|becoming)
    |^(?:follow|like|join)\s(?:us|me|@).{0,80}$|^\W*click\shere|^\^\s|^file\s?[-–—]|^file\sphoto
    |未经.{0,12}(?:授权|许可|允许).{0,20}(?:转载|使用|复制)|转载.{0,12}(?:注明|请|授权)|版权(?:所有|归|声明)|责任编辑|免责声明|特别声明
    |^[（(\[【]?(?:责编|编辑|来源|文章来源|记者|作者|校对|审核|原标题)\s?[:：].{0,30}$|本文来源|举报|关注.{0,20}(?:公众号|微信|我们)|扫.{0,4}二维码
    |無断(?:転載|複製)|이메일.{0,10}무단|무단\s?(?:전재|복제)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTICE_CHARACTERS: Final = 700
# One of these stands in every notice; looking for them first costs a tenth of the pattern.
_NOTICE_WORDS: Final = (
    "commission", "affiliate", "purchase", "buy", "click", "independently", "cookie", "rights", "copyright",
    "may not be", "rechte", "droits", "derechos", "sign up", "subscribe", "register", "inbox", "support",
    "^", "contribution", "donation", "consider", "follow", "like ", "join ", "file",
    "keep ", "make ", "contribute", "unterstützen", "un don", "extern", "privatsphäre", "réservé", "reserved",
    "exclusivo",
    "il vous", "log in", "sign in", "already a", "lorem", "剩余", "登录", "订阅", "付费", "开通", "购买",
    "转载", "未经", "版权", "编辑", "声明", "责编", "来源", "记者", "作者", "校对",
    "审核", "原标题", "举报", "关注", "二维码", "無断", "무단",
)  # fmt: skip


def opening(text: str) -> Kind | None:
    """What a line calls for by its first words: other stories, sharing and buying, or talk."""
    found = _OPENING.match(text)
    return found.lastgroup if found else None  # type: ignore[return-value] # the groups are the kinds


def is_notice(text: str) -> bool:
    """Whether a block of a few lines is a notice of the site: rights, cookies, commissions, newsletters, editors."""
    if len(text) > _NOTICE_CHARACTERS:
        return False
    lower = text.lower()
    return any(word in lower for word in _NOTICE_WORDS) and bool(_NOTICE.search(text))
