"""What one sentence says, slot by slot: for whom, where, how far along, from when, how much, which act, through whom.

From explicit words only; what is not said is no statement. Compares nothing and knows no other article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from db.types import Slot, Tags
from pipelines.clauses import Clause, Material, Told
from pipelines.cues import CueBook, Hit
from pipelines.days import named_days
from pipelines.figures import Figure
from pipelines.periods import meets, periods, span_of
from pipelines.quantities import quantities

_FROM_CHINA = re.compile(r"(?:chinese|china-based|中国|国内|中国内地)\s?(?:\w+\s)?(?:seller|merchant|卖家|商家)")
_REACH = 28  # characters between a quantifier and the group it belongs to
_REACH_HAN = 8
_COMPOUND = re.compile(
    r"\s(?:central|accounts?\b|support|university|forums?|fees?|app\b|account health|protection"
    r"|community|performance|programme|program|fulfilled)"
    r"|计划|项目|中心|后台|平台|论坛|群|大会|支持|账号|账户|端|圈"
)
_SCOPE_BEFORE = re.compile(
    r"(?:\b(?:in|across|throughout|within|for|to|into|of|including|covers?|covering|on|only|enters?|entering|leaves?|exits?"
    r"|exiting|leaving|both|tiktok shop|amazon|temu|shein|and|or|nationwide in)\s(?:the\s|all\s|all of\s|most of\s)?"
    r"|[,/&]\s?|在|于|向|至|到|面向|覆盖|针对|仅限|限于|登陆|进入|进军|退出|包括|以及|和|与|及|、|扩至|扩大到|扩展至|推广至|对|全|亚马逊|tiktok|temu|shein"
    r"|^|[(:—-]\s?)$"
)
_SCOPE_AFTER = re.compile(
    r"\s?(?:(?:online\s)?(?:market|marketplace|store|site|sellers|merchants|customers|shoppers|users|creators|advertisers"
    r"|consumers|warehouses|importers|stock|orders|parcels|retailers|buyers)"
    r"|-wide|-only|-based|'s? (?:market|marketplace|store|site)"
    r"|站|市场|地区|境内|本土|区|卖家|商家|用户|消费者|买家|创作者|达人|广告主|全境|各地|范围|、|和|及|以及|与|等)"
)
_WORLD = frozenset({"GLOBAL", "EUROPE", "EU", "NA", "LATAM", "SEA", "ASIA", "MEA", "AFRICA"})
_ORIGIN = re.compile(
    r"(?:\bfrom(?: mainland)?|\b(?:made|born|based|headquartered) in|来自|产自|源自|出自)\s?(?:the\s)?$"
)
_BESIDE = re.compile(r"(?:\boutside(?: of)?|\bother than|\bnon|\bunlike|非)[\s-]?(?:the\s)?$")
_LIST = re.compile(r"[\s,/&、和及与]{0,3}(?:and|or|以及)?\s?(?:the )?")
_EXCLUDING = re.compile(r"(?:except(?: for| in)?|excluding|not in|not available in|除|不含|不包括|不在)\s?(?:the\s)?$")
_PRESENTED = re.compile(
    r"(?:announced|said|reported|published|told|unveiled|wrote|posted|disclosed)(?: (?:on|this|in))?\s?$"
)
_ABOUT = timedelta(days=2)
_NO_REACH, _NO_REACH_HAN = 30, 6  # characters from a "no" to what it turns down
_NO_ENDS = re.compile(r"\b(?:and|who|that|which|will|but|then|or else|unless)\b|[就则将并而的]")
_WORTH = re.compile(
    r"(?:\bunder|\bbelow|\bless than|\bworth(?: of)?|\bvalued at(?: or under| less than)?|\bvalue (?:of|below|under)"
    r"|\b(?:cost|costs|priced at)|价值|低于|不超过|价格不?超过|均不超过|单价|售价|满)\s?$"
)
_BASE = re.compile(r"(?:\bfrom|从|由)\s?$")  # "from 5% to 9%": what it was
_BASE_AFTER = re.compile(r"[\s,]*(?:to\b|up to\b|上调|提高|上升|提升|涨|升|降|下调|增|减|改|调)")
_OVER = re.compile(
    r"(?:\bmore than|\bover|\babove|\bat least|\bupwards of|\bexceed(?:s|ed|ing)?|超过|逾|超|突破|至少|高于)\s?$"
)
_ABOUT_SO = re.compile(
    r"(?:\babout|\baround|\broughly|\bnearly|\balmost|\bsome|\bapproximately|\bclose to|\baverage of"
    r"|约|近|大约|将近|接近|平均)\s?$"
)
_SO = re.compile(r"\s?(?:or so|左右|上下)")
_WORTH_AFTER = re.compile(r"\s?(?:(?:and|or) (?:under|less|below|up|more|over|above)\b|(?:及|或)?以[下上])")
_FORBIDS = re.compile(
    r"cannot|can't|(?:can|may|must|are|is) not|not (?:be )?(?:allowed|eligible|permitted|able|included|covered|invited)"
    r"|exclud|barred|无法|不能|不可|不得|不允许|无权|不在|不包括|不适用|不支持|暂不|没有资格"
)
_TOWARDS = re.compile(r"^[^,。]{0,4}(?:向|对|允许|支持|让|给|面向|准|许|适用|包括|含|限)[^,。]{0,6}$")
_BY = re.compile(
    r"\b(?:with|by|via|through|to|chose|choose|picks?|picked|selects?|selected|hires?|hired|appoints?|appointed|uses?|using"
    r"|taps?|tapped|signed|and)\s(?:carrier\s|courier\s)?$|(?:由|与|和|同|交给|交由|携手|联手|选择|选定|委托|通过|牵手|使用|签约|接入)$"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A value at its place in the page, before it becomes a statement."""

    slot: Slot
    value: str
    start: int
    end: int
    action: str = ""
    asserted: bool = True
    hedged: bool = False


