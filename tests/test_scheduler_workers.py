"""Worker processes: a page that kills or hangs its worker costs that page alone."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.masthead_cli import ROOT, environment

pytestmark = pytest.mark.slow

# Run in a process of its own: a fork server, once started, stays as it was in whoever started it.
SCRIPT = """
import asyncio, json, os, signal, sys
from datetime import UTC, datetime
from db.errors import ParseError
from db.types import Entry, RawArticle, Source
from scheduler import workers

def raw(title):
    source = Source(id="s", name="s", kind="trade", language="en", access="feed", url="https://s.example/feed")
    entry = Entry(url=f"https://s.example/{title}", title=title, summary=f"Temu was fined, says {title}.")
    return RawArticle(source=source, entry=entry, seen_at=datetime.now(UTC), url=entry.url)

real = workers._work

def work(article):
    match article.entry.title:
        case "dies": os.kill(os.getpid(), signal.SIGKILL)
        case "hangs":
            workers.faulthandler.dump_traceback_later(0.5, exit=True)
            while True: pass
        case "breaks": raise ValueError("a bug")
        case "starves": bytearray(workers.MEMORY_BYTES)
    return real(article)

async def one(pool, title):
    try:
        return (await pool.process(raw(title))).article.title
    except ParseError as error:
        return error.code

async def main():
    pool = workers.Workers(2)
    titles = ["a", "dies", "b", "breaks", "c", "starves", "d", "hangs", "e", "f"]
    print(json.dumps(dict(zip(titles, await asyncio.gather(*[one(pool, t) for t in titles])))))
    for process in pool._pool._processes.values():
        process.kill()
    print(len(await pool.entity_rows()))
    pool.close()

if __name__ == "__main__":
    workers._work = work
    asyncio.run(main())
"""


def test_a_killer_costs_itself_alone(tmp_path: Path) -> None:
    script = tmp_path / "killers.py"
    # The workers import the script's module, so that they find `work` in it.
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    import json

    articles, entities = done.stdout.splitlines()
    assert int(entities) > 50, "asked of workers that had died"
    assert json.loads(articles) == {
        "a": "a", "b": "b", "c": "c", "d": "d", "e": "e", "f": "f",
        "dies": "stage_crashed", "hangs": "stage_crashed", "breaks": "bad_article", "starves": "bad_article",
    }  # fmt: skip
