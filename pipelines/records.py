"""What a register says of a document, as labelled lines below its text, and what those lines say for certain: days and
what they are for, how far along it is, what sort of event. Pure; the words are data: records.toml.

As lines they are quoted, searched and read again like any sentence; prose is not asked for what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from db.text import fold
from db.tomlfile import read_toml
from db.types import DatedFact, Event, Evidence, Modality, Record, Statement, Tags

Part = Literal["number", "type", "effective", "comments_close", "agencies", "docket"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
_LABELS: Final = {
    "en": ("Document number: ", "Document type: ", "Effective: ", "Comments close: ", "Agencies: ", "Docket: "),
    "zh": ("文号：", "文件类型：", "生效日期：", "意见征集截止：", "发布机构：", "案卷号："),
}
_LINE: Final = re.compile(
    "|".join(
        f"(?P<{part}_{language}>{re.escape(label)})"
        for language, labels in _LABELS.items()
        for part, label in zip(PARTS, labels, strict=True)
    )
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ROLES: Final[dict[str, Literal["effective", "deadline"]]] = {"effective": "effective", "comments_close": "deadline"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line below a text: what it tells, the value, and where that and the line stand."""

    part: str
    value: str
    start: int
    end: int
    line: str
    line_start: int


def lines_of(record: Record, language: str) -> list[str]:
    """The record as lines for people."""
    told = (
        record.number, record.type, record.effective, record.comments_close, "; ".join(record.agencies), record.docket,
    )  # fmt: skip
    labels = _LABELS["zh" if language.startswith("zh") else "en"]
    return [label + value for label, value in zip(labels, told, strict=True) if value]


def speakers_of(agencies: Sequence[str]) -> tuple[str, ...]:
    """Ids of the authorities that are known by these names."""
    known: dict[str, str] = _rules()["agencies"]
    return tuple(dict.fromkeys(known[name] for name in (fold(one).strip() for one in agencies) if name in known))


def labelled(text: str) -> list[Labelled]:
    """The labelled lines at the end of a text, in their order."""
    found: list[Labelled] = []
    end = len(text)
    while end > 0 and len(found) < len(PARTS):
        start = text.rfind("\n", 0, end) + 1
        label = _LINE.match(text, start, end)
        if label is None:
            break
        part = str(label.lastgroup).rpartition("_")[0]
        found.append(Labelled(part, text[label.end() : end], label.end(), end, text[start:end], start))
        end = start - 1
    return found[::-1]


def told_by_record(tags: Tags, text: str, *, official: bool) -> Tags:
    """The tags with what the lines below the text say for certain. `official`: an authority publishes it itself."""
    lines = labelled(text)
    if not lines:
        return tags
    type_line = next((one for one in lines if one.part == "type"), None)
    rule = _type_rule(type_line.value) if type_line else None
    events = tags.events
    if not events and rule and type_line and tags.relevance:
        where = Evidence(
            field="text", start=type_line.start, end=type_line.end, rule="record-type", quote=type_line.line,
            quote_start=type_line.line_start,
        )  # fmt: skip
        attribution: Literal["official", "reported"] = "official" if official else "reported"
        events = (Event(type=rule[1], score=1.0, evidence=(where,), attribution=attribution),)
    dates = tuple(
        DatedFact(date=one.value, role=_ROLES[one.part], field="text", start=one.start, end=one.end)
        for one in lines
        if one.part in _ROLES and _DAY.fullmatch(one.value)
    )
    effective = next((one.date for one in dates if one.role == "effective"), None)
    return replace(
        tags,
        events=tuple(
            replace(
                event,
                modality=rule[0] if rule else event.modality,
                effective_date=effective or event.effective_date,
                dates=(*dates, *(old for old in event.dates if (old.field, old.start) not in _places(dates))),
            )
            for event in events
        ),
    )


def stated_by_record(text: str) -> Iterator[Statement]:
    """Days and how far along, as the lines state them; of no act in particular."""
    for one in labelled(text):
        place = {"field": "text", "start": one.start, "end": one.end, "quote": one.line}
        if one.part in _ROLES and _DAY.fullmatch(one.value):
            yield Statement(action="", slot="date", value=one.value, **place)  # type: ignore[arg-type]  # as above
        elif one.part == "type" and (rule := _type_rule(one.value)):
            yield Statement(action="", slot="modality", value=rule[0], **place)  # type: ignore[arg-type]  # as above


def _places(dates: Sequence[DatedFact]) -> set[tuple[str, int]]:
    return {(one.field, one.start) for one in dates}


def _type_rule(name: str) -> tuple[Modality, str] | None:
    folded = fold(name)
    for rule in _rules()["type"]:
        if any(word in folded for word in rule["words"]):
            return rule["modality"], rule["event"]
    return None


@cache
def _rules() -> dict[str, Any]:
    return dict(read_toml(Path(__file__).with_name("records.toml")).data)
