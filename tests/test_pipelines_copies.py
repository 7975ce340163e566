"""Near-copies: what is one origin and, as important, what is not."""

from __future__ import annotations

import subprocess
import sys

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.types import CopyCandidate, CopyMatch
from pipelines.copies import best_match, make_sketch
from tests.growth import assert_linear

WIRE = (
    "Shoppers who scroll through short videos will soon be able to pay for goods from a large retailer without leaving "
    "the app. The two companies said on Thursday that people who link their accounts see current prices, delivery "
    "estimates and stock for selected advertisements. Linking is voluntary and can be undone in the settings at any "
    "time. The arrangement covers the United States at first and concerns only goods that the retailer advertises "
    "itself. A spokeswoman declined to say when other countries would follow or what share of each sale is paid. "
    "Analysts regard the step as an answer to cheap rivals that ship small parcels straight from factories abroad. "
    "Sellers on the marketplace asked within hours whether their own listings would appear; the companies have not "
    "answered that question. Similar links with two other social networks were opened in the autumn of last year."
)
ZH = (
    "两家公司周四宣布，用户在短视频应用中关联购物账户后，可以不离开应用直接购买广告中的商品。页面会显示实时价格、预计送达时间和库存。"
    "账户关联完全自愿，用户随时可以在设置中解除。该功能首先面向美国用户，仅涉及零售商自己投放的广告商品。公司发言人没有说明何时推广到其他国家，"
    "也没有透露每笔订单的分成比例。分析人士认为，此举是为了应对从境外工厂直发小包裹的低价对手。不少平台卖家在数小时内询问，"
    "自己的商品是否也能出现在广告里，两家公司均未回应。去年秋天，该零售商已与另外两家社交网络建立了类似的连接。"
)
SPUN_WORDS = {
    "Shoppers": "Consumers", "soon": "shortly", "large": "big", "said": "announced", "voluntary": "optional",
    "arrangement": "agreement", "declined": "refused", "regard": "see", "cheap": "low-cost", "question": "point",
}  # fmt: skip
SPUN_ZH = {
    "宣布": "公布",
    "直接": "立即",
    "完全自愿": "自愿进行",
    "推广到": "扩展至",
    "此举": "这一做法",
    "询问": "追问",
}


def spin(text: str, words: dict[str, str]) -> str:
    for before, after in words.items():
        assert before in text
        text = text.replace(before, after)
    return text


def match(title_a: str, a: str, title_b: str, b: str) -> CopyMatch | None:
    first, second = make_sketch(title_a, a), make_sketch(title_b, b)
    found = best_match(second, [CopyCandidate(article_id=7, origin_id=3, sketch=first)])
    if found is not None:
        assert set(first.bands) & set(second.bands), "a match that the index would never propose"
        assert (found.article_id, found.origin_id) == (7, 3)
        assert 0 < found.score <= 1
    return found


COPIES = {
    "reprint under another headline": ("A", WIRE, "B", WIRE, "exact"),
    "dateline, credits and share prompt added": (
        "A", WIRE, "B",
        "SEATTLE, Aug 8 (Reuters) - " + WIRE + " (Reporting by Jo Doe; Editing by M. Roe)\nShare this\nRead more: fees",
        "exact",
    ),
    "中文转载，加来源、责编和二维码提示": (
        "甲", ZH, "乙", "【某某网讯】" + ZH + "\n来源：某通讯社\n责任编辑：张三\n长按识别，关注公众号", "exact",
    ),
    "simplified and traditional twins": ("甲", ZH, "乙", opencc.OpenCC("s2t").convert(ZH), "exact"),
    "wire copy with an intro of one's own": (
        "A", WIRE, "B", "Readers of this letter know that we have waited for this. Here is the report. " + WIRE,
        "similar",
    ),
    "spun copy": ("A", WIRE, "B", spin(WIRE, SPUN_WORDS), "similar"),
    "洗稿": ("甲", ZH, "乙", spin(ZH, SPUN_ZH), "similar"),
    "lead of the wire copy inside a long article": (
        "A", WIRE[:520], "B", "Our view first. It matters less than it seems, and here is why we think so. " + WIRE,
        "contained",
    ),
    "full-width and other case": ("A", WIRE, "B", WIRE.upper().replace("A", "Ａ"), "exact"),
    "the same long headline without a text": (
        "TikTok and Amazon let users buy without leaving the app", "",
        "TikTok and Amazon let users buy without leaving the app", "", "exact",
    ),
}  # fmt: skip

