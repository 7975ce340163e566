"""Mails become entries: who wrote what, where it can be read, and nothing of whom it was sent to."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.mailin.forward import brought
from crawler.mailin.items import entries_of
from crawler.mailin.letter import Letter, read_letter
from crawler.mailin.match import listed_senders, source_for
from crawler.mailin.parts import Parts
from crawler.mailin.proof import authserv_ids, is_listed, is_proven
from crawler.mailin.readers import readers_of
from crawler.mailin.shapes import Shape, Starts, shape_of, shapes
from db.errors import ParseError
from db.types import Entry, MailboxHints, Source
from tests import letter_samples
from tests.letter_samples import ADDRESS, CANARIES, HOST, READER, Sample, Wanted, mail, now

SAMPLES = letter_samples.samples()
GOAL = 0.97


def read(raw: bytes) -> tuple[Entry, ...]:
    return entries_of(read_letter(raw), now())


def lead_of(entry: Entry) -> str:
    return unescape(re.sub(r"<p>", "", entry.content.partition("</p>")[0])).strip(". ")


# ------------------------------------------------------------------ the corpus
def right(entry: Entry | None, wanted: Wanted) -> Counter[str]:
    if entry is None:
        return Counter()
    return Counter(
        author=unescape("".join(entry.authors)) == wanted.author,
        title=unescape(entry.title) == wanted.title,
        lead=lead_of(entry).startswith(wanted.lead.strip(". ")),
        link=entry.url == wanted.link,
    )


def test_the_corpus_is_read_rightly() -> None:
    good: Counter[str] = Counter()
    wanted = sum(len(sample.wanted) for sample in SAMPLES)
    for sample in SAMPLES:
        entries = dict(enumerate(read(sample.raw)))
        for place, one in enumerate(sample.wanted):
            good += right(entries.get(place), one)
    shares = {part: good[part] / wanted for part in ("author", "title", "lead", "link")}
    assert len(SAMPLES) >= 60
    assert len({sample.sender for sample in SAMPLES}) >= 8
    assert min(shares.values()) >= GOAL, shares


@pytest.mark.parametrize("sample", SAMPLES[::6], ids=lambda sample: sample.name)
def test_a_digest_is_split_into_its_items_and_no_more(sample: Sample) -> None:
    assert [entry.url for entry in read(sample.raw)] == [one.link for one in sample.wanted]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_nothing_of_the_reader_and_no_token_is_left(sample: Sample) -> None:
    assert any(canary.lower().encode() in sample.raw.lower() for canary in CANARIES) or b"base64" in sample.raw
    said = repr(read(sample.raw)).lower()
    assert [canary for canary in CANARIES if canary.lower() in said] == []


def test_a_mail_within_a_mail_is_a_letter_of_its_own() -> None:
    sample = SAMPLES[0]
    letter = read_letter(letter_samples.forwarded(sample.raw, 1))
    assert [entries_of(one, now())[0].url for one in letter.inner] == [sample.wanted[0].link]
    assert letter.sender == "mina@harbor-team.example"


# ------------------------------------------------------------------ letters
@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"Subject: =?gb2312?B?xMTNvMH3xNrIww==?=", "哪图流内让"),
        (b"Subject: =?UTF-8?Q?Geb=C3=BChren?= ab =?UTF-8?Q?_M=C3=A4rz?=", "Gebühren ab März"),
        ("Subject: 亚马逊调整物流费用公告".encode("gb18030"), "亚马逊调整物流费用公告"),
        ("Subject: 亚马逊调整物流费用公告".encode(), "亚马逊调整物流费用公告"),
        (b"Subject: =?unknown-charset?B?xxx?= rest", None),
        # One character cut in two by the folding of an old mail program.
        (b"Subject: =?utf-8?B?5LqM5pyI5raI?=\r\n =?utf-8?B?5oGv?=", "二月消息"),
    ],
)
def test_subjects_in_any_encoding(header: bytes, subject: str | None) -> None:
    found = read_letter(header + b"\r\nFrom: a@b.example\r\n\r\n").subject
    assert found == subject if subject else found


@pytest.mark.parametrize(
    "sender",
    [
        b"From: newsletters-noreply@linkedin.com, evil@evil.example",
        b"From: newsletters-noreply@linkedin.com\r\nFrom: evil@evil.example",
        b"X-From: newsletters-noreply@linkedin.com",
    ],
)
def test_a_sender_that_is_not_one_is_none(sender: bytes) -> None:
    assert read_letter(sender + b"\r\nSubject: x\r\n\r\ny").sender == ""


def test_a_name_that_looks_like_an_address_is_a_name() -> None:
    raw = b'From: "newsletters-noreply@linkedin.com" <evil@evil.example>\r\n\r\nx'
    assert read_letter(raw).sender == "evil@evil.example"
    encoded = b"From: =?utf-8?Q?=3Cnewsletters-noreply=40linkedin=2Ecom=3E?= <evil@evil.example>\r\n\r\nx"
    assert read_letter(encoded).sender == "evil@evil.example"


def test_attachments_are_left_alone() -> None:
    raw = mail(
        ("A", "a@b.example"), "Fees", "<h1>Fees</h1><p>They go up in May, for all.</p>", attachment=b"CANARY" * 99
    )
    letter = read_letter(raw)
    assert "CANARY" not in repr(letter)
    assert f"{READER}.pdf" not in repr(letter.html + letter.text)


def test_parts_within_parts_end() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000))
    try:
        letter = read_letter(b"From: a@b.example\r\n" + deep + b"x")
    except ParseError as error:
        assert error.code == "mail_unread"  # noqa: PT017 (either is right: it ends)
    else:
        assert letter.sender == "a@b.example"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=300))
def test_any_bytes_are_read_or_refused(head: bytes, body: str) -> None:
    raw = b"From: a@b.example\r\nSubject: s\r\n" + head + b"\r\n\r\n" + body.encode("utf-8", "replace")
    html = Letter(
        sender="a@b.example", subject="s", html=f"<div>{body}<a href='{body}'>{body}</a><h2>{body}</h2></div>"
    )
    entries_of(html, now())
    entries_of(read_letter(raw), now())


_HOSTILE = [
    b'"',
    b";",
    b"=?",
    b"?=",
    b"\xff",
    b"\0",
    b"charset*0*=''x",
    b"boundary=",
    b"--",
    b"\r\n",
    b"filename*1*=",
    b"=E",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.floats(0, 0.999), st.sampled_from(_HOSTILE)), max_size=12))
def test_a_damaged_mail_is_read_or_refused(sample: Sample, damages: list[tuple[float, bytes]]) -> None:
    raw = sample.raw
    for place, damage in damages:
        at = int(place * min(len(raw), 2_000))
        raw = raw[:at] + damage + raw[at + len(damage) :]
    try:
        letter = read_letter(raw)
    except ParseError as error:
        assert error.code == "mail_unread"  # noqa: PT017 (either is right)
        return
    entries_of(letter, now())
    brought(letter)


# ------------------------------------------------------------------ who may write
def letter_of(sender: str, *results: str) -> Letter:
    return Letter(sender=sender, results=results)


@pytest.mark.parametrize(
    "results",
    [
        f"{HOST}; dkim=pass header.d=linkedin.com",
        f"{HOST} 1; spf=fail smtp.mailfrom=x; dkim=pass (2048-bit; ok) header.i=@bounce.linkedin.com header.s=d",
        f"{HOST.upper()}; dmarc=pass (p=reject dis=none) header.from=linkedin.com",
        f'{HOST}; dkim=fail reason="bad; sig" header.d=x.example; dkim=pass header.d=linkedin.com',
    ],
)
def test_a_sender_our_host_vouches_for(results: str) -> None:
    assert is_proven(letter_of("newsletters-noreply@linkedin.com", results), HOST)


@pytest.mark.parametrize(
    "results",
    [
        (),
        (f"{HOST}; none",),
        (f"{HOST}; spf=pass smtp.mailfrom=linkedin.com",),  # says nothing of From
        (f"{HOST}; dkim=pass header.d=evil.example",),
        (f"{HOST}; dkim=fail header.d=linkedin.com",),
        (f"{HOST}; dmarc=pass header.from=linkedin.com.evil.example",),
        (f"{HOST}; dkim=none (dkim=pass header.d=linkedin.com)",),  # in a comment
        (f'{HOST}; dkim=none reason="x; dkim=pass header.d=linkedin.com"',),  # in quotes
        ("mx.evil.example; dkim=pass header.d=linkedin.com",),  # another host's word
        (f"{HOST}.evil.example; dkim=pass header.d=linkedin.com",),
        # The sender wrote one as well: ours, above it, counts.
        (f"{HOST}; dkim=none", f"{HOST}; dkim=pass header.d=linkedin.com"),
    ],
)
def test_a_forged_sender_is_not_proven(results: tuple[str, ...]) -> None:
    assert not is_proven(letter_of("newsletters-noreply@linkedin.com", *results), HOST)


def test_without_an_authserv_id_nobody_is_proven() -> None:
    assert not is_proven(letter_of("a@linkedin.com", "; dkim=pass header.d=linkedin.com"), "")
    assert authserv_ids([f"{HOST} 1; none"]) == [HOST]


def test_a_list_names_addresses_or_whole_domains() -> None:
    listed = ("news@a.example", "@b.example")
    assert is_listed("news@a.example", listed)
    assert is_listed("who@b.example", listed)
    assert not is_listed("other@a.example", listed)
    assert not is_listed("who@sub.b.example", listed)
    assert not is_listed("who@xb.example", listed)
    assert not is_listed("", ("@",))


# ------------------------------------------------------------------ whose mail it is
def source(source_id: str, **hints: tuple[str, ...]) -> Source:
    return Source(
        id=source_id, name=source_id, kind="kol", language="en", access="mailbox", url="https://a.example/",
        hosts=("a.example",), mailbox=MailboxHints(**hints) if hints else None,
    )  # fmt: skip


def test_the_source_that_says_most_gets_the_entry() -> None:
    linkedin = ("newsletters-noreply@linkedin.com",)
    sources = [
        source("others", senders=()), source("all", senders=("@linkedin.com",)), source("exact", senders=linkedin),
        source("maren", senders=linkedin, authors=("Maren Oduya",)),
    ]  # fmt: skip
    letter = Letter(sender=linkedin[0], sender_name="Maren Oduya via LinkedIn")

    def found(author: str, sender: str = linkedin[0]) -> str:
        to = source_for(Entry(url=None, authors=(author,)), Letter(sender=sender, sender_name="x"), sources)
        return to.id if to else ""

    assert found("Maren Oduya") == "maren"
    assert found("Somebody Else") == "exact"
    assert found("Somebody Else", "jobs@linkedin.com") == "all"
    assert found("Somebody Else", "news@else.example") == "others"
    assert source_for(Entry(url=None), letter, sources[3:]) is sources[3]  # From names the author


def test_without_a_table_the_hosts_of_a_source_write() -> None:
    assert listed_senders([source("plain")], ("x@y.example",)) == ("@a.example", "x@y.example")


@pytest.mark.parametrize("shape", [*shapes(), shape_of(Letter())], ids=lambda shape: shape.id)
def test_a_shape_names_ways_that_there_are(shape: Shape) -> None:
    assert all(hasattr(Parts, f"_title_by_{way}") for way in shape.titles)
    assert all(hasattr(Parts, f"_author_by_{way}") for way in shape.author)
    assert shape.starts in get_args(Starts)
    assert all(word == word.lower() for word in shape.ends)
    assert all("/" in pattern for pattern in (*shape.links, *shape.not_links, *shape.author_links))


def test_every_shape_is_somebodys_and_one_is_everybodys() -> None:
    assert all(shape.senders or shape.services for shape in shapes())
    assert shape_of(Letter(sender="who@ever.example")).id == "other"
    assert {shape_of(read_letter(sample.raw)).id for sample in SAMPLES} == {
        "linkedin-newsletter", "linkedin-notification", "substack", "beehiiv", "mailchimp", "google-alerts", "kit",
        "ghost", "other",
    }  # fmt: skip


# ------------------------------------------------------------------ readers
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Hi {READER.split()[0]},", ""),
        (f"This email was intended for {READER} (Head of Things)", ""),
        (f"Write to {ADDRESS} now", ""),
        ("尊敬的张伟：", ""),
        ("Zephyrine, fees go up", "fees go up"),
        ("Amazon raises fees", "Amazon raises fees"),
        ("Dear sellers, fees go up", "Dear sellers, fees go up"),
        ("您好，亚马逊将上调佣金，卖家需注意。", "亚马逊将上调佣金，卖家需注意。"),
    ],
)
def test_who_it_was_meant_for_goes(text: str, left: str) -> None:
    readers = readers_of((READER, ADDRESS), [text], "Maren Oduya")
    assert readers.without(text) == left


def test_a_name_that_is_a_word_goes_only_where_somebody_is_spoken_to() -> None:
    readers = readers_of(("Will Rose",), ["Amazon will raise fees", "Will Amazon raise fees?"], "")
    assert readers.without("Will Amazon raise fees?") == "Will Amazon raise fees?"
    assert readers.without("Hi Will, fees go up") == "fees go up"


@pytest.mark.parametrize("text", ["Parcels sent to Germany, France and Italy", "Hi TikTok, it is us. TikTok pays."])
def test_a_country_or_a_platform_is_no_reader(text: str) -> None:
    readers = readers_of((), [text, "TikTok pays for Germany"], "")
    assert readers.without("TikTok pays for Germany") == "TikTok pays for Germany"


def test_a_name_that_only_the_footer_knows_is_taken_out_above_it() -> None:
    said = "<h1>Posts for Zephyrine</h1><p>Fees go up in May, says Amazon.</p>"
    html = f"{said}<p>This email was intended for Zephyrine Quack (COO)</p>"
    raw = mail(("A", "a@b.example"), "Zephyrine, your posts", html).replace(READER.encode(), b"x")
    assert "ephyrine" not in repr(read(raw))


# ------------------------------------------------------------------ what is read
def test_what_is_hidden_is_not_read() -> None:
    html = (
        "<h1>Fees go up</h1><div style='display:none'>hidden one</div><p style='font-size:0'>hidden two</p>"
        "<p hidden>hidden three</p><p>Fees go up in May for every seller.</p>"
    )
    assert "hidden" not in repr(read(mail(("A", "a@b.example"), "Fees go up", html)))


def test_markup_in_a_title_stays_text() -> None:
    (entry,) = read(
        mail(("A <b>B", "a@b.example"), "Fees", "<h1>&lt;script&gt;x&lt;/script&gt;</h1><p>Fees go up.</p>")
    )
    assert entry.title == "&lt;script&gt;x&lt;/script&gt;"


def test_an_essay_with_headings_and_links_is_one_article() -> None:
    parts = "".join(
        f"<h2>Part {n}</h2><p>As <a href='https://a.example/{n}'>we wrote</a>, fees go up in the year to come.</p>"
        for n in range(5)
    )
    (entry,) = read(mail(("A", "a@b.example"), "Five parts", f"<h1>Five parts</h1>{parts}"))
    assert entry.title == "Five parts"


def test_no_address_no_link_but_an_id() -> None:
    first, again, other = (
        read(mail(("A", "a@b.example"), subject, "", "Fees go up in May for every seller.\n", number=number))[0]
        for subject, number in (("Fees", 1), ("Fees", 1), ("Fees", 2))
    )
    assert first.url is None
    assert first.guid == again.guid != other.guid
    assert "bad_link" in first.flags


def test_a_post_takes_its_time_from_its_number() -> None:
    sample = next(one for one in SAMPLES if one.sender == "linkedin_notification")
    for entry in read(sample.raw):
        assert entry.published_at is not None
        assert timedelta(minutes=50) < now() - entry.published_at < timedelta(hours=2)
