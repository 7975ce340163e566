"""Bytes → text, for whatever a server sends: finds the encoding by BOM, label and content, and says when it guessed.

A label is a hint that is checked, never a fact: pages labelled UTF-8 that are GB18030 are everyday. No network, no
repair of text that was already broken before it was encoded: that is reported as `mojibake`.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["html", "xml", "json"]

# The most frequent characters make up some 70 % of running Chinese text, and next to nothing of bytes read wrongly.
_HAN_SIMPLIFIED: Final = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
    "两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及"
    "比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统"
    "区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运亚逊跨境商卖店铺流仓税欧网站台价费订单货购买户客广投推服支付策企消供链牌宣布称示近随仅另包含"
)
_HAN_TRADITIONAL: Final = (
    "這個們來爲為國說時會對於過發後裏裡種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間問並應戰頭體見產話內給門兒東聲員論處義幾認條氣題"
    "爾別變總電數報結務場計資許統區隊決馬書則聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運亞遜賣鋪倉稅歐網臺價費訂單貨購買戶廣"
    "鏈佈稱隨僅"
)
_HAN_JAPANESE: Final = (
    "発売販価経済学対応実験予変更続開始終了円図楽写真県駅際検索込払働気係者様店舗商品市場通配送料企業"
)
_HANGUL: Final = (
    "이다는의에하고을가지도를한은로기사리대어나시자스인아서그으일만해부정보수들과전라적게우상여안중유원경제국있것거모비장성미면주니화동내관구소"
    "선계할까습까세요되된업체매출판고객공급회년월분야개발트마켓드브랜즈데오무물품류배송금용"
)
_CJK_MARKS: Final = "，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕—…·～￥％　０１２３４５６７８９・ー々〇"
_MARKS: Final = "\xa0’‘“”„‚–—…«»‹›€£¥§©®™°•·´×½±²³"
_KANA: Final = "".join(chr(code) for code in range(0x3041, 0x30FF))

# One alphabet a line, with the encodings that it is written in; the first fitting one wins a tie.
_ALPHABETS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("äöüßÄÖÜé", ("windows-1252", "windows-1250", "windows-1254", "windows-1257")),
    ("éèêëàâçîïôûùœæÉÈÀÇÊ", ("windows-1252", "windows-1254")),
    ("áéíóúñüãõâêôàçÁÉÍÓÚÑÇªº¿¡", ("windows-1252",)),
    ("àèéìòùÀÈÉ", ("windows-1252",)),
    ("åäöøæéÅÄÖØÆÉðþýáíóúÐÞ", ("windows-1252",)),
    ("çğıöşüÇĞİÖŞÜâî", ("windows-1254",)),
    ("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", ("windows-1250", "iso-8859-2", "windows-1257")),
    ("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽäľĺôŕ", ("windows-1250", "iso-8859-2")),
    ("áéíóöőúüűÁÉÍÓÖŐÚÜŰ", ("windows-1250", "iso-8859-2")),
    ("ăâîşţĂÂÎŞŢ", ("windows-1250", "iso-8859-2")),
    ("čćđšžČĆĐŠŽ", ("windows-1250", "iso-8859-2")),
    ("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲõäöüÕÄÖÜ", ("windows-1257",)),
    ("àâăãáèêéìíòôóơõùúưýđĐ\u0300\u0301\u0303\u0309\u0323₫", ("windows-1258",)),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў№", ("windows-1251", "koi8-r", "iso-8859-5")),
    ("абвгдежзиклмнопрстуфхцчшђјљњћџ", ("windows-1251", "iso-8859-5")),
    ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", ("windows-1253",)),
    ("אבגדהוזחטיךכלםמןנסעףפץצקרשת", ("windows-1255",)),
    ("اليمنترهوعبدةسفقكحأ،", ("windows-1256",)),  # the frequent ones: the table is letters nearly throughout
    ("านรอกเงมยลวดทสตะปบคหแจพชขใไโผถซธภศษณญฟฉ่้ีัิื็์ุูึำๆ", ("windows-874",)),
    (_HAN_SIMPLIFIED + _HAN_TRADITIONAL, ("gb18030", "big5")),
    (_HAN_SIMPLIFIED + _HAN_TRADITIONAL + _HAN_JAPANESE + _KANA, ("shift_jis", "euc-jp")),
    (_HANGUL, ("euc-kr",)),
)
_DOUBLE: Final = frozenset({"gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"})
_LATIN: Final = frozenset(
    {"windows-1252", "windows-1250", "iso-8859-2", "windows-1254", "windows-1257", "windows-1258"}
)
_CAPITALS: Final = frozenset("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐЎΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ")
_CANDIDATES: Final[dict[str, tuple[frozenset[str], ...]]] = {
    name: tuple(
        frozenset(letters + (_CJK_MARKS if name in _DOUBLE else _MARKS))
        for letters, names in _ALPHABETS
        if name in names
    )
    for name in dict.fromkeys(name for _, names in _ALPHABETS for name in names)
}
# GB18030 writes every language, in two or four bytes, and no other encoding makes those letters of the same bytes.
_CANDIDATES["gb18030"] = tuple(frozenset(letters + _CJK_MARKS + _MARKS) for letters, _ in _ALPHABETS)
# What no language writes: each match takes from the score of a Latin, or of another single-byte, encoding.
_ODD_LATIN: Final = re.compile(
    r"[^\W\d_a-zA-Z]{3,}|[a-zA-Z][£¥¢¤¦©±¹³¶¿¡¼¾](?![\d])"
    r"|¡(?:[\xa5-\xb1]|[KX](?![a-z]))|§[\xc0-\xff]"  # dashes and quotes of GBK and Big5, and GBK's Cyrillic
)
_ODD_OTHER: Final = re.compile(
    r"[a-zA-Z\u00c0-\u024f][\u0370-\u06ff\u0e00-\u0e7f]"  # two scripts in one word
    r"|[\u0370-\u06ff\u0e00-\u0e7f][a-zA-Z\u00c0-\u024f]"
    r"|[а-яёђ-џα-ω][А-ЯЁЂ-ЏΑ-Ω]"
    r"|(?<![ก-ฮ\u0e31\u0e34-\u0e39\u0e47-\u0e4c])[\u0e31\u0e34-\u0e39\u0e47-\u0e4c]"  # a Thai vowel on nothing
    r"|(?<![ก-๛])[ก-ฮ]{2}(?![ก-๛])"  # two Thai letters alone are one sign of GBK
)

# What the web means by a label (WHATWG Encoding): subsets and older names stand for the wider table.
_SAME: Final[dict[str, str]] = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "hz": "gb18030",
    "big5": "big5", "big5hkscs": "big5", "cp950": "big5",
    "shift_jis": "shift_jis", "cp932": "shift_jis", "shift_jis_2004": "shift_jis", "shift_jisx0213": "shift_jis",
    "euc_jp": "euc-jp", "euc_jis_2004": "euc-jp", "euc_jisx0213": "euc-jp", "iso2022_jp": "iso-2022-jp",
    "euc_kr": "euc-kr", "cp949": "euc-kr", "johab": "euc-kr",
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be",
    "ascii": "windows-1252", "iso8859-1": "windows-1252", "iso8859-15": "windows-1252", "cp1252": "windows-1252",
    "cp1250": "windows-1250", "iso8859-2": "iso-8859-2", "cp1251": "windows-1251", "koi8-r": "koi8-r",
    "koi8-u": "koi8-r", "iso8859-5": "iso-8859-5", "cp1253": "windows-1253", "iso8859-7": "windows-1253",
    "cp1254": "windows-1254", "iso8859-9": "windows-1254", "cp1255": "windows-1255", "iso8859-8": "windows-1255",
    "cp1256": "windows-1256", "cp1257": "windows-1257", "iso8859-13": "windows-1257", "cp1258": "windows-1258",
    "cp874": "windows-874", "iso8859-11": "windows-874", "tis-620": "windows-874",
}  # fmt: skip
_PYTHON: Final[dict[str, str]] = {
    "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949", "windows-874": "cp874", "euc-jp": "euc_jp",
}  # fmt: skip
_MORE_LABELS: Final = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gbk",
    "x-euc-jp": "euc_jp",
    "unicode": "utf-16",
}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META: Final = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML: Final = re.compile(rb"^\s{0,64}<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]+)", re.IGNORECASE)
_KANA_PAIR: Final = re.compile(rb"[\xa4\xa5][\xa1-\xf6]")  # in GB18030 as in EUC-JP: only the rest of the text tells
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_RUN: Final = re.compile(rb"[^<>\r\n]+")

_HEAD_BYTES: Final = 8192
_SAMPLE_BYTES: Final = 16384
_RUN_BYTES: Final = 1024
_BEFORE_BYTES: Final = 32
_BELIEVED: Final = 0.65  # of a label's own score: good enough to ask no other encoding
_LABEL_BONUS: Final = 0.15
_CONVINCING: Final = 0.35
_FEW_BAD: Final = 0.1  # share of bad sequences that damage, not another encoding, explains


@dataclass(frozen=True, slots=True)
class Decoded:
    """`charset` as the web names it; `found_by` one of bom, header, declaration, content; `flags` ⊆ charset_guess,
    mojibake. `text` carries no BOM and may hold U+FFFD."""

    text: str
    charset: str
    found_by: str
    flags: tuple[str, ...] = ()


def decode(body: bytes, content_type: str = "", kind: Kind = "html") -> Decoded:
    """The text of `body`. Never raises; without any clue the answer is UTF-8 with replacements and `mojibake`."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name, "bom")
    label, found_by = _label(body, content_type, kind)
    if wide := _utf16_without_mark(body):
        flags = () if label == wide else ("charset_guess",)
        return Decoded(body.decode(wide, "replace"), wide, found_by if label == wide else "content", flags)
    if b"\x1b$" in body and (escaped := _strict(body, "iso-2022-jp")) is not None:
        known = label == "iso-2022-jp"
        return Decoded(escaped, "iso-2022-jp", found_by if known else "content", () if known else ("charset_guess",))
    text = _strict(body, "utf-8")
    if text is not None and not _accidental(text, label):
        if label in ("", "utf-8") or text.isascii():
            return Decoded(text, "utf-8", found_by or "content", _broken_before(text))
        return Decoded(text, "utf-8", "content", ("charset_guess", *_broken_before(text)))
    return _legacy(body, label, found_by)


