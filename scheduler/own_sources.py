"""The catalogue a crawl goes by: the good files, and of a refused one of the team's the last good copy.

A file that somebody is editing must not stop the crawl of the others. Commands that a person runs on the catalogue
(sources, doctor) read the files themselves and refuse bad ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from errno import ENOSPC
from pathlib import Path

from crawler.catalogue import check_catalogue, check_file
from db.errors import DataFileError, StoreError
from db.types import Source
from scheduler.config import Config


@dataclass(frozen=True, slots=True)
class InForce:
    """`sources` by id; `troubles`: what was refused, file by file."""

    sources: Mapping[str, Source]
    troubles: tuple[DataFileError, ...] = ()

    def warnings(self) -> list[str]:
        """What to tell a person: a line for each trouble."""
        instead = {True: "its last good copy stays in force", False: "it is left out"}
        return [f"{trouble}; {instead[Path(trouble.file).stem in self.sources]}" for trouble in self.troubles]

    def about(self, names: Sequence[str]) -> InForce:
        """What concerns these sources alone. Raises DataFileError for a named file without a good copy."""
        troubles = tuple(trouble for trouble in self.troubles if Path(trouble.file).stem in names)
        for trouble in troubles:
            if Path(trouble.file).stem not in self.sources:
                raise trouble
        return InForce(self.sources, troubles)


def kept_folder(db: Path) -> Path:
    """Where the last good copies of the team's own files lie."""
    return db.with_name(f"{db.stem}.sources")


def sources_in_force(config: Config, db: Path) -> InForce:
    """What is good now, and of refused files what was good when `keep` was last called for the archive `db`.

    Raises DataFileError for a folder that is not there.
    """
    good, problems = check_catalogue(config.catalogue_folders, builtin=config.catalogue_builtin)
    troubles = {problem.file: problem for problem in reversed(problems)}
    for file, problem in troubles.items():
        if not file.endswith(".toml"):
            raise problem
        source, _ = check_file(kept_folder(db) / Path(file).name)
        if source is not None:
            good[source.id] = source
    in_force = {source.id: as_switched(source, config) for source in good.values()}
    return InForce(dict(sorted(in_force.items())), tuple(reversed(troubles.values())))


def as_switched(source: Source, config: Config) -> Source:
    """Without a mailbox in the configuration, what comes by mail is off."""
    return source if source.access != "mailbox" or config.mailbox.is_set else replace(source, enabled=False)


def why_refused(config: Config) -> list[str]:
    """What a crawl would say of the files as they are, a line for each trouble. Changes nothing."""
    try:
        return sources_in_force(config, config.db).warnings()
    except DataFileError as error:
        return [str(error)]


def keep(config: Config, db: Path, now: InForce) -> None:
    """Copy the good files of the team; what is in the folder no more goes. StoreError when nothing can be written."""
    kept = kept_folder(db)
    own = {
        Path(source.file).name: Path(source.file)
        for source in now.sources.values()
        if Path(source.file).parent in config.catalogue_folders
    }
    refused = {Path(trouble.file).name for trouble in now.troubles}
    if not own and not kept.is_dir():
        return
    try:
        kept.mkdir(exist_ok=True)
        for old in kept.glob("*.toml"):
            if old.name not in own and old.name not in refused:
                old.unlink()
        for name, path in own.items():
            _copy(path, kept / name)
    except OSError as error:
        message = f"the copies of the sources can not be written: {error.strerror}"
        code = "store_full" if error.errno == ENOSPC else "store_readonly"
        raise StoreError(code, message, about=str(kept)) from error


def _copy(path: Path, target: Path) -> None:
    """Beside its place first: no reader meets half of it."""
    text = path.read_bytes()
    if not target.exists() or target.read_bytes() != text:
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(text)
        part.replace(target)
