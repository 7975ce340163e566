"""What tags, class names, ids and roles say of the text inside: one bit for each thing said.

Words, not whole names: the same stems serve thousands of templates. No site is named here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# A stem fits the beginning or the end of a word in a class or id; a word in capitals must be the whole word.
_STEMS: Final[dict[str, str]] = {
    "comment": "comment disqus discuss reply replies respond livefyre",
    "share": "share sharing social follow addthis facebook twitter whatsapp wechat weixin weibo qrcode erweima sns",
    "related": "relat recommend more also trending popular teaser tease card mostread hotnews hotlist xiangguan tuijian"
    " next prev previous headlines outbrain taboola pager pagination latest linklist upnext readmore rec recirc similar"
    " explore discover carousel trend feed ITEM ITEMS",
    "advert": "AD ADS advert sponsor promo banner adsense dfp gpt affiliate anzeige guanggao werbung advertisement pub",
    "sell": "subscri newsletter signup login register paywall donat cta offer membership member app download join",
    "byline": "author byline autor writer contributor bio zuozhe bianji editor EDITORS",
    "stamp": "META metadata DATE datetime time publish posted INFO laiyuan dateline timestamp pubtime source",
    "caption": "caption credit figure photo gallery image img picture slideshow thumb video player media"
    " copyrightholder",
    "tags": "TAG TAGS taglist keyword categor topic label rubric rubrik kicker eyebrow",
    "menu": "nav menu breadcrumb crumb toolbar topbar masthead SKIP TAB TABS toc dropdown search header",
    "side": "sidebar aside widget rail RIGHT secondary infobox factbox colright",
    "foot": "foot copyright legal disclaim colophon imprint banquan shengming terms privacy",
    "modal": "cookie consent modal popup overlay gdpr ccpa onetrust didomi usercentrics cmp alert notice toast dialog"
    " lightbox tooltip hidden hide visually SR",
    "embed": "tweet TIKTOK instagram REDDIT bluesky mastodon",
    "content": "articlebody articlecontent articletext entrycontent postcontent postbody storybody storycontent"
    " richtext wysiwyg zhengwen textbody bodytext bodycopy maincontent contentbody newscontent newstext prose",
}
_BY_TAG_ALONE: Final = ("nav", "footer", "aside", "form", "article", "main", "list", "figure", "quote", "alone")
BIT: Final = {name: 1 << place for place, name in enumerate((*_STEMS, *_BY_TAG_ALONE))}
# Two words side by side that name the article's own text, and names that do so alone.
_WHOSE: Final = frozenset(("article", "entry", "post", "story", "news", "page", "main", "blog", "detail", "single"))
_WHAT: Final = frozenset(("body", "content", "contents", "text", "main", "copy", "detail", "article", "inner"))
_ALONE: Final = frozenset(("article", "content", "story", "post", "text", "body", "main"))
_STEM_BITS: Final = [(stem, BIT[name]) for name, stems in _STEMS.items() for stem in stems.split()]
_BY_STEM: Final = {stem: bit for stem, bit in _STEM_BITS if stem.islower()}
_BY_WORD: Final = {stem.lower(): bit for stem, bit in _STEM_BITS if stem.isupper()}
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NAMES_CHARACTERS: Final = 120

BY_TAG: Final = {
    "nav": BIT["nav"], "menu": BIT["nav"], "footer": BIT["footer"], "aside": BIT["aside"], "form": BIT["form"],
    "fieldset": BIT["form"], "article": BIT["article"], "main": BIT["main"], "ul": BIT["list"], "ol": BIT["list"],
    "dl": BIT["list"], "figure": BIT["figure"], "figcaption": BIT["figure"] | BIT["caption"],
    "blockquote": BIT["quote"], "dialog": BIT["modal"], "caption": BIT["caption"],
}  # fmt: skip
BY_ROLE: Final = {
    "navigation": BIT["nav"], "contentinfo": BIT["footer"], "complementary": BIT["aside"], "main": BIT["main"],
    "article": BIT["article"], "search": BIT["form"], "dialog": BIT["modal"], "menu": BIT["nav"],
    "menubar": BIT["nav"], "list": BIT["list"], "alert": BIT["modal"],
}  # fmt: skip


@lru_cache(maxsize=20_000)  # templates repeat their names on every page of a site
def hints_of(names: str) -> int:
    """The bits that class names and an id say, given as one string."""
    said, before = 0, ""
    for word in _WORDS.findall(names[:_NAMES_CHARACTERS]):
        word = word.lower()
        said |= _word(word)
        if word in _WHAT and before in _WHOSE:
            said |= BIT["content"]
        before = word
    return said | BIT["alone"] if names.strip().lower() in _ALONE else said


@lru_cache(maxsize=20_000)
def _word(word: str) -> int:
    said = _BY_WORD.get(word, 0)
    for size in range(3, len(word) + 1):
        said |= _BY_STEM.get(word[:size], 0) | _BY_STEM.get(word[-size:], 0)
    return said
