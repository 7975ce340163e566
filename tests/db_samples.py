"""Articles and sources of our own making for the tests of the memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from db.text import clean_line, clean_text
from db.types import Article, Event, Evidence, Mention, Source, TaggedArticle, Tags
from pipelines.copies import make_sketch

NOW = datetime(2024, 8, 9, 1, 0, tzinfo=UTC)
TEXT = (
    "TikTok and Amazon said on Thursday that people in the United States can link their accounts and buy goods shown "
    "in ads without leaving the app. The announcement covers Amazon's own product ads. It says nothing about "
    "third-party sellers, and it gives no date for other countries.\n"
    "两家公司表示，用户可以随时解除绑定。公告没有提到第三方卖家能否投放此类广告。\n"
    "Sellers who asked support were told to wait for further notice, two advisers reported at a meeting in Shenzhen."
)


def source(source_id: str = "harbour", **changes: Any) -> Source:
    values: dict[str, Any] = {
        "name": "Harbour Times", "kind": "trade", "language": "en", "access": "feed",
        "url": f"https://{source_id}.example/feed", "keep_text": "full",
    }  # fmt: skip
    return Source(id=source_id, **{**values, **changes})


def article(title: str = "TikTok and Amazon link their shops", text: str = TEXT, **changes: Any) -> Article:
    title, text = clean_line(title), clean_text(text)
    values: dict[str, Any] = {
        "source_id": "harbour", "source_kind": "trade", "url": "https://harbour.example/a", "canonical_url": None,
        "guid": "", "authors": ("Li Wen",), "language": "en", "published_raw": "Thu, 08 Aug 2024 13:00:00 GMT",
        "published_at": datetime(2024, 8, 8, 13, 0, tzinfo=UTC), "seen_at": NOW, "quality": "ok", "keep_text": "full",
        "found_by": {"text": "feed"}, "flags": (), "fingerprint": "f1", "sketch": make_sketch(title, text),
    }  # fmt: skip
    return Article(title=title, text=text, **{**values, **changes})


def tagged(given: Article | None = None, *, lexicon: str = "1", **changes: Any) -> TaggedArticle:
    """The article with mentions of TikTok and Amazon and one event, wherever the words stand."""
    given = given or article(**changes)
    mentions = [
        Mention(entity=name.lower(), field="text", start=at, end=at + len(name), surface=name, about=True)
        for name in ("TikTok", "Amazon")
        if (at := given.text.find(name)) >= 0
    ]
    at = given.text.find("link their accounts")
    quote = given.text[:200].split("\n")[0]
    evidence = Evidence(field="text", start=at, end=at + 19, rule="link-1", quote=quote)
    events = (Event(type="commercial/partnership", score=1.5, evidence=(evidence,)),) if at >= 0 else ()
    tags = Tags(language="en", relevance=2, mentions=tuple(mentions), events=events, lexicon=lexicon)
    return TaggedArticle(article=given, tags=tags)
