"""Hostile content on the desk: whatever is stored or asked stays text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from datasette.utils import tilde_encode

from db.desk.queries import QUERIES
from db.desk.tables import TABLES
from tests.desk_hostile import PAYLOADS, make_hostile
from tests.desk_samples import Ask, asker, open_desk


# ------------------------------------------------------------------ hostile content
@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    return asker(open_desk(make_hostile(tmp_path_factory.mktemp("hostile") / "hostile.db")))


def some(items: Iterable[Any], every: int) -> list[Any]:
    """All of them, of which the quick suite runs one in `every`."""
    return [pytest.param(item, marks=() if n % every == 0 else pytest.mark.slow) for n, item in enumerate(items)]


def hostile_pages() -> list[str]:
    lists = [f"/masthead/{name}?_size=200" for name in TABLES]
    own = ["/", "/stories", "/stories?triage=read", "/deadlines", "/policy", "/sources", "/feeds"]
    return [*own, "/masthead", *lists, *(f"/masthead/{name}?days=9999" for name in QUERIES)]


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 25


@pytest.mark.parametrize("language", some(["en", "zh"], 2))
@pytest.mark.parametrize("path", hostile_pages())
def test_hostile_text_stays_text(hostile: Ask, path: str, language: str) -> None:
    check_markup(hostile(path, headers={"cookie": f"masthead_lang={language}"}), path)


@pytest.mark.parametrize("number", some(range(1, len(PAYLOADS) + 1), 8))
def test_hostile_rows_stay_text(hostile: Ask, number: int) -> None:
    key = tilde_encode(PAYLOADS[number - 1])
    paths = [
        f"/masthead/{name}/{number}" for name in ("articles", "events", "evidence", "revisions", "runs", "fetches")
    ]
    paths += [f"/masthead/sources/{key}", f"/masthead/entities/{key}", f"/sources/{key}", f"/stories/{key}"]
    for path in paths:
        check_markup(hostile(path), path)


@pytest.mark.parametrize("payload", some(PAYLOADS, 8))
def test_hostile_questions_stay_text(hostile: Ask, payload: str) -> None:
    for path, name in (
        ("find", "q"),
        ("policy_by_platform", "platform"),
        ("articles", "_search"),
        ("articles", "title"),
    ):
        check_markup(hostile(f"/masthead/{path}", params={name: payload}), path)
    for name in ("platform", "status", "day", "sort", "page", "triage", "said", payload):
        check_markup(hostile("/stories", params={name: payload}), f"/stories {name}")
    check_markup(hostile("/sources", params={"state": payload}), "/sources")
    check_markup(hostile("/", params={"day": payload}), "/")
    response = hostile("/masthead/articles", params={payload: payload})
    check_markup(response, "a name that is no column", status=400 if response.status_code == 400 else 200)
    check_markup(hostile("/masthead/articles", params={"_sort": payload}), "an error", status=400)


def check_markup(response: httpx.Response, path: str, status: int = 200) -> None:
    assert response.status_code == status, f"{path}: {response.status_code}"
    page = BeautifulSoup(response.text, "html.parser")
    forbidden = (
        "script:not([src^='/-/desk/desk.js']), style, iframe, object, embed, base, math, plaintext, noscript,"
        "svg:not(.bars, .strip, .flow), [style], [srcdoc]"
    )
    assert not page.select(forbidden), f"{path}: {page.select(forbidden)[:3]}"
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "autofocus"], f"{path}: {tag}"
        for name in ("href", "src", "action", "formaction"):
            target = str(tag.get(name, "/")).strip().lower()
            outward = tag.name == "a" and tag.get("class") == ["out"] and target.startswith(("https://", "http://"))
            assert outward or (target.startswith(("/", "#")) and not target.startswith("//")), f"{path}: {tag}"
            assert "evil.example" not in target.split("?")[0] or "@" not in target, f"{path}: {tag}"
    assert len(page.select("script")) == 1
    assert len(page.select("link")) in (2, 4)
    assert len(page.select("meta")) == 8
    assert not page.select("meta[http-equiv]")
    assert page.select_one("footer.foot"), f"{path}: the page is cut off"
