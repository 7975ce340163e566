"""The sections of the quality card: each measures one thing and tells it in tables, or is None where its data is not.

A further section is one function in SECTIONS. Definitions of the figures: pipelines.scoring.
"""

from __future__ import annotations

import os
import platform
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.types import Tags
from pipelines.crossing import FOLDS, crossed
from pipelines.lexicon import Lexicon
from pipelines.quality_changes import score_changes, visits
from pipelines.quality_sets import Labelled, denials, gold, sentences
from pipelines.quality_stories import SETS as STORY_SETS
from pipelines.quality_stories import score_stories
from pipelines.scoring import AXES, LANGUAGES, Figures, Row, confusions, score, score_denials
from pipelines.tag import tag
from scheduler.demo.world import SampleArticle, World, build_world

GOLD_FILE = "dev.jsonl"
WORLD_LABELS = Path(__file__).parent / "demo" / "world" / "labels.toml"
_CONFUSIONS = 12  # rows
_OVERLAPPING = 3  # pieces of text begin in a third of each other


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`figures` are for programs, `tables` for people; `notes` are paragraphs before the tables."""

    name: str
    title: str
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to measure with. `gold`: the folder of labelled real news, None without it; `crossed`: also by
    weights that are fitted without the items they judge."""

    lexicon: Lexicon
    gold: Path | None = None
    crossed: bool = False


def own_sentences(material: Material) -> Section:
    """Our own labelled sentences, which come with Masthead."""
    items = sentences()
    notes = (
        f"{len(items)} headlines and leads of our own in both languages, labelled by the taxonomy before the tagger "
        "saw them (`pipelines/quality/sentences.toml`). No weight was fitted on them.",
    )
    return _tags("own", "Our own sentences", notes, items, material.lexicon)


def own_denials(material: Material) -> Section:
    """Denials and near-denials of our own."""
    asked = [(one, tag(one.text, "", material.lexicon, date="2024-08-08")) for one in denials()]
    figures = score_denials(asked)
    denied = sum(one.denied for one, _ in asked)
    notes = (
        f"{denied} sentences that deny an event and {len(asked) - denied} that only look so "
        "(`pipelines/quality/denials.toml`). The rules were written with these in view.",
    )
    head = ("", "denials", "precision", "recall", "F1", "read as confirmation")
    rows = tuple(
        (lang, _count(found["n"]), _share(found["p"]), _share(found["r"]), _share(found["f1"]), _count(wrong["count"]))
        for lang in LANGUAGES
        for found, wrong in [(figures[f"denied.{lang}"], figures[f"denial_read_as_confirmed.{lang}"])]
    )
    return Section("denials", "Denials", notes, (Table(head, rows),), figures)


def real_news(material: Material) -> Section | None:
    """The labelled real news, where they lie beside the repository."""
    if material.gold is None:
        return None
    items = gold(material.gold / GOLD_FILE)
    notes = (
        f"{len(items)} real items, half English, half Chinese, read by two people with a third for the differences. "
        "They are their publishers' and not part of Masthead.",
        "**In-sample:** the learned weights were fitted on these very items, and rules were written after reading many "
        "of them. News that nobody has seen will score lower; our own sentences above show the rules on words that "
        "they were not written for.",
    )
    return _tags("gold", "Real news", notes, items, material.lexicon)


def sample_world(material: Material) -> Section:
    """Whole articles of our own: those of the sample world."""
    items = world_articles()
    notes = (
        f"{len(items)} whole articles of the sample world, with their sources (`scheduler/demo/world/labels.toml`). "
        "Some were read while rules were written; names are not labelled in them.",
    )
    return _tags("world", "Articles of the sample world", notes, items, material.lexicon)


def world_articles() -> tuple[Labelled, ...]:
    """The labelled articles of the sample world."""
    world = build_world()
    return sentences(WORLD_LABELS, {article.id: _of_world(world, article) for article in world.articles})


def labelled_articles() -> tuple[tuple[Labelled, ...], ...]:
    """The shipped sets that label events."""
    return sentences(), world_articles()


def _of_world(world: World, article: SampleArticle) -> dict[str, Any]:
    """What a file of labels leaves out, in the words of a file of labels."""
    publisher, source = (
        world.publishers[article.source_id],
        tomllib.loads(world.source_files[f"{article.source_id}.toml"]),
    )
    return {
        "title": article.title,
        "text": article.text or article.summary,
        "lang": "zh" if publisher.language.startswith("zh") else "en",
        "date": article.at(publisher.zone).date().isoformat(),
        "kind": source["kind"],
        "speaks_for": source.get("speaks_for", []),
    }


def crossed_news(material: Material) -> Section | None:
    """The same real news, each judged by weights that were fitted without it."""
    if material.gold is None or not material.crossed:
        return None
    items = gold(material.gold / GOLD_FILE)
    answers = crossed(material.lexicon, items, material.gold / GOLD_FILE, sorted(material.gold.glob("*.jsonl.gz")))
    figures = score(items, answers)
    notes = (
        f"The same items in {FOLDS} parts, each tagged by weights that were fitted on the other parts and on further "
        "labelled items. The rules are the same throughout, so that what their writers read still counts.",
    )
    return Section("crossed", "Real news, cross-validated", notes, (_by_language(figures),), figures)


