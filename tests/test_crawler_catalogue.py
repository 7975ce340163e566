"""The catalogue: good files become sources, bad ones are refused with file, line, key and what is allowed."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.catalogue import builtin_folder, check_catalogue, check_file, load_catalogue, load_source
from crawler.found import Answer
from crawler.source_keys import KEYS
from db.errors import DataFileError
from db.linkedin import is_linkedin
from db.types import Access, Expect, ListingHints, MailboxHints, Source, SourceKind
from db.vocabulary import ACCESS, ENTITIES, SOURCE_KINDS
from tests.growth import assert_linear

GOOD = """\
id = "s"
name = "A source"
kind = "trade"
language = "en"
access = "feed"
url = "https://news.example.com/feed.xml"
"""
LISTING = GOOD.replace('"feed"', '"listing"')
API = GOOD.replace('"feed"', '"api"')
FIXTURES = Path(__file__).parent / "sources"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(text: str, name: str = "s.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


Write = Callable[..., Path]


# ------------------------------------------------------------------ good files
def test_six_keys_are_enough_and_defaults_are_as_documented(write: Write) -> None:
    source = load_source(write(GOOD))
    assert source == Source(
        id="s", name="A source", kind="trade", language="en", access="feed", url="https://news.example.com/feed.xml",
        family="s", hosts=("news.example.com",), zone="UTC", keep_text="lead", enabled=True, file=source.file,
    )  # fmt: skip
    assert source.file.endswith("s.toml")


def test_every_key_arrives_where_it_belongs(write: Write) -> None:
    text = GOOD.replace('"trade"', '"official"').replace('"feed"', '"listing"').replace("feed.xml", "{today}/list")
    source = load_source(
        write(
            text
            + """
speaks_for = ["amazon", "aws"]
family = "amazon"
hosts = ["News.Example.com", "127.0.0.1", "例子.example", "other.example.com:8443"]
zone = "Asia/Shanghai"
platforms = ["amazon"]
allow_links = ["/news/"]
deny_links = ["/news/old/"]
link_rewrite = { from = "https://wrong.example/", to = "https://right.example/" }
fetch_articles = false
keep_text = "full"
expect = { min_items = 0, gap_hours = 12 }
delay_seconds = 2
max_items = 7
max_bytes = 2048
enabled = false
allow_addresses = ["127.0.0.1", "10.1.2.3/8", "fd00::/8"]
why = "w"
fallback = "f"
proof = "p"
derived = ["hosts", "zone"]

[listing]
item = "ul.news > li:not(.ad)"
date = "time[datetime]"

