"""Clips of invented people, and the means to keep them without a worker process."""

from __future__ import annotations

from functools import cache

from db.clipping import ClipTools
from db.types import Person, RawArticle, TaggedArticle
from pipelines.copies import best_match
from pipelines.lexicon import Lexicon, load_lexicon
from pipelines.process import process
from scheduler.story_rules import story_rules

#: Posted on 2024-08-09 00:22:13 UTC, as its upper bits say.
POST = "https://www.linkedin.com/posts/ines-falk_fees-activity-7227469183037440001-AbC1"
SAME_POST = "https://de.linkedin.com/feed/update/urn:li:activity:7227469183037440001/"
TOKENS = "midToken=CANARY&midSig=CANARY&trk=CANARY&eid=CANARY&otpToken=CANARY&lipi=CANARY&utm_source=CANARY"
QUOTE = "Amazon will cut the referral fee for apparel from 17% to 10% for sellers in the US from 15 January 2025."
INES = Person(
    id="ines-falk", name="Ines Falk", role="founder of Falk Freight Notes", why="Reads tariff schedules first.",
    languages=("en",), linkedin="https://www.linkedin.com/in/ines-falk",
)  # fmt: skip


@cache
def _lexicon() -> Lexicon:
    return load_lexicon()


async def _process(raw: RawArticle) -> TaggedArticle:
    return process(raw, _lexicon())


async def _warm() -> None:
    _lexicon()


def tools() -> ClipTools:
    return ClipTools(process=_process, warm=_warm, pick_origin=best_match, rules=story_rules(("amazon", "tiktok")))
