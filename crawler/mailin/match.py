"""Which source an entry of a mail belongs to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import unescape

from crawler.mailin.letter import Letter
from crawler.mailin.proof import is_listed
from db.text import fold
from db.types import Entry, MailboxHints, Source


def hints_of(source: Source) -> MailboxHints:
    """What a mailbox source wants; without a table of its own, everybody at its hosts."""
    return source.mailbox or MailboxHints(senders=tuple(f"@{host}" for host in source.hosts))


def listed_senders(sources: Iterable[Source], more: Iterable[str]) -> tuple[str, ...]:
    """The list of those who may write: `more` of the configuration, and who stands in a source."""
    return tuple(sorted({*more, *(sender for source in sources for sender in hints_of(source).senders)}))


def source_for(entry: Entry, letter: Letter, sources: Iterable[Source]) -> Source | None:
    """The source that says most about whom it wants, among those that want this one; None where nobody does."""
    wanting = [source for source in sources if _wants(hints_of(source), entry, letter)]
    return max(wanting, key=lambda source: _asks(hints_of(source)), default=None)


def _wants(hints: MailboxHints, entry: Entry, letter: Letter) -> bool:
    return (
        (not hints.senders or is_listed(letter.sender, hints.senders))
        and (not hints.lists or any(one.endswith(hints.lists) for one in letter.services))
        and _stands(hints.authors, (*map(unescape, entry.authors), letter.sender_name))
        and _stands(hints.subject, (letter.subject,))
    )


def _stands(words: Iterable[str], texts: Iterable[str]) -> bool:
    wanted, said = [fold(word) for word in words], [fold(text) for text in texts]
    return not wanted or any(word in text for word in wanted for text in said)


def _asks(hints: MailboxHints) -> tuple[bool, int, bool]:
    exact = any(not sender.startswith("@") for sender in hints.senders)
    return bool(hints.senders), bool(hints.authors) + bool(hints.subject) + bool(hints.lists), exact
