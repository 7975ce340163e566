"""How good tags are against labels: the same figures, by the same definitions, as the evaluation script of the gold.

Pure. A figure is a row of numbers: precision, recall and F1 (p, r, f1) or accuracy or a share, and n, what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from db.types import Mention, Tags
from db.vocabulary import EVENT_TYPES
from pipelines.quality_sets import Denial, Labelled

Row = dict[str, float]
Figures = dict[str, Row]
LANGUAGES = ("all", "en", "zh")
AXES = ("attribution", "polarity", "modality")
_Pair = tuple[AbstractSet[object], AbstractSet[object]]


def score(items: Sequence[Labelled], answers: Mapping[str, Tags]) -> Figures:
    """`answers`: tags by the id of the item."""
    labelled = {entity for item in items for entity in item.entities}  # the tagger may know more than is labelled
    figures: Figures = {}
    for lang in LANGUAGES:
        asked = [(item, answers[item.id]) for item in items if lang in ("all", item.lang)]
        if asked:
            figures |= _of_language(lang, asked, labelled)
    figures["spans"] = {"broken": sum(broken_spans(item, answers[item.id]) for item in items)}
    return figures


def _of_language(lang: str, asked: Sequence[tuple[Labelled, Tags]], labelled: set[str]) -> Figures:
    figures: Figures = {
        f"entities.{lang}": sets(
            [({m.entity for m in tags.mentions} & labelled, set(i.entities)) for i, tags in asked]
        ),
        f"events.{lang}": sets([(types(tags), set(item.events)) for item, tags in asked]),
    }
    per_type = {
        name: sets([({name} & types(tags), {name} & set(item.events)) for item, tags in asked])
        for name in sorted({t for item, tags in asked for t in (*item.events, *types(tags))})
    }
    if lang == "all":
        figures |= {f"type.{name}": row for name, row in per_type.items()}
    macro = sum(row["f1"] for row in per_type.values()) / max(1, len(per_type))
    figures[f"events_macro.{lang}"] = {"f1": macro, "n": len(per_type)}
    figures[f"signal.{lang}"] = sets([(_if(tags.relevance == 2), _if(item.relevance == 2)) for item, tags in asked])
    noise = [tags for item, tags in asked if item.relevance == 0]
    dropped = sum(tags.relevance == 0 for tags in noise)
    figures[f"noise_dropped.{lang}"] = {"share": dropped / max(1, len(noise)), "n": len(noise)}
    return figures | _axes(lang, asked) | _denied(lang, asked)


def _axes(lang: str, asked: Sequence[tuple[Labelled, Tags]]) -> Figures:
    """Of the items whose main event was found."""
    both = [(item, tags) for item, tags in asked if item.events and item.events[0] in types(tags)]
    rows = {}
    for axis in AXES:
        right = sum(
            getattr(next(e for e in tags.events if e.type == item.events[0]), axis) == getattr(item, axis)
            for item, tags in both
        )
        told = sum(bool(item.events) for item, _ in asked)
        rows[f"{axis}.{lang}"] = {"accuracy": right / max(1, len(both)), "n": len(both), "of": told}
    return rows


def _denied(lang: str, asked: Sequence[tuple[Labelled, Tags]]) -> Figures:
    told = [(item, tags) for item, tags in asked if item.events]
    denied = [(item, tags) for item, tags in told if item.polarity == "denied"]
    return {
        f"denied.{lang}": sets([(_if(_says(i, t, "denied")), _if(i.polarity == "denied")) for i, t in told]),
        f"denial_read_as_confirmed.{lang}": {
            "count": sum(_says(item, tags, "asserted") for item, tags in denied), "n": len(denied),
        },
    }  # fmt: skip


def score_denials(asked: Sequence[tuple[Denial, Tags]]) -> Figures:
    """Of sentences that deny an event or only look so: denials found, and those read as confirmations."""
    figures: Figures = {}
    for lang in LANGUAGES:
        rows = [(one, _polarity(one.type, tags)) for one, tags in asked if lang in ("all", one.lang)]
        figures[f"denied.{lang}"] = sets([(_if(said == "denied"), _if(one.denied)) for one, said in rows])
        wrong = sum(one.denied and said == "asserted" for one, said in rows)
        figures[f"denial_read_as_confirmed.{lang}"] = {"count": wrong, "n": sum(one.denied for one, _ in rows)}
    return figures


def confusions(items: Sequence[Labelled], answers: Mapping[str, Tags]) -> list[tuple[str, str, int]]:
    """(what readers say, what was said instead, how often), most frequent first; "" for nothing."""
    found: Counter[tuple[str, str]] = Counter()
    for item in items:
        said, wanted = types(answers[item.id]), set(item.events)
        extra = sorted(said - wanted) or [""]
        found.update((name, extra[0]) for name in wanted - said)
        if not wanted - said:
            found.update(("", name) for name in said - wanted)
    return [(wanted, said, n) for (wanted, said), n in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]


def rule_hits(items: Sequence[Labelled], answers: Mapping[str, Tags]) -> dict[str, tuple[int, int]]:
    """Of each rule that is evidence of an event: in how many items the readers saw that event, and did not."""
    hits: dict[str, tuple[int, int]] = {}
    for item in items:
        for event in answers[item.id].events:
            for rule in {evidence.rule for evidence in event.evidence}:
                right, wrong = hits.get(rule, (0, 0))
                good = event.type in item.events
                hits[rule] = (right + good, wrong + (not good))
    return hits


def broken_spans(item: Labelled, tags: Tags) -> int:
    """Names that do not stand where they are said to, and evidence that is empty or outside its field."""
    fields = {"title": item.title, "text": item.text}

    def misplaced(mention: Mention) -> bool:
        return fields[mention.field][mention.start : mention.end] != mention.surface or mention.start < 0

    broken = sum(map(misplaced, tags.mentions))
    for event in tags.events:
        broken += not event.evidence
        broken += sum(not (0 <= e.start < e.end <= len(fields[e.field]) and e.rule) for e in event.evidence)
    return broken


def sets(pairs: Sequence[_Pair]) -> Row:
    """Micro precision, recall and F1 of (said, wanted) pairs; where nothing was wanted nor said, all is well."""
    hit = sum(len(said & wanted) for said, wanted in pairs)
    said_n, wanted_n = sum(len(said) for said, _ in pairs), sum(len(wanted) for _, wanted in pairs)
    precision = hit / said_n if said_n else float(not wanted_n)
    recall = hit / wanted_n if wanted_n else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"p": precision, "r": recall, "f1": f1, "n": wanted_n}


def types(tags: Tags) -> set[str]:
    """Of the events, in the taxonomy."""
    return {event.type for event in tags.events if event.type in EVENT_TYPES}


def _says(item: Labelled, tags: Tags, polarity: str) -> bool:
    return any(event.type in item.events and event.polarity == polarity for event in tags.events)


def _polarity(event: str, tags: Tags) -> str:
    return next((e.polarity for e in tags.events if e.type == event), "")


def _if(yes: bool) -> set[object]:
    return {1} if yes else set()
