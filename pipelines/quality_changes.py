"""Our own pages with what may happen to them, as two visits see them, and how well `changes` tells the one from the
other. Every second visit also meets another menu, cookie notice, counters and teasers, as on real pages."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db.tomlfile import read_toml
from db.types import Change, PageHints
from pipelines.changes import changes
from pipelines.extract import extract
from pipelines.quality_sets import FOLDER
from pipelines.scoring import Figures

_AROUND = (
    {
        "notice": "We use cookies to give you the best experience. Accept all cookies",
        "menu": ("Home", "Fees", "Contact", "Cart (0)"),
        "stamp": "Last updated: May 3, 2025 · 1,204 views · 4 min read",
        "stamp_zh": "更新时间：2025-05-03 10:20 阅读量：1204",
        "teasers": ("How sellers prepare for the season", "Five ways to pack a parcel", "旺季备货指南"),
        "foot": "© 2025 Example Marketplace. 37 of 52 people found this helpful.",
    },
    {
        "notice": "Manage your cookie preferences",
        "menu": ("Contact", "Home", "News", "Fees", "Cart (3)"),
        "stamp": "Last updated: June 21, 2025 · 1,377 views · 5 min read",
        "stamp_zh": "更新时间：2025-06-21 08:05 阅读量：2310",
        "teasers": ("What buyers expect of a listing", "新手开店常见问题", "Your first campaign in ten minutes"),
        "foot": "© 2026 Example Marketplace. 41 of 60 people found this helpful.",
    },
)
_MARKS = {".": "class", "#": "id"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One page seen twice. `real`: (gone, come) of each difference that matters; "" where there is no counterpart."""

    id: str
    before: str  # HTML
    after: str
    url: str
    hints: PageHints
    real: Sequence[tuple[str, str]]

    @property
    def told(self) -> tuple[Change, ...]:
        """The changes that Masthead tells of."""
        old, new = (extract(page, self.url, hints=self.hints).text for page in (self.before, self.after))
        return changes(old, new)


def visits() -> Iterator[Visit]:
    """The shipped pairs."""
    for page in read_toml(FOLDER / "changes.toml").data["page"]:
        hints = PageHints(content=page.get("content", ""))
        box = page.get("content") or "div"
        for number, edit in enumerate(page["edits"], 1):
            whole = text = page.get("html") or page["text"]
            for old, new in edit["replace"]:
                if old not in text:
                    raise ValueError(f"{page['id']}: {old!r} stands nowhere in the page")
                text = text.replace(old, new, 1)
            real = [(gone, come) for gone, come in edit["real"]]
            before, after = (
                _page(one if "html" in page else _body(one), box, visit) for visit, one in enumerate((whole, text))
            )
            yield Visit(f"{page['id']}-{number}", before, after, page["url"], hints, real)


def score_changes(seen: Sequence[Visit]) -> Figures:
    """`changes`: "found", the share of real differences that are told; "noise", the share of what is told that is none;
    "n" pairs."""
    real = found = told = wrong = 0
    for visit in seen:
        made = visit.told
        real += len(visit.real)
        found += sum(any(_is(change, one) for change in made) for one in visit.real)
        told += len(made)
        wrong += sum(not any(_is(change, one) for one in visit.real) for change in made)
    return {"changes": {"n": float(len(seen)), "found": found / real, "noise": wrong / told}}


def _is(change: Change, real: tuple[str, str]) -> bool:
    gone, come = real
    return gone in change.before and come in change.after and bool(gone or not change.before or come)


def _page(body: str, box: str, visit: int) -> str:
    around = _AROUND[visit]
    menu = "".join(f"<li><a href='/{number}'>{one}</a></li>" for number, one in enumerate(around["menu"]))
    teasers = "".join(f"<li><a href='/t{number}'>{one}</a></li>" for number, one in enumerate(around["teasers"]))
    stamp = around["stamp_zh" if "。" in body else "stamp"]
    kind, mark = ("div", f" {_MARKS[box[0]]}='{box[1:]}'") if box[0] in _MARKS else (box, "")
    return (
        f"<!doctype html><html><head><title>Help</title></head><body><div class='banner'>{around['notice']}</div>"
        f"<nav><ul>{menu}</ul></nav><{kind}{mark}>{body}<p>{stamp}</p></{kind}>"
        f"<section><h3>Related articles</h3><ul>{teasers}</ul></section><footer><p>{around['foot']}</p></footer>"
        "</body></html>"
    )


def _body(text: str) -> str:
    made: list[str] = []
    rows: list[str] = []
    items: list[str] = []
    for line in [*text.strip().split("\n"), ""]:
        if " | " in line:
            cell = "td" if rows else "th"
            rows.append("".join(f"<{cell}>{html.escape(one)}</{cell}>" for one in line.split(" | ")))
            continue
        if line.startswith("- "):
            items.append(html.escape(line[2:]))
            continue
        made += [f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"] if rows else []
        made += [f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"] if items else []
        rows, items = [], []
        made.append(f"<h2>{html.escape(line[2:])}</h2>" if line.startswith("# ") else f"<p>{html.escape(line)}</p>")
    return "".join(made)
