"""Pages that stand in for content (F14): told apart, and no real page among them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.blocked import blocked
from crawler.found import Answer
from db.errors import CODES
from tests.growth import assert_linear

DOCUMENTS = Path(__file__).parent / "documents"
STAND_INS = sorted((DOCUMENTS / "blocked").rglob("*.html"))
CONTENT = sorted((DOCUMENTS / "content").iterdir())


def answer(body: bytes, url: str = "https://news.example/2024/08/story", content_type: str = "text/html") -> Answer:
    return Answer(url=url, body=body, content_type=content_type)


@pytest.mark.parametrize("page", STAND_INS, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_stand_ins_are_named(page: Path) -> None:
    assert blocked(answer(page.read_bytes())) == page.parent.name
    assert page.parent.name in CODES


def test_every_kind_has_samples() -> None:
    kinds = {page.parent.name for page in STAND_INS}
    assert kinds == {"challenge_page", "login_page", "consent_page", "soft_404", "parked_domain", "empty_body"}
    assert len(STAND_INS) >= 15


@pytest.mark.parametrize("page", CONTENT, ids=lambda page: page.name)
def test_content_is_left_alone(page: Path) -> None:
    assert blocked(answer(page.read_bytes())) is None


@pytest.mark.parametrize("page", [page for page in STAND_INS if page.stem.endswith("_zh")], ids=lambda page: page.stem)
def test_chinese_stand_ins_without_a_label_in_their_own_encoding(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace('<meta charset="utf-8">', "")
    assert blocked(answer(text.encode("gb18030"), content_type="text/html; charset=gbk")) == page.parent.name


def test_a_long_article_with_every_suspicious_word_is_content() -> None:
    page = (DOCUMENTS / "blocked" / "challenge_page" / "checkbox.html").read_text(encoding="utf-8")
    paragraph = (
        "<p>" + "The carrier said that parcels to the islands take two days longer in the winter months. " * 4 + "</p>"
    )
    assert blocked(answer(page.replace("</body>", paragraph * 3 + "</body>").encode())) is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://consent.news.example/v2/collect?session=1", "consent_page"),
        ("https://guce.news.example/", "consent_page"),
        ("https://login.news.example/?return=/story", "login_page"),
        ("https://passport.news.example/", "login_page"),
        ("https://www.hugedomains.com/domain_profile.cfm", "parked_domain"),
        ("https://consent-management.example/", None),
        ("https://www.login.example/", None),
        ("https://jordan.com/", None),
    ],
)
def test_hosts_that_say_it_all(url: str, code: str | None) -> None:
    assert (
        blocked(answer(b"<html><body><h1>Hub opens</h1><p>It takes goods from May on.</p></body></html>", url)) == code
    )


@pytest.mark.parametrize(
    "body", [b"", b"  \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\0\0\0", b"<html></html>", b"<p>"]
)
def test_nothing_is_empty(body: bytes) -> None:
    assert blocked(answer(body)) == "empty_body"


@pytest.mark.parametrize(
    "body", [gzip.compress(b"<urlset/>", mtime=0), b"%PDF-1.7", b"[]", b"{}", b"<?xml version='1.0'?><feed/>"]
)
def test_what_is_no_page_is_left_to_its_reader(body: bytes) -> None:
    assert blocked(answer(body)) is None


@given(st.binary(max_size=400))
def test_any_bytes_get_a_known_answer(body: bytes) -> None:
    code = blocked(answer(body))
    assert code is None or code in CODES


HOSTILE = [b"<script", b"<!--", b"<", b">", b"<title>", b"</script ", b"<script>", b"class='", b"\xff", b"accept all "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_hostile_bytes_takes_time_by_its_length_only(piece: bytes) -> None:
    assert_linear(lambda size: blocked(answer(b"<html>" + piece * (size // len(piece)))), 62_500)
