"""How early and how reliable a source is, from what it covered: the formulas of the scoreboard. Pure.

Speed and reliability are two things and never mixed; small numbers are told as small. Near-copies count once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from db.types import Status

LEAST = 8  # decided stories; of fewer the share says nothing yet
_PRIOR = 3  # confirmed and unconfirmed stories that everyone is credited with
_TAIL = 0.05  # on either side of a 90 % interval
_UNCONFIRMED: frozenset[Status] = frozenset({"denied", "corrected", "withdrawn", "expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one voice had on one story. `voice`: a source's id, or `@` and a person's, whose channels speak as one.

    `at`: its first text of its own, None where it only echoed others. `own`, `echoed`, `over_claims` count origins:
    texts that began with it, those that began elsewhere, those of its own that go beyond or against the official text.
    `speaks`: the official text is its own.
    """

    voice: str
    at: datetime | None
    own: int
    echoed: int
    over_claims: int
    official_at: datetime | None
    speaks: bool
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """All that a source published; `noise` by rule or by a reader's word; `crawl_hours` from one crawl to the next."""

    articles: int = 0
    noise: int = 0
    crawl_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of the scoreboard. Hours are positive before the first official text; None where nothing can be said.

    `lead_error_hours`: the crawl's interval, the error bar of the lead. `share` with `low` and `high` (90 %) is the
    later-confirmed share, None below `LEAST` decided stories. Each rate stands beside the number it is a share of.
    """

    voice: str
    stories: int
    lead_hours: float | None
    lead_low_hours: float | None
    lead_high_hours: float | None
    lead_stories: int
    lead_error_hours: float | None
    confirmed: int
    unconfirmed: int
    share: float | None
    share_low: float | None
    share_high: float | None
    over_claim_rate: float | None
    over_claim_texts: int
    echo_rate: float | None
    echo_texts: int
    noise_rate: float | None
    articles: int


def scoreboard(coverage: Iterable[Coverage], volumes: Mapping[str, Volume]) -> list[Score]:
    """Every voice that covered a story or published anything, by id."""
    by_voice: dict[str, list[Coverage]] = defaultdict(list)
    for one in coverage:
        by_voice[one.voice].append(one)
    return [score(voice, by_voice[voice], volumes.get(voice, Volume())) for voice in sorted({*by_voice, *volumes})]


def score(voice: str, covered: Sequence[Coverage], volume: Volume) -> Score:
    """One source. Its own announcements are neither early nor late; a story that is open counts for nothing yet."""
    told = [one for one in covered if not one.speaks and one.at is not None]
    leads = [lead for one in told if (lead := _lead_hours(one)) is not None]
    early = [one for one in told if (_lead_hours(one) or 1) > 0]  # said before anything official was
    unconfirmed = sum(one.status in _UNCONFIRMED for one in early)
    confirmed = sum(one.official_at is not None and one.status not in _UNCONFIRMED for one in early)
    share, low, high = confirmed_share(confirmed, unconfirmed)
    low_hours, high_hours = _quartiles(leads)
    measured = [one for one in covered if one.official_at is not None and not one.speaks]
    own, texts = sum(one.own for one in measured), sum(one.own + one.echoed for one in covered)
    return Score(
        voice=voice,
        stories=len(covered),
        lead_hours=median(leads) if leads else None,
        lead_low_hours=low_hours,
        lead_high_hours=high_hours,
        lead_stories=len(leads),
        lead_error_hours=volume.crawl_hours,
        confirmed=confirmed,
        unconfirmed=unconfirmed,
        share=share,
        share_low=low,
        share_high=high,
        over_claim_rate=_rate(sum(one.over_claims for one in measured), own),
        over_claim_texts=own,
        echo_rate=_rate(sum(one.echoed for one in covered), texts),
        echo_texts=texts,
        noise_rate=_rate(volume.noise, volume.articles),
        articles=volume.articles,
    )


def confirmed_share(confirmed: int, unconfirmed: int) -> tuple[float, float, float] | tuple[None, None, None]:
    """(h + 3) / (h + m + 6) with its 90 % interval, that of Beta(h + 3, m + 3); nothing below `LEAST` stories."""
    if confirmed + unconfirmed < LEAST:
        return None, None, None
    a, b = confirmed + _PRIOR, unconfirmed + _PRIOR
    return a / (a + b), beta_quantile(a, b, _TAIL), beta_quantile(a, b, 1 - _TAIL)


def beta_quantile(a: int, b: int, share: float) -> float:
    """x with P(X <= x) = share for X ~ Beta(a, b), a and b whole and positive; by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if _beta_below(a, b, middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_below(a: int, b: int, x: float) -> float:
    """I_x(a, b) as a binomial tail, for whole a and b: https://dlmf.nist.gov/8.17.E5."""
    n = a + b - 1
    logs = (
        math.lgamma(n + 1) - math.lgamma(j + 1) - math.lgamma(n - j + 1) + j * math.log(x) + (n - j) * math.log1p(-x)
        for j in range(a, n + 1)
    )
    return math.fsum(map(math.exp, logs))


def _lead_hours(one: Coverage) -> float | None:
    if one.at is None or one.official_at is None:
        return None
    return (one.official_at - one.at).total_seconds() / 3600


def _quartiles(values: Sequence[float]) -> tuple[float | None, float | None]:
    if len(values) < 2:
        return None, None
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
