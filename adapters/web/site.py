"""The public archive: which addresses there are, and what stands at each. Everything is made from what is public."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from adapters.web.answers import FRESH_SECONDS, PAGE_HEADERS, SHARED_HEADERS, Bucket, Made, Shelf, answer
from adapters.web.pages import ICON, STATIC, STYLE, About, framed, page
from adapters.web.server import PROBLEM_PAGE
from bot.archive import Snapshot, SourceLine
from digests.archive import Ahead, Archive, Mention, PublicEdition
from digests.calendar import LONDON, london_day, say_date, say_day, say_when, with_time
from digests.model import FieldName, Group, Kind, TaggedItem, Topic, kind_told
from digests.ports import Clock
from digests.render import EditionView, Output, render
from digests.render.feeds import ATOM_TYPE, JSON_TYPE, Feed, atom, json_feed
from digests.render.ical import TYPE as CALENDAR_TYPE
from digests.render.ical import calendar

PER_PAGE = 20
FEED_EDITIONS = 10
HOME_DAYS, HOME_EDITIONS = 6, 5
# How far back the calendar to subscribe to reaches, so that nothing vanishes from readers' calendars overnight.
CALENDAR_PAST = timedelta(days=180)
MOST_LETTERS = 200
# On this machine every port may be another name of ours, and pages name themselves.
MOST_ASIDE = 50
# Searching shares one processor with the chat, which must answer at once whatever robots do here.
SEARCHES_PER_SECOND, SEARCHES_AT_ONCE = 10.0, 30

NO_EDITION = "There is no edition with this number. The list of editions shows those that there are."
WITHDRAWN = "This edition was withdrawn by its editors and is not shown any more."
NO_ITEM = "Nothing published stands at this address. Only what stands in a published edition has a page."
NO_TOPIC = "There is no topic of this name. The list of topics shows those that there are."
NO_PAGE = "There is no page with this number here. Begin again at the first."
NOT_A_PAGE = "The number of a page is written in digits, as in page=2. Nothing was changed."
TOO_LONG = f"A search has at most {MOST_LETTERS} letters. Shorten it and search again."
TOO_MANY = "Too many searches are coming in just now. Please try again in a few seconds."
NO_ADDRESS = (
    "Feeds and calendars need the address under which this site is public, and the people who run it have not set one "
    "yet (CONVENOR_PUBLIC_URL)."
)
NO_SEARCH = "What shall be looked for? Type words, or choose a topic."

EXPORTS = {"md": "text/markdown", "txt": "text/plain", "html": "text/html", "json": "application/json"}
_OUTPUTS = {"md": Output.MARKDOWN, "txt": Output.TEXT, "html": Output.EMAIL, "json": Output.JSON}

GROUPS = {
    Group.GOVERNMENT: "Government",
    Group.PARLIAMENT: "Parliament",
    Group.LEGISLATION: "Legislation",
    Group.REGULATORS: "Regulators",
    Group.DEVOLVED: "Devolved nations",
    Group.INTERNATIONAL: "EU and international",
    Group.CIVIL_SOCIETY: "Civil society",
    Group.RESEARCH: "Research",
    Group.PRESS: "Press",
}

_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class PublicArchive(Protocol):
    """What is public, wherever it comes from."""

    async def present(self) -> Snapshot:
        """What is public now. The same object as long as nothing changed."""
        ...

    async def item(self, item_id: str) -> TaggedItem | None:
        """An item with its tags. Whether it is public is for the archive to say."""
        ...

    async def sources(self) -> Sequence[SourceLine]:
        """How the reading of each source goes."""
        ...


@dataclass(frozen=True, slots=True)
class Article:
    """A page of its own: its title, and its ``article`` as HTML that was escaped where it was made."""

    title: str
    html: str


@dataclass(frozen=True, slots=True)
class Paging:
    """Which of how many pages is shown. Pages count from 1."""

    number: int
    count: int


class Site:
    """The public pages. ``articles`` are further ones by their paths, each made at most once a minute."""

    def __init__(
        self,
        about: About,
        public: PublicArchive,
        clock: Clock,
        topics: Mapping[str, Topic],
        articles: Mapping[str, Callable[[], Awaitable[Article]]],
    ) -> None:
        self._about = about
        self._public = public
        self._clock = clock
        self._topics = topics
        self._articles = articles
        self._shelf = Shelf()
        self._searches = Bucket(SEARCHES_PER_SECOND, SEARCHES_AT_ONCE)
        self._aside: dict[tuple[str, str], tuple[float, datetime, Made]] = {}
        self._turn = asyncio.Lock()

    def attach(self, app: web.Application) -> None:
        """Add every address. To be called before the server starts, and after whatever else has the first page."""
        get = app.router.add_get
        get(self._about.home, self.home)
        get("/editions", self.editions)
        get(r"/editions/{number:[0-9]{1,10}}", self.edition)
        get(r"/editions/{number:[0-9]{1,10}}.{form:md|txt|html|json}", self.export)
        get("/topics", self.topics)
        get("/topics/{id:[a-z0-9_-]{1,80}}", self.topic)
        get("/items/{id:[0-9a-f]{16}}", self.item)
        get("/dates", self.dates)
        get("/dates.ics", self.calendar)
        get("/sources", self.sources)
        get("/search", self.search)
        get("/feed.atom", self.atom)
        get("/feed.json", self.json_feed)
        get("/robots.txt", self.robots)
        for path, make in self._articles.items():
            get(path, self._article(path, make))
        for path, name, kind in ((STYLE, "public.css", "text/css"), (ICON, "icon.svg", "image/svg+xml")):
            get(path, self._file(name, kind))
        app[PROBLEM_PAGE] = self.problem

    def problem(self, request: web.Request, title: str, sentence: str) -> str:
        """A page that says what is wrong, for the server."""
        return page("problem", self._about, path=request.path, base=self._base(request), title=title, sentence=sentence)

    async def home(self, request: web.Request) -> web.StreamResponse:
        """The first page: what this is, the latest edition, the days ahead."""
        today = self._today()

        def make(archive: Archive, base: str) -> str:
            latest = archive.editions[0] if archive.editions else None
            return self._page(
                "home",
                request,
                base,
                latest=latest,
                sections=EditionView.of(latest.edition).sections if latest else (),
                days=self._ahead(archive)[:HOME_DAYS],
                earlier=archive.editions[1 : 1 + HOME_EDITIONS],
            )

        return await self._made(request, today, make, day=today)

    async def editions(self, request: web.Request) -> web.StreamResponse:
        """The list of editions."""
        number = _page_number(request)

        def make(archive: Archive, base: str) -> str:
            shown, paging = _paged(archive.editions, number)
            return self._page("editions", request, base, shown=shown, paging=paging, address=_addresses("/editions"))

        return await self._made(request, number, make)

    async def edition(self, request: web.Request) -> web.StreamResponse:
        """One edition."""
        number = int(request.match_info["number"])

        def make(archive: Archive, base: str) -> str:
            published = _edition(archive, number)
            older, newer = archive.neighbours(number)
            view = EditionView.of(published.edition)
            return self._page("edition", request, base, view=view, published=published, older=older, newer=newer)

        return await self._made(request, number, make)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """One edition in another form, to be used elsewhere."""
        number, form = int(request.match_info["number"]), request.match_info["form"]
        headers = dict(SHARED_HEADERS)
        if form == "html":
            # It is made for a newsletter tool and has styles within its tags, so it is not to be shown as our page.
            headers["Content-Disposition"] = f'attachment; filename="edition-{number}.html"'

        def make(archive: Archive, base: str) -> str:
            published = _edition(archive, number)
            view = replace(EditionView.of(published.edition), url=f"{base}/editions/{number}" if base else "")
            return render(_OUTPUTS[form], view)

        return await self._made(request, (number, form), make, EXPORTS[form], headers)

    async def topics(self, request: web.Request) -> web.StreamResponse:
        """The list of topics."""

        def make(archive: Archive, base: str) -> str:
            counts = {topic: len(archive.of_topic.get(topic, ())) for topic in self._topics}
            return self._page("topics", request, base, counts=counts)

        return await self._made(request, None, make)

    async def topic(self, request: web.Request) -> web.StreamResponse:
        """A topic with its entries."""
        topic = self._topics.get(request.match_info["id"])
        if topic is None:
            raise web.HTTPNotFound(text=NO_TOPIC)
        number = _page_number(request)

        def make(archive: Archive, base: str) -> str:
            shown, paging = _paged(archive.of_topic.get(topic.id, ()), number)
            address = _addresses(f"/topics/{topic.id}")
            return self._page("topic", request, base, topic=topic, shown=shown, paging=paging, address=address)

        return await self._made(request, number, make)

    async def item(self, request: web.Request) -> web.StreamResponse:
        """One item: what it is about, why, and where it stands."""
        item_id = request.match_info["id"]
        snapshot = await self._public.present()
        mentions = snapshot.archive.of_item.get(item_id)
        if not mentions:
            raise web.HTTPNotFound(text=NO_ITEM)
        tagged = await self._public.item(item_id)
        base = self._base(request)
        # An item's tags may change at any time, so nothing of it is kept here; its text tells whether it did.
        made = Made.of(
            self._page("item", request, base, **_item_page(item_id, mentions, tagged, self._topics)), "text/html"
        )
        return answer(request, made, self._clock.now())

    async def dates(self, request: web.Request) -> web.StreamResponse:
        """The days ahead, by month."""
        today = self._today()

        def make(archive: Archive, base: str) -> str:
            months = [
                (f"{say_date(first).split(' ', 1)[1]}", list(days))
                for first, days in groupby(self._ahead(archive), key=lambda ahead: ahead.day.replace(day=1))
            ]
            return self._page("dates", request, base, months=months)

        return await self._made(request, today, make, day=today)

    async def calendar(self, request: web.Request) -> web.StreamResponse:
        """The days as iCalendar."""
        today = self._today()
        since = today - CALENDAR_PAST

        def make(archive: Archive, base: str) -> str:
            days = [ahead for ahead in archive.days if ahead.day >= since]
            title = f"{self._about.title}: dates"
            return calendar(title, days, base=base, topics=self._topics, sequence=archive.changes)

        return await self._made(request, today, make, CALENDAR_TYPE, SHARED_HEADERS, needs_base=True, day=today)

    async def atom(self, request: web.Request) -> web.StreamResponse:
        """The editions as Atom."""
        return await self._feed(request, atom, ATOM_TYPE)

    async def json_feed(self, request: web.Request) -> web.StreamResponse:
        """The editions as JSON Feed."""
        return await self._feed(request, json_feed, JSON_TYPE)

    async def sources(self, request: web.Request) -> web.StreamResponse:
        """What is read, and how that goes."""

        async def make() -> str:
            lines = await self._public.sources()
            ill = sum(not line.is_well for line in lines)
            summary = f"Convenor reads these {len(lines)} sources, most of them several times a day."
            if ill:
                summary += f" {ill} of them cannot be read at the moment."
            groups = [(GROUPS[group], list(shown)) for group, shown in groupby(lines, key=lambda line: line.group)]
            return self._page("sources", request, self._base(request), summary=summary, groups=groups)

        return await self._made_aside(request, make)

    async def search(self, request: web.Request) -> web.StreamResponse:
        """What was published and has these words."""
        words = " ".join(request.query.get("q", "").split())
        topic = request.query.get("topic", "")
        if len(words) > MOST_LETTERS:
            raise web.HTTPBadRequest(text=TOO_LONG)
        if topic and topic not in self._topics:
            raise web.HTTPBadRequest(text=NO_TOPIC)
        number = _page_number(request)
        if (words or topic) and not self._searches.take(asyncio.get_running_loop().time()):
            raise web.HTTPTooManyRequests(text=TOO_MANY, headers={"Retry-After": "5"})

        def make(archive: Archive, base: str) -> str:
            found = archive.search(words, topic)
            shown, paging = _paged(found, number)
            return self._page(
                "search",
                request,
                base,
                words=words,
                topic=topic,
                told=_found(len(found), words, self._topics[topic].name if topic else ""),
                shown=shown,
                paging=paging,
                address=_addresses("/search", q=words, topic=topic),
            )

        return await self._made(request, (words, topic, number), make)

    async def robots(self, request: web.Request) -> web.StreamResponse:
        """What robots need not fetch."""
        made = Made.of("User-agent: *\nDisallow: /search\nDisallow: /chat\n", "text/plain")
        return answer(request, made, self._clock.now())

    def _article(self, path: str, make: Callable[[], Awaitable[Article]]) -> Handler:
        async def show(request: web.Request) -> web.StreamResponse:
            async def made() -> str:
                article = await make()
                return framed(article.html, article.title, self._about, path=path, base=self._base(request))

            return await self._made_aside(request, made)

        return show

    def _file(self, name: str, kind: str) -> Handler:
        made = Made.of((STATIC / name).read_text(encoding="utf-8"), kind)
        since = self._clock.now()

        async def send(request: web.Request) -> web.StreamResponse:
            return answer(request, made, since)

        return send

    async def _feed(self, request: web.Request, form: Callable[[Feed], str], kind: str) -> web.StreamResponse:
        def make(archive: Archive, base: str) -> str:
            about = self._about
            told = f"Every edition of the {about.title} with its whole text."
            return form(
                Feed(
                    about.title, told, about.owner or about.title, base, request.path, archive.editions[:FEED_EDITIONS]
                )
            )

        return await self._made(request, None, make, kind, SHARED_HEADERS, needs_base=True)

    async def _made(
        self,
        request: web.Request,
        key: Hashable,
        make: Callable[[Archive, str], str],
        kind: str = "text/html",
        headers: Mapping[str, str] = PAGE_HEADERS,
        *,
        needs_base: bool = False,
        day: date | None = None,
    ) -> web.StreamResponse:
        """What ``make`` makes of the archive, once for each state of it and each ``key`` of this path.

        ``day`` is London's day, where it is another page on each.
        """
        snapshot = await self._public.present()
        base = self._base(request)
        if needs_base and not base:
            raise web.HTTPNotFound(text=NO_ADDRESS)
        place = (request.path, base, key)
        made = self._shelf.get(snapshot, place)
        if made is None:
            made = Made.of(make(snapshot.archive, base), kind, headers)
            self._shelf.put(snapshot, place, made)
        return answer(request, made, max(snapshot.noted_at, _midnight(day)) if day else snapshot.noted_at)

    async def _made_aside(self, request: web.Request, make: Callable[[], Awaitable[str]]) -> web.StreamResponse:
        """What is made from more than the archive: once a minute, however many ask."""
        place = (request.path, self._base(request))
        async with self._turn:
            now = asyncio.get_running_loop().time()
            at, changed_at, made = self._aside.get(place, (-FRESH_SECONDS, None, None))
            if made is None or changed_at is None or now - at >= FRESH_SECONDS:
                newer = Made.of(await make(), "text/html")
                if made is None or changed_at is None or newer.tag != made.tag:
                    made, changed_at = newer, self._clock.now()
                if len(self._aside) >= MOST_ASIDE:
                    self._aside.clear()
                self._aside[place] = (now, changed_at, made)
        return answer(request, made, changed_at)

    def _page(self, name: str, request: web.Request, base: str, **what: Any) -> str:
        return page(name, self._about, path=request.path, base=base, topics=self._topics, **what)

    def _base(self, request: web.Request) -> str:
        """The site's own address. What a request calls us is believed on this machine alone."""
        if self._about.public_url:
            return self._about.public_url
        host = request.headers.get("Host", "")
        return f"http://{host.lower()}" if self._about.on_loopback and _HOST.fullmatch(host) else ""

    def _today(self) -> date:
        return london_day(self._clock.now())

    def _ahead(self, archive: Archive) -> Sequence[Ahead]:
        today = self._today()
        return [ahead for ahead in archive.days if ahead.day >= today]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def _edition(archive: Archive, number: int) -> PublicEdition:
    published = archive.by_number.get(number)
    if published is None:
        if number in archive.withdrawn:
            raise web.HTTPGone(text=WITHDRAWN)
        raise web.HTTPNotFound(text=NO_EDITION)
    return published


