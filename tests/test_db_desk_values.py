"""Every value that is shown has a name in both languages, and reads as words and not as a code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.desk.phrases import impact_reason, move_reason, value_of
from db.desk.reader import Reader, become, language_or
from db.desk.words import VALUES
from db.desk.words_claims import CLAIM_VALUES
from tests.desk_samples import ZONE

ROOM = Path(__file__).parents[1] / "pipelines"


def ids(file: str, table: str) -> set[str]:
    return {entry["id"] for entry in tomllib.loads((ROOM / file).read_text("utf-8"))[table]}


def read_in(language: str) -> None:
    become(Reader(language_or(language, "en"), ZoneInfo(ZONE)))


@pytest.mark.parametrize(
    ("column", "file", "table"),
    [
        ("action", "claims/actions.toml", "action"),
        ("audience", "claims/names.toml", "group"),
        ("audience", "lexicon/places.toml", "audience"),
        ("regions", "claims/names.toml", "place"),
        ("regions", "lexicon/places.toml", "region"),
    ],
)
def test_what_claims_may_say_has_a_name(column: str, file: str, table: str) -> None:
    assert ids(file, table) - set(CLAIM_VALUES[column]) == set()


@pytest.mark.parametrize("column", sorted(VALUES))
def test_names_are_in_their_language(column: str) -> None:
    for value, name in VALUES[column].items():
        assert name.en, value
        assert "_" not in name.en, value
        assert re.search("[\u4e00-\u9fff]|robots|^[A-Z]", name.zh), (column, value)


@pytest.mark.parametrize(
    ("slot", "value", "english", "chinese"),
    [
        ("audience", "third_party_sellers/some", "some third-party sellers", "部分第三方卖家"),
        ("audience", "creators", "creators", "达人"),
        ("action", "link_goods", "linking goods in posts", "挂商品链接"),
        ("region", "US-CA", "California", "美国加州"),
        ("party", "royal_mail", "Royal Mail", "Royal Mail"),
        ("party", "amazon", "Amazon", "亚马逊"),
        ("modality", "planned", "planned", "计划中"),
        ("date", "2025-01-15", "2025-01-15", "2025-01-15"),
        ("amount", "17 %", "17%", "17%"),
        ("amount", "336 hours", "14 days", "14 天"),
        ("amount", "1.5e+08 EUR", "150,000,000 EUR", "150,000,000 EUR"),
        ("amount", "25 USD:worth:~over", "more than 25 USD", "超过 25 USD"),
        ("amount", "170000000 count:users:~about", "about 170,000,000", "约 170,000,000"),
        ("amount", "many", "many", "many"),
    ],
)
def test_what_a_claim_says_reads_as_words(slot: str, value: str, english: str, chinese: str) -> None:
    read_in("en")
    assert value_of(slot, value) == english
    read_in("zh")
    assert value_of(slot, value) == chinese


def test_reasons_of_rules_read_as_words() -> None:
    read_in("zh")
    assert move_reason("3 independent origins") == "3 个独立信源"
    assert impact_reason("audience: third_party_sellers (+1)") == "影响对象：第三方卖家 (+1)"
