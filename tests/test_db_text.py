import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.text import beginning, clean_line, clean_text, fold, is_han, set_apart, title_key, tokens
from tests.growth import assert_linear
from tests.naughty import STRINGS

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200) | st.sampled_from(STRINGS)
EVERY_CHARACTER = "".join(map(chr, [*range(0x32400), *range(0xE0000, 0xE0200), 0x10FFFF]))  # all that is assigned


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("  two   blanks\t and\u00a0more\u3000 ", "two blanks and more"),
        ("one\n\n \n\n two", "one\ntwo"),
        ("sep\u2028ar\u2029at\x85ed\x0bby\x0cpage", "sep\nar\nat\ned\nby\npage"),
        ("nul\x00 bell\x07 esc\x1b[0m", "nul bell esc[0m"),
        ("\ud800lone\udfff", "lone"),
        ("\u202eevil\u202c \u2066x\u2069 \u200bzero\u200d\ufeff so\u00adft", "evil x zero soft"),
        ("e" + "\u0301" * 50 + "!", "é\u0301\u0301\u0301!"),
        ("Cafe\u0301", "Café"),
        ("flag \U000e0001\U000e0041 \ufe0f", "flag"),
        ("亞馬遜，１５％。", "亞馬遜，１５％。"),
    ],
)
def test_clean_text_drops_what_is_invisible_and_keeps_what_is_meant(given: str, clean: str) -> None:
    assert clean_text(given) == clean


@given(ANYTHING)
def test_clean_text_is_storable_stable_and_bounded(s: str) -> None:
    clean = clean_text(s, 50)
    assert len(clean) <= 50
    assert clean_text(clean, 50) == clean
    assert clean == unicodedata.normalize("NFC", clean) == clean.strip()
    assert not {unicodedata.category(ch) for ch in clean.replace("\n", "")} & {"Cc", "Cf", "Cs"}
    clean.encode("utf-8")
    assert "\n" not in clean_line(s)


def test_the_limit_counts_characters_and_leaves_no_blank_at_the_end() -> None:
    assert clean_text("abc def", 4) == "abc"
    assert clean_line("a\nb\nc", 3) == "a b"


@pytest.mark.parametrize("piece", ["\u0315\u0300", " \n", " ", "\u200b"])
def test_clean_text_takes_time_in_proportion_to_hostile_text(piece: str) -> None:
    assert_linear(lambda size: clean_text("a" + piece * (size // len(piece)) + "b"), 40_000)


def test_fold_keeps_the_length_of_every_character_and_is_stable() -> None:
    folded = fold(EVERY_CHARACTER)
    assert [len(fold(ch)) for ch in "ﬁ㍿ßİǅ½"] == [1] * 6
    assert len(folded) == len(EVERY_CHARACTER)
    assert fold(folded) == folded


@given(ANYTHING, ANYTHING)
def test_fold_works_character_by_character(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("ＴｉｋＴｏｋ", "tiktok"),
        ("亞馬遜關稅罰款", "亚马逊关税罚款"),
        ("賣家封號", "卖家封号"),
        ("ÅngströmK", "ångströmk"),
        ("㍿ﬁ½", "㍿ﬁ½"),
    ],
)
def test_fold_unites_spellings(given: str, folded: str) -> None:
    assert fold(given) == folded


def test_set_apart_splits_han_and_kana_from_everything() -> None:
    assert set_apart("在TikTok上開店").split() == ["在", "tiktok", "上", "开", "店"]
    assert set_apart("テスト Shop").split() == ["テ", "ス", "ト", "shop"]


def test_tokens_tell_words_and_places() -> None:
    assert list(tokens("在 TikTok_上, Café")) == [(0, 1, "在"), (2, 8, "tiktok"), (9, 10, "上"), (12, 16, "cafe")]


@given(ANYTHING)
def test_tokens_lie_in_order_inside_the_text(s: str) -> None:
    end_before = 0
    for start, end, word in tokens(s):
        assert end_before <= start < end <= len(s)
        assert word == "".join(word.split()) != ""
        end_before = end


def test_title_key_ignores_case_marks_and_blanks() -> None:
    assert title_key("《亞馬遜》 Prime-Day：２０２４!") == title_key("亚马逊prime day 2024") == "亚马逊primeday2024"


def test_is_han() -> None:
    assert [ch for ch in "关々〇𠮷aテ한，1" if is_han(ch)] == list("关々〇𠮷")


@pytest.mark.parametrize(
    ("text", "limit", "lead"),
    [
        ("Short.", 10, "Short."),
        ("One sentence. Another one that is long", 24, "One sentence."),
        ("Fees rise to 1.5 dollars and then fall again", 20, "Fees rise to 1.5"),
        ("第一句话在这里。第二句话比较长没有结束", 12, "第一句话在这里。"),
        ("没有任何标点的一长串汉字一直写下去", 8, "没有任何标点的一"),
        ("“他说不。”后面还有很多字", 7, "“他说不。”"),
    ],
)
def test_beginning_ends_at_a_sentence_or_a_blank(text: str, limit: int, lead: str) -> None:
    assert beginning(text, limit) == lead


@given(ANYTHING, st.integers(1, 60))
def test_beginning_is_a_beginning(s: str, limit: int) -> None:
    lead = beginning(s, limit)
    assert s.startswith(lead)
    assert len(lead) <= max(limit, 0) or lead == s