[page]
content = "main"
drop = [".share", "aside"]
"""
        )
    )
    assert source.url == "https://news.example.com/{today}/list"
    assert source.hosts == ("news.example.com", "127.0.0.1", "xn--fsqu00a.example", "other.example.com")
    assert source.allow_addresses == ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")
    assert source.link_rewrite is not None
    assert (source.link_rewrite.before, source.link_rewrite.after) == (
        "https://wrong.example/",
        "https://right.example/",
    )
    assert source.expect == Expect(min_items=0, gap_hours=12)
    assert source.listing == ListingHints(item="ul.news > li:not(.ad)", date="time[datetime]")
    assert source.page.drop == (".share", "aside")
    assert (source.delay_seconds, source.max_items, source.enabled) == (2.0, 7, False)
    assert source.speaks_for == ("amazon", "aws")


def test_an_api_source(write: Write) -> None:
    source = load_source(
        write(
            GOOD.replace('"feed"', '"api"')
            + 'api = { method = "POST", body = "{}", items = "", '
            + 'fields = { title = "a.0.b", url = "https://x.example/{id}?p={data.page}" } }\n'
        )
    )
    assert source.api is not None
    assert source.api.items == ""
    assert source.api.fields == {"title": "a.0.b", "url": "https://x.example/{id}?p={data.page}"}


def test_a_mailbox_says_whose_mails_it_wants_and_may_lead_people_to_linkedin(write: Write) -> None:
    text = GOOD.replace('"feed"', '"mailbox"').replace("https://", "https://www.linkedin.com/newsletters/#")
    source = load_source(write(text + '[mailbox]\nfrom = ["News@A.example", "@b.example"]\nauthor = ["Maren"]\n'))
    assert source.mailbox == MailboxHints(senders=("news@a.example", "@b.example"), authors=("Maren",))
    assert source.hosts == ()


def test_a_sender_is_an_address(write: Write) -> None:
    with pytest.raises(DataFileError, match="wants an address such as"):
        load_source(write(GOOD.replace('"feed"', '"mailbox"') + '[mailbox]\nfrom = ["Maren"]\n'))
    with pytest.raises(DataFileError, match='belongs to access = "mailbox"'):
        load_source(write(GOOD + '[mailbox]\nfrom = ["a@b.example"]\n'))


def test_a_mailbox_loads(write: Write) -> None:
    assert load_source(write(GOOD.replace('"feed"', '"mailbox"'))).access == "mailbox"


# ------------------------------------------------------------------ bad files
REFUSED: list[tuple[str, str, int | None, str, str]] = [
    # what is wrong, the file's text, line, key, part of the message
    ("unknown key", GOOD + "platfroms = []\n", 7, "platfroms", 'did you mean "platforms"'),
    ("missing key", GOOD.replace('kind = "trade"\n', ""), 1, "kind", "is missing (official, regulator, wire"),
    ("wrong type", GOOD.replace('"A source"', "7"), 2, "name", "wants text in quotes, not 7"),
    ("empty text", GOOD.replace('"A source"', '"  "'), 2, "name", "is empty"),
    ("other name", GOOD.replace('id = "s"', 'id = "t"'), 1, "id", "the file is called s.toml"),
    ("id with a slash", GOOD.replace('id = "s"', 'id = "../s"'), 1, "id", "small letters"),
    ("unknown kind", GOOD.replace('"trade"', '"offical"'), 3, "kind", 'did you mean "official"? allowed: off'),
    ("unknown language", GOOD.replace('"en"', '"english"'), 4, "language", "unknown value"),
    ("unknown access", GOOD.replace('"feed"', '"rss"'), 5, "access", "allowed: feed, sitemap, listing, api"),
    ("not a flag", GOOD + 'enabled = "yes"\n', 7, "enabled", "wants true or false"),
    ("flag as number", GOOD + "max_items = true\n", 7, "max_items", "wants a whole number from 1 to 10000, not true"),
    ("too large", GOOD + "max_bytes = 999999999\n", 7, "max_bytes", "allowed are 1024 to 15728640"),
    ("seconds below zero", GOOD + "delay_seconds = -1\n", 7, "delay_seconds", "0 to 3600"),
    ("not a number", GOOD + "delay_seconds = nan\n", 7, "delay_seconds", "0 to 3600"),
    ("unknown zone", GOOD + 'zone = "Asia/Shanghia"\n', 7, "zone", 'did you mean "Asia/Shanghai"'),
    ("path as zone", GOOD + 'zone = "../../etc/passwd"\n', 7, "zone", "unknown time zone"),
    ("folder as zone", GOOD + 'zone = "America"\n', 7, "zone", "unknown time zone"),
    ("unknown party", GOOD + 'speaks_for = ["amazn"]\n', 7, "speaks_for", 'did you mean "amazon"'),
    ("wrong voice", GOOD + 'speaks_for = ["amazon"]\n', 7, "speaks_for", 'only for kind = "official"'),
    ("all platforms", GOOD + 'platforms = ["all"]\n', 7, "platforms", "unknown value"),
    ("array wanted", GOOD + 'hosts = "x.example"\n', 7, "hosts", "wants an array"),
    ("address as host", GOOD + 'hosts = ["https://x.example/"]\n', 7, "hosts", "wants a bare host"),
    ("user in host", GOOD + 'hosts = ["newsroom.tiktok.com@evil.example"]\n', 7, "hosts", "is no host"),
    ("bad network", GOOD + 'allow_addresses = ["10.0.0.0/40"]\n', 7, "allow_addresses", "wants CIDR"),
    ("bad prefix", GOOD + 'allow_links = ["news/"]\n', 7, "allow_links", "starts with /"),
    ("derived what", GOOD + 'derived = ["host"]\n', 7, "derived", 'did you mean "hosts"'),
    ("number in table", GOOD + "expect = { gap_hours = 0 }\n", 7, "expect.gap_hours", "allowed are 1 to 8760"),
    ("key in table", GOOD + "\n[expect]\nmax_age = 3\n", 9, "expect.max_age", 'did you mean "max_age_days"'),
    ("no table", GOOD + "expect = 3\n", 7, "expect", "wants a table"),
    ("foreign table", GOOD + '[listing]\nitem = "li"\n', 7, "listing", 'belongs to access = "listing", not to "feed"'),
    ("foreign api", GOOD + 'api = { items = "", fields = { title = "t", url = "u" } }\n', 7, "api", 'access = "api"'),
    ("table missing", LISTING, 5, "access", "needs a table [listing]"),
    ("api missing", API, 5, "access", "needs a table [api]"),
    ("links of a page", GOOD.replace('"feed"', '"page"') + 'deny_links = ["/"]\n', 7, "deny_links", "means nothing"),
    ("item missing", LISTING + '[listing]\nlink = "a"\n', 7, "listing.item", "is missing"),
    ("bad selector", LISTING + '[listing]\nitem = "li["\n', 8, "listing.item", "no CSS selector"),
    ("bad drop", GOOD + 'page.drop = ["p", ")"]\n', 7, "page.drop", "no CSS selector"),
    (
        "bad path", API + 'api.items = "a..b"\napi.fields = { title = "t", url = "u" }\n',
        7, "api.items", "no dotted path",
    ),
    (
        "bad template", API + '[api]\nitems = ""\n[api.fields]\ntitle = "t"\nurl = "/kx/{id}"\n',
        11, "api.fields.url", "wants an absolute address",
    ),
    (
        "field missing", API + 'api.items = ""\napi.fields = { title = "t" }\n',
        8, "api.fields.url", "is missing",
    ),
    (
        "body of a GET",
        API + '[api]\nitems = ""\nbody = "{}"\nfields = { title = "t", url = "u" }\n',
        9, "api.body", "sent by POST only",
    ),
    ("syntax", GOOD + "zone = \n", 7, "", "is not valid TOML"),
    ("key twice", GOOD + 'id = "s"\n', 7, "", "is not valid TOML"),
    ("nested to the moon", GOOD + "why = " + "[" * 5000 + "]" * 5000 + "\n", None, "", "nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "said"), [pytest.param(*rest, id=what) for what, *rest in REFUSED])
def test_refusals_name_file_line_key_and_what_is_allowed(
    write: Write, text: str, line: int | None, key: str, said: str
) -> None:
    with pytest.raises(DataFileError) as refused:
        load_source(write(text))
    error = refused.value
    assert (error.line, error.key) == (line, key), error
    assert said in error.message
    assert error.file.endswith("s.toml")
    assert error.exit_code == 4


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("news.example.com/feed", "wants an absolute address"),
        ("/feed.xml", "wants an absolute address"),
        ("ftp://news.example.com/feed", "wants an absolute address"),
        ("file:///etc/passwd", "wants an absolute address"),
        ("javascript:alert(1)", "wants an absolute address"),
        ("https://", "wants an absolute address"),
        ("https://news.example.com:99999/", "wants an absolute address"),
        ("https://user:secret@news.example.com/", "must not carry a name or password"),
        ("https://newsroom.tiktok.com@evil.example/", "must not carry a name or password"),
        ("https://news.example.com/a b", "blanks"),
        ("https://news.example.com\\\\@evil.example/", "backslashes"),
        ("https://news.example.com/\\r\\nHost: evil.example", "control characters"),
        ("https://news.example.com/\\u0000", "control characters"),
        ("https://news.example.com/\\u0085x", "control characters"),
        ("https://news.example.com/{tomorow}", "unknown placeholder"),
        ("https://news.example.com/{today", "unknown placeholder"),
        ("https://news.example.com/today}", "unknown placeholder"),
        ("https://www.linkedin.com/company/amazon", "never fetched"),
        ("https://LinkedIn.com./feed", "never fetched"),
        ("https://cn.linkedin.com/", "never fetched"),
        ("https://media.licdn.com/x", "never fetched"),
        ("https://lnkd.in/abc", "never fetched"),
    ],
)
def test_addresses_that_are_refused(write: Write, address: str, said: str) -> None:
    with pytest.raises(DataFileError) as refused:
        load_source(write(GOOD.replace("https://news.example.com/feed.xml", address)))
    assert (refused.value.line, refused.value.key) == (6, "url")
    assert said in refused.value.message
    assert not any(ch in str(refused.value) for ch in "\r\n\0\x85")


def test_a_host_that_only_looks_like_linkedin_is_allowed(write: Write) -> None:
    assert load_source(write(GOOD.replace("news.example.com", "notlinkedin.com"))).hosts == ("notlinkedin.com",)


def test_all_problems_of_a_file_are_found_at_once_in_order(write: Write) -> None:
    text = 'id = "s"\nnane = "A source"\nkind = "x"\nlanguage = "en"\naccess = "feed"\nurl = "ftp://x"\nzone = "Mars"\n'
    source, problems = check_file(write(text))
    assert source is None
    assert [(problem.line, problem.key) for problem in problems] == [
        (1, "name"), (2, "nane"), (3, "kind"), (6, "url"), (7, "zone"),
    ]  # fmt: skip


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(GOOD.replace("A source", "亚马逊").encode("gb18030"))
    (tmp_path / "b.toml").mkdir()
    _, problems = check_catalogue([tmp_path], builtin=False)
    assert [Path(problem.file).name for problem in problems] == ["a.toml", "b.toml"]
    assert "UTF-8" in problems[0].message


# ------------------------------------------------------------------ folders
def test_a_later_folder_replaces_the_same_id(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, name in ((first, "one"), (second, "two")):
        folder.mkdir()
        (folder / "s.toml").write_text(GOOD.replace("A source", name), encoding="utf-8")
        (folder / f"{name}.toml").write_text(GOOD.replace('id = "s"', f'id = "{name}"'), encoding="utf-8")
        (folder / ".s.toml").write_text("a shadow file", encoding="utf-8")
        (folder / "s.toml.example").write_text("an example", encoding="utf-8")
    found = load_catalogue([first, second], builtin=False)
    assert list(found) == ["one", "s", "two"]
    assert found["s"].name == "two"


def test_own_sources_replace_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "amz-press.toml").write_text(GOOD.replace('id = "s"', 'id = "amz-press"'), encoding="utf-8")
    assert load_catalogue([tmp_path])["amz-press"].name == "A source"
    assert len(load_catalogue([tmp_path])) == len(load_catalogue([]))


def test_the_same_id_twice_in_one_folder_is_an_error(tmp_path: Path) -> None:
    for name in ("s.toml", "copy.toml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    found, problems = check_catalogue([tmp_path], builtin=False)
    assert list(found) == ["s"]
    assert [(Path(p.file).name, p.line, p.key) for p in problems] == [("copy.toml", 1, "id")]
    assert "the id is doubled, s.toml has it" in problems[0].message
    with pytest.raises(DataFileError):
        load_catalogue([tmp_path], builtin=False)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="the folder does not exist"):
        load_catalogue([tmp_path / "nowhere"])


# ------------------------------------------------------------------ whatever people write
_WORDS = st.sampled_from(
    ["", "s", "feed", "api", "listing", "page", "https://x.example/{", "a{b}", "http://[::1", "li["]
)
_SCALARS = st.one_of(st.text(max_size=30), _WORDS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats())
_NAMES = st.sampled_from([*KEYS, "item", "items", "fields", "title", "from", "min_items", "drop", ""])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


def _toml(value: Any) -> str:
    """A value as TOML, the way people and programs write it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*KEYS, "x", "ключ"]), _VALUES, max_size=8))