def _label(body: bytes, content_type: str, kind: Kind) -> tuple[str, str]:
    """The declared encoding under our name for it and where it stood; unknown names count as no label."""
    if (found := _HEADER.search(content_type)) and (name := _known(found[1])):
        return name, "header"
    head = body[:_HEAD_BYTES]
    patterns = {"html": (_META, _XML), "xml": (_XML,), "json": ()}[kind]
    for pattern in patterns:
        if (declared := pattern.search(head)) and (name := _known(declared[1].decode("ascii", "replace"))):
            # A declaration that could be read as ASCII can not stand in a UTF-16 document.
            return ("utf-8" if name.startswith("utf-16") else name), "declaration"
    return "", ""


def _known(label: str) -> str:
    lower = label.lower()
    try:
        return _SAME.get(codecs.lookup(_MORE_LABELS.get(lower, lower)).name, "")
    except (LookupError, ValueError):
        return ""


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(body: bytes) -> str:
    """Markup is half NUL bytes in UTF-16; which half tells the order of bytes."""
    head = body[:_HEAD_BYTES]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 8 < len(head) or len(head) < 4:
        return ""
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else ""


def _accidental(text: str, label: str) -> bool:
    """A handful of double bytes may be valid UTF-8 by chance under an East Asian label; then content decides."""
    if label not in _DOUBLE:
        return False
    high = [char for char in text[: 4 * _HEAD_BYTES] if char > "\x7f"]
    return 0 < len(high) <= 6 and max(high) < "\u0800"


