"""The finder of an article's text, part by part: blocks, names, notices, the choice, the trees, their labels."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.block_training.labels import covers, tokens
from pipelines.block_training.pack import packed
from pipelines.blocks import MAX_BLOCKS, cut
from pipelines.boilerplate import is_notice, opening
from pipelines.choose import choose, promised, trust, written
from pipelines.features import NAMES, Line, columns_of, lines_of
from pipelines.forest import Forest, read, shipped
from pipelines.hints import BIT, hints_of
from pipelines.markup import parse


def lines(markup: str) -> list[Line]:
    tree = parse(markup)
    assert tree is not None
    page = cut(tree)
    found = lines_of(page)
    columns_of(page, found, "")  # gives the lines the hints of their boxes
    return found


def texts(markup: str) -> list[str]:
    return [line.block.text for line in lines(markup)]


# ------------------------------------------------------------------ blocks
def test_a_page_is_cut_where_a_reader_sees_a_new_line() -> None:
    page = "<div>One <b>bold</b>\n two<p>three</p>four<br>five <a href=/>link</a></div><x-card>six</x-card>"
    assert texts(page) == ["One bold two", "three", "four", "five link", "six"]


def test_what_is_linked_and_bold_is_counted() -> None:
    line = lines("<p><a href=/>four</a> and <b>six666</b></p>")[0]
    assert (line.block.linked, line.block.strong) == (4, 6)


def test_preformatted_text_keeps_its_lines() -> None:
    assert texts("<pre>a\n  b</pre>") == ["a\n  b"]


def test_menus_and_page_feet_are_left_out_unless_they_hold_the_article() -> None:
    assert texts("<nav>Home</nav><p>Text</p><footer>Imprint</footer>after") == ["Text", "after"]
    assert texts("<nav><a href=/>Home</a><h1>Title</h1><p>Text</p>") == ["Home", "Title", "Text"]


def test_a_page_of_endless_blocks_is_cut_short() -> None:
    assert len(lines("<p>x</p>" * (MAX_BLOCKS + 50))) == MAX_BLOCKS


def test_nested_tables_keep_their_rows_apart() -> None:
    rows = [line.block.row for line in lines("<table><tr><td>a<td>b<tr><td>c</table><p>d")]
    assert rows[0] == rows[1] != rows[2] != 0
    assert rows[3] == 0


def test_what_a_template_closes_too_early_is_still_read() -> None:
    assert texts("<body><header>Gazette</header></body></html><p>Text</p></body></html>") == ["Gazette", "Text"]
    assert texts("<button class=menu>Menu<main><h1>Title</h1><p>Text</p></main>") == ["Menu", "Title", "Text"]
    assert texts("<button>Menu</button><p>Text</p>") == ["Text"]


# ------------------------------------------------------------------ names and notices
@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("related-articles", "related"), ("SidebarWidget", "side"), ("post__comments", "comment"), ("ad", "advert"),
        ("article-body", "content"), ("entryContent", "content"), ("onetrust-consent-sdk", "modal"),
        ("img-caption", "caption"), ("social-share-buttons", "share"), ("newsletter-signup", "sell"),
    ],
)  # fmt: skip
def test_class_names_say_what_a_box_holds(names: str, said: str) -> None:
    assert hints_of(names) & BIT[said]


@pytest.mark.parametrize("names", ["header-lead", "adventure", "shadow", "address", "brand"])
def test_a_word_within_a_word_is_no_advert(names: str) -> None:
    assert not hints_of(names) & BIT["advert"]


@pytest.mark.parametrize(
    "text",
    [
        "When you buy through links on our site, we may earn a commission.",
        "We and our partners use cookies to give you the best experience.",
        "© 2024 The Harbour Gazette. All rights reserved.",
        "Sign up here for our morning newsletter.",
        "FILE - Ships wait outside the harbour, May 3, 2024.",
        "未经本网授权，不得转载使用。",
        "（责编：某某）",
        "来源：港口日报",
    ],
)
def test_notices_are_known(text: str) -> None:
    assert is_notice(text)


@pytest.mark.parametrize(
    "text",
    [
        "The commission said on Monday that tariffs will rise in May.",
        "Shoppers can buy Amazon products without leaving the app.",
        "The court ruled that the file may be published.",
        "平台称，新规则将于8月15日起生效。",
        "据知情人士称，来源不明的商品将被下架。",
    ],
)
def test_news_is_no_notice(text: str) -> None:
    assert not is_notice(text)


def test_openings() -> None:
    assert opening("Read more: Ships wait outside") == opening("相关阅读") == "related"
    assert opening("Subscribe to our letters") == opening("分享到微信") == "share"
    assert opening("12 comments") == "talk"
    assert opening("The ferry sails at nine") is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=800))
def test_any_text_can_be_matched(text: str) -> None:
    opening(text)
    is_notice(text)


@pytest.mark.parametrize("piece", ["click here ", "cookies ", "buy through ", "转载 ", "sign up for ", "- "])
def test_patterns_end_in_time_on_repeats(piece: str) -> None:
    is_notice((piece * 700)[:700])
    opening(piece * 20_000)


# ------------------------------------------------------------------ choice
PROSE = "The ferry to the northern islands sails at nine from the old pier, the harbour office said on Monday."


def test_captions_calls_and_notices_count_for_nothing() -> None:
    page = lines(
        f"<p>{PROSE}</p><figure><figcaption>The old pier</figcaption></figure><p><a href=/>Read more: fares</a></p>"
        "<p>© 2024 The Gazette. All rights reserved.</p>"
    )
    assert [trust(line) for line in page] == [1, 0, 0, 0]


def test_an_unsure_page_is_cut_lower_than_a_sure_one() -> None:
    page = lines(f"<p>{PROSE} 1</p><p>{PROSE} 2</p><p>{PROSE} 3</p>")
    assert choose(page, [0.95, 0.95, 0.4]).kept == (0, 1)
    assert choose(page, [0.5, 0.5, 0.4]).kept == (0, 1, 2)
    assert choose(page, [0.1, 0.1, 0.0]) == choose([], [])


def test_cells_of_a_row_stand_together() -> None:
    page = lines("<table><tr><td>Small parcel<td>4.10<td>4.26</table>")
    assert choose(page, [0.9, 0.1, 0.9]).kept == (0, 1, 2)
    assert written(page) == "Small parcel | 4.10 | 4.26"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 500)), max_size=30))
def test_the_promise_is_a_share(pairs: list[tuple[float, float]]) -> None:
    assert 0 <= promised(pairs) <= 1 + 1e-9


# ------------------------------------------------------------------ trees
def dumped(node: Any) -> dict[str, Any]:
    if isinstance(node, float):
        return {"leaf_value": node}
    feature, threshold, left, right = node
    return {
        "split_feature": feature,
        "threshold": threshold,
        "left_child": dumped(left),
        "right_child": dumped(right),
    }


def walked(node: Any, row: tuple[float, ...]) -> float:
    while not isinstance(node, float):
        feature, threshold, left, right = node
        node = left if row[feature] <= threshold else right
    return node


LEAF = st.floats(-2, 2)
TREE = st.recursive(
    LEAF, lambda below: st.tuples(st.integers(0, 2), st.integers(-3, 3).map(float), below, below), max_leaves=12
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TREE, min_size=1, max_size=6),
    st.lists(st.tuples(*[st.integers(-4, 4).map(float)] * 3), min_size=1, max_size=300),
)
def test_all_lanes_give_what_walking_the_trees_gives(trees: list[Any], rows: list[tuple[float, ...]]) -> None:
    model = {"tree_info": [{"tree_structure": dumped(tree)} for tree in trees]}
    forest = read(json.loads(json.dumps(packed(model, ("a", "b", "c")))))
    for row, score in zip(rows, forest.scores(list(zip(*rows, strict=True))), strict=True):
        total = sum(walked(tree, row) for tree in trees)
        assert score == pytest.approx(1 / (1 + math.exp(-total)), abs=0.001)


def test_the_shipped_model_fits_the_features() -> None:
    forest = shipped()
    assert forest.features == NAMES
    assert forest.scores([]) == []
    assert 0 < forest.scores([(0.0,)] * len(NAMES))[0] < 1


def test_a_model_whose_numbers_do_not_fit_is_refused() -> None:
    tree = {"nodes": [[0, 1, 2]], "leaves": [0, -5]}
    with pytest.raises(ValueError, match="out of range"):
        read({"features": ["a"], "thresholds": [[1.0]], "trees": [tree], "bias": 0, "scale": 1.0})


def test_forest_is_a_value() -> None:
    assert Forest((), (), (), 0, 1.0).scores([]) == []


# ------------------------------------------------------------------ labels
def test_labels_follow_the_order_of_the_text() -> None:
    text = tokens("Ships wait outside. The pier is closed until Monday. Ferries sail again at nine.")
    blocks = [
        "Ships wait outside.",
        "Menu",
        "The pier is closed until Monday.",
        "Ferries sail again at nine.",
        "Ships wait outside.",
    ]
    assert [round(share) for share in covers([tokens(block) for block in blocks], text)] == [1, 0, 1, 1, 0]


def test_a_changed_word_does_not_lose_a_block() -> None:
    text = tokens("The harbour office said on Monday that all ferries to the islands will sail at nine.")
    block = tokens("The harbour office said on Tuesday that all ferries to the islands will sail at nine.")
    assert covers([block], text)[0] > 0.5
    assert covers([], text) == []
    assert covers([block, []], []) == [0, 0]


# ------------------------------------------------------------------ standfirst, embeds, tables
LEAD = "The harbour office opens the old pier again after a winter of repairs."


@pytest.mark.parametrize(
    ("between", "told", "taken"),
    [
        (f"<p>{LEAD}</p>", LEAD, True),
        (f"<p>By Mara Quill</p><p>{LEAD}</p>", LEAD, True),
        (f"<p>{LEAD}</p>", "Ferries and piers, news and tickets from the harbour.", False),
        (f"<figure><figcaption>{LEAD}</figcaption></figure>", LEAD, False),
        ("<p>Ferries sail again from the old pier of the harbour</p>",
         "Ferries sail again from the old pier of the harbour", False),
    ],
)  # fmt: skip
def test_a_standfirst_is_text_where_the_head_says_the_same(between: str, told: str, taken: bool) -> None:
    title = "Ferries sail again from the old pier of the harbour"
    found = lines(f"<h1>{title}</h1>{between}<div><p>{'Text of the article. ' * 9}</p></div>")
    scores = [0.0] * (len(found) - 1) + [1.0]
    assert (len(choose(found, scores, title, [told]).kept) == 2) is taken


def test_embedded_posts_and_appeals_fall_and_tables_in_figures_stay() -> None:
    page = """<blockquote class="twitter-tweet">The pier is open. Ferry (@ferry)</blockquote>
        <p>Contribute as little as $2 to keep our news free for all.</p>
        <figure class="wp-block-table"><table><tr><td>Size</td><td>Fee</td></tr></table></figure>"""
    assert [trust(line) for line in lines(page)] == [0.0, 0.0, 1.0, 1.0]


TEASER = "<li><div><h3><a href=/n>Ferry firm orders new ships</a></h3><p>{}</p></div></li>"
STORY = "The company said on Monday that it had ordered four ships for the route, which had been closed all winter."
TWO = f"<h3><a href=/n>Ferry firm orders new ships</a></h3><p>{STORY}</p><p>{STORY}</p>"


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (f"<div><p>{STORY}</p><p>{STORY}</p></div><ul>{TEASER.format(STORY) * 5}</ul>", 2),
        (f"<div><p>{STORY}</p><p>{STORY}</p></div><ul>{TEASER.format(STORY) * 3}</ul>", 5),  # too few to be sure
        (f"<ul>{TEASER.format(STORY) * 5}</ul>", 5),  # the page is the list
        (f"<div><p>{STORY}</p><p>{STORY}</p></div><ul>{TEASER.format(STORY) * 5}</ul><p>{STORY}</p>", 8),  # goes on
        (f"<p>{STORY}</p><p>{STORY}</p>{TWO * 5}", 12),  # a paragraph more for each: the article's own list
    ],
)  # fmt: skip
def test_other_stories_behind_the_article_fall(page: str, left: int) -> None:
    found = lines(page)
    assert len(choose(found, [1.0 if line.prose else 0.0 for line in found]).kept) == left
