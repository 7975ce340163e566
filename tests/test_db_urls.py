import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.urls import absolute, canonical_url, host_of, redact, registered_domain
from tests.naughty import STRINGS

ADDRESSES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "ftp", "javascript"]),
    st.sampled_from(
        ["a.example", "A.Example:443", "u:p@h", "[::1]", "新闻.公司.cn", "h.", "", "1.2.3.4:0", "x_y.z:8080"]
    ),
    st.sampled_from(["", "/", "/a/../b", "//x", "/%7e%2e%2E/.", "/路径;jsessionid=1", "/%zz%"]),
    st.text(max_size=20).map("?{}".format) | st.sampled_from(["", "#f", "?utm_source=x&b=2&a=1", "?&&=&"]),
)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60) | st.sampled_from(STRINGS) | ADDRESSES


@pytest.mark.parametrize(
    ("base", "link", "url"),
    [
        ("https://a.example/x/y", "z?q=1#f", "https://a.example/x/z?q=1#f"),
        ("https://a.example/x", "//B.example/p", "https://b.example/p"),
        ("https://a.example/x", " \n /with blank ", "https://a.example/with%20blank"),
        ("https://a.example/", "HTTP://Ｅxample。com:80/P", "http://example.com:80/P"),
        ("", "https://新闻.公司.cn/路径", "https://xn--efvy88h.xn--55qx5d.cn/路径"),
        ("", "http://[::ffff:127.0.0.1]:8/", "http://[::ffff:7f00:1]:8/"),
        ("", "http://2130706433/", "http://2130706433/"),  # resolving is the fetcher's matter
    ],
)
def test_absolute_resolves(base: str, link: str, url: str) -> None:
    assert absolute(base, link) == url


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example/", "mailto:a@b", "feed://a/",
        "https://user@a.example/", "https://newsroom.tiktok.com@evil.example/", "https://good.example\\@evil.example/",
        "https://good.example\\.evil.example/", "http:///x", "http://", "http://h:99999/", "http://h:0/", "http://h:x/",
        "http://a b/", "http://[::1%25eth0]/", "http://[bad/", "java\nscript:x", "http://a.example/\x00",
        "http://a.example/\u2028x", "http://a.example/\ud800", "http://-\u3002\u3002/", "http://" + "a" * 300 + "/",
        "https://a.example/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_absolute_refuses_what_could_be_read_in_two_ways(link: str) -> None:
    assert absolute("https://base.example/", link) is None
    assert canonical_url(link) is None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Example.com:443", "https://www.example.com/"),
        ("http://example.com:8080/A/b", "http://example.com:8080/A/b"),
        ("https://e.example/p?utm_source=x&b=2&a=1&fbclid=z&ref=rss#top", "https://e.example/p?b=2&a=1"),
        ("https://e.example/p?ref=home&source=12", "https://e.example/p?ref=home&source=12"),
        ("https://e.example/a/./b/../c/", "https://e.example/a/c/"),
        ("https://e.example//evil.example/x", "https://e.example//evil.example/x"),
        ("https://e.example/%7euser/%e4%b8%ad", "https://e.example/~user/%E4%B8%AD"),
        ("https://e.example/中", "https://e.example/%E4%B8%AD"),
        ("https://e.example/100%", "https://e.example/100%25"),
        ("https://e.example/x;jsessionid=9F?PHPSESSID=1&id=2", "https://e.example/x?id=2"),
        ("https://e.example./x", "https://e.example/x"),
        ("https://e.example/?q=a%20b+c&u=http://x/?y", "https://e.example/?q=a%20b+c&u=http://x/?y"),
    ],
)
def test_canonical_url_has_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_letters_of_the_path_keep_their_case() -> None:
    assert canonical_url("https://e.example/News/A") != canonical_url("https://e.example/news/a")


@given(ANYTHING, ANYTHING)
def test_no_string_raises_and_canonical_is_stable(base: str, link: str) -> None:
    for url in (absolute(base, link), canonical_url(link)):
        if url is not None:
            assert url.startswith(("http://", "https://"))
            assert len(url) <= 2_000
            assert host_of(url)
            assert host_of(url).isascii()
            assert canonical_url(canonical_url(url) or url) == canonical_url(url)
    redact(link)
    registered_domain(host_of(link))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://User@WWW.Example.COM.:8443/x", "www.example.com"), ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://пример.example/", "xn--e1afmkfd.example"), ("not an address", ""), ("http://[x", ""), ("", ""),
    ],
)  # fmt: skip
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"), ("bbc.co.uk", "bbc.co.uk"), ("co.uk", "co.uk"), ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("a.b.github.io", "b.github.io"),
        ("WWW.Example.com.", "example.com"),
        ("newsroom.tiktok.com.evil.example", "evil.example"), ("www.新闻.cn", "xn--efvy88h.cn"), ("", ""),
    ],
)  # fmt: skip
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_redact_leaves_no_secret() -> None:
    url = "https://me:secret@a.example/p?token=secret&q=1&X-Amz-Signature=secret&api_key=secret&key=secret#secret"
    assert redact(url) == "https://a.example/p?token=…&q=1&X-Amz-Signature=…&api_key=…&key=…"
    assert "secret" not in redact("http://[secret@bad")
