"""The sample world: reads its articles, sites and sources, all of them data, and builds the sites they are served by.

It also says what a right crawl of it must find, from the same files. It knows nothing of the crawler.
The layout of the data is told in world/README.md.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment

from scheduler.demo.paint import painter, plain
from scheduler.demo.replay import NOT_FOUND, Request, Response, Route, Site

PHASES = (1, 2)
_FRONT = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n?(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """One article of the world. `published` is a date alone where the publisher gives no time of day.

    `text` is paragraphs separated by blank lines; `edits` are replaced in it from phase 2 on. `copy_of` names the
    article ("source/slug") that this one reprints. Before `phase` it does not exist.
    """

    id: str  # "source/slug"
    source_id: str
    title: str
    path: str
    published: date  # or a datetime, which is one as well
    text: str = ""
    summary: str = ""
    section: str = ""
    authors: tuple[str, ...] = ()
    edits: tuple[Mapping[str, str], ...] = ()
    copy_of: str = ""
    phase: int = 1

    def at(self, zone: str) -> datetime:
        """The time of publication; the first moment of the day in `zone` where only the day is known."""
        if isinstance(self.published, datetime):
            return self.published
        return datetime.combine(self.published, time(), ZoneInfo(zone))

    @property
    def lead(self) -> str:
        return self.summary or plain(self.text).partition("\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One address of a site that is not an article: a feed, a list, a sitemap, an answer of its API."""

    path: str
    template: str
    content_type: str = "text/html; charset=utf-8"
    method: Literal["GET", "POST"] = "GET"
    pack: Literal["", "transfer", "file"] = ""
    years: tuple[int, ...] = ()  # only articles of these years


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One site of the world, as its file describes it. `words` go to the templates as they are."""

    id: str
    name: str
    language: str = "en"
    zone: str = "UTC"  # of dates without a time
    template: str = ""  # of its article pages
    charset: str = "utf-8"
    content_type: str = "text/html; charset=utf-8"
    pages: tuple[Page, ...] = ()
    robots: str = ""
    host: str = ""  # the site that serves the article pages, if it is another one
    feed_links: str = ""  # how links in its feed begin, where that is not its own address
    dated: bool = True  # whether its pages say when they were published
    down: bool = False
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where its article pages lie, as a placeholder for the server to fill in."""
        return "{{base:" + (self.host or self.id) + "}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a right crawl stores of one article. `{{base:…}}` stands in `url`; render it with the server."""

    id: str  # "source/slug"
    url: str
    title: str
    text: str  # paragraphs separated by \n
    language: Literal["en", "zh"]
    published: date | None  # a date alone where the publisher gives no time; None where it gives neither
    copy_of: str = ""  # the article it is a near-copy of


@dataclass(frozen=True, slots=True)
class World:
    """`sites` for the replay server; `source_files`: file name → TOML of the sources that watch them, with
    `{{base:…}}` in the addresses, to be rendered with the server. `clips`: what a reader brings by hand.
    `mailbox`: sources that come by mail (*.toml), and the mails (*.eml)."""

    sites: tuple[Site, ...]
    source_files: Mapping[str, str]
    people_files: Mapping[str, str]
    clips: tuple[Mapping[str, str], ...]
    mailbox: Mapping[str, str]
    articles: tuple[SampleArticle, ...]
    publishers: Mapping[str, Publisher]

    def expected(self, phase: int = 1) -> dict[str, tuple[Expected, ...]]:
        """What a crawl of everything in that phase must find, by source; nothing where a fault is built in."""
        found: dict[str, list[Expected]] = {name.removesuffix(".toml"): [] for name in self.source_files}
        for article in _visible(self.articles, phase):
            publisher = self.publishers[article.source_id]
            found[article.source_id].append(
                Expected(
                    id=article.id,
                    url=publisher.base + article.path,
                    title=article.title,
                    text=plain(article.text or article.summary),
                    language="zh" if publisher.language.startswith("zh") else "en",
                    published=article.published if publisher.dated else None,
                    copy_of=article.copy_of,
                )
            )
        return {source_id: tuple(articles) for source_id, articles in found.items()}


def build_world(folder: Path | None = None) -> World:
    """The bundled world, or one of the same layout. Raises ValueError or TypeError for a file that is not right."""
    folder = folder or Path(__file__).parent / "world"
    articles = tuple(_read_article(path) for path in sorted((folder / "articles").glob("*/*.md")))
    publishers = {path.stem: _read_publisher(path) for path in sorted((folder / "sites").glob("*.toml"))}
    builder = _Builder(painter(folder / "templates"), articles, publishers)
    sites = tuple(
        Site(publisher.id, builder.routes(publisher), down=publisher.down) for publisher in publishers.values()
    )
    clips = tuple(tomllib.loads(text) for text in _texts(folder / "clips").values())
    mailbox = _texts(folder / "mailbox") | _texts(folder / "mailbox", "eml")
    return World(sites, _texts(folder / "sources"), _texts(folder / "people"), clips, mailbox, articles, publishers)


