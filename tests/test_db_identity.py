"""Which stored article a new one is: the ladder, seen from outside through `Store.save`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.identity import likeness, titles_alike
from db.store import Store
from db.types import Outcome
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, article, source, tagged

OTHER = (
    "The port of Rotterdam expects longer waits for barges next week, because two terminals change their cranes. "
    "Carriers were told on Monday. Forwarders advise to book four days earlier than usual and to add storage cost. "
    "Nothing is said about sea-going ships, which keep their berths, nor about the rail yards behind the dunes."
)
EDITED = TEXT.replace("no date for other countries", "no date for Canada or other countries")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([source(), source("other"), source("sister", family="harbour")])
        yield opened


def save(store: Store, title: str = "TikTok and Amazon link their shops", text: str = TEXT, **changes: Any) -> Outcome:
    return store.save(tagged(article(title, text, **changes)), best_match).outcome


def rows(store: Store, what: str = "articles") -> int:
    return int(store.connection.execute(f"select count(*) from {what}").fetchone()[0])


def test_the_same_again_is_one_row_and_writes_nothing(store: Store) -> None:
    assert save(store) == "new"
    before = store.connection.total_changes
    assert save(store, seen_at=NOW + timedelta(days=1)) == "same"
    assert store.connection.total_changes == before


def test_a_feed_that_rotates_its_ids_for_thirty_fetches_keeps_one_row_per_item(store: Store) -> None:
    for fetch in range(30):
        for item, (title, text) in enumerate([("TikTok and Amazon link shops", TEXT), ("Barges wait longer", OTHER)]):
            save(
                store, title, text, url=f"https://harbour.example/{item}", guid=f"{fetch}-{item}",
                seen_at=NOW + timedelta(days=fetch),
            )  # fmt: skip
    assert rows(store) == 2
    assert store.memory("harbour").guid_trust == "rotating"


@pytest.mark.parametrize("text", [TEXT, "Short teaser.", ""])
@pytest.mark.parametrize("dated", [True, False])
def test_rotating_ids_without_any_address_keep_one_row(store: Store, text: str, dated: bool) -> None:
    for fetch in range(30):
        at = NOW if dated else None
        save(store, "News", text, url=None, guid=f"g{fetch}", published_at=at, seen_at=NOW + timedelta(days=fetch))
    assert rows(store) == 1


def test_one_id_on_two_different_items_makes_two_rows(store: Store) -> None:
    assert save(store, url="https://harbour.example/1", guid="x") == "new"
    assert save(store, "Barges wait longer", OTHER, url="https://harbour.example/2", guid="x") == "new"
    assert save(store, "Recap", TEXT[:300] + OTHER, url="https://harbour.example/3", guid="x") == "new"
    assert store.memory("harbour").guid_trust == "shared"
    assert save(store, "Barges wait longer", OTHER, url="https://harbour.example/2", guid="x") == "same"


def test_one_id_on_two_items_with_like_headlines_but_other_texts_makes_two_rows(store: Store) -> None:
    save(store, "Weekly recap 31", TEXT, url="https://harbour.example/31", guid="x")
    assert save(store, "Weekly recap 32", OTHER, url="https://harbour.example/32", guid="x") == "new"
    assert save(store, "Weekly recap", "", url="https://harbour.example/33", guid="y") == "new"
    assert save(store, "Weekly recap", "", url="https://harbour.example/34", guid="y") == "new"


def test_an_edited_slug_is_the_same_article(store: Store) -> None:
    title, base = "TikTok and Amazon link shops", "https://harbour.example/"
    save(store, url=base + "tiktok-amazon", guid="42")
    assert save(store, title, url=base + "tiktok-and-amazon", guid="42") == "changed"
    assert save(store, title, EDITED, url=base + "new", guid="42") == "changed"
    assert (rows(store), rows(store, "addresses")) == (1, 3)
    assert store.connection.execute("select revisions, url from articles").fetchone() == (3, base + "new")
    assert save(store, title, EDITED, url=base + "tiktok-amazon", guid="42") == "same"


def test_an_edited_slug_without_id_is_the_same_article_on_neighbouring_days_alone(store: Store) -> None:
    save(store, url="https://harbour.example/1")
    assert save(store, text=EDITED, url="https://harbour.example/2") == "changed"
    later = article().published_at + timedelta(days=5)  # type: ignore[operator]  # the sample has one
    assert save(store, text=EDITED, url="https://harbour.example/3", published_at=later) == "new"


def test_addresses_that_differ_in_case_are_different_pages(store: Store) -> None:
    save(store, url="https://harbour.example/News")
    assert save(store, "Barges wait longer", OTHER, url="https://harbour.example/news") == "new"
    assert save(store, url="https://harbour.example/NEWS") == "same"  # headline, day and text say so


def test_equal_headlines_of_one_day_over_different_texts_are_different_articles(store: Store) -> None:
    for number, text in enumerate([TEXT, OTHER, "", "Read on.", "Read more."]):
        assert save(store, "Weekly recap", text, url=f"https://harbour.example/{number}") == "new"
    assert save(store, "A headline that says well what it is about", TEXT, url="https://harbour.example/a") == "new"
    assert save(store, "A headline that says well what it is about", OTHER, url="https://harbour.example/b") == "new"
    assert rows(store) == 7


def test_two_links_to_one_text_in_a_feed_are_one_article(store: Store) -> None:
    save(store, url="https://harbour.example/a", guid="https://harbour.example/a")
    assert save(store, url="https://harbour.example/print/a", guid="https://harbour.example/print/a") == "same"
    assert set(store.known(["https://harbour.example/a", "https://harbour.example/print/a"])) == {
        "https://harbour.example/a",
        "https://harbour.example/print/a",
    }


def test_items_without_address_live_by_id_and_headline(store: Store) -> None:
    assert save(store, url=None, guid="7") == "new"
    assert save(store, url=None, guid="7", text=EDITED) == "changed"
    assert save(store, url=None, guid="", text=EDITED) == "same"
    assert save(store, "Barges wait longer", OTHER, url=None, guid="") == "new"
    assert rows(store) == 2


def test_a_feed_whose_items_all_link_to_one_page_keeps_them_apart(store: Store) -> None:
    items = {"a": ("Fees rise in October", TEXT), "b": ("Barges wait longer", OTHER)}
    for _ in range(3):
        for guid, (title, text) in items.items():
            save(store, title, text, url="https://harbour.example/changelog", guid=guid)
    assert rows(store) == 2
    assert rows(store, "revisions") == 0


def test_a_canonical_link_is_believed_where_the_content_agrees(store: Store) -> None:
    save(store, url="https://harbour.example/a", canonical_url="https://harbour.example/a")
    assert save(store, url="https://harbour.example/amp/a", canonical_url="https://harbour.example/a") == "same"
    for number, text in enumerate([OTHER, "Entirely " + OTHER[::-1]]):  # a template that names the front page
        url = f"https://harbour.example/n{number}"
        assert save(store, f"Item {number}", text, url=url, canonical_url="https://harbour.example/") == "new"
    assert rows(store) == 3


def test_a_page_takes_its_address_back_from_one_that_only_claimed_it(store: Store) -> None:
    save(store, url="https://harbour.example/wrong", canonical_url="https://harbour.example/right")
    assert save(store, "Barges wait longer", OTHER, url="https://harbour.example/right") == "new"
    assert store.known(["https://harbour.example/right"])["https://harbour.example/right"].article_id == 2


def test_a_stranger_can_not_claim_the_address_of_another_publisher(store: Store) -> None:
    save(store, source_id="other", url="https://other.example/x", canonical_url="https://harbour.example/a")
    save(store, source_id="other", url="https://harbour.example/a", guid="stolen", text=OTHER)
    assert save(store) == "new"
    assert save(store) == "same"


def test_feeds_of_one_publisher_share_the_article_and_only_its_owner_changes_it(store: Store) -> None:
    assert save(store) == "new"
    assert save(store, source_id="sister", text=TEXT[:90], fingerprint="f2") == "same"
    assert rows(store) == 1
    key = "https://harbour.example/a"
    assert store.known([key], "harbour")[key].fingerprint == "f1"
    assert store.known([key], "sister")[key].fingerprint == "f2"
    assert store.known([key], "other") == {}


def test_the_feeds_own_link_is_remembered_when_it_redirects(store: Store) -> None:
    save(store, entry_url="https://proxy.example/r?id=1", url="https://harbour.example/a")
    assert store.known(["https://proxy.example/r?id=1"])["https://proxy.example/r?id=1"].article_id == 1


def test_likeness_and_headlines() -> None:
    assert likeness(TEXT, TEXT[:300]) == 1.0
    assert (likeness(TEXT, EDITED) or 0) > 0.9
    assert (likeness(TEXT, OTHER) or 0) < 0.1
    assert likeness("too short", TEXT) is None
    assert titles_alike("Fees rise by 5 %", "FEES RISE BY 5%!")
    assert not titles_alike("Weekly recap 31", "Weekly recap 32")
    assert not titles_alike("TikTok and Amazon link shops", "Barges wait longer in Rotterdam")
    assert not titles_alike("", "")
