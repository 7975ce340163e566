"""Who wrote a page: names from JSON-LD, meta tags and bylines, cleaned of roles, addresses and site names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from lxml.html import HtmlElement

from db.text import clean_line, title_key
from db.urls import host_of, registered_domain
from pipelines import structured
from pipelines.markup import text_of
from pipelines.metadata import AUTHOR_METAS, Head

MAX_AUTHORS: Final = 20
_LINE_CHARACTERS: Final = 200
_LEAD: Final = re.compile(
    r"^\s*(?:(?:written|reported|reviewed|posted|story|words|text|photos?)\s+)?(?:by|von|par|por|di|av|door|af|od)\s*:?\s+"
    r"|^\s*(?:author|autor|auteur|autore|作者|记者|文|撰文)\s*[:：/／|]\s*",
    re.IGNORECASE,
)
_APART: Final = re.compile(
    r"\s*(?:;|、|/|\||·|•|\s&\s|\band\b|\bund\b|\bet\b|\by\b(?=\s+[A-ZÁÉÍÓÚ])|\n|,(?!\s*(?:Jr|Sr|MD|PhD|M\.D|Ph\.D)\b))\s*"
)
_NO_NAME: Final = re.compile(
    r"@|https?:|www\.|\.com\b|\.html?\b|[\[\]{}<>=]|\d{2}|\bmin(?:ute)?s? read\b|\bcomments?\b"
    r"|^\(?(?:image|photo|picture)s?:|^(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]* \d"
    r"|^(?:admin|administrator|editor|webmaster|user|guest|unknown|null|undefined|none|author|posted|updated|published"
    r"|sponsored|link copied)$"
    r"|^(?:chief|senior|managing|deputy|executive|head of|vice president|president of|director of|editor[ -])\b",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(r"\b(?:writer|reporter|columnist|correspondent)$", re.IGNORECASE)
_WRITTEN_BY: Final = re.compile(r"written by|verfasst von|écrit par|escrito por|作者", re.IGNORECASE)
# What follows a name: a sign in brackets, "reporter" in Korean.
_AFTER_NAME: Final = re.compile(r"\s*\([a-z]{2,4}\.?\)$|\s+기자$", re.IGNORECASE)
_BYLINES: Final = (
    "//*[@rel='author' or @itemprop='author' or @data-testid='byline' or @data-testid='author-name']",
    "//*[self::a or self::span or self::p or self::div or self::address or self::li][{}]".format(
        " or ".join(
            f"contains(concat(' ', @class, ' '), '{name}')"
            for name in (
                " author ",
                " byline ",
                "author-name",
                "author_name",
                "authorName",
                "AuthorName",
                "byline-name",
                "byline__name",
                "article-author",
                "article__author",
            )
        )
    ),
    # What names a byline in other words, or links to a writer's own page.
    "//a[contains(@href, '/author/') or contains(@href, '/authors/') or contains(@href, '/writer/')]",
    "//*[contains(@class, 'byline') or contains(@class, 'Byline') or contains(@class, 'uthor')"
    " or contains(@data-testid, 'uthorName')]",
)


def authors_of(head: Head, tree: HtmlElement, url: str) -> tuple[tuple[str, ...], str]:
    """Names in the page's order and where they stood; empty when nobody is named. A person anywhere is better than the
    site's or publisher's own name in JSON-LD."""
    sites = {title_key(value) for value, _ in head.meta("og:site_name", "application-name")}
    sites |= {title_key(name) for name in structured.names(head.node.get("publisher"))}
    if home := registered_domain(host_of(url)):
        sites |= {title_key(home), title_key(home.split(".")[0])}
    fallback: tuple[tuple[str, ...], str] = ((), "")
    for lines, where in _said(head, tree):
        found = clean_names(lines, sites)
        if any(title_key(name) not in sites for name in found):
            return found, where
        if found and not fallback[0]:
            fallback = found, where
    return fallback


def _said(head: Head, tree: HtmlElement) -> Iterator[tuple[list[str], str]]:
    yield structured.names(head.node.get("author")), "json-ld"
    for name in AUTHOR_METAS:
        yield head.metas.get(name, []), f"meta {name}"
    if _WRITTEN_BY.fullmatch(next((value for value, _ in head.meta("twitter:label1")), "")):
        yield head.metas.get("twitter:data1", []), "meta twitter:data1"
    for path in _BYLINES:
        for node in tree.xpath(path)[:3]:
            line = text_of(node)
            if len(line) <= _LINE_CHARACTERS:
                yield [line], "byline"


def clean_names(lines: Iterable[str], sites: Collection[str] = ()) -> tuple[str, ...]:
    """Single names, in order, each once; no addresses, roles, dates; a site's name or an office only if alone."""
    names: dict[str, str] = {}
    for line in lines:
        if "://" in line:  # a profile's address, not a name
            continue
        line = "\n".join(" ".join(part.split()) for part in line.split("\n"))  # long runs of blanks take long to split
        for piece in _APART.split(_LEAD.sub("", line)):
            name = _AFTER_NAME.sub("", clean_line(_LEAD.sub("", piece)).strip(" ,-–—:")).strip(" ,.-–—:")
            key = title_key(name)
            if 2 <= len(name) <= 60 and len(name.split()) <= 6 and key and not _NO_NAME.search(name):
                names.setdefault(key, name)
    people = {key: name for key, name in names.items() if key not in sites and not _OFFICE.search(name)}
    return tuple((people or names).values())[:MAX_AUTHORS]
