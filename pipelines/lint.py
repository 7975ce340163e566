"""What a lexicon says in vain or too loosely: remarks for its writers, each with a rule's or term's own words.

Only remarks; what can not be read at all is refused by `pipelines.lexicon` when it loads.

    python -m pipelines.lint [FOLDER...]      the shipped lexicon, and own folders on top of it
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from db.errors import DataFileError
from db.text import is_han
from db.vocabulary import EVENT_TYPES
from pipelines.lexicon import STRONG, Lexicon, Rule, load_lexicon
from pipelines.tag import tag

SHORT_LATIN = 3  # letters: shorter names are other words too, unless their spelling is asked for
_NO_SIGNS = "?*[]{}^\\"  # signs of regular expressions, which mean themselves here


@dataclass(frozen=True, slots=True)
class Remark:
    """`code`: duplicate, shadowed, short_strong, short_name, foreign_sign, no_name, no_example, example, idle; `what`:
    the words; `place`: file:line, "" where nothing is written that could be mended."""

    code: str
    what: str
    message: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place + ': ' if self.place else ''}{self.what}: {self.message}"


def lint(lexicon: Lexicon) -> list[Remark]:
    """All remarks on a loaded lexicon, in a stable order; empty for a clean one."""
    found = [
        *_signs(lexicon), *_repeated(lexicon), *_short(lexicon), *_names(lexicon), *_unused(lexicon),
        *_examples(lexicon),
        *(Remark("idle", name, "no shipped rule has this id; nothing is switched off") for name in lexicon.idle),
    ]  # fmt: skip
    return [replace(remark, place=_place(lexicon, remark.what)) for remark in found]


def _place(lexicon: Lexicon, what: str) -> str:
    """Where the words are written, the team's own files first."""
    for path in sorted(lexicon.files, key=lambda path: path not in lexicon.own):
        for number, line in enumerate(lexicon.files[path].splitlines(), 1):
            if f'"{what}"' in line or f"'{what}'" in line:
                return f"{path}:{number}"
    return ""


def _examples(lexicon: Lexicon) -> Iterator[Remark]:
    """What must match and does not, or the other way round."""
    for event, text, wanted in lexicon.examples:
        if (event in {found.type for found in tag(text, "", lexicon).events}) != wanted:
            yield Remark(
                "example", text, f"is {'not ' if wanted else ''}read as {event}, and must {'' if wanted else 'not '}be"
            )


def _signs(lexicon: Lexicon) -> Iterator[Remark]:
    for rule in lexicon.rules:
        found = sorted(set(_NO_SIGNS) & set(rule.pattern.source))
        if found and rule.kind != "axis":  # a question mark may stand in a headline that only asks
            yield Remark("foreign_sign", rule.pattern.source, f"{' '.join(found)} has no meaning in patterns")


def _repeated(lexicon: Lexicon) -> Iterator[Remark]:
    """The same words twice for one target, or in a cue of one word list whose every term a stronger cue already has."""
    weights: dict[tuple[str, str, tuple[str, ...]], dict[str, float]] = defaultdict(dict)
    groups: dict[tuple[object, ...], list[Rule]] = defaultdict(list)
    for rule in lexicon.rules:
        groups[rule.kind, rule.target, rule.pattern.groups, rule.near, rule.types].append(rule)
        if rule.kind == "event" and rule.pattern.is_single:
            for text in rule.pattern.groups[0][0]:
                known = weights[rule.target, "", rule.near]
                known[text] = max(known.get(text, 0.0), rule.weight)
    for same in groups.values():
        for rule in same[1:]:
            yield Remark(
                "duplicate", rule.pattern.source, f"says the same for {rule.target} as {same[0].pattern.source!r}"
            )
    for rule in lexicon.rules:
        if rule.kind == "event" and rule.pattern.is_single and rule.weight < STRONG:
            known = weights[rule.target, "", rule.near]
            if all(known[text] > rule.weight for text in rule.pattern.groups[0][0]):
                yield Remark("shadowed", rule.pattern.source, f"all its words are strong cues of {rule.target} already")


def _short(lexicon: Lexicon) -> Iterator[Remark]:
    for rule in lexicon.rules:
        if rule.kind == "event" and rule.weight == STRONG and rule.pattern.is_single:
            for text in rule.pattern.groups[0][0]:
                if len(text) == 1 and is_han(text):
                    yield Remark("short_strong", rule.pattern.source, f"{text!r}: one character is too little")


def _names(lexicon: Lexicon) -> Iterator[Remark]:
    for term in lexicon.terms:
        if not term.entities or not term.any_case or not term.text.isascii() or len(term.text) > SHORT_LATIN:
            continue
        loose = [i for i in term.entities if not lexicon.needs[i]]
        if loose and not term.exact:
            entity = lexicon.entities[loose[0]].id
            yield Remark("short_name", term.text, f"a short name of {entity} in any case: write it under exact")


def _unused(lexicon: Lexicon) -> Iterator[Remark]:
    named = {table.id for table in lexicon.entities}
    for entity in lexicon.known:
        if entity not in named:
            yield Remark("no_name", entity, "nothing names this entity")
    shown = {(event, wanted) for event, _, wanted in lexicon.examples}
    for event in EVENT_TYPES:
        for wanted in (True, False):
            if (event, wanted) not in shown:
                yield Remark("no_example", event, f"no example of what must {'' if wanted else 'not '}match")


def main(folders: Sequence[str]) -> int:
    """Print all remarks; 1 if there are any, 4 if a file is refused."""
    try:
        remarks = lint(load_lexicon(own=[Path(folder) for folder in folders]))
    except DataFileError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for remark in remarks:
        print(remark, file=sys.stderr)
    return 1 if remarks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
