"""The status of a story: rumor → reported → corroborated → official, or denied, corrected, withdrawn, expired.

Replays the evidence in order of time; each move names the article and the words that made it. Later hearsay never
lowers what was official, and only the one who may say so denies or takes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.types import Statement, Status, StatusMove, StoryItem
from pipelines.standing import Weight, denial_of, stances, weight_of

EXPIRES_AFTER = timedelta(days=90)
_FADING = ("rumor", "reported")


@dataclass(slots=True)
class _Course:
    """What is known up to one moment."""

    parties: frozenset[str]
    origin: dict[str, int]
    acts: frozenset[str]
    standing: dict[int, Weight] = field(default_factory=dict)  # the best weight of each origin
    taken_back: set[int] = field(default_factory=set)
    speakers: set[str] = field(default_factory=set)  # for whom the official texts so far speak
    status: Status | None = None
    since: datetime | None = None  # of the newest evidence
    last: StoryItem | None = None
    moves: list[StatusMove] = field(default_factory=list)

    def move(self, status: Status, item: StoryItem, at: datetime, said: Statement | None, reason: str) -> None:
        if status != self.status:
            self.status = status
            quote = said.quote if said else _quote(item)
            self.moves.append(StatusMove(status=status, article_id=item.id, at=at, quote=quote, reason=reason))

    def fade(self, now: datetime) -> None:
        if self.status in _FADING and self.since and self.last and now - self.since >= EXPIRES_AFTER:
            self.move("expired", self.last, self.since + EXPIRES_AFTER, None, "no new evidence for 90 days")


def status_of(
    items: Sequence[StoryItem], origins: Sequence[Sequence[str]], parties: frozenset[str], now: datetime
) -> tuple[Status, tuple[StatusMove, ...]]:
    """The status at `now` and the moves that led there; `items` in order of time, at least one."""
    numbers = {article: number for number, group in enumerate(origins) for article in group}
    course = _Course(parties, numbers, frozenset())
    for number, item in enumerate(items):
        course.acts = _acts(items, number)
        course.fade(item.at)
        _take(course, item)
    course.fade(now)
    return course.status or "rumor", tuple(course.moves)


def _acts(items: Sequence[StoryItem], number: int) -> frozenset[str]:
    """The acts that earlier articles say happen."""
    return frozenset(
        said.action for item in items[:number] for said in item.statements if said.slot == "action" and said.asserted
    )


def _take(course: _Course, item: StoryItem) -> None:
    denial = denial_of(item, course.parties, course.acts)
    if denial is not None and _may_deny(course, item):
        _evident(course, item)
        course.move("denied", item, item.at, denial, "a named party rejects it")
        return
    if _taken_back(course, item):
        return
    weight = weight_of(item, course.parties)
    if weight == "none":
        if course.status is None:
            course.move("rumor", item, item.at, None, "nothing but satire")
        return
    origin = course.origin[item.id]
    before = course.standing.get(origin)
    if before is None or _RANK[weight] > _RANK[before]:
        course.standing[origin] = weight
        _evident(course, item)
    status, reason = _standing(course, item, weight)
    if status is not None:
        course.move(status, item, item.at, None, reason)


_RANK: dict[Weight, int] = {"none": 0, "rumor": 1, "reported": 2, "official": 3}


def _evident(course: _Course, item: StoryItem) -> None:
    course.since, course.last = item.at, item


def _standing(course: _Course, item: StoryItem, weight: Weight) -> tuple[Status | None, str]:
    """The status that the origins give now, or None where a later word outranks it."""
    if weight == "official":
        course.speakers |= set(item.voice.speaks_for)
        return "official", "a text of a party or authority at its own host"
    if course.status in ("official", "denied"):
        return None, ""
    kept = [w for origin, w in course.standing.items() if origin not in course.taken_back]
    reported = kept.count("reported")
    if reported >= 2:
        return "corroborated", f"{reported} independent origins"
    if course.status in ("corrected", "withdrawn") and not reported:
        return None, ""
    if reported:
        return "reported", "a named outlet's own report"
    return ("rumor", "hearsay, opinion or an unnamed source") if course.status in (None, "expired") else (None, "")


def _may_deny(course: _Course, item: StoryItem) -> bool:
    """What is official, only its own author can deny: a company that contests a fine does not undo it."""
    if course.status != "official":
        return True
    return bool(course.speakers.intersection(item.voice.speaks_for))


def _taken_back(course: _Course, item: StoryItem) -> bool:
    """Whether the article takes back what its author brought up; the status follows when nobody else vouches for it."""
    said = next(iter(stances(item, "withdraws") or stances(item, "corrects")), None)
    origin = course.origin[item.id]
    if said is None:
        return False
    earlier = course.standing.get(origin)
    weight = weight_of(item, course.parties)
    if course.status == "official" and weight != "official":
        return False
    if earlier is None and course.standing and weight != "official":
        return False  # it takes back something of its own that is not in this story
    course.taken_back.add(origin)
    others = [w for number, w in course.standing.items() if number not in course.taken_back and w != "rumor"]
    _evident(course, item)
    if not others or weight == "official":
        course.move(
            "withdrawn" if said.value == "withdraws" else "corrected", item, item.at, said, "its author takes it back"
        )
    return True


def _quote(item: StoryItem) -> str:
    evidence = [e for event in item.tags.events for e in event.evidence]
    if evidence:
        return evidence[0].quote
    return item.statements[0].quote if item.statements else ""
