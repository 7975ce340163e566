"""The hostile scenarios, each by name, beside sources that must come out as if they were alone.

All scenarios of a session share one crawl of the real command; `-k F05-gzip` crawls with that one alone.
"""

from __future__ import annotations

import fcntl
import pickle
from pathlib import Path

import pytest

from tests.hostile.scenarios import SCENARIOS, STORIES
from tests.hostile.world import Outcome, visit_world

# Seconds ("controls-in-time", "time") are figures of `make hostile`, not tests.
_SHARED = ("controls-complete", "controls-equal", "canary", "secret", "exit-code", "log", "memory")


def _tier(name: str, long: bool) -> object:
    return pytest.param(name, id=name, marks=pytest.mark.soak if long else pytest.mark.slow)


def _outcome(names: tuple[str, ...], shared: Path) -> Outcome:
    """The crawl of these scenarios; the first worker that needs it does it for all."""
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = shared / "outcome"
        if not result.exists():
            result.write_bytes(pickle.dumps(visit_world([SCENARIOS[name] for name in names], shared)))
        outcome: Outcome = pickle.loads(result.read_bytes())
        return outcome


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    asked = [item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")
             and item.module is request.module and item.callspec.params.get("name") in SCENARIOS]  # fmt: skip
    base = tmp_path_factory.getbasetemp()
    is_worker = hasattr(request.config, "workerinput")
    return _outcome(tuple(asked), (base.parent if is_worker else base) / "hostile-world")


@pytest.mark.timeout(800)
@pytest.mark.parametrize("name", [_tier(name, scenario.long) for name, scenario in SCENARIOS.items()])
def test_scenario(name: str, outcome: Outcome) -> None:
    (verdict,) = [verdict for verdict in outcome.verdicts if verdict.name == name]
    assert not verdict.why, f"expected {verdict.expected}; got {verdict.got}; {verdict.why}"


@pytest.mark.timeout(800)
@pytest.mark.slow
@pytest.mark.parametrize("name", _SHARED)
def test_neighbours_cost_nothing(name: str, outcome: Outcome) -> None:
    (verdict,) = [verdict for verdict in outcome.verdicts if verdict.name == name]
    assert not verdict.why, f"expected {verdict.expected}; got {verdict.got}"


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_a_test_that_exists(name: str) -> None:
    for node in STORIES[name].tests:
        file, _, function = node.partition("::")
        assert f"def {function}(" in (Path(__file__).parents[1] / file).read_text(encoding="utf-8"), node
