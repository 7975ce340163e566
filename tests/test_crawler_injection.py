"""F18: no text that people write into a file can carry a line break into a request, a header or a log."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue import check_file
from crawler.source_keys import KEYS
from db.errors import DataFileError
from scheduler.config import Config, load_config
from tests.masthead_cli import masthead

CONTROLS = ("\r\n", "\n", "\r", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029")
GOOD: dict[str, Any] = {
    "id": "s", "name": "S", "kind": "official", "language": "en", "access": "listing",
    "url": "https://news.example.com/list", "speaks_for": ["amazon"], "family": "f", "hosts": ["news.example.com"],
    "zone": "UTC", "platforms": ["amazon"], "allow_links": ["/news/"], "deny_links": ["/tag/"], "keep_text": "full",
    "allow_addresses": ["10.0.0.0/8"], "why": "w", "fallback": "f", "proof": "p", "derived": ["zone"],
    "person": "a-clerk", "record": {"type": "Rule"},
    "link_rewrite": {"from": "https://a.example/", "to": "https://b.example/"},
    "listing": {"item": "li", "link": "a", "title": "b", "date": "i"}, "page": {"content": "main", "drop": ["nav"]},
}  # fmt: skip
FIELDS = ("title", "url", "published", "updated", "summary", "content", "author", "id")
API: dict[str, Any] = {
    "access": "api",
    "api": {"items": "data", "method": "POST", "body": "{}", "fields": dict.fromkeys(FIELDS, "x")},
}  # fmt: skip

MAILBOX: dict[str, Any] = {
    "access": "mailbox", "mailbox": {"from": ["news@list.example"], "list": ["list.example"], "author": ["A. Clerk"]},
}  # fmt: skip


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value).replace("\x7f", "\\u007f")


def texts(values: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every text in a source file."""
    found: list[tuple[str, ...]] = []
    for key, value in values.items():
        found += texts(value, (*path, key)) if isinstance(value, dict) else [(*path, key)]
    return found


def spoiled(values: dict[str, Any], path: tuple[str, ...], control: str) -> dict[str, Any]:
    key, *rest = path
    value = values[key]
    if rest:
        return {**values, key: spoiled(value, tuple(rest), control)}
    text = value[0] if isinstance(value, list) else value
    bad = f"{text[:1]}{control}X-Injected: 1{text[1:]}"
    return {**values, key: [bad] if isinstance(value, list) else bad}


def test_no_text_of_a_source_carries_controls(tmp_path: Path) -> None:
    without = {key: value for key, value in GOOD.items() if key != "listing"}
    tried: set[str] = set()
    for values in (GOOD, {**without, **API}, {**without, **MAILBOX}):
        for path in texts(values):
            tried.add(path[0])
            for control in CONTROLS:
                bad = spoiled(values, path, control)
                file = tmp_path / "s.toml"
                file.write_text("\n".join(f"{key} = {toml(value)}" for key, value in bad.items()), encoding="utf-8")
                source, problems = check_file(file)
                assert source is None, (path, control)
                assert all("\n" not in str(problem) and "\r" not in str(problem) for problem in problems)
    numbers_and_flags = {"enabled", "fetch_articles", "expect", "delay_seconds", "max_items", "max_bytes", "verify_tls"}
    assert tried == set(KEYS) - numbers_and_flags


def config_texts() -> list[tuple[str, str]]:
    config = Config()
    found = []
    for section in fields(config):
        part = getattr(config, section.name)
        if section.name not in ("folder", "file"):
            found += [(section.name, key.name) for key in fields(part) if isinstance(getattr(part, key.name), str)]
    return found


@pytest.mark.parametrize(("section", "key"), config_texts())
def test_no_text_of_the_configuration_carries_controls(section: str, key: str, tmp_path: Path) -> None:
    file = tmp_path / "masthead.toml"
    for control in CONTROLS:
        file.write_text(f"[{section}]\n{key} = {toml(f'a{control}X-Injected: 1')}\n", encoding="utf-8")
        with pytest.raises(DataFileError):
            load_config(file)


@pytest.mark.slow
def test_the_command_refuses_such_a_file_with_its_own_exit_code(tmp_path: Path) -> None:
    (tmp_path / "masthead.toml").write_text('[crawler]\ncontact = "a@b.example\\r\\nX-Injected: 1"\n')
    done = masthead("crawl", cwd=tmp_path)
    assert (done.returncode, "contact" in done.stderr) == (4, True)
