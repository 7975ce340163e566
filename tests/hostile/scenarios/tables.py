"""P06 and P12 in full: twelve encodings under three labels each, and forty dates as the web writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.hostile.scenarios.kinds import XML, Scenario, Site, Stored, item, rss

_OFF = "https://elsewhere.example"


_TWELVE = (
    "utf-8", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "windows-1252",
    "windows-1251", "utf-16",
)  # fmt: skip
_SAID = {
    "big5": "兩家平臺宣佈合作，用戶不離開應用即可購買商品，賣家最關心的是能不能投放廣告。",
    "shift_jis": "両社は八月八日、アプリを離れずに商品を購入できる新しいサービスを発表した。",
    "euc-kr": "두 회사는 앱을 떠나지 않고 상품을 살 수 있는 서비스를 발표했다.",
    "windows-1252": "Die Händler müssen künftig höhere Gebühren für die Größe ihrer Pakete zahlen.",
    "windows-1251": "Восьмого августа две компании объявили о сотрудничестве в торговле.",
}
_SAID |= {"euc-jp": _SAID["shift_jis"], "iso-2022-jp": _SAID["shift_jis"]}


def _said(encoding: str) -> str:
    return _SAID.get(encoding, "八月八日，两家平台宣布合作，用户不离开应用即可购买商品，卖家最关心的是能不能投放广告。")


def _encodings(site: Site) -> None:
    """Twelve encodings, each labelled rightly, wrongly and not at all; a page each."""
    items = []
    for encoding in _TWELVE:
        for label in (encoding, "gbk" if encoding == "utf-8" else "utf-8", ""):
            path = f"/{encoding}/{label or 'none'}"
            text = "".join(f"<p>{_said(encoding)}</p>" for _ in range(6))
            body = (
                f"<!doctype html><html><head><title>{path}</title></head><body><article>{text}</article></body></html>"
            )
            site.page(path, body.encode(encoding), Content_Type=f"text/html; charset={label}" if label else "text/html")
            items.append(item(f"Page {path}", f"{site.base}{path}", text="In short."))
    site.feed(rss(*items), Content_Type=XML)


def _read_right(stored: Stored) -> None:
    for article in stored.articles:
        _, encoding, label = str(article["title"]).rpartition("Page ")[2].split("/")
        assert _said(encoding) in article["text"], (article["title"], article["text"][:80])
        guessed = label != encoding and not (encoding in ("utf-8", "utf-16") and label == "none")
        said = "charset_guess" in article["flags"]
        assert said == guessed or encoding in ("utf-16", "iso-2022-jp"), (article["title"], article["flags"])


_DATES: tuple[tuple[str, str | None], ...] = (
    # as written, and the minute in UTC that it means, or None
    ("Thu, 08 Aug 2024 09:00:00 GMT", "2024-08-08T09:00"), ("Thu, 08 Aug 2024 09:00:00 +0800", "2024-08-08T01:00"),
    ("Thu, 08 Aug 2024 09:00:00 -0000", "2024-08-08T09:00"), ("8 Aug 2024 09:00 EST", "2024-08-08T14:00"),
    ("Thu, 08 Aug 2024 09:00:00 PDT", "2024-08-08T16:00"), ("Thu, 08 Sept 2024 09:00:00 GMT", "2024-09-08T09:00"),
    ("Mon, 8 Aug 24 9:00 PM", "2024-08-08T21:00"), ("Thursday, 08-Aug-24 09:00:00 GMT", "2024-08-08T09:00"),
    ("Thu Aug  8 09:00:00 2024", "2024-08-08T09:00"), ("32, 04 Aug 2026 10:00:00 GMT", "2026-08-04T10:00"),
    ("2024-08-08T13:00:00Z", "2024-08-08T13:00"), ("2024-08-08T13:00:00.123456789+08:00", "2024-08-08T05:00"),
    ("2024-08-08 13:00", "2024-08-08T13:00"), ("2024-08-08T24:00:00", "2024-08-09T00:00"),
    ("2024-08-08T23:59:60Z", "2024-08-08T23:59"), ("2024-08-08 13:00 GMT+8", "2024-08-08T05:00"),
    ("20240808T130000Z", "2024-08-08T13:00"), ("1722470400", "2024-08-01T00:00"),
    ("1722470400123", "2024-08-01T00:00"), ("Aug. 8, 2024, 9:00 a.m. ET", "2024-08-08T13:00"),
    ("August 8th, 2024 12:05 AM PT", "2024-08-08T07:05"), ("8 août 2024 à 14h30", "2024-08-08T14:30"),
    ("2024年8月8日 13:00", "2024-08-08T13:00"), ("2024年08月08日 下午3:05", "2024-08-08T15:05"),
    ("2024-08-08", "2024-08-08T00:00"), ("32, 04 Aug 2026", "2026-08-04T00:00"),
    ("2024-08-08T25:00:00Z", "2024-08-08T00:00"), ("Thu, 08 Aug 2024 09:00:00 +9900", "2024-08-08T09:00"),
    ("", None), ("soon", None), ("0", None), ("-1", None), ("1e400", None), ("99999999999999999999", None),
    ("Mon, 99 Foo 2024 25:61:61 GMT", None), ("Thu, 08 Agu 2024 09:00:00 GMT", None), ("2026-02-30", None),
    ("0001-01-01T00:00:00Z", None), ("Thu, 01 Jan 1970 00:00:00 -0000", None),
    ("Wed, 01 Jan 2098 00:00:00 GMT", None), ("9999-12-31T23:59:59Z", None), ("9999-12-31T23:59:59-12:00", None),
)  # fmt: skip


def _dates(site: Site) -> None:
    site.keys["expect"] = {"max_age_days": 36_500}
    items = (item(f"Dated {n}", f"{_OFF}/{n}", date=date) for n, (date, _) in enumerate(_DATES))
    site.feed(rss(*items), Content_Type=XML)


def _right_dates(stored: Stored) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    found = {str(article["title"]): article for article in stored.articles}
    for number, (raw, expected) in enumerate(_DATES):
        article = found[f"Dated {number}"]
        assert (article["published_at"] or "")[:16] == (expected or ""), (raw, article["published_at"])
        assert article["published_raw"] == " ".join(raw.split()), (raw, article["published_raw"])
        assert "2024" <= article["sort_at"] <= ahead, (raw, article["sort_at"])
        if raw.startswith(("Wed, 01 Jan 2098", "9999-")):
            assert "future_date" in article["flags"], raw


TABLES = (
    Scenario(name="P06-twelve-by-three", build=_encodings, rows=36, check=_read_right),
    Scenario(name="P12-dates", build=_dates, rows=len(_DATES), check=_right_dates),
)
