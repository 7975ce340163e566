"""Running the real command in its own process, as users do; shared by the tests of the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "scheduler"]
ROOT = Path(__file__).parents[1]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def masthead(*words: str, cwd: Path, stdin: str = "", timeout: float = 100) -> subprocess.CompletedProcess[str]:
    """The finished command: returncode, stdout, stderr."""
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, input=stdin, capture_output=True, text=True, encoding="utf-8",
        timeout=timeout, env=environment(),
    )  # fmt: skip
