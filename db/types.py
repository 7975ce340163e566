"""The vocabulary: one frozen type for each stage of a datum's way. No behaviour beyond construction.

Source (catalogue) → RawArticle (crawler) → Extraction → Article → TaggedArticle (pipelines) → rows (db).
Every datetime here is aware and in UTC unless its docstring says otherwise. Offsets are code points, half-open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SourceKind = Literal[
    "official", "regulator", "wire", "mainstream", "trade", "kol", "self_media", "community", "aggregator"
]
Access = Literal["feed", "sitemap", "listing", "api", "page", "mailbox", "clip"]  # clip: brought by people
KeepText = Literal["full", "lead"]
Field = Literal["title", "text"]
Quality = Literal["ok", "short", "doubtful", "empty"]
#: A page is watched and kept in revisions, a change tells what is new on one.
Form = Literal["article", "page", "change"]
PartKind = Literal["same", "removed", "added"]
State = Literal["ok", "quiet", "silent", "drift", "refused", "robots", "broken", "never"]
#: States in which a source was read well, whether it had news or not; every other one is a blind spot.
SEEN: tuple[State, ...] = ("ok", "quiet", "silent")
#: lost: a watched page shows something else than its content; the stored wording stays.
Outcome = Literal["new", "changed", "same", "lost"]
Attribution = Literal["official", "reported", "anonymous"]
Polarity = Literal["asserted", "denied"]
Modality = Literal["done", "planned", "possible"]

Status = Literal["rumor", "reported", "corroborated", "official", "denied", "corrected", "withdrawn", "expired"]
Verdict = Literal["supported", "broader", "contradicted", "not_in_official", "no_official_yet"]
Slot = Literal["audience", "region", "modality", "date", "amount", "action", "party"]
#: What else a statement may be about: how its author stands to the story, whom it retells, what it quotes.
Mark = Literal["stance", "cites", "quotes"]

LEAD_CHARACTERS = 300  # what `keep_text = "lead"` stores of a text


# ------------------------------------------------------------------ catalogue
@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a source promises. Fewer than `min_items` entries is a fault, not a quiet day."""

    min_items: int = 1
    gap_hours: int = 168
    max_age_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingHints:
    """CSS selectors of an HTML list page; an empty selector means "not there"."""

    item: str
    link: str = "a"
    title: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiHints:
    """Where a JSON answer keeps its items: dotted paths; `fields` maps our names (title, url, published,
    summary, id) to paths inside one item, or for `url` a template such as ``https://host/kx/{id}``."""

    items: str
    fields: Mapping[str, str]
    method: Literal["GET", "POST"] = "GET"
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHints:
    """CSS selectors for article or watched pages; empty = let extraction decide."""

    content: str = ""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxHints:
    """Which mails are a source's. Between keys all must hold, within a key any; without `senders`, the mails that no
    other source wants. `senders`: addresses, or "@domain"; `authors` and `subject`: words that must stand there."""

    senders: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()  # how List-ID ends
    authors: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRewrite:
    """Links that begin with `before` get `after` in its place (feeds that carry a wrong host)."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One record of the catalogue: a place that publishes, and how to read it honestly."""

    id: str
    name: str
    kind: SourceKind
    language: str
    access: Access
    url: str  # may carry {today}, {yesterday} or {week_ago}
    speaks_for: tuple[str, ...] = ()
    family: str = ""  # publisher family; defaults to the person, else the id
    person: str = ""  # whose channel it is: an id of a Person
    hosts: tuple[str, ...] = ()  # exact hosts whose pages count as the source's own
    zone: str = "UTC"  # IANA name; for dates that carry no zone
    platforms: tuple[str, ...] = ()
    allow_links: tuple[str, ...] = ()  # path prefixes
    deny_links: tuple[str, ...] = ()
    enabled: bool = True
    fetch_articles: bool = True  # False: the feed's own text is the article
    listing: ListingHints | None = None
    api: ApiHints | None = None
    page: PageHints = PageHints()
    record: Mapping[str, str] = field(default_factory=dict)  # part of a Record → a value, or a pattern with a group
    mailbox: MailboxHints | None = None
    link_rewrite: LinkRewrite | None = None
    keep_text: KeepText = "lead"
    expect: Expect = Expect()
    allow_addresses: tuple[str, ...] = ()  # CIDR
    verify_tls: bool = True  # False: any certificate will do; its items are marked `unverified_transport`
    delay_seconds: float | None = None  # None: the configuration's
    max_items: int = 500  # newest entries taken from one fetch
    max_bytes: int = 15 * 1024 * 1024  # decoded
    fallback: str = ""  # in words: what to try when this address dies
    proof: str = ""  # how we know the address
    why: str = ""
    derived: tuple[str, ...] = ()  # keys that we derived rather than read from a record
    file: str = ""  # where the record was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is worth listening to. Their channels are sources that name them; all of them are one voice."""

    id: str
    name: str
    role: str  # what they do, in a few words
    why: str
    languages: tuple[str, ...]
    platforms: tuple[str, ...] = ()  # what they mostly speak about; () = all
    linkedin: str = ""  # a profile that people open; never fetched
    enabled: bool = True  # False: shipped, but not vouched for; `why` says what is missing
    file: str = ""  # where the record was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a register says of a document beside its text, "" where it says nothing; days are ISO."""

    number: str = ""
    type: str = ""  # as the register calls it: Proposed Rule, Notice, 8-K
    effective: str = ""
    comments_close: str = ""
    agencies: tuple[str, ...] = ()  # as the register names them
    docket: str = ""
    speaks_for: tuple[str, ...] = ()  # ids of the agencies, where the source speaks for nobody itself