def _item_page(
    item_id: str, mentions: Sequence[Mention], tagged: TaggedItem | None, topics: Mapping[str, Topic]
) -> dict[str, Any]:
    """What the page of an item tells: as the newest edition tells it, and the tags as they are now."""
    own = [mention.entry for mention in mentions if mention.entry.item_id == item_id]
    told = next((entry for entry in own if entry.date is None), own[0] if own else None)
    title, url, publisher, blurb, kind, published_on = "", "", "", "", Kind.OTHER, None
    if told is not None:
        title, url, publisher, blurb = told.title, told.url, told.publisher, told.blurb
        kind, published_on = told.kind, told.published_on
    else:
        # It stands there as a link from another entry, into which an editor merged it.
        also = next(also for mention in mentions for also in mention.entry.also if also.item_id == item_id)
        title, url, publisher = also.title, also.url, also.publisher
    dated = [with_time(say_day(entry.date), entry.time) for entry in own if entry.date is not None]
    because = tagged.item.kind_because if tagged and tagged.item.kind is kind else ""
    facts = [("Published by", publisher), ("It is", kind_told(kind, because) if kind is not Kind.OTHER else "")]
    facts.append(("Published on", say_day(published_on) if published_on else ""))
    facts.append(("Date named in the digest", dated[0] if dated else ""))
    if tagged:
        # A bill counts as received again with each stage; when it was first of all is not kept.
        seen = "First seen by Convenor in its present stage" if tagged.item.stage else "First seen by Convenor"
        facts.append((seen, say_when(tagged.item.received_at)))
    reasons: dict[str, list[tuple[str, str]]] = {}
    for tag in tagged.tagging.tags if tagged else ():
        if tag.topic_id in topics:
            found = f"“{tag.phrase}” in the {tag.field.value}"
            why = (tag.because, "") if tag.field is FieldName.EDITOR else (found, tag.rule)
            reasons.setdefault(tag.topic_id, []).append(why)
    places: dict[tuple[int, str], tuple[Any, str]] = {}
    for mention in mentions:
        content = mention.where.edition.content
        section = next((each.title for each in content.sections if each.id == mention.entry.section), "")
        places.setdefault((mention.where.edition.number, section), (mention.where.edition, section))
    return {
        "title": title,
        "url": url,
        "publisher": publisher,
        "blurb": blurb,
        "facts": [(label, words) for label, words in facts if words],
        "tags": [(topics[topic], because) for topic, because in reasons.items()],
        "places": list(places.values()),
    }


