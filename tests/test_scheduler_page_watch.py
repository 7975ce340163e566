"""From an edit of a watched page to the item that tells it: once each, whatever is killed; noise tells nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db import page_changes
from db.news import news_since
from db.store import Store
from db.stories.forms import statements_from_json
from db.types import PageHints, RawArticle, Source
from pipelines.copies import best_match
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process, tell_edit
from scheduler.notices import notices
from scheduler.page_watch import tell_edits
from scheduler.rules import Recipient, Rule, Rules
from scheduler.story_rules import story_rules
from scheduler.workers import Workers
from tests.spider_samples import discover

NOW, ZONE = datetime(2026, 3, 1, 12, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
SOURCE = Source(
    id="fees", name="Seller fees", kind="official", speaks_for=("amazon",), family="amazon", language="en",
    access="page", url="https://seller.example/fees", hosts=("seller.example",), keep_text="full",
    page=PageHints(content="main"),
)  # fmt: skip
ROWS = {"Clothing": "17%", "Shoes": "15%", "Watches": "16%", "Toys": "15%", "Garden": "15%", "Tools": "12%"}


def page(rows: dict[str, str] = ROWS, *, stamp: str = "3 May 2025", more: str = "") -> bytes:
    table = "".join(f"<tr><td>{name}</td><td>{share}</td></tr>" for name, share in rows.items())
    return (
        "<html><head><title>Referral fee schedule</title></head><body><main><h1>Referral fee schedule</h1>"
        f"<p>Last updated: {stamp}</p><p>Sellers pay a referral fee for each item they sell in the US store. {more}</p>"
        f"<h2>Rates by category</h2><table><tr><th>Category</th><th>Fee</th></tr>{table}</table></main></body></html>"
    ).encode()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources([SOURCE])
        memory = opened.memory(SOURCE.id)
        opened.remember(replace(memory, last_good_at=NOW - timedelta(days=30)))  # it has been crawled before
        yield opened


class Crawl:
    """Visits of the page, a day apart, as the crawl makes them."""

    def __init__(self, store: Store, lexicon: Lexicon) -> None:
        self.store, self.lexicon, self.at = store, lexicon, NOW

    def visit(self, body: bytes) -> str:
        self.at += timedelta(days=1)
        (entry,) = discover("page", body.decode(), url=SOURCE.url).entries
        raw = RawArticle(source=SOURCE, entry=entry, seen_at=self.at, url=SOURCE.url, body=body)
        return self.store.save(process(raw, self.lexicon), best_match, story_rules(("amazon", "tiktok"))).outcome

    def tell(self) -> int:
        with self.store.reading() as connection:
            edits = page_changes.waiting(connection)
        with self.store.writing() as connection:
            told = [
                page_changes.keep(connection, tell_edit(one, self.lexicon), story_rules(("amazon", "tiktok")), ZONE)
                for one in edits
            ]
        return sum(item is not None for item in told)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.store.connection.execute(query).fetchall()


@pytest.fixture
def crawl(store: Store, lexicon: Lexicon) -> Crawl:
    return Crawl(store, lexicon)


_ITEMS = "select id, title, text, url, guid, source_kind from articles where form = 'change' order by id"


def test_a_fee_that_changes_is_an_official_story(crawl: Crawl) -> None:
    crawl.visit(page())
    assert crawl.tell() == 0, "the first reading is what the next is compared with"
    assert crawl.rows("select 1 from story_articles") == [], "a standing page is no news"
    assert crawl.visit(page({**ROWS, "Clothing": "10%"}, stamp="4 June 2025")) == "changed"
    assert crawl.tell() == 1
    ((number, title, text, url, guid, kind),) = crawl.rows(_ITEMS)
    assert title == "Amazon: Referral fee schedule › Rates by category › Clothing › Fee: 17% → 10%"
    assert text == "Rates by category › Clothing › Fee: 10%"
    assert (url, kind) == (SOURCE.url, "official")
    assert guid.startswith("change:")
    assert crawl.rows("select status, main_event, lead_article_id from stories") == [
        ("official", "platform/fees", number)
    ]
    ((said,),) = crawl.rows("select statements from story_articles")
    amounts = [(one.value, one.hedged) for one in statements_from_json(said) if one.slot == "amount"]
    assert amounts == [("17 %", True), ("10 %", False), ("10 %", False)], "how it was before is no claim"
    assert crawl.tell() == 0


def test_noise_tells_nothing_and_is_looked_at_once(crawl: Crawl) -> None:
    crawl.visit(page())
    assert crawl.visit(page(stamp="4 June 2025")) == "changed"
    assert crawl.tell() == 0
    assert crawl.rows("select changes, item_id from revisions") == [("[]", None)]
    assert crawl.rows(_ITEMS) == []


def test_each_of_several_edits_is_told_with_its_own_words_and_time(crawl: Crawl) -> None:
    crawl.visit(page())
    crawl.visit(page({**ROWS, "Shoes": "14%"}))
    crawl.visit(page({**ROWS, "Shoes": "14%"}, more="Refunds are paid within 5 days."))
    crawl.visit(page({**ROWS, "Shoes": "14%"}))
    assert crawl.tell() == 3
    titles = [title.partition("Referral fee schedule")[2] for _, title, *_ in crawl.rows(_ITEMS)]
    assert titles == [
        " › Rates by category › Shoes › Fee: 15% → 14%",
        ": new: Refunds are paid within 5 days.",
        ": a passage was removed",
    ]
    seen = crawl.rows("select substr(seen_at, 9, 2) from articles where form = 'change' order by id")
    assert seen == [("03",), ("04",), ("05",)]
    assert "Refunds" not in crawl.rows(_ITEMS)[-1][2], "what is gone is not said again"


def test_a_kill_between_edit_and_item_loses_and_doubles_nothing(crawl: Crawl, tmp_path: Path) -> None:
    crawl.visit(page())
    crawl.visit(page({**ROWS, "Clothing": "10%"}))
    with crawl.store.reading() as connection:
        (edit,) = page_changes.waiting(connection)
    told = tell_edit(edit, crawl.lexicon)
    child = os.fork()
    if child == 0:  # writes the item and dies before the transaction ends
        with Store.open(tmp_path / "m.db") as again, again.writing() as connection:
            page_changes.keep(connection, told, story_rules(("amazon", "tiktok")), ZONE)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert crawl.rows(_ITEMS) == []
    assert crawl.tell() == 1
    with crawl.store.writing() as connection:
        assert page_changes.keep(connection, told, story_rules(("amazon", "tiktok")), ZONE) is None, (
            "two hands at one edit"
        )
    assert len(crawl.rows(_ITEMS)) == 1


def test_what_waits_is_worked_off_by_a_worker(crawl: Crawl) -> None:
    crawl.visit(page())
    crawl.visit(page({**ROWS, "Clothing": "10%"}))
    workers = Workers(count=1)
    try:
        assert tell_edits(crawl.store, workers, story_rules(("amazon", "tiktok")), ZONE) == 1
        assert tell_edits(crawl.store, workers, story_rules(("amazon", "tiktok")), ZONE) == 0
    finally:
        workers.close()


def test_a_rule_tells_whoever_asks_for_it(crawl: Crawl) -> None:
    crawl.visit(page())
    crawl.visit(page({**ROWS, "Clothing": "10%"}))
    crawl.tell()
    with crawl.store.reading() as connection:
        news = list(news_since(connection, NOW, crawl.at))
    reader = Recipient(name="li", address="li@team.example")
    rule = Rule(name="fees", to=("li",), level="instant", type=("platform/fees",), kind=("official",), form=("change",))
    (notice,) = [n for one in news for n in notices(one, Rules(recipients=(reader,), rules=(rule,)), (), crawl.at)]
    assert notice.level == "instant"
    assert "17% → 10%" in notice.news.headline
    other = Rules(recipients=(reader,), rules=(replace(rule, form=("article",)),))
    assert [n for one in news for n in notices(one, other, (), crawl.at)] == []
