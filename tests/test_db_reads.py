"""What export and the sources list read."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from db import reads
from db.store import Store
from db.types import SourceMemory, SourceRun
from pipelines.copies import best_match
from tests.db_samples import NOW, TEXT, source, tagged


def filled(path: Path, count: int) -> Store:
    store = Store.open(path)
    store.sync_sources([source(), source("other")])
    for number in range(count):
        at = NOW - timedelta(days=number)
        url = f"https://harbour.example/{number}"
        store.save(tagged(title=f"Item {number} of many", url=url, published_at=at), best_match)
    return store


def test_articles_are_complete_and_every_one_comes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "_STEP", 4)
    with filled(tmp_path / "m.db", 10) as store:
        rows = list(reads.articles(store.connection))
        assert [row["id"] for row in rows] == list(range(1, 11))
        first = rows[0]
        assert first["url"] == "https://harbour.example/0"
        assert first["entities"] == [
            {"id": "tiktok", "field": "text", "start": 0, "end": 6, "surface": "TikTok", "about": True},
            {"id": "amazon", "field": "text", "start": 11, "end": 17, "surface": "Amazon", "about": True},
        ]
        (event,) = first["events"]
        assert (event["type"], event["regions"], event["parties"]) == ("commercial/partnership", [], {})
        (evidence,) = event["evidence"]
        assert TEXT[evidence["start"] : evidence["end"]] == "link their accounts"
        assert evidence["rule"] == "link-1"
        assert first["story"] is None
        assert {"source", "language", "title", "text", "published_at", "canonical_url"} <= first.keys()
        json.dumps(rows)
        recent = reads.articles(store.connection, since=NOW - timedelta(days=3))
        assert [row["id"] for row in recent] == [1, 2, 3, 4]


def test_events_are_rows_of_their_own(tmp_path: Path) -> None:
    with filled(tmp_path / "m.db", 3) as store:
        store.save(tagged(title="No event here", text="Amazon is named.", url="https://harbour.example/x"), best_match)
        rows = list(reads.events(store.connection))
        assert [row["article"] for row in rows] == [1, 2, 3]
        assert rows[0]["evidence"][0]["quote"].startswith("TikTok and Amazon said")
        assert rows[0]["source"] == "harbour"


def test_sources_show_state_and_harvest(tmp_path: Path) -> None:
    with filled(tmp_path / "m.db", 3) as store:
        store.remember(SourceMemory(source_id="other", state="broken", code="timeout"))
        harbour, other = reads.sources(store.connection)
        assert (harbour["id"], harbour["articles"], harbour["last_article_at"]) == (
            "harbour",
            3,
            "2024-08-09T01:00:00+00:00",
        )
        assert (other["state"], other["code"], other["articles"], other["hosts"]) == ("broken", "timeout", 0, [])


def test_the_last_run_and_the_totals(tmp_path: Path) -> None:
    with filled(tmp_path / "m.db", 2) as store:
        assert reads.last_run(store.connection) is None
        run_id = store.start_run(NOW)
        run = SourceRun(source_id="harbour", state="ok", new=2)
        store.record_source(run_id, run, SourceMemory(source_id="harbour"), (), NOW)
        store.end_run(run_id, "good", NOW)
        last = reads.last_run(store.connection)
        assert last is not None
        assert (last["id"], last["outcome"], last["new"]) == (run_id, "good", 2)
        assert [row["source_id"] for row in reads.run_sources(store.connection, run_id)] == ["harbour"]
        assert reads.totals(store.connection) == {
            "articles": 2, "origins": 1, "events": 2, "revisions": 0, "sources": 2,
        }  # fmt: skip


def test_an_empty_archive_has_nothing_to_export(tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.db") as store:
        assert list(reads.articles(store.connection)) == list(reads.events(store.connection)) == []
        assert reads.sources(store.connection) == []


def test_steps_go_by_id_whatever_the_filter(tmp_path: Path) -> None:
    with filled(tmp_path / "m.db", 1) as store:
        asked: list[str] = []
        store.connection.set_trace_callback(asked.append)
        list(reads.articles(store.connection, since=NOW))
        store.connection.set_trace_callback(None)
        plan = [row[3] for row in store.connection.execute("explain query plan " + asked[0])]
        assert plan[0] == "SEARCH articles USING INTEGER PRIMARY KEY (rowid>?)"
        assert not any("TEMP B-TREE" in step for step in plan)
