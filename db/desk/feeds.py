"""A view of the stories for programs: Atom (RFC 4287), JSON Feed 1.1, CSV. Plain text only, addresses that stay."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET  # only written here, never parsed
from collections.abc import Sequence
from typing import Any

from db.csv_text import write_csv
from db.desk.naming import label, listed
from db.desk.reader import reader
from db.desk.story_cells import coverage, line, story_path
from db.desk.words import say

ENTRIES = 60
ROWS = 5000
_ATOM = "http://www.w3.org/2005/Atom"


def atom(stories: Sequence[Any], origin: str, view: str, title: str, now: str) -> str:
    """`view` is the address of the list, `now` stands for the time of an empty feed."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": reader().language})
    _add(feed, "id", f"tag:masthead,2024:view:{view}")
    _add(feed, "title", title)
    _add(feed, "updated", max((_updated(row) for row in stories), default=now))
    _add(feed, "link", "", rel="alternate", type="text/html", href=origin + view)
    _add(_add(feed, "author", ""), "name", say("product"))
    for row in stories:
        entry = _add(feed, "entry", "")
        _add(entry, "id", f"tag:masthead,2024:story:{row['id']}")
        _add(entry, "title", _title(row))
        _add(entry, "updated", _updated(row))
        _add(entry, "published", row["first_at"])
        _add(entry, "link", "", rel="alternate", type="text/html", href=origin + story_path(row["id"]))
        _add(entry, "summary", _summary(row))
        for name in listed(row["platforms"]) + listed(row["event_types"]):
            _add(entry, "category", "", term=str(name))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode")


def json_feed(stories: Sequence[Any], origin: str, view: str, title: str, address: str) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": origin + view,
            "feed_url": origin + address,
            "language": reader().language,
            "items": [
                {
                    "id": row["id"],
                    "url": origin + story_path(row["id"]),
                    "title": _title(row),
                    "content_text": _summary(row),
                    "date_published": row["first_at"],
                    "date_modified": _updated(row),
                    "tags": [*map(str, listed(row["platforms"])), *map(str, listed(row["event_types"]))],
                    "_masthead": {
                        "status": row["status"], "impact": row["impact"], "articles": row["articles"],
                        "origins": row["origins"], "original_title": row["title"], "original_url": row["url"],
                    },
                }
                for row in stories
            ],
        },
        ensure_ascii=False,
        indent=1,
    )  # fmt: skip


def as_csv(stories: Sequence[Any], origin: str, *, guarded: bool) -> str:
    out = io.StringIO()
    rows = (
        {
            "id": row["id"], "status": row["status"], "impact": row["impact"], "line": line(row),
            "original_title": row["title"] or "", "source": row["source_name"] or "",
            "first_at": row["first_at"], "last_at": row["last_at"], "day": row["day"],
            "platforms": " ".join(map(str, listed(row["platforms"]))),
            "event_types": " ".join(map(str, listed(row["event_types"]))),
            "regions": " ".join(map(str, listed(row["regions"]))),
            "articles": row["articles"], "origins": row["origins"], "importance": row["importance"],
            "credibility": row["credibility"], "url": row["url"] or "", "story": origin + story_path(row["id"]),
        }
        for row in stories
    )  # fmt: skip
    write_csv(rows, out, guarded=guarded)
    return out.getvalue()


def _title(row: Any) -> str:
    return f"[{label('status', row['status'])}] {line(row)}"


def _summary(row: Any) -> str:
    by = f"{row['title']} — {row['source_name']}\n" if row["title"] else ""
    return f"{by}{coverage(row)} · {say('impact')}: {label('impact', row['impact'])}"


def _updated(row: Any) -> str:
    return max(str(row["last_at"]), str(row["status_at"]))


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", {key: _legal(value) for key, value in attributes.items()})
    element.text = _legal(str(text)) or None
    return element


def _legal(text: str) -> str:
    """Without what XML 1.0 has no place for."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
