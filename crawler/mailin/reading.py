"""One pass over a folder: each mail is judged by its headers, read if it may be, and cut into entries.

Nothing is stored here and nothing logged: the caller keeps what comes out, batch by batch, with how far it got.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from crawler.mailin.box import Box, Head
from crawler.mailin.forward import Brought, brought
from crawler.mailin.items import entries_of
from crawler.mailin.letter import Letter, read_letter
from crawler.mailin.match import hints_of, listed_senders, source_for
from crawler.mailin.proof import is_listed, is_proven
from crawler.mailin.shapes import shapes
from db.dates import parse_date
from db.errors import FetchError, ParseError
from db.types import Entry, Source

log = logging.getLogger(__name__)

BATCH = 25  # mails between two commits
MAX_BYTES = 5 * 1024 * 1024  # a newsletter has a fiftieth of it; the rest of a larger mail is attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whose mails are taken. `senders`: further ones than those of `sources`. `clips_from`: colleagues whose mails are
    clips, or letters that they send on whole. `authserv_id`: how our mail host signs
    its Authentication-Results; `verify` False takes its silence for consent and marks the items."""

    sources: tuple[Source, ...]
    senders: tuple[str, ...] = ()
    clips_from: tuple[str, ...] = ()
    authserv_id: str = ""
    verify: bool = True
    max_bytes: int = MAX_BYTES

    @property
    def fingerprint(self) -> str:
        """Changes with whatever may change the answer to a mail that was refused."""
        wants = [(source.id, asdict(hints_of(source)), source.expect.max_age_days) for source in self.sources]
        said = repr((wants, self.senders, self.clips_from, self.authserv_id, self.verify, self.max_bytes, shapes()))
        return sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail that was looked at. `code`: why nothing is taken from it; `known`: it was taken before.

    `source_ids`: whose it seems to be, where that can be told without trusting it. `whole`: one letter, no digest.
    """

    digest: str
    code: str = ""
    known: bool = False
    whole: bool = True
    items: tuple[tuple[Source, Entry], ...] = ()
    clip: Brought | None = None
    source_ids: tuple[str, ...] = field(default=())


#: Says which of these mails were taken before.
Taken = Callable[[Sequence[str]], Collection[str]]


def read_box(box: Box, terms: Terms, after: int, taken: Taken, now: datetime) -> Iterator[tuple[int, list[Mail]]]:
    """The mails above number `after`, in batches, ascending, each with its last number.

    Raises FetchError when the line breaks.
    """
    reader = _Reader(box, terms, listed_senders(terms.sources, (*terms.senders, *terms.clips_from)), now)
    numbers = box.uids(after)
    for uids in (numbers[first : first + BATCH] for first in range(0, len(numbers), BATCH)):
        heads = box.heads(uids)
        digests = [sha256(head.headers).hexdigest() for head in heads]
        known = taken(digests)
        yield (
            uids[-1],
            [
                Mail(digest=digest, known=True) if digest in known else reader.read(head, digest)
                for head, digest in zip(heads, digests, strict=True)
            ],
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    box: Box
    terms: Terms
    senders: tuple[str, ...]
    now: datetime

    def read(self, head: Head, digest: str) -> Mail:
        mail = Mail(digest=digest)
        try:
            letter = read_letter(head.headers)
            theirs = tuple(one for one in self.terms.sources if is_listed(letter.sender, hints_of(one).senders))
            mail = replace(mail, source_ids=tuple(source.id for source in theirs))
            if code := self._refusal(head, letter, theirs):
                return replace(mail, code=code)
            return self._taken(mail, read_letter(self.box.body(head.uid, self.terms.max_bytes)))
        except FetchError:  # the line broke
            raise
        except ParseError as error:
            return replace(mail, code=error.code)
        except Exception as error:  # noqa: BLE001 (an edge, as a source's visit: one mail must not hold up all others)
            log.error(
                "mail %s: our own code failed: %s", digest[:12], type(error).__name__
            )  # no trace: it may name people
            return replace(mail, code="mail_unread")

    def _refusal(self, head: Head, letter: Letter, theirs: Sequence[Source]) -> str:
        """Why a mail is not even fetched."""
        if not is_listed(letter.sender, self.senders):
            return "mail_stranger"
        if self.terms.verify and not is_proven(letter, self.terms.authserv_id):
            return "mail_forged"
        if head.size_bytes > self.terms.max_bytes:
            return "mail_too_large"
        sent_at = parse_date(letter.date, "UTC", self.now).at if letter.date else None
        longest = max((source.expect.max_age_days for source in theirs or self.terms.sources), default=0)
        return "too_old" if sent_at and sent_at < self.now - timedelta(days=longest) else ""

    def _taken(self, mail: Mail, letter: Letter) -> Mail:
        if is_listed(letter.sender, self.terms.clips_from):
            return self._sent_on(mail, letter)
        entries = entries_of(letter, self.now)
        if not self.terms.verify:
            entries = tuple(replace(entry, flags=(*entry.flags, "unverified_sender")) for entry in entries)
        found = [(source_for(entry, letter, self.terms.sources), entry) for entry in entries]
        items = tuple((source, entry) for source, entry in found if source is not None)
        code = "" if items else "mail_unmatched" if entries else "mail_unread"
        return replace(mail, code=code, items=items, whole=len(entries) == 1)

    def _sent_on(self, mail: Mail, letter: Letter) -> Mail:
        """A letter inside is read as if it had come by itself: a colleague vouches for it. All else is a clip."""
        for inner in letter.inner:
            found = self._taken(mail, replace(inner, inner=()))
            if found.items:
                return found
        clip = brought(letter)
        return replace(mail, clip=clip, code="" if clip and (clip.title or clip.quote) else "mail_unread")
