"""Records of registers as lines below a text: days with their role, how far along, who speaks, all from structure."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.retagging import stale
from db.store import Store
from db.types import Entry, RawArticle, Record, Source
from pipelines.copies import best_match
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process, tag_again
from pipelines.records import PARTS, labelled, lines_of, speakers_of
from scheduler.story_rules import story_rules

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REGISTER = Source(
    id="register", name="Register", kind="regulator", family="register", language="en", access="api",
    url="https://register.example/api", hosts=("register.example",), keep_text="full",
)  # fmt: skip
RECORD = Record(
    number="2026-01234", type="Proposed Rule", comments_close="2027-01-19", docket="USCBP-2026-0002",
    agencies=("Homeland Security Department", "U.S. Customs and Border Protection"),
)  # fmt: skip


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def raw(record: Record | None = RECORD) -> RawArticle:
    entry = Entry(
        url="https://register.example/1", title="Entry of Low-Value Shipments of Amazon, Temu and SHEIN sellers",
        summary="Duty-free entry of parcels below 800 dollars ended for goods of certain origin.",
        published_at=NOW, record=record,
    )  # fmt: skip
    return RawArticle(source=REGISTER, entry=entry, seen_at=NOW, url=entry.url)


def test_a_proposal_is_planned_and_its_day_a_deadline(lexicon: Lexicon) -> None:
    made = process(raw(), lexicon)
    assert made.article.text.endswith(
        "Document number: 2026-01234\nDocument type: Proposed Rule\nComments close: 2027-01-19\n"
        "Agencies: Homeland Security Department; U.S. Customs and Border Protection\nDocket: USCBP-2026-0002"
    )
    assert made.tags.events
    for event in made.tags.events:
        assert event.modality == "planned"
        assert event.attribution == "official"
        (day,) = [one for one in event.dates if one.role == "deadline"]
        assert (day.date, made.article.text[day.start : day.end]) == ("2027-01-19", "2027-01-19")
    (said,) = [one for one in made.statements if one.slot == "date" and one.value == "2027-01-19"]
    assert said.quote == "Comments close: 2027-01-19"


def test_a_rule_in_force_is_done_from_its_day_on(lexicon: Lexicon) -> None:
    made = process(raw(replace(RECORD, type="Rule", effective="2027-03-01", comments_close="")), lexicon)
    assert {(event.modality, event.effective_date) for event in made.tags.events} == {("done", "2027-03-01")}


def test_a_text_without_an_event_has_the_one_of_its_type(lexicon: Lexicon) -> None:
    entry = replace(raw().entry, title="Amazon: technical corrections", summary="")
    tags = process(replace(raw(), entry=entry), lexicon).tags
    assert [event.type for event in tags.events] == ["state/regulation"]
    assert tags.events[0].evidence[0].quote == "Document type: Proposed Rule"


def test_who_speaks_is_in_the_record_and_makes_it_official(lexicon: Lexicon, tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.db") as store:
        store.sync_sources([REGISTER])
        store.remember(replace(store.memory("register"), last_good_at=NOW))
        store.save(process(raw(), lexicon), best_match, story_rules(("amazon", "tiktok")))
        with store.reading() as connection:
            assert row(connection, "select status from stories") == ("official",)
            assert row(connection, "select date, role from deadlines") == ("2027-01-19", "deadline")
            assert row(connection, "select number, type, speaks_for from records") == (
                "2026-01234", "Proposed Rule", '["us_other", "cbp"]',
            )  # fmt: skip
            ((stored,),) = stale(connection, "another", None, 10)
            assert tag_again(stored, lexicon) == stored.tags, "tagging again says the same"
        store.save(
            process(raw(replace(RECORD, comments_close="2027-02-02")), lexicon),
            best_match,
            story_rules(("amazon", "tiktok")),
        )
        with store.reading() as connection:
            assert row(connection, "select date from deadlines") == ("2027-02-02",)


def row(connection: sqlite3.Connection, query: str) -> tuple[object, ...]:
    (found,) = connection.execute(query).fetchall()
    return tuple(found)


def test_names_of_agencies() -> None:
    assert speakers_of(["Federal Trade Commission", "Nobody", "商务部", "federal trade commission"]) == (
        "ftc", "cn_mofcom",
    )  # fmt: skip


@given(st.text(alphabet="ab\n: ", max_size=60), st.sampled_from(["en", "zh"]))
def test_lines_are_read_back_from_any_text(text: str, language: str) -> None:
    record = Record(number="N-1", type="Rule", effective="2026-01-02", docket="d", agencies=("A", "B"))
    whole = "\n".join([text, *lines_of(record, language)])
    found = {one.part: one.value for one in labelled(whole)}
    assert found == {"number": "N-1", "type": "Rule", "effective": "2026-01-02", "agencies": "A; B", "docket": "d"}
    assert all(whole[one.start : one.end] == one.value for one in labelled(whole))
    assert set(found) <= set(PARTS)
