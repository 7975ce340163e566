"""What an article says that an official text says too, or that waits for one: its chief statement, one for an article.

Who goes beyond an official text is told elsewhere (`pipelines.overclaims`); what is neither is no claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from db.types import Claim, Slot, Statement, StoryItem
from pipelines.cues import act_book
from pipelines.officials import make_claim, official_statements
from pipelines.periods import meets
from pipelines.values import same_amount

_CHIEF: tuple[Slot, ...] = ("action", "amount", "date", "audience", "region", "modality", "party")


def agreements(items: Sequence[StoryItem], official: frozenset[str], beyond: Collection[str]) -> Iterator[Claim]:
    """`supported` or, without an official text, `no_official_yet`; nothing of the articles that go `beyond`."""
    anchors = official_statements(items, official)
    for item in items:
        if item.id in official or item.id in beyond:
            continue
        said_first = sorted(_plain(item), key=lambda said: (said.sentence, _CHIEF.index(said.slot)))
        if not official:
            yield from (make_claim(item, "no_official_yet", said, None) for said in said_first[:1])
            continue
        found = ((said, a) for said in said_first for a in anchors if _is_same(said, a.said))
        said, anchor = next(found, (None, None))
        if said and anchor:
            yield make_claim(item, "supported", said, anchor)


def _plain(item: StoryItem) -> Iterator[Statement]:
    """Statements that claim something, general acts left out."""
    tables = act_book().actions
    for said in item.statements:
        is_general = said.slot == "action" and tables[said.value].general
        if said.slot in _CHIEF and not said.hedged and not is_general:
            yield said


def _is_same(said: Statement, official: Statement) -> bool:
    if said.slot != official.slot or said.asserted != official.asserted:
        return False
    if said.slot == "amount":
        return same_amount(said.value, official.value)
    if said.slot == "date":
        return meets(said.value, official.value)
    return said.value == official.value
