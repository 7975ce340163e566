"""Mails laid out in ways that no shape was written for: a new coat of paint, a part that is missing or too many."""

from __future__ import annotations

from html import unescape

import pytest

from crawler.mailin.items import entries_of
from crawler.mailin.letter import Letter
from tests.letter_samples import now

LINKEDIN = "https://www.linkedin.com/comm"
TOKENS = "midToken=CANARY&trk=CANARY&eid=CANARY"


def told(letter: Letter) -> list[tuple[str, str, str, str | None]]:
    """Author, title, first paragraph and address of each entry."""
    return [
        (
            unescape("".join(entry.authors)),
            unescape(entry.title),
            unescape(entry.content.removeprefix("<p>").partition("</p>")[0]),
            entry.url,
        )
        for entry in entries_of(letter, now())
    ]


def linkedin(html: str, subject: str, name: str = "LinkedIn", sender: str = "newsletters-noreply") -> Letter:
    return Letter(sender=f"{sender}@linkedin.com", sender_name=name, subject=subject, html=html)


def test_a_linkedin_newsletter_whose_first_lines_are_a_link_as_well() -> None:
    article = f"{LINKEDIN}/pulse/fees-go-up-ab1c2?{TOKENS}"
    html = f"""<a href="{LINKEDIN}/in/ines-falk?{TOKENS}">Ines Falk</a> <p>Seller of kettles | Speaker</p>
    <p><a href="{article}"><img></a><a href="{article}">Fees go up, and nobody says why</a>
    </p><p><a href="{article}">Amazon has raised the fee on kettles for the third time this year, and the reason it
    gives is the price of steel, which has fallen.</a> <a href="{article}">Read full article</a></p>
    <a href="{LINKEDIN}/psettings?{TOKENS}">Unsubscribe</a>"""
    ((author, title, _, url),) = told(linkedin(html, "Fees go up, and nobody says why", "Ines Falk via LinkedIn"))
    assert (author, title) == ("Ines Falk", "Fees go up, and nobody says why")
    assert url == "https://www.linkedin.com/pulse/fees-go-up-ab1c2"


def test_a_linkedin_post_alone_in_a_mail_that_names_its_author_in_the_subject() -> None:
    post = f"{LINKEDIN}/feed/update/urn:li:share:7397000000000000000?{TOKENS}"
    html = f"""<p>Ines Falk recently posted</p><p>Temu asks sellers in Germany for a deposit of two thousand euros.</p>
    <a href="{post}">View post</a><p>This email was intended for Sam Sample (COO)</p>"""
    ((author, title, lead, url),) = told(linkedin(html, "Ines Falk recently posted", sender="notifications-noreply"))
    assert author == "Ines Falk"
    assert title == lead == "Temu asks sellers in Germany for a deposit of two thousand euros."
    assert url == "https://www.linkedin.com/feed/update/urn:li:share:7397000000000000000"


def test_a_substack_post_of_a_paper_with_several_authors() -> None:
    html = """<h1><a href="https://substack.com/app-link/post?token=CANARY">Duty on small parcels</a></h1>
    <a href="https://substack.com/@ines?r=CANARY">Ines Falk</a><p>Nov 20</p>
    <p>From May every parcel to the United States owes duty.</p><p>Unsubscribe</p>"""
    letter = Letter(
        sender="quay@substack.com", sender_name="The Quay", subject="Duty on small parcels", html=html,
        text="View this post on the web at https://quay.substack.com/p/duty?utm_source=x\n\nFrom May",
    )  # fmt: skip
    assert told(letter) == [
        ("Ines Falk", "Duty on small parcels", "From May every parcel to the United States owes duty.",
         "https://quay.substack.com/p/duty")
    ]  # fmt: skip


def test_two_alerts_in_one_mail_keep_their_items_apart() -> None:
    def item(number: int) -> str:
        target = f"https://news.example/{number}"
        return f"""<div><a href="https://www.google.com/url?url={target}&usg=CANARY">News number {number} of today</a>
        <div>Paper {number}</div><div>What the paper says about number {number} ...</div></div>"""

    more = '<a href="https://www.google.com/alerts/edit?s=CANARY">See more results | Edit this alert</a>'
    html = f"<h2>TikTok Shop</h2>{item(1)}{item(2)}{more}<h2>Temu</h2><p>Daily update</p>{item(3)}{more}"
    letter = Letter(sender="googlealerts-noreply@google.com", sender_name="Google Alerts", subject="x", html=html)
    assert told(letter) == [
        (
            f"Paper {n}",
            f"News number {n} of today",
            f"What the paper says about number {n} ...",
            f"https://news.example/{n}",
        )
        for n in (1, 2, 3)
    ]


def test_a_newsletter_without_headings_is_called_by_its_subject() -> None:
    html = """<img alt="Logo"><p>Issue 12 | November</p><p>Carriers add a surcharge of two dollars from October.</p>
    <h3>Elsewhere</h3><p>Nothing else happened in the trade this week, as far as we know.</p>"""
    letter = Letter(sender="a@b.example", sender_name="Quay Notes", subject="Surcharges are back", html=html)
    ((author, title, lead, _),) = told(letter)
    assert (author, title) == ("Quay Notes", "Surcharges are back")
    assert lead == "Carriers add a surcharge of two dollars from October."


def test_a_list_of_links_in_plain_text() -> None:
    text = "\n\n".join(
        f"Platform number {n} raises its fees\nFrom May on sellers pay more.\nhttps://news.example/{n}?utm_source=mail"
        for n in range(4)
    )
    letter = Letter(sender="a@b.example", sender_name="The List", subject="Today", text=f"Good morning!\n\n{text}")
    assert [(title, url) for _, title, _, url in told(letter)] == [
        (f"Platform number {n} raises its fees", f"https://news.example/{n}") for n in range(4)
    ]


@pytest.mark.parametrize("shape", ["<div>{}</div>", "<table><tr><td>{}</td></tr></table>", "{}"])
def test_line_breaks_part_as_paragraphs_do(shape: str) -> None:
    body = shape.format("Guten Tag,<br><br>Amazon erhöht die Gebühren im Mai um zwei Prozent.<br>Mehr dazu morgen.")
    letter = Letter(sender="a@b.example", sender_name="Hafenblatt", subject="Gebühren steigen", html=body)
    ((_, title, lead, url),) = told(letter)
    assert (title, lead, url) == ("Gebühren steigen", "Amazon erhöht die Gebühren im Mai um zwei Prozent.", None)


def test_a_reader_s_number_under_an_unknown_name_is_no_part_of_an_address() -> None:
    html = """<a href="https://edm.example/v?c=a8F3kQ9zL1m2">View in browser</a><h1>Fees go up</h1>
    <p>Fees go up in May, for every seller.</p>"""
    letter = Letter(sender="a@b.example", sender_name="x", subject="Fees go up", html=html)
    assert [url for *_, url in told(letter)] == [None]
