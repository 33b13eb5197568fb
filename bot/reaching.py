"""Where people are written to: at their oldest account that can be, and at the next where that one is lost."""

from __future__ import annotations

from bot import following
from bot.editions import suggested
from bot.introductions import outgoing
from bot.introductions.ways import MAIL
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.services import Services
from digests.model import Address, Delivery, DeliveryState

SHOWN_ELSEWHERE = "It is shown at another account."

# Between Convenor and one person, wherever that person is. Other messages are about one account, or are shown anew
# wherever coordinators or editors are.
_FOLLOW_THE_PERSON = outgoing.UNSEEN | {following.PURPOSE, suggested.PURPOSE}


async def elsewhere(services: Services, uow: UnitOfWork, row: Delivery) -> Address | None:
    """Where a message goes that cannot be written to somebody at the account it was for: nothing has arrived there.

    That account is noted as lost, so that whatever comes next goes to another from the start. None where there is no
    other; an introduction then goes by mail to whoever gave an address. A coordinator's card is given up for another
    one, as it is found again by where it is.
    """
    account, now = account_of(row.address), services.clock.now()
    if account is None:
        return None
    await uow.members.lose(account, now)
    member = await uow.members.find(account)
    if member is None or row.purpose not in {*_FOLLOW_THE_PERSON, outgoing.CARD}:
        return None
    # Those that are lost come last, so this is one that is not, if there is any.
    first = (await uow.members.identities(member.id))[0]
    has_another = not await uow.members.is_lost(first)
    if has_another and row.purpose == outgoing.CARD:
        await uow.deliveries.settle(row, DeliveryState.DROPPED, now=now, reason=SHOWN_ELSEWHERE)
        await outgoing.show_again(uow, row.key, now)
        return None
    if has_another:
        return first.address
    if row.purpose == outgoing.INTRODUCTION and services.can_mail:
        email = await outgoing.email_of(uow, row.key, member.id)
        return Address(MAIL, "", user=email) if email else None
    return None


async def arrived(uow: UnitOfWork, row: Delivery) -> None:
    """After a message was given to a platform: its account is no longer lost, if it was."""
    account = account_of(row.address)
    if account is not None:
        await uow.members.find_again(account)


def account_of(address: Address) -> Identity | None:
    """The account whose direct messages an address is; None for a channel, a mailbox and several people."""
    if address.channel or address.platform == MAIL or len(address.users) != 1:
        return None
    return Identity(address.platform, address.workspace, address.user)
