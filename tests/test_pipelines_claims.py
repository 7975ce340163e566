"""What counts as a claim about the news, and what is told beside it; what the desk is told of the other articles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.types import StoryItem, Verdict, Voice
from pipelines.assess import assess
from pipelines.lexicon import load_lexicon
from pipelines.statements import brief, statements
from pipelines.tag import tag

LEXICON = load_lexicon()
DAY = "2025-06-16"
OFFICIAL = Voice(
    id="tiktok", kind="official", family="bytedance", speaks_for=("tiktok",), hosts=("newsroom.tiktok.com",)
)
POST = Voice(id="post", kind="self_media", family="post", speaks_for=(), hosts=("post.example",))
NEWS = "TikTok Shop will raise its commission in Germany to 9% from 1 July 2025 for sellers of electronics."


def item(number: int, voice: Voice, title: str, text: str) -> StoryItem:
    tags = tag(
        title, text, LEXICON, language="", date=DAY, source_kind=voice.kind, speaks_for=voice.speaks_for
    )  # fmt: skip
    return StoryItem(
        id=f"a{number}", at=datetime(2025, 6, 16, number, tzinfo=UTC), language=tags.language, voice=voice,
        url=f"https://{voice.hosts[0]}/{number}", tags=tags, origin=str(number),
        statements=statements(title, text, tags, date=DAY, language=tags.language),
    )  # fmt: skip


def verdicts(text: str, *, title: str = "TikTok Shop in Germany", official: str = NEWS) -> list[tuple[Verdict, str]]:
    judged = assess([item(0, OFFICIAL, "Commission in Germany", official), item(1, POST, title, text)], NOW)
    return [(claim.verdict, claim.statement.slot) for claim in judged.claims]


NOW = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "beside",
    [
        "In March 2024 TikTok Shop raised its commission in Spain to 5%.",
        "Last year the commission in France rose to 5%.",
        "A research firm expects a commission of 12% across Europe.",
        "If the plan works, TikTok Shop will raise its commission across Europe to 12%.",
        "去年TikTok Shop将法国佣金上调至5%。",
        "研究机构预计，TikTok Shop明年将在欧洲各国把佣金上调至12%。",
        "TikTok是全球最受欢迎的短视频应用之一。",
    ],
)
def test_what_is_told_beside_the_news_is_no_claim(beside: str) -> None:
    assert [verdict for verdict, _ in verdicts(f"{NEWS} {beside}")] == ["supported"]
    assert not {"broader", "contradicted", "not_in_official"} & {verdict for verdict, _ in verdicts(beside)}


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("TikTok Shop will raise its commission in Germany to 12% from 1 July 2025.", "amount"),
        ("TikTok Shop will raise its commission in Germany to 9% from 1 August 2025.", "date"),
        ("TikTok Shop will raise its commission across Europe to 9% from 1 July 2025.", "region"),
        ("7月1日起，TikTok Shop德国站佣金上调至12%。", "amount"),
        ("7月1日起，TikTok Shop欧洲所有站点佣金上调至9%。", "region"),
    ],
)
def test_what_is_told_of_the_news_is_a_claim(text: str, slot: str) -> None:
    assert slot in {found for verdict, found in verdicts(text) if verdict != "supported"}


@pytest.mark.parametrize(
    ("official", "text", "slot"),
    [
        (
            "The TikTok Shop sale runs from June 20 to June 24, 2025.",
            "2025年TikTok Shop大促定于7月13日至19日举行。",
            "date",
        ),
        (
            "The authority has opened formal proceedings against TikTok.",
            "A court ruled that TikTok violated the law.",
            "action",
        ),
        ("TikTok remained accessible to users in Nepal.", "尼泊尔用户完全无法打开TikTok。", "action"),
        ("TikTok Shop opens to Chinese sellers who own stock.", "所有中国卖家均可入驻TikTok Shop。", "audience"),
        ("TikTok等两家平台被监管部门约谈，将按要求整改。", "监管部门约谈了Temu、TikTok四家平台，要求整改。", "amount"),
    ],
)
def test_what_goes_against_another_announcement(official: str, text: str, slot: str) -> None:
    found = verdicts(text, title="TikTok", official=official)
    assert slot in {where for verdict, where in found if verdict not in ("supported", "no_official_yet")}


@pytest.mark.parametrize(
    ("official", "text"),
    [
        ("The TikTok Shop sale runs from June 20 to 24, 2025.", "The sale takes place on 22 June among other days."),
        (
            "TikTok faces formal proceedings in Italy.",
            "意大利对TikTok立案调查。有人说“法院已裁定TikTok违法”，文件里没有这句话。",
        ),
        ("TikTok will pay a fine of $1 billion to 35 million users.", "TikTok将支付10亿罚款。"),
        ("TikTok will verify new sellers.", "TikTok will verify new sellers; those already selling need not."),
        ("TikTok removed 1.15 million listings.", "TikTok removed a million listings."),
        ("TikTok Shop opens to Chinese sellers.", "所有中国卖家均可入驻TikTok Shop。"),
        ("TikTok will charge $42 from 1 July 2025.", "TikTok will charge $42 from 1 July 2025, $3 more than now."),
        ("TikTok proposes to charge sellers 2 euros.", "TikTok wants to charge sellers 2 euros."),
        ("TikTok waives the fee for six months.", "TikTok免收费用半年。"),
        ("TikTok raises its commission to 9.5%.", "TikTok上调佣金1.5个百分点。"),
        (
            "TikTok changes the price to $42. Annual plans keep their price until renewal.",
            "TikTok raises the price to $42.",
        ),
    ],
)
def test_what_says_the_same_in_other_words(official: str, text: str) -> None:
    found = verdicts(text, title="TikTok", official=official)
    assert not {"broader", "contradicted", "not_in_official"} & {verdict for verdict, _ in found}


def test_another_company_in_the_place_of_the_announced_one() -> None:
    assert ("contradicted", "party") in verdicts(
        "Lazada will raise its commission in Germany to 9% from 1 July 2025.", title="Lazada in Germany"
    )


def test_the_sum_of_two_official_figures_is_one_of_them() -> None:
    settled = "TikTok will pay a fine of $1 billion and refunds of $1.5 billion."
    assert "contradicted" not in {v for v, _ in verdicts("TikTok will pay a fine of $2.5 billion.", official=settled)}


def test_without_an_official_text_a_claim_waits_for_one() -> None:
    judged = assess([item(1, POST, "TikTok Shop in Germany", NEWS)], NOW)
    assert [claim.verdict for claim in judged.claims] == ["no_official_yet"]
    assert judged.claims[0].official is None


def test_impact_asks_for_the_platforms_that_are_watched() -> None:
    story = [item(0, OFFICIAL, "Commission in Germany", NEWS)]
    watched, other = (assess(story, NOW, frozenset({name})).impact for name in ("tiktok", "walmart"))
    assert watched == other + 1


def test_of_a_text_that_is_not_kept_only_what_claims_days_and_marks_need() -> None:
    text = " ".join([NEWS, "Sellers in Spain may join.", "Sellers in Italy may join.", "It starts on 1 July 2025."])
    said = statements("", text, tag("", text, LEXICON, language="en", date=DAY), date=DAY, language="en")
    kept = brief(said)
    assert {one.sentence for one in said} == {1, 2, 3, 4}
    assert {one.quote for one in kept if one.sentence > 2} == {"It starts on 1 July 2025."}
    assert [one for one in kept if one.sentence <= 2] == [one for one in said if one.sentence <= 2]