OWN_WORDS = (
    "Buying from the retailer inside the short-video app becomes possible, both firms confirmed on Thursday. Once a "
    "customer has connected the two accounts, prices and delivery dates show up beside certain ads. Nobody is forced "
    "to connect them, and the link can be cut later. For now it is an American affair and is limited to what the "
    "retailer promotes on its own behalf. Whether merchants on its marketplace get a share of the cake remains open; "
    "neither firm commented. Observers read it as a reply to low-priced competitors from overseas, and point to last "
    "autumn, when two other networks signed comparable deals."
)
OWN_WORDS_ZH = (
    "短视频里看到喜欢的东西，今后不用跳转就能下单。双方在周四发布的公告中说，消费者绑定账户之后，部分广告旁会出现价格与送货日期，是否绑定由用户决定，"
    "之后也能取消。目前只在美国开放，而且只包括零售商自己推广的货品。平台上的第三方商家能不能参与，公告没有写，双方也没有评论。业内普遍把它看作对低价跨境平台的回应，"
    "并提到去年秋天已有两家社交平台签过相近的协议。"
)
NOTICE = (
    "Fee notice. From {day} the fulfilment fee for standard-size parcels up to {grams} g is {fee} dollars per unit. "
    "Sellers find the new amounts in the fee preview report. The change applies to all orders that are shipped on or "
    "after that day. Inventory that is already in our centres is charged at the new rate. Returns are not affected. "
    "Sellers who do not agree may close their listings before the change takes effect. Contact support with questions."
)
NOTICE_ZH = (
    "平台收费公告：自{day}起，标准尺寸包裹在{grams}克以内的配送费调整为每件{fee}美元。卖家可在费用预览报告中查看新的金额。"
    "该调整适用于当日及之后发货的全部订单，已在仓库内的库存按新标准收取，退货不受影响。如有疑问请联系卖家支持。"
)
NO_COPIES = {
    "the same event in own words": ("A", WIRE, "B", OWN_WORDS),
    "同一事件，各自撰写": ("甲", ZH, "乙", OWN_WORDS_ZH),
    "translation": ("A", WIRE, "甲", ZH),
    "price notice with other figures": (
        "Fees", NOTICE.format(day="15 January", grams=450, fee="3.22"),
        "Fees", NOTICE.format(day="1 February", grams=900, fee="5.40"),
    ),
    "公告模板，数字不同": (
        "公告", NOTICE_ZH.format(day="1月15日", grams=450, fee="3.22"),
        "公告", NOTICE_ZH.format(day="2月1日", grams=900, fee="5.40"),
    ),
    "a round-up that holds the lead": ("A", WIRE[:300], "B", OWN_WORDS * 3 + " " + WIRE[:300] + " " + NOTICE),
    "headlines of one event": ("TikTok teams up with Amazon on in-app shops", "", "Amazon, TikTok link shops", ""),
    "standing headlines": ("今日要闻", "", "今日要闻", ""),
    "empty": ("", "", "", ""),
    "only share prompts in common": (
        "A", OWN_WORDS + "\nShare this\n© 2024 A", "B", NOTICE + "\nShare this\n© 2024 A",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_found(name: str) -> None:
    title_a, a, title_b, b, kind = COPIES[name]
    found = match(title_a, a, title_b, b)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("name", NO_COPIES)
def test_near_misses_are_no_copies(name: str) -> None:
    assert match(*NO_COPIES[name]) is None
    title_a, a, title_b, b = NO_COPIES[name]
    assert match(title_b, b, title_a, a) is None


def test_exact_comes_before_similar_and_then_the_first_article() -> None:
    spun, same = make_sketch("A", spin(WIRE, SPUN_WORDS)), make_sketch("B", WIRE)
    candidates = [
        CopyCandidate(article_id=1, origin_id=1, sketch=spun),
        CopyCandidate(article_id=9, origin_id=2, sketch=same),
        CopyCandidate(article_id=5, origin_id=2, sketch=same),
    ]
    found = best_match(make_sketch("C", WIRE), candidates)
    assert found == CopyMatch(article_id=5, origin_id=2, kind="exact", score=1.0)


def test_sketch_is_the_same_in_every_process() -> None:
    code = (
        f"from pipelines.copies import make_sketch as m; s = m('', {WIRE!r}); print(s.exact, s.bands, s.values.hex())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


def test_sketch_is_small_and_fits_the_store() -> None:
    sketch = make_sketch("A", WIRE * 50)
    assert len(sketch.values) <= 4 * (128 + 16)
    assert 1 < len(sketch.bands) <= 24
    assert all(0 <= band < 2**63 for band in sketch.bands)


@pytest.mark.parametrize("unit", ["跨境电商平台卖家公告", "（", "A a, ", " ", "1.", "来源：", "\n", "编辑"])
def test_time_grows_with_length_only(unit: str) -> None:
    assert_linear(lambda size: make_sketch("", (unit * (size // len(unit) + 1))[:size]), 25_000)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None), max_size=400), st.text(st.characters(codec=None), max_size=40))
def test_any_text_is_sketched_and_is_its_own_copy(text: str, title: str) -> None:
    sketch = make_sketch(title, text)
    found = best_match(sketch, [CopyCandidate(article_id=1, origin_id=1, sketch=sketch)])
    assert (found is not None) == bool(sketch.bands)
    assert found is None or found.kind == "exact"
