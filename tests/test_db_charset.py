"""Encodings: twelve of them, each labelled rightly, wrongly and not at all; and bytes that are nothing."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.charset import decode
from tests.growth import assert_linear

CHINESE = (
    "八月八日，两家平台宣布合作，用户不离开应用即可购买商品。卖家最关心的是：第三方商家能不能投放广告？公告没有这样说。"
)
TRADITIONAL = "八月八日，兩家平臺宣佈合作，用戶不離開應用即可購買商品。賣家最關心的是：能不能投放廣告？公告沒有這樣說。"
ENGLISH = "The café’s owner paid £20 – “a fair price”, she said – for a naïve résumé."
GERMAN = "Die Händler müssen künftig höhere Gebühren für die Größe ihrer Pakete zahlen, außer in Österreich."
JAPANESE = "両社は八月八日、アプリを離れずに商品を購入できる新しいサービスを発表した。出店者への影響はまだわからない。"
KOREAN = "두 회사는 앱을 떠나지 않고 상품을 살 수 있는 서비스를 발표했다. 판매자에게 어떤 영향이 있을지는 아직 모른다."
RUSSIAN = "Восьмого августа две компании объявили о сотрудничестве: товары можно купить, не выходя из приложения."

ENCODINGS = [
    ("utf-8", CHINESE), ("utf-8", GERMAN), ("gb2312", CHINESE), ("gbk", CHINESE), ("gb18030", CHINESE),
    ("gbk", TRADITIONAL), ("big5", TRADITIONAL), ("shift_jis", JAPANESE), ("euc-jp", JAPANESE),
    ("iso-2022-jp", JAPANESE), ("euc-kr", KOREAN), ("windows-1252", ENGLISH), ("windows-1252", GERMAN),
    ("iso-8859-1", GERMAN), ("windows-1251", RUSSIAN), ("koi8-r", RUSSIAN), ("utf-16", CHINESE),
]  # fmt: skip
WRONG = ["utf-8", "gbk", "windows-1252", "big5", "shift_jis", "no-such-charset"]


def page(text: str, charset: str, meta: str = "") -> bytes:
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>".encode(charset)


@pytest.mark.parametrize(("charset", "text"), ENCODINGS)
@pytest.mark.parametrize("size", [20, 200])
@pytest.mark.parametrize("label", ["right", "missing", *WRONG])
def test_the_text_is_found_under_any_label(charset: str, text: str, size: int, label: str) -> None:
    name = charset if label == "right" else label
    content_type = "text/html" if label == "missing" else f"text/html; charset={name}"
    found = decode(page(text[:size], charset), content_type)
    assert text[:size] in found.text
    assert "mojibake" not in found.flags
    if label == "right":
        assert found.flags == ()
        assert found.found_by in ("header", "bom")


@pytest.mark.parametrize(("charset", "text"), [("gbk", CHINESE), ("big5", TRADITIONAL), ("shift_jis", JAPANESE)])
def test_a_wrong_or_missing_label_is_said(charset: str, text: str) -> None:
    for label in ("", "text/html; charset=utf-8"):
        found = decode(page(text, charset), label)
        assert (found.found_by, found.flags) == ("content", ("charset_guess",))


def test_utf8_under_a_wrong_label_is_said_and_without_one_is_not() -> None:
    assert decode(page(CHINESE, "utf-8"), "text/html; charset=gbk").flags == ("charset_guess",)
    assert decode(page(CHINESE, "utf-8")).flags == ()


def test_the_documents_own_declaration_is_read() -> None:
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    found = decode(page(CHINESE, "gbk", meta))
    assert (found.charset, found.found_by, found.flags) == ("gb18030", "declaration", ())
    feed = f'<?xml version="1.0" encoding="Big5"?><rss><title>{TRADITIONAL}</title></rss>'.encode("big5")
    found = decode(feed, "application/rss+xml", "xml")
    assert TRADITIONAL in found.text
    assert (found.charset, found.found_by) == ("big5", "declaration")


def test_the_header_goes_before_the_declaration_and_a_mark_before_both() -> None:
    meta = '<meta charset="windows-1251">'
    assert decode(page(GERMAN, "windows-1252", meta), "text/html; charset=ISO-8859-1").found_by == "header"
    marked = b"\xef\xbb\xbf" + page(GERMAN, "utf-8", meta)
    found = decode(marked, "text/html; charset=gbk")
    assert (found.charset, found.found_by, found.text[0]) == ("utf-8", "bom", "<")


def test_damage_does_not_change_the_encoding() -> None:
    torn = page(CHINESE * 5, "utf-8")[:-30]
    found = decode(torn, "text/html; charset=utf-8")
    assert (found.charset, found.flags) == ("utf-8", ())
    broken = page(CHINESE * 5, "gbk").replace("公告".encode("gbk"), b"\xff\xff", 1)
    assert decode(broken, "text/html; charset=gbk").charset == "gb18030"


@pytest.mark.parametrize(
    "body",
    [
        page("\ufffd" * 40 + "word", "utf-8"),
        page("锟斤拷锟斤拷锟斤拷锟斤拷锟斤拷锟斤拷", "utf-8"),
        b"<p>" + Random(7).randbytes(4000),
    ],
)
def test_what_can_not_be_read_is_called_so(body: bytes) -> None:
    assert "mojibake" in decode(body).flags


def test_json_has_no_declaration_of_its_own() -> None:
    body = '{"title": "<meta charset=gbk> Grüße"}'.encode()
    assert decode(body, "application/json", "json").charset == "utf-8"


@pytest.mark.parametrize("piece", [b"a", b"<", b"\xb0\xa1", b"a\n\xe9"])
def test_time_is_linear(piece: bytes) -> None:
    assert_linear(lambda size: decode(piece * (size // len(piece)), "text/html; charset=utf-8"), 250_000)


@given(st.binary(max_size=400), st.sampled_from(["", "utf-8", "gbk", "utf-16", "iso-2022-jp", "hz", "hex", "\x00"]))
def test_any_bytes_become_text(body: bytes, label: str) -> None:
    found = decode(body, f"text/html; charset={label}")
    assert isinstance(found.text, str)
    found.text.encode("utf-8")


@given(st.text(max_size=200))
def test_utf8_is_always_read_back(text: str) -> None:
    body = f"<p>{text}</p>".encode("utf-8", "ignore")
    assert decode(body).text == body.decode()


@pytest.mark.parametrize("label", ["", "utf-8", "windows-1252", "big5"])
@pytest.mark.parametrize(
    "text",
    ["The pier — old and shut — opens again. “Soon,” they said…", "Fähren übersetzen größere Wagen — früher nicht.",
     "Promy płyną znów z mola, gdzie żegluga się zaczęła.", "Паромы снова ходят от старого причала.",
     "नौकाएँ फिर पुराने घाट से चलती हैं।"],
)  # fmt: skip
def test_other_languages_written_in_gb18030_are_read_too(text: str, label: str) -> None:
    body = f"<html><body><p>{text * 5}</p></body></html>"
    assert decode(body.encode("gb18030"), f"text/html; charset={label}" if label else "").text == body
