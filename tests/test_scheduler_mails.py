"""What recipients read: whole, safe, of bounded size, whatever stands in a title."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.mails.columns import wrap
from scheduler.mails.compose import Told, instant_mail, note_mail
from scheduler.mails.message import Mail, message_id, story_thread, to_bytes
from scheduler.mails.words import WORDS
from scheduler.options import width
from scheduler.rules import Recipient
from tests.mail_samples import AROUND, DESK, EN, NEWS, NOW, SENDER, TEAM, ZH, edition, heavy, told
from tests.naughty import STRINGS


def parsed(mail: Mail, reader: Recipient = EN) -> email.message.EmailMessage:
    body = to_bytes(
        mail, sender=SENDER, to=reader.address, recipient=reader.name, message_id=message_id(SENDER, "1"), now=NOW
    )
    assert all(len(line) <= 998 for line in body.split(b"\r\n"))
    return email.message_from_bytes(body, policy=email.policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("reader", [ZH, EN], ids=["zh", "en"])
def test_an_edition_says_everything_in_the_readers_language(reader: Recipient) -> None:
    mail = edition(reader)
    message = parsed(mail, reader)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    own = NEWS.line_zh if reader.language == "zh" else NEWS.line_en
    for needed in (
        own,
        NEWS.headline,
        "39",
        "41",
        "Quay Post",
        "2026-07-01",
        "st-000001",
        "Every seller may join now.",
    ):
        assert needed in text
        assert needed in lxml.html.fromstring(mail.html).text_content() or needed in mail.html
    assert text.index(NEWS.headline) < text.index("Every seller may join now.") < text.index("Quay Post")
    assert all(width(line) <= 72 or line.strip().startswith("http") or "http" in line for line in text.splitlines())
    assert message["Auto-Submitted"] == "auto-generated"
    assert "unsubscribe" in message["List-Unsubscribe"]


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()


def test_links_show_the_host_they_lead_to_and_nothing_else_is_linked() -> None:
    page = lxml.html.fromstring(edition().html)
    for link in page.xpath("//a"):
        address = link.get("href")
        assert address.startswith(("http://127.0.0.1:8001/", "https://news.harbour.example/"))
        if "harbour" in address:
            assert link.text_content() == "news.harbour.example"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a@evil.example/", None, "//x", ""])
def test_an_address_that_is_none_is_no_link(url: str | None) -> None:
    page = instant_mail(
        EN, [Told(news=replace(NEWS, url=url), rule="all")], TEAM, desk_url="http://127.0.0.1:8001"
    ).html
    assert {link.get("href") for link in lxml.html.fromstring(page).xpath("//a")} == {
        "http://127.0.0.1:8001/stories/st-000001?lang=en"
    }


INJECTED = [
    "A\r\nBcc: all@evil.example",
    "A\nX: y",
    "A\x0bB",
    "A\x0cB",
    "A\x85B",
    "A\u2028B",
    "A\u2029B",
    "A\ud800B",
    "A\x00B",
    "=?utf-8?q?x?=\r\n y",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "",
    " ",
    "\u202eevil",
    "x" * 5_000,
    "字" * 5_000,
]


@pytest.mark.parametrize("title", [*INJECTED, *STRINGS[:60]])
def test_one_bad_title_spoils_nothing(title: str) -> None:
    bad = replace(
        NEWS, headline=title, line_en=title, line_zh=title, source_name=title, story_id="st-000009", lead=title
    )
    rows = {"line_en": title, "line_zh": title, "quote": title, "source_name": title, "name": title}
    around = replace(
        AROUND,
        claims=[{**row, **rows} for row in AROUND.claims], deadlines=[{**row, **rows} for row in AROUND.deadlines],
        blind=[{**row, **rows} for row in AROUND.blind],
    )  # fmt: skip
    told = [Told(news=bad, rule="all"), Told(news=NEWS, rule="all")]
    for mail in (edition(told=told, around=around), instant_mail(EN, told, TEAM, desk_url="http://d.example")):
        message = parsed(mail)
        assert message["Bcc"] is None
        assert message["X"] is None
        assert message.defects == []
        assert NEWS.headline in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        page = lxml.html.fromstring(mail.html)
        tags = {element.tag for element in page.iter() if isinstance(element.tag, str)}
        assert tags <= {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "div",
            "h1",
            "h2",
            "p",
            "span",
            "strong",
            "a",
            "br",
        }
        assert len(mail.html.encode()) < 90_000
        assert "49" not in title or "{{" not in mail.html


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_title_makes_a_mail(title: str) -> None:
    mail = instant_mail(
        ZH, [Told(news=replace(NEWS, headline=title, line_zh=title), rule="r")], TEAM, desk_url="http://d.example"
    )
    assert parsed(mail, ZH)["Subject"].strip()


def test_a_hundred_stories_stay_within_the_size_and_the_rest_is_counted() -> None:
    many = [
        Told(news=replace(NEWS, story_id=f"st-{n:06}", headline="长" * 400, line_en="w" * 400), rule="r")
        for n in range(100)
    ]
    mail = edition(told=many)
    assert len(mail.html.encode()) < 90_000
    assert mail.html.count("st-0000") == 12 + 2  # a claim and a deadline; what is unconfirmed stands above already
    assert "88 more on the desk" in mail.text


def test_mails_of_one_story_hang_together() -> None:
    first = parsed(instant_mail(EN, [Told(news=NEWS, rule="r")], TEAM, desk_url="http://d.example"))
    assert first["References"] == story_thread(SENDER, "lee", "st-000001")
    other = Told(news=replace(NEWS, story_id="st-000002"), rule="r")
    both = parsed(instant_mail(EN, [Told(news=NEWS, rule="r"), other], TEAM, desk_url="http://d.example"))
    assert both["References"] is None


def test_the_last_word_of_a_story_stands_for_the_earlier_ones() -> None:
    earlier = replace(NEWS, status="rumor", trigger="status:rumor", moved=False, at=datetime(2026, 5, 31, tzinfo=UTC))
    mail = edition(told=[Told(news=NEWS, rule="r"), Told(news=earlier, rule="r")])
    assert mail.text.count(NEWS.headline) == 1
    assert "[Official]" in mail.text


def test_the_same_input_is_the_same_mail() -> None:
    assert edition() == edition()
    assert note_mail(ZH, "主题", "一句话", desk_url="http://d.example").subject == "主题"


@settings(max_examples=80, deadline=None)
@given(st.text("ab 字，。c", max_size=300))
def test_lines_are_parted_at_72_columns_and_nothing_is_lost(text: str) -> None:
    pieces = wrap(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(width(piece) <= 72 + 2 or " " not in piece.strip() for piece in pieces)


def test_what_moved_comes_first_settled_before_open_then_the_platforms_of_the_team() -> None:
    text = edition(EN, heavy()).text
    places = [text.index(line) for line in (
        "== Status moves ==", "[Official] TikTok: shop opens", "was: Rumor", "[Denied] Amazon", "[Withdrawn]",
        "[Corrected]", "[Expired]", "== New: Amazon ==", "== New: Temu ==", "== New: SHEIN ==", "== New: eBay ==",
        "== New: elsewhere ==",
    )]  # fmt: skip
    assert places == sorted(places)


def test_a_story_carries_the_time_of_its_article() -> None:
    late = told(published_at=NOW - timedelta(days=3))
    assert "2026-05-29 03:00" in instant_mail(EN, [late], TEAM, desk_url=DESK).text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"trigger": "figure:ab", "was": "official"}, "a figure changed"),
        ({"trigger": "official:7", "was": "official"}, "a further official text"),
        ({"was": "official"}, ""),
        ({"moved": False, "was": ""}, ""),
    ],
)
def test_what_is_new_about_a_story_is_said(changes: dict[str, object], expected: str) -> None:
    text = instant_mail(EN, [told(**changes)], TEAM, desk_url=DESK).text
    assert expected in text
    assert "was:" not in text


def test_what_concerns_the_team_comes_first() -> None:
    ours = told(story_id="st-000001", moved=False, was="", platforms=("temu",), regions=("US-CA",), importance=0.5)
    other = told(story_id="st-000002", moved=False, was="", platforms=("ebay",), regions=("BR",), importance=0.6)
    urgent = told(story_id="st-000003", moved=False, was="", platforms=("ebay",), regions=("BR",), importance=0.9)
    ids = re.findall(r"st-00000\d", instant_mail(EN, [other, ours, urgent], TEAM, desk_url=DESK).text)
    assert ids == ["st-000003", "st-000001", "st-000002"]


def test_the_heaviest_mail_stays_below_ninety_kilobytes() -> None:
    bad = [
        told(
            story_id=f"st-{n:06}", headline="<&\"'>字👩" * 100, line_en="\"<字👩" * 100, line_zh="\"<字👩" * 100,
            url="https://news.harbour.example/" + "?a=%22&" * 120, source_name="<字👩" * 50,
        )
        for n in range(500)
    ]  # fmt: skip
    row = {"line_en": '"<字👩' * 100, "line_zh": '"<字👩' * 100, "quote": '"<字👩' * 100, "source_name": "<字👩" * 50}
    around = replace(AROUND, claims=[{**AROUND.claims[0], **row}] * 4, deadlines=[{**AROUND.deadlines[0], **row}] * 8)
    for reader in (EN, ZH):
        for mail in (edition(reader, bad, around), instant_mail(reader, bad, TEAM, desk_url=DESK)):
            body = to_bytes(mail, sender=SENDER, to=reader.address, recipient="ops", message_id="<a@b>", now=NOW)
            assert 40_000 < len(body) < 90_000
            shown = len(set(re.findall(r"st-000\d{3}", mail.text)))
            assert f"{500 - shown} " in mail.text
