"""Stories judged: status, origins and claims beyond the official text, on stories of our own (pipelines/quality)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.types import StoryItem, Tags, Voice
from pipelines.assess import assess
from pipelines.case import assess_answer
from pipelines.kinship import origins_of
from pipelines.lexicon import load_lexicon
from pipelines.quality_stories import SETS, score_stories, story_cases
from pipelines.standing import at_own_host
from pipelines.statements import statements
from pipelines.tag import tag

LEXICON = load_lexicon()
HOSTS = (
    *("newsroom.tiktok.com", "www.aboutamazon.com", "press.aboutamazon.com", "ec.europa.eu", "www.temu.com"),
    *("gs.amazon.cn", "www.cbp.gov", "corporate.walmart.com", "www.gov.uk", "developer-docs.amazon.com"),
)
TIKTOK = Voice(id="newsroom", kind="official", speaks_for=("tiktok",), family="bytedance", hosts=HOSTS)
NO_TAGS = Tags(language="en", relevance=2, mentions=(), events=(), lexicon="")
NOW = datetime(2025, 1, 1, tzinfo=UTC)
FLOORS = {"seen": (0.97, 0.85, 0.97), "held back": (0.85, 0.68, 0.95)}  # precision, recall, status


def item(url: str | None, flags: tuple[str, ...] = ()) -> StoryItem:
    return StoryItem(
        id="a", at=NOW, language="en", voice=TIKTOK, url=url, tags=NO_TAGS, statements=(), origin="1", flags=flags
    )


# ------------------------------------------------------------------ the suite
@pytest.mark.parametrize("name", SETS)
def test_the_suite_of_stories(name: str) -> None:
    precision, recall, right = FLOORS[name]
    found = score_stories(SETS[name], LEXICON)
    assert (found["false_official"], found["false_corroborated"]) == (0, 0)
    assert found["precision"] >= precision
    assert found["recall"] >= recall
    assert found["status"] >= right


def test_quotes_lie_in_their_texts() -> None:
    for case in story_cases("stories.toml"):
        texts = {article["id"]: article for article in case["articles"]}
        for claim in assess_answer(case, LEXICON)["claims"]:
            for span in filter(None, ({"article": claim["article"], **claim["quote"]}, claim["official"])):
                assert 0 <= span["start"] < span["end"] <= len(texts[span["article"]][span["field"]])


def test_the_suite_is_large_and_speaks_both_languages() -> None:
    cases = [case for names in SETS.values() for name in names for case in story_cases(name)]
    articles = [article for case in cases for article in case["articles"]]
    over = sum(len({claim["article"] for claim in case["expect"]["overclaims"]}) for case in cases)
    assert len({case["id"] for case in cases}) == len(cases) >= 100
    assert 0.35 < sum(article["lang"] == "zh" for article in articles) / len(articles) < 0.65
    assert 0 < over < len(articles) / 2


# ------------------------------------------------------------------ official, and what only looks it
def look_alikes(count: int) -> Iterator[str]:
    """Addresses that a hasty reader takes for an official one."""
    chance = random.Random(20240808)
    confusables = {
        "o": "0о",
        "a": "аá",
        "e": "еé",
        "i": "íl1",
        "k": "κ",
        "t": "т",
        "c": "с",
        "m": "rn",
        "n": "ñ",
        "w": "vv",
    }
    for _ in range(count):
        host = chance.choice(HOSTS)
        name, _, suffix = host.rpartition(".")
        place = chance.choice([i for i, ch in enumerate(host) if ch in confusables])
        swapped = confusables[host[place]]
        yield chance.choice(
            (
                f"https://{host[:place]}{chance.choice(swapped)}{host[place + 1 :]}/news/{chance.randrange(40)}",
                f"https://{host}.{chance.choice(('evil.io', 'news.example', 'com.co', 'pages.dev'))}/news",
                f"https://{host.replace('.', '-')}.{chance.choice(('blogspot.com', 'github.io', 'netlify.app'))}/news",
                f"https://{name}.{chance.choice(('co', 'net', 'xyz', 'com.cn', 'shop'))}/news",
                f"https://{host}@{chance.choice(('evil.io', 'promo.example'))}/news",
                f"https://{chance.choice(('m', 'seller', 'go', 'www2'))}.{host}/news",
                f"https://{name}-official.{suffix}/news",
                f"https://evil.io/{host}/news",
                f"https://evil.io\\@{host}/news",
                f"https://{name}{chance.choice(('s', 'shop', 'press'))}.{suffix}/news",
                f"ftp://{host}/news",
                f"//{host}",
            )
        )


def test_no_look_alike_is_official() -> None:
    addresses = set(islice(dict.fromkeys(look_alikes(20_000)), 500))
    assert len(addresses) == 500
    assert [address for address in sorted(addresses) if at_own_host(item(address))] == []


def test_the_exact_host_is_official_however_it_is_spelt() -> None:
    for address in (
        "https://newsroom.tiktok.com/a",
        "http://NEWSROOM.TikTok.com:8443/a",
        "https://newsroom.tiktok.com./",
    ):
        assert at_own_host(item(address)), address
    assert not at_own_host(item(None))
    assert not at_own_host(item("https://newsroom.tiktok.com/a", ("unverified_transport",)))


# ------------------------------------------------------------------ shape
def test_a_story_has_articles() -> None:
    with pytest.raises(ValueError, match="at least one"):
        assess([], NOW)


@given(st.text(max_size=200), st.text(max_size=600))
def test_whatever_the_text_statements_stay_inside_it(title: str, text: str) -> None:
    fields = {"title": title, "text": text}
    for said in statements(title, text, NO_TAGS, date="2025-01-01", language=""):
        assert 0 <= said.start < said.end <= len(fields[said.field])


WORDS = (
    *("all", "sellers", "can", "now", "advertise", ".", "?", "“", "”", "not", ",", "15%", "$30", "from", "January"),
    *("所有", "卖家", "可以", "投放广告", "不", "公告", "未提到", "2025年1月15日", "网传", "3万", "欧洲"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_statements_of_words_of_the_trade(words: list[str]) -> None:
    text = " ".join(words)
    tags = tag("", text, LEXICON, date="2025-01-01")
    for said in statements("", text, tags, date="2025-01-01", language=""):
        assert 0 <= said.start < said.end <= len(text)


def test_evidence_after_ninety_days_only_from_a_new_origin() -> None:
    case = next(case for case in story_cases("stories-held.toml") if case["id"] == "h27-old-news")
    assert assess_answer(case, LEXICON)["status"] == "expired"
    assert assess_answer(case | {"now": "2025-04-01T00:00:00+00:00"}, LEXICON)["status"] == "reported"


def test_moves_tell_when_and_by_what() -> None:
    case = next(case for case in story_cases("stories.toml") if case["id"] == "s12-denied-then-official")
    moves = assess_answer(case, LEXICON)["moves"]
    assert [(move["status"], move["article"]) for move in moves] == [
        ("rumor", "a1"),
        ("denied", "a2"),
        ("official", "a3"),
    ]


# ------------------------------------------------------------------ one voice
@pytest.mark.parametrize(("families", "origins"), [(("ines-falk", "ines-falk"), 1), (("ines-falk", "harbour"), 2)])
def test_two_channels_of_one_person_are_one_origin(families: tuple[str, str], origins: int) -> None:
    items = [
        replace(
            item(f"https://{number}.example/fees"), id=str(number), origin=str(number),
            voice=Voice(id=f"channel-{number}", kind="kol", family=family),
        )
        for number, family in enumerate(families)
    ]  # fmt: skip
    assert len(origins_of(items, frozenset())) == origins
