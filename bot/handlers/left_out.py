"""Left out: what a draft did not propose, how much of it for which reason, and a button to add each all the same."""

from __future__ import annotations

from bot import editions
from bot.edition_messages import LEFT_OUT, TAGS, pages_of, parse_value, short
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
    Reply,
    code,
    link,
    say,
    text,
)
from bot.services import Services
from bot.typed import whole_number
from digests import drafting, editing
from digests.editing import Edit
from digests.errors import NotFound
from digests.model import Edition, LeftOut, item_id

SHOW = LEFT_OUT
ADD = "left-out.add"

NO_DRAFT = say("There is no draft at the moment, so nothing is left out of it.")
NOTHING_LEFT_OUT = say("Nothing was left out: all that was read is on the draft or among its maybes.")
NOT_LISTED = text(
    "What is not about data or AI policy is counted here. ",
    code("/digest search words"),
    " finds it, to be added or marked as relevant.",
)


def added(edit: Edit) -> Message:
    """It is in the draft now."""
    return say(f"Done: {edit.what}. It stands at the end of its section.")


def page_message(edition: Edition, number: int) -> Message:
    """A page (from 0) of what was left out; the first one counts it by reason."""
    content = edition.content
    total = sum(counted for _, counted in content.left_out)
    heading = f"Left out ({total:,})"
    pages = pages_of("", heading, [_line(edition, each) for each in content.left_out_entries], f"{heading}, continued")
    number = min(number, max(len(pages) - 1, 0))
    blocks: list[Block] = list(pages[number].message.blocks[1:]) if pages else []
    top: list[Block] = [Heading(heading if not number else f"{heading}, page {number + 1} of {len(pages)}")]
    if not number:
        top.append(Bullets(tuple(text(f"{counted:,} {reason}") for reason, counted in content.left_out)))
        top.append(Note(NOT_LISTED))
    more: list[Block] = []
    if number + 1 < len(pages):
        hint = f"More: page {number + 2} of {len(pages)}"
        more.append(Buttons((Button("More", SHOW, f"{edition.id} {number + 1}", hint=hint),)))
    return Message(heading, (*top, *blocks, *more))


def _line(edition: Edition, left: LeftOut) -> EntryLine:
    add = Button("Add", ADD, f"{edition.id} {item_id(left.url)}", hint=f"Add “{left.title}” to the draft")
    tags = Button("Tags", TAGS, item_id(left.url), hint=f"Tags of “{short(left.title)}”")
    buttons = (add, tags) if edition.state.is_open else (tags,)
    return EntryLine(text(link(left.title, left.url), f" ({left.publisher})"), text(left.reason), buttons)


async def command(ask: Ask, services: Services) -> Reply:
    """/digest left-out."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow)
    return _shown(edition, 0) if edition else Reply((NO_DRAFT,))


async def show(ask: Ask, services: Services) -> Reply:
    """Left out, on a draft, or More beneath a page of it."""
    edition_id, number = parse_value(ask.value)
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, edition_id)
    return _shown(edition, whole_number(number) or 0)


def _shown(edition: Edition, number: int) -> Reply:
    return Reply((page_message(edition, number) if edition.content.left_out else NOTHING_LEFT_OUT,))


async def add(ask: Ask, services: Services) -> Reply:
    """Add, beside something that was left out."""
    edition_id, wanted = parse_value(ask.value)
    async with services.store.read() as uow:
        tagged = await uow.items.get(wanted)
    if tagged is None:
        raise NotFound(wanted, "This item is not (or no longer) there. Nothing was changed.")
    entry = drafting.added_entry(tagged, services.plan)
    _, edit = await editions.edit_entry(services, ask.identity, edition_id, lambda content: editing.add(content, entry))
    return Reply((added(edit),))
