"""Small pictures as inline SVG: bars per day, a flow from first to present status, a strip of days.

No script and no style of their own: classes are coloured in desk.css. Each says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from db.desk.naming import label
from db.desk.words import say

_BAR, _GAP, _HEIGHT = 12, 3, 36
_FLOW_WIDTH, _FLOW_HEIGHT, _FLOW_LEFT, _NODE = 340, 170, 120, 10
_Nodes = dict[str, tuple[float, float, int]]
_ORDER = ("rumor", "reported", "corroborated", "official", "denied", "corrected", "withdrawn", "expired")


def bars(name: str, days: Sequence[str], counts: Mapping[str, int]) -> Markup:
    """One bar a day; `name` is whose days they are."""
    most = max([1, *counts.values()])
    made = []
    for at, day in enumerate(days):
        count = counts.get(day, 0)
        height = max(2, round(count / most * _HEIGHT)) if count else 1
        made.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>').format(
                "bar" if count else "bar none", at * (_BAR + _GAP), _HEIGHT - height, _BAR, height, day, count
            )
        )
    width = len(days) * (_BAR + _GAP) - _GAP
    said = say("chart_days", name=name, n=sum(counts.get(day, 0) for day in days), first=days[0], last=days[-1])
    return Markup(
        '<svg class="bars" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(width, _HEIGHT, width, _HEIGHT, said, Markup("").join(made))


def strip(days: Sequence[str], states: Mapping[str, str]) -> Markup:
    """One cell a day, coloured by the state of the day's last crawl; days without a crawl are empty.

    Days in a row with the same state are one shape: a page shows hundreds of strips.
    """
    made, at = [], 0
    for state, same in groupby(states.get(day, "") for day in days):
        count = len(list(same))
        known = state if state in ("ok", "quiet", "silent", "drift", "refused", "robots", "broken") else "empty"
        first, last = days[at], days[at + count - 1]
        cells = "".join(f"M{6 * cell} 0h5v16h-5z" for cell in range(at, at + count))
        made.append(
            Markup('<path class="day-{}" d="{}"><title>{}: {}</title></path>').format(
                known, cells, first if count == 1 else f"{first} – {last}",
                label("state", state) if state else say("no_crawl"),
            )
        )  # fmt: skip
        at += count
    bad = sum(states.get(day, "") in ("drift", "refused", "robots", "broken") for day in days)
    width = len(days) * 6 - 1
    return Markup(
        '<svg class="strip" viewBox="0 0 {} 16" width="{}" height="16" role="img" aria-label="{}">{}</svg>'
    ).format(width, width, say("chart_strip", n=len(days), bad=bad), Markup("").join(made))


def flow(moves: Sequence[tuple[str, str, int]]) -> Markup:
    """Bands from the status stories began with (left) to the one they have now (right)."""
    total = sum(count for *_, count in moves)
    if not total:
        return Markup("")
    lefts = [status for status in _ORDER if any(was == status for was, _, _ in moves)]
    rights = [status for status in _ORDER if any(now == status for _, now, _ in moves)]
    room = _FLOW_HEIGHT - 22 * max(len(lefts), len(rights))
    left = _nodes(lefts, [sum(n for was, _, n in moves if was == status) for status in lefts], total, room)
    right = _nodes(rights, [sum(n for _, now, n in moves if now == status) for status in rights], total, room)
    made = [*_bands(moves, left, right, room / total), *_labels(left, _FLOW_LEFT, right, _FLOW_WIDTH - _FLOW_LEFT)]
    told = "; ".join(f"{label('status', was)} → {label('status', now)} {count}" for was, now, count in moves)
    return Markup('<svg class="flow" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _FLOW_WIDTH, _FLOW_HEIGHT, f"{say('chart_flow')}: {told}", Markup("").join(made)
    )


def _bands(moves: Sequence[tuple[str, str, int]], left: _Nodes, right: _Nodes, scale: float) -> Iterator[Markup]:
    """One band per pair of statuses, stacked from the top of each node; `scale` is units per story."""
    used_left, used_right = dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)
    x0, x1 = _FLOW_LEFT, _FLOW_WIDTH - _FLOW_LEFT
    middle = (x0 + x1) / 2
    for was in left:
        for now in right:
            count = sum(n for a, b, n in moves if (a, b) == (was, now))
            if not count:
                continue
            thick = max(1.5, count * scale)
            y0, y1 = left[was][0] + used_left[was] + thick / 2, right[now][0] + used_right[now] + thick / 2
            used_left[was] += thick
            used_right[now] += thick
            yield Markup(
                '<path class="band band-{}" d="M{} {:.1f}C{} {:.1f} {} {:.1f} {} {:.1f}" stroke-width="{:.1f}">'
                "<title>{} → {}: {}</title></path>"
            ).format(
                now, x0, y0, middle, y0, middle, y1, x1, y1, thick, label("status", was), label("status", now), count
            )  # fmt: skip


def _labels(left: _Nodes, x0: int, right: _Nodes, x1: int) -> Iterator[Markup]:
    """The nodes with their names outside."""
    for nodes, x, begin, anchor, step in ((left, x0, x0 - _NODE, "end", -14), (right, x1, x1, "start", 14)):
        for status, (y, height, count) in nodes.items():
            yield Markup(
                '<rect class="node status-fill-{}" x="{}" y="{:.1f}" width="{}" height="{:.1f}"></rect>'
                '<text x="{}" y="{:.1f}" text-anchor="{}">{} {}</text>'
            ).format(
                status, begin, y, _NODE, height, x + step, y + height / 2 + 4, anchor, label("status", status), count
            )  # fmt: skip


def _nodes(names: Sequence[str], counts: Sequence[int], total: int, room: float) -> _Nodes:
    """Top, height and count of each node of one side, 22 units apart."""
    placed, y = {}, 6.0
    for name, count in zip(names, counts, strict=True):
        height = max(3.0, count / total * room)
        placed[name] = (y, height, count)
        y += height + 22
    return placed
