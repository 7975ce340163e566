"""The keys of a source file: what each one means, what it may hold and what stands for it when it is left out.

One table, used by the loader and by the reference page. Reads nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.source_checks import (
    Check,
    address,
    dated_address,
    dotted,
    flag,
    host,
    items_path,
    line,
    link_path,
    link_prefix,
    many,
    network,
    number,
    one_of,
    seconds,
    selector,
    sender,
    source_id,
    table,
    value_or_pattern,
    zone,
)
from db.types import ApiHints, Expect, LinkRewrite, ListingHints, MailboxHints, PageHints
from db.vocabulary import ACCESS, ENTITIES, LANGUAGES, SOURCE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. `check` returns the value as `Source` keeps it or raises Refused; `inside` are the keys of a table,
    `make` builds its type; `field` is the attribute where it is not the key itself."""

    check: Check[Any]
    type: str
    meaning: str
    default: str = ""
    required: bool = False
    inside: Mapping[str, Key] | None = None
    make: Callable[..., Any] | None = None
    field: str = ""


_EXPECT = {
    "min_items": Key(
        check=number(0, 10_000), type="whole number", default="1",
        meaning="Fewer entries than this in one answer is a fault, not a quiet day. 0 if an empty answer is normal.",
    ),
    "gap_hours": Key(
        check=number(1, 87_600), type="whole number", default="168",
        meaning="How long the source may have nothing new before it counts as silent.",
    ),
    "max_age_days": Key(
        check=number(1, 36_500), type="whole number", default="30",
        meaning="Entries that are older than this are left out (pinned or re-dated old news).",
    ),
}  # fmt: skip
_LISTING = {
    "item": Key(check=selector, type="CSS selector", required=True, meaning="One entry of the list."),
    "link": Key(
        check=selector, type="CSS selector", default='"a"',
        meaning="The link inside the entry; an entry that is a link itself needs none.",
    ),
    "title": Key(check=selector, type="CSS selector", default="the link's text", meaning="The title inside the entry."),
    "date": Key(check=selector, type="CSS selector", default="none", meaning="The date inside the entry."),
}  # fmt: skip
_FIELDS = {
    "title": Key(check=dotted, type="dotted path", required=True, meaning="The title, inside one item."),
    "url": Key(
        check=link_path, type="dotted path or template", required=True,
        meaning="The link, or a template such as `https://www.example.com/news/{id}`.",
    ),
    "published": Key(
        check=dotted, type="dotted path", default="none", meaning="The date: ISO, or seconds or milliseconds of 1970."
    ),
    "updated": Key(check=dotted, type="dotted path", default="none", meaning="The date of the last change."),
    "summary": Key(check=dotted, type="dotted path", default="none", meaning="A short text."),
    "content": Key(check=dotted, type="dotted path", default="none", meaning="The full text."),
    "author": Key(check=dotted, type="dotted path", default="none", meaning="Who wrote it."),
    "id": Key(check=dotted, type="dotted path", default="none", meaning="The publisher's own id of the item."),
}  # fmt: skip
_PARTS = {
    "document_number": "The document's number in its register.",
    "type": "What sort of document it is: rule, proposed rule, notice.",
    "effective": "The day from which it holds.",
    "comments_close": "The day until which it may be commented on.",
    "agencies": "The authorities whose document it is.",
    "docket": "The docket it belongs to.",
}
_FIELDS |= {
    name: Key(check=dotted, type="dotted path", default="none", meaning=f"{meaning} A path through a list takes each.")
    for name, meaning in _PARTS.items()
}
_RECORD = {
    name: Key(check=value_or_pattern, type="value, or pattern with one group", default="none", meaning=meaning)
    for name, meaning in _PARTS.items()
}
_API = {
    "items": Key(
        check=items_path, type="dotted path", required=True,
        meaning='Where the answer keeps its list, such as `"data.list"`; `""` if the answer is the list itself.',
    ),
    "fields": Key(
        check=table, type="table", required=True, inside=_FIELDS, make=dict, meaning="Where an item keeps its parts."
    ),
    "method": Key(check=one_of(("GET", "POST")), type="`GET` or `POST`", default='"GET"', meaning="How to ask."),
    "body": Key(
        check=line(5_000), type="text", default="none",
        meaning="What a POST sends, as JSON; may hold `{today}`, `{yesterday}` or `{week_ago}`.",
    ),
}  # fmt: skip
_PAGE = {
    "content": Key(
        check=selector, type="CSS selector", default="found by itself", meaning="The part of a page that is its text."
    ),
    "drop": Key(
        check=many(selector), type="array of CSS selectors", default="none",
        meaning="Parts of a page that never belong to its text.",
    ),
}  # fmt: skip
_MAILBOX = {
    "from": Key(
        check=many(sender), type="array of addresses", default="mails that no other source wants", field="senders",
        meaning='Who sends them: an address, or `"@domain"` for everybody there. Who stands here may write to us.',
    ),
    "list": Key(
        check=many(line(200)), type="array of texts", default="any", field="lists",
        meaning="How the header List-ID of the mails ends.",
    ),
    "author": Key(
        check=many(line(120)), type="array of names", default="any", field="authors",
        meaning="Who wrote it, where many write from one address (LinkedIn).",
    ),
    "subject": Key(
        check=many(line(120)), type="array of texts", default="any",
        meaning="Words of the subject, such as the name of an alert.",
    ),
}  # fmt: skip
_REWRITE = {
    "from": Key(check=address, type="address", required=True, field="before", meaning="How a wrong link begins."),
    "to": Key(check=address, type="address", required=True, field="after", meaning="How it should begin."),
}


