"""Signatures, statements and reasons as JSON in rows, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from db.rows import as_json
from db.types import Signature, Statement, Why

_DIGITS = 4  # of a word's weight: enough to compare, short to store


def signature_to_json(signature: Signature) -> str:
    values = {name: value for name, value in asdict(signature).items() if value}
    values["words"] = {word: round(weight, _DIGITS) for word, weight in signature.words.items()}
    return as_json(values)


def signature_from_json(text: str) -> Signature:
    values = json.loads(text)
    lists = ("keys", "entities", "events", "figures", "dates", "regions")
    return Signature(
        language=values.get("language", ""),
        words=values.get("words", {}),
        **{name: tuple(values.get(name, ())) for name in lists},
    )


def statements_to_json(statements: Sequence[Statement]) -> str:
    return as_json([asdict(statement) for statement in statements])


def statements_from_json(text: str) -> tuple[Statement, ...]:
    return tuple(Statement(**values) for values in json.loads(text))


def why_to_json(why: Sequence[Why]) -> str:
    """As `masthead thread` tells it: [{"kind", "with", "weight"}]."""
    return as_json([{"kind": one.kind, "with": one.with_article, "weight": round(one.weight, 3)} for one in why])
