"""The lexicon's rules in the archive: their hits follow the evidence, whoever takes it away; the desk shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.retagging import Retagged, stale
from db.store import Store
from db.types import RuleRow
from pipelines.copies import best_match
from pipelines.lexicon import load_lexicon
from scheduler.lexicon_rows import rule_rows, tell
from tests.db_samples import NOW, TEXT, article, source, tagged
from tests.desk_samples import asker, cells_of, open_desk, soup

ROWS = (
    RuleRow(id="link-1", target="commercial/partnership", weight=1.0, pattern="link~ .. accounts", right=3, wrong=1),
    RuleRow(id="fees-1", target="platform/fees", weight=0.4, pattern="<b>levy", file="ours.toml"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source()])
        opened.sync_rules(ROWS, "v1")
        for number, days in enumerate((2, 0, 5)):
            at, url = NOW - timedelta(days=days), f"https://harbour.example/{number}"
            opened.save(tagged(article(f"Title {number}", f"{TEXT} {number}", url=url, published_at=at)), best_match)
        yield opened


def hits(store: Store) -> Any:
    return store.connection.execute("select hits, last_article_id from rule_hits where rule = 'link-1'").fetchone()


def test_hits_follow_the_evidence(store: Store) -> None:
    assert hits(store) == (3, 2)  # the newest article, not the one stored last
    (step,) = stale(store.connection, "2", None, 10)
    store.retag([Retagged(step[0], replace(step[0].tags, events=(), lexicon="2"))])
    assert hits(store) == (2, 2)
    with store.writing() as connection:
        connection.execute("delete from articles where id = 2")
    assert hits(store)[0] == 1


def test_the_desk_shows_rules_with_their_newest_sentence(store: Store) -> None:
    with store.writing() as connection:
        connection.execute("insert into triage (article_id, kind, by, at) values (2, 'wrong_tag', 'Li', '2024-08-09')")
    get = asker(open_desk(store.path))
    rows = get("/masthead/rules.json?_shape=array").json()
    assert [(row["rule"], row["hits"], row["called_wrong"]) for row in rows] == [("link-1", 3, 1), ("fees-1", 0, 0)]
    assert (rows[0]["article_id"], rows[0]["precision"], rows[0]["cue"]) == (2, 0.75, "link their accounts")
    assert rows[1]["precision"] is None
    page = soup(get("/masthead/rules?type=platform/fees"))
    assert cells_of(page, "pattern") == ["<b>levy"]
    assert cells_of(page, "file") == ["ours.toml"]
    link = soup(get("/masthead/rules")).select_one("td.col-rule a")
    assert link
    assert "link-1" in soup(get(str(link["href"]))).get_text()


def test_the_rules_of_a_lexicon_are_told_once(store: Store) -> None:
    lexicon = load_lexicon()
    tell(store, lexicon)
    assert store.rules_version() == lexicon.version
    (count,) = store.connection.execute("select count(*) from rules where right > 0").fetchone()
    assert count > 50
    with store.writing() as connection:
        connection.execute("delete from rules where right > 0")
    tell(store, lexicon)  # the same version: nothing is computed again
    assert store.connection.execute("select count(*) from rules where right > 0").fetchone() == (0,)


def test_ids_of_rules_are_unique() -> None:
    rows = rule_rows(load_lexicon())
    assert len({row.id for row in rows}) == len(rows)


def test_the_desk_knows_companies_of_the_team_by_name(store: Store) -> None:
    row = ("harbour_mart", "Harbour Mart", "港湾集市", "platform", "", ["Harbour Mart"])
    store.sync_entities([row])
    with store.writing() as connection:
        connection.execute("update mentions set entity = 'harbour_mart'")
    get = asker(open_desk(store.path))
    assert "Harbour Mart" in cells_of(soup(get("/masthead/mentions")), "entity")
    assert "港湾集市" in cells_of(soup(get("/masthead/mentions?lang=zh")), "entity")