# ------------------------------------------------------------------ crawler
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a feed, sitemap, list or API gives it, before any cleaning. Markup may be inside."""

    url: str | None  # absolute http(s), or None with `bad_link` in flags
    guid: str = ""
    title: str = ""
    summary: str = ""  # short text or HTML
    content: str = ""  # full text or HTML
    authors: tuple[str, ...] = ()
    published_raw: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    flags: tuple[str, ...] = ()  # error codes that concern this one item
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """What the crawler hands on: the entry, and the page as bytes where it was fetched."""

    source: Source
    entry: Entry
    seen_at: datetime
    url: str | None  # as fetched, after redirects; the entry's where the page was not fetched
    body: bytes | None = None  # decoded transfer, undecoded characters
    content_type: str = ""  # the header's value
    fingerprint: str = ""  # of the entry; equal next time = nothing to fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One request and how it ended; `code` is "" for a good answer, else a code of `db.errors.CODES`."""

    source_id: str
    url: str  # redacted: no user-info, no token
    at: datetime
    purpose: Literal["robots", "source", "article"]
    status: int = 0  # 0: no answer
    code: str = ""
    detail: str = ""
    size_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What is remembered about a source between runs."""

    source_id: str
    state: State = "never"
    code: str = ""
    detail: str = ""
    since: datetime | None = None  # of the state
    last_try_at: datetime | None = None
    last_good_at: datetime | None = None
    last_new_at: datetime | None = None
    last_full_at: datetime | None = None  # last unconditional fetch
    fails: float = 0.0  # weighted: hard 1, soft 0.5, passing 0.25; 0 after a good fetch
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    entries: int = 0  # in the last good fetch
    retry_after_at: datetime | None = None
    moved_to: str = ""  # permanent redirect to another registered domain, waiting for review
    gap_seconds: float | None = None  # own median gap between new items
    guid_trust: Literal["", "stable", "rotating", "shared"] = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a stored article has, whatever it says; compared with its neighbours it tells a template that changed."""

    letters: int  # of the text that is kept
    dated: bool
    titled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """The report of one source in one run: the value that a failure becomes."""

    source_id: str
    state: State
    was: State = "never"  # before this run: bad then and good now is a recovery
    code: str = ""
    detail: str = ""
    new: int = 0
    changed: int = 0
    same: int = 0
    failed: int = 0  # articles that could not be read
    entries: int = 0
    requests: int = 0
    seconds: float = 0.0


