"""States of a source: nothing is forgiven that was not mended, and no quiet week is called a fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.health import Sighting, judge, lacking, lost_dates, median_gap, newest, next_try, recovered, state_of
from db.errors import CODES, WEIGHTS
from db.types import Entry, Expect, Shape, Source, SourceMemory, SourceRun, State

NOW = datetime(2024, 8, 15, 7, tzinfo=UTC)
NEW = SourceMemory(source_id="s")


def source(gap_hours: int = 168) -> Source:
    return Source(
        id="s", name="S", kind="trade", language="en", access="feed", url="https://h.example/f",
        expect=Expect(gap_hours=gap_hours),
    )  # fmt: skip


def good(new: int = 0, newest_at: datetime | None = None, gap_seconds: float | None = None) -> Sighting:
    return Sighting(entries=10, new=new, newest_at=newest_at, gap_seconds=gap_seconds)


def test_a_first_good_visit_is_ok_however_old_its_items() -> None:
    after = judge(NEW, good(new=10, newest_at=NOW - timedelta(days=20)), source(), NOW)
    assert (after.state, after.since, after.last_good_at) == ("ok", NOW, NOW)
    assert after.last_new_at == NOW - timedelta(days=20)


def test_nothing_new_is_quiet_then_silent_by_the_source_s_own_rhythm() -> None:
    slow = judge(NEW, good(new=10, newest_at=NOW, gap_seconds=timedelta(days=5).total_seconds()), source(), NOW)
    assert judge(slow, good(), source(), NOW + timedelta(days=14)).state == "quiet"  # three times five days
    assert judge(slow, good(), source(), NOW + timedelta(days=16)).state == "silent"
    brisk = judge(NEW, good(new=10, newest_at=NOW, gap_seconds=3600), source(gap_hours=48), NOW)
    assert judge(brisk, good(), source(gap_hours=48), NOW + timedelta(hours=47)).state == "quiet"
    assert judge(brisk, good(), source(gap_hours=48), NOW + timedelta(hours=49)).state == "silent"
    assert judge(brisk, good(new=1, newest_at=NOW), source(gap_hours=48), NOW + timedelta(hours=49)).state == "ok"


def test_unchanged_counts_for_the_rhythm_and_heals_nothing() -> None:
    unchanged = Sighting(entries=None)
    fine = judge(NEW, good(new=10, newest_at=NOW), source(), NOW)
    assert judge(fine, unchanged, source(), NOW + timedelta(days=6)).state == "quiet"
    assert judge(fine, unchanged, source(), NOW + timedelta(days=8)).state == "silent"
    assert judge(fine, unchanged, source(), NOW + timedelta(days=8)).entries == 10
    ill = judge(fine, Sighting(code="timeout"), source(), NOW + timedelta(days=1))
    still = judge(ill, unchanged, source(), NOW + timedelta(days=2))
    assert (still.state, still.fails, still.code, still.last_good_at) == ("broken", 0.5, "timeout", NOW)


@pytest.mark.parametrize(
    ("code", "state", "weight"),
    [
        ("robots_disallowed", "robots", 1), ("robots_unreachable", "robots", 0.5), ("forbidden", "refused", 1),
        ("rate_limited", "refused", 0.5), ("challenge_page", "refused", 1), ("login_page", "refused", 1),
        ("consent_page", "refused", 1), ("too_few_items", "drift", 1), ("no_dates", "drift", 0.5),
        ("thin_text", "drift", 0.5), ("no_titles", "drift", 0.5),
        ("dns_error", "broken", 0.5), ("tls_error", "broken", 1), ("timeout", "broken", 0.5),
        ("unavailable", "broken", 0.5), ("not_a_feed", "broken", 1), ("connection_lost", "broken", 0.25),
        ("network_down", "broken", 0.25), ("moved", "broken", 1), ("source_bug", "broken", 1),
    ],
)  # fmt: skip
def test_failures_have_a_state_and_a_weight(code: str, state: str, weight: float) -> None:
    before = judge(NEW, good(new=10, newest_at=NOW), source(), NOW)
    after = judge(before, Sighting(code=code, detail="why"), source(), NOW + timedelta(days=1))
    assert (after.state, after.fails, after.code, after.detail) == (state, weight, code, "why")
    assert (after.since, after.last_good_at, after.entries) == (NOW + timedelta(days=1), NOW, 10)
    again = judge(after, Sighting(code=code, detail="why"), source(), NOW + timedelta(days=2))
    assert (again.fails, again.since) == (2 * weight, NOW + timedelta(days=1))


def test_being_left_alone_as_asked_is_no_failure() -> None:
    refused = judge(NEW, Sighting(code="rate_limited"), source(), NOW)
    later = judge(refused, Sighting(code="retry_later"), source(), NOW + timedelta(minutes=5))
    assert later == replace(refused, last_try_at=NOW + timedelta(minutes=5))
    assert judge(NEW, Sighting(code="retry_later"), source(), NOW).state == "refused"


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("memory", "wait"),
    [
        ({"state": "ok"}, 23 * HOUR),  # a quarter of a week is more than a day
        ({"state": "quiet", "gap_seconds": 20 * 3600.0}, 5 * HOUR),
        ({"state": "silent", "gap_seconds": 60.0}, HOUR),
        ({"state": "broken", "code": "connection_lost", "fails": 0.25}, HOUR),
        ({"state": "broken", "code": "timeout", "fails": 0.5}, HOUR),
        ({"state": "broken", "code": "timeout", "fails": 1.0}, 2 * HOUR),
        ({"state": "broken", "code": "timeout", "fails": 2.0}, 8 * HOUR),
        ({"state": "broken", "code": "timeout", "fails": 500.0}, 23 * HOUR),
        ({"state": "robots", "code": "robots_unreachable", "fails": 0.5}, HOUR),
        ({"state": "refused", "code": "forbidden", "fails": 1.0}, 23 * HOUR),
        ({"state": "broken", "code": "moved", "fails": 1.0}, 23 * HOUR),
        ({"state": "drift", "code": "too_few_items", "fails": 1.0, "gap_seconds": 20 * 3600.0}, 5 * HOUR),
        ({"state": "refused", "code": "rate_limited", "fails": 0.5, "retry_after_at": NOW + 4 * HOUR}, 4 * HOUR),
    ],
)  # fmt: skip
def test_when_to_ask_again(memory: dict[str, object], wait: timedelta) -> None:
    remembered = replace(NEW, last_try_at=NOW, **memory)  # type: ignore[arg-type]  # fields of SourceMemory
    assert next_try(remembered, source(), NOW) == NOW + wait


def test_a_source_never_tried_is_due_and_a_clock_that_went_back_stops_nothing() -> None:
    assert next_try(NEW, source(), NOW) == NOW
    assert next_try(replace(NEW, last_try_at=NOW + 99 * HOUR), source(), NOW) == NOW


@pytest.mark.parametrize(
    ("was", "state", "expected"),
    [
        ("broken", "ok", True), ("refused", "quiet", True), ("silent", "ok", True), ("drift", "ok", True),
        ("never", "ok", False), ("ok", "quiet", False), ("broken", "silent", False), ("ok", "broken", False),
    ],
)  # fmt: skip
def test_a_recovery_is_bad_then_good(was: State, state: State, expected: bool) -> None:
    assert recovered(SourceRun(source_id="s", state=state, was=was)) is expected


def test_a_month_of_ordinary_sources_raises_no_alarm() -> None:
    """Newsrooms that publish every few hours to every few days, none on weekends, crawled each morning."""
    random = Random(8)
    for mean_hours in (3, 10, 30, 60, 110):
        published: list[datetime] = []
        at = NOW - timedelta(days=40)
        while at < NOW + timedelta(days=31):
            at += timedelta(hours=mean_hours * random.uniform(0.3, 1.7))
            while at.weekday() >= 5:
                at += timedelta(days=1)
            published.append(at)
        memory, seen = NEW, 0
        for day in range(30):
            now = NOW + timedelta(days=day)
            entries = [Entry(url=None, published_at=at) for at in published if at <= now][-20:]
            count = sum(at <= now for at in published)
            gap = median_gap(entries, now)
            sighting = Sighting(entries=len(entries), new=count - seen, newest_at=newest(entries, now), gap_seconds=gap)
            memory, seen = judge(memory, sighting, source(), now), count
            assert memory.state in ("ok", "quiet"), (mean_hours, day)


def test_dates_ahead_and_few_dates_say_nothing() -> None:
    hours = (0, 4, 10, 13)
    entries = [Entry(url=None, published_at=NOW - timedelta(hours=h)) for h in hours]
    ahead = Entry(url=None, published_at=NOW + timedelta(hours=3))
    assert median_gap([*entries, ahead, Entry(url=None)], NOW) == 4 * 3600
    assert newest([*entries, ahead], NOW) == NOW
    assert median_gap(entries[:3], NOW) is None
    assert newest([ahead], NOW) is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 3), st.sampled_from(sorted(CODES))), max_size=12))
def test_whatever_happens_the_memory_stays_consistent(story: list[int | str | None]) -> None:
    memory = NEW
    for day, what in enumerate(story):
        now = NOW + timedelta(days=day)
        before = memory
        if isinstance(what, str):
            memory = judge(before, Sighting(code=what), source(), now)
            assert memory.fails == before.fails + WEIGHTS[CODES[what].severity]
            assert memory.last_good_at == before.last_good_at
            if CODES[what].severity != "note":
                assert memory.state == state_of(what)
        else:
            memory = judge(before, Sighting(entries=what, new=what or 0), source(), now)
            if what is not None:
                assert (memory.fails, memory.code) == (0, "")
            elif before.fails:
                assert memory == replace(before, last_try_at=now)  # "unchanged" heals nothing
        assert memory.last_try_at == now
        assert memory.since is not None or memory.state == "never"


def test_our_own_mailbox_is_looked_into_every_hour() -> None:
    box = replace(source(gap_hours=336), access="mailbox")
    assert next_try(replace(NEW, state="ok", last_try_at=NOW), box, NOW) == NOW + HOUR


# ------------------------------------------------------------------ a template that changed
GOOD = Shape(1_500, dated=True, titled=True)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (replace(GOOD, letters=0), "thin_text"), (replace(GOOD, letters=140), "thin_text"),
        (replace(GOOD, dated=False), "no_dates"), (replace(GOOD, titled=False), "no_titles"),
    ],
)  # fmt: skip
def test_what_was_always_there_and_is_gone_is_drift(bad: Shape, code: str) -> None:
    lack = lacking([bad] * 3 + [GOOD] * 12)
    assert lack is not None
    assert (lack[0], lack[1][-18:]) == (code, "of the 12 before 0")
    assert lacking([bad] * 2 + [GOOD] * 12) is None, "two may be chance"
    assert lacking([GOOD, *[bad] * 5, *[GOOD] * 12]) is None, "it is back"
    assert lacking([bad] * 30) is None, "the form is the usual one by now"


@pytest.mark.parametrize("shape", [Shape(0, True, True), Shape(1_500, False, True), Shape(60, False, False)])
def test_what_was_never_there_is_not_missed(shape: Shape) -> None:
    assert lacking([shape] * 30) is None
    assert lacking([shape] * 3) is None
    assert lacking([]) is None


def test_sources_of_all_kinds_drift_in_no_month() -> None:
    """Short notes among long reports, now and then no date; three hundred sources, an article a day."""
    random = Random(3)
    for number in range(300):
        shares = [random.choice((0, 0, 0.02, 0.1, 0.3)) for _ in range(3)]
        shapes: list[Shape] = []
        for _ in range(60):
            letters = int(random.lognormvariate(7, 0.2 + number % 5 / 5)) * (random.random() >= shares[0])
            shapes.insert(0, Shape(letters, random.random() >= shares[1], random.random() >= shares[2]))
            assert len(shapes) <= 30 or lacking(shapes[:30]) is None, (number, shares, shapes[:30])


def test_a_list_that_loses_all_its_dates_is_drift_for_a_month() -> None:
    dated = good(new=10, newest_at=NOW, gap_seconds=3_600.0)
    before = judge(NEW, dated, source(), NOW)
    assert lost_dates(before, 10, None, NOW + timedelta(days=1))
    assert not lost_dates(before, 2, None, NOW + timedelta(days=1)), "two entries may well have none"
    assert not lost_dates(before, 10, NOW, NOW + timedelta(days=1))
    assert not lost_dates(NEW, 10, None, NOW), "nobody knows better"
    later = NOW + timedelta(days=31)
    assert not lost_dates(before, 10, None, later)
    assert not lost_dates(judge(before, good(new=1), source(), later), 10, None, later + timedelta(days=1))
