"""The desk in a process of its own on loopback, for tests that need a real address."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SERVE = """
import sys
from pathlib import Path
from db.desk.serve import run
from tests.clip_samples import tools
ready = lambda address: print(address, flush=True)
run(Path(sys.argv[1]), sys.argv[2], 0, zone="Asia/Shanghai", language="zh", clips=tools(), ready=ready)
"""


@contextmanager
def serving(archive: Path, host: str = "127.0.0.1") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Gives the address and the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(archive), host],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()