# ------------------------------------------------------------------ pipelines
@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a page says. `published_at` is ISO 8601 with the page's own offset, or a date alone, or None."""

    title: str
    text: str  # paragraphs separated by \n
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    modified_at: str | None = None
    language: str = ""
    canonical_url: str | None = None
    quality: Quality = "ok"
    found_by: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Near-copy signature of a text: `exact` hash, MinHash `values`, `bands` for the index, `size` in shingles."""

    exact: str
    values: bytes
    bands: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One document of one source, clean: plain text only, times in UTC, an address or None."""

    source_id: str
    source_kind: SourceKind
    url: str | None
    canonical_url: str | None
    guid: str
    title: str
    text: str
    authors: tuple[str, ...]
    language: str
    published_raw: str
    published_at: datetime | None
    seen_at: datetime
    quality: Quality
    keep_text: KeepText
    found_by: Mapping[str, str]
    flags: tuple[str, ...]
    fingerprint: str
    sketch: Sketch
    entry_url: str | None = None  # the entry's own link, where redirects led elsewhere
    form: Form = "article"
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    entity: str
    field: Field
    start: int
    end: int
    surface: str
    about: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`quote` is the sentence around the span; it stays readable when only a lead is kept.

    `quote_start`: its place in the field, so that the sentence can be read again without the rest.
    """

    field: Field
    start: int
    end: int
    rule: str
    quote: str = ""
    quote_start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """`unit`: ISO 4217 currency, ``%``, ``pp`` or ``count``."""

    value: float
    unit: str
    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFact:
    date: str  # ISO day
    role: Literal["effective", "announced", "deadline", "event"]
    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing the text says happened. No evidence, no event."""

    type: str
    score: float  # what its rules weigh together, or its chance (0 to 1) where the learned part decided
    evidence: tuple[Evidence, ...]
    attribution: Attribution = "reported"
    polarity: Polarity = "asserted"
    modality: Modality = "done"
    parties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    effective_date: str | None = None
    amounts: tuple[Amount, ...] = ()
    dates: tuple[DatedFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What tagging says of one text, whatever it came from."""

    language: str
    relevance: int  # 2 signal, 1 background, 0 noise
    mentions: tuple[Mention, ...]
    events: tuple[Event, ...]
    lexicon: str  # version of the lexicon that made them


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedArticle:
    """`signature` and `statements` only of what becomes part of a story."""

    article: Article
    tags: Tags
    signature: Signature | None = None
    statements: tuple[Statement, ...] = ()


# ------------------------------------------------------------------ watched pages
@dataclass(frozen=True, slots=True)
class Change:
    """One sentence or one cell of a table, before and after ("" where there was or is none).

    `place`: the heading it stands under, of a cell also the label of its row and its column, set apart by " › ".
    `parts`: both wordings as one text, word by word; empty where one of them is missing or nobody needs them.
    """

    before: str
    after: str
    place: str = ""
    parts: tuple[tuple[PartKind, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEdit:
    """Two wordings of a watched page that follow each other; `revision_id` is the row of the earlier one."""

    revision_id: int
    number: int
    source_id: str
    source_kind: SourceKind
    speaks_for: tuple[str, ...]
    keep_text: KeepText
    url: str | None
    canonical_url: str | None
    title: str
    language: str
    before: str
    after: str
    content_hash: str  # of the later wording
    seen_at: datetime  # when that was first seen


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEdit:
    """What an edit changes for readers, and the item that tells it; None where nothing does."""

    edit: PageEdit
    changes: tuple[Change, ...]
    item: TaggedArticle | None


# ------------------------------------------------------------------ stories
@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks: the part of a source that threading and assessing look at."""

    id: str
    kind: str = ""
    speaks_for: tuple[str, ...] = ()
    family: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What threading knows of one article. `keys` find candidate stories in the index; the rest decides.

    `words` are weighted terms of title and lead, per language; `figures` and `dates` are normalised values.
    """

    keys: tuple[str, ...]
    language: str
    entities: tuple[str, ...]  # what it is about first
    events: tuple[str, ...]
    figures: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """One article of a candidate story, as threading sees it."""

    article_id: str
    at: datetime
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCandidate:
    """A story that shares keys with a new article; `members` are at most a few: the first, the newest, the nearest."""

    story_id: str
    first_at: datetime
    last_at: datetime
    articles: int
    members: tuple[StoryMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason of a join: what is shared, with which article, and how much it weighed.

    `drift` and `decider` are reasons against one: the article is like the newest of a story and unlike its beginning,
    or names other parties, places or deciders. `weight` says then how likely the two tell the same, 0..1.
    """

    kind: Literal["entities", "event", "figure", "date", "words", "copy", "person", "drift", "conflict"]
    with_article: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMatch:
    """The story an article joins (`story_id`), or starts (None), perhaps as a follow-up of `follows`.

    `why` says what speaks for the join, or what alone forbade it.
    """

    story_id: str | None
    score: float = 0.0
    why: tuple[Why, ...] = ()
    follows: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing an article says of an event, cut from one sentence: a slot with its value, and the words for it.

    `action` is the event type, or a finer act under it, "" where none is named; `value` is normalised (an audience,
    region, modality, ISO day, amount with unit, entity id). `asserted` is false for what is said not to be so;
    `hedged` is a guess, a condition or an act told in passing, which claims nothing. Marks are no claims: `stance` is
    denies:<entity>, drops:<entity>, corrects, withdraws, hearsay, opinion, satire, asked or ours; `cites` an outlet;
    `quotes` the hash of quoted words.
    """

    action: str
    slot: Slot | Mark
    value: str
    field: Field
    start: int
    end: int
    quote: str
    asserted: bool = True
    hedged: bool = False
    sentence: int = 0  # statements of one sentence share it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryItem:
    """One article of one story, as assessing sees it. `url` is where it was read, `canonical_url` what it says of
    itself; only the first can make it official."""

    id: str
    at: datetime
    language: str
    voice: Voice
    url: str | None
    tags: Tags
    statements: tuple[Statement, ...]
    origin: str  # articles with the same origin are near-copies of each other
    canonical_url: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMove:
    status: Status
    article_id: str
    at: datetime
    quote: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one article says against what the official texts of its story say; `official` is None without a like."""

    article_id: str
    verdict: Verdict
    statement: Statement
    official_article_id: str = ""
    official: Statement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    date: str  # ISO day
    role: str
    article_id: str
    field: Field
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How sure a story is and what it means. `impact` 0..4; importance and credibility 0..1, never mixed."""

    status: Status
    moves: tuple[StatusMove, ...]
    origins: tuple[tuple[str, ...], ...]
    claims: tuple[Claim, ...]
    deadlines: tuple[Deadline, ...]
    impact: int
    impact_reasons: tuple[str, ...] = ()
    importance: float = 0.0
    importance_parts: Mapping[str, float] = field(default_factory=dict)
    credibility: float = 0.0
    credibility_parts: Mapping[str, float] = field(default_factory=dict)
    officials: tuple[str, ...] = ()  # the articles that are official texts of this story


# ------------------------------------------------------------------ memory
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule that finds events, for whoever reads evidence. `right`, `wrong`: how often it was on the shipped sets.

    `file`: "" for a shipped rule, else the name of the team's file.
    """

    id: str
    target: str
    weight: float
    pattern: str
    file: str = ""
    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCandidate:
    """A stored article that shares a band with a new one."""

    article_id: int
    origin_id: int
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMatch:
    """Why an article joins an origin. `score` 0..1; `kind` exact | similar | contained."""

    article_id: int
    origin_id: int
    kind: Literal["exact", "similar", "contained"]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    article_id: int
    outcome: Outcome
    origin_id: int
