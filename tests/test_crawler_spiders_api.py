"""JSON answers: paths, templates and strictness (P14)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.spiders.strict_json import as_text, at_path
from db.types import ApiHints, Expect
from tests.spider_samples import discover, refusal


def test_dotted_paths() -> None:
    body = (
        '{"data": {"list": [{"title": "Hub opens", "url": "/1", "date": "2024-08-08T09:00:00Z"}, "no object", null]}}'
    )
    (entry,) = discover("api", body).entries
    assert (entry.url, entry.title) == ("https://api.news.example/1", "Hub opens")
    assert entry.published_at == datetime(2024, 8, 8, 9, tzinfo=UTC)


def test_a_template_names_every_field_and_a_root_list_is_allowed() -> None:
    hints = ApiHints(
        items="",
        fields={
            "url": "https://news.example/{kind.name}/{id}", "id": "id", "title": "t", "published": "at",
            "summary": "lead", "content": "body", "author": "people.0.name", "updated": "changed",
        },
    )  # fmt: skip
    body = """[{"id": 99999999999999999999, "kind": {"name": "a b/c"}, "t": "One", "at": 1723107600,
      "changed": 1723107600123, "lead": "short", "body": "long", "people": [{"name": "Ann"}]},
      {"id": null, "kind": {"name": "x"}, "t": "No number"}]"""
    first, second = discover("api", body, api=hints).entries
    assert (first.url, first.guid) == ("https://news.example/a%20b%2Fc/99999999999999999999", "99999999999999999999")
    assert (first.title, first.summary, first.content, first.authors) == ("One", "short", "long", ("Ann",))
    assert first.published_at == datetime(2024, 8, 8, 9, tzinfo=UTC)
    assert first.updated_at == datetime(2024, 8, 8, 9, 0, 0, 123_000, tzinfo=UTC)
    assert (second.url, second.flags) == (None, ("bad_link",))


@pytest.mark.parametrize(
    "body", ["{}", '{"data": null}', '{"data": {"list": {}}}', '{"data": {"list": []}}', "[]", '"x"', "7"]
)
def test_a_missing_list_is_a_fault_only_if_items_were_promised(body: str) -> None:
    assert discover("api", body).entries == ()
    assert refusal("api", body, expect=Expect(min_items=1)) == "too_few_items"


def test_missing_dates_are_said() -> None:
    assert discover("api", '{"data": {"list": [{"title": "x", "url": "/1"}]}}').flags == ("no_dates",)


ROW = '{"data": {"list": [{"title": "x", "url": "/1", "n": %s}]}}'


@pytest.mark.parametrize(
    "body",
    [
        ROW % "NaN", ROW % "Infinity", ROW % "-Infinity", ROW % "01", ROW % "+1", ROW % "1.", ROW % ".5", ROW % "0x1",
        ROW % "'x'", ROW % "True", ROW % '"\t"', ROW % r'"\x"', ROW % '"\\u12"', ROW % "[1,]", ROW % '{"a":1,}',
        ROW % "{a:1}", ROW % "1 // note", ROW % "1" + "x", ROW % '"open', "{", "[", "nul", '{"data"', "\x00", "{}{}",
        ")]}'\n{}", "callback({})", '{"data": {"list": [}}',
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(body: str) -> None:
    assert refusal("api", body) in ("not_json", "empty_body")


@pytest.mark.parametrize(
    "value",
    [
        "1" * 100_000,
        "-" + "9" * 30,
        "1e999999",
        "1E400",
        "0.1e-999",
        "-0",
        r'"\ud800"',
        r'"\u0000"',
        '"' + "x" * 100_000 + '"',
        "null",
    ],
)
def test_what_is_odd_but_json_is_read(value: str) -> None:
    assert [entry.title for entry in discover("api", ROW % value).entries] == ["x"]


def test_a_doubled_key_counts_as_its_last() -> None:
    assert [
        e.title for e in discover("api", '{"data": {"list": [{"title": "a", "title": "b", "url": "/1"}]}}').entries
    ] == ["b"]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth_is_bounded(opening: str) -> None:
    assert refusal("api", opening * 100_000) == "too_deep"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<html><head><title>Just a moment...</title></head><body></body></html>", "challenge_page"),
        (
            "<html><body><h1>Service notes</h1><p>The interface moves to a new address in May.</p></body></html>",
            "not_json",
        ),
        ("", "empty_body"),
    ],
)
def test_pages_instead_of_json(body: str, code: str) -> None:
    assert refusal("api", body) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "list", "title", "url", "date", "items", "id"]), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON | st.binary(max_size=200))
def test_anything_gives_entries_or_a_refusal(value: object) -> None:
    body = value if isinstance(value, bytes) else json.dumps(value)
    refusal("api", body)
    refusal("api", body, api=ApiHints(items="", fields={"url": "https://news.example/{id}", "title": "title"}))


@given(JSON, st.text("data.list0", max_size=12))
def test_paths_never_raise(value: object, path: str) -> None:
    assert isinstance(as_text(at_path(value, path)), str)
