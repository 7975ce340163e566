"""News, readers and what stands around them, for the tests of mails: a quiet day, a heavy one, hostile titles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from db.briefing import Briefing
from db.news import News
from scheduler.config import Team
from scheduler.mails.compose import Told, Window, edition_mail
from scheduler.mails.message import Mail
from scheduler.rules import Recipient

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SENDER = "Masthead <desk@desk.example>"
ZH = Recipient(name="ops", address="ops@desk.example")
EN = Recipient(name="lee", address="lee@desk.example", language="en", zone="Europe/Berlin")
NEWS = News(
    trigger="status:official",
    at=NOW,
    status="official",
    baseline=False,
    moved=True,
    was="rumor",
    story_id="st-000001",
    story_status="official",
    line_en="Harbour Mall: seller fees cut, EU, 1 Jul 2026",
    line_zh="港湾商城：卖家费用下调，欧盟",
    headline="Harbour Mall lowers its fees",
    headline_language="en",
    lead="From July on.",
    url="https://news.harbour.example/fees?a=1&b=2",
    source_id="harbour",
    source_name="Harbour Gazette",
    source_kind="trade",
    form="article",
    published_at=NOW - timedelta(hours=2),
    first_at=NOW,
    day="2026-06-01",
    main_event="platform/fees",
    types=("platform/fees",),
    platforms=("amazon",),
    regions=("EU",),
    audience=(),
    languages=("en",),
    kinds=("trade",),
    impact=2,
    importance=0.6,
    articles=4,
    origins=2,
    titles="",
)
TEAM = Team()
WINDOW = Window(
    kind="daily", since=datetime(2026, 5, 31, 1, 0, tzinfo=UTC), until=NOW, day=date(2026, 6, 1), instantly=1
)
AROUND = Briefing(
    stories=9,
    articles=41,
    enabled=41,
    seen=39,
    claims=[
        {
            "story_id": "st-000002",
            "verdict": "not_in_official",
            "slot": "audience",
            "quote": "Every seller may join now.",
            "official_quote": "",
            "line_en": "Ferry ads open",
            "line_zh": "渡轮广告开放",
            "url": None,
            "source_name": "A blog",
        }
    ],
    deadlines=[
        {
            "date": "2026-07-01",
            "role": "effective",
            "story_id": "st-000001",
            "line_en": "Fees cut",
            "line_zh": "费用下调",
            "impact": 2,
        }
    ],
    unconfirmed=[
        {
            "story_id": "st-000003",
            "status": "rumor",
            "line_en": "A pier may close",
            "line_zh": "码头或将关闭",
            "first_at": "",
        }
    ],
    blind=[
        {
            "source_id": "x",
            "name": "Quay Post",
            "state": "refused",
            "code": "forbidden",
            "since": "2026-05-30T01:00:00+00:00",
        }
    ],
)


def edition(reader: Recipient = EN, told: list[Told] | None = None, around: Briefing = AROUND) -> Mail:
    return edition_mail(
        reader, told if told is not None else [Told(news=NEWS, rule="all")], around, TEAM, WINDOW,
        desk_url="http://127.0.0.1:8001",
    )  # fmt: skip


DESK = "http://127.0.0.1:8001"


def told(**changes: object) -> Told:
    return Told(news=replace(NEWS, **changes), rule="all")  # type: ignore[arg-type]  # fields of the test's choice


def heavy() -> list[Told]:
    """Eleven stories of all statuses and platforms, some moved, in both languages."""
    lines = (
        ("official", "rumor", "tiktok", "TikTok: shop opens, MX, 14 Sep 2026", "TikTok：商城开放，墨西哥", "zh"),
        ("denied", "reported", "amazon", "Amazon: fee rise denied, US", "亚马逊：否认上调费用，美国", "en"),
        ("official", "", "temu", "Temu: sellers must register, VN", "Temu：卖家须登记，越南", "en"),
        ("corroborated", "", "shein", "SHEIN: warehouse strike, PL", "SHEIN：仓库罢工，波兰", "en"),
        ("rumor", "", "amazon", "Amazon: may buy a carrier", "亚马逊：或收购承运商", "zh"),
        ("reported", "", "ebay", "eBay: lists of banned goods grow", "eBay：禁售清单扩大", "en"),
        ("corrected", "official", "temu", "Temu: date of the levy corrected", "Temu：附加费日期更正", "en"),
        ("withdrawn", "official", "tiktok", "TikTok: notice withdrawn", "TikTok：公告撤回", "en"),
        ("expired", "rumor", "shein", "SHEIN: listing not confirmed since", "SHEIN：上市传闻此后未获证实", "zh"),
        ("reported", "", "", "Ports: queue at the harbour", "港口：排队加长", "en"),
        ("official", "", "amazon", "Amazon: labels from March, EU", "亚马逊：三月起须贴标，欧盟", "en"),
    )
    headlines = {"en": "The harbour market writes to its sellers about what changes", "zh": "港湾市集致信卖家说明变化"}
    return [
        told(
            story_id=f"st-{number:06}", status=status, story_status=status, was=was, moved=bool(was),
            trigger=f"status:{status}", platforms=(platform,) if platform else (), line_en=en, line_zh=zh,
            headline=headlines[language], headline_language=language, importance=0.9 - number / 20, articles=number,
            origins=max(1, number // 2), source_name="港湾观察" if language == "zh" else "Harbour Gazette",
        )
        for number, (status, was, platform, en, zh, language) in enumerate(lines, 1)
    ]  # fmt: skip


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202eevil \u2066 turned",
    "x" * 400,
    "字" * 400,
    "A\r\nBcc: all@evil.example",
    "{{ 7 * 7 }} {% raw %}",
    "Z\u0351\u036b\u0343a\u035c\u0332l" * 40,
    "",
    "👩‍👩‍👧‍👦" * 60,
)


def hostile() -> list[Told]:
    return [
        told(
            story_id=f"st-{number:06}", headline=title, line_en=title, line_zh=title, source_name=title,
            url="https://evil.example/" + "a" * 300, importance=0.9 - number / 20,
        )
        for number, title in enumerate(HOSTILE)
    ]  # fmt: skip


QUIET = replace(AROUND, stories=0, articles=0, claims=[], deadlines=[], unconfirmed=[])
