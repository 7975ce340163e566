"""Stories of our own with what careful readers make of them: read, completed in the form of `assess`, and scored.

The figures are those of the evaluation script: an article counts once as one that goes beyond the official text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from db.errors import DataFileError
from db.text import is_han
from db.tomlfile import TomlFile, read_toml
from pipelines.case import assess_answer
from pipelines.lexicon import Lexicon
from pipelines.quality_sets import FOLDER

#: With the first in view the rules of judging were written; the second, about other kinds of events, was read once.
SETS: Mapping[str, tuple[str, ...]] = {
    "seen": (
        "stories.toml",
        "stories-reports.toml",
        "stories-long.jsonl",
        "stories-wording.jsonl",
        "stories-mixed.jsonl",
    ),
    "held back": ("stories-held.toml",),
}
_SOURCES = "stories-sources.toml"
_LATER = timedelta(days=7)  # when a story is judged, unless it says so itself


def story_cases(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Rows of the evaluation script: id, now, articles, expect {status, origins, overclaims}.

    `name`: a file of `folder`, short rows in TOML or whole ones in JSON Lines.
    """
    if name.endswith(".jsonl"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line]
    sources = {source["id"]: source for source in read_toml(folder / _SOURCES).data["source"]}
    file = read_toml(folder / name)
    return [_case(file, story, sources) for story in file.data["story"]]


def score_stories(names: Iterable[str], lexicon: Lexicon) -> dict[str, float]:
    """Of these sets together: stories, articles, status accuracy, false official and corroborated ones, precision and
    recall of over-claims."""
    cases = [case for name in names for case in story_cases(name)]
    hits = said = wanted = right = official = corroborated = 0
    for case in cases:
        answer, expect = assess_answer(case, lexicon), case["expect"]
        over, gold = ({claim["article"] for claim in found} for found in (answer["claims"], expect["overclaims"]))
        hits, said, wanted = hits + len(over & gold), said + len(over), wanted + len(gold)
        right += answer["status"] == expect["status"]
        official += answer["status"] == "official" != expect["status"]
        corroborated += answer["status"] == "corroborated" != expect["status"]
    return {
        "stories": len(cases), "articles": sum(len(case["articles"]) for case in cases), "status": right / len(cases),
        "false_official": official, "false_corroborated": corroborated, "overclaims": wanted,
        "precision": hits / said, "recall": hits / wanted,
    }  # fmt: skip


def _case(file: TomlFile, story: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    rows: Sequence[Sequence[str]] = story["articles"]
    unknown = {row[1] for row in rows} - set(sources)
    if unknown:
        raise DataFileError(f"{story['id']}: no source {', '.join(sorted(unknown))}", file=str(file.path), key="story")
    last = date.fromisoformat(rows[-1][2]) + _LATER
    together = {article for group in story.get("origins", ()) for article in group}
    origins = [*story.get("origins", ()), *([row[0]] for row in rows if row[0] not in together)]
    over = [
        {"article": row[0], "verdict": "broader", "slot": slot}
        for row in rows
        for slot in (row[5] if len(row) > 5 else "").split(",")
        if slot
    ]
    return {
        "id": story["id"],
        "now": f"{story.get('now', last.isoformat())}T00:00:00+00:00",
        "articles": [_article(story["id"], row, sources[row[1]]) for row in rows],
        "expect": {"status": story["status"], "origins": origins, "overclaims": over},
    }


def _article(story: str, row: Sequence[str], source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row[0],
        "date": f"{row[2]}T09:00:00+00:00",
        "lang": "zh" if any(map(is_han, row[3] + row[4])) else "en",
        "title": row[3],
        "text": row[4],
        "source": {
            "id": source["id"],
            "kind": source["kind"],
            "speaks_for": source.get("speaks_for", []),
            "family": source.get("family", source["id"]),
            "hosts": [source["host"]],
        },
        "url": row[6] if len(row) > 6 else f"https://{source['host']}/{story}/{row[0]}",
    }
