"""Preview: the edition exactly as each channel would get it, to the editor who asks alone."""

from __future__ import annotations

from collections.abc import Sequence

from bot import editions
from bot.edition_messages import PREVIEW, DraftView, edition_name, joined, published_parts, warnings_button
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Buttons,
    EntryLine,
    Heading,
    Message,
    Note,
    Paragraph,
    Reply,
    bold,
    channel_name,
    code,
    count,
    plain,
    say,
    text,
)
from bot.ports import Purpose
from bot.services import Services
from digests.model import Address, Edition

SHOW = PREVIEW
# What people call the chats whose own names say little.
_CHATS = {"local": "the chat in the browser", "slack": "Slack", "teams": "Teams"}

NOTHING = say("Every entry is left out, so there is nothing to preview. Put at least one back, then preview it.")
NO_EDITION = say("There is no draft at the moment, so there is nothing to preview.")


def no_such_platform(words: str, platforms: Sequence[str]) -> Message:
    """Nothing is posted there."""
    known = f"It is posted on {joined(platforms)}." if platforms else "No channel is set up to receive the digest yet."
    return say(f"The digest is not posted on “{words[:40]}”. {known}")


def about(view: DraftView, parts: Sequence[Message], channels: Sequence[Address]) -> Message:
    """What the messages after this one are, and how many warnings there are."""
    edition = view.edition
    thread = len(parts) - 1
    how = "one message" if not thread else f"a headline and {count(thread, 'message')} in its thread"
    size = f"{how}, {count(sum(characters(part) for part in parts), 'character')} in all"
    if channels:
        names = [
            text(", " if number else "", channel_name(each), f" ({_CHATS.get(each.platform, each.platform)})")
            for number, each in enumerate(channels)
        ]
        form = "exactly in this form" if len(channels) == 1 else "to each exactly in this form"
        going = text("It goes to ", *names, f", {form}.")
    else:
        going = text(
            "No channel is set up to receive the digest yet: ",
            code("/convenor here digest"),
            " in a channel does that.",
        )
    blocks: list[Block] = [
        Paragraph(text(bold(f"Preview of {edition_name(edition)}"), f", to you alone: {size}.")),
        Note(text(going, " Nothing is posted by looking.")),
    ]
    if buttons := warnings_button(view):
        blocks.append(Buttons(buttons))
    return Message(f"Preview of {edition_name(edition)}", tuple(blocks))


def characters(message: Message) -> int:
    """How many characters of a message people read, addresses not counted."""
    return sum(_read(block) for block in message.blocks)


def _read(block: Block) -> int:
    match block:
        case Heading(words):
            return len(words)
        case Paragraph(words) | Note(words):
            return len(plain(words))
        case EntryLine(words, detail):
            return len(plain(words)) + len(plain(detail))
        case Bullets(items):
            return sum(len(plain(item)) for item in items)
        case _:
            return 0


async def command(ask: Ask, services: Services) -> Reply:
    """/digest preview [platform]."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow)
    return await _preview(edition, services, ask.words.lower()) if edition else Reply((NO_EDITION,))


async def press(ask: Ask, services: Services) -> Reply:
    """Preview, on a draft."""
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, ask.value)
    return await _preview(edition, services, "")


async def _preview(edition: Edition, services: Services, platform: str) -> Reply:
    async with services.store.read() as uow:
        channels = [binding.address for binding in await uow.channels.bound(Purpose.DIGEST)]
        view = await editions.view_of(uow, services, edition)
    if platform and all(address.platform != platform for address in channels):
        return Reply((no_such_platform(platform, sorted({address.platform for address in channels})),))
    if not edition.content.included:
        return Reply((NOTHING,))
    parts = published_parts(edition)
    there = [address for address in channels if platform in ("", address.platform)]
    return Reply((about(view, parts, there), *parts))
