"""The parts of an event: parties, amounts, days, regions and audience, as the filters give them away."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.answers import tag_answer
from pipelines.lexicon import load_lexicon

LEXICON = load_lexicon()


def first(title: str, text: str = "") -> dict[str, Any]:
    events = tag_answer(title, text, LEXICON, date="2024-08-08", source_kind="", speaks_for=())["events"]
    assert events, title
    return dict(events[0])


@pytest.mark.parametrize(
    ("title", "parties"),
    [
        ("TikTok与亚马逊达成合作", {"between": ["tiktok", "amazon"]}),
        ("Shopify partners with TikTok", {"between": ["shopify", "tiktok"]}),
        ("FTC sues Amazon over fees", {"agent": ["ftc"], "patient": ["amazon"]}),
        ("Amazon sued by FTC over fees", {"agent": ["ftc"], "patient": ["amazon"]}),
        ("Walmart acquires Flipkart", {"agent": ["walmart"], "patient": ["flipkart"]}),
        ("欧盟对Temu启动正式调查", {"agent": ["eu_commission"], "patient": ["temu"]}),
        ("Temu is investigated by the European Commission", {"agent": ["eu_commission"], "patient": ["temu"]}),
        ("Amazon raises fulfilment fees for sellers", {"agent": ["amazon"]}),
        ("某平台下调卖家佣金", {}),
    ],
)
def test_parties(title: str, parties: dict[str, list[str]]) -> None:
    assert first(title)["parties"] == parties


def test_figures_and_days_of_the_sentence_that_carries_the_event() -> None:
    title = "Temu raises seller commission to 8% starting January 1"
    event = first(title, "It has 40 million users. Founded on 1 September 2022.")
    assert event["type"] == "platform/fees"
    assert event["effective_date"] == "2025-01-01"
    assert [(a["value"], a["unit"], a["field"], title[a["start"] : a["end"]]) for a in event["amounts"]] == [
        (8.0, "%", "title", "8%")
    ]
    assert [(d["date"], d["role"], title[d["start"] : d["end"]]) for d in event["dates"]] == [
        ("2025-01-01", "effective", "January 1")
    ]


def test_nothing_is_guessed() -> None:
    event = first("Marketplace raises seller fees soon")
    assert (event["amounts"], event["dates"], event["effective_date"], event["parties"]) == ([], [], None, {})


def test_audience_and_regions() -> None:
    event = first("Amazon raises fulfilment fees for third-party sellers in Germany and the UK")
    assert event["regions"] == ["DE", "GB"]
    assert event["audience"] == ["third_party_sellers"]
