"""`python -m tests.hostile [NAME…]`: the hostile world at once, or the cases that are named (`F05-*` works, too)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from tests.hostile.scenarios import SCENARIOS, STORIES, Story
from tests.hostile.world import Verdict, visit_world


def main(names: Sequence[str]) -> int:
    known = [*SCENARIOS, *STORIES]
    chosen = [name for name in known if not names or any(fnmatchcase(name, pattern) for pattern in names)]
    if not chosen:
        print(f"no case is called {' or '.join(names)}; known are:", *known, sep="\n  ", file=sys.stderr)
        return 2
    verdicts: list[Verdict] = []
    scenarios = [SCENARIOS[name] for name in chosen if name in SCENARIOS]
    if scenarios:
        with tempfile.TemporaryDirectory(prefix="masthead-hostile-") as folder:
            outcome = visit_world(scenarios, Path(folder))
        verdicts += outcome.verdicts
        whole = outcome.whole
        print(f"{len(scenarios)} hostile sources beside the controls: {whole.seconds:.1f} s")
        print(f"peak memory of the process tree: {whole.peak_pss_mib:.0f} MiB ({whole.peak_shares})")
        print(f"the same with shared pages counted in each process: {whole.peak_rss_mib:.0f} MiB")
        if "Traceback" in whole.log:
            print(whole.log)
    for name in chosen:
        if name in STORIES:
            verdicts.append(_told(STORIES[name]))
    _show(verdicts)
    return 1 if any(verdict.why for verdict in verdicts) else 0


def _told(story: Story) -> Verdict:
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not soak", "-rs", *story.tests]
    started = time.monotonic()
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        return Verdict(story.name, "holds", "does not hold", "see the trace above")
    skipped = re.search(r"SKIPPED.*?: (.*)", done.stdout)
    return Verdict(
        story.name, "holds", f"skipped: {skipped[1]}" if skipped else f"holds ({time.monotonic() - started:.0f} s)"
    )


def _show(verdicts: Sequence[Verdict]) -> None:
    rows = [("case", "expected", "got", "ok")]
    rows += [(v.name, v.expected, v.got, v.why or "ok") for v in verdicts]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))
    bad = sum(bool(verdict.why) for verdict in verdicts)
    print(f"\n{len(verdicts) - bad} of {len(verdicts)} hold.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
