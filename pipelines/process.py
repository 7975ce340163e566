"""RawArticle → TaggedArticle: the whole way of one article through this room, within its time limits.

Pure but for the limits, which use the process's own alarm: call it from the main thread of a worker process. They
count the CPU's time, not the clock's, so that a busy machine does not change what is stored.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from db.errors import ParseError
from db.retagging import StoredText, merged
from db.stories.rules import tells_a_story
from db.types import Article, PageEdit, RawArticle, TaggedArticle, Tags, ToldEdit
from pipelines.change_items import changes_of, item_of
from pipelines.lexicon import Lexicon
from pipelines.normalise import to_article
from pipelines.pdf import is_pdf
from pipelines.standing import OFFICIAL_KINDS
from pipelines.statements import brief, statements
from pipelines.tag import tag
from pipelines.threads import sign

EXTRACT_SECONDS = 2.0
PDF_SECONDS = 10.0
TAG_SECONDS = 5.0
COMPARE_SECONDS = 10.0


class TimeLimit(BaseException):
    """Not an Exception: libraries that swallow every Exception must not swallow the limit."""


def process(raw: RawArticle, lexicon: Lexicon) -> TaggedArticle:
    """Read, clean and tag one article. Running out of time costs the page or the tags, never the article.

    A text that could not be decoded is kept but not tagged: tags made from mojibake would be lies.
    """
    article = _read(raw)
    if "mojibake" in article.flags:
        return TaggedArticle(article=article, tags=_untagged(article, lexicon))
    agencies = article.record.speaks_for if article.record else ()
    return _tagged(article, agencies or raw.source.speaks_for, lexicon)


def tell_edit(edit: PageEdit, lexicon: Lexicon) -> ToldEdit:
    """What an edit of a watched page changes for its readers; where anything does, the item that tells it.

    Raises ParseError: compare_timeout.
    """
    try:
        with _limit(COMPARE_SECONDS):
            found = changes_of(edit)
    except TimeLimit:
        raise ParseError("compare_timeout", "its two wordings take too long to compare", about=edit.source_id) from None
    if not found:
        return ToldEdit(edit=edit, changes=(), item=None)
    item = _tagged(item_of(edit, found, named=False), edit.speaks_for, lexicon)
    if edit.speaks_for and not {mention.entity for mention in item.tags.mentions}.intersection(edit.speaks_for):
        item = _tagged(item_of(edit, found, named=True), edit.speaks_for, lexicon)
    return ToldEdit(edit=edit, changes=found, item=item)


def _untagged(article: Article, lexicon: Lexicon) -> Tags:
    return Tags(language=article.language, relevance=0, mentions=(), events=(), lexicon=lexicon.version)


def _tagged(article: Article, speaks_for: tuple[str, ...], lexicon: Lexicon) -> TaggedArticle:
    day = (article.published_at or article.seen_at).date().isoformat()
    try:
        with _limit(TAG_SECONDS):
            tags = tag(
                article.title, article.text, lexicon, language=article.language, date=day,
                source_kind=article.source_kind, speaks_for=speaks_for,
            )  # fmt: skip
            return with_story(article, tags, day)
    except TimeLimit:
        flagged = replace(article, flags=(*article.flags, "tag_timeout"))
        return TaggedArticle(article=flagged, tags=_untagged(article, lexicon))


def with_story(article: Article, tags: Tags, day: str) -> TaggedArticle:
    """The tagged article; where it tells a story, with what threading compares and what it states."""
    if not tells_a_story(tags):
        return TaggedArticle(article=article, tags=tags)
    title, text, language = article.title, article.text, article.language
    said = statements(title, text, tags, date=day, language=language)
    is_kept = article.keep_text == "full" or article.source_kind in OFFICIAL_KINDS
    return TaggedArticle(
        article=article,
        tags=tags,
        signature=sign(title, text, tags, date=day, language=language),
        statements=said if is_kept else brief(said),
    )


def tag_again(stored: StoredText, lexicon: Lexicon) -> Tags | None:
    """New tags of a stored article, as `process` would make them; None when the time ran out."""
    if "mojibake" in stored.flags:
        return replace(stored.tags, lexicon=lexicon.version)
    try:
        with _limit(TAG_SECONDS):
            tags = tag(
                stored.title, stored.text, lexicon, language=stored.language, date=stored.day,
                source_kind=stored.source_kind, speaks_for=stored.speaks_for,
            )  # fmt: skip
    except TimeLimit:
        return None
    return merged(stored, tags)


def _read(raw: RawArticle) -> Article:
    try:
        with _limit(PDF_SECONDS if raw.body and is_pdf(raw.body) else EXTRACT_SECONDS):
            return to_article(raw)
    except TimeLimit:
        article = to_article(replace(raw, body=None))
        return replace(article, flags=(*article.flags, "extract_timeout"), fingerprint="")


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def ring(signum: int, frame: FrameType | None) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
