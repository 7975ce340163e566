"""The desk against hostile readers: what it refuses and what it never shows."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from bs4 import BeautifulSoup

from db.desk.app import Desk
from db.desk.archive import NAME
from tests.desk_samples import Ask, asker, make_archive, open_desk


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    with closing(sqlite3.connect(folder / "archive.private.db")) as conn:
        conn.execute("create table recipients (address text)")
        conn.execute("insert into recipients values ('canary@private.example')")
        conn.commit()
    return make_archive(folder / "archive.db")


@pytest.fixture(scope="module")
def desk(archive: Path) -> Desk:
    return open_desk(archive)


@pytest.fixture(scope="module")
def get(desk: Desk) -> Ask:
    return asker(desk)


# ------------------------------------------------------------------ headers, hosts, methods, parameters
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/masthead/articles",
        "/masthead/articles.json",
        "/masthead/articles.csv",
        "/nowhere",
        "/masthead/meta",
        "/-/healthz",
        "/-/desk/desk.css",
        "/masthead.db",
        "/masthead?sql=select+1",
        "/favicon.ico",
    ],
)
def test_every_answer_carries_the_headers(get: Ask, path: str) -> None:
    headers = get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8001", 200),
        ("127.0.0.1:8001", 200),
        ("[::1]:8001", 200),
        ("LOCALHOST.", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil.example:8001", 421),
        ("", 421),
        ("192.168.1.5", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
    ],
)
def test_a_foreign_host_name_is_refused(get: Ask, host: str, status: int) -> None:
    for path in ("/", "/masthead/articles.json", "/-/healthz", "/-/desk/desk.css"):
        assert get(path, headers={"host": host}).status_code == status


def test_on_every_interface_an_address_is_known_but_a_name_is_not(archive: Path) -> None:
    get = asker(open_desk(archive, hosts=["0.0.0.0", "desk.example"]))
    for host, status in {"192.168.1.5:8001": 200, "desk.example": 200, "other.example": 421}.items():
        assert get("/", headers={"host": host}).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "DATA"])
def test_the_desk_can_only_be_read(desk: Desk, method: str) -> None:
    for path in ("/", "/masthead/articles", "/masthead/new", "/masthead/articles/1", "/masthead"):
        assert asker(desk, method)(path).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/-/databases",
        "/-/databases.json",
        "/-/metadata.json",
        "/-/settings",
        "/-/versions",
        "/-/plugins.json",
        "/-/threads",
        "/-/permissions",
        "/-/messages",
        "/-/allow-debug",
        "/-/patterns",
        "/-/auth-token?token=x",
        "/-/actor",
        "/-/password-tool",
        "/-/static/app.css",
        "/-/refused",
        "/_internal",
        "/_internal/tables",
        "/_memory",
        "/:memory:",
        "/-/desk/../app.py",
        "/-/desk/%2e%2e/app.py",
        "/-/desk/..%2fapp.py",
        "/archive",
        "/archive.private",
        "/.json",
    ],
)
def test_what_is_not_for_readers_is_not_there(get: Ask, path: str) -> None:
    assert get(path).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "meta",
        "robots",
        "hosts",
        "addresses",
        "copy_bands",
        "origins",
        "search",
        "search_data",
        "search_config",
        "_sqlite_migrations",
        "sqlite_master",
    ],
)
def test_internal_tables_are_not_shown(get: Ask, name: str) -> None:
    for tail in ("", ".json", ".csv", "/1", "/1.json"):
        assert get(f"/masthead/{name}{tail}").status_code in (403, 404)
    assert f"/masthead/{name}" not in get("/masthead").text
    assert f"/masthead/{name}" not in get("/").text
    assert name not in [table["name"] for table in get("/masthead.json").json()["tables"]]


@pytest.mark.parametrize(
    "query",
    [
        "_where=1=1",
        "_through=%7B",
        "_through={}",
        "_facet=title",
        "_facet_array=title",
        "_facet_size=max",
        "_trace=1",
        "_context=1",
        "_timelimit=x",
        "_fts_table=meta",
        "_searchmode=raw",
        "_ttl=%C2%B2",
        "_unknown=1",
        "_size=99999",
        "_size=-1",
        "_size=x",
        "_col=nope",
        "_nocol=nope",
        "_sort=text",
        "_sort=nope",
        "_filter_column=1&x=" + "y" * 9000,
        "&".join(f"title={n}" for n in range(101)),
    ],
)
def test_odd_parameters_are_refused_without_a_trace(get: Ask, query: str) -> None:
    response = get(f"/masthead/articles?{query}")
    assert response.status_code in (400, 403), response.status_code
    assert "Traceback" not in response.text
    assert "<main" in response.text


@pytest.mark.parametrize(
    "query",
    [
        "_next=x",
        "_next=,",
        "_next=~",
        "_next=%24null,1",
        "_labels=x",
        "_shape=x",
        "lang=~",
        "title__contains=%25" * 3,
        "title__glob=[",
        "_search=%00",
        "id__in=[",
        "day__date=x",
    ],
)
def test_other_odd_parameters_never_break_the_page(get: Ask, query: str) -> None:
    for path in ("/masthead/articles", "/masthead/articles.json", "/masthead/articles.csv"):
        assert get(f"{path}?{query}").status_code < 500


def test_a_long_pattern_can_not_stall_a_thread(get: Ask) -> None:
    assert get("/masthead/articles", params={"text__like": "%a" * 1000 + "%b"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "a(b=c; masthead_lang=zh"},
        {"cookie": "=;=;;;"},
        {"cookie": "ds_actor=forged"},
        {"cookie": "\xff=\xfe"},
        {"authorization": "Basic %%%"},
        {"authorization": "Basic"},
        {"accept": "application/json"},
    ],
)
def test_foreign_cookies_and_odd_credentials_change_nothing(get: Ask, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert get("/masthead/articles", headers=encoded).status_code == 200


def test_raw_bytes_in_a_path_are_refused(desk: Desk) -> None:
    async def ask() -> int:
        statuses: list[int] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/masthead/\xff",
            "raw_path": b"/masthead/\xff",
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "scheme": "http",
            "http_version": "1.1",
            "server": ("localhost", 80),
        }
        await desk.app()(scope, receive, send)
        return statuses[0]

    assert asyncio.run(ask()) == 404


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example",
        "/%2f%2fevil.example",
        "/\\evil.example",
        "/masthead//evil.example/",
        "/masthead/%5cevil.example/",
        "/masthead/articles/%2f%2fevil.example/",
    ],
)
def test_no_open_redirect(get: Ask, path: str) -> None:
    response = get("http://localhost" + path)
    location = response.headers.get("location", "")
    assert not location.startswith(("//", "http", "/\\"))
    assert "evil.example" not in "".join(
        str(a["href"]) for a in BeautifulSoup(response.text, "html.parser").select("a[href^='//'], a[href^='http']")
    )


def test_the_private_file_beside_the_archive_is_never_opened(desk: Desk, archive: Path, get: Ask) -> None:
    for path in ("/", "/masthead", "/masthead.json", "/masthead/recipients", "/archive.private/recipients"):
        assert "canary@private" not in get(path).text
    opened = {file.path for file in psutil.Process().open_files()}
    assert str(archive) in opened
    assert str(archive.parent / "archive.private.db") not in opened
    with pytest.raises(sqlite3.DatabaseError):
        asyncio.run(desk.get_database(NAME).execute(f"attach '{archive.parent}/archive.private.db' as p"))


def test_the_archive_can_not_be_written_through_the_desk(desk: Desk) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        asyncio.run(desk.get_database(NAME).execute("delete from articles"))
    for statement in (
        "delete from articles", "delete from triage", "update articles set title = ''", "drop table triage",
        "attach 'x.db' as x", "pragma writable_schema = 1", "insert into stories (id) values ('x')",
    ):  # fmt: skip
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
            asyncio.run(desk.get_database(NAME).execute_write(statement))
