"""What a story means for a seller: impact 0..4 with its reasons, the days to keep, importance and credibility.

Importance and credibility are two numbers that are never mixed: how much it would matter, and how sure it is. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from db.types import Deadline, Status, StoryItem

#: How deep an event of this type reaches into selling, 0..2.
_DEPTH: Mapping[str, int] = {
    "platform/fees": 2, "platform/policy": 2, "state/trade": 2, "state/ban": 2, "commercial/advertising": 1,
    "commercial/partnership": 1, "platform/market": 1, "platform/feature": 1, "operations/logistics": 1,
    "state/regulation": 1, "risk/safety": 1, "legal/penalty": 1, "legal/litigation": 1,
}  # fmt: skip
_SELLING = frozenset({"third_party_sellers", "invited_sellers", "all"})
_SOON = timedelta(days=60)
PLATFORMS = frozenset({"amazon", "tiktok", "temu", "shein"})  # watched, where nobody says otherwise
_SURE: Mapping[Status, float] = {
    "official": 0.95, "corroborated": 0.75, "reported": 0.55, "rumor": 0.2, "expired": 0.1, "corrected": 0.3,
    "denied": 0.1, "withdrawn": 0.05,
}  # fmt: skip
_KIND_WEIGHT = {"official": 1.0, "regulator": 1.0, "wire": 0.8, "mainstream": 0.7, "trade": 0.6, "aggregator": 0.3,
                "kol": 0.3, "self_media": 0.15, "community": 0.15}  # fmt: skip


def impact_of(
    items: Sequence[StoryItem], now: datetime, platforms: frozenset[str] = PLATFORMS
) -> tuple[int, tuple[str, ...]]:
    """0..4 and the steps that led there, in words of the form ``key: value``."""
    types = [event.type for item in items for event in item.tags.events]
    if not types:
        return 0, ("event: none",)
    main = max(dict.fromkeys(types), key=lambda name: (_DEPTH.get(name, 0), types.count(name)))
    steps = [(f"event: {main}", _DEPTH.get(main, 0))]
    audiences = {s.value.partition("/")[0] for i in items for s in i.statements if s.slot == "audience" and s.asserted}
    if audiences & _SELLING:
        steps.append((f"audience: {sorted(audiences & _SELLING)[0]}", 1))
    days = [deadline.date for deadline in deadlines_of(items)]
    today = now.date().isoformat()
    near = [day for day in days if today <= day <= (now + _SOON).date().isoformat()]
    if near:
        steps.append((f"date: {min(near)}", 1))
    named = {mention.entity for item in items for mention in item.tags.mentions if mention.about}
    total = sum(step for _, step in steps)
    if platforms and not named & platforms:
        steps.append(("platform: none that is watched", -1))
        total -= 1
    if all(item.tags.relevance == 0 for item in items):
        return 0, ("relevance: none", *(name for name, _ in steps))
    return max(0, min(4, total)), tuple(f"{name} ({step:+d})" for name, step in steps)


def deadlines_of(items: Sequence[StoryItem]) -> tuple[Deadline, ...]:
    """Days from or until which something holds, each once, in order; from asserted statements of any article."""
    found: dict[str, Deadline] = {}
    for item in items:
        roles = {(d.field, d.start): d.role for event in item.tags.events for d in event.dates}
        for said in item.statements:
            if said.slot == "date" and said.asserted and not said.hedged and len(said.value) == 10:
                role = roles.get((said.field, said.start), "effective")
                found.setdefault(
                    said.value,
                    Deadline(
                        date=said.value, role=role if role == "deadline" else "effective", article_id=item.id,
                        field=said.field, start=said.start, end=said.end, quote=said.quote,
                    ),
                )  # fmt: skip
    return tuple(found[day] for day in sorted(found))


def importance_of(impact: int, origins: int, items: Sequence[StoryItem]) -> tuple[float, Mapping[str, float]]:
    """0..1: what it would mean if it is so (impact), and how widely it is told."""
    relevance = max((item.tags.relevance for item in items), default=0)
    parts = {"impact": 0.6 * impact / 4, "relevance": 0.2 * relevance / 2, "coverage": 0.2 * min(origins, 5) / 5}
    return round(sum(parts.values()), 3), {name: round(value, 3) for name, value in parts.items()}


def credibility_of(status: Status, items: Sequence[StoryItem], origins: int) -> tuple[float, Mapping[str, float]]:
    """0..1: what the status is worth, the best kind of source that speaks, and independent origins."""
    kind = max((_KIND_WEIGHT.get(item.voice.kind, 0.1) for item in items), default=0.0)
    parts = {"status": 0.7 * _SURE[status], "source": 0.2 * kind, "origins": 0.1 * min(origins, 3) / 3}
    return round(sum(parts.values()), 3), {name: round(value, 3) for name, value in parts.items()}
