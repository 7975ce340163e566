"""Where the desk may listen, and the password that other addresses need."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from datasette_auth_passwords.utils import hash_password

from db.desk.accounts import HASH_VARIABLE, read_password_hash
from db.desk.app import Desk
from db.desk.serve import check_bind
from db.errors import UsageError
from tests.desk_samples import asker, make_archive, open_desk

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD, salt="0123456789abcdef", iterations=1000)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("desk") / "archive.db")


# ------------------------------------------------------------------ addresses and the password (B10)
@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost"])
def test_loopback_needs_no_password(host: str) -> None:
    check_bind(host, None)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "",
        "192.168.1.5",
        "10.0.0.1",
        "desk.example",
        "127.1",
        "2130706433",
        "localhost.evil.example",
        "::ffff:192.168.1.5",
        "fe80::1",
        "127.0.0.1.nip.example",
    ],
)
def test_any_other_address_needs_one(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_bind(host, None)
    assert caught.value.exit_code == 2
    assert HASH_VARIABLE in str(caught.value)
    check_bind(host, HASH)


def test_the_hash_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hash"
    file.write_text(HASH + "\n")
    assert read_password_hash({}) is None
    assert read_password_hash({HASH_VARIABLE: HASH}) == HASH
    assert read_password_hash({f"{HASH_VARIABLE}_FILE": str(file)}) == HASH


@pytest.mark.parametrize(
    "environ",
    [
        {HASH_VARIABLE: "hunter2-canary"},
        {HASH_VARIABLE: "pbkdf2_sha256$x$canary$AAAA"},
        {HASH_VARIABLE: "md5$1$canary$" + "A" * 44},
        {HASH_VARIABLE: HASH[:-4] + "canary"},
        {HASH_VARIABLE: HASH, f"{HASH_VARIABLE}_FILE": "x"},
        {f"{HASH_VARIABLE}_FILE": "/nowhere/hash"},
    ],
)
def test_a_wrong_hash_is_refused_and_not_repeated(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_password_hash(environ)
    assert "canary" not in str(caught.value)
    assert HASH not in str(caught.value)


@pytest.fixture(scope="module")
def guarded(archive: Path) -> Desk:
    return open_desk(archive, password_hash=HASH, hosts=["desk.example"])


GUARDED = [
    "/",
    "/masthead",
    "/masthead/articles",
    "/masthead/articles/1",
    "/masthead/sources/cpsc",
    "/masthead/new",
    "/masthead/find?q=TikTok",
    "/masthead/articles?_search=TikTok",
    "/masthead/articles/1.blob?_blob_column=sketch",
]


@pytest.mark.parametrize("path", GUARDED)
def test_with_a_password_nothing_is_open(guarded: Desk, path: str) -> None:
    get = asker(guarded)
    closed = get(path, headers={"cookie": "masthead_lang=zh"})
    assert closed.status_code in (302, 403)
    assert closed.headers.get("location", "/-/login") == "/-/login"
    assert "TikTok" not in closed.text
    for tail in (".json", ".csv"):
        program = get(path.partition("?")[0].rstrip("/").replace(".blob", "") + tail)
        assert program.status_code in (403, 404)
        assert "TikTok" not in program.text


def test_strangers_learn_from_healthz_only_that_all_is_well(guarded: Desk) -> None:
    assert asker(guarded)("/-/healthz").json() == {"ok": True}


async def log_in(desk: Desk, password: str) -> tuple[httpx.Response, httpx.AsyncClient]:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=desk.client.app), base_url="http://localhost")
    form = BeautifulSoup((await client.get("/-/login")).text, "html.parser").select_one("form[action='/-/login']")
    assert form is not None
    fields = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input")}
    return await client.post("/-/login", data={**fields, "password": password}), client


def test_the_right_password_opens_and_logging_out_closes(guarded: Desk) -> None:
    async def story() -> list[int]:
        answer, client = await log_in(guarded, PASSWORD)
        statuses = [answer.status_code, (await client.get("/")).status_code]
        assert "newest_run" in (await client.get("/-/healthz")).json()
        page = BeautifulSoup((await client.get("/-/logout")).text, "html.parser")
        token = page.select_one("input[name=csrftoken]")
        assert token is not None
        statuses.append((await client.post("/-/logout", data={"csrftoken": str(token["value"])})).status_code)
        statuses.append((await client.get("/")).status_code)
        return statuses

    assert asyncio.run(story()) == [302, 200, 302, 302]


def test_a_wrong_password_or_a_missing_token_does_not(guarded: Desk) -> None:
    async def story() -> None:
        answer, client = await log_in(guarded, "wrong horse")
        assert answer.status_code == 200
        assert "not right" in answer.text
        assert (await client.get("/")).status_code == 302
        forged = await client.post("/-/login", data={"username": "desk", "password": PASSWORD})
        assert forged.status_code == 403

    asyncio.run(story())


def test_guessing_is_slowed_down(archive: Path) -> None:
    guarded = open_desk(archive, password_hash=HASH)

    async def story() -> list[int]:
        return [(await log_in(guarded, f"guess {n}"))[0].status_code for n in range(13)]

    statuses = asyncio.run(story())
    assert statuses[:10] == [200] * 10
    assert statuses[10:] == [429] * 3


def test_a_cookie_outlives_a_restart_but_not_a_new_password(archive: Path) -> None:
    signed = open_desk(archive, password_hash=HASH).sign({"a": {"id": "desk", "role": "editor"}}, "actor")
    cookie = {"cookie": f"ds_actor={signed}"}
    assert asker(open_desk(archive, password_hash=HASH))("/", headers=cookie).status_code == 200
    other = hash_password("another", salt="fedcba9876543210", iterations=1000)
    assert asker(open_desk(archive, password_hash=other))("/", headers=cookie).status_code == 302
    assert asker(open_desk(archive, password_hash=HASH))("/", headers={"cookie": "ds_actor=x.y"}).status_code == 302


def test_the_hash_is_in_no_page_and_no_metadata(guarded: Desk) -> None:
    secret = HASH.rpartition("$")[2]
    assert secret not in json.dumps(guarded.metadata(), default=str)

    async def story() -> str:
        _, client = await log_in(guarded, PASSWORD)
        return "".join([(await client.get(path)).text for path in (*GUARDED, "/-/metadata.json", "/-/settings.json")])

    assert secret not in asyncio.run(story())
