"""What the linear model looks at: the rules and their scores, what the item is about, words of title and lead.

Names of features stand in the file of weights: a change here asks for new weights (`pipelines.training`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from db.types import Attribution, Modality
from pipelines.match import Matches
from pipelines.sentences import LEAD_WEIGHT, TITLE_WEIGHT, Page

TITLE, LEAD = 1.0, 0.5  # how much a word there counts
MOST = 4.0  # scores above this say nothing new
_WORD = re.compile("[a-z0-9][a-z0-9'$%-]{0,30}|[\u4e00-\u9fff]{1,400}")

Features = dict[str, float]


def features_of(
    page: Page, found: Matches, scores: Mapping[str, float], sides: Mapping[str, float], about: frozenset[str]
) -> Features:
    """What the model looks at: each rule, scores of types, sides, what the item is about, words of title and lead."""
    made: Features = {f"S:{target}": min(score, MOST) for target, score in scores.items()}
    made |= {f"P:{target}": 1.0 for target, score in scores.items() if score >= 1}
    if scores:
        made["TOP:" + max(scores, key=lambda target: scores[target])] = 1.0
    made |= {f"SIDE:{side}": weight for side, weight in sides.items() if weight}
    made |= {f"ABOUT:{entity}": 1.0 for entity in about}
    for cue in found.cues:
        weight = page.sentences[cue.sentence].weight
        if cue.rule.kind != "axis":
            _keep(made, "R:" + cue.rule.id, weight / TITLE_WEIGHT)
        elif weight >= LEAD_WEIGHT:
            _keep(made, "X:" + cue.rule.target, weight)
    for name, weight, _, _ in words_of(page):
        if weight > made.get(name, 0.0):
            made[name] = weight
    return made


def _keep(made: Features, name: str, weight: float) -> None:
    if weight > made.get(name, 0.0):
        made[name] = weight


def words_of(page: Page) -> Iterator[tuple[str, float, int, int]]:
    """Words, pairs of words and pairs of Chinese characters of title and lead: name, weight and place in the page."""
    for sentence in page.sentences:
        if sentence.weight < LEAD_WEIGHT:
            continue
        weight = TITLE if sentence.weight >= TITLE_WEIGHT else LEAD
        before, first = "", 0
        for found in _WORD.finditer(page.folded, sentence.start, sentence.end):
            run, start = found[0], found.start()
            if run[0] < "\u4e00":
                yield "w:" + run, weight, start, found.end()
                yield f"w:{before} {run}", 0.7 * weight, first if before else start, found.end()
                before, first = run, start
                continue
            before = ""
            for place in range(len(run) - 1):
                yield "w:" + run[place : place + 2], weight, start + place, start + place + 2


def axis_features(item: Features, event: str, attribution: Attribution, modality: Modality) -> Features:
    """The item's words and axis cues, and what the rules say of its event."""
    made = {name: value for name, value in item.items() if name.startswith(("w:", "X:"))}
    return made | {"E:" + event: 1.0, f"A:{attribution}": 1.0, f"M:{modality}": 1.0, f"E:{event} {attribution}": 1.0}
