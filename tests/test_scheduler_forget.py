"""`masthead forget` as people use it: it counts, it deletes only when told, and it says what it left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.store import Store
from pipelines.copies import best_match
from tests.db_samples import source, tagged
from tests.masthead_cli import masthead


@pytest.mark.slow
def test_forget_counts_first_and_deletes_when_told(tmp_path: Path) -> None:
    with Store.open(tmp_path / "masthead.db") as store:
        store.sync_sources([source()])
        for number, author in enumerate(("Li Wen", "Anna Sand", "Li Wenhao", "Li Wen")):
            url = f"https://harbour.example/{number}"
            store.save(tagged(url=url, title=f"Headline number {number}", authors=(author,)), best_match)
    done = masthead("forget", "--author", "li wen", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 items by li wen would be deleted" in done.stdout
    assert "Left alone, since the name is another: Li Wenhao" in done.stdout
    assert len(masthead("search", "headline", "--json", cwd=tmp_path).stdout.splitlines()) == 4
    told = json.loads(masthead("forget", "--author", "Li Wen", "--yes", "--json", cwd=tmp_path).stdout)
    assert told == {"deleted": True, "items": 2, "sources": {"harbour": 2}, "left_alone": ["Li Wenhao"]}
    assert len(masthead("search", "headline", "--json", cwd=tmp_path).stdout.splitlines()) == 2
    assert "0 items by Li Wen" in masthead("forget", "--author", "Li Wen", cwd=tmp_path).stdout
    assert masthead("forget", "--author", "?!", cwd=tmp_path).returncode == 2
    assert masthead("forget", "--author", "x", "--db", "none.db", cwd=tmp_path).returncode == 3
