"""Threading: what joins, what stays apart, what follows, and what no input can break."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.types import StoryMember
from pipelines.answers import Threader
from pipelines.copies import make_sketch
from pipelines.lexicon import load_lexicon
from pipelines.thread_index import ThreadIndex, story_id_of
from pipelines.threads import MAX_KEYS, MAX_TERMS, WINDOW_DAYS
from tests.thread_samples import FIRST, article, shuffled_words


def stories(*articles: StoryMember) -> list[str]:
    index = ThreadIndex()
    return [index.add(one)[0] for one in articles]


BACKGROUND = (
    ("b1", "Shopee opens a warehouse in Vietnam", "The platform says the site near Hanoi will store goods of sellers."),
    ("b2", "Walmart raises its outlook after a strong quarter", "Revenue grew by 5 percent to $161 billion."),
    ("b3", "京东与顺丰就即时零售配送展开合作", "双方表示将在30个城市试点。"),
    ("b4", "eBay cuts 1,000 jobs", "The marketplace told staff that teams had grown too fast."),
)


def in_context(*articles: StoryMember) -> list[str]:
    """Stories of the articles in a stream that knows other news too."""
    return stories(*(article(name, title, text, -1) for name, title, text in BACKGROUND), *articles)[len(BACKGROUND) :]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("FTC sues Amazon over its treatment of sellers", "The Federal Trade Commission filed an antitrust lawsuit."),
         ("Amazon sued by FTC: sellers were punished, complaint says", "The antitrust lawsuit was filed on Thursday.")),
        (("亚马逊宣布裁员9000人", "亚马逊表示将再裁减9000个岗位。"), ("亚马逊将再裁9000人", "裁员主要涉及云业务。")),
        (("Italy fines Temu 5 million euros for misleading discounts", "The antitrust authority fined the platform."),
         ("意大利对Temu罚款500万欧元", "意大利反垄断机构因误导性折扣对Temu处以罚款。")),
    ],
)  # fmt: skip
def test_reports_of_one_happening_join(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = in_context(article("a1", *one), article("a2", *other, days=0.5))
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("House passes TikTok bill", "Senate passes TikTok bill"),
        ("美众议院通过TikTok剥离法案", "美参议院通过TikTok剥离法案"),
        ("Italy fines Temu 5 million euros for misleading discounts", "Poland opens an inquiry into Shein's returns"),
        ("亚马逊宣布裁员9000人", "亚马逊推出送货无人机"),
        (
            "Amazon raises fulfilment fees for sellers in Germany",
            "TikTok Shop waives commissions for sellers in Mexico",
        ),
    ],
)
def test_different_happenings_stay_apart(one: str, other: str) -> None:
    first, second = in_context(article("a1", one), article("a2", other, days=1))
    assert first != second


def test_every_join_says_why_and_with_which_article() -> None:
    index = ThreadIndex()
    index.add(article("a1", "Amazon to cut 9,000 jobs in cloud and advertising"))
    story, match = index.add(article("a2", "Amazon cuts another 9,000 jobs, mostly in cloud", days=0.2))
    assert story == story_id_of("a1")
    assert {why.with_article for why in match.why} == {"a1"}
    assert {"entities", "event", "figure", "words"} >= {why.kind for why in match.why} > {"words"}
    assert all(0 < why.weight <= 1 for why in match.why)


def test_a_near_copy_joins_at_once_and_says_so() -> None:
    text = (
        "The regulator of the port said on Monday that parcels of small sellers wait nine days longer than a year ago. "
        "Carriers blame a new rule on papers, brokers blame the carriers, and the warehouses near the quay are full of "
        "goods that nobody has paid for yet."
    )
    index = ThreadIndex()
    index.add(article("a1", "Parcels wait", text), make_sketch("Parcels wait", text))
    title = "Somewhere else entirely"
    story, match = index.add(article("a2", title, text, days=2), make_sketch(title, text))
    assert story == story_id_of("a1")
    assert [why.kind for why in match.why] == ["copy"]


def test_a_comment_that_quotes_a_post_is_no_copy_of_it() -> None:
    post = "TikTok said on Friday that it had asked the court of appeals in Washington to suspend the law for a while."
    comment = "↩️ What will the warehouses of the sellers do when the holiday season begins and nobody can order..."
    text = f"Channel one: {post}\n\n{comment[3:-3]} anything"
    index = ThreadIndex()
    index.add(article("a1", post[:60], post), make_sketch(post[:60], post))
    _, match = index.add(article("a2", comment, text), make_sketch(comment, text))
    assert "copy" not in {why.kind for why in match.why}


def test_a_feed_that_renames_its_items_makes_one_story() -> None:
    title, text = (
        "TikTok and Amazon link accounts for shopping",
        "Users can buy products from ads without leaving the app.",
    )
    index = ThreadIndex()
    found = {index.add(article(f"fetch-{n}", title, text, days=n / 24), make_sketch(title, text))[0] for n in range(30)}
    assert found == {story_id_of("fetch-0")}


def test_ids_are_the_same_in_every_run_and_ties_are_broken_alike() -> None:
    stream = [article(f"a{n}", f"Temu opens a store in {place}") for n, place in enumerate(("Peru", "Chile", "Peru"))]
    assert stories(*stream) == stories(*stream)
    assert stories(stream[0]) == [story_id_of("a0")]


def test_the_window_ends_a_story() -> None:
    title = "FTC sues Amazon over its treatment of sellers"
    near, far = WINDOW_DAYS - 1, 2 * WINDOW_DAYS + 1
    first, second, third = stories(
        article("a1", title), article("a2", title, days=near / 4), article("a3", title, days=far)
    )
    assert first == second != third


def test_a_chain_of_small_steps_does_not_drift_into_one_story() -> None:
    steps = ("customs", "parcel", "duty", "lawsuit", "ruling", "appeal", "recall", "battery", "toy", "refund", "coupon")
    chain = [article(f"a{n}", "Temu " + " ".join(steps[n : n + 4]), days=n * 0.5) for n in range(8)]
    found = stories(*chain)
    assert found[0] != found[-1]


def test_what_left_the_beginning_of_its_story_says_so() -> None:
    steps = ("customs", "parcel", "duty", "lawsuit", "ruling", "appeal", "recall", "battery", "toy", "refund", "coupon")
    index = ThreadIndex()
    chain = [article(f"a{n}", "Temu " + " ".join(steps[n : n + 4]), days=n * 0.5) for n in range(8)]
    matches = [index.add(one)[1] for one in chain]
    against = [why for match in matches if not match.story_id for why in match.why]
    assert "drift" in {why.kind for why in against}
    assert all(0 < why.weight < 1 and why.with_article < "a7" for why in against)


def test_the_filter_tells_what_forbade_a_join_apart_from_what_speaks_for_one() -> None:
    threader = Threader(load_lexicon())
    options = {"language": "", "source_kind": "", "speaks_for": ()}
    for name, title, text in BACKGROUND:
        threader.answer(name, title, text, date="2024-08-07", **options)
    threader.answer("a1", "House passes TikTok bill", "Members voted on Saturday.", date="2024-08-08", **options)
    said = threader.answer("a2", "Senate passes TikTok bill", "Senators voted.", date="2024-08-10", **options)
    assert said["why"] == []
    assert [(one["kind"], one["with"]) for one in said["apart"]] == [("conflict", "a1")]


def test_the_next_act_of_an_affair_follows_it() -> None:
    index = ThreadIndex()
    for name, title, text in BACKGROUND:
        index.add(article(name, title, text, -1))
    first, _ = index.add(article("a1", "House passes TikTok bill", "Members voted on Saturday."))
    second, match = index.add(article("a2", "Senate passes TikTok bill", "Senators voted on Tuesday.", days=3))
    assert second != first
    assert match.follows == first
    assert [(why.kind, why.with_article) for why in match.why] == [("conflict", "a1")]


def test_work_per_article_does_not_grow_with_what_is_stored() -> None:
    def comparisons(stored: int) -> int:
        index = ThreadIndex()
        template = article("x", "TikTok ban: sellers in Texas fear for their shops")
        for n in range(stored):
            index.enter(f"st-{n}", dataclasses.replace(template, article_id=str(n)))
        found = index.candidates(article("new", "TikTok ban: sellers in Texas wait", days=1))
        return sum(len(candidate.members) for candidate in found)

    assert comparisons(40) == comparisons(4_000) > 0


def test_ranked_candidates_are_bounded_however_much_is_stored() -> None:
    index = ThreadIndex()
    for n in range(150):
        index.add(article(f"a{n}", f"TikTok ban: {shuffled_words(n)}", days=n / 100))
    assert len(index.candidates(article("new", f"TikTok ban: {shuffled_words(7)}", days=6.1))) <= 24


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=200)), min_size=1, max_size=4))
def test_any_text_gets_a_story(texts: list[tuple[str, str]]) -> None:
    index = ThreadIndex()
    for number, (title, text) in enumerate(texts):
        member = article(str(number), title, text)
        assert len(member.signature.keys) <= MAX_KEYS
        assert len(member.signature.words) <= MAX_TERMS + 1
        story, match = index.add(member, make_sketch(title, text))
        assert story.startswith("st-")
        assert match.why or not match.story_id


def test_an_article_from_before_the_story_may_join_it() -> None:
    late = article("a2", "Amazon to cut 9,000 jobs in cloud and advertising", days=3)
    early = dataclasses.replace(
        article("a1", "Amazon cuts another 9,000 jobs, mostly in cloud"), at=FIRST + timedelta(days=2)
    )
    first, second = stories(late, early)
    assert first == second
