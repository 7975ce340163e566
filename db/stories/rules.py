"""What the archive is handed to decide about stories, and which articles become part of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from db.types import Assessment, StoryCandidate, StoryItem, StoryMatch, StoryMember, Tags

ChooseStory = Callable[[StoryMember, Sequence[StoryCandidate]], StoryMatch]
Assess = Callable[[Sequence[StoryItem], datetime], Assessment]

RULE = "rule"  # who decided, where it was no person


@dataclass(frozen=True, slots=True)
class StoryRules:
    """`window_days`: how far apart in time an article and a story may be; `expires_days`: after so many without new
    evidence a rumor or report is assessed again; `version` changes with what they decide."""

    choose: ChooseStory
    assess: Assess
    window_days: int
    expires_days: int
    version: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """With what a change of stories is made: the rules, the time, the team's zone; `baseline`: it alerts nobody."""

    rules: StoryRules
    now: datetime
    zone: tzinfo
    baseline: bool = False


def tells_a_story(tags: Tags) -> bool:
    """Signals, and background that tells an event; noise never."""
    return tags.relevance == 2 or (tags.relevance == 1 and any(event.evidence for event in tags.events))
