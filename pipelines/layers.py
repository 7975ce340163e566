"""The files of a lexicon in their order: the shipped ones, then a team's own, and what the own ones change in them.

Reads files and what they declare about each other; compiles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from db.errors import DataFileError
from db.tomlfile import TomlFile, read_toml
from db.vocabulary import ENTITIES, Entity
from pipelines.learned import FILE

SHIPPED = Path(__file__).with_name("lexicon")


@dataclass(frozen=True, slots=True)
class Layers:
    """`known`: every entity by id, declared ones included; `replaced`: (table, id) whose shipped tables fall away;
    `off`: ids of shipped rules that fall away."""

    shipped: tuple[TomlFile, ...]
    own: tuple[TomlFile, ...]
    known: Mapping[str, Entity]
    replaced: frozenset[tuple[str, str]]
    off: frozenset[str]
    version: str

    @property
    def files(self) -> tuple[TomlFile, ...]:
        return (*self.shipped, *self.own)

    def stays(self, table: str, block: Any) -> bool:
        """Whether a table of a shipped file still counts."""
        return not (isinstance(block, dict) and (table, str(block.get("id"))) in self.replaced)


def own_files(folders: Sequence[Path]) -> list[Path]:
    """The files of a team's folders, in the order in which they are read."""
    return [path for folder in folders for path in sorted(folder.glob("*.toml"))]


def read_layers(folder: Path, own: Sequence[Path]) -> Layers:
    """Every ``*.toml`` of `folder`, and of the folders `own`. DataFileError when one can not be read."""
    shipped = tuple(read_toml(path) for path in sorted(folder.glob("*.toml")))
    if not shipped:
        raise DataFileError("there is no *.toml in this folder", file=str(folder))
    mine = tuple(read_toml(path) for path in own_files(own))
    blocks = list(_blocks(mine))
    off = (name for table, block in blocks if table == "off" for name in _texts(block.get("rules")))
    return Layers(
        shipped=shipped,
        own=mine,
        known={**ENTITIES, **_declared(_blocks((*shipped, *mine)))},
        replaced=frozenset(
            (table, block["id"]) for table, block in blocks if block.get("replaces") is True and table != "off"
        ),
        off=frozenset(off),
        version=_version(folder, shipped, mine),
    )


def _blocks(files: Sequence[TomlFile]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tables that look like tables; what does not is refused when it is compiled."""
    for file in files:
        for table, blocks in file.data.items():
            for block in blocks if isinstance(blocks, list) else ():
                if isinstance(block, dict) and (isinstance(block.get("id"), str) or table == "off"):
                    yield table, block


def _declared(blocks: Iterator[tuple[str, dict[str, Any]]]) -> dict[str, Entity]:
    return {
        block["id"]: Entity(
            str(block.get("en", "")),
            str(block.get("zh") or block.get("en", "")),
            block["kind"],
            str(block.get("parent", "")),
        )
        for table, block in blocks
        if table == "entity" and "kind" in block and block["id"] not in ENTITIES
    }


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _version(folder: Path, shipped: Sequence[TomlFile], own: Sequence[TomlFile]) -> str:
    """Follows the content alone, so that a copy of the own files elsewhere is the same lexicon."""
    digest = blake2b(digest_size=6)
    for file in shipped:
        digest.update(file.path.name.encode() + b"\0" + file.text.encode() + b"\0")
    weights = folder / FILE
    if weights.exists():
        digest.update(weights.read_bytes())
    for file in own:
        digest.update(b"\0own\0" + file.text.encode() + b"\0")
    return digest.hexdigest()
