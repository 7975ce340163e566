"""Chinese word boundaries: a veto, loaded late, read from nowhere but jieba's own dictionary, linear."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.segment import words
from tests.growth import assert_linear

CODE = "from pipelines.segment import words; print(sorted(words().boundaries('农民专业合作社开会')))"


def run(code: str, temp: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TMPDIR": str(temp), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)


def test_poisoned_cache_in_the_shared_folder_is_not_read_and_none_is_written(tmp_path: Path) -> None:
    poisoned = {"农民专": 9_000_000, "业合": 9_000_000, "作社开会": 9_000_000, "农": 0, "农民": 0, "业": 0, "作": 0}
    (tmp_path / "jieba.cache").write_bytes(marshal.dumps((poisoned, 27_000_000)))
    answer = run(CODE, tmp_path)
    assert answer.stdout == f"{sorted(words().boundaries('农民专业合作社开会'))}\n"
    assert 3 not in words().boundaries("农民专业合作社开会")
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]
    assert answer.stderr == ""


def test_nothing_is_loaded_for_english(tmp_path: Path) -> None:
    code = (
        "import sys; from pipelines.lexicon import load_lexicon; from pipelines.tag import tag;"
        "tag('Amazon launches a service', 'It will ban sellers.', load_lexicon()); print('jieba' in sys.modules)"
    )
    assert run(code, tmp_path).stdout == "False\n"


@pytest.mark.parametrize("run_of", ["跨", "中华人民共和国", "㐀", "平台卖家合作"])
def test_long_runs_take_time_by_their_length_only(run_of: str) -> None:
    def cut(size: int) -> None:
        assert {0, size} <= words().boundaries((run_of * size)[:size])

    assert_linear(cut, 10_000)
