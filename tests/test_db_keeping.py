"""Forgetting a person, what goes with time, and an index whose folding grew old."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db import fulltext, text
from db import store as store_module
from db.forgetting import forget, items_of
from db.retention import Keep, prune
from db.search import search
from db.store import Store
from db.types import FetchRecord, SourceMemory, SourceRun
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, article, source, tagged
from tests.test_db_faults import violations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        opened.sync_sources([source(), source("other")])
        yield opened


def save(store: Store, number: int, author: str = "Li Wen", words: str = "", **changes: object) -> int:
    given = article(
        f"Item {number} of the day about {words or number}",
        f"{TEXT}\n{words} {number}. " + f"Only in number{number}. " * 20,
        url=f"https://harbour.example/{number}", authors=tuple(author.split(" & ")) if author else (), **changes,
    )  # fmt: skip
    return store.save(tagged(given), best_match).article_id


def everything(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that follows from articles."""
    names = ["articles", "addresses", "revisions", "mentions", "events", "evidence", "copy_bands", "origins"]
    return {name: connection.execute(f"select * from {name} order by 1, 2").fetchall() for name in names}


def vocabulary(connection: sqlite3.Connection) -> set[str]:
    connection.execute("create virtual table if not exists temp.words using fts5vocab(main, search, row)")
    return {term for (term,) in connection.execute("select term from temp.words")}


# ------------------------------------------------------------------ forgetting
def test_a_person_goes_and_nobody_else(store: Store, path: Path) -> None:
    for number in range(4):
        save(store, number, "Anna Sand")
    before = everything(store.connection)
    words = vocabulary(store.connection)
    run_id = store.start_run(NOW)
    save(store, 10, "Li Wen", "quicksilverfish")
    save(store, 10, "Li Wen", "quicksilverfish and an edit")  # a revision
    save(store, 11, "ＬＩ  wen & Anna Sand", "marmaladecrown", source_id="other")
    save(store, 12, "Li Wenhao")
    fetch = FetchRecord(source_id="harbour", url="https://harbour.example/10", at=NOW, purpose="article", status=200)
    report = SourceRun(source_id="harbour", state="ok")
    store.record_source(run_id, report, SourceMemory(source_id="harbour"), [fetch], NOW)

    found = items_of(store, "Li Wen")
    assert (len(found.articles), found.sources, found.similar) == (2, {"harbour": 1, "other": 1}, ("Li Wenhao",))
    assert store.connection.execute("select count(*) from articles").fetchone() == (7,), "counting deletes nothing"
    assert forget(store, "li wen", NOW) == found
    assert violations(store.connection) == {}
    assert items_of(store, "Li Wen").articles == ()
    assert search(store.connection, "quicksilverfish OR marmaladecrown") == []
    assert vocabulary(store.connection).isdisjoint({"quicksilverfish", "marmaladecrown", "number10"})
    assert store.connection.execute("select count(*) from fetches").fetchone() == (0,)
    forget(store, "Li Wenhao", NOW)
    after = everything(store.connection)
    for table, rows in before.items():
        assert after[table] == rows, table
    assert vocabulary(store.connection) == words
    raw = path.read_bytes() + path.with_name("m.db-wal").read_bytes()
    assert b"quicksilverfish" not in raw
    assert b"marmaladecrown" not in raw
    assert b"Li Wen" not in raw


def test_the_forgotten_do_not_come_back(store: Store) -> None:
    save(store, 1, "Li Wen")
    forget(store, "Li Wen", NOW)
    for author in ("Li Wen", "LI WEN", "Anna Sand & Li Wen"):
        assert save(store, 1, author) == 0
    assert save(store, 1, "Anna Sand") > 0
    assert save(store, 2, "") > 0
    assert forget(store, "Li Wen", NOW).articles == ()
    with pytest.raises(ValueError, match="letters"):
        items_of(store, "—")


def test_a_forgotten_copy_leaves_the_others_their_origin(store: Store) -> None:
    store.save(tagged(authors=("Li Wen",)), best_match)
    copy = store.save(tagged(source_id="other", url="https://other.example/b", authors=("Anna Sand",)), best_match)
    assert copy.origin_id == 1
    forget(store, "Li Wen", NOW)
    assert violations(store.connection).keys() <= {"article that can not be found", "find without article"}
    assert store.connection.execute("select articles from origins").fetchall() == [(1,)]


