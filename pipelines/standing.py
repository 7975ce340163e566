"""What an article is worth as evidence: official, an outlet's own report, a rumor, or nothing; and who may deny.

Official is a matter of who publishes and where, never of what a text says of itself. Pure; compares hosts as
registered, after IDNA, so that a look-alike is another host.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from db.types import Statement, StoryItem
from db.urls import absolute, host_of, registered_domain
from db.vocabulary import ENTITIES

Weight = Literal["official", "reported", "rumor", "none"]
OUTLETS = frozenset({"wire", "mainstream", "trade"})
UNSURE = frozenset({"kol", "self_media", "community", "aggregator"})
OFFICIAL_KINDS = frozenset({"official", "regulator"})
_BY_AUTHORITY = ("state/", "legal/penalty", "legal/litigation", "risk/safety")


def at_own_host(item: StoryItem) -> bool:
    """Whether the article was read at an exact host of its own source: no look-alike, no user-info, no foreign host."""
    if not item.url or "unverified_transport" in item.flags:
        return False
    address = absolute("", item.url)  # refuses user-info, backslashes and other tricks
    if address is None or urlsplit(address).scheme not in ("http", "https"):
        return False
    host = host_of(address)
    own = {host_of(f"https://{own}/") for own in item.voice.hosts}
    return bool(host) and host in own and registered_domain(host) != ""


def parties_of(items: Sequence[StoryItem]) -> frozenset[str]:
    """The companies and authorities that take part in what the story tells, with their owners.

    Those that an event names as a side; where no event names one, those that a text is about; and the authorities
    that it is about.
    """
    named: Counter[str] = Counter()
    for item in items:
        sides = {entity for event in item.tags.events for ids in event.parties.values() for entity in ids}
        about = {mention.entity for mention in item.tags.mentions if mention.about}
        named.update(sides | {entity for entity in about if _is_authority(entity)} if sides else about)
    owners = {ENTITIES[entity].parent for entity in named if entity in ENTITIES and ENTITIES[entity].parent}
    return frozenset(named) | owners


def _is_authority(entity: str) -> bool:
    return entity in ENTITIES and ENTITIES[entity].kind == "authority"


def is_official(item: StoryItem, parties: frozenset[str]) -> bool:
    """A text of a named party, or of the authority that acts, at its own host."""
    if item.voice.kind not in OFFICIAL_KINDS or not item.voice.speaks_for or not at_own_host(item):
        return False
    speakers = frozenset(item.voice.speaks_for)
    if speakers & parties:
        return True
    named = {mention.entity for mention in item.tags.mentions if mention.about}
    if item.voice.kind == "regulator":
        others = {entity for entity in named if _is_authority(entity)}
        return not others and (not named or any(e.type.startswith(_BY_AUTHORITY) for e in item.tags.events))
    return not named or bool(stances(item, "ours"))  # "fees go down in May", "we lower our fees": its own


def weight_of(item: StoryItem, parties: frozenset[str]) -> Weight:
    """What the article adds to the story's standing; `none` for questions, satire and texts that reject the event."""
    if is_official(item, parties):
        return "official"
    if stances(item, "satire"):
        return "none"
    if stances(item, "asked"):
        return "rumor"
    if item.voice.kind in OFFICIAL_KINDS:  # a text that claims to be official, elsewhere than where it should stand
        return "reported" if at_own_host(item) else "rumor"
    anonymous = bool(stances(item, "hearsay")) or any(e.attribution == "anonymous" for e in item.tags.events[:1])
    if item.voice.kind in OUTLETS and not anonymous and not stances(item, "opinion"):
        return "reported"
    if item.voice.kind == "aggregator" and not anonymous and any(s.slot == "cites" for s in item.statements):
        return "reported"
    return "rumor"


def stances(item: StoryItem, *values: str) -> list[Statement]:
    """The article's marks of these stances."""
    return [s for s in item.statements if s.slot == "stance" and s.value in values]


def denial_of(item: StoryItem, parties: frozenset[str], acts: frozenset[str]) -> Statement | None:
    """The sentence in which a named party or authority rejects what the story tells, if the article may report it.

    `acts`: what was said to happen before. A denial of another act is none of this story's, and a plain "we will not"
    is one only where somebody said they would.
    """
    official = is_official(item, parties)
    if not official and item.voice.kind not in OUTLETS:
        return None
    own = {s.action for s in item.statements if s.slot == "action" and s.field == "title" and s.asserted}
    known = acts | own
    for said in item.statements:
        verb, colon, denier = said.value.partition(":")
        if said.slot != "stance" or not colon or not (denier in parties or (official and not denier)):
            continue
        if verb == "drops" and (not acts or (said.action and said.action not in acts)):
            continue
        if said.action in known or not known or (not said.action and (acts or not own)):
            return said
    return None
