"""The team's own lexicon files: checked before they count, the last good ones kept in a folder beside the archive.

A crawl tags with the copy, so that every worker reads the same words and an edit under way never stops a morning's
crawl. Commands that a person runs on the lexicon (retag, tag, doctor) read the files themselves and refuse bad ones.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from db.errors import DataFileError, StoreError
from pipelines.layers import own_files
from pipelines.lexicon import Lexicon, load_lexicon
from scheduler.config import Config


@dataclass(frozen=True, slots=True)
class InForce:
    """`folders`: what workers load on top of the shipped lexicon; `trouble`: why it is not the team's newest."""

    folders: tuple[Path, ...] = ()
    trouble: DataFileError | None = None

    @property
    def warning(self) -> str:
        """What to tell a person, "" when all is well."""
        if self.trouble is None:
            return ""
        instead = "the last good copy of your files" if self.folders else "the shipped lexicon alone"
        return f"the lexicon was not taken over, {instead} stays in force: {self.trouble}"


def kept_folder(db: Path) -> Path:
    """Where the last good copy of the own files lies."""
    return db.with_name(f"{db.stem}.lexicon")


def copies(config: Config) -> tuple[Path, ...]:
    """What the last crawl took over, for whoever tags between two crawls; nothing where there is none."""
    kept = kept_folder(config.db)
    return _folders(kept) if kept.is_dir() else ()


def settle(config: Config) -> InForce:
    """Check the own files and take them over, or stay with the last good ones. StoreError when no copy can be written.

    A bad file is never an error here: it is the `trouble` of what stays in force.
    """
    kept = kept_folder(config.db)
    if not own_files(config.lexicon_folders):
        if kept.is_dir():
            shutil.rmtree(kept, ignore_errors=True)
        return InForce()
    try:
        lexicon = load_lexicon(own=config.lexicon_folders)
    except DataFileError as error:
        return InForce(_folders(kept) if _is_good(kept) else (), error)
    _keep(lexicon, config.lexicon_folders, kept)
    return InForce(_folders(kept))


def _folders(kept: Path) -> tuple[Path, ...]:
    """One for each of the team's folders, in their order."""
    return tuple(sorted(kept.iterdir()))


def why_refused(config: Config) -> str:
    """Why the own files would not be taken over by a crawl, "" when they would. Changes nothing."""
    if not own_files(config.lexicon_folders):
        return ""
    try:
        load_lexicon(own=config.lexicon_folders)
    except DataFileError as error:
        return f"Your lexicon is refused, so that crawls go on with its last good copy: {error}"
    return ""


def _is_good(kept: Path) -> bool:
    """Whether there is a copy, and this version of Masthead still understands it."""
    try:
        return kept.is_dir() and bool(load_lexicon(own=_folders(kept)).own)
    except DataFileError:
        return False


def _keep(lexicon: Lexicon, folders: tuple[Path, ...], kept: Path) -> None:
    """Write the copy beside its place and move it there: no reader meets half of it."""
    wanted = {
        f"{number:03}/{path.name}": lexicon.files[path]
        for number, folder in enumerate(folders)
        for path in own_files([folder])
        if path in lexicon.files
    }
    try:
        here = own_files(_folders(kept)) if kept.is_dir() else []
        if {f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in here} == wanted:
            return
        fresh = kept.with_name(f"{kept.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for name, text in wanted.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_text(text, encoding="utf-8")
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    except OSError as error:
        message = f"the copy of the lexicon can not be written: {error.strerror}"
        raise StoreError("store_readonly", message, about=str(kept)) from error
