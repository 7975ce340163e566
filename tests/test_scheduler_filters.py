"""The JSON Lines filters: one answer per line, in order, whatever the line holds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.masthead_cli import masthead

PAGE = (
    """<!doctype html><html lang="en"><head><title>Parcel fees change | The Quay</title>
<meta property="article:published_time" content="2024-08-08T13:00:00+08:00">
<link rel="canonical" href="https://quay.example/fees"></head><body><nav><a href="/">Home</a></nav>
<article><h1>Parcel fees change</h1>"""
    + "".join(
        f"<p>Paragraph {number} explains at length how the carrier will charge small sellers next month.</p>"
        for number in range(8)
    )
    + "</article></body></html>"
)


def run(command: str, lines: list[str], cwd: Path) -> tuple[int, list[dict[str, Any]]]:
    done = masthead(command, "--jsonl", cwd=cwd, stdin="\n".join(lines) + "\n")
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_bad_lines_get_an_error_and_the_rest_go_on(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "title": "TikTok fined by the FTC", "text": ""}),
        "{not json",
        json.dumps(["no", "object"]),
        json.dumps({"id": "b", "title": 3}),
        "",
        json.dumps({"id": "c", "title": "", "text": None, "source": {"kind": "official", "speaks_for": "amazon"}}),
        "[" * 100_000,
        json.dumps({"id": "d", "title": "\ud800 Temu", "unknown": 1}),
        json.dumps({"title": "no id"}),
    ]
    code, answers = run("tag", lines, tmp_path)
    assert code == 6
    assert [answer["id"] for answer in answers] == ["a", None, None, "b", None, "c", None, "d", None]
    assert [answer["line"] for answer in answers if "error" in answer] == [2, 3, 4, 5, 6, 7, 9]
    assert all(answer["error"]["code"] == "bad_line" for answer in answers if "error" in answer)
    assert "relevance" in answers[7]


def test_tags_have_the_promised_shape(tmp_path: Path) -> None:
    title, text = "Amazon and TikTok announce partnership", "亚马逊与TikTok宣布合作。"
    code, (answer,) = run("tag", [json.dumps({"id": 1, "title": title, "text": text})], tmp_path)
    assert (code, answer["id"], answer["lang"]) == (0, 1, "en")
    fields = {"title": title, "text": text}
    for mention in answer["entities"]:
        assert fields[mention["field"]][mention["start"] : mention["end"]] == mention["surface"]
    assert {mention["id"] for mention in answer["entities"]} == {"amazon", "tiktok"}
    (event,) = answer["events"]
    assert event["type"] == "commercial/partnership"
    assert {
        "score",
        "attribution",
        "polarity",
        "modality",
        "parties",
        "audience",
        "regions",
        "amounts",
        "dates",
    } <= set(event)
    for span in event["evidence"]:
        assert 0 <= span["start"] < span["end"] <= len(fields[span["field"]])
        assert span["rule"]


def test_pages_from_text_file_and_gzip(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE.replace("carrier", "承运商").encode("gb18030")))
    url = "https://quay.example/fees?utm_source=x"
    lines = [
        json.dumps({"id": "html", "url": url, "html": PAGE}),
        json.dumps({"id": "path", "url": url, "path": "page.html"}),
        json.dumps({"id": "gz", "url": url, "path": "page.html.gz", "charset": "gb18030"}),
        json.dumps({"id": "empty", "url": url, "html": ""}),
        json.dumps({"id": "none", "url": url, "path": "missing.html"}),
        json.dumps({"id": "nothing", "url": url}),
    ]
    code, answers = run("extract", lines, tmp_path)
    assert code == 6
    for answer in answers[:3]:
        assert answer["title"] == "Parcel fees change"
        assert [line.split()[1] for line in answer["text"].splitlines()[-8:]] == list("01234567")
        assert answer["published_at"] == "2024-08-08T13:00:00+08:00"
        assert answer["canonical_url"] == "https://quay.example/fees"
        assert (answer["language"], answer["quality"]) == ("en", "ok")
    assert "承运商" in answers[2]["text"]
    assert (answers[3]["quality"], answers[3]["text"]) == ("empty", "")
    assert [answer["error"]["code"] for answer in answers[4:]] == ["bad_line", "bad_line"]
