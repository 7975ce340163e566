"""How a statement is meant: who says it, whether it is denied, whether it has happened.

Works on the cues of the sentence that carries an event; a plain "not" reaches to the end of its clause, no further.
Must not look at other sentences than the event's own and the title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from db.types import Attribution, Modality, Polarity
from pipelines.lexicon import Lexicon
from pipelines.match import Cue
from pipelines.sentences import Page

_NEGATION_REACH = 24  # characters between a plain negation and what it negates


def axes_of(
    lexicon: Lexicon, page: Page, event: str, evidence: Sequence[Cue], axis_cues: Iterable[Cue]
) -> tuple[Attribution, Polarity, Modality]:
    """Attribution, polarity and modality of an event of type `event`, by its main evidence (the first)."""
    main = evidence[0]
    heard = [
        cue for cue in axis_cues if cue.sentence == main.sentence and (not cue.rule.types or event in cue.rule.types)
    ]
    said = {cue.rule.target.partition("=")[0]: set[str]() for cue in heard}
    for cue in heard:
        axis, _, value = cue.rule.target.partition("=")
        if value != "negated" or _negates(page, cue, main):
            said[axis].add(value)
    defaults = lexicon.defaults.get(event, {})
    return (
        _attribution(said.get("attribution", set()), defaults.get("attribution")),
        "denied" if said.get("polarity", set()) & {"denied", "negated"} else "asserted",
        _modality(said.get("modality", set()), defaults.get("modality")),
    )


def _attribution(said: set[str], default: str | None) -> Attribution:
    order: tuple[Attribution, ...] = ("anonymous", "reported", "official")
    for value in order:
        if value in said:
            return value
    return cast(Attribution, default or "reported")


def _modality(said: set[str], default: str | None) -> Modality:
    order: tuple[Modality, ...] = ("possible", "planned", "done")
    for value in order:
        if value in said:
            return value
    return cast(Modality, default or "done")


def _negates(page: Page, cue: Cue, main: Cue) -> bool:
    start, end = page.clause(main.start, main.end)
    if not main.rule.weight:  # a word that the learned part weighed: what is negated is not known
        return False
    return start <= cue.start < main.end and cue.end <= end and main.start - cue.end <= _NEGATION_REACH