def _broken_before(text: str) -> tuple[str, ...]:
    """Text that was decoded wrongly before it was encoded: replacement characters, or 锟斤拷, their ghost in GBK."""
    bad = text.count("\ufffd") + 2 * text.count("锟斤拷")
    return ("mojibake",) if bad > 8 and bad * 50 > len(text) - sum(map(text.count, "<>")) else ()


def _legacy(body: bytes, label: str, found_by: str) -> Decoded:
    sample, high_bytes = _sample(body)
    utf8_score = _utf8_share(sample)
    kana = label == "gb18030" and 6 * len(_KANA_PAIR.findall(sample)) > high_bytes
    if label in _CANDIDATES and not kana and _score(sample, high_bytes, label) >= max(_BELIEVED, utf8_score):
        return Decoded(_text(body, label), label, found_by)
    if utf8_score > 1 - _FEW_BAD:
        flags = () if label in ("", "utf-8") else ("charset_guess",)
        return Decoded(body.decode("utf-8", "replace"), "utf-8", found_by if label == "utf-8" else "content", flags)
    scores = {name: _score(sample, high_bytes, name) + (_LABEL_BONUS if name == label else 0) for name in _CANDIDATES}
    scores["utf-8"] = utf8_score
    # Of equals the one with two bytes to a sign: single bytes that stand in pairs throughout are a chance.
    best = max(scores, key=lambda name: (scores[name], name in _DOUBLE))
    if scores[best] < _CONVINCING:
        fallback = label or "utf-8"
        return Decoded(_text(body, fallback), fallback, found_by or "content", ("charset_guess", "mojibake"))
    if best == label:
        return Decoded(_text(body, best), best, found_by)
    return Decoded(_text(body, best), best, "content", ("charset_guess",))


