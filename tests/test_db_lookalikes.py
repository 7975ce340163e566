"""Hosts that resemble official ones are told from official ones and from strangers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.lookalikes import Registered, is_lookalike, registered
from db.store import Store
from pipelines.copies import best_match
from tests.db_samples import source
from tests.story_samples import told

OFFICIAL = {
    "tiktok-newsroom": ("newsroom.tiktok.com", ("tiktok",)),
    "amz-press": ("press.aboutamazon.com", ("amazon",)),
    "amz": ("www.amazon.com", ("amazon",)),
    "ms": ("news.microsoft.com", ("microsoft",)),
    "eu": ("ec.europa.eu", ("eu_commission",)),
    "trade": ("www.tiktok-sellers-daily.com", ()),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "m.db") as opened:
        opened.sync_sources(
            [source()]
            + [
                source(name, hosts=(host,), speaks_for=speaks, kind="official" if speaks else "trade")
                for name, (host, speaks) in OFFICIAL.items()
            ]
        )
        yield opened


@pytest.fixture
def catalogue(store: Store) -> Registered:
    return registered(store.connection)


@pytest.mark.parametrize(
    "host",
    [
        "tiktok-newsroom.xyz", "newsroom.tiktok.com.evil.io", "аmazon.com", "аmаzоn.com", "rnicrosoft.com",
        "amazon-go.com", "amazon.xyz", "tikt0k.com", "tiktoknewsroom.com", "amazonpress.net", "tiktok.wordpress.com",
        "tiktok-news.github.io", "amazom.com", "amaozn.com", "aboutarnazon.com", "press.aboutamazon.com.example.net",
        "login.amazon-verify.shop", "microsofl.com",
    ],
)  # fmt: skip
def test_hosts_that_resemble_an_official_one(catalogue: Registered, host: str) -> None:
    assert is_lookalike(f"https://{idna.encode(host, uts46=True).decode()}/news/1", catalogue)


@pytest.mark.parametrize(
    "host",
    [
        "newsroom.tiktok.com", "www.amazon.com", "seller.tiktok.com", "www.amazon.de", "www.amazon.co.jp",
        "www.tiktok-sellers-daily.com", "techcrunch.com", "amazonia.org", "www.cifnews.com", "marketplacepulse.com",
        "ec.europa.eu", "europe1.fr", "127.0.0.1", "news.example.com", "tik.com", "36kr.com",
    ],
)  # fmt: skip
def test_hosts_that_resemble_nobody(catalogue: Registered, host: str) -> None:
    assert not is_lookalike(f"https://{host}/tiktok/amazon", catalogue)


@given(st.text(max_size=60))
def test_any_text_is_an_answer(text: str) -> None:
    nobody = Registered(frozenset(), {})
    assert not is_lookalike(text, nobody)
    assert not is_lookalike(f"https://{text}/", nobody)


def test_an_article_at_such_a_host_is_flagged_where_it_is_stored(store: Store) -> None:
    store.save(told("ads", 1, url="https://tiktok-newsroom.xyz/ads"), best_match)
    store.save(told("fees", 1), best_match)
    flags = [row[0] for row in store.connection.execute("select flags from articles order by id")]
    assert flags == ['["lookalike"]', "[]"]
