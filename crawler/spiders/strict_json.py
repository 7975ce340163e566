"""JSON from strangers: the standard and nothing beyond it. Numbers stay text, so that no size of them matters."""

from __future__ import annotations

import json
import re
from itertools import islice

from crawler.blocked import blocked
from crawler.found import Answer
from crawler.spiders.markup import read_text
from db.errors import ParseError

_MAX_TOKENS = 600_000  # names, values and brackets, at some fifty bytes each; the largest real answers have a tenth
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{,]', re.DOTALL)


def read_json(answer: Answer, wrong: str = "not_json") -> tuple[object, tuple[str, ...]]:
    """The value (dict, list, str, bool or None; numbers as str) and the flags of decoding.

    A doubled key counts as its last value. Raises ParseError: empty_body, too_deep, too_large, `wrong` for what is not
    JSON (NaN and Infinity are not), or what `blocked` says of a page that came instead.
    """
    text, flags = read_text(answer, "json")
    if next(islice(_TOKEN.finditer(text), _MAX_TOKENS, None), None):
        raise ParseError("too_large", f"more than {_MAX_TOKENS:,} values and names in one document", about=answer.url)
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except RecursionError as error:
        raise ParseError("too_deep", "the JSON is nested too deeply", about=answer.url) from error
    except ValueError as error:
        raise ParseError(blocked(answer) or wrong, f"not valid JSON: {error}", about=answer.url) from error
    return value, flags


def at_path(value: object, path: str) -> object:
    """What lies at a dotted path ("data.list", "authors.0.name"; "" is the value itself), or None."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def as_text(value: object) -> str:
    """Text as it is, lists of texts joined by commas, everything else as ""."""
    if isinstance(value, list):
        return ", ".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
