"""What a visit decides before it asks: dates in addresses, trust in memory, which entries, whether they are new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler import choose
from db.errors import CODES
from db.types import Entry, Expect, Source, SourceMemory

NOW = datetime(2024, 8, 15, 20, tzinfo=UTC)
SOURCE = Source(
    id="s", name="S", kind="trade", language="en", access="feed", url="https://h.example/f", zone="Asia/Shanghai",
    max_items=3, expect=Expect(max_age_days=10),
)  # fmt: skip
ENTRY = Entry(url="https://h.example/1", title="Fees <b>rise</b>", summary="<p>In  March</p>", updated_at=NOW)


def test_days_are_the_source_s_own() -> None:
    assert choose.dated("https://h.example/{today}?from={yesterday}&since={week_ago}", SOURCE, NOW) == (
        "https://h.example/2024-08-16?from=2024-08-15&since=2024-08-09"
    )


def test_memory_is_trusted_after_a_full_good_answer_of_the_last_week() -> None:
    good = SourceMemory(source_id="s", last_full_at=NOW - timedelta(days=6))
    assert choose.trusts_memory(good, NOW)
    assert not choose.trusts_memory(SourceMemory(source_id="s"), NOW)
    assert not choose.trusts_memory(replace(good, fails=0.25), NOW)
    assert not choose.trusts_memory(replace(good, last_full_at=NOW - timedelta(days=7)), NOW)


def test_the_newest_are_taken() -> None:
    entries = [
        Entry(url=f"https://h.example/{age}", published_at=NOW - timedelta(days=age)) for age in (2, 9, 1, 30, 4)
    ]
    taken = choose.take([*entries, entries[0]], SOURCE, NOW, None)
    assert [entry.url for entry in taken.entries] == [f"https://h.example/{age}" for age in (1, 2, 4)]
    assert taken.too_old == 1
    since = choose.take(entries, SOURCE, NOW, NOW - timedelta(days=3))
    assert ([entry.url[-1:] for entry in since.entries if entry.url], since.too_old) == (["1", "2"], 3)
    undated = [Entry(url=None, title=str(number)) for number in range(3)]
    assert choose.take(undated, SOURCE, NOW, None).entries == tuple(undated)


def test_a_fingerprint_is_of_the_words() -> None:
    mark = choose.fingerprint(ENTRY)
    assert choose.fingerprint(replace(ENTRY, summary="<div class='v17'>In March</div><img src='/pixel?9'>")) == mark
    assert choose.fingerprint(replace(ENTRY, guid="other", flags=("no_date",))) == mark
    assert choose.fingerprint(replace(ENTRY, summary="In April")) != mark
    assert choose.fingerprint(replace(ENTRY, title="Fees fall")) != mark
    assert choose.fingerprint(replace(ENTRY, updated_at=None)) != mark


@given(st.text(), st.text())
def test_any_text_has_a_fingerprint(title: str, summary: str) -> None:
    assert len(choose.fingerprint(Entry(url=None, title=title, summary=summary))) == 16


def test_final_codes_are_codes() -> None:
    assert CODES.keys() >= choose.FINAL
    assert choose.notes_line([("too_old", 12), ("gone", 0), ("page_unread", 3)]) == "too_old 12, page_unread 3"