def own_stories(material: Material) -> Section:
    """Our own stories: their status, and what says more than the official text."""
    found = {name: score_stories(files, material.lexicon) for name, files in STORY_SETS.items()}
    rows = tuple(
        (name, f"{f['stories']:.0f}", f"{f['status']:.3f}", f"{f['false_official']:.0f}",
         f"{f['false_corroborated']:.0f}", f"{f['overclaims']:.0f}", f"{f['precision']:.3f}", f"{f['recall']:.3f}")
        for name, f in found.items()
    )  # fmt: skip
    notes = (
        "Stories of our own in both languages (`pipelines/quality/stories*`). The rules of judging were written with "
        "the first sets in view; the other holds other kinds of events, and its misses were read once.",
    )
    head = ("", "stories", "status", "false official", "false corroborated", "over-claims", "precision", "recall")
    return Section("stories", "Stories", notes, (Table(head, rows),), {f"stories.{n}": f for n, f in found.items()})


def own_changes(material: Material) -> Section:
    """Our own pages at two visits: what changed, and what only looks so."""
    figures = score_changes(list(visits()))
    found = figures["changes"]
    notes = (
        "Pages of our own at two visits, with other menus, counters and teasers around them "
        "(`pipelines/quality/changes.toml`). Rules and set were written by one hand.",
    )
    row = (_count(found["n"]), _share(found["found"]), _share(found["noise"]))
    table = Table(("pairs", "real changes told", "told without a reason"), (row,))
    return Section("changes", "Watched pages", notes, (table,), figures)


def speed(material: Material) -> Section:
    """Articles of 2 KB a second, on this machine and one processor, after start."""
    rows, figures = [], {}
    world = build_world()
    for lang, size in (("en", 2_000), ("zh", 2_000 // 3)):  # 2 KB in UTF-8
        whole = "\n".join(a.text for a in world.articles if world.publishers[a.source_id].language.startswith(lang))
        texts = [whole[at : at + size] for at in range(0, len(whole) - size, size // _OVERLAPPING)]
        tag(texts[0][:60], texts[0], material.lexicon)
        started = time.process_time()
        for text in texts:
            tag(text[:60], text, material.lexicon)
        seconds = time.process_time() - started
        figures[f"speed.{lang}"] = {"articles_per_s": len(texts) / seconds, "n": len(texts)}
        rows.append((lang, f"{len(texts) / seconds:,.0f}", str(len(texts))))
    notes = (
        "Pieces of 2 KB of the sample world's articles, one processor, after start. Figures of the machine that made "
        f"this card ({os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}), which did "
        "other work too; another machine has others.",
    )
    return Section("speed", "Speed", notes, (Table(("", "articles a second", "n"), tuple(rows)),), figures)


SECTIONS: tuple[Callable[[Material], Section | None], ...] = (
    own_sentences,
    own_denials,
    sample_world,
    real_news,
    crossed_news,
    own_stories,
    own_changes,
    speed,
)


def measure(material: Material) -> list[Section]:
    """Every section that has its data."""
    return [section for make in SECTIONS if (section := make(material)) is not None]


# ------------------------------------------------------------------ tags
def tagged(items: Sequence[Labelled], lexicon: Lexicon) -> dict[str, Tags]:
    """The tags of labelled items, by id."""
    return {
        item.id: tag(
            item.title, item.text, lexicon, date=item.date or None, source_kind=item.kind, speaks_for=item.speaks_for
        )
        for item in items
    }


def _tags(name: str, title: str, notes: tuple[str, ...], items: Sequence[Labelled], lexicon: Lexicon) -> Section:
    answers = tagged(items, lexicon)
    figures = score(items, answers)
    tables = (_by_language(figures), _by_type(figures), _confused(confusions(items, answers)))
    return Section(name, title, notes, tables, figures)


def _by_language(figures: Figures) -> Table:
    wanted = (
        ("entities, F1", "entities", "f1"), ("events, micro F1", "events", "f1"),
        ("events, macro F1", "events_macro", "f1"), ("signal, F1", "signal", "f1"),
        ("noise dropped", "noise_dropped", "share"), *((axis, axis, "accuracy") for axis in AXES),
        ("denied events, F1", "denied", "f1"), ("denials read as confirmation", "denial_read_as_confirmed", "count"),
    )  # fmt: skip
    rows = [
        (
            words,
            *(_cell(figures.get(f"{figure}.{lang}"), key) for lang in LANGUAGES),
            _count(figures[f"{figure}.all"]["n"]),
        )
        for words, figure, key in wanted
    ]
    rows.append(("broken spans", _count(figures["spans"]["broken"]), "", "", ""))
    return Table(("", "all", "English", "Chinese", "n"), tuple(rows))


def _by_type(figures: Figures) -> Table:
    found = {name.removeprefix("type."): row for name, row in figures.items() if name.startswith("type.")}
    rows = [
        (name, _share(row["p"]), _share(row["r"]), _share(row["f1"]), _count(row["n"]))
        for name, row in sorted(found.items(), key=lambda pair: pair[1]["f1"])
    ]
    return Table(("event type, worst first", "precision", "recall", "F1", "n"), tuple(rows))


def _confused(found: Sequence[tuple[str, str, int]]) -> Table:
    rows = [(wanted or "(nothing)", said or "(nothing)", str(n)) for wanted, said, n in found[:_CONFUSIONS]]
    return Table(("readers say", "tagged as", "items"), tuple(rows))


def _cell(row: Row | None, key: str) -> str:
    if row is None or not row["n"]:
        return "–"
    return _count(row[key]) if key == "count" else _share(row[key])


def _share(value: float) -> str:
    return f"{value:.3f}"


def _count(value: float) -> str:
    return f"{value:.0f}"


def figures_of(sections: Sequence[Section]) -> Mapping[str, Figures]:
    """For programs: the figures of each section by its name."""
    return {section.name: section.figures for section in sections}
