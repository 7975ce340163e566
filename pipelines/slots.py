"""What one page says, slot by slot, sentence by sentence: from explicit words only; what is not said is no statement.

Compares nothing and knows no other article.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.amounts import amounts
from pipelines.audiences import audiences
from pipelines.clauses import Told
from pipelines.cues import Hit
from pipelines.reading import Reading, Said
from pipelines.regions import regions
from pipelines.timing import dates, modality

_BY = re.compile(
    r"\b(?:with|by|via|through|to|chose|choose|picks?|picked|selects?|selected|hires?|hired|appoints?|appointed|uses?|using"
    r"|taps?|tapped|signed|and)\s(?:carrier\s|courier\s)?$|(?:由|与|和|同|交给|交由|携手|联手|选择|选定|委托|通过|牵手|使用|签约|接入)$"
)
_NAMING = re.compile(
    r"(?:\b(?:an?|potential|possible|proposed|looming|threatened|over|against|amid|about|of|from|protest|fac(?:e|es|ed|ing)"
    r"|avoid|prevent|head off|stop|stops|ban|bans|banning|bars?|prohibits?|halts?|curbs?)\s(?:an?\s|the\s)?(?:us\s)?"
    r"|\bonly\s|只能|仅能|仅可|防止|避免|免遭|反对)$"
)


def read(reading: Reading) -> Iterator[Said]:
    """What the sentences of a page say, in order; of what a party rejects, that it says no to it."""
    for told in reading.material.sentences:
        acts = told.of("action")
        if not told.silent:
            for read_slot in _SLOTS:
                yield from read_slot(reading, told)
        elif told.frames("denies", "rejected"):  # others merely doubt
            yield from (Said("action", a.id, a.start, a.end, a.id, asserted=False, hedged=True) for a in acts)
        specific = [act.id for act in acts if not reading.is_general(act)]
        if specific:
            reading.last_action = specific[0]


def _actions(reading: Reading, told: Told) -> Iterator[Said]:
    """Acts of a sentence; one told in passing, without a word on how it is meant, is hedged."""
    is_meant = told.start < reading.material.page.text_at or told.frames("may", "must", "planned", "done", "cannot")
    for act in told.of("action"):
        clause = reading.material.clause_of(told, act.start)
        asserted = not reading.is_denied(told, clause, act.start, act.end)
        is_told = is_meant or not act.solid  # a verb with its object ("raises its fee") says that it is so
        vague = (
            not is_told
            or _is_named(reading, told, act)
            or reading.is_hedged(told, clause)
            or reading.is_reckoned(told, clause)
        )
        yield Said("action", act.id, act.start, act.end, act.id, asserted, vague)


def _is_named(reading: Reading, told: Told, act: Hit) -> bool:
    """Whether an act is only named, or held off: "a potential ban", "head off a sale", "can only advertise"."""
    return _NAMING.search(reading.text, max(told.start, act.start - 24), act.start) is not None


def _parties(reading: Reading, told: Told) -> Iterator[Said]:
    """Who does it (the first name before an act), and through whom: carriers and payment houses wherever they are
    named, others after "with", "by", 由."""
    named = sorted((start, entity, start + length) for start, entity, length in reading.names_in(told))
    act = max((hit.start for hit in told.of("action")), default=-1)
    doer = named[0] if named and named[0][0] < act else None
    for start, entity, end in [*named, *((hit.start, hit.id, hit.end) for hit in told.of("party"))]:
        before = reading.text[max(told.start, start - 24) : start]
        is_through = reading.book.parties.get(entity) in ("carrier", "payment") or _BY.search(before)
        if is_through or (start, entity, end) == doer:
            asserted = not reading.is_denied(told, reading.material.clause_of(told, start), start)
            yield reading.said("party", entity, told, start, end, asserted=asserted)


_SLOTS: tuple[Callable[[Reading, Told], Iterator[Said]], ...] = (
    audiences, regions, modality, dates, amounts, _actions, _parties,
)  # fmt: skip
