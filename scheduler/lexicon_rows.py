"""What the archive is told of the lexicon: names of entities for search and desk, rules for whoever reads evidence."""

from __future__ import annotations

from pipelines.lexicon import Lexicon

EntityRow = tuple[str, str, str, str, str, list[str]]


def entity_rows(lexicon: Lexicon) -> list[EntityRow]:
    """(id, name_en, name_zh, kind, parent, names that mean the same) of every entity."""
    same = {table.id: table.same for table in lexicon.entities if table.same}
    return [
        (id_, one.en, one.zh, one.kind, one.parent, list(same.get(id_, (one.en, one.zh))))
        for id_, one in lexicon.known.items()
    ]
