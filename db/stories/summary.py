"""What a story is about, from its articles: events, parties, places, platforms, languages, and its plain line. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial

from db.rows import as_json
from db.stories.lines import plain_line
from db.types import Event, Modality, Status, StoryItem

Told = list[tuple[int, Event]]  # main events with the weight of their articles

_ROLES = ("between", "agent", "patient")
_KEPT = 12  # values of one kind in a row
_SHARE = 0.5  # of the heaviest place's weight: one text's aside is no place of the story
_OFFICIAL_WEIGHT = 3  # an official text says best what happened


@dataclass(frozen=True, slots=True)
class Summary:
    """Columns of `stories`, lists as JSON."""

    main_event: str
    event_types: str
    platforms: str
    regions: str
    audience: str
    parties: str
    languages: str
    source_kinds: str
    line_en: str
    line_zh: str
    day: str


def summarise(
    items: Sequence[StoryItem], officials: Collection[str], platforms: Collection[str], status: Status, zone: tzinfo
) -> Summary:
    """`items` in order of time, at least one; `officials` are the ids of the official texts among them.

    `platforms` are entities that the articles name; the story is on those that it is about.
    """
    firsts = {item.origin: item.id for item in reversed(items)}  # near-copies count once
    weights = {item.id: _weight(item, officials) if firsts[item.origin] == item.id else 0 for item in items}
    types = _ranked((event.type, weights[item.id] / (place + 1)) for item in items for place, event in _told(item))
    main = types[0] if types else ""
    mains = [(item, weights[item.id], event) for item in items for _, event in _told(item) if event.type == main]
    # Who announces knows best who, whom and where.
    told = ([(w, e) for item, w, e in mains if item.id in officials], [(w, e) for _, w, e in mains])
    parties = {role: ids for role in _ROLES if (ids := _first(told, partial(_side, role)))}
    regions = _first(told, lambda event: event.regions, least=_SHARE)
    about = _about(items, weights)
    day = items[0].at.astimezone(zone).date()
    announced = next((item for item in items if item.id in officials), items[0])
    happened = announced.at.astimezone(UTC).date()  # not the reader's day: most zones agree on it
    modality = _modality(_first(told, lambda event: (event.modality,)))
    line = plain_line(types, _named(parties, about), regions, happened, status, modality)
    return Summary(
        main_event=main,
        event_types=as_json(types),
        platforms=as_json([entity for entity in about if entity in platforms]),
        regions=as_json(regions),
        audience=as_json(_first(told, lambda event: event.audience)),
        parties=as_json(parties),
        languages=as_json(_ranked((item.language, 1) for item in items if item.language)),
        source_kinds=as_json(_ranked((item.voice.kind, 1) for item in items if item.voice.kind)),
        line_en=line.en,
        line_zh=line.zh,
        day=day.isoformat(),
    )


def _first(told: Sequence[Told], values: Callable[[Event], Sequence[str]], least: float = 0.0) -> list[str]:
    """The ranked values of the first group that has any; `least`: share of the heaviest one's weight."""
    ranked = (_ranked(((one, weight) for weight, event in group for one in values(event)), least) for group in told)
    return next(filter(None, ranked), [])


def _side(role: str, event: Event) -> Sequence[str]:
    return event.parties.get(role, ())


def _about(items: Sequence[StoryItem], weights: Mapping[str, int]) -> list[str]:
    return _ranked(
        (entity, weights[item.id])
        for item in items
        for entity in dict.fromkeys(mention.entity for mention in item.tags.mentions if mention.about)
    )


def _weight(item: StoryItem, officials: Collection[str]) -> int:
    return _OFFICIAL_WEIGHT if item.id in officials else 1


def _told(item: StoryItem) -> list[tuple[int, Event]]:
    return list(enumerate(item.tags.events))


def _named(parties: dict[str, list[str]], about: list[str]) -> list[str]:
    """Who stands at the head of the line: those who act together, else who acts upon whom, else what it is about."""
    sides = parties.get("between") or [*parties.get("agent", [])[:2], *parties.get("patient", [])[:2]]
    return list(dict.fromkeys(sides)) or about


def _modality(found: list[str]) -> Modality:
    return "possible" if found[:1] == ["possible"] else "planned" if found[:1] == ["planned"] else "done"


def _ranked(weighted: Iterable[tuple[str, float]], least: float = 0.0) -> list[str]:
    """Values by their weight; the one met first wins a tie."""
    totals: dict[str, float] = defaultdict(float)
    for value, weight in weighted:
        totals[value] += weight
    ranked = sorted(totals, key=totals.__getitem__, reverse=True)[:_KEPT]
    return [value for value in ranked if totals[value] >= least * totals[ranked[0]]]
