"""A story judged: status with its moves, origins, claims beyond the official text, impact, deadlines, two numbers.

Pure and cheap: works on statements, tags and voices, never on texts; `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from db.types import Assessment, StoryItem
from pipelines.agreement import agreements
from pipelines.impact import PLATFORMS, credibility_of, deadlines_of, impact_of, importance_of
from pipelines.kinship import origins_of
from pipelines.overclaims import claims_of
from pipelines.standing import is_official, parties_of
from pipelines.status import status_of


def assess(items: Sequence[StoryItem], now: datetime, platforms: frozenset[str] = PLATFORMS) -> Assessment:
    """Judge one story as of `now`; `platforms`: those that are watched.

    ValueError without articles; those after `now` count as well.
    """
    if not items:
        raise ValueError("a story has at least one article")
    items = sorted(items, key=lambda item: (item.at, item.id))
    parties = parties_of(items)
    official = frozenset(item.id for item in items if is_official(item, parties))
    origins = origins_of(items, official)
    status, moves = status_of(items, origins, parties, now)
    impact, reasons = impact_of(items, now, platforms)
    importance, importance_parts = importance_of(impact, len(origins), items)
    credibility, credibility_parts = credibility_of(status, items, len(origins))
    beyond = claims_of(items, official)
    claims = (*beyond, *agreements(items, official, {claim.article_id for claim in beyond}))
    return Assessment(
        status=status, moves=moves, origins=origins, claims=claims, deadlines=deadlines_of(items),
        impact=impact, impact_reasons=reasons, importance=importance, importance_parts=importance_parts,
        credibility=credibility, credibility_parts=credibility_parts,
        officials=tuple(item.id for item in items if item.id in official),
    )  # fmt: skip
