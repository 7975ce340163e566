"""Which address is which page. Nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from db.desk import (
    access,
    clip_pages,
    export_pages,
    metrics,
    score_pages,
    search_page,
    source_pages,
    story_pages,
    triage,
)

ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (r"^/$", story_pages.today),
    (r"^/stories$", story_pages.stories),
    (r"^/stories/(?P<id>[^/]+)$", story_pages.story),
    (r"^/sources$", source_pages.sources),
    (r"^/sources/(?P<id>[^/]+)$", source_pages.source),
    (r"^/scoreboard$", score_pages.scoreboard),
    (r"^/quality$", score_pages.quality),
    (r"^/search$", search_page.search),
    (r"^/policy$", story_pages.policy),
    (r"^/deadlines$", story_pages.deadline_list),
    (r"^/deadlines\.ics$", story_pages.deadline_calendar),
    (r"^/feeds$", access.tokens),
    (r"^/feeds/stories\.atom$", export_pages.stories_atom),
    (r"^/feeds/stories\.json$", export_pages.stories_json),
    (r"^/feeds/stories\.csv$", export_pages.stories_csv),
    (r"^/-/metrics$", metrics.metrics),
    (r"^/clip$", clip_pages.clip),
    (r"^/clip/(?P<id>[0-9]+)$", clip_pages.kept),
    (r"^/triage$", triage.answer),
    (r"^/triage/undo$", triage.undo),
]
