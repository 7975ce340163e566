"""Stored codes read as phrases: what a claim says in a slot, a step of the impact, why an article is in its story.

Plain text; who makes markup of it escapes it. Pure but for the reader's language.
"""

from __future__ import annotations

import re
from typing import Any

from db.desk.naming import clip, label, listed
from db.desk.words import VALUES, say

_ORIGINS = re.compile(r"(\d{1,4}) independent origins")
_STEP = re.compile(r"([a-z]+): (.{1,60}?)((?: \([+-]\d\))?)")


def value_of(slot: Any, value: Any) -> str:
    """What a claim says in a slot, in the reader's words where they are known."""
    text = str(value)
    if slot == "amount":
        return clip(_amount(text), 80)
    what, _, part = text.partition("/")
    named = label({"party": "entity", "region": "regions"}.get(str(slot), str(slot)), what)
    if slot == "party" and named == what:
        named = what.replace("_", " ").title()
    if slot == "audience" and part == "some":
        named = say("some_of", name=named)
    elif part and slot != "audience":
        named = f"{named}/{part}"
    return clip(named, 80)


def _amount(text: str) -> str:
    """A figure as a claim holds it: number, unit, what it is of and how exact, such as ``20 USD:worth:~over``."""
    number, _, rest = text.partition(" ")
    unit, *marks = rest.split(":")
    try:
        figure = float(number)
    except ValueError:
        return text
    if unit == "hours" and figure >= 48 and figure % 24 == 0:
        figure, unit = figure / 24, "days"
    told = f"{figure:,.10g}"
    if unit in ("%", "pp"):
        told += "%" if unit == "%" else f" {label('unit', unit)}"
    elif not unit.startswith("count"):
        told += f" {label('unit', unit)}"
    for mark in ("over", "about"):
        if f"~{mark}" in marks:
            told = say(f"figure_{mark}", figure=told)
    return told


def impact_reason(text: Any) -> str:
    """A step of the impact, stored as ``key: value (+1)``, in the reader's words."""
    found = _STEP.fullmatch(str(text))
    if not found:
        return clip(str(text), 120)
    key, value, step = found.groups()
    column = {"event": "type", "audience": "audience"}.get(key, "part")
    named = label(column, value) if column != "part" or value in VALUES["part"] else value
    return f"{label('part', key)}{say('colon')}{named}{step}"


def reasons(value: Any) -> list[tuple[str, int]]:
    """Why an article stands in its story: what is shared, and with which article (0: none)."""
    made = []
    for one in listed(value):
        if not isinstance(one, dict):
            continue
        other = str(one.get("with_article", one.get("with", "")))
        number = int(other) if other.isascii() and other.isdecimal() and len(other) < 18 else 0
        made.append((label("why", one.get("kind", "")), number))
    return made[:6]


def move_reason(text: Any) -> str:
    """Why a story has its status, as the rules write it."""
    counted = _ORIGINS.fullmatch(str(text))
    return say("n_origins", n=counted[1]) if counted else label("move_reason", text)
