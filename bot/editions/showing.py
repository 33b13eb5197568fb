"""Brings the draft's messages in the editors' channels up to date, by the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.edition_messages import HEADLINE, Page, draft_headline, draft_pages
from bot.editions.lookup import view_of
from bot.messages import Message, say, to_json
from bot.ports import Purpose, UnitOfWork
from bot.services import Services
from digests.model import Address, Delivery, Edition

PURPOSE = "draft"
NOTICE = "notice"
"""The purpose of what editors are told beside the draft."""
EMPTIED_PAGE = say("Nothing is left on this page.")


async def show_draft(uow: UnitOfWork, services: Services, edition: Edition) -> None:
    """Bring the draft's messages in every editors' channel up to date: new pages are posted, known ones updated.

    A page whose words are the same is left alone.
    """
    channels = [binding.address for binding in await uow.channels.bound(Purpose.EDITORS)]
    if not channels:
        return
    view = await view_of(uow, services, edition)
    pages = draft_pages(view)
    known = {row.key: row for row in view.deliveries if row.purpose == PURPOSE}
    await _show(uow, services, edition, pages, channels, known)
    shown = {_key(edition, address, page.name) for address in channels for page in pages}
    for key in sorted(known.keys() - shown):
        await uow.deliveries.replace_body(key, to_json(EMPTIED_PAGE), services.clock.now())


async def show_headline(uow: UnitOfWork, services: Services, edition: Edition) -> None:
    """The same for the first message alone, where the entries are as they were. It is not posted anew."""
    view = await view_of(uow, services, edition)
    known = {row.key: row for row in view.deliveries if row.purpose == PURPOSE}
    channels = [binding.address for binding in await uow.channels.bound(Purpose.EDITORS)]
    posted = [address for address in channels if _key(edition, address, HEADLINE) in known]
    if posted:
        await _show(uow, services, edition, [Page(HEADLINE, draft_headline(view))], posted, known)


async def _show(
    uow: UnitOfWork,
    services: Services,
    edition: Edition,
    pages: Sequence[Page],
    channels: Sequence[Address],
    known: dict[str, Delivery],
) -> None:
    now = services.clock.now()
    bodies = {page.name: to_json(page.message) for page in pages}
    new: list[Delivery] = []
    for address in channels:
        headline = _key(edition, address, HEADLINE)
        for name, body in bodies.items():
            key = _key(edition, address, name)
            if key not in known:
                thread = "" if key == headline else headline
                new.append(Delivery(key, PURPOSE, address, body, now, edition_id=edition.id, thread_key=thread))
            elif known[key].body != body:
                await uow.deliveries.replace_body(key, body, now)
    await uow.deliveries.add(new)


async def tell_editors(uow: UnitOfWork, key: str, message: Message, now: datetime, edition_id: str = "") -> int:
    """Say something in every editors' channel; once, however often it is decided under this key.

    Returns how many channels there are.
    """
    body = to_json(message)
    rows = [
        Delivery(f"{key}:{_where(binding.address)}", NOTICE, binding.address, body, now, edition_id=edition_id)
        for binding in await uow.channels.bound(Purpose.EDITORS)
    ]
    await uow.deliveries.add(rows)
    return len(rows)


async def retell_editors(uow: UnitOfWork, key: str, message: Message, now: datetime) -> None:
    """Put something else in the place of what editors' channels were told under this key."""
    for binding in await uow.channels.bound(Purpose.EDITORS):
        await uow.deliveries.replace_body(f"{key}:{_where(binding.address)}", to_json(message), now)


def _key(edition: Edition, address: Address, page: str) -> str:
    return f"{PURPOSE}:{edition.id}:{_where(address)}:{page}"


def _where(address: Address) -> str:
    return f"{address.platform}:{address.workspace}:{address.channel}"
