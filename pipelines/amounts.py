"""How much a sentence says: money, shares, counts and spans with their units. Explicit words only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipelines.clauses import Told
from pipelines.figures import Figure
from pipelines.quantities import quantities
from pipelines.reading import Reading, Said

_WORTH = re.compile(
    r"(?:\bunder|\bbelow|\bless than|\bworth(?: of)?|\bvalued at(?: or under| less than)?|\bvalue (?:of|below|under)"
    r"|\b(?:cost|costs|priced at)|价值|低于|不超过|价格不?超过|均不超过|单价|售价|满)\s?$"
)
_WORTH_AFTER = re.compile(
    r"\s?(?:(?:and|or) (?:under|less|below|up|more|over|above)\b|(?:及|或)?以[下上]|(?:的|小额|包裹)?(?:免税|豁免|门槛)"
    r"|(?:[\w-]+\s){0,3}(?:exemption|threshold))"
)
_BASE = re.compile(r"(?:\bfrom|从|由)\s?$")  # "from 5% to 9%": what it was
_BASE_AFTER = re.compile(r"[\s,]*(?:to\b|up to\b|上调|提高|上升|提升|涨|升|降|下调|增|减|改|调)")
_TURNED = re.compile(r"\s?(?:→|->)")  # "5% → 9%"
_OVER = re.compile(
    r"(?:\bmore than|\bover|\babove|\bat least|\bupwards of|\bexceed(?:s|ed|ing)?|超过|逾|超|突破|至少|高于)\s?$"
)
_ABOUT = re.compile(
    r"(?:\babout|\baround|\broughly|\bnearly|\balmost|\bsome|\bapproximately|\bclose to|\baverage of"
    r"|约|近|大约|将近|接近|平均)\s?$"
)
_ABOUT_AFTER = re.compile(r"\s?(?:or so|左右|上下)")


def amounts(reading: Reading, told: Told) -> Iterator[Said]:
    """Figures of a sentence; what it was before and what is reckoned are hedged."""
    text = reading.text
    for figure in quantities(text, told.start, told.end):
        said = reading.said("amount", _value(text, figure, told), told, figure.start, figure.end)
        before = text[max(told.start, figure.start - 10) : figure.start]
        is_base = _TURNED.match(text, figure.end, told.end) or (
            _BASE.search(before) and _BASE_AFTER.match(text, figure.end, told.end)
        )
        vague = is_base or reading.is_reckoned(told, reading.material.clause_of(told, figure.start))
        yield replace(said, hedged=True) if vague else said


def _value(text: str, figure: Figure, told: Told) -> str:
    """Number and unit; what goods may be worth is told apart from what is paid for them."""
    before = text[max(told.start, figure.start - 24) : figure.start]
    after = text[figure.end : min(told.end, figure.end + 16)]
    worth = _WORTH.search(before) or _WORTH_AFTER.match(after)
    how = ":~over" if _OVER.search(before) else ":~about" if _ABOUT.search(before) or _ABOUT_AFTER.match(after) else ""
    return f"{figure.value:g} {figure.unit}{':worth' if worth else ''}{how}"