def test_any_values_are_read_or_refused_with_a_message(tmp_path: Path, changed: dict[str, Any]) -> None:
    values = {"id": "s", "name": "n", "kind": "trade", "language": "en", "access": "feed", "url": "https://x.example/"}
    path = tmp_path / "s.toml"
    lines = "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in {**values, **changed}.items())
    path.write_bytes(lines.encode("utf-8", "surrogatepass"))
    source, problems = check_file(path)
    assert (source is None) == bool(problems)
    assert all(problem.message and "\n" not in problem.message for problem in problems)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: (GOOD + text).encode("utf-8", "ignore")))
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(body)
    source, problems = check_file(path)
    assert (source is None) == bool(problems)


# ------------------------------------------------------------------ the shipped sources
SHIPPED = load_catalogue([])


def test_the_first_set_is_shipped() -> None:
    assert sum(source.enabled for source in SHIPPED.values()) >= 54
    assert {path.stem for path in builtin_folder().glob("*.toml")} == set(SHIPPED)


def test_a_catalogue_loads_in_time_by_its_length_only(tmp_path: Path) -> None:
    sizes = (20, 320)
    for size in sizes:
        folder = tmp_path / str(size)
        folder.mkdir()
        for number in range(size):
            (folder / f"s{number}.toml").write_text(GOOD.replace('"s"', f'"s{number}"'), encoding="utf-8")
    assert_linear(lambda size: load_catalogue([tmp_path / str(size)], builtin=False), sizes[0])


