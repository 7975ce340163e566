"""Articles for the tests of threading: sentences of our own, signed and dated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from db.types import StoryMember
from pipelines.language import main_language
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.tag import tag
from pipelines.threads import sign

FIRST = datetime(2024, 8, 8, 13, tzinfo=UTC)


@cache
def _lexicon() -> Lexicon:
    return load_lexicon()


def article(name: str, title: str, text: str = "", days: float = 0.0) -> StoryMember:
    """A member that came `days` after the first."""
    at = FIRST + timedelta(days=days)
    day = at.date().isoformat()
    language = main_language(f"{title}\n{text}")
    tags = tag(title, text, _lexicon(), language=language, date=day)
    return StoryMember(article_id=name, at=at, signature=sign(title, text, tags, date=day, language=language))


def shuffled_words(number: int) -> str:
    """A headline made of rare invented words, another for each number."""
    syllables = ("ba", "do", "ki", "lu", "me", "no", "pa", "ri", "so", "tu", "va", "ze")
    words = []
    for place in range(6):
        value = (number * 2654435761 + place * 40503) % 12**4
        words.append("".join(syllables[value // 12**digit % 12] for digit in range(4)))
    return " ".join(words)
