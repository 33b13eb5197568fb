"""Brings a channel that joined after publication the latest edition, once."""

from __future__ import annotations

from bot.edition_messages import published_parts
from bot.editions.lookup import latest_published, the_edition
from bot.editions.showing import show_draft
from bot.messages import Identity, to_json
from bot.ports import Purpose, UnitOfWork
from bot.privacy import audit
from bot.services import Services
from digests import publishing
from digests.errors import Stale
from digests.model import Address, Edition, EditionState

HAS_IT = "This edition has gone to that channel already, or is on its way there. Nothing was sent again."
NOT_BOUND = "The digest is not posted in that channel (any more), so nothing was sent. “/convenor here digest” sets it."
NOT_PUBLISHED = "That edition is not (or no longer) published, so nothing was sent."


async def missed(uow: UnitOfWork, address: Address) -> Edition | None:
    """The latest edition, if this channel has not been sent it."""
    edition = await latest_published(uow)
    if edition is None or publishing.has(await uow.deliveries.of_edition(edition.id), address):
        return None
    return edition


async def send_to(services: Services, by: Identity, edition_id: str, address: Address) -> Edition:
    """Send a published edition to a channel of the digest that has not had it. Raises NotFound or Stale."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await the_edition(uow, edition_id)
        if edition.state is not EditionState.PUBLISHED:
            raise Stale(edition_id, NOT_PUBLISHED)
        if not any(binding.purpose is Purpose.DIGEST for binding in await uow.channels.of(address)):
            raise Stale(edition_id, NOT_BOUND)
        if publishing.has(await uow.deliveries.of_edition(edition_id), address):
            raise Stale(edition_id, HAS_IT)
        parts = [to_json(part) for part in published_parts(edition)]
        await uow.deliveries.add(publishing.plan(edition, parts, [address], now))
        await audit.note(uow, by, "sent an edition to a channel", f"edition:{edition_id}", now)
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return edition
