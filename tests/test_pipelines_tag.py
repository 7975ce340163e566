"""Tags of a text: names, events, how they are meant, and that every span says what it claims."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.types import Tags
from pipelines.language import main_language
from pipelines.lexicon import load_lexicon
from pipelines.tag import tag
from tests.growth import assert_linear

LEXICON = load_lexicon()


def named(title: str, text: str = "", date: str | None = None) -> set[str]:
    return {mention.entity for mention in tag(title, text, LEXICON, date=date).mentions}


def first(title: str, text: str = "") -> tuple[str, str, str, str]:
    event = tag(title, text, LEXICON).events[0]
    return event.type, event.attribution, event.polarity, event.modality


# ------------------------------------------------------------------ names
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("TikTok广告投放", {"tiktok"}),
        ("亚马逊FBA费用", {"amazon"}),
        ("亞馬遜與抖音國際版", {"amazon", "tiktok"}),
        ("Tik Tok or ＴｉｋＴｏｋ", {"tiktok"}),
        ("抖音国际版不是抖音", {"tiktok", "douyin"}),
        ("抖音海外版上线", {"tiktok"}),
        ("AMAZON'S NEW FEES", {"amazon"}),
        ("Amazon Web Services grows", {"aws"}),
        ("亚马逊云科技发布", {"aws"}),
        ("拼多多海外版Temu", {"temu"}),
        ("南京东路的店", set()),
        ("京东物流", {"jd"}),
        ("Temuan people of Malaysia", set()),
        ("Claudia Sheinbaum speaks", set()),
        ("the Amazon rainforest burns", set()),
        ("亚马逊雨林大火", set()),
        ("JD Vance speaks", set()),
        ("Their target audience", set()),
        ("a lawsuit over pawsome saws", set()),
        ("see https://www.amazon.com/dp/B0?tag=tiktok and shein.com/x?utm=temu", set()),
        ("<a href='https://tiktok.com'>read</a>", set()),
        ("write to help@amazon.com", set()),
        ("The Federal Trade Commission and the FTC", {"ftc"}),
        ("美国国际贸易委员会", set()),
        ("欧盟委员会对速卖通", {"eu_commission", "aliexpress"}),
        ("美国联邦法院法官", {"us_courts"}),
        ("😀TikTok😀Temu", {"tiktok", "temu"}),
    ],
)
def test_names(text: str, wanted: set[str]) -> None:
    assert named(text) == wanted
    assert named("", text) == wanted


def test_office_holders_by_date() -> None:
    assert named("Trump signs order on parcels", date="2025-02-01") == {"white_house"}
    assert named("Trump signs copies of his book", date="2023-02-01") == set()


def test_about_is_what_stands_in_front() -> None:
    tags = tag("Temu opens a warehouse", "It is in Ohio. " * 30 + "Amazon has one there too.", LEXICON)
    assert {(m.entity, m.about) for m in tags.mentions} == {("temu", True), ("amazon", False)}


# ------------------------------------------------------------------ events
@pytest.mark.parametrize(
    ("title", "event"),
    [
        ("新农合作社代表上传资料", "commercial/partnership"),
        ("陈冠希音乐节阵容公布", "platform/market"),
        ("How to train your puppy: training tips", "platform/feature"),
        ("Federal Trade Commission moves to new building", "state/trade"),
        ("The European Commission meets on Monday", "platform/fees"),
        ("News https://example.test/amazon-partners-with-tiktok-ban", "commercial/partnership"),
    ],
)
def test_look_alikes_of_cues(title: str, event: str) -> None:
    assert event not in {e.type for e in tag(title, "", LEXICON).events}


def test_no_event_hangs_on_a_known_platform() -> None:
    assert first("Kwikbazar sued by a rival")[0] == "legal/litigation"
    assert first("某购物平台下调卖家佣金")[0] == "platform/fees"


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Marketplace denies plans to acquire parcel firm", ("commercial/investment", "denied")),
        ("平台否认收购物流公司", ("commercial/investment", "denied")),
        ("平台辟谣：没有裁员计划", ("people/workforce", "denied")),
        ("Platform raises fees not only for new sellers", ("platform/fees", "asserted")),
        ("平台不仅下调佣金，还取消保证金", ("platform/fees", "asserted")),
        ("平台未来将收购物流公司", ("commercial/investment", "asserted")),
    ],
)
def test_denials(title: str, wanted: tuple[str, str]) -> None:
    event, _, polarity, _ = first(title)
    assert (event, polarity) == wanted


@pytest.mark.parametrize(
    ("title", "attribution", "modality"),
    [
        ("Retailer sues seller over fake reviews", "official", "done"),
        ("Retailer is in talks to acquire parcel firm, sources say", "anonymous", "possible"),
        ("知情人士称平台考虑收购物流公司", "anonymous", "possible"),
        ("平台宣布将于明年上调佣金", "official", "planned"),
        ("Marketplace to raise seller fees next year, company says", "official", "planned"),
    ],
)
def test_axes(title: str, attribution: str, modality: str) -> None:
    _, said, _, meant = first(title)
    assert (said, meant) == (attribution, modality)


def test_a_party_speaks_officially() -> None:
    title = "Sources of delight: we may test live shopping, reportedly"
    assert tag(title, "", LEXICON, source_kind="official", speaks_for=("tiktok",)).events[0].attribution == "official"
    assert tag(title, "", LEXICON, source_kind="trade").events[0].attribution == "anonymous"


def test_a_party_speaks_for_itself_only() -> None:
    told = [
        tag(f"{name} is in talks to acquire a marketplace, sources say", "", LEXICON, source_kind="official",
            speaks_for=("bytedance",)).events[0].attribution
        for name in ("TikTok", "ByteDance", "Walmart")
    ]  # fmt: skip
    assert told == ["official", "official", "anonymous"]


def test_quoted_earlier_posts_name_but_make_no_event() -> None:
    new = "平台宣布与一家物流公司达成战略合作，双方将共建海外仓"
    tags = tag(f"↩️ {new}...", f"旧闻社 : \nTemu起诉一家同行，法院已经受理此案。\n{new}。", LEXICON)
    assert "temu" in {m.entity for m in tags.mentions}
    types = {e.type for e in tags.events}
    assert "commercial/partnership" in types
    assert "legal/litigation" not in types


@pytest.mark.parametrize(
    ("title", "relevance"),
    [
        ("Amazon raises fulfilment fees for sellers in January", 2),
        ("欧盟对Temu启动正式调查", 2),
        ("Amazon updates the Echo speaker with a better microphone", 1),
        ("Best early Prime Day deals on headphones: 40% off at Amazon", 0),
        ("抖音小店从入门到精通，小白也能学会的实操课程", 0),
        ("Woman goes viral on TikTok with cake recipe", 0),
        ("", 0),
    ],
)
def test_relevance(title: str, relevance: int) -> None:
    assert tag(title, "", LEXICON).relevance == relevance


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("平台宣布下调佣金", "zh"), ("TikTok Shop 宣布下调卖家佣金", "zh"), ("Amazon raises fees", "en"),
        ("Amazon erhöht die Gebühren für Händler und das ist nicht neu", "de"),
        ("Amazon augmente les frais pour les vendeurs et c'est une surprise", "fr"),
        ("アマゾンが手数料を引き上げる", "ja"), ("아마존 수수료 인상", "ko"), ("Амазон повышает комиссию", "ru"),
        ("", ""),
    ],
)  # fmt: skip
def test_language(text: str, language: str) -> None:
    assert main_language(text) == language


# ------------------------------------------------------------------ promises
def check(tags: Tags, title: str, text: str) -> None:
    fields = {"title": title, "text": text}
    for mention in tags.mentions:
        assert fields[mention.field][mention.start : mention.end] == mention.surface != ""
    assert len(tags.events) <= 3
    assert len({event.type for event in tags.events}) == len(tags.events)
    for event in tags.events:
        assert event.evidence
        for span in event.evidence:
            where = fields[span.field]
            assert 0 <= span.start < span.end <= len(where)
            assert span.rule
            assert where[span.start : span.end].strip() in span.quote
            assert span.quote in where
            assert len(span.quote) <= max(300, span.end - span.start)
    assert [e.score for e in tags.events] == sorted((e.score for e in tags.events), reverse=True)


PIECES = st.one_of(
    st.text(st.characters(codec=None), max_size=12),
    st.sampled_from(
        ["İ", "ﬁ", "Ａｍａｚｏｎ", "亞馬遜", "TikTok", "\ud800", "😀", "👩‍👩‍👧", "．", "。", "\n", "’", "起訴",
         "launches a new app", "收购", "下调佣金", "不仅", "denies plans to buy", " ", "https://a.test/b",
         "<b>", "ban on TikTok", "合作", "Temu"]
    ),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_every_span_is_where_it_says(title: str, text: str) -> None:
    check(tag(title, text, LEXICON, date="2025-01-01"), title, text)


@pytest.mark.parametrize(
    "unit",
    [
        "跨境电商平台卖家",
        "合作",
        "TikTok ban ",
        "sue, ",
        "launches .. (a|b) ",
        "。",
        ".",
        "a.b/",
        "<a",
        "@a.",
        "not ",
        "将",
        "\n",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    def read(size: int) -> None:
        text = (unit * (size // len(unit) + 1))[:size]
        check(tag("Amazon", text, LEXICON), "Amazon", text)

    assert_linear(read, 6_250)


# ------------------------------------------------------------------ what a reader would not mix up
def test_a_wage_deal_is_no_partnership() -> None:
    assert first("Walmart reaches wage deal with union")[0] == "people/workforce"


@pytest.mark.parametrize(
    "title", ["Amazon raises fees after storm in the Gulf of Mexico", "亚马逊因墨西哥湾飓风上调配送费"]
)
def test_a_sea_is_no_country(title: str) -> None:
    assert tag(title, "", LEXICON).events[0].regions == ()


def test_the_second_evidence_says_more_than_the_headline() -> None:
    title = "Amazon raises FBA fees for sellers"
    text = f"{title}.\nThe marketplace told merchants that fulfilment fees go up by 5% in January."
    first_quote, second_quote = (evidence.quote for evidence in tag(title, text, LEXICON).events[0].evidence[:2])
    assert (first_quote, second_quote[:27]) == (title, "The marketplace told mercha")
