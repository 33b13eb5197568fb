"""The warnings about the draft: the list, and one press where something can be put right at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot import editions
from bot.edition_messages import edition_name, parse_value, warnings_pages
from bot.editions.edits import edit_draft
from bot.messages import Ask, Message, Reply, say
from bot.ports import UnitOfWork
from bot.services import Services
from digests import added_links, links
from digests.editing import Edit
from digests.errors import NotFound, Stale
from digests.model import Edition, Entry, LinkState

NewAddress = Callable[[UnitOfWork, Entry], Awaitable[str]]

NO_DRAFT = say("There is no draft at the moment, so there is nothing to warn of.")


def fixed(edit: Edit, edition: Edition) -> Message:
    """Something was put right."""
    return say(f"Done: {edit.what}, in the draft of {edition_name(edition)}.")


async def show(ask: Ask, services: Services) -> Reply:
    """/digest warnings, or the button: every warning about the open draft, to this editor alone."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow)
        if edition is None:
            return Reply((NO_DRAFT,))
        view = await editions.view_of(uow, services, edition)
    return Reply(warnings_pages(view))


async def clean(ask: Ask, services: Services) -> Reply:
    """Clean it: the address without the parts that follow readers about."""

    async def cleaned(_: UnitOfWork, entry: Entry) -> str:
        return links.cleaned(entry.url)

    return await _readdress(ask, services, cleaned, "cleaned the address of")


async def follow(ask: Ask, services: Services) -> Reply:
    """Use the new address: the one that the link leads on to for good."""

    async def moved_to(uow: UnitOfWork, entry: Entry) -> str:
        check = (await uow.link_checks.of([entry.url])).get(entry.url)
        return check.moved_to if check is not None and check.state is LinkState.MOVED else entry.url

    return await _readdress(ask, services, moved_to, "gave the new address to")


async def _readdress(ask: Ask, services: Services, new_address: NewAddress, what: str) -> Reply:
    edition_id, entry_id = parse_value(ask.value)

    async def decide(uow: UnitOfWork, edition: Edition) -> Edit:
        entry = edition.content.entry(entry_id)
        if entry is None or not entry.included:
            raise NotFound(entry_id, "That entry is not in this draft any more. Nothing was changed.")
        url = await new_address(uow, entry)
        if url == entry.url:
            raise Stale(entry_id, f"The address of “{entry.title}” is right already. Nothing was changed.")
        return Edit(added_links.readdress(edition.content, entry_id, url), f"{what} “{entry.title}”")

    edition, edit = await edit_draft(services, ask.identity, edition_id, decide)
    return Reply((fixed(edit, edition),))
