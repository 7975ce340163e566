"""One event in full: how it is meant, who takes part, whom and where it touches, its figures and days, its evidence.

Reads the sentences that carry the event's evidence and no others. Which events an item has is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from db.types import Amount, Attribution, DatedFact, Event, Evidence, Modality
from pipelines.days import named_days
from pipelines.figures import figures
from pipelines.learned import Learned
from pipelines.lexicon import Lexicon
from pipelines.match import Cue, Named
from pipelines.parties import Parties, parties_of
from pipelines.scopes import axes_of
from pipelines.seen import Look
from pipelines.sentences import LEAD_WEIGHT, Page
from pipelines.traits import axis_features

MAX_EVIDENCE = 4
MAX_FIGURES = 6


def event_of(
    lexicon: Lexicon, seen: Look, name: str, learned: Learned | None, *, date: str | None, speakers: frozenset[str]
) -> Event:
    """The event of type `name`; `date`: ISO day of publication, `speakers`: for whom the publisher speaks."""
    page, found, cues = seen.page, seen.found, seen.cues[name]
    attribution, polarity, modality = axes_of(lexicon, page, name, cues, _axis_cues(found.cues))
    if learned:
        attribution, modality = _weighed(learned, seen, name, attribution, modality)
    main = cues[0]
    named = [other for other in found.named if page.sentence_at(other.start) == main.sentence]
    involved = _involved(lexicon, named or found.named)
    if speakers and (not involved or speakers & involved):
        attribution = "official"
    sentences = _carriers(page, cues)
    days = tuple(_days(page, sentences, date))
    return Event(
        type=name,
        score=round(seen.scores[name], 3),
        evidence=tuple(_evidence(page, cue) for cue in _telling(seen, name)),
        attribution=attribution,
        polarity=polarity,
        modality=modality,
        parties=_parties(lexicon, seen, name, main, named),
        audience=tuple(sorted(found.audiences.get(main.sentence, ()))),
        regions=tuple(sorted(found.regions.get(main.sentence, ()))),
        effective_date=next((day.date for day in days if day.role == "effective"), None),
        amounts=tuple(_amounts(page, sentences)),
        dates=days,
    )


def _axis_cues(cues: Iterable[Cue]) -> list[Cue]:
    return [cue for cue in cues if cue.rule.kind == "axis"]


def _weighed(
    learned: Learned, seen: Look, name: str, attribution: Attribution, modality: Modality
) -> tuple[Attribution, Modality]:
    """The axes with the words around weighed in; unnamed sources and plans that the rules heard stay."""
    outputs = learned.outputs(axis_features(seen.features, name, attribution, modality))
    told, meant = learned.shares(outputs, "attribution"), learned.shares(outputs, "modality")
    if told and attribution != "anonymous":
        attribution = cast(Attribution, max(told, key=lambda answer: told[answer]))
    if meant and modality != "planned":
        modality = cast(Modality, max(meant, key=lambda answer: meant[answer]))
    return attribution, modality


def _involved(lexicon: Lexicon, named: Iterable[Named]) -> set[str]:
    """The named entities and their owners: TikTok's newsroom speaks for ByteDance's TikTok."""
    ids = {name.entity for name in named}
    return ids | {lexicon.known[entity].parent for entity in ids}


def _parties(lexicon: Lexicon, seen: Look, name: str, main: Cue, named: list[Named]) -> Parties:
    if not named:  # the sentence says "the company": the item's title or lead named it
        named = [other for other in seen.found.named if other.entity in seen.about and other.end <= main.start]
    return parties_of(name, seen.page.folded, main, named, lexicon.known)


def _carriers(page: Page, cues: list[Cue]) -> list[int]:
    """The sentence of the main evidence, and those of the title and lead that carry further evidence."""
    others = {cue.sentence for cue in cues[1:MAX_EVIDENCE] if page.sentences[cue.sentence].weight >= LEAD_WEIGHT}
    return [cues[0].sentence, *sorted(others - {cues[0].sentence})]


def _amounts(page: Page, sentences: list[int]) -> list[Amount]:
    made = []
    for index in sentences:
        for figure in figures(page.folded, page.sentences[index].start, page.sentences[index].end):
            field, start, end = page.place(figure.start, figure.end)
            made.append(Amount(value=figure.value, unit=figure.unit, field=field, start=start, end=end))
    return made[:MAX_FIGURES]


def _days(page: Page, sentences: list[int], published: str | None) -> list[DatedFact]:
    made = []
    for index in sentences:
        for day in named_days(page.folded, published, page.sentences[index].start, page.sentences[index].end):
            field, start, end = page.place(day.start, day.end)
            made.append(DatedFact(date=day.date, role=day.role, field=field, start=start, end=end))
    return made[:MAX_FIGURES]


def _telling(seen: Look, name: str) -> list[Cue]:
    """The main cue, the weightiest one of another sentence that says more than the main one's, and then the others."""
    page, cues = seen.page, seen.cues[name]
    said = _words(page, cues[0].sentence)
    apart = [
        cue
        for cue in seen.found.cues
        if cue.rule.target == name and cue.rule.kind == "event" and _words(page, cue.sentence) not in said
    ]
    second = sorted(apart, key=lambda cue: (-cue.rule.weight * page.sentences[cue.sentence].weight, cue.start))[:1]
    return list(dict.fromkeys((cues[0], *second, *cues[1:])))[:MAX_EVIDENCE]


def _words(page: Page, sentence: int) -> str:
    return page.folded[page.sentences[sentence].start : page.sentences[sentence].end].strip(" \n.。!?…")


def _evidence(page: Page, cue: Cue) -> Evidence:
    field, start, end = page.place(cue.start, cue.end)
    place, quote = page.quote(cue.start, cue.end)
    _, quote_start, _ = page.place(place, place)
    return Evidence(field=field, start=start, end=end, rule=cue.rule.id, quote=quote, quote_start=quote_start)
