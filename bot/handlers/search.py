"""/digest search: looks things up in everything that was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

from bot import editions
from bot.edition_messages import TAGS, short
from bot.edition_messages.paging import fits
from bot.handlers import left_out
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Button,
    Buttons,
    EntryLine,
    Heading,
    Message,
    Note,
    Paragraph,
    Reply,
    Text,
    bold,
    code,
    link,
    say,
    text,
)
from bot.ports import Role
from bot.services import Services
from bot.typed import whole_number
from digests import search as archive
from digests.calendar import london_day, say_day
from digests.model import Content, Edition, TaggedItem, Topic
from digests.search import FILTERS, QueryError

MORE = "search.more"
A_PAGE = 10
_TITLE, _PUBLISHER = 300, 120


@dataclass(frozen=True, slots=True)
class Desk:
    """What an editor can add to: the open draft, where there is one."""

    draft: Edition | None


SEARCH_FOR_WHAT = Message(
    "What shall I look for?",
    (
        Paragraph(text("What shall I look for? Write for example ", code("/digest search facial recognition"), ".")),
        Note(
            text(
                "Words in quotation marks must stand together, and a word after a minus must not occur. ",
                "You can also ask for ",
                *(part for name in FILTERS for part in (code(FILTERS[name]), ", ")),
                "in any order.",
            )
        ),
    ),
)


def nothing_found(words: str) -> Message:
    """The search found nothing."""
    return say("Nothing that I have read fits ", bold(words), ". Fewer words find more.")


def no_more(words: str) -> Message:
    """Older ones were asked for, and there are none (any more)."""
    return say("There is nothing older that fits ", bold(words), ".")


def found(
    words: str,
    items: Sequence[TaggedItem],
    topics: Mapping[str, Topic],
    first: int,
    desk: Desk | None = None,
) -> Message:
    """What the search found, newest first, from the number ``first`` on; for editors with buttons about each.

    As many of the items as fit are shown, at most :data:`A_PAGE`; a button leads to the rest.
    """
    shown = 1
    while shown < min(len(items), A_PAGE) and fits(_lines(items[: shown + 1], topics, desk)):
        shown += 1
    last, more = first + shown - 1, len(items) > shown
    heading = f"{first} to {last}, newest first: {words}" if more or first > 1 else f"{last} found: {words}"
    blocks: list[Block] = [Heading(heading[:140]), *_lines(items[:shown], topics, desk)]
    if more:
        older = Button("Older", MORE, f"{last} {words}", hint=f"Show what is older of the search for {words}")
        blocks.append(Buttons((older,)))
    return Message(heading, tuple(blocks))


def _lines(items: Sequence[TaggedItem], topics: Mapping[str, Topic], desk: Desk | None) -> list[Block]:
    if desk is None:
        return [Bullets(tuple(_line(tagged, topics) for tagged in items))]
    return [EntryLine(_line(tagged, topics), _standing(tagged), tuple(_buttons(tagged, desk))) for tagged in items]


def _line(tagged: TaggedItem, topics: Mapping[str, Topic]) -> Text:
    item = tagged.item
    day = say_day(london_day(item.published_at or item.received_at))
    about = [topics[topic].name for topic in tagged.tagging.topic_ids if topic in topics]
    title = shorten(item.title, _TITLE, placeholder="…") or item.url[:_TITLE]
    publisher = shorten(item.publisher, _PUBLISHER, placeholder="…")
    return text(link(title, item.url), f" ({', '.join((publisher, day, *about))})")


def _standing(tagged: TaggedItem) -> Text:
    return text("" if tagged.tagging.relevant else "not relevant, by the rules or an editor’s word")


def _buttons(tagged: TaggedItem, desk: Desk) -> Iterator[Button]:
    item = tagged.item
    if desk.draft and not _stands(desk.draft.content, item.id):
        yield Button("Add", left_out.ADD, f"{desk.draft.id} {item.id}", hint=f"Add “{short(item.title)}” to the draft")
    yield Button("Tags", TAGS, item.id, hint=f"Tags of “{short(item.title)}”")


def _stands(content: Content, item_id: str) -> bool:
    """Whether an item is in the draft: as an entry, left out or not, as a maybe, or as a link of another entry."""
    every = (*content.entries, *content.maybe)
    return any(item_id in (entry.item_id, *(also.item_id for also in entry.also)) for entry in every)


async def search(ask: Ask, services: Services) -> Reply:
    """/digest search: the newest items that fit."""
    words = " ".join(ask.words.split())[:300]
    if not words:
        return Reply((SEARCH_FOR_WHAT,))
    return await _page(ask, services, words, 0)


async def more(ask: Ask, services: Services) -> Reply:
    """Older: the next page of a search."""
    skipped, _, words = ask.value.partition(" ")
    return await _page(ask, services, words, whole_number(skipped) or 0)


async def _page(ask: Ask, services: Services, words: str, skipped: int) -> Reply:
    try:
        query = archive.parse(words, services.topics)
    except QueryError as wrong:
        return Reply((say(wrong.sentence),))
    async with services.store.read() as uow:
        items = await uow.archive.find(query, A_PAGE + 1, skipped)
        edits = Role.EDITOR in await services.roles_of(uow, ask.identity)
        desk = Desk(await editions.open_draft(uow)) if edits else None
    if not items:
        return Reply((no_more(words) if skipped else nothing_found(words),))
    return Reply((found(words, items, services.topics, skipped + 1, desk),))
