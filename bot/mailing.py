"""Sends an edition to a mailing list: once, and only what readers have or are being sent anyway."""

from __future__ import annotations

from dataclasses import dataclass

from bot.edition_messages import letter_of
from bot.editions import find_edition
from bot.messages import to_json
from bot.outbox import Outbox
from bot.ports import UnitOfWork
from bot.services import Services
from digests.calendar import say_when
from digests.errors import ConvenorError
from digests.model import Address, Delivery, DeliveryState, Edition, EditionState
from digests.publishing import MAIL_PURPOSE
from digests.render import EditionView

PLATFORM = "mail"
ON_HOLD = (
    "The database was restored from a backup and is on hold, so nothing is sent. Nothing was done. "
    "“convenor release” shows what waits, and ends the hold."
)


class NotToBeMailed(ConvenorError):
    """The edition is none that readers may have."""


@dataclass(frozen=True, slots=True)
class Mailed:
    """What came of mailing an edition: its row as it now stands, and as it stood before (None: it is a new one)."""

    edition: Edition
    before: Delivery | None
    row: Delivery

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        name, to, row = EditionView.of(self.edition).name, self.row.address.user, self.row
        if row.state is DeliveryState.SENT:
            at = say_when(row.sent_at) if row.sent_at else "an unknown day"
            if self.before is not None and self.before.state is DeliveryState.SENT:
                return f"{name} was sent to {to} already, on {at}. Nothing was sent again."
            return f"{name} was sent to {to}."
        if row.state is DeliveryState.UNKNOWN:
            return (
                f"{name} may or may not have arrived at {to}. {row.reason} It is not sent again by itself: look there "
                "first; then an editor decides with “/convenor stuck” in chat."
            )
        if row.state is DeliveryState.SENDING:
            return f"{name} is being sent to {to} at this moment, by another Convenor."
        if row.state is DeliveryState.RETRY:
            return (
                f"{name} could not be sent to {to} yet. {row.reason} A Convenor that runs tries again by itself; this "
                "command does so at once."
            )
        return f"{name} could not be sent to {to}. {row.reason} Once that is put right, run this command again."


async def mail_edition(
    services: Services, outbox: Outbox, to: str, number: int | None = None, *, public_url: str = ""
) -> Mailed:
    """Send the edition with this number, or the latest, to a mail address, unless it was sent there before.

    Raises NotFound, or NotToBeMailed for a draft and whatever else readers are not to have.
    """
    edition: Edition | None = None
    before: Delivery | None = None
    key = ""

    async def enqueue(uow: UnitOfWork) -> None:
        nonlocal edition, before
        assert edition is not None
        # Read again under the lock: it may have been pulled back or withdrawn a moment ago.
        await uow.editions.lock(edition.id)
        edition = await uow.editions.get(edition.id) or edition
        before = await uow.deliveries.get(key)
        if before is None:
            _require_public(edition, services)
            await uow.deliveries.add([_row(edition, key, to, services, public_url)])
        elif before.state in (DeliveryState.PARKED, DeliveryState.DROPPED, DeliveryState.PENDING, DeliveryState.RETRY):
            # None of these has arrived, so whoever runs the command again wants it sent.
            _require_public(edition, services)
            if not before.may_have_left:
                # It was written before a correction, perhaps, or before there was a public archive.
                await uow.deliveries.replace_body(key, _body(edition, public_url), services.clock.now())
            if before.state in (DeliveryState.PARKED, DeliveryState.DROPPED):
                await uow.deliveries.settle(before, DeliveryState.PENDING, now=services.clock.now())

    async with services.store.read() as uow:
        edition = await find_edition(uow, number)
        if await uow.holds.get() is not None:
            raise NotToBeMailed(edition.id, ON_HOLD)
    key = f"{MAIL_PURPOSE}:{edition.id}:{to.lower()}"
    row = await outbox.send_now(key, enqueue)
    assert row is not None, "it was written a moment ago"
    return Mailed(edition, before, row)


def _require_public(edition: Edition, services: Services) -> None:
    name = EditionView.of(edition).name
    if edition.waits(services.clock.now()) and edition.posts_at is not None:
        raise NotToBeMailed(
            edition.id,
            f"{name} is approved, but can be pulled back until {say_when(edition.posts_at)}, when it is posted. "
            "Nothing was sent; run this command again after that.",
        )
    match edition.state:
        case EditionState.APPROVED | EditionState.PUBLISHED:
            return
        case EditionState.DRAFT:
            why = "is a draft. Only an edition that editors have approved is sent"
        case EditionState.WITHDRAWN:
            why = "was withdrawn by its editors"
        case _:
            why = "was never approved"
    raise NotToBeMailed(edition.id, f"{name} {why}. Nothing was sent.")


def _row(edition: Edition, key: str, to: str, services: Services, public_url: str) -> Delivery:
    address = Address(PLATFORM, "", user=to)
    body = _body(edition, public_url)
    return Delivery(key, MAIL_PURPOSE, address, body, services.clock.now(), edition_id=edition.id)


def _body(edition: Edition, public_url: str) -> str:
    return to_json(letter_of(edition, public_url))
