"""The desk as a reader sees it: pages, lists, facets, cells, both languages."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from db.desk import cells, facets, naming, rendering, words
from db.desk.columns import COLUMNS, NOTES
from db.desk.queries import QUERIES
from db.desk.reader import Reader, become
from db.desk.tables import TABLES
from db.errors import CODES
from tests.desk_samples import ZONE, Ask, asker, cells_of, make_archive, open_desk, soup

HERE = Path(__file__).parent.parent / "db" / "desk"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("desk") / "any#name %41.db")


@pytest.fixture(scope="module")
def get(archive: Path) -> Ask:
    return asker(open_desk(archive))


# ------------------------------------------------------------------ words and titles
def test_every_column_of_every_table_shown_has_a_title(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as conn:
        for name, table in TABLES.items():
            columns = {row[1] for row in conn.execute(f"pragma table_info('{name}')")}
            assert columns, f"{name} is not in the schema"
            assert columns <= set(COLUMNS), f"{name}: no title for {columns - set(COLUMNS)}"
            named = {*table.listed, *table.sortable, *table.machine, table.sort, table.sort_desc, table.label} - {""}
            assert named <= columns, f"{name}: not in the schema: {named - columns}"


def test_every_column_offered_as_a_facet_has_an_index(archive: Path) -> None:
    small = {"sources", "entities", "runs"}  # hundreds of rows
    with closing(sqlite3.connect(archive)) as conn:
        covering = {row[2] for row in conn.execute(f"pragma index_info('{facets.INDEX}')")}
        assert {*covering, "id"} == facets.INDEXED
        for name, table in TABLES.items():
            indexed = {
                conn.execute(f"select name from pragma_index_info('{index[1]}')").fetchone()[0]
                for index in conn.execute(f"pragma index_list('{name}')")
            }
            offered = {facet if isinstance(facet, str) else next(iter(facet.values())) for facet in table.facets}
            assert name in small or offered <= indexed, f"{name}: no index for {offered - indexed}"


def test_every_filter_of_the_lists_reads_an_index_in_order(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as conn:
        for column in ("source_kind", "language", "day", "source_id"):
            plan = conn.execute(
                f"explain query plan select * from articles where {column} = 'x' order by sort_at desc limit 51"
            ).fetchall()
            assert len(plan) == 1, f"{column}: {plan}"  # a second line is a sorter
            assert "USING INDEX" in plan[0][3]


def test_all_words_are_there_in_both_languages() -> None:
    names = [*words.WORDS.values(), *COLUMNS.values(), *NOTES.values(), *words.COMPARISONS.values()]
    names += [name for values in words.VALUES.values() for name in values.values()]
    names += [name for table in TABLES.values() for name in (table.title, table.note)]
    names += [name for query in QUERIES.values() for name in (query.title, query.note)]
    assert all(name.en.strip() and name.zh.strip() for name in names)


def test_every_word_is_used_and_every_word_used_is_there() -> None:
    texts = [file.read_text("utf-8") for file in [*HERE.glob("*.py"), *HERE.glob("templates/*.html")]]
    used = {word for text in texts for word in re.findall(r"""\bsay\(\s*["']([a-z0-9_]+)["']""", text)}
    used |= {
        word for text in texts for word in re.findall(r"""say\("(yes)" if value else "(no)"\)""", text) for word in word
    }
    made = (
        "err_",
        "do_",
        "facet_",
        "sort_",
        "every_",
        "quality_",
        "rate_",
        "share_",
        "lead",
        "problem_",
        "figure_",
    )  # put together from a prefix and a value
    kept = {word for word in words.WORDS if word.startswith(made)} | {"yes", "no"}
    listed = {word for text in texts for word in re.findall(r"""\(?["']([a-z_]+)["'], (?:it\.|s\.|["'])""", text)}
    kept |= {word for word in words.WORDS if word in listed}
    assert {word for word in used if word not in made} - set(words.WORDS) == set()
    assert set(words.WORDS) - used - kept == set()


# ------------------------------------------------------------------ pages
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", ["/", "/masthead", *(f"/masthead/{name}" for name in [*TABLES, *QUERIES])])
def test_each_page_opens_in_each_language(get: Ask, path: str, language: str) -> None:
    page = soup(get(path, params={"lang": language}))
    assert page.html is not None
    assert page.html["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert len(page.select("h1")) == 1
    assert page.title is not None
    assert page.title.get_text().strip()
    assert page.select_one("a.skip[href='#content']")
    assert page.select_one("main#content")
    name = path.rpartition("/")[2]
    known = TABLES.get(name) or QUERIES.get(name)
    if known is not None:
        assert page.h1 is not None
        assert page.h1.get_text(strip=True) == getattr(known.title, language)
        assert getattr(known.note, language) in page.get_text()


@pytest.mark.parametrize("path", ["articles/1", "articles/8", "sources/cpsc", "events/1", "evidence/1", "runs/2"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_row_opens_in_each_language(get: Ask, path: str, language: str) -> None:
    assert soup(get(f"/masthead/{path}", params={"lang": language})).h1 is not None


@pytest.mark.parametrize("path", ["run_sources/1,cpsc", "mentions/1,title,0,amazon", "entities/amazon", "revisions/1"])
def test_rows_with_other_keys_open(get: Ask, path: str) -> None:
    assert soup(get(f"/masthead/{path}")).select("dl.fields dt")


def test_pages_ask_nobody_else_for_anything_and_carry_no_script_or_style(get: Ask) -> None:
    for path in ["/", "/masthead/articles", "/masthead/articles/1", "/masthead/find?q=TikTok", "/nowhere"]:
        page = BeautifulSoup(get(path).text, "html.parser")
        assert not page.select("script:not([src]), style, [style], iframe, object, embed")
        assets = [tag.get("src") or tag.get("href") for tag in page.select("img, link, script")]
        assert assets
        assert all(str(asset).startswith("/-/desk/") for asset in assets)


@pytest.mark.slow
def test_every_link_within_the_desk_leads_somewhere(get: Ask) -> None:
    seen: set[str] = set()
    queue = ["/"]
    while queue and len(seen) < 120:
        path = queue.pop(0)
        if path in seen:
            continue
        seen.add(path)
        response = get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        if "html" in response.headers["content-type"]:
            links = [str(a["href"]) for a in BeautifulSoup(response.text, "html.parser").select("a[href]")]
            queue += [link for link in links if link.startswith("/") and "lang=" not in link and link not in seen]
    assert len(seen) > 60


def test_home_says_what_is_there_and_what_could_not_be_seen(get: Ask) -> None:
    page = soup(get("/"))
    text = page.get_text(" ", strip=True)
    assert "2024-08-09 07:00" in text  # 23:00 UTC in Shanghai
    assert "3 / 7" in text
    blind = page.select_one("ul.blind")
    assert blind is not None
    assert "A bot check came instead of the content." in blind.get_text()
    assert "Harbour Wire" not in blind.get_text()
    assert "Ten kitchen gadgets" not in text  # noise is no signal


def test_home_of_an_empty_archive_says_what_to_do(tmp_path: Path) -> None:
    make_archive(tmp_path / "empty.db", articles=0)
    text = soup(asker(open_desk(tmp_path / "empty.db"))("/")).get_text()
    assert "masthead crawl" in text
    assert "masthead demo" in text


def test_the_language_is_remembered_and_a_wrong_one_ignored(archive: Path) -> None:
    get = asker(open_desk(archive, language="zh"))
    assert "今日" in get("/").text
    answer = get("/masthead/articles?lang=en&language=zh")
    assert "What happened" in answer.text
    assert "masthead_lang=en" in answer.headers["set-cookie"]
    assert "lang=en" not in soup(answer).select_one("aside.filters a")["href"]  # type: ignore[index]  # it is there
    assert "Could not be seen" in get("/", headers={"cookie": "masthead_lang=en"}).text
    wrong = get("/?lang=xx")
    assert "今日" in wrong.text
    assert "set-cookie" not in wrong.headers


# ------------------------------------------------------------------ the list of articles
def test_articles_come_newest_first_with_sensible_columns(get: Ask) -> None:
    page = soup(get("/masthead/articles"))
    times = cells_of(page, "sort_at")
    assert times == sorted(times, reverse=True)
    assert times[0] == "2024-08-09 04:00"
    heads = [th.get_text(strip=True).rstrip("↓ ") for th in page.select("th")]
    assert heads == ["Time", "Headline", "Source", "Platforms", "What happened", "Language"]


def test_facets_count_name_and_filter(get: Ask) -> None:
    page = soup(get("/masthead/articles"))
    names = [h2.get_text(strip=True) for h2 in page.select("aside.filters h2")]
    assert names == ["Kind of source", "Platforms", "What happened", "Language", "Day"]
    link = next(a for a in page.select("aside.filters a") if a.get_text() == "Temu")
    filtered = soup(get(str(link["href"])))
    assert cells_of(filtered, "title") == [
        "Brussels opens a formal inquiry into Temu The Commission opened a formal inquiry into Temu over unsafe goods."
    ]
    chip = filtered.select_one("p.chosen a.chip")
    assert chip is not None
    assert "Platforms includes Temu" in " ".join(chip.get_text(" ", strip=True).split())
    assert len(cells_of(soup(get(str(chip["href"]))), "title")) == 8
    days = [a.get_text() for a in page.select("aside.filters section:nth-of-type(5) a")]
    assert days == sorted(days, reverse=True)


def test_facets_combine_across_kinds(get: Ask) -> None:
    path = "/masthead/articles?platforms__has=tiktok&source_kind=trade&language=zh&day=2024-08-08"
    assert len(cells_of(soup(get(path)), "title")) == 1


def test_the_filter_form_reaches_any_column(get: Ask) -> None:
    query = "_filter_column=title&_filter_op=contains&_filter_value=fee&language=en"
    answer = get(f"/masthead/articles?{query}")
    assert answer.status_code == 302
    page = soup(get(answer.headers["location"]))
    assert [title.split("  ")[0][:20] for title in cells_of(page, "title")] == ["Amazon changes its r"]


def test_pages_follow_each_other(tmp_path: Path) -> None:
    make_archive(tmp_path / "many.db", articles=120)
    get = asker(open_desk(tmp_path / "many.db"))
    path, seen = "/masthead/articles", []
    while path:
        page = soup(get(path))
        seen += [str(a["href"]) for a in page.select("td.col-title a.headline")]
        onward = page.select_one("a[rel=next]")
        path = str(onward["href"]) if onward else ""
        assert not path or path.startswith("/masthead/articles?")
    assert len(seen) == len(set(seen)) == 120


def test_machine_columns_stay_out_of_exports_offered_to_people(get: Ask) -> None:
    page = soup(get("/masthead/articles"))
    links = {a.get_text(): str(a["href"]) for a in page.select("p.export a")}
    rows = get(links["JSON"]).json()
    assert "title" in rows["columns"]
    assert not set(rows["columns"]) & set(TABLES["articles"].machine)
    assert get(links["CSV"]).text.splitlines()[0].startswith("id,")


# ------------------------------------------------------------------ cells
def test_evidence_marks_the_words_that_decided(get: Ask) -> None:
    for path in ("/masthead/evidence", "/masthead/official_partnerships", "/masthead/articles/1"):
        marks = [mark.get_text() for mark in soup(get(path)).select("mark")]
        assert "can now buy Amazon products from ads" in marks, path
    assert "可在 TikTok 内直接购买亚马逊商品" in [m.get_text() for m in soup(get("/masthead/evidence")).select("mark")]


def test_a_word_that_stands_twice_is_marked_where_it_decided(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "twice.db")
    sentence = "Sellers told sellers that sellers wait."
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("update articles set text = 'First.' || char(10) || ? where id = 2", [sentence])
        conn.execute(
            'update evidence set quote = ?, start = 33, "end" = 40 where event_id ='
            " (select id from events where article_id = 2)",
            [sentence],
        )
        conn.commit()
    get = asker(open_desk(path))
    for page in ("/masthead/evidence", "/masthead/articles/2"):
        marked = [quote for quote in soup(get(page)).select("q.quote, blockquote") if quote.get_text() == sentence]
        assert [str(mark.previous_sibling) for quote in marked for mark in quote.select("mark")] == [
            "Sellers told sellers that "
        ]


def test_evidence_beyond_a_kept_lead_shows_its_sentence_unmarked(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "lead.db")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("update articles set text = 'Two rivals.' where id = 2")
        conn.commit()
    page = soup(asker(open_desk(path))("/masthead/articles/2"))
    quote = page.select_one("blockquote")
    assert quote is not None
    assert quote.get_text().startswith("TikTok and Amazon said")
    assert not page.select("blockquote mark")


def test_sources_show_state_reason_and_advice(get: Ask) -> None:
    page = soup(get("/masthead/source_health", params={"lang": "zh"}))
    first = page.select("tbody tr")[0].get_text(" ", strip=True)
    assert CODES["timeout"].zh in first
    assert CODES["timeout"].do_zh in first
    assert page.select("span.badge.state-refused")
    states = [badge["class"][1] for badge in page.select("td.col-state .badge")]
    assert states[-1] == "state-ok"


def test_links_show_where_they_lead(get: Ask) -> None:
    link = soup(get("/masthead/articles/1")).select_one("p.original a")
    assert link is not None
    assert link["href"] == "https://tiktok-newsroom.example/a/1"
    assert link.get_text() == "tiktok-newsroom.example"
    assert "noopener" in str(link["rel"])


@pytest.mark.filterwarnings("ignore::bs4.MarkupResemblesLocatorWarning")  # an unlinked address is all there is
@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("https://www.аmazon.com/x", "www.xn--mazon-3ve.com"),
        ("http://[::1]:8000/", "::1"),
        ("javascript:alert(1)", None),
        ("https://user@evil.example/", None),
        ("//evil.example/", None),
    ],
)
def test_a_look_alike_host_shows_itself(value: str, host: str | None) -> None:
    page = BeautifulSoup(cells.link(value), "html.parser")
    assert (page.a.get_text() if page.a else None) == host


def test_times_are_the_teams_and_the_stored_one_stays_readable(get: Ask) -> None:
    stamp = soup(get("/masthead/articles/1")).select_one("time")
    assert stamp is not None
    assert (stamp["datetime"], stamp.get_text()) == ("2024-08-08T05:00:00+00:00", "2024-08-08 13:00")


def test_units_follow_numbers(get: Ask) -> None:
    page = soup(get("/masthead/fetches"))
    assert cells_of(page, "size_bytes") == ["20.48\N{NO-BREAK SPACE}kB"]
    assert cells_of(page, "seconds") == ["30.0\N{NO-BREAK SPACE}s"]


@given(st.text(), st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60))))
def test_marking_changes_no_character(text: str, spans: list[tuple[int, int]]) -> None:
    marked = BeautifulSoup(f"<pre>x{naming.mark_spans(text.replace(chr(13), ''), spans)}</pre>", "html.parser")
    assert marked.pre is not None
    assert marked.pre.get_text() == "x" + text.replace("\r", "")


@given(st.sampled_from(sorted(COLUMNS)), st.none() | st.text() | st.integers() | st.floats() | st.binary())
def test_any_value_in_any_column_makes_a_cell(column: str, value: object) -> None:
    row = {column: value, "id": 1, "code": "timeout"}
    for table in (None, *TABLES):
        cell = rendering.render(row, value, column, table)
        assert cell is None or isinstance(cell, str)
        if cell is None:
            assert isinstance(value, int | float)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_in_a_json_column_makes_a_cell(value: object) -> None:
    become(Reader("zh", ZoneInfo(ZONE)))
    for column in ("platforms", "parties", "amounts", "dates", "flags", "regions", "authors", "event_types"):
        assert rendering.render({}, json.dumps(value), column, "events") is not None
