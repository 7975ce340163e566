"""Stories over the desk's sample articles (tests.desk_samples), made with plain SQL on the real schema."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.desk_samples import ARTICLES, DEAL, NOW, add_article, insert, iso, make_archive

DEAL_STORY, FEE_STORY, TEMU_STORY, SHEIN_STORY = "st-deal", "st-fee", "st-temu", "st-shein"

_STORIES: list[dict[str, object]] = [
    {
        "id": DEAL_STORY, "articles": [1, 2, 3, 4], "status": "official", "impact": 2, "importance": 0.8,
        "line_en": "TikTok, Amazon: advertising partnership announced, US, 8 Aug 2024",
        "line_zh": "TikTok、亚马逊：宣布广告合作，美国，2024年8月8日",
        "parties": {"between": ["tiktok", "amazon"]}, "regions": ["US"], "audience": ["first_party"],
        "moves": [("rumor", 4, 30, "听说马上开放"), ("official", 1, 20, DEAL)],
    },
    {
        "id": FEE_STORY, "articles": [5], "status": "official", "impact": 3, "importance": 0.6,
        "line_en": "Amazon: returns processing fee for apparel lowered, US, 15 Jan 2025",
        "line_zh": "亚马逊：下调服装退货处理费，美国，2025年1月15日",
        "regions": ["US"], "audience": ["third_party_sellers"], "moves": [("official", 5, 60, "")],
        "deadline": ("2025-01-15", "effective", 5, "Amazon will lower the returns processing fee for apparel."),
    },
    {
        "id": TEMU_STORY, "articles": [6], "status": "reported", "impact": 2, "importance": 0.5,
        "line_en": "", "line_zh": "", "regions": ["EU"], "moves": [("reported", 6, 30, "")],
        "deadline": ("2024-09-01", "deadline", 6, "Temu has to answer by 1 September."),
    },
    {
        "id": SHEIN_STORY, "articles": [7], "status": "denied", "impact": 0, "importance": 0.3,
        "line_en": "SHEIN: London listing delay denied, 8 Aug 2024", "line_zh": "SHEIN：否认推迟伦敦上市",
        "moves": [("rumor", None, 28, ""), ("denied", 7, 26, "SHEIN 发言人否认推迟在伦敦上市的说法。")],
        "follows": TEMU_STORY,
    },
]  # fmt: skip

PAGE = 9
_PAGE: dict[str, object] = {
    "source": "amz-press", "hours": 200, "title": "Fees", "text": "New text.", "relevance": 0, "platforms": [],
    "events": [],
}  # fmt: skip
#: A sentence, a cell, a sentence that came and one that went.
_CHANGES = [
    {
        "before": "Apparel pays 8 % from May.", "after": "Apparel pays 6 % from June.", "place": "Returns",
        "parts": [["same", "Apparel pays "], ["removed", "8 % from May."], ["added", "6 % from June."]],
    },
    {"before": "17%", "after": "10 %", "place": "Fees › Clothing › Share", "parts": []},
    {"before": "", "after": "Shoes pay nothing.", "place": "", "parts": []},
    {"before": "<b>Hats</b> are free.", "after": "", "place": "", "parts": []},
]  # fmt: skip


def make_story_archive(path: Path) -> Path:
    """The sample archive with four stories, one merged, one claim, two dates and a watched page that changed."""
    make_archive(path)
    with closing(sqlite3.connect(path)) as conn:
        for story in _STORIES:
            _add_story(conn, story)
        insert(conn, "stories", {**_row(_STORIES[0]), "id": "st-old", "merged_into": "st-older", "articles": 0})
        insert(conn, "stories", {**_row(_STORIES[0]), "id": "st-older", "merged_into": DEAL_STORY, "articles": 0})
        insert(
            conn,
            "claims",
            {
                "story_id": DEAL_STORY, "article_id": 4, "slot": "audience", "verdict": "not_in_official",
                "value": "third_party_sellers", "field": "title", "start": 0, "end": 5,
                "quote": "卖家现在就能去 TikTok 投广告", "official_article_id": 1, "official_value": "first_party",
                "official_quote": DEAL, "at": iso(NOW - timedelta(hours=9)),
            },
        )  # fmt: skip
        _add_page(conn)
        conn.commit()
    return path


def _add_page(conn: sqlite3.Connection) -> None:
    """A watched page; what changed on it is told by article 5."""
    conn.execute("update sources set access = 'page' where id = 'amz-press'")
    conn.execute("update articles set form = 'change' where id = 5")
    add_article(conn, PAGE, _PAGE)
    conn.execute("update articles set form = 'page' where id = ?", [PAGE])
    changes = {"changes": json.dumps(_CHANGES), "item_id": 5, "seen_at": iso(NOW), "content_hash": "x"}
    insert(conn, "revisions", {"article_id": PAGE, "number": 1, "title": "Fees", "text": "Old text.", **changes})


def _add_story(conn: sqlite3.Connection, story: dict[str, object]) -> None:
    insert(conn, "stories", _row(story))
    articles, moves = story["articles"], story["moves"]
    assert isinstance(articles, list)
    assert isinstance(moves, list)
    for number in articles:
        why = [{"kind": "entities", "with_article": str(articles[0]), "weight": 0.4}] if number != articles[0] else []
        at = iso(NOW - timedelta(hours=int(str(ARTICLES[number - 1]["hours"]))))
        row = {"article_id": number, "story_id": story["id"], "at": at, "why": json.dumps(why)}
        row["origin_article_id"] = ARTICLES[number - 1].get("copy_of") or number
        insert(conn, "story_articles", row)
    for status, article, hours, quote in moves:
        at = iso(NOW - timedelta(hours=hours))
        move = {"story_id": story["id"], "status": status, "at": at, "article_id": article, "quote": quote}
        insert(conn, "status_moves", {**move, "recorded_at": at})
    if "deadline" in story:
        date, role, article, quote = story["deadline"]  # type: ignore[misc]  # a tuple of four in the table above
        row = {"story_id": story["id"], "article_id": article, "date": date, "role": role, "quote": quote}
        insert(conn, "deadlines", {**row, "field": "text", "start": 0, "end": 4})


def _row(story: dict[str, object]) -> dict[str, object]:
    articles = story["articles"]
    assert isinstance(articles, list)
    samples = [ARTICLES[number - 1] for number in articles]
    hours = [int(str(sample["hours"])) for sample in samples]
    first, last = NOW - timedelta(hours=max(hours)), NOW - timedelta(hours=min(hours))
    lists: dict[str, list[object]] = {
        "platforms": list(samples[0]["platforms"]),  # type: ignore[call-overload]  # a list in the samples
        "event_types": list(dict.fromkeys(event[0] for event in samples[0]["events"])),  # type: ignore[attr-defined]
        "languages": sorted({str(sample.get("language", "en")) for sample in samples}),
        "source_kinds": ["official"] if story["id"] in (DEAL_STORY, FEE_STORY) else ["wire"],
        "regions": list(story.get("regions", [])),  # type: ignore[call-overload]
        "audience": list(story.get("audience", [])),  # type: ignore[call-overload]
        "impact_reasons": ["event: platform/fees (+2)", "date: 2025-01-15 (+1)", "odd"],
    }
    return {
        "id": story["id"], "first_at": iso(first), "last_at": iso(last),
        "day": f"{first + timedelta(hours=8):%Y-%m-%d}",
        "main_event": lists["event_types"][0], "lead_article_id": articles[0], "articles": len(articles),
        "origins": max(1, len(articles) - 1), "families": 1, "status": story["status"], "status_at": iso(last),
        "impact": story["impact"], "importance": story["importance"], "importance_parts": '{"impact": 0.5}',
        "credibility": 0.7, "credibility_parts": '{"official": 0.7}', "line_en": story["line_en"],
        "line_zh": story["line_zh"], "parties": json.dumps(story.get("parties", {})), "follows": story.get("follows"),
        "updated_at": iso(NOW), **{name: json.dumps(value) for name, value in lists.items()},
    }  # fmt: skip