class Reader:
    """Reads the sentences of one page in order; an act named before stands for "it" in what follows."""

    def __init__(self, material: Material, book: CueBook, tags: Tags, day: date | None) -> None:
        self.material, self.book, self.tags, self.day = material, book, tags, day
        self.text = material.page.folded
        self.last_action = ""
        days = [value for told in material.sentences for value, *_ in self._days(told)]
        self.ahead = any(day is None or span_of(value)[0] > day for value in days)
        self.names = [
            (m.start + (material.page.text_at if m.field == "text" else 0), m.entity, m.end - m.start)
            for m in tags.mentions
        ]

    def read(self) -> Iterator[Said]:
        for told in self.material.sentences:
            acts = told.of("action")
            if not told.silent:
                yield from self._sentence(told)
            elif told.frames("denies", "rejected"):  # what a party rejects, it says no to; others merely doubt
                yield from (Said("action", a.id, a.start, a.end, a.id, asserted=False, hedged=True) for a in acts)
            specific = [hit.id for hit in acts if not self.book.actions[hit.id].general]
            if specific:
                self.last_action = specific[0]

    def _sentence(self, told: Told) -> Iterator[Said]:
        yield from self._audiences(told)
        yield from self._regions(told)
        yield from self._modality(told)
        yield from self._dates(told)
        yield from self._amounts(told)
        yield from self._actions(told)
        yield from self._parties(told)

    # ------------------------------------------------------------------ what belongs to what
    def _action_at(self, told: Told, place: int) -> str:
        """The specific act nearest to a place: in its clause, else in the sentence, else the one named before."""
        clause = self.material.clause_of(told, place)
        acts = [hit for hit in told.of("action") if not self.book.actions[hit.id].general]
        near = [hit for hit in acts if clause.holds(hit)] or acts
        if not near:
            return self.last_action
        return min(near, key=lambda hit: (abs(hit.start - place), hit.start)).id

    def _denied(self, told: Told, clause: Clause, start: int, end: int = 0) -> bool:
        """Whether a "no" of the clause stands before a place, close, with nothing between that ends its reach."""
        for hit in told.frames("cannot", "denies", "drops"):
            if start <= hit.start and hit.end <= end:
                if hit.start > start:
                    return True  # "introduces no new fee"; a cue that begins with its "no" means it
            elif clause.holds(hit) and hit.start <= start:
                between = self.text[hit.end : start]
                limit = _NO_REACH_HAN if any(ch > "\u2e80" for ch in self.text[hit.start : start + 1]) else _NO_REACH
                if hit.end > start or (len(between) <= limit and not _NO_ENDS.search(between)):
                    return True
        return False

    def _denied_to(self, told: Told, clause: Clause, group: Hit) -> bool:
        """Whether a group is told no: "not open to sellers", "sellers cannot", but not "unverified sellers"."""
        for hit in told.frames("cannot", "denies", "drops"):
            if not clause.holds(hit):
                continue
            if any(hit.end <= act.start < group.start or hit.start <= act.start < hit.end for act in told.of("action")):
                continue  # what is told no is the act; the group is for whom it is not
            if hit.end <= group.start and self.text[hit.start] > "\u2e80":
                if _TOWARDS.search(self.text[hit.start : group.start]):
                    return True
            elif hit.end <= group.start:
                between = self.text[hit.end : group.start]
                if len(between) <= _NO_REACH and not _NO_ENDS.search(between):
                    return True
            elif 0 <= hit.start - group.end <= _NO_REACH and _FORBIDS.match(self.text, hit.start):
                return True
        return False

    def _hedged(self, told: Told, clause: Clause) -> bool:
        if any(clause.holds(hit) for hit in told.frames("past")):
            return True
        return any(clause.holds(hit) or hit.start < clause.start for hit in told.frames("guessed"))

    def _said(self, slot: Slot, value: str, told: Told, start: int, end: int, *, asserted: bool = True) -> Said:
        clause = self.material.clause_of(told, start)
        return Said(slot, value, start, end, self._action_at(told, start), asserted, self._hedged(told, clause))

    def _names_in(self, told: Told) -> list[tuple[int, str, int]]:
        return [name for name in self.names if told.start <= name[0] < told.end]

    # ------------------------------------------------------------------ for whom
    def _audiences(self, told: Told) -> Iterator[Said]:
        speakers = told.frames("speaks")
        for group in told.of("group"):
            if any(0 <= hit.start - group.end <= (1 if self.text[group.end - 1] > "\u2e80" else 2) for hit in speakers):
                continue
            if group.id == "all" and self._near_frames(told, group, "some_after"):
                continue  # "anyone who ..."
            if _COMPOUND.match(self.text, group.end, told.end):
                continue
            clause = self.material.clause_of(told, group.start)
            ruled = told.frames("may", "must", "planned", "done", "every") or told.of("action")
            if not ruled:
                continue
            value = self._extent(told, clause, group)
            denied = self._denied_to(told, clause, group)
            said = self._said("audience", value, told, group.start, group.end, asserted=not denied)
            if not any(clause.holds(a) and not self.book.actions[a.id].general for a in told.of("action")):
                said = replace(said, action="")  # an act of another clause may be for others
            yield said

    def _extent(self, told: Told, clause: Clause, group: Hit) -> str:
        """The group with how much of it: `/every`, `/some`, or bare; invited sellers have a name of their own."""
        name = group.id
        if name in ("first_party", "all"):
            return name
        if name == "third_party_sellers" and _FROM_CHINA.search(
            self.text, max(told.start, group.start - 12), group.end
        ):
            return f"{name}/some"
        before = [
            (group.start - h.end, h.id)
            for h in told.frames("every", "some", "invited")
            if clause.start <= h.start and h.end <= group.start + 1 and self._near(h.end, group.start)
        ]
        after = [
            (h.start - group.end, h.id.removesuffix("_after"))
            for h in told.frames("every_after", "some_after", "invited_after")
            if group.end - 1 <= h.start < clause.end + 20 and self._near(group.end, h.start)
        ]
        inside = {h.id for h in told.frames("every", "some", "invited") if group.start <= h.start < h.end <= group.end}
        extent = min(before)[1] if before else ""
        ids = {extent, *inside, *(name for _, name in after)}
        if "invited" in ids:
            return "invited_sellers" if name == "third_party_sellers" else f"{name}/some"
        if "some" in ids:
            return f"{name}/some"
        return f"{name}/every" if "every" in ids else name

    def _near_frames(self, told: Told, group: Hit, *ids: str) -> list[Hit]:
        return [h for h in told.frames(*ids) if group.end <= h.start and self._near(group.end, h.start)]

    def _near(self, first: int, second: int) -> bool:
        between = self.text[first:second]
        limit = _REACH_HAN if any(ch > "\u2e80" for ch in between) else _REACH
        return len(between) <= limit and between.count(" ") <= 3

    # ------------------------------------------------------------------ where
    def _regions(self, told: Told) -> Iterator[Said]:
        scoped_until = origin_until = -1
        for place in told.of("place"):
            before = self.text[max(told.start, place.start - 24) : place.start]
            around = [length for start, _, length in self.names if start <= place.start < start + length]
            beside = bool(_BESIDE.search(before))
            if any(length > place.end - place.start for length in around) or self._is_origin(
                before, place, origin_until
            ):
                origin_until = place.end
                continue  # part of a name (US Customs), or where goods come from
            after = self.text[place.end : min(told.end, place.end + 24)]
            follows = self._is_listed(scoped_until, place)
            leads = around and not before.strip()  # "the EU will", not "in the EU"
            if leads or not (
                (place.id in _WORLD and not around)
                or _SCOPE_BEFORE.search(before)
                or _SCOPE_AFTER.match(after)
                or follows
            ):
                continue
            if place.id == "CN" and re.match(r"\s?(?:sellers|merchants|parcels|goods|卖家|商家|小包|包裹|商品)", after):
                continue  # where sellers and goods come from, not where the rule holds
            scoped_until = place.end
            clause = self.material.clause_of(told, place.start)
            excluded = bool(_EXCLUDING.search(before))
            said = self._said("region", place.id, told, place.start, place.end, asserted=not excluded or beside)
            said = self._reckoned(told, clause, said)
            yield replace(said, hedged=True) if beside else said  # "sellers outside the EU" says nothing of the EU

    def _is_origin(self, before: str, place: Hit, origin_until: int) -> bool:
        return bool(_ORIGIN.search(before)) or self._is_listed(origin_until, place)

    def _is_listed(self, until: int, place: Hit) -> bool:
        """Whether a place goes on a list: "in Spain, France and Italy"."""
        return 0 < until <= place.start and _LIST.fullmatch(self.text, until, place.start) is not None

    # ------------------------------------------------------------------ how far along
    def _modality(self, told: Told) -> Iterator[Said]:
        if not (told.of("action") or told.of("place") or self.last_action or self._names_in(told)):
            return
        done, planned, possible = told.frames("done"), told.frames("planned"), told.frames("possible", "guessed")
        for value, hits in (("possible", possible), ("done", done), ("planned", planned)):
            if hits:
                clause = self.material.clause_of(told, hits[0].start)
                if value == "done" and self._denied(told, clause, hits[0].start):
                    continue
                yield self._said("modality", value, told, hits[0].start, hits[0].end)
                return
        ruled = told.frames("may", "must")
        if ruled:  # a rule without a word on when: in force, unless its day is still to come
            value = "planned" if self.ahead else "done"
            yield replace(self._said("modality", value, told, ruled[0].start, ruled[0].end), hedged=True)

    # ------------------------------------------------------------------ from when
    def _dates(self, told: Told) -> Iterator[Said]:
        for value, role, start, end in self._days(told):
            if self._is_a_start(told, value, role, start):
                clause = self.material.clause_of(told, start)
                yield self._reckoned(told, clause, self._said("date", value, told, start, end))

    def _reckoned(self, told: Told, clause: Clause, said: Said) -> Said:
        """Hedged where the clause tells an estimate, or how it was before."""
        return replace(said, hedged=True) if any(clause.holds(h) for h in told.frames("estimated")) else said

    def _days(self, told: Told) -> list[tuple[str, str, int, int]]:
        """Days and periods of a sentence: value, role, place."""
        published = self.day.isoformat() if self.day else None
        found = [(d.date, str(d.role), d.start, d.end) for d in named_days(self.text, published, told.start, told.end)]
        for period in periods(self.text, self.day, told.start, told.end):
            if not any(start < period.end and period.start < end for _, _, start, end in found):
                found.append((period.value, "event", period.start, period.end))
        return sorted(found, key=lambda day: day[2])

    def _is_a_start(self, told: Told, value: str, role: str, start: int) -> bool:
        """Whether a day is one from or until which something holds, not the day somebody said so or long ago."""
        before = self.text[max(told.start, start - 24) : start]
        if role == "announced" or _PRESENTED.search(before):
            return False
        if role in ("effective", "deadline"):
            return True
        if (
            self.day
            and any(meets((self.day - _ABOUT * n / 2).isoformat(), value) for n in (0, 1, 2))
            and len(value) == 10
        ):
            return False  # the day of the news itself
        acts = told.of("action") or told.frames("planned", "done", "must")
        return bool(acts)

    # ------------------------------------------------------------------ how much
    def _amounts(self, told: Told) -> Iterator[Said]:
        for figure in quantities(self.text, told.start, told.end):
            clause, place = self.material.clause_of(told, figure.start), (figure.start, figure.end)
            before, after = (
                self.text[max(told.start, figure.start - 10) : figure.start],
                self.text[figure.end : told.end],
            )
            if _BASE.search(before) and _BASE_AFTER.match(after):
                yield replace(self._said("amount", self._amount(figure, told), told, *place), hedged=True)
                continue
            yield self._reckoned(told, clause, self._said("amount", self._amount(figure, told), told, *place))

    def _amount(self, figure: Figure, told: Told) -> str:
        """Number and unit; what goods may be worth is told apart from what is paid for them."""
        before = self.text[max(told.start, figure.start - 24) : figure.start]
        after = self.text[figure.end : min(told.end, figure.end + 16)]
        worth = _WORTH.search(before) or _WORTH_AFTER.match(after)
        how = ":~over" if _OVER.search(before) else ":~about" if _ABOUT_SO.search(before) or _SO.match(after) else ""
        return f"{figure.value:g} {figure.unit}{':worth' if worth else ''}{how}"

    # ------------------------------------------------------------------ which act
    def _actions(self, told: Told) -> Iterator[Said]:
        for act in told.of("action"):
            clause = self.material.clause_of(told, act.start)
            asserted = not self._denied(told, clause, act.start, act.end)
            loose = not told.frames("may", "must", "planned", "done", "cannot")
            said = Said("action", act.id, act.start, act.end, act.id, asserted, loose or self._hedged(told, clause))
            yield self._reckoned(told, clause, said)

    # ------------------------------------------------------------------ through whom
    def _parties(self, told: Told) -> Iterator[Said]:
        names = [(s, e, s + n) for s, e, n in self._names_in(told)]
        names += [(h.start, h.id, h.end) for h in told.of("party")]
        for start, entity, end in names:
            before = self.text[max(told.start, start - 24) : start]
            clause = self.material.clause_of(told, start)
            if self.book.parties.get(entity) in ("carrier", "payment") or _BY.search(before):
                yield self._said("party", entity, told, start, end, asserted=not self._denied(told, clause, start))
