"""Stories judged: status, origins and claims beyond the official text, on sentences of our own."""

from __future__ import annotations

from typing import Any

from pipelines.case import assess_answer
from pipelines.lexicon import load_lexicon

LEXICON = load_lexicon()
TIKTOK = {
    "id": "tiktok-newsroom",
    "kind": "official",
    "speaks_for": ["tiktok"],
    "family": "bytedance",
    "hosts": ["newsroom.tiktok.com"],
}
OFFICIAL = {
    "id": "a1",
    "date": "2024-08-08T13:00:00+00:00",
    "title": "TikTok and Amazon make shopping simpler",
    "text": "TikTok users in the United States can now link their TikTok and Amazon accounts and buy Amazon products "
    "from ads in their feed without leaving the app. The ads show items that Amazon itself sells.",
    "source": TIKTOK,
    "url": "https://newsroom.tiktok.com/en-us/amazon",
}


def article(name: str, kind: str, title: str, text: str, day: int = 9) -> dict[str, Any]:
    source = {"id": name, "kind": kind, "family": name, "hosts": [f"{name}.example"]}
    date = f"2024-08-{day:02}T13:00:00+00:00"
    return {
        "id": name,
        "date": date,
        "title": title,
        "text": text,
        "source": source,
        "url": f"https://{name}.example/1",
    }


def judge(*articles: dict[str, Any], now: str = "2024-08-15T00:00:00+00:00") -> dict[str, Any]:
    return assess_answer({"now": now, "articles": list(articles)}, LEXICON)


def test_commentary_that_opens_the_door_to_every_seller_goes_beyond_the_announcement() -> None:
    loud = article(
        "loud", "self_media", "重磅！亚马逊卖家可以在TikTok投广告了",
        "TikTok与亚马逊达成合作，这意味着所有第三方卖家现在都可以在TikTok上投放广告。",
    )  # fmt: skip
    careful = article(
        "careful", "kol", "Read the announcement before you plan a campaign",
        "Some posts say any seller can now advertise on TikTok. The announcement does not say that.", 10,
    )  # fmt: skip
    found = judge(OFFICIAL, loud, careful)
    assert found["status"] == "official"
    assert [(claim["article"], claim["slot"]) for claim in found["claims"]] == [("loud", "audience")]
    assert found["claims"][0]["official"]["article"] == "a1"


def test_nothing_is_official_at_a_host_that_looks_alike() -> None:
    for host in ("newsroom.tiktok.com.evil.example", "tiktok-newsroom.example", "newsroom.tiktok.co"):
        found = judge(OFFICIAL | {"url": f"https://{host}/en-us/amazon"})
        assert found["status"] == "rumor"
        assert found["claims"] == []
