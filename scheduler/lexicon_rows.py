"""What the archive is told of the lexicon: names of entities for search and desk, rules for whoever reads evidence."""

from __future__ import annotations

from collections import Counter

from db.store import Store
from db.types import RuleRow
from pipelines.lexicon import Lexicon
from pipelines.scoring import rule_hits
from scheduler.eval_sections import labelled_articles, tagged

EntityRow = tuple[str, str, str, str, str, list[str]]


def entity_rows(lexicon: Lexicon) -> list[EntityRow]:
    """(id, name_en, name_zh, kind, parent, names that mean the same) of every entity."""
    same = {table.id: table.same for table in lexicon.entities if table.same}
    return [
        (id_, one.en, one.zh, one.kind, one.parent, list(same.get(id_, (one.en, one.zh))))
        for id_, one in lexicon.known.items()
    ]


def rule_rows(lexicon: Lexicon) -> list[RuleRow]:
    """The rules that find events, with how often each was right on the shipped quality sets. Takes a second."""
    right, wrong = Counter[str](), Counter[str]()
    for items in labelled_articles():
        for rule, (good, bad) in rule_hits(items, tagged(items, lexicon)).items():
            right[rule] += good
            wrong[rule] += bad
    own = {str(path): path.name for path in lexicon.own}
    return [
        RuleRow(
            id=rule.id, target=rule.target, weight=rule.weight, pattern=rule.pattern.source,
            file=own.get(rule.file, ""), right=right[rule.id], wrong=wrong[rule.id],
        )
        for rule in lexicon.rules
        if rule.kind == "event"
    ]  # fmt: skip


def tell(store: Store, lexicon: Lexicon) -> None:
    """Bring the archive's tables of entities and rules up to a lexicon."""
    store.sync_entities(entity_rows(lexicon))
    if store.rules_version() != lexicon.version:
        store.sync_rules(rule_rows(lexicon), lexicon.version)
