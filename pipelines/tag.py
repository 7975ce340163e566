"""Tags of one text: entities, relevance and up to three events, each with the words that show it.

A pure function of the text and the lexicon. No quoted evidence, no event; no event hangs on a known platform. The
rules alone decide where the item is about nobody we know: the learned part was fitted on items that are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from db.types import Mention, Tags
from pipelines.events import event_of
from pipelines.language import main_language
from pipelines.learned import Learned
from pipelines.lexicon import STRONG, Lexicon
from pipelines.match import Cue, Matches, Named, match
from pipelines.reasons import with_reasons
from pipelines.records import told_by_record
from pipelines.relevance import judge
from pipelines.scopes import axes_of
from pipelines.seen import Look
from pipelines.sentences import LEAD_WEIGHT, TITLE_WEIGHT, Page
from pipelines.traits import features_of

MAX_EVENTS = 3
THRESHOLD = 1.0  # one strong cue in the title or the lead
BESIDE = 0.5  # a further event needs this share of the main one's score
AFAR = 0.7  # share of its weight that a cue keeps where neither its sentence nor the title is about trade
OVER_NOISE = 2.5  # score an event needs where the item looks like a shopping deal, a course or a viral video
LIKELY = 0.24  # chance from which the learned part takes a type for an event
DENIED = 0.02  # the same for what is plainly said and denied: few denials taught the learned part
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
    seen = look(title, text, lexicon, date)
    learned = lexicon.learned if seen.about else None  # it was fitted on items that are about somebody we know
    outputs = learned.outputs(seen.features) if learned else []
    speakers = frozenset(speaks_for) if source_kind in ("official", "regulator") else frozenset[str]()
    if learned:
        seen = with_reasons(seen, learned, _likely(lexicon, seen, learned, outputs))
        chosen = list(seen.cues)
    else:
        chosen = _plain(seen)
    events = [event_of(lexicon, seen, name, learned, date=date, speakers=speakers) for name in chosen]
    tags = Tags(
        language=language or main_language(seen.page.folded[:LANGUAGE_SAMPLE]),
        relevance=judge(lexicon, events, seen.about, seen.sides, learned, outputs),
        mentions=tuple(_mention(seen, name) for name in seen.found.named),
        events=tuple(events),
        lexicon=lexicon.version,
    )
    return told_by_record(tags, text, official=bool(speakers))


def look(title: str, text: str, lexicon: Lexicon, date: str | None) -> Look:
    """Match an item and add up what its cues weigh, without deciding anything."""
    page = Page(title, text)
    found = match(lexicon, page, date[:10] if date else None)
    about = _about(page, found.named)
    sides = _sides(page, found.cues)
    best = _best(page, (cue for cue in found.cues if cue.rule.kind == "event"), _about_trade(page, found))
    scores = {target: sum(score for score, _ in rules) for target, rules in best.items()}
    return Look(
        page=page,
        found=found,
        about=about,
        sides=sides,
        scores=scores,
        cues={target: [cue for _, cue in rules] for target, rules in best.items()},
        plain=frozenset(t for t, rules in best.items() if any(c.rule.weight == STRONG and s >= AFAR for s, c in rules)),
        features=features_of(page, found, scores, sides, about) if lexicon.learned else {},
    )


def _mention(seen: Look, name: Named) -> Mention:
    field, start, end = seen.page.place(name.start, name.end)
    return Mention(
        entity=name.entity,
        field=field,
        start=start,
        end=end,
        surface=seen.page.raw[name.start : name.end],
        about=name.entity in seen.about,
    )


def _about(page: Page, named: Iterable[Named]) -> frozenset[str]:
    """What the item is about: named in its title, in its lead, or again and again."""
    weights: dict[str, float] = defaultdict(float)
    for name in named:
        weights[name.entity] += page.sentences[page.sentence_at(name.start)].weight
    return frozenset(entity for entity, weight in weights.items() if weight >= LEAD_WEIGHT)


def _about_trade(page: Page, found: Matches) -> frozenset[int]:
    """Sentences that name a company or an authority, or speak of commerce; if the title does, all of the lead."""
    said = {page.sentence_at(name.start) for name in found.named}
    said |= {cue.sentence for cue in found.cues if cue.rule.target == "commerce"}
    if any(page.sentences[index].weight == TITLE_WEIGHT for index in said):
        said |= {index for index, sentence in enumerate(page.sentences) if sentence.weight >= LEAD_WEIGHT}
    return frozenset(said)


def _sides(page: Page, cues: Iterable[Cue]) -> dict[str, float]:
    sides: dict[str, float] = {"noise": 0.0, "background": 0.0, "commerce": 0.0}
    for target, best in _best(page, (cue for cue in cues if cue.rule.kind == "relevance")).items():
        sides[target] = min(SIDE_LIMIT, sum(score for score, _ in best))
    return sides


def _best(page: Page, cues: Iterable[Cue], near: Collection[int] | None = None) -> dict[str, list[tuple[float, Cue]]]:
    """For each target its rules, each counted once, where it weighs most; heaviest first.

    `near`: the sentences that are about trade, None for all.
    """
    best: dict[str, dict[str, tuple[float, Cue]]] = defaultdict(dict)
    for cue in cues:
        score = cue.rule.weight * page.sentences[cue.sentence].weight
        if near is not None and cue.sentence not in near:
            score *= AFAR
        rules = best[cue.rule.target]
        if score > (rules[cue.rule.id][0] if cue.rule.id in rules else 0.0):
            rules[cue.rule.id] = (score, cue)
    return {
        target: sorted(rules.values(), key=lambda pair: (-pair[0], pair[1].start))
        for target, rules in best.items()
        if rules
    }


def _likely(lexicon: Lexicon, seen: Look, learned: Learned, outputs: list[float]) -> dict[str, float]:
    """Types of events and their chances, likeliest first; a team's own strong cue in title or lead is certain."""
    chances = {name: learned.chance(outputs, "event=" + name) for name in learned.events}
    if lexicon.own:
        own = {str(path) for path in lexicon.own}
        for name in seen.plain:
            said = (cue for cue in seen.cues[name] if cue.rule.file in own and cue.rule.weight == STRONG)
            if any(seen.page.sentences[cue.sentence].weight >= LEAD_WEIGHT for cue in said):
                chances[name] = 1.0
    likely = [name for name in chances if chances[name] >= LIKELY or _denied(lexicon, seen, name, chances[name])]
    likely.sort(key=lambda name: (-chances[name], name))
    return {name: chances[name] for name in likely[:MAX_EVENTS]}


def _denied(lexicon: Lexicon, seen: Look, name: str, chance: float) -> bool:
    if chance < DENIED or name not in seen.plain:
        return False
    heard = [cue for cue in seen.found.cues if cue.rule.kind == "axis"]
    return axes_of(lexicon, seen.page, name, seen.cues[name], heard)[1] == "denied"


def _plain(seen: Look) -> list[str]:
    """The types that the rules alone tell, heaviest first."""
    scores, needed = seen.scores, OVER_NOISE if seen.sides["noise"] >= THRESHOLD else THRESHOLD
    ranked = sorted(scores, key=lambda target: (-scores[target], seen.cues[target][0].start, target))
    plain = [target for target in ranked if target in seen.plain]
    if any(scores[target] >= needed for target in plain):
        ranked = plain  # what only weak words hint at does not stand beside what is plainly said
    return [t for t in ranked if scores[t] >= max(needed, BESIDE * scores[ranked[0]])][:MAX_EVENTS]
