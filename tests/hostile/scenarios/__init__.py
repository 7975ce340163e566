"""Every hostile case by name. Scenarios share one crawl with good sources; stories stand alone."""

from tests.hostile.scenarios.fetching import FETCHING
from tests.hostile.scenarios.kinds import Scenario, Story
from tests.hostile.scenarios.reading import READING
from tests.hostile.scenarios.stories import STORIES
from tests.hostile.scenarios.tables import TABLES

__all__ = ["SCENARIOS", "STORIES", "Scenario", "Story"]

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (*FETCHING, *READING, *TABLES)}
