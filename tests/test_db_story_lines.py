"""The plain line of a story in both languages, and what a story is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.stories.lines import _EVENTS, plain_line
from db.stories.summary import Summary, summarise
from db.types import Event, Evidence, Mention, StoryItem, Tags, Voice
from db.vocabulary import EVENT_TYPES, Name

AT = datetime(2024, 8, 8, 17, 0, tzinfo=UTC)  # the 9th in Shanghai
DAY = date(2024, 8, 8)
EVIDENCE = (Evidence(field="text", start=0, end=3, rule="r"),)


def event(kind: str, **values: object) -> Event:
    return Event(type=kind, score=1.0, evidence=EVIDENCE, **values)  # type: ignore[arg-type]  # fields by name


def item(name: str, *events: Event, origin: str = "", about: tuple[str, ...] = ("tiktok", "amazon")) -> StoryItem:
    mentions = tuple(Mention(entity=one, field="text", start=0, end=1, surface=one, about=True) for one in about)
    tags = Tags(language="en", relevance=2, mentions=mentions, events=events, lexicon="1")
    voice = Voice(id=name, kind="trade")
    return StoryItem(
        id=name, at=AT, language="en", voice=voice, url=None, tags=tags, statements=(), origin=origin or name
    )


def summary(*items: StoryItem, officials: tuple[str, ...] = ()) -> Summary:
    return summarise(items, officials, {"tiktok", "amazon"}, "official", ZoneInfo("Asia/Shanghai"))


def test_every_event_type_has_its_words() -> None:
    assert set(_EVENTS) == set(EVENT_TYPES)


@pytest.mark.parametrize(
    ("types", "parties", "regions", "status", "modality", "en", "zh"),
    [
        (
            ["commercial/advertising", "platform/feature", "commercial/partnership"], ["tiktok", "amazon"], ["US"],
            "official", "done",
            "TikTok, Amazon: advertising partnership announced, US, 8 Aug 2024",
            "TikTok、亚马逊：广告合作，官方已公布，美国，2024年8月8日",
        ),
        (["state/ban"], ["scotus", "tiktok"], [], "denied", "done",
         "US Supreme Court, TikTok: ban or forced sale denied, 8 Aug 2024",
         "美国最高法院、TikTok：封禁或强制出售，已被否认，2024年8月8日"),
        (["platform/fees"], ["amazon"], ["US", "XX"], "official", "planned",
         "Amazon: fees and prices planned, US, XX, 8 Aug 2024", "亚马逊：费用价格，官方计划，美国、XX，2024年8月8日"),
        ([], [], [], "rumor", "done", "news rumored, 8 Aug 2024", "消息，传闻，2024年8月8日"),
        (["own/type"], ["ours"], [], "reported", "done", "ours: news reported, 8 Aug 2024",
         "ours：消息，据报道，2024年8月8日"),
    ],
)  # fmt: skip
def test_a_line_says_who_what_how_sure_where_and_when(
    types: list[str], parties: list[str], regions: list[str], status: object, modality: object, en: str, zh: str
) -> None:
    assert plain_line(types, parties, regions, DAY, status, modality) == Name(en, zh)  # type: ignore[arg-type]


def test_near_copies_count_once_and_official_texts_more() -> None:
    fee, feature = event("platform/fees", regions=("US",)), event("platform/feature", regions=("DE",))
    copies = [item(f"c{number}", feature, origin="c") for number in range(3)]
    assert summary(*copies, item("o", fee), officials=("o",)).main_event == "platform/fees"
    assert summary(*copies, item("o", fee)).main_event == "platform/feature"
    assert summary(*copies, item("o", fee), officials=("o",)).regions == '["US"]'


def test_who_acts_comes_first_and_the_day_of_the_line_is_that_of_the_happening() -> None:
    acted = event("legal/penalty", parties={"agent": ("ftc",), "patient": ("amazon",)})
    found = summary(item("a", acted), item("b", event("legal/penalty")))
    assert found.line_en == "FTC (US), Amazon: fine or settlement announced, 8 Aug 2024"
    assert (found.day, found.platforms) == ("2024-08-09", '["tiktok", "amazon"]')
    later = replace(item("c"), at=AT + timedelta(days=3))
    assert summary(item("a", acted), later).day == "2024-08-09"
