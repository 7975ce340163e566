"""Hostile texts and hostile lexicon files: every span says what it claims, every bad file is refused by name."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import DataFileError
from db.types import Tags
from pipelines.answers import tag_answer
from pipelines.lexicon import load_lexicon
from pipelines.lint import lint
from pipelines.tag import tag
from scheduler.init_cmd import WORDS

LEXICON = load_lexicon()
HOSTILE = (
    "İ", "ı", "ﬁ", "ß", "Å", "Ａｍａｚｏｎ", "亞馬遜", "亚马逊", "TikTok", "Tik\u200bTok", "\ud800", "\udfff",
    "😀", "👩‍👩‍👧", "🇺🇸", "．", "。", "\n", "\r\n", "\u2028", "\x00", "\u202e", "e\u0301" * 3, "’", "「",
    "TEMU被罚", "fined €1.5 billion", "罚款１．５亿欧元", "from January 15, 2025",
    "自２０２５年１月１５日起生效", "起訴", "denies plans to buy", "not only", "不仅",
    "亚马逊FBA", "Temuan", "https://a.test/?q=Amazon", "<b>Amazon</b>", "@tiktok", "ban on TikTok",
    "5%", "百分之五", "$" * 9, "9" * 40, "万亿", " ", "\t",
)  # fmt: skip
PIECES = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec=None), max_size=8))
TEXTS = st.lists(PIECES, max_size=20).map("".join)


def check(tags: Tags, title: str, text: str) -> None:
    """Every kind of span that tags have."""
    fields = {"title": title, "text": text}
    for mention in tags.mentions:
        assert fields[mention.field][mention.start : mention.end] == mention.surface != ""
    for event in tags.events:
        assert event.evidence
        for evidence in event.evidence:
            where = fields[evidence.field]
            assert where[evidence.quote_start : evidence.quote_start + len(evidence.quote)] == evidence.quote != ""
            assert 0 <= evidence.start < evidence.end <= len(where)
            assert where[evidence.start : evidence.end].strip() in evidence.quote
        for span in (*event.amounts, *event.dates):
            where = fields[span.field]
            assert 0 <= span.start < span.end <= len(where)
            assert where[span.start : span.end].strip() == where[span.start : span.end]


@settings(max_examples=250, deadline=None)
@given(TEXTS, TEXTS)
def test_every_kind_of_span_is_where_it_says(title: str, text: str) -> None:
    tags = tag(title, text, LEXICON, date="2025-01-01")
    check(tags, title, text)
    answer = tag_answer(title, text, LEXICON, date="2025-01-01", source_kind="", speaks_for=())
    assert [(e["field"], e["start"], e["end"], e["surface"]) for e in answer["entities"]] == [
        (m.field, m.start, m.end, m.surface) for m in tags.mentions
    ]


@pytest.mark.parametrize(
    "text",
    [
        "亞馬遜起訴Temu，索賠１．５億歐元", "Ａｍａｚｏｎ ｓｕｅｓ Ｔｅｍｕ", "İİİ Amazon sues Temu over €1.5 billion",
        "👩‍👩‍👧 Amazon\u2028sues Temu 😀",
    ],
)  # fmt: skip
def test_what_changes_its_length_when_folded_moves_no_span(text: str) -> None:
    tags = tag(text, "", LEXICON, date="2025-01-01")
    check(tags, text, "")
    assert {mention.entity for mention in tags.mentions} == {"amazon", "temu"}


# ------------------------------------------------------------------ files
def load(folder: Path, text: str) -> None:
    """A file either loads, and can be looked over and used, or is refused with its name."""
    (folder / "a.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    refused: DataFileError | None = None
    try:
        lexicon = load_lexicon(folder)
    except DataFileError as error:
        refused = error
    if refused:
        assert "a.toml" in refused.file
        assert refused.message
        return
    lint(lexicon)
    check(tag("Harbour Mart adds pallet levy", "港湾集市", lexicon), "Harbour Mart adds pallet levy", "港湾集市")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_file_with_slips_of_the_pen_is_refused_or_works(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    text = WORDS
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text))
        slip = dice.choice(
            ("", "", '"', "[", "]", "(", ")", "|", "~", "..", "&", "=", "\n", "\x00", "\ufeff", "𠮷", "7")
        )
        text = text[:at] + slip + text[at + dice.randint(0, 3) :]
    load(tmp_path, text)


VALUES = st.recursive(
    st.one_of(st.text(max_size=9), st.integers(), st.booleans(), st.floats(allow_nan=False), st.just("amazon")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
KEYS = st.sampled_from(
    ["id", "kind", "en", "zh", "parent", "aliases", "exact", "needs", "vetoes", "strong", "weak", "near", "blocks",
     "yes", "no", "rules", "replaces", "cues", "axis", "value", "words", "side", "since", "x"]
)  # fmt: skip
TABLES = st.sampled_from(["entity", "event", "axis", "audience", "region", "relevance", "off", "other"])


def toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(ch):08x}" for ch in value) + '"'
    return repr(value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TABLES, st.dictionaries(KEYS, VALUES, max_size=4)), max_size=4), st.booleans())
def test_a_file_of_any_values_is_refused_or_works(
    tmp_path: Path, blocks: list[tuple[str, dict[str, object]]], double: bool
) -> None:
    brackets = "[[{}]]" if double else "[{}]"
    text = "".join(
        brackets.format(table) + "\n" + "".join(f"{key} = {toml(value)}\n" for key, value in values.items())
        for table, values in blocks
    )
    load(tmp_path, text)
