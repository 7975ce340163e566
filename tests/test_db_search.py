"""Search in both languages: what must be found, what must not, and that no string is an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.search import SNIPPET_CHARACTERS, alias_table, excerpt, parse, search
from db.store import Store
from db.text import tokens
from pipelines.copies import best_match
from tests.db_samples import NOW, article, source, tagged
from tests.naughty import STRINGS

NAMES = {
    "amazon": ["Amazon", "亚马逊", "AMZN", "Amazon Haul"],
    "tiktok": ["TikTok", "Tik Tok", "抖音国际版", "TikTok Shop", "TikTok小店"],
    "temu": ["Temu", "多多跨境"],
    "shein": ["SHEIN", "希音"],
}
ARTICLES = {
    "haul": ("亚马逊低价商城上线", "亚马逊今日上线低价商城，二十美元以下商品由国内直发。"),
    "trad": ("亞馬遜調整關稅代收", "自下月起，亞馬遜將代收進口關稅，賣家須更新稅號。"),
    "amzn": ("AMZN raises storage fees", "Sellers pay more for slow goods from October. Policies differ by country."),
    "ttshop": ("TikTok小店封号潮", "多名卖家称，店铺在TikTok上被封号，申诉无门。"),
    "ttgap": ("TikTok 小店新规", "平台公布 TikTok 小店的新规则，违规者将被罚款。"),
    "wide": ("ＴｉｋＴｏｋ　Ｓｈｏｐ 在欧洲", "全角写法的标题也要找得到。"),
    "shein": ("希音被罚", "法国监管机构对希音处以罚款，理由是虚假折扣。"),
    "sheinlatin": ("监管调查SHEIN折扣", "监管机构称SHEIN折扣信息不实。"),
    "temu": ("多多跨境新仓", "多多跨境在波兰设立新仓，Temu称时效缩短。"),
    "temuco": ("Weather in Temuco", "It rains in Temuco, Chile. Farmers repair their roofs."),
    "tariff": ("A tariff on small parcels", "The café next door pays the tariff, too. E-commerce firms object."),
    "plain": ("卖家大会", "卖家在深圳开会，讨论物流。"),
}
FOUND = {
    "关税": {"trad"}, "關稅": {"trad"}, "罚款": {"ttgap", "shein"}, "卖家": {"trad", "ttshop", "plain"},
    "封号": {"ttshop"}, "新规": {"ttgap"}, "折扣": {"shein", "sheinlatin"},
    "亚马逊": {"haul", "trad", "amzn"}, "亞馬遜": {"haul", "trad", "amzn"}, "amazon": {"haul", "trad", "amzn"},
    "AMZN": {"haul", "trad", "amzn"}, "亚马逊关税": {"trad"}, "亚马逊 低价": {"haul"},
    "tiktok": {"ttshop", "ttgap", "wide"}, "ＴｉｋＴｏｋ": {"ttshop", "ttgap", "wide"},
    "Tik Tok": {"ttshop", "ttgap", "wide"}, "抖音国际版": {"ttshop", "ttgap", "wide"},
    "TikTok小店": {"ttshop", "ttgap"}, "TikTok 小店": {"ttshop", "ttgap"}, "tiktok shop": {"wide"},
    "在TikTok上": {"ttshop"},
    "希音": {"shein", "sheinlatin"}, "shein": {"shein", "sheinlatin"}, "希音罚款": {"shein"},
    "多多跨境": {"temu"}, "Temu": {"temu"}, "temu 波兰": {"temu"},
    "tariff": {"tariff"}, "tariffs": {"tariff"}, "policy": {"amzn"}, "fee": {"amzn"}, "cafe": {"tariff"},
    "café": {"tariff"}, "e-commerce": {"tariff"}, "parcel tariff": {"tariff"},
    '"small parcels"': {"tariff"}, '"parcels small"': set(), "“卖家在深圳”": {"plain"},
    "卖家 -tiktok": {"trad", "plain"},
    "卖家 -亚马逊 -封号": {"plain"}, "关税 OR 物流": {"trad", "plain"},
    "波兰 OR 欧洲 OR 深圳": {"temu", "wide", "plain"},
    "-tiktok": set(), "": set(), "   ": set(), "？！": set(), "nowhere": set(),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("search") / "m.db") as opened:
        opened.sync_sources([source()])
        opened.sync_entities([(name, name, name, "platform", "", names) for name, names in NAMES.items()])
        for number, (key, (title, text)) in enumerate(ARTICLES.items()):
            given = article(
                title, text, url=f"https://harbour.example/{key}", published_at=NOW - timedelta(hours=number)
            )
            opened.save(tagged(given), best_match)
        yield opened


def keys(store: Store, query: str) -> set[str]:
    return {str(hit.url).rsplit("/", 1)[1] for hit in search(store.connection, query)}


@pytest.mark.parametrize("query", FOUND)
def test_exactly_the_right_articles_are_found(store: Store, query: str) -> None:
    assert keys(store, query) == FOUND[query]


def test_hits_tell_where_the_words_stand(store: Store) -> None:
    (hit,) = search(store.connection, "tiktok上 申诉")
    assert [hit.snippet[a:b] for a, b in hit.snippet_marks] == ["TikTok", "上", "申诉"]
    (wide,) = search(store.connection, "tiktok 欧洲")
    assert [wide.title[a:b] for a, b in wide.title_marks] == ["ＴｉｋＴｏｋ", "欧洲"]
    assert (wide.source_id, wide.language, wide.sort_at.tzinfo is not None) == ("harbour", "en", True)


def test_the_headline_counts_more_and_the_newer_wins_among_equals(store: Store, tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.db") as fresh:
        fresh.sync_sources([source()])
        for number, hours in enumerate([3, 1, 2]):
            given = article(
                "Port news", f"All quiet at berth {number}.", url=f"https://harbour.example/{number}",
                published_at=NOW - timedelta(hours=hours),
            )  # fmt: skip
            fresh.save(tagged(given), best_match)
        fresh.save(tagged(article("All quiet at the berth", "Port news.", url="https://harbour.example/t")), best_match)
        assert [hit.article_id for hit in search(fresh.connection, "berth")] == [4, 2, 3, 1]
        assert [hit.article_id for hit in search(fresh.connection, "berth", 2)] == [4, 2]
        assert [hit.article_id for hit in search(fresh.connection, "berth", since=NOW - timedelta(hours=2))] == [2, 3]


@pytest.mark.parametrize("query", STRINGS)
def test_no_naughty_query_is_an_error(store: Store, query: str) -> None:
    for hit in search(store.connection, query):
        assert all(0 <= a < b <= len(hit.snippet) for a, b in hit.snippet_marks)


WORDS = st.sampled_from(
    ['"', "-", "OR", "AND", "NOT", "NEAR(", "(", ")", "*", "^", ":", "title:", "关税", "TikTok", " ", "“", "“"]
)
QUERIES = st.text(st.characters(exclude_categories=()), max_size=60) | st.lists(WORDS, max_size=12).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES)
def test_no_query_is_an_error(store: Store, query: str) -> None:
    search(store.connection, query, 3)


@given(QUERIES, QUERIES)
def test_excerpts_are_parts_of_the_text_with_the_words_marked(text: str, query: str) -> None:
    needles = parse(query, alias_table(NAMES.values())).needles
    snippet, marks = excerpt(text, needles)
    flat = text.replace("\n", " ")
    assert snippet in flat or snippet.removesuffix("…") in flat or snippet.strip("…") in flat
    for start, end in marks:
        assert tuple(word for _, _, word in tokens(snippet[start:end])) in needles


def test_an_excerpt_shows_where_most_words_stand_together() -> None:
    text = "tariff. " + "filler words go here " * 40 + "In Malta the tariff on parcels rises. " + "more words " * 60
    needles = parse("tariff parcels malta", {}).needles
    snippet, marks = excerpt(text, needles)
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(snippet) <= SNIPPET_CHARACTERS + 50
    assert [snippet[a:b] for a, b in marks] == ["Malta", "tariff", "parcels"]


def test_an_excerpt_of_a_text_full_of_hits_is_quick() -> None:
    snippet, marks = excerpt("关税" * 100_000, (("关", "税"),))
    assert len(marks) > 10
    assert len(snippet) < 300


def test_a_narrower_name_is_not_widened_and_a_wider_one_needs_no_narrower() -> None:
    table = alias_table(NAMES.values())
    assert table["tiktok"] == table["抖音国际版"] == ["TikTok", "Tik Tok", "抖音国际版"]
    assert table["tiktok小店"] == ["TikTok小店"]
    shared = alias_table([["Alibaba", "阿里巴巴", "Taobao", "1688"], ["Taobao", "淘宝"], ["！", ""]])
    assert shared["taobao"] == ["Taobao", "淘宝"]
    assert shared["alibaba"] == ["Alibaba", "阿里巴巴", "Taobao", "1688"]
    assert "" not in shared
    assert parse("Amazon Haul", table).expression == '(("amazon" OR "亚 马 逊" OR "amzn") AND ("haul" OR "hauls"))'


def test_a_part_of_a_platform_is_found_in_both_languages() -> None:
    aliases = alias_table([["TikTok", "Tik Tok", "抖音国际版"]])
    assert set(parse("tiktok小店", aliases).needles) == {
        ("tiktok",), ("tik", "tok"), ("抖", "音", "国", "际", "版"), ("小", "店"), ("shop",)
    }  # fmt: skip
    assert ("shop",) not in parse("小店", aliases).needles
    assert ("shop",) not in parse("“tiktok小店”", aliases).needles


def test_long_queries_are_cut_not_refused(store: Store) -> None:
    assert search(store.connection, "关税 " * 5_000)
    assert parse("a " * 5_000, {}).expression.count("AND") < 40
