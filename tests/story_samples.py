"""Small rules for stories, and articles that they can thread, for the tests of the archive.

Real rules live in pipelines; these decide by words in the title, so that a test reads as what it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from db.store import Store
from db.stories.rules import StoryRules
from db.types import (
    Assessment,
    Claim,
    Deadline,
    Signature,
    Statement,
    StatusMove,
    StoryCandidate,
    StoryItem,
    StoryMatch,
    StoryMember,
    TaggedArticle,
    Why,
)
from pipelines.copies import make_sketch
from tests.db_samples import NOW, article, tagged


def choose(member: StoryMember, candidates: Sequence[StoryCandidate]) -> StoryMatch:
    """The candidate that tells of the same topic: the first entity of the signature."""
    for candidate in candidates:
        for other in candidate.members:
            if other.signature.entities[:1] == member.signature.entities[:1]:
                why = (Why(kind="entities", with_article=other.article_id, weight=1.0),)
                return StoryMatch(story_id=candidate.story_id, score=0.9, why=why)
    return StoryMatch(story_id=None)


def assess(items: Sequence[StoryItem], now: datetime) -> Assessment:
    """Official from the first article of an official source on; a claim for each statement that says "everyone"."""
    officials = tuple(item.id for item in items if item.voice.kind == "official")
    moves = [StatusMove(status="reported", article_id=items[0].id, at=items[0].at, quote="it is said")]
    if officials and officials[0] == items[0].id:
        moves = []
    if officials:
        first = next(item for item in items if item.id == officials[0])
        moves.append(StatusMove(status="official", article_id=first.id, at=first.at, quote="we announce"))
    elif (now - items[-1].at).days > 90:
        moves.append(StatusMove(status="expired", article_id=items[-1].id, at=now))
    origins: dict[str, list[str]] = {}
    for item in items:
        origins.setdefault(item.origin, []).append(item.id)
    wide = [(item, said) for item in items for said in item.statements if said.value == "everyone"]
    return Assessment(
        status=moves[-1].status,
        moves=tuple(moves),
        origins=tuple(tuple(ids) for ids in origins.values()),
        claims=tuple(
            Claim(
                article_id=item.id,
                verdict="not_in_official" if officials else "no_official_yet",
                statement=said,
                official_article_id=officials[0] if officials else "",
            )
            for item, said in wide
        ),
        deadlines=tuple(
            Deadline(
                date=said.value, role="deadline", article_id=item.id, field="text", start=0, end=4, quote="by then"
            )
            for item in items
            for said in item.statements
            if said.slot == "date"
        ),
        impact=2,
        impact_reasons=("fees",),
        importance=0.5,
        credibility=0.7,
        officials=officials,
    )


RULES = StoryRules(choose=choose, assess=assess, window_days=14, expires_days=90, version="test-1")


def read_before(store: Store) -> None:
    """As if every source had been crawled well once; what a first crawl brings waits until it is over."""
    store.connection.execute("update sources set last_good_at = ?", (NOW.isoformat(),))


def said(value: str, slot: Any = "audience") -> Statement:
    return Statement(action="advertise", slot=slot, value=value, field="text", start=0, end=6, quote="TikTok")


def told(
    topic: str, number: int = 0, *, says: Sequence[Statement] = (), text: str = "", **changes: Any
) -> TaggedArticle:
    """An article on a topic; each number is its own text, at its own address."""
    words = text or f"TikTok and Amazon, part {number} of {topic}: " + f"only{topic}{number} says so. " * 30
    values = {"url": f"https://harbour.example/{topic}/{number}", "guid": f"{topic}-{number}", **changes}
    values.setdefault("sketch", make_sketch(f"{topic} {number}", words))
    given = article(values.pop("title", f"{topic} {number}"), words, **values)
    return on_topic(tagged(given), topic, says)


def on_topic(given: TaggedArticle, topic: str, says: Sequence[Statement] = ()) -> TaggedArticle:
    """The article with what threading compares and assessing reads."""
    signature = Signature(keys=(f"e:{topic}",), language="en", entities=(topic,), events=(), words={topic: 1.0})
    return replace(given, signature=signature, statements=tuple(says))
