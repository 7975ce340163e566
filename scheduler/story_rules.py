"""The rules for stories as the archive wants them: threading and assessing of pipelines, in one value."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from db.stories.rules import StoryRules
from pipelines.assess import assess
from pipelines.status import EXPIRES_AFTER
from pipelines.threads import WINDOW_DAYS, choose_story

#: Raise it when threading or assessing decides differently: stored stories are then assessed again.
VERSION = "4"


def story_rules(platforms: Iterable[str]) -> StoryRules:
    """What `Store.save` and the commands that change stories are handed; `platforms`: what the team watches, which
    counts in impact. Another choice is another version."""
    watched = frozenset(platforms)
    return StoryRules(
        choose=choose_story,
        assess=partial(assess, platforms=watched),
        window_days=WINDOW_DAYS,
        expires_days=EXPIRES_AFTER.days,
        version=f"{VERSION}:{','.join(sorted(watched))}",
    )
