"""The glossary: what it finds, and that its file says nothing twice or in vain."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import DataFileError
from pipelines.glossary import load_glossary
from pipelines.patterns import even


def found(text: str) -> set[str]:
    return {one.concept for one in load_glossary().find(even(text))}


@pytest.mark.parametrize(
    ("english", "chinese", "concepts"),
    [
        ("The Supreme Court upheld the law", "最高法院维持该法律", {"body/supreme-court", "act/uphold"}),
        ("Trump signs executive order", "特朗普签署行政令", {"person/trump", "act/sign", "act/executive-order"}),
        ("tariffs on parcels from China", "对来自中国的包裹征收关税", {"act/tariff", "thing/parcels", "place/CN"}),
    ],
)
def test_both_languages_find_the_same(english: str, chinese: str, concepts: set[str]) -> None:
    assert concepts <= found(english)
    assert concepts <= found(chinese)


def test_latin_forms_stand_as_words_and_longer_ones_hide_shorter() -> None:
    assert "person/rama" not in found("a drama in the panorama")
    assert "body/court" not in found("the supreme court")
    assert "act/layoff" in found("Layoffs")


@given(st.text(max_size=300))
def test_places_lie_in_the_text(text: str) -> None:
    folded = even(text)
    for one in load_glossary().find(folded):
        assert 0 <= one.start < one.end <= len(folded)


def test_a_bad_file_names_the_key(tmp_path: Path) -> None:
    file = tmp_path / "glossary.toml"
    for content, key in (
        ('[act]\nsue = "sue"', "act.sue"),
        ("[verb]\nsue = ['sue']", "verb"),
        ("[phase]\nx = ['act/y']", "phase.x"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(DataFileError, match=key):
            load_glossary(file)


def test_every_form_is_written_once_in_a_kind() -> None:
    seen: dict[tuple[str, str], str] = {}
    for concept, forms in load_glossary().concepts.items():
        for form in forms:
            other = seen.setdefault((concept.partition("/")[0], even(form)), concept)
            assert other == concept, f"{form!r} stands under {other} and {concept}"