@pytest.mark.parametrize("source", SHIPPED.values(), ids=SHIPPED.keys())
def test_a_shipped_source_is_sensible(source: Source) -> None:
    lines = Path(source.file).read_text(encoding="utf-8").splitlines()
    assert 15 <= len(lines) <= 30
    assert lines[0].startswith("# ")
    assert lines[1] == f'id = "{source.id}"'
    assert source.why
    assert source.proof
    assert source.derived
    assert not source.allow_addresses
    assert not any(_is_address(host) for host in source.hosts)
    assert not any(is_linkedin(host) for host in source.hosts)
    assert source.url.startswith("https://") or source.id == "cn-mofcom"
    if source.kind == "official":
        assert source.speaks_for
    if source.kind == "regulator":
        assert source.id == "fr-api" or all(ENTITIES[party].kind == "authority" for party in source.speaks_for)
    if source.kind in ("official", "regulator"):
        assert source.zone != "UTC"
    else:
        assert source.keep_text == "lead"
    if source.kind == "aggregator":
        assert not source.fetch_articles
    if source.access == "listing":
        assert source.listing
        assert source.allow_links or source.listing.item != "a[href]"  # else the menu would be news


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def test_keys_stand_in_the_same_order_everywhere() -> None:
    order = list(KEYS)
    for source in SHIPPED.values():
        lines = Path(source.file).read_text(encoding="utf-8").splitlines()
        keys = [line.split(" = ")[0] for line in lines[1 : lines.index("") if "" in lines else None]]
        assert keys == sorted(keys, key=order.index), source.id


