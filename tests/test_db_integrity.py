"""What the look at an archive finds: each kind of damage made on purpose, and nothing in a sound one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from db import integrity
from db.integrity import Finding, check_archive
from db.store import Store
from tests.test_db_backup import filled


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.level for finding in findings if finding.level != "ok"}


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def spoil_pages(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("select rootpage from sqlite_schema where name = 'mentions'").fetchone()
    body = bytearray(path.read_bytes())
    cells = (page - 1) * 4096 + 8  # behind the page's own head, which would be refused at once
    body[cells : cells + 200] = b"\xff" * 200
    path.write_bytes(body)


SPOILED: dict[str, tuple[Callable[[Path], None], dict[str, str]]] = {
    "pages": (spoil_pages, {"pages": "problem"}),
    "index": (lambda path: change(path, "delete from search_docsize where id = 2"), {"search index": "problem"}),
    "stories": (
        lambda path: change(
            path,
            "insert into stories (id, first_at, last_at, day, status_at, updated_at, articles)"
            " values ('st-1', '', '', '', '', '', 3)",
        ),
        {"stories": "problem"},
    ),
    "origins": (lambda path: change(path, "update origins set articles = 7 where id = 1"), {"origins": "problem"}),
    "references": (
        lambda path: change(path, "delete from origins where id = 1"),
        {"references": "problem", "origins": "problem"},
    ),
    "newer": (
        lambda path: change(path, "update _sqlite_migrations set name = '9999_x' where name = '0001_archive'"),
        {"archive": "problem"},
    ),
    "older": (
        lambda path: change(path, "delete from _sqlite_migrations where name != '0001_archive'"),
        {"schema": "warning"},
    ),
    "mud": (lambda path: path.write_bytes(b"mud" * 9_000) and None, {"archive": "problem"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_each_damage_is_found_and_nothing_is_changed(name: str, tmp_path: Path) -> None:
    path = filled(tmp_path / "m.db", 3)
    assert levels(check_archive(path)) == {}
    spoil, expected = SPOILED[name]
    spoil(path)
    before = path.read_bytes()
    findings = check_archive(path)
    assert levels(findings) == expected
    assert all(finding.todo for finding in findings if finding.level != "ok")
    assert path.read_bytes() == before


def test_what_is_not_there_yet_is_no_problem(tmp_path: Path) -> None:
    assert levels(check_archive(tmp_path / "m.db")) == {}
    assert not (tmp_path / "m.db").exists()
    assert levels(check_archive(tmp_path / "nowhere" / "m.db")) == {"folder": "problem"}


def test_room_log_and_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path / "m.db", 1)
    monkeypatch.setattr(integrity, "_file_system", lambda folder: "nfs4")
    assert levels(check_archive(path)) == {"disk": "warning"}
    monkeypatch.undo()
    monkeypatch.setattr(integrity, "HEADROOM_BYTES", 1 << 60)
    assert levels(check_archive(path)) == {"disk": "problem"}
    monkeypatch.undo()
    monkeypatch.setattr(integrity, "_LOG_BYTES", -1)
    with Store.open(path):
        assert levels(check_archive(path)) == {"log": "warning"}
