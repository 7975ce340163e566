"""What `masthead doctor` says of the mailbox: whether it opens, what its host signs, what became of the mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from crawler.mailin.box import Box
from crawler.mailin.letter import Letter, read_letter
from crawler.mailin.match import listed_senders
from crawler.mailin.proof import authserv_ids, is_listed
from db import mailbox
from db.backup import private_path
from db.errors import CODES, DataFileError, FetchError, ParseError, StoreError
from db.integrity import Finding
from db.private import Private
from db.types import Source
from scheduler.config import Config
from scheduler.mailin import PASSWORD, box_id, open_box

_LOOKED_AT = 20  # the newest mails tell how the host signs
_GUIDE = "docs/mailbox.md"


def check_mailbox(config: Config, sources: Sequence[Source]) -> Iterator[Finding]:
    """`sources`: the enabled ones that come by mail. Opens the mailbox and reads headers; changes nothing."""
    if not config.mailbox.is_set:
        yield Finding("mailbox", "ok", f"not set up; newsletters and LinkedIn come by mail: {_GUIDE}")
        return
    try:
        with open_box(config) as box:
            letters = list(_newest(box))
            count = len(box.uids(0))
            mails = "1 mail" if count == 1 else f"{count} mails"
            found = f"it opens; {mails} in {config.mailbox.files or config.mailbox.folder}"
    except (FetchError, DataFileError) as error:
        todo = f"set {PASSWORD}" if isinstance(error, DataFileError) else CODES[error.code].do_en
        yield Finding("mailbox", "problem", str(error), todo)
        return
    yield Finding("mailbox", "ok", found + _became(config))
    senders = listed_senders(sources, config.mailbox.senders)
    if not letters:
        yield Finding(
            "mailbox", "warning", "the folder is empty", f"subscribe, and let a filter move mails here: {_GUIDE}"
        )
        return
    yield _proof(config, letters)
    if not any(is_listed(letter.sender, senders) for letter in letters):
        todo = "add their senders to `senders` of [mailbox], or to a source"
        yield Finding("mailbox", "warning", "none of the newest mails comes from a sender on the list", todo)


def _newest(box: Box) -> Iterator[Letter]:
    for head in box.heads(list(box.uids(0))[-_LOOKED_AT:]):
        try:
            yield read_letter(head.headers)
        except ParseError:
            continue


def _proof(config: Config, letters: Sequence[Letter]) -> Finding:
    """Whether the mail host's word on senders is found where the configuration looks for it."""
    signed = Counter(ids[0] for letter in letters if (ids := authserv_ids(letter.results)))
    if not config.mailbox.verify:
        return Finding(
            "senders", "warning", "they are not verified (verify = false)", "whoever knows the address may write"
        )
    if config.mailbox.authserv_id.lower() in signed:
        return Finding("senders", "ok", f"verified by {config.mailbox.authserv_id}")
    if signed:
        name = signed.most_common(1)[0][0]
        found = f"authserv_id is {config.mailbox.authserv_id!r}, but the newest mails are signed by {name!r}"
        return Finding("senders", "problem", found, f'if that is your mail host: authserv_id = "{name}" in [mailbox]')
    found = "your mail host writes no Authentication-Results, so that no sender can be verified"
    return Finding("senders", "problem", found, f"use another mail host, or verify = false: {_GUIDE}")


def _became(config: Config) -> str:
    """What became of the mails so far, as the end of a sentence."""
    if not private_path(config.db).exists():
        return ""
    try:
        with Private.open(config.db) as private, private.reading() as connection:
            told = _told(mailbox.counts(connection, box_id(config)))
    except StoreError:
        return ""  # the archive's own findings tell
    return f"; {told}" if told else ""


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {code or 'taken'}" for code, count in counts.items())
