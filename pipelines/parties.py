"""Who does something to whom: the named parties of an event, from where they stand in its sentence.

Acts that join equals have no sides. Authorities act in what states and regulators do, whoever stands first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from db.vocabulary import Entity
from pipelines.match import Cue, Named

JOINT = frozenset({"commercial/partnership"})
BY_AUTHORITY = frozenset({"state/ban", "state/regulation", "state/trade", "legal/penalty"})
ALONE = frozenset({"commercial/results", "people/workforce", "platform/feature", "platform/fees", "platform/market"})
_PASSIVE_AFTER = re.compile(r"^[^,;，；]{0,24}\bby\b")
_PASSIVE_BEFORE = re.compile(r"(?:被|遭|受到|获)[^,，。]{0,12}$")

Parties = dict[str, tuple[str, ...]]


def parties_of(event: str, folded: str, cue: Cue, named: Sequence[Named], known: Mapping[str, Entity]) -> Parties:
    """``{"between": ids}``, or ``agent`` and ``patient`` as far as they are named; `named`: of the cue's sentence,
    `known`: every entity by its id.
    """

    def rules(entity: str) -> bool:
        return entity in known and known[entity].kind == "authority"

    before = _ids(name for name in named if name.end <= cue.start)
    after = _ids(name for name in named if name.start >= cue.start and name.entity not in before)
    if event in JOINT:
        both = before + after
        return {"between": both} if len(both) > 1 else _sides(both, ())
    if event in BY_AUTHORITY:
        everyone = before + after
        return _sides(tuple(i for i in everyone if rules(i)), tuple(i for i in everyone if not rules(i)))
    if event in ALONE:
        return _sides((before or after)[:1] if not rules((before or after or ("",))[0]) else (), ())
    passive = _PASSIVE_AFTER.search(folded[cue.end : cue.end + 60]) or _PASSIVE_BEFORE.search(
        folded[max(0, cue.start - 20) : cue.start]
    )
    return _sides(after, before) if passive else _sides(before, after)


def _sides(agent: tuple[str, ...], patient: tuple[str, ...]) -> Parties:
    return {role: ids for role, ids in (("agent", agent), ("patient", patient)) if ids}


def _ids(named: Iterable[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.entity for name in named))
