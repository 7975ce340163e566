"""Tags of one text: entities, relevance and up to three events, each with the words that show it.

A pure function of the text and the lexicon. No quoted evidence, no event; no event hangs on a known platform.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from db.types import Event, Evidence, Mention, Tags
from pipelines.language import main_language
from pipelines.lexicon import Lexicon
from pipelines.match import Cue, Matches, Named, match
from pipelines.relevance import judge
from pipelines.scopes import axes_of
from pipelines.sentences import LEAD_WEIGHT, Page

MAX_EVENTS = 3
MAX_EVIDENCE = 4  # of one event
THRESHOLD = 1.0  # one strong cue in the title or the lead
BESIDE = 0.5  # a further event needs this share of the main one's score
OVER_NOISE = 2.5  # score an event needs where the item looks like a shopping deal, a course or a viral video
SIDE_LIMIT = 3.0
LANGUAGE_SAMPLE = 1_000  # characters


def tag(
    title: str,
    text: str,
    lexicon: Lexicon,
    *,
    language: str = "",
    date: str | None = None,
    source_kind: str = "",
    speaks_for: tuple[str, ...] = (),
) -> Tags:
    """Tags of `title` and `text` (plain text). `date`: ISO day of publication; `language`: "" to detect it here.

    `source_kind` and `speaks_for` describe the publisher: what a party or an authority publishes itself is official.
    """
    page = Page(title, text)
    found = match(lexicon, page, date[:10] if date else None)
    about = _about(page, found.named)
    sides = _sides(page, found.cues)
    events = _events(lexicon, page, found, noisy=sides["noise"] >= THRESHOLD)
    if source_kind in ("official", "regulator") and speaks_for:
        events = [replace(event, attribution="official") for event in events]
    return Tags(
        language=language or main_language(page.folded[:LANGUAGE_SAMPLE]),
        relevance=judge(lexicon, events, about, sides),
        mentions=tuple(_mention(page, name, about) for name in found.named),
        events=tuple(events),
        lexicon=lexicon.version,
    )


def _mention(page: Page, name: Named, about: frozenset[str]) -> Mention:
    field, start, end = page.place(name.start, name.end)
    return Mention(
        entity=name.entity,
        field=field,
        start=start,
        end=end,
        surface=page.raw[name.start : name.end],
        about=name.entity in about,
    )


def _about(page: Page, named: Iterable[Named]) -> frozenset[str]:
    """What the item is about: named in its title, in its lead, or again and again."""
    weights: dict[str, float] = defaultdict(float)
    for name in named:
        weights[name.entity] += page.sentences[page.sentence_at(name.start)].weight
    return frozenset(entity for entity, weight in weights.items() if weight >= LEAD_WEIGHT)


def _sides(page: Page, cues: Iterable[Cue]) -> dict[str, float]:
    sides: dict[str, float] = {"noise": 0.0, "background": 0.0, "commerce": 0.0}
    for target, best in _best(page, (cue for cue in cues if cue.rule.kind == "relevance")).items():
        sides[target] = min(SIDE_LIMIT, sum(score for score, _ in best))
    return sides


def _best(page: Page, cues: Iterable[Cue]) -> dict[str, list[tuple[float, Cue]]]:
    """For each target its rules, each counted once, where it weighs most; heaviest first."""
    best: dict[str, dict[str, tuple[float, Cue]]] = defaultdict(dict)
    for cue in cues:
        score = cue.rule.weight * page.sentences[cue.sentence].weight
        rules = best[cue.rule.target]
        if score > (rules[cue.rule.id][0] if cue.rule.id in rules else 0.0):
            rules[cue.rule.id] = (score, cue)
    return {
        target: sorted(rules.values(), key=lambda pair: (-pair[0], pair[1].start))
        for target, rules in best.items()
        if rules
    }


def _events(lexicon: Lexicon, page: Page, found: Matches, *, noisy: bool) -> list[Event]:
    best = _best(page, (cue for cue in found.cues if cue.rule.kind == "event"))
    scores = {target: sum(score for score, _ in rules) for target, rules in best.items()}
    needed = OVER_NOISE if noisy else THRESHOLD
    ranked = sorted(scores, key=lambda target: (-scores[target], best[target][0][1].start, target))
    chosen = [t for t in ranked if scores[t] >= max(needed, BESIDE * scores[ranked[0]])][:MAX_EVENTS]
    axis_cues = [cue for cue in found.cues if cue.rule.kind == "axis"]
    return [_event(lexicon, page, found, t, scores[t], [cue for _, cue in best[t]], axis_cues) for t in chosen]


def _event(
    lexicon: Lexicon, page: Page, found: Matches, name: str, score: float, cues: list[Cue], axis_cues: list[Cue]
) -> Event:
    attribution, polarity, modality = axes_of(lexicon, page, name, cues, axis_cues)
    main = cues[0].sentence
    return Event(
        type=name,
        score=round(score, 3),
        evidence=tuple(_evidence(page, cue) for cue in cues[:MAX_EVIDENCE]),
        attribution=attribution,
        polarity=polarity,
        modality=modality,
        audience=tuple(sorted(found.audiences.get(main, ()))),
        regions=tuple(sorted(found.regions.get(main, ()))),
    )


def _evidence(page: Page, cue: Cue) -> Evidence:
    field, start, end = page.place(cue.start, cue.end)
    return Evidence(field=field, start=start, end=end, rule=cue.rule.id, quote=page.quote(cue.start, cue.end))