def test_hosts_of_official_sources_belong_to_one_family_each() -> None:
    families: dict[str, set[str]] = {}
    for source in SHIPPED.values():
        for host in source.hosts if not source.person else ():  # people speak at other publishers' hosts
            families.setdefault(host, set()).add(source.family)
    assert {host: names for host, names in families.items() if len(names) > 1} == {}


def test_the_vocabulary_and_the_types_agree() -> None:
    assert tuple(SOURCE_KINDS) == get_args(SourceKind)
    assert tuple(ACCESS) == get_args(Access)
    assert all(entity.parent in {"", *ENTITIES} for entity in ENTITIES.values())


def test_documented_defaults_are_the_real_ones(write: Write) -> None:
    plain = load_source(write(GOOD))
    for name in ("fetch_articles", "enabled", "max_items", "max_bytes"):
        assert KEYS[name].default == str(getattr(plain, name)).lower()
    inside = KEYS["expect"].inside
    assert inside is not None
    assert {name: int(key.default) for name, key in inside.items()} == {
        name: getattr(Expect(), name) for name in ("min_items", "gap_hours", "max_age_days")
    }


# ------------------------------------------------------------------ traps: a saved page and what it must give
NOW = datetime(2024, 8, 9, 8, 0, tzinfo=UTC)
CONTENT_TYPES = {".html": "text/html", ".xml": "application/xml", ".json": "application/json"}
CASES = sorted(folder for folder in FIXTURES.iterdir() if (folder / "expected.json").exists())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_saved_answer_gives_the_expected_entries(folder: Path) -> None:
    from crawler.spiders import DISCOVER

    source = SHIPPED[folder.name]
    page = next(path for path in folder.iterdir() if path.suffix in CONTENT_TYPES and path.name != "expected.json")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    # A saved answer is shorter than a real one; it promises what it holds.
    source = replace(source, expect=replace(source.expect, min_items=len(expected)))
    url = source.url.replace("{week_ago}", "2024-08-08")
    answer = Answer(url=url, body=page.read_bytes(), content_type=CONTENT_TYPES[page.suffix])
    found = DISCOVER[source.access](answer, source, NOW)
    entries = [
        {
            "url": entry.url,
            "title": entry.title,
            "published_at": entry.published_at.isoformat() if entry.published_at else None,
        }
        for entry in found.entries
    ]
    assert entries == expected
    assert len(entries) >= 3
