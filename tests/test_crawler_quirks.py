"""A source's own repair is found by name and applied to its entries alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import crawler.quirks
from tests.spider_samples import discover

QUIRK = """
from dataclasses import replace

def mend(entry):
    return None if "advert" in entry.title else replace(entry, title=entry.title.removeprefix("NEW! "))
"""
LIST = "<li><a href=/1>NEW! Hub opens</a></li><li><a href=/2>Our advert</a></li>"


@pytest.fixture
def quirk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "odd_source_2.py").write_text(QUIRK)
    monkeypatch.setattr(crawler.quirks, "__path__", [*crawler.quirks.__path__, str(tmp_path)])
    crawler.quirks.mender.cache_clear()
    yield
    crawler.quirks.mender.cache_clear()


@pytest.mark.usefixtures("quirk")
def test_a_quirk_mends_and_drops_the_entries_of_its_source() -> None:
    assert [entry.title for entry in discover("listing", LIST, id="odd-source.2").entries] == ["Hub opens"]
    assert [entry.title for entry in discover("listing", LIST).entries] == ["NEW! Hub opens", "Our advert"]
