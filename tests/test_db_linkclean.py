"""Links that came by mail or by hand lose what tells to whom; addresses of LinkedIn tell their time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.linkclean import clean_link
from db.linkedin import page_address, post_urn, posted_at

TOKENS = ("midToken", "midSig", "eid", "otpToken", "trk", "trkEmail", "trackingId", "lipi", "utm_source", "mc_eid")
POST = "https://www.linkedin.com/posts/ines-falk_fees-activity-6978966287410470912-AbC1"


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("page", ["https://www.linkedin.com/pulse/fees-abc12", "https://news.example/p/fees"])
def test_no_token_stays(name: str, page: str) -> None:
    assert clean_link(f"{page}?{name}=CANARY") == page
    assert clean_link(f"{page}?a=1&{name}=CANARY#CANARY") in (page, f"{page}?a=1")


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("https://www.linkedin.com/comm/pulse/fees-abc12?midToken=X", "https://www.linkedin.com/pulse/fees-abc12"),
        ("https://de.linkedin.com/in/ines-falk/?originalSubdomain=de", "https://www.linkedin.com/in/ines-falk"),
        (
            "https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A6978966287410470912?x=1",
            "https://www.linkedin.com/feed/update/urn:li:activity:6978966287410470912",
        ),
        (
            "https://click.convertkit-mail2.com/CANARY/h8/aHR0cHM6Ly9uZXdzLmV4YW1wbGUvcC9mZWVzP3V1aWQ9MQ",
            "https://news.example/p/fees",
        ),
        ("https://news.example/p/?ref=fees-newsletter&attribution_id=CANARY", "https://news.example/p/"),
        ("https://lnkd.in/eAbC123?trk=x", "https://lnkd.in/eAbC123"),
        ("https://www.linkedin.com/e/v2?e=CANARY", None),
        ("https://news.example/story?id=17&page=2&utm_medium=mail", "https://news.example/story?id=17&page=2"),
        ("https://news.example/?author=ines&token=CANARY", "https://news.example/?author=ines"),
        ("https://news.example/s?to=ines%40falk.example&id=3", "https://news.example/s?id=3"),
        ("https://news.example/s?x=a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4", "https://news.example/s"),
        ("https://news.example/s?id=a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4", "https://news.example/s?id=a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4"),
        ("https://medium.com/@ines/fees", "https://medium.com/@ines/fees"),
        ("https://news.example/leave/ines@falk.example", None),
        (
            "https://www.google.com/url?rct=j&sa=t&url=https://news.example/fees%3Futm_source%3Dx&ct=ga&usg=CANARY",
            "https://news.example/fees",
        ),
        ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fb&data=C", "https://a.example/b"),
        ("https://shop.us1.list-manage.com/track/click?u=1&id=2&e=CANARY", None),
        ("https://substack.com/redirect/2/CANARY", None),
        ("https://link.mail.beehiiv.com/ss/c/u001.CANARY", None),
        ("https://news.example/s?id=3&amp;midToken=CANARY", "https://news.example/s?id=3"),
        ("https://news.example/s?page=2&id=3;midToken=CANARY", "https://news.example/s?page=2"),
        ("https://news.example/s?id=3&to=%2Fp%3FmidToken%3DCANARY", "https://news.example/s?id=3"),
        ("https://news.example/p%3FmidToken=CANARY", None),
        ("https://user:CANARY@news.example/", None),
        ("mailto:ines@falk.example", None),
    ],
)  # fmt: skip
def test_what_a_link_becomes(link: str, clean: str | None) -> None:
    assert clean_link(link) == clean


def test_what_is_wrapped_over_and_over_is_no_link() -> None:
    link = "https://a.example/"
    for _ in range(4):
        link = f"https://www.google.com/url?url={link.replace('%', '%25').replace('&', '%26').replace('?', '%3F')}"
    assert clean_link(link) is None


@given(st.text(max_size=60), st.sampled_from(TOKENS), st.text(st.characters(codec="ascii", exclude_characters="&#")))
def test_any_text_is_cleaned_or_refused(path: str, name: str, value: str) -> None:
    link = clean_link(f"https://news.example/{path}?{name}={value}CANARY")
    assert link is None or "CANARY" not in link.partition("?")[2]
    assert link is None or clean_link(link) == link


def test_a_post_tells_its_time() -> None:
    at = datetime(2022, 9, 23, 6, 40, 25, 842000, tzinfo=UTC)
    assert posted_at(POST) == at
    assert posted_at("https://uk.linkedin.com/feed/update/urn:li:ugcPost:6978966287410470912/") == at
    assert post_urn(POST) == "urn:li:activity:6978966287410470912"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.linkedin.com/in/ines-falk",
        "https://www.linkedin.com/feed/update/urn:li:activity:1000000000000000000",  # before there was a LinkedIn
        "https://www.linkedin.com/posts/x-activity-69789662874104709125-A",  # twenty digits
        "https://linkedin.com.example/posts/x-activity-6978966287410470912-A",
    ],
)
def test_no_id_no_time(url: str) -> None:
    assert posted_at(url) is None


def test_only_addresses_of_pages_have_one_spelling() -> None:
    assert page_address("https://www.linkedin.com") == "https://www.linkedin.com/"
    assert page_address("javascript:alert(1)") is None