# ------------------------------------------------------------------ time
def test_what_is_past_its_time_goes_and_the_rest_stays(store: Store) -> None:
    for days in (500, 200, 10):
        at = NOW - timedelta(days=days)
        run_id = store.start_run(at)
        fetches = [FetchRecord(source_id="harbour", url="https://h.example/", at=at, purpose="source")] * 3
        store.record_source(
            run_id, SourceRun(source_id="harbour", state="ok"), SourceMemory(source_id="harbour"), fetches, at
        )
        store.keep_robots(f"https://r{days}.example:443", at, 200, "", b"")
        store.keep_retry_after(f"h{days}.example", at + timedelta(days=20))
    for wording in range(12):
        save(store, 1, words=f"wording{wording}")
        save(store, 2, words=f"wording{wording}")
        save(store, 3, words="the same")
    keep = Keep(revisions=4)
    tell(store, 2)
    pruned = prune(store, NOW, keep=keep)
    assert (pruned.fetches, pruned.runs, pruned.revisions) == (6, 1, 6)
    assert [n for (n,) in store.connection.execute("select number from revisions where article_id = 1")] == [
        1, 8, 9, 10, 11,
    ]  # fmt: skip
    assert store.connection.execute("select count(*) from revisions where article_id = 2").fetchone() == (11,)
    assert store.connection.execute("select origin from robots").fetchall() == [("https://r10.example:443",)]
    assert store.connection.execute("select host from hosts").fetchall() == [("h10.example",)]
    assert store.connection.execute("select count(*) from articles").fetchone() == (3,)
    again = prune(store, NOW, keep=keep)
    assert (again.fetches, again.runs, again.revisions) == (0, 0, 0)
    later = NOW + timedelta(days=100)
    store.connection.execute(
        "insert into signals (story_id, trigger, status, at) values ('st-1', 'status:official', 'official', ?)",
        (later.isoformat(),),
    )
    assert prune(store, later, keep=keep).revisions == 0  # told of these days, though the story is old
    store.connection.execute("delete from signals")
    assert prune(store, later, keep=keep).revisions == 6
    save(store, 1, words="one more")  # numbers go on after what was dropped
    assert store.connection.execute("select max(number) from revisions where article_id = 1").fetchone() == (12,)


def tell(store: Store, article_id: int) -> None:
    """An open story of today with this article."""
    at = NOW.isoformat()
    store.connection.execute(
        "insert into stories (id, first_at, last_at, day, status_at, updated_at) values ('st-1', ?1, ?1, ?1, ?1, ?1)",
        (at,),
    )
    store.connection.execute(
        "insert into story_articles (article_id, story_id, at, origin_article_id) values (?1, 'st-1', ?2, ?1)",
        (article_id, at),
    )


def test_the_newest_run_stays_and_long_lists_go_in_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.retention._STEP", 2)
    at = NOW - timedelta(days=900)
    for _ in range(5):
        store.start_run(at)
    assert prune(store, NOW).runs == 4
    assert store.connection.execute("select id from runs").fetchall() == [(5,)]


# ------------------------------------------------------------------ the folding
def ids(store: Store, word: str) -> list[int]:
    query = "select rowid from search where search match ? order by rowid"
    return [row for (row,) in store.connection.execute(query, (f'"{word}"',))]


@pytest.fixture
def folded_otherwise(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """While it holds, every "q" is folded to "z" and the version says so."""
    real = text.set_apart
    monkeypatch.setattr(fulltext, "set_apart", lambda s: real(s).replace("q", "z"))
    monkeypatch.setattr(fulltext, "fold_version", lambda: "another")
    return monkeypatch


def test_an_index_of_another_folding_is_made_anew_at_opening(path: Path, folded_otherwise: pytest.MonkeyPatch) -> None:
    with Store.open(path) as store:
        store.sync_sources([source()])
        for number in range(7):
            save(store, number, words="quince")
        assert (ids(store, "quince"), ids(store, "zuince")) == ([], list(range(1, 8)))
    folded_otherwise.undo()
    folded_otherwise.setattr(fulltext, "_STEP", 3)
    with Store.open(path) as store:
        assert (ids(store, "quince"), ids(store, "zuince")) == (list(range(1, 8)), [])
        assert not fulltext.is_stale(store.connection)
        assert violations(store.connection) == {}


def test_saving_and_forgetting_amid_the_steps(path: Path, folded_otherwise: pytest.MonkeyPatch) -> None:
    with Store.open(path) as store:
        store.sync_sources([source()])
        for number in range(6):
            save(store, number, words="quince", author="Li Wen" if number in (1, 4) else "")
    folded_otherwise.undo()
    folded_otherwise.setattr(fulltext, "_STEP", 3)
    folded_otherwise.setattr(store_module, "_REFRESHED_AT_OPENING", 1)
    with Store.open(path) as store:
        assert ids(store, "quince") == [1, 2, 3], "one step was taken"
        save(store, 0, author="", words="quinces")  # an edit of what is reached
        save(store, 5, author="", words="quinces")  # an edit of what is not
        save(store, 9, author="", words="quinces")  # a new one
        forget(store, "Li Wen", NOW)  # one of each
        assert ids(store, "quinces") == [1]
    with Store.open(path) as store:  # takes up where it ended
        store.refresh_search()
        assert store.refresh_search()
        assert (ids(store, "quince"), ids(store, "quinces")) == ([3, 4], [1, 6, 7])
        assert violations(store.connection) == {}


def test_a_stale_index_that_can_not_be_written_still_finds(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, 1, words="quince")
    store.close()
    monkeypatch.setattr(fulltext, "fold_version", lambda: "another")
    Store.open(path).close()
    monkeypatch.setattr(fulltext, "fold_version", lambda: "a third")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("begin immediate")
    monkeypatch.setattr("db.connect.BUSY_SECONDS", 0.05)
    with Store.open(path) as waiting:
        assert ids(waiting, "quince") == [1]
        assert fulltext.is_stale(waiting.connection)
    blocker.close()
