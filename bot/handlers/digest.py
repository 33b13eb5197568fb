"""/digest: the latest edition, and the draft."""

from __future__ import annotations

from bot import editions
from bot.edition_messages import draft_pages, edition_name, published_parts
from bot.messages import (
    Ask,
    Button,
    Buttons,
    Message,
    Reply,
    code,
    count,
    say,
    text,
)
from bot.ports import Purpose
from bot.services import Services
from digests.calendar import say_when
from digests.model import Edition

DRAFT_NOW = "draft.now"


def none_yet(draft: Edition | None, next_due: str) -> Message:
    """Before the first edition."""
    ahead = f"{edition_name(draft)} is with the editors." if draft else f"The next draft is due on {next_due}."
    return say(
        f"No edition has been published yet. {ahead} Meanwhile you can search what has been read with ",
        code("/digest search words"),
        ".",
    )


def no_draft(next_due: str) -> Message:
    """An editor asks for a draft between two editions."""
    words = text(f"There is no draft at the moment. The next one is made by itself on {next_due}.")
    return Message(
        words[0].text,
        (*say(words).blocks, Buttons((Button("Draft it now", DRAFT_NOW, hint="Draft the coming edition now"),))),
    )


def drafted(edition: Edition, channels: int) -> Message:
    """The draft was made early."""
    where = "It is in the editors’ channel." if channels else NO_EDITORS_CHANNEL
    return say(
        f"{edition_name(edition)} is drafted, with {count(len(edition.content.entries), 'entry', 'entries')}. {where}"
    )


NO_EDITORS_CHANNEL = (
    "No editors’ channel is set up yet: an administrator can run “/convenor here editors” in one. "
    "Until then “/digest draft” shows it to you here."
)

NOTHING_TO_DRAFT = say(
    "The coming edition is drafted already, or an approved one waits to be posted, or no source has been read yet. "
    "Nothing was drafted. ",
    code("/digest draft"), " shows the draft; ", code("/convenor sources"), " shows how the reading goes.",
)  # fmt: skip


async def latest(ask: Ask, services: Services) -> Reply:
    """/digest: the newest published edition."""
    async with services.store.read() as uow:
        edition = await editions.latest_published(uow)
        being_edited = await editions.open_draft(uow)
        next_due = say_when(await editions.next_draft_at(uow, services))
    if edition is None:
        return Reply((none_yet(being_edited, next_due),))
    return Reply(published_parts(edition))


async def draft(ask: Ask, services: Services) -> Reply:
    """/digest draft: the present draft, to this editor alone, with its buttons."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow)
        if edition is None:
            return Reply((no_draft(say_when(await editions.next_draft_at(uow, services))),))
        view = await editions.view_of(uow, services, edition)
    return Reply(tuple(page.message for page in draft_pages(view)))


async def draft_now(ask: Ask, services: Services) -> Reply:
    """The button under "no draft": make the coming edition early."""
    edition = await editions.make_edition_now(services, ask.identity)
    if edition is None:
        return Reply((NOTHING_TO_DRAFT,))
    async with services.store.read() as uow:
        channels = await uow.channels.bound(Purpose.EDITORS)
    return Reply((drafted(edition, len(channels)),))
