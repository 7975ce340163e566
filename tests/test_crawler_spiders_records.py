"""What registers say beside a text, in the true shapes of their answers, read with the shipped records of sources."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from crawler.catalogue import builtin_folder, load_source
from crawler.found import Answer
from crawler.spiders import DISCOVER
from db.types import Expect, Record
from tests.spider_samples import NOW

REGISTER = {
    "count": 2,
    "results": [
        {
            "title": "Entry of Low-Value Shipments", "type": "Proposed Rule", "document_number": "2026-01234",
            "html_url": "https://www.federalregister.gov/documents/2026/11/20/2026-01234/entry-of-low-value-shipments",
            "publication_date": "2026-11-20", "abstract": "Duty-free entry is to end for goods of certain origin.",
            "effective_on": None, "comments_close_on": "2027-01-19", "docket_ids": ["USCBP-2026-0002", "Dec. 26-01"],
            "agencies": [
                {"raw_name": "DEPARTMENT OF HOMELAND SECURITY", "name": "Homeland Security Department", "id": 227},
                {"raw_name": "U.S. Customs and Border Protection", "name": "U.S. Customs and Border Protection"},
                {"raw_name": "an office without a page"},
            ],
        },
        {
            "title": "Notice of a Meeting", "type": "Notice", "document_number": "2026-01235",
            "html_url": "https://www.federalregister.gov/documents/2026/11/20/2026-01235/notice",
            "publication_date": "2026-11-20", "abstract": None, "effective_on": "never", "docket_ids": [],
            "agencies": [{"name": "Trade Representative, Office of United States"}],
        },
    ],
}  # fmt: skip
RECALLS = [
    {
        "RecallID": 10300, "RecallNumber": "26103", "RecallDate": "2026-11-19T00:00:00", "Title": "Kettles Recalled",
        "URL": "https://www.cpsc.gov/Recalls/2026/Kettles", "Description": "The handle can come off.",
    },
]  # fmt: skip
EDGAR = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>AMAZON COM INC</title>
<entry><title>8-K  - Current report</title><id>urn:tag:sec.gov,2008:accession-number=0001018724-26-000123</id>
<link rel="alternate" type="text/html" href="https://www.sec.gov/Archives/edgar/data/1018724/index.htm"/>
<summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2026-11-19
&lt;b&gt;AccNo:&lt;/b&gt; 0001018724-26-000123
&lt;b&gt;Size:&lt;/b&gt; 2 MB</summary>
<updated>2026-11-19T16:30:21-05:00</updated></entry></feed>"""
PRESS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Press corner</title><item>
<title>Commission requests information from an online marketplace</title>
<link>https://ec.europa.eu/commission/presscorner/detail/en/ip_26_3761</link>
<pubDate>Thu, 19 Nov 2026 11:00:00 GMT</pubDate>
<description>It has two weeks to answer.</description></item></channel></rss>"""
GOV_UK = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>CMA</title><entry>
<id>https://www.gov.uk/government/news/marketplace#2026</id><updated>2026-11-19T10:00:00+00:00</updated>
<link rel="alternate" type="text/html" href="https://www.gov.uk/government/news/marketplace"/>
<title>Press release: Marketplace gives undertakings on reviews</title><summary>It will remove fake ones.</summary>
</entry></feed>"""
MOFCOM = """<html><body><ul class="txtList_01">
<li><a href="/article/b/c/1.html">商务部公告2026年第58号 关于部分物项的决定</a><span>[2026-11-19]</span></li>
<li><a href="/article/b/c/2.html">商务部 海关总署公告2026年第9号</a><span>[2026-11-18]</span></li>
<li><a href="/article/b/c/3.html">商务部召开座谈会</a><span>[2026-11-18]</span></li></ul></body></html>"""


def records(name: str, body: str) -> list[Record | None]:
    source = load_source(builtin_folder() / f"{name}.toml")
    source = replace(source, expect=Expect(min_items=0))
    answer = Answer(url=source.url, body=body.encode())
    return [entry.record for entry in DISCOVER[source.access](answer, source, NOW).entries]


def test_the_federal_register() -> None:
    proposed, notice = records("fr-api", json.dumps(REGISTER))
    assert proposed == Record(
        number="2026-01234", type="Proposed Rule", comments_close="2027-01-19",
        agencies=("Homeland Security Department", "U.S. Customs and Border Protection"),
        docket="USCBP-2026-0002, Dec. 26-01",
    )  # fmt: skip
    assert notice == Record(
        number="2026-01235", type="Notice", agencies=("Trade Representative, Office of United States",)
    )


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("cpsc-api", json.dumps(RECALLS), ("26103", "Recall", "Consumer Product Safety Commission")),
        ("sec-edgar-amzn", EDGAR, ("0001018724-26-000123", "8-K", "Securities and Exchange Commission")),
        ("eu-press", PRESS, ("ip_26_3761", "", "European Commission")),
        ("uk-cma", GOV_UK, ("", "Press release", "Competition and Markets Authority")),
        ("cn-mofcom", MOFCOM, ("商务部公告2026年第58号", "公告", "商务部")),
    ],
)
def test_other_registers(name: str, body: str, expected: tuple[str, str, str]) -> None:
    record = records(name, body)[0]
    assert record is not None
    assert (record.number, record.type, *record.agencies) == expected


def test_what_is_not_numbered_has_no_number() -> None:
    _, joint, meeting = records("cn-mofcom", MOFCOM)
    assert joint is not None
    assert joint.number == "商务部 海关总署公告2026年第9号"
    assert meeting is not None
    assert (meeting.number, meeting.type) == ("", "")