READ = tuple(access for access in ACCESS if access != "clip")  # what people bring by hand has no file


def _key_name(value: Any) -> str:
    return one_of(KEYS)(value)


KEYS: Mapping[str, Key] = {
    "id": Key(check=source_id, type="text", required=True, meaning="The source's name in commands; equals the file's."),
    "name": Key(check=line(120), type="text", required=True, meaning="The name that people read."),
    "kind": Key(
        check=one_of(SOURCE_KINDS), type=", ".join(SOURCE_KINDS), required=True,
        meaning="What sort of voice this is; it decides how far the source is believed.",
    ),
    "speaks_for": Key(
        check=many(one_of(ENTITIES)), type="array of entity ids", default="none",
        meaning="Whose own words these are. Only for `official` and `regulator`.",
    ),
    "family": Key(
        check=line(64), type="text", default="the person, else the id",
        meaning="The publisher behind it. Two sources of one family never count as two witnesses.",
    ),
    "person": Key(
        check=source_id, type="id of a person", default="none",
        meaning="Whose channel this is, a file in the folder of people. All channels of a person are one voice and one "
        "family; of an `aggregator` it is whom the items are about.",
    ),
    "hosts": Key(
        check=many(host), type="array of hosts", default="the host of `url`",
        meaning="Exact hosts whose pages count as the source's own; links to others are kept but not fetched.",
    ),
    "language": Key(check=one_of(LANGUAGES), type="language code", required=True, meaning="What it is written in."),
    "zone": Key(
        check=zone, type="IANA time zone", default='"UTC"', meaning="For dates that name no zone, and for {today}."
    ),
    "platforms": Key(
        check=many(one_of(ENTITIES)), type="array of entity ids", default="all",
        meaning="What it mostly writes about.",
    ),
    "access": Key(
        check=one_of(READ), type=", ".join(READ), required=True, meaning="How the source is read."
    ),
    "url": Key(
        check=dated_address, type="address", required=True,
        meaning="What is asked; may hold `{today}`, `{yesterday}` or `{week_ago}`, which become dates as 2024-08-08.",
    ),
    "allow_links": Key(
        check=many(link_prefix), type="array of path beginnings", default="all links",
        meaning="Only links whose path begins so are entries.",
    ),
    "deny_links": Key(
        check=many(link_prefix), type="array of path beginnings", default="none",
        meaning="Links whose path begins so are no entries, even if allowed above.",
    ),
    "link_rewrite": Key(
        check=table, type="table", default="none", inside=_REWRITE, make=LinkRewrite,
        meaning="Mends links that carry a wrong host.",
    ),
    "fetch_articles": Key(
        check=flag, type="true or false", default="true",
        meaning="Whether the articles' own pages are read; if not, the feed's text is the article.",
    ),
    "keep_text": Key(
        check=one_of(("full", "lead")), type="`full` or `lead`", default='"lead"; of a page "full"',
        meaning="What is stored of a text: all of it, or its first 300 characters. Of a watched page, changes are seen "
        "only in what is stored.",
    ),
    "expect": Key(
        check=table, type="table", default="see below", inside=_EXPECT, make=Expect,
        meaning="What the source promises.",
    ),
    "delay_seconds": Key(
        check=seconds, type="number", default="the configuration's", meaning="Time between two requests to its host."
    ),
    "max_items": Key(
        check=number(1, 10_000), type="whole number", default="500", meaning="Newest entries taken from one answer."
    ),
    "max_bytes": Key(
        check=number(1_024, 15 * 1024 * 1024), type="whole number", default="15728640",
        meaning="Longest answer that is read, unpacked.",
    ),
    "enabled": Key(
        check=flag, type="true or false", default="true", meaning="Whether it is asked when no source is named."
    ),
    "allow_addresses": Key(
        check=many(network), type="array of CIDR ranges", default="none",
        meaning="Private addresses this one source may be fetched from: an intranet, or tests.",
    ),
    "verify_tls": Key(
        check=flag, type="true or false", default="true",
        meaning="Whether its certificates must hold. If not, its items are marked `unverified_transport`; not for a "
        "host that it shares with a source whose certificates must.",
    ),
    "listing": Key(
        check=table, type="table", default="none", inside=_LISTING, make=ListingHints,
        meaning='Where a list page keeps its entries. Goes with `access = "listing"`, which needs it.',
    ),
    "api": Key(
        check=table, type="table", default="none", inside=_API, make=ApiHints,
        meaning='Where a JSON answer keeps its entries. Goes with `access = "api"`, which needs it.',
    ),
    "mailbox": Key(
        check=table, type="table", default="everybody at `hosts`", inside=_MAILBOX, make=MailboxHints,
        meaning='Which mails are this source\'s. Goes with `access = "mailbox"`.',
    ),
    "page": Key(
        check=table, type="table", default="none", inside=_PAGE, make=PageHints,
        meaning="Hints for reading the pages, where they are not read well without.",
    ),
    "record": Key(
        check=table, type="table", default="none", inside=_RECORD, make=dict,
        meaning="What is known of each document beside its text: a value, or a regular expression with one group that "
        "is looked for in title, summary and link. Where an API has fields for it, name those in [api] fields.",
    ),
    "why": Key(check=line(500), type="text", default="none", meaning="Why we watch it."),
    "fallback": Key(check=line(500), type="text", default="none", meaning="What to try when this address dies."),
    "proof": Key(check=line(500), type="text", default="none", meaning="How we know the address."),
    "derived": Key(
        check=many(_key_name), type="array of keys", default="none",
        meaning="Keys that somebody inferred instead of reading them from a record; check these first.",
    ),
}  # fmt: skip
