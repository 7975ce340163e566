"""Signatures, statements and reasons as JSON in rows, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from db.rows import as_json
from db.types import Signature, Statement, Why

_FIELDS = [field.name for field in fields(Statement)]
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
    """{"fields", "rows", "quotes"}: many statements share a sentence, which is written once; a row names its place."""
    quotes = list(dict.fromkeys(statement.quote for statement in statements))
    places = {quote: place for place, quote in enumerate(quotes)}
    rows = [[places[one.quote] if name == "quote" else getattr(one, name) for name in _FIELDS] for one in statements]
    return as_json({"fields": _FIELDS, "rows": rows, "quotes": quotes}) if rows else "{}"


def statements_from_json(text: str) -> tuple[Statement, ...]:
    stored = json.loads(text)
    if not stored:
        return ()
    found = (dict(zip(stored["fields"], row, strict=True)) for row in stored["rows"])
    return tuple(Statement(**{**values, "quote": stored["quotes"][values["quote"]]}) for values in found)


def why_to_json(why: Sequence[Why]) -> str:
    """As `masthead thread` tells it: [{"kind", "with", "weight"}]."""
    return as_json([{"kind": one.kind, "with": one.with_article, "weight": round(one.weight, 3)} for one in why])
