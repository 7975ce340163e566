"""Strict TOML: every refusal names file, line, key and what is allowed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from db.errors import DataFileError
from db.tomlfile import build, read_toml


@dataclass(frozen=True)
class Inner:
    depth: int = 1


@dataclass(frozen=True)
class Outer:
    name: str
    colour: Literal["red", "green"] = "red"
    words: tuple[str, ...] = ()
    share: float = 0.5
    inner: Inner = Inner()
    note: str | None = None


def read(tmp_path: Path, text: str) -> Outer:
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    toml = read_toml(path)
    return build(toml, Outer, toml.data)


def test_values_and_defaults(tmp_path: Path) -> None:
    made = read(tmp_path, 'name = "x"\nshare = 1\nwords = ["a", "b"]\nnote = "n"\n[inner]\ndepth = 3\n')
    assert made == Outer("x", words=("a", "b"), share=1.0, inner=Inner(3), note="n")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('name = "x"\ncolor = "red"\n', 2, 'did you mean "colour"'),
        ('name = "x"\n\ncolour = "blue"\n', 3, "allowed: green, red"),
        ("name = 3\n", 1, "wants text in quotes"),
        ('name = "x"\nwords = "a"\n', 2, "wants an array"),
        ('name = "x"\nwords = ["a", 2]\n', 2, "wants text in quotes"),
        ('name = "x"\nshare = true\n', 2, "wants a number"),
        ('name = "x"\ninner = 3\n', 2, "wants a table"),
        ('name = "x"\n[inner]\ndepth = "deep"\n', 3, "wants a whole number"),
        ('name = "x"\ninner = { depths = 2 }\n', 2, 'did you mean "depth"'),
        ('colour = "red"\n', None, "the key name is missing"),
        ('name = "x\n', 1, "not valid TOML"),
    ],
)
def test_refusals_name_the_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    with pytest.raises(DataFileError) as refused:
        read(tmp_path, text)
    assert refused.value.line == line
    assert said in str(refused.value)
    assert "file.toml" in str(refused.value)
    assert refused.value.exit_code == 4


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="can not be read"):
        read_toml(tmp_path / "missing.toml")
    bad = tmp_path / "bad.toml"
    bad.write_bytes('name = "亚马逊"'.encode("gb18030"))
    with pytest.raises(DataFileError, match="not UTF-8"):
        read_toml(bad)