def _texts(folder: Path, kind: str = "toml") -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"*.{kind}"))}


# ------------------------------------------------------------------ reading
def _read_article(path: Path) -> SampleArticle:
    parts = _FRONT.match(path.read_text(encoding="utf-8"))
    if not parts:
        raise ValueError(f"{path}: no front matter between two lines of +++")
    front = tomllib.loads(parts[1])
    front |= {key: tuple(front[key]) for key in ("authors", "edits") if key in front}
    source_id = path.parent.name
    article = SampleArticle(id=f"{source_id}/{path.stem}", source_id=source_id, text=parts[2].strip(), **front)
    if isinstance(article.published, datetime) and article.published.tzinfo is None:
        raise ValueError(f"{path}: published has no offset")
    if missing := [edit["before"] for edit in article.edits if edit["before"] not in article.text]:
        raise ValueError(f"{path}: nothing to edit: {missing}")
    return article


def _read_publisher(path: Path) -> Publisher:
    record = tomllib.loads(path.read_text(encoding="utf-8"))
    pages = tuple(Page(**{**page, "years": tuple(page.get("years", ()))}) for page in record.pop("pages", ()))
    return Publisher(id=path.stem, pages=pages, **record)


def _visible(articles: tuple[SampleArticle, ...], phase: int) -> list[SampleArticle]:
    """The articles of that phase, as they read then."""
    return [_edited(article) if phase > 1 else article for article in articles if article.phase <= phase]


def _edited(article: SampleArticle) -> SampleArticle:
    text = article.text
    for edit in article.edits:
        text = text.replace(edit["before"], edit["after"])
    return replace(article, text=text)


# ------------------------------------------------------------------ building
@dataclass(frozen=True, slots=True)
class _Builder:
    painter: Environment
    articles: tuple[SampleArticle, ...]
    publishers: Mapping[str, Publisher]

    def routes(self, publisher: Publisher) -> dict[str, Route]:
        """Every address of one site: its pages, and the articles that lie with it."""
        routes: dict[str, Route] = {}
        for page in publisher.pages:
            answers = _phased(partial(self.page, publisher, page))
            if page.method == "POST":
                routes[f"POST {page.path}"] = _for_json(answers)
            else:
                routes[page.path] = answers
        for article in self.articles:
            owner = self.publishers[article.source_id]
            if (owner.host or owner.id) == publisher.id:
                routes[article.path] = _phased(partial(self.article, owner, article.id))
        if publisher.robots:
            routes["/robots.txt"] = Response(publisher.robots.encode(), content_type="text/plain; charset=utf-8")
        return routes

    def page(self, publisher: Publisher, page: Page, phase: int) -> Response:
        own = self._own(publisher, phase)
        if page.years:
            own = [article for article in own if article.published.year in page.years]
        return self._paint(publisher, page.template, page.content_type, own, pack=page.pack)

    def article(self, publisher: Publisher, article_id: str, phase: int) -> Response:
        own = self._own(publisher, phase)
        place = next((place for place, article in enumerate(own) if article.id == article_id), None)
        if place is None:
            return NOT_FOUND
        return self._paint(publisher, publisher.template, publisher.content_type, own[place : place + 5])

    def _own(self, publisher: Publisher, phase: int) -> list[SampleArticle]:
        own = [article for article in _visible(self.articles, phase) if article.source_id == publisher.id]
        return sorted(own, key=lambda article: article.at(publisher.zone), reverse=True)

    def _paint(
        self,
        publisher: Publisher,
        template: str,
        content_type: str,
        articles: list[SampleArticle],
        pack: Literal["", "transfer", "file"] = "",
    ) -> Response:
        """One page. Templates see the newest of `articles` as `article`, the others as `older`."""
        text = self.painter.get_template(template).render(
            site=publisher,
            words=publisher.words,
            base="{{base:" + publisher.id + "}}",
            articles=articles,
            article=articles[0] if articles else None,
            older=articles[1:],
        )
        response = Response(text.encode(publisher.charset), content_type=content_type, pack=pack)
        return replace(response, modified=articles[0].at(publisher.zone)) if articles else response


def _phased(answer: Callable[[int], Response]) -> tuple[Response, ...]:
    """One response for each phase: the same one while nothing changes, a newer one when something does."""
    answers = [answer(PHASES[0])]
    for phase in PHASES[1:]:
        last, new = answers[-1], answer(phase)
        later = max(new.modified, last.modified + timedelta(days=1))
        answers.append(last if new.body == last.body else replace(new, modified=later))
    return tuple(answers)


def _for_json(answers: tuple[Response, ...]) -> Callable[[Request], Response]:
    """The answers of an API that wants a JSON object in the request and has validators for nothing."""

    def answer(request: Request) -> Response:
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return Response(b'{"status": false, "message": "bad request"}', 400, "application/json")
        return replace(answers[min(request.phase, len(answers)) - 1], validators=False)

    return answer
