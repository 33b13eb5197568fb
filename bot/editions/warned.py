"""What editors are warned of in an edition, from all that is known of it."""

from __future__ import annotations

from bot.ports import UnitOfWork
from bot.services import Services
from digests.links import looked_at
from digests.model import Edition
from digests.warnings import Warning, warnings_of


async def warned_of(uow: UnitOfWork, services: Services, edition: Edition) -> tuple[Warning, ...]:
    """The warnings about a draft, in the order in which it is read; none once it is closed."""
    if not edition.state.is_open:
        return ()
    return warnings_of(
        edition,
        earlier=await services.told.index(uow),
        checks=await uow.link_checks.of(looked_at(edition.content)),
        planned=[section.id for section in services.plan.sections],
    )
