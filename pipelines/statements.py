"""What an article states: claims slot by slot, and marks that tell how its author stands to the story.

Pure and cheap enough for every crawled article; the words are data (`pipelines.cues`). Judges nothing: whether a
statement goes beyond the official text is decided per story (`pipelines.assess`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date as Day
from hashlib import blake2b

from db.types import Mark, Slot, Statement, Tags
from pipelines.clauses import Material, Told
from pipelines.cues import cue_book
from pipelines.reading import Reading
from pipelines.records import stated_by_record
from pipelines.sentences import HEAD_SENTENCES, Page
from pipelines.slots import read

MAX_STATEMENTS = 80
_MARKS, _WORDLESS = ("stance", "cites", "quotes"), ("cites", "quotes")
MAX_CHARACTERS = 20_000  # of a text: what is news in it stands before
_SPOKESPERSON = re.compile(
    r"spokes(?:person|man|woman)|representative|the company|发言人|相关负责人|客服|公关|方面(?:表示|回应|称|否认)"
)
_CITED = re.compile(
    r"(?:\(|（|【|\[|according to |citing |cites |reported by |via |source: ?|first reported by "
    r"|as reported by |told |(?:reports|says|said|wrote|writes) |based on a report by |据|来源[:：]?|引述|援引"
    r"|转自|综合|参考)(?:a report (?:by|in|from) |the |a )?$"
)
_CITES_AFTER = re.compile(
    r"\)|）|】|\]|[^，。,]{0,8}\d{1,2}月\d{1,2}日电"
    r"| (?:reported|reports|first reported|says|said|has learned|wrote|writes)"
    r"|(?:消息|报道|网|讯|电|援引|披露|获悉)|(?:社|网)?\d{0,2}(?:月\d{1,2}日)?(?:报道|电|讯|消息)"
)
_SIGNED = re.compile(r"(?: - | – | \| |_|——)$")  # "headline - Reuters", as news searches put it
_LETTERS = re.compile(r"[^\w]+")
_LONG_QUOTE = 24  # characters of letters; in Chinese 12 say as much
_GENERIC = re.compile(
    r"report|rumou?r|claim|story|speculation|allegation|post|消息|传闻|报道|说法|传言|网传|谣|此事|内容|不属实|截图|纯属"
)


def statements(title: str, text: str, tags: Tags, *, date: str | None, language: str) -> tuple[Statement, ...]:
    """Statements of one article in order of place. `date`: ISO day of publication, for days without a year."""
    page = Page(title, text[:MAX_CHARACTERS])
    book = cue_book()
    material = Material(page, book.find(page))
    reading = Reading(material, book, tags, _day(date))
    made = [
        _statement(page, said.slot, said.value, said.start, said.end, said.action, said.asserted, said.hedged)
        for said in read(reading)
    ]
    made += _marks(page, material, reading)
    certain = list(stated_by_record(text))
    taken = {(said.slot, said.start) for said in certain}
    made = [*certain, *(said for said in made if said.field == "title" or (said.slot, said.start) not in taken)]
    return tuple(sorted(made, key=lambda s: (s.field == "text", s.start, s.slot))[:MAX_STATEMENTS])


def brief(said: Iterable[Statement]) -> tuple[Statement, ...]:
    """What is kept of an article whose text is not: what claims are read from, the days, and the marks.

    Sentences that only tell that two articles quote the same words go without their words.
    """
    kept = (one for one in said if one.sentence <= HEAD_SENTENCES or one.slot in (*_MARKS, "date"))
    return tuple(
        replace(one, quote="") if one.slot in _WORDLESS and one.sentence > HEAD_SENTENCES else one for one in kept
    )


def _day(date: str | None) -> Day | None:
    try:
        return Day.fromisoformat(date[:10]) if date else None
    except ValueError:
        return None


def _statement(
    page: Page, slot: Slot | Mark, value: str, start: int, end: int, action: str = "", asserted: bool = True,
    hedged: bool = False,
) -> Statement:  # fmt: skip
    field, first, last = page.place(start, end)
    return Statement(
        action=action, slot=slot, value=value, field=field, start=first, end=last, quote=page.quote(start, end)[1],
        asserted=asserted, hedged=hedged, sentence=page.ordinal(start),
    )  # fmt: skip


# ------------------------------------------------------------------ marks
def _marks(page: Page, material: Material, reading: Reading) -> Iterator[Statement]:
    yield from _denials(page, material, reading)
    yield from _stances(page, material)
    yield from _cited(page, material)
    yield from _quoted(page, material)


def _denials(page: Page, material: Material, reading: Reading) -> Iterator[Statement]:
    """Who denies what: one mark for each act the denial names, or one without an act where it means the report."""
    first = next((entity for _, entity, _ in reading.names), "")
    for told in material.sentences:
        for hit in told.frames("denies", "drops"):
            before = [entity for start, entity, _ in reading.names if told.start <= start < hit.start]
            spoken = _SPOKESPERSON.search(page.folded, told.start, told.end)
            denier = before[-1] if before else (first if spoken else "")
            own = bool(told.frames("ours")) and not before
            acts = [act.id for act in told.of("action")]
            generic = _GENERIC.search(page.folded, told.start, told.end)
            for action in acts or ([""] if generic or own or spoken else []):
                yield _statement(page, "stance", f"{hit.id}:{denier}", hit.start, hit.end, action)


def _stances(page: Page, material: Material) -> Iterator[Statement]:
    for name in ("corrects", "withdraws", "hearsay", "satire", "opinion", "ours"):
        places = material.sentences if name in ("corrects", "withdraws", "ours") else material.lead()
        hits = [hit for told in places for hit in told.frames(name)]
        if hits:
            yield _statement(page, "stance", name, hits[0].start, hits[0].end)
    leading = [told for told in material.lead() if page.folded[told.start : told.end].strip()]
    if leading and all(_is_asked(page, told) for told in leading):
        words = page.folded[leading[0].start : leading[0].end].rstrip()
        yield _statement(page, "stance", "asked", leading[0].start, leading[0].start + len(words))


def _is_asked(page: Page, told: Told) -> bool:
    text = page.folded[told.start : told.end].strip()
    return text.endswith("?") or bool(told.frames("asked"))


def _cited(page: Page, material: Material) -> Iterator[Statement]:
    """Outlets that the article retells: a wire mark, "according to", 据…报道. A mere mention is none."""
    for told in material.sentences:
        for hit in told.of("outlet"):
            before, after = (
                page.folded[max(told.start, hit.start - 40) : hit.start],
                page.folded[hit.end : hit.end + 16],
            )
            signed = (
                told.start < page.text_at and _SIGNED.search(before) and not page.folded[hit.end : page.text_at].strip()
            )
            if signed or _CITED.search(before) or _CITES_AFTER.match(after):
                yield _statement(page, "cites", hit.id, hit.start, hit.end)


def _quoted(page: Page, material: Material) -> Iterator[Statement]:
    """Long direct quotes by their letters and figures: the same words in two articles are one source."""
    for start, end in material.quotes:
        letters = _LETTERS.sub("", page.folded[start:end])
        if len(letters) >= (_LONG_QUOTE if letters.isascii() else _LONG_QUOTE // 2):
            told = blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
            yield _statement(page, "quotes", told, start, end)