def _text(body: bytes, name: str) -> str:
    return body.decode(_PYTHON.get(name, name), "replace")


def _sample(body: bytes) -> tuple[bytes, int]:
    """The runs of text that hold bytes above 0x7F (no trail byte of any candidate is <, > or a line end)."""
    runs: list[bytes] = []
    size = 0
    for run in _RUN.finditer(body):
        if run[0].isascii():
            continue
        first = _HIGH.search(body, run.start())
        start = max(run.start(), first.start() - _BEFORE_BYTES) if first else run.start()
        runs.append(body[start : min(run.end(), start + _RUN_BYTES)])  # a script's data must not be all that is seen
        size += len(runs[-1])
        if size > _SAMPLE_BYTES:
            break
    sample = b"\n".join(runs)
    return sample, max(1, sum(byte > 0x7F for byte in sample))


def _utf8_share(sample: bytes) -> float:
    """Share of non-ASCII sequences that are valid UTF-8."""
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return good / max(1, good + bad)


def _score(sample: bytes, high_bytes: int, name: str) -> float:
    """How much of the bytes above 0x7F an encoding turns into what people write in it; 1 is all, below 0 is noise."""
    text = sample.decode(_PYTHON.get(name, name), "replace")
    width = 2 if name in _DOUBLE else 1
    counts = {char: width * count for char, count in Counter(text).items() if char > "\x7f"}
    odd = 0 if name in _DOUBLE else sum(1 for _ in (_ODD_LATIN if name in _LATIN else _ODD_OTHER).finditer(text))
    strange = {char: _unexpected(char, name) for char in counts}
    best = max(
        sum(count * (1.0 if char in expected else strange[char]) for char, count in counts.items())
        for expected in _CANDIDATES[name]
    )
    return (best - 2 * odd) / max(high_bytes, sum(counts.values()))


def _unexpected(char: str, name: str) -> float:
    if name == "gb18030" and len(char.encode("gb18030")) == 4 and char != "\ufffd":
        return 1.0  # two bytes with a digit behind each: no other encoding's text looks so
    if char == "\ufffd" or "\x80" <= char < "\xa0" or "\ue000" <= char < "\uf900":
        return -2.0  # undecodable, a control or private use
    if char in _CAPITALS or "\u0600" <= char < "\u0700":
        return 0.3  # koi8-r and windows-1251 are each other's capitals
    if name in _DOUBLE and ("\u4e00" <= char < "\ua000" or "\uac00" <= char < "\ud7a4"):
        return 0.1  # a rare character; real text has few, misread bytes give little else
    return -0.3