def _page_number(request: web.Request) -> int:
    words = request.query.get("page", "1")
    if not (words.isascii() and words.isdigit() and len(words) <= 6):
        raise web.HTTPBadRequest(text=NOT_A_PAGE)
    return int(words)


def _paged(everything: Sequence[T], number: int) -> tuple[Sequence[T], Paging]:
    pages = max(1, -(-len(everything) // PER_PAGE))
    if not 1 <= number <= pages:
        raise web.HTTPNotFound(text=NO_PAGE)
    return everything[(number - 1) * PER_PAGE : number * PER_PAGE], Paging(number, pages)


def _addresses(path: str, **query: str) -> Callable[[int], str]:
    given = {name: words for name, words in query.items() if words}

    def address(number: int) -> str:
        asked = {**given, **({"page": str(number)} if number > 1 else {})}
        return f"{path}?{urlencode(asked)}" if asked else path

    return address


def _found(number: int, words: str, topic: str) -> str:
    if not words and not topic:
        return NO_SEARCH
    what = " ".join(part for part in (f"with “{words}”" if words else "", f"about {topic}" if topic else "") if part)
    if not number:
        return f"No published entry {what}. Fewer words find more."
    return f"{number:,} published {'entry' if number == 1 else 'entries'} {what}, the newest first."
