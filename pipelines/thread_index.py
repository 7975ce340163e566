"""Stories in memory: what `masthead thread` and the training keep of a stream. The archive has its own (db.stories).

The same keys, the same ranking and the same bounds as there, so that both decide alike.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from db.stories.candidates import KEYS, rank
from db.types import CopyCandidate, CopyMatch, Sketch, StoryCandidate, StoryMatch, StoryMember, Why
from pipelines.copies import best_match
from pipelines.threads import WINDOW_DAYS, Rule, choose_story

PER_KEY = 120  # newest stories remembered under one key
PER_BAND = 8
EARLIEST, NEWEST = 2, 4  # members of a story that are kept


class _Story:
    __slots__ = ("articles", "earliest", "first_at", "id", "last_at", "newest")

    def __init__(self, story_id: str) -> None:
        self.id = story_id
        self.earliest: list[StoryMember] = []
        self.newest: deque[StoryMember] = deque(maxlen=NEWEST)
        self.articles = 0

    def add(self, member: StoryMember) -> None:
        if not self.articles:
            self.first_at = self.last_at = member.at
        self.first_at, self.last_at = min(self.first_at, member.at), max(self.last_at, member.at)
        self.articles += 1
        if len(self.earliest) < EARLIEST:
            self.earliest.append(member)
        else:
            self.newest.append(member)

    def candidate(self) -> StoryCandidate:
        return StoryCandidate(
            story_id=self.id,
            first_at=self.first_at,
            last_at=self.last_at,
            articles=self.articles,
            members=(*self.earliest, *self.newest),
        )


class ThreadIndex:
    """Takes articles in order of date and tells each one's story; forgets nothing but what its bounds push out."""

    def __init__(self, rule: Rule | None = None) -> None:
        self._rule = rule
        self._stories: dict[str, _Story] = {}
        self._keys: dict[str, dict[str, datetime]] = defaultdict(dict)  # stories of a key and their last day under it
        self._bands: dict[int, deque[int]] = defaultdict(lambda: deque(maxlen=PER_BAND))
        self._copies: dict[int, tuple[StoryMember, str, Sketch]] = {}

    def add(self, member: StoryMember, sketch: Sketch | None = None) -> tuple[str, StoryMatch]:
        """The id of the article's story, which it joins or starts, and why."""
        match = (sketch and self._copied(member, sketch)) or choose_story(member, self.candidates(member), self._rule)
        story_id = match.story_id or story_id_of(member.article_id)
        self.enter(story_id, member, sketch)
        return story_id, match

    def candidates(self, member: StoryMember) -> list[StoryCandidate]:
        """Stories within the window that share keys, best first; bounded however many are known."""
        oldest = member.at - timedelta(days=WINDOW_DAYS)
        hits = {key: self._recent(key, oldest) for key in member.signature.keys[:KEYS] if key in self._keys}
        return [self._stories[story_id].candidate() for story_id in rank(hits)]

    def _recent(self, key: str, oldest: datetime) -> Sequence[str]:
        return [story_id for story_id, at in self._keys[key].items() if at >= oldest]

    def _copied(self, member: StoryMember, sketch: Sketch) -> StoryMatch | None:
        numbers = {number for band in sketch.bands for number in self._bands.get(band, ())}
        near = {n: self._copies[n] for n in numbers if member.at - self._copies[n][0].at <= timedelta(days=WINDOW_DAYS)}
        found: CopyMatch | None = best_match(
            sketch, [CopyCandidate(article_id=n, origin_id=n, sketch=copy) for n, (_, _, copy) in near.items()]
        )
        if found is None:
            return None
        other, story_id, _ = near[found.article_id]
        why = (Why(kind="copy", with_article=other.article_id, weight=found.score),)
        return StoryMatch(story_id=story_id, score=found.score, why=why)

    def enter(self, story_id: str, member: StoryMember, sketch: Sketch | None = None) -> None:
        """Remember an article under a story, whoever decided that."""
        story = self._stories.setdefault(story_id, _Story(story_id))
        story.add(member)
        for key in member.signature.keys[:KEYS]:
            held = self._keys[key]
            held[story_id] = max(held.pop(story_id, member.at), member.at)
            if len(held) > PER_KEY:
                del held[next(iter(held))]
        if sketch is not None:
            number = len(self._copies)
            self._copies[number] = (member, story_id, sketch)
            for band in sketch.bands:
                self._bands[band].append(number)


def story_id_of(article_id: str) -> str:
    """The id of the story that an article starts: the same in every run."""
    return "st-" + sha256(article_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
